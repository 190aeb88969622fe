"""A White Label partner in a profile: what is read from the settings, and whom one acts for."""

from __future__ import annotations

import pytest

from zapdesk.domain.partner import Partner, app_key, end_user, partner_of
from zapdesk.domain.profiles import SignInKind, from_settings
from zapdesk.errors import InvalidInput

TABLE = {"issuer": "https://harbour.example", "key_id": "k", "tenant": "crew", "user": " u-42 "}


def test_a_profile_of_a_partner_is_read_and_says_whom_it_acts_for() -> None:
    profile = from_settings("zapier", {"sign_in": "partner", "partner": TABLE})
    assert profile.sign_in is SignInKind.PARTNER
    assert profile.partner == Partner("https://harbour.example", "k", "org_id", "crew", "u-42")
    assert profile.acts_for == "u-42"
    assert profile.partner.missing() == ()
    named = from_settings(
        "zapier", {"sign_in": "partner", "partner": {**TABLE, "user_name": "Marina"}}
    )
    assert named.acts_for == "Marina"
    assert named.partner.party == profile.partner.party
    assert end_user(profile.partner.party) == "u-42"
    assert end_user("4410023") == end_user("") == ""


def test_nobody_is_acted_for_where_one_signs_in_as_oneself() -> None:
    assert from_settings("zapier", {"sign_in": "oauth", "partner": TABLE}).acts_for == ""


@pytest.mark.parametrize(
    "table",
    [
        {"user": 7},
        {"password": "x"},
        {"tenant_claim": "sub"},
        {"user": "a\nb"},
        {"tenant": "x" * 300},
    ],
)
def test_a_value_that_cannot_be_one_is_named(table: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        partner_of(table)
    with pytest.raises(InvalidInput):
        from_settings("zapier", {"partner": table})


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("https://zapier.com/engine/auth/start/TidepoolCLIAPI@2.1.0?redirect=x", "TidepoolCLIAPI"),
        ("https://zapier.com/engine/auth/start/A%20b@1/?x=/engine/auth/start/C@1", "A b"),
        ("https://zapier.com/engine/auth/start/TidepoolCLIAPI", ""),
        ("https://zapier.com/apps?x=/engine/auth/start/C@1", ""),
        ("", ""),
    ],
)
def test_what_zapiers_own_pages_call_an_app_is_read_out_of_its_link(link: str, key: str) -> None:
    assert app_key(link) == key


def test_a_link_that_is_no_address_names_no_app() -> None:
    assert app_key("https://[x/engine/auth/start/App@1") == ""

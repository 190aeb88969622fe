"""Addresses of servers: one spelling each, and a token never goes where it could be overheard."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zapdesk.domain.profiles import (
    SANDBOX,
    ZAPIER,
    BodyShape,
    Profile,
    ServerKind,
    custom,
    from_settings,
    origin,
)
from zapdesk.errors import InvalidInput


def test_an_at_sign_beyond_the_host_is_no_password() -> None:
    assert origin("https://api.zapier.com/auth/App@2.1.0?next=a@b") == "https://api.zapier.com"


@pytest.mark.parametrize(
    "url", ["https://who:s3cret@api.zapier.com", "https://who:s3cret@host:port", "s3cret@"]
)
def test_a_password_in_an_address_is_not_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        origin(url)
    assert "s3cret" not in f"{caught.value.title} {caught.value.detail} {caught.value.hint}"


@pytest.mark.parametrize(
    ("url", "spelt"),
    [
        ("https://api.zapier.com", "https://api.zapier.com"),
        (" HTTPS://API.Zapier.com:443/v2/?a=b#c ", "https://api.zapier.com"),
        ("https://example.com:8443/", "https://example.com:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80/x", "http://localhost"),
        ("http://[::1]:9/", "http://[::1]:9"),
        ("https://münchen.example", "https://münchen.example"),
    ],
)
def test_an_address_has_one_spelling(url: str, spelt: str) -> None:
    assert origin(url) == spelt


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.zapier.com",
        "ftp://api.zapier.com",
        "https://",
        "https:///path",
        "https://user@example.com",
        "https://:secret@example.com",
        "https://@example.com",
        "https://example.com:0",
        "https://example.com:99999",
        "https://example.com:port",
        "https://[::1",
        "https://[v1.x]",
        "https://exa mple.com",
        "https://a<b>",
        "https://evil.example\\.api.zapier.com",
        "https://api.zap\nier.com",
        "https://api.zapier.com\t.evil.example",
        "https://\x00",
        "https://..",
        "http://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
    ],
)
def test_what_is_no_safe_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        origin(url)
    assert caught.value.title.startswith(("'", "The address of a server has no user name"))


@given(st.text() | st.text("htps:/.@[]\\?#%0aé \t\n1", max_size=30).map("https://".__add__))
@example("https://例え.テスト")
def test_whatever_is_accepted_is_spelt_the_same_again_and_names_its_own_host(url: str) -> None:
    try:
        spelt = origin(url)
    except InvalidInput:
        return
    assert origin(spelt) == spelt
    parts = urlsplit(spelt)
    assert parts.username is None
    assert parts.path == ""
    assert parts.hostname == (urlsplit(url.strip()).hostname or "").lower()
    assert parts.scheme == "https" or parts.hostname in {"127.0.0.1", "::1", "localhost"}


def test_a_custom_server_is_named_after_its_address_and_zapiers_own_is_zapier() -> None:
    profile = custom("https://Example.com/base/?x=1")
    assert (profile.id, profile.kind) == ("at https://example.com/base", ServerKind.CUSTOM)
    assert profile.base_url == "https://example.com/base"
    assert profile.is_live
    assert custom("https://api.zapier.com:443/") == ZAPIER


def test_settings_change_what_they_name_and_nothing_else() -> None:
    table = {"name": "Work", "body_shape": "guide", "sends_native_values": True}
    profile = from_settings("zapier", table)
    assert (profile.id, profile.name, profile.base_url) == ("zapier", "Work", ZAPIER.base_url)
    assert (profile.body_shape, profile.sends_native_values) == (BodyShape.GUIDE, True)
    assert from_settings("sandbox", {}) == SANDBOX


def test_a_profile_of_ones_own_has_its_own_id_and_address() -> None:
    profile = from_settings("mine", {"base_url": "http://localhost:9/", "colour": "#123ABC"})
    assert (profile.id, profile.name, profile.base_url) == ("mine", "mine", "http://localhost:9")
    assert profile.colour == "#123ABC"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("name", 5),
        ("colour", "red"),
        ("colour", "#12345"),
        ("is_live", "yes"),
        ("is_live", 1),
        ("body_shape", "json"),
        ("token", "secret"),
        ("kind", "zapier"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(key: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=key):
        from_settings("zapier", {key: value})


@given(
    st.text(max_size=10),
    st.dictionaries(
        st.sampled_from(["base_url", "name", "colour", "is_live", "body_shape", "x"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()),
    ),
)
def test_any_table_gives_a_profile_or_a_sentence(profile_id: str, table: dict[str, object]) -> None:
    try:
        profile = from_settings(profile_id, table)
    except InvalidInput:
        return
    assert isinstance(profile, Profile)
    assert profile.id == profile_id


def test_the_shape_that_worked_is_all_that_changes() -> None:
    assert ZAPIER.with_shape(BodyShape.MIXED).with_shape(BodyShape.SPEC) == ZAPIER


def test_a_user_who_was_told_of_real_effects_is_not_told_again() -> None:
    assert not ZAPIER.understands_effects
    assert from_settings("zapier", {"understands_effects": True}).understands_effects
    with pytest.raises(InvalidInput, match="understands_effects"):
        from_settings("zapier", {"understands_effects": "yes"})

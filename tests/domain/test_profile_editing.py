"""Profiles as a person makes them: what is wrong is told by field, and the settings say all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.partner import Partner
from zapdesk.domain.profile_editing import (
    COLOURS,
    at_server,
    free_name,
    fresh,
    problems,
    to_table,
)
from zapdesk.domain.profiles import (
    BUILT_IN,
    SANDBOX,
    ZAPIER,
    BodyShape,
    Profile,
    ServerKind,
    SignInKind,
    custom,
    from_settings,
)

MINE = replace(custom("https://example.com/base"), id="mine", name="Mine")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)

PROFILES = st.builds(
    replace,
    st.sampled_from([
        *(SANDBOX, ZAPIER, MINE),
        *(replace(SANDBOX, id="s2"), replace(ZAPIER, id="z2"), replace(MINE, is_live=False)),
    ]),
    name=WORDS,
    colour=st.from_regex(r"#[0-9A-Fa-f]{6}", fullmatch=True),
    is_live=st.booleans(),
    body_shape=st.sampled_from(BodyShape),
    sends_native_values=st.booleans(),
    time_zone=st.sampled_from(["", "Europe/Berlin", "UTC"]),
    environment=st.dictionaries(st.from_regex(r"[a-z_]\w*", fullmatch=True), WORDS).map(
        lambda d: tuple(d.items())
    ),
    understands_effects=st.booleans(),
    sign_in=st.sampled_from(SignInKind),
    client_id=st.text("abc-123"),
    partner=st.builds(Partner, issuer=st.text("abc:/"), user=st.text("uv-42")),
    scopes=st.lists(st.sampled_from(["zap", "profile", "action:run"]), unique=True).map(tuple),
)  # fmt: skip


@given(PROFILES)
def test_what_the_settings_say_of_a_profile_makes_the_same_profile(profile: Profile) -> None:
    assert from_settings(profile.id, to_table(profile)) == profile


def test_the_settings_say_no_more_than_a_person_chose() -> None:
    assert to_table(SANDBOX) == {}
    assert to_table(replace(ZAPIER, name="Work")) == {"name": "Work"}
    assert to_table(MINE) == {"base_url": "https://example.com/base", "name": "Mine"}
    assert to_table(replace(SANDBOX, id="play")) == {"server": "sandbox", "name": "Sandbox"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "ZAPIER"}, "name"),
        ({"name": "sandbox"}, "name"),
        ({"base_url": "http://example.com"}, "base_url"),
        ({"base_url": ""}, "base_url"),
        ({"colour": "red"}, "colour"),
        ({"client_id": "é"}, "client_id"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"environment": (("a b", "1"),)}, "environment"),
        ({"environment": (("a", "1"), ("a", "2"))}, "environment"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(change: dict[str, object], place: str) -> None:
    wrong = replace(MINE, **change)  # type: ignore[arg-type]  # made wrong on purpose
    assert list(problems(wrong, [SANDBOX, ZAPIER, MINE])) == [place]


def test_a_good_profile_has_no_problems_and_keeps_its_own_name() -> None:
    assert problems(MINE, [*BUILT_IN.values(), MINE]) == {}


def test_a_new_profile_has_a_colour_and_a_name_of_its_own() -> None:
    others = [replace(MINE, colour=c, name=f"P{n}") for n, c in enumerate(COLOURS[:3])]
    new = fresh(free_name("p1", others), ServerKind.ZAPIER, others)
    assert (new.name, new.colour) == ("p1 2", COLOURS[3])
    assert (new.id, new.base_url, new.is_live) == ("", ZAPIER.base_url, True)
    assert not fresh("x", ServerKind.SANDBOX).is_live


def test_zapiers_own_address_is_zapier_however_it_was_given() -> None:
    moved = at_server(MINE, ServerKind.CUSTOM, "https://API.zapier.com/")
    assert (moved.kind, moved.base_url) == (ServerKind.ZAPIER, ZAPIER.base_url)
    assert at_server(MINE, ServerKind.SANDBOX).base_url == ""
    assert at_server(SANDBOX, ServerKind.ZAPIER).base_url == ZAPIER.base_url
    assert at_server(ZAPIER, ServerKind.CUSTOM, "http://localhost:9/").base_url == (
        "http://localhost:9"
    )

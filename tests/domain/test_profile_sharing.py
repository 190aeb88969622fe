"""A file of profiles brings them over whole, without secrets, and a bad one is told in words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_profile_editing import PROFILES
from zapdesk.domain.profile_sharing import read_profiles, write_profiles
from zapdesk.domain.profiles import SANDBOX, ZAPIER, Profile, ServerKind, custom
from zapdesk.errors import InvalidInput

MINE = replace(custom("https://example.com"), id="mine", name="Mine")


@given(st.lists(PROFILES, min_size=1, max_size=4))
def test_profiles_come_over_whole_but_for_ids_and_what_one_person_knows(
    profiles: list[Profile],
) -> None:
    shared = write_profiles(profiles, lambda _: False)
    hidden = {name for _, name in shared.left_out}
    for before, after in zip(profiles, read_profiles(shared.text), strict=True):
        kept = tuple((n, v) for n, v in before.environment if n not in hidden)
        same = replace(before, id="", understands_effects=False, granted=(), environment=kept)
        # At Zapier nobody's file decides that nothing is asked before a run.
        is_live = before.is_live or before.kind is ServerKind.ZAPIER
        assert after == replace(same, is_live=is_live)


def test_values_that_are_secret_or_called_so_are_left_out_and_named() -> None:
    environment = (("team", "blue"), ("API_KEY", "x"), ("note", "canary-1"), ("db_password", "y"))
    shared = write_profiles(
        [replace(MINE, environment=environment)], lambda value: "canary" in value
    )
    assert shared.left_out == (("Mine", "API_KEY"), ("Mine", "note"), ("Mine", "db_password"))
    assert "canary" not in shared.text
    assert json.loads(shared.text)["profiles"][0]["environment"] == {"team": "blue"}


def test_those_that_come_with_zapdesk_come_over_as_others_do() -> None:
    first, second = read_profiles(write_profiles([SANDBOX, ZAPIER], lambda _: False).text)
    assert (first, second) == (replace(SANDBOX, id=""), replace(ZAPIER, id=""))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[]", "not a file"),
        ('{"profiles": []}', "not a file"),
        ('{"zapdesk_profiles": 2, "profiles": []}', "newer"),
        ('{"zapdesk_profiles": 1}', "damaged"),
        ('{"zapdesk_profiles": 1, "profiles": [1]}', "damaged"),
        ('{"zapdesk_profiles": 1, "profiles": []}', "0 profiles"),
        ('{"zapdesk_profiles": 1, "profiles": [{}]}', "no name"),
        ('{"zapdesk_profiles": 1, "profiles": [{"name": "A"}]}', "base_url"),
        (
            '{"zapdesk_profiles": 1, "profiles": [{"name": "A", "base_url": "http://e.com"}]}',
            "encrypted",
        ),
        (
            '{"zapdesk_profiles": 1, "profiles":'
            ' [{"name": "A", "server": "sandbox", "token": "x"}]}',
            "token",
        ),
    ],
)
def test_what_is_no_file_of_profiles_is_told_in_words(text: str, word: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_profiles(text)
    assert word in f"{caught.value.title} {caught.value.detail}"

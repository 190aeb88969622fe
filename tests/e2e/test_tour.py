"""Every stop of the tour comes to its picture: whoever changes the window finds them all there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tour import README_PICTURES, visit
from tests.tour_stops import AT_THE_FIRST_START, STOPS, WITH_MANY_APPS, WITH_THE_SANDBOX

SOME = {"sign-in", "profiles", "settings-shortcuts"}
"""Those that are made in every run of the tests."""


def test_no_stop_hides_another_and_what_is_named_is_there() -> None:
    assert len(STOPS) == len(AT_THE_FIRST_START) + len(WITH_THE_SANDBOX)
    assert STOPS.keys() >= WITH_MANY_APPS.keys() | {stop for stop, _ in README_PICTURES.values()}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SOME else pytest.mark.long) for name in STOPS]
)
def test_a_stop_comes_to_its_picture(name: str, tmp_path: Path) -> None:
    picture = visit(name, tmp_path, 1280, 800, "light", 1)
    assert picture.read_bytes().startswith(b"\x89PNG")

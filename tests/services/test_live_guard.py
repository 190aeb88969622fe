"""The live guard: it asks where something is written for real, and never where it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import zapdesk
from zapdesk.domain.profiles import SANDBOX, ZAPIER
from zapdesk.services.live_guard import LiveGuard, names_app


@pytest.mark.parametrize(
    ("action_type", "is_asked"),
    [
        ("WRITE", True),
        ("SEARCH_OR_WRITE", True),
        ("SEARCH_AND_WRITE", True),
        ("SOMETHING_NEW", True),
        ("SEARCH", False),
        ("READ", False),
        ("READ_BULK", False),
    ],
)
def test_what_may_write_is_asked_about_in_a_live_profile_and_nowhere_else(
    action_type: str, is_asked: bool
) -> None:
    guard = LiveGuard()
    assert guard.asks(ZAPIER, action_type) is is_asked
    assert not guard.asks(SANDBOX, action_type)
    assert not guard.asks(replace(ZAPIER, is_live=False), action_type)
    assert guard.asks(replace(SANDBOX, is_live=True), action_type) is is_asked


def test_it_is_put_off_for_one_profile_and_some_minutes() -> None:
    now = [100.0]
    guard = LiveGuard(clock=lambda: now[0])
    told: list[str] = []
    guard.changed.subscribe(told.append)
    other = replace(ZAPIER, id="other")
    guard.pause(ZAPIER.id, 15)
    assert guard.off_s(ZAPIER.id) == 900
    assert not guard.asks(ZAPIER, "WRITE")
    assert guard.asks(other, "WRITE")
    now[0] += 899.5
    assert not guard.asks(ZAPIER, "WRITE")
    now[0] += 0.5
    assert guard.asks(ZAPIER, "WRITE")
    guard.pause(ZAPIER.id, 5)
    guard.resume(ZAPIER.id)
    guard.resume(ZAPIER.id)
    assert guard.asks(ZAPIER, "WRITE")
    assert told == [ZAPIER.id] * 3


def test_whoever_starts_runs_asks_the_guard_before() -> None:
    package = Path(zapdesk.__file__).parent
    askers = {
        "cli/run_commands.py": "_be_sure(",
        "ui/form/sending.py": "_is_meant(",
        "ui/runs/sending_again.py": "is_meant(",
    }
    starters = {
        file.relative_to(package).as_posix(): text
        for file in package.rglob("*.py")
        if "runs.start(" in (text := file.read_text("utf-8"))
    }
    assert starters.keys() == askers.keys()
    for name, asks in askers.items():
        text = starters[name]
        assert text.index(asks) < text.index("runs.start("), name


@pytest.mark.parametrize(
    ("typed", "title", "is_it"),
    [
        ("google sheets", "Google Sheets", True),
        (" GoogleSheets ", "Google Sheets", True),
        ("Google", "Google Sheets", False),
        ("", "", False),
        (" ", "", False),
    ],
)
def test_the_apps_name_is_known_in_any_capitals(typed: str, title: str, is_it: bool) -> None:
    assert names_app(typed, title) is is_it

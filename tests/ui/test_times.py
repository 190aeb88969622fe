"""Times in words."""

from __future__ import annotations

from datetime import datetime

import pytest

from zapdesk.domain.facts import DAY_MS
from zapdesk.ui.times import day_text, duration_text, elapsed_text, started_text

NOON = int(datetime(2026, 3, 14, 12, 0).timestamp() * 1000)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (-5, "0 ms"),
        (999, "999 ms"),
        (1_000, "1.0 s"),
        (59_940, "59.9 s"),
        (59_990, "1 min 00 s"),
        (125_000, "2 min 05 s"),
        (3_600_000, "1 h 00 min"),
        (86_400_000, "1 day 0 h"),
        (187_200_000, "2 days 4 h"),
    ],
)
def test_a_length_of_time_is_told_in_the_unit_that_fits(milliseconds: int, text: str) -> None:
    assert duration_text(milliseconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(-9_000, "0:00"), (7_900, "0:07"), (760_000, "12:40"), (3_723_000, "1:02:03")],
)
def test_a_clock_that_runs_never_goes_below_zero(milliseconds: int, text: str) -> None:
    assert elapsed_text(milliseconds) == text


@pytest.mark.parametrize(
    ("ago_ms", "text"),
    [
        (-60_000, "just now"),  # a clock that was set back
        (59_000, "just now"),
        (60_000, "1 min ago"),
        (7_200_000, "2 h ago"),
        (DAY_MS, "13 Mar 12:00"),
        (400 * DAY_MS, "7 Feb 2025"),
    ],
)
def test_a_start_is_relative_today_and_a_date_before_that(ago_ms: int, text: str) -> None:
    assert started_text(NOON - ago_ms, NOON) == text


def test_days_have_names_while_they_are_near() -> None:
    days = [day_text(NOON - days * DAY_MS, NOON) for days in (0, 1, 2, 80)]
    assert days == ["Today", "Yesterday", "Thursday 12 March", "Wednesday 24 December 2025"]


def test_a_time_that_no_calendar_holds_is_survived() -> None:
    assert started_text(10**18, NOON)
    assert day_text(-(10**18), NOON)

"""Times, sizes and the four facts, in words."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.ui.run_history import RESULT, some_run
from zapdesk.domain.runs import RunRecord, RunStatus
from zapdesk.ui.runs.facts import DAY_MS, four_facts, size_text
from zapdesk.ui.times import day_text, duration_text, elapsed_text, exact_time, started_text

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


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (4_120, "4.1 KB"), (30_900_000, "31 MB"), (10**15, "1000000 GB")],
)
def test_a_size_is_told_in_the_unit_that_fits(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("status", "sent", "processed", "result"),
    [
        (RunStatus.SUBMITTING, "on its way", "not yet", "not yet"),
        (RunStatus.WAITING, "accepted", "not yet (odd)", "not yet"),
        (RunStatus.SUCCESS, "accepted", "yes", "1 item, 47 B"),
        (RunStatus.ERROR, "accepted", "ended in an error", "none"),
        (RunStatus.LOST, "accepted", "cannot know", "none"),
        (RunStatus.UNKNOWN, "yes, no usable answer", "cannot know", "none"),
        (RunStatus.REFUSED, "yes, and refused", "no", "none"),
        (RunStatus.NOT_SENT, "no", "no", "none"),
    ],
)
def test_the_four_facts_are_told_apart(
    status: RunStatus, sent: str, processed: str, result: str
) -> None:
    word = "odd" if status is RunStatus.WAITING else ""
    run = some_run(1, status, created_ms=NOON, server_status=word)
    record = RunRecord(run, b"{}", RESULT if status is RunStatus.SUCCESS else None)
    facts = four_facts(run, record, NOON + 1_000)
    assert [fact.text for fact in facts] == [sent, processed, result, "here, 7 days on the server"]


def test_what_is_kept_here_outlives_what_the_server_keeps() -> None:
    run = some_run(1, created_ms=NOON)
    assert four_facts(run, None, NOON)[3].text == "here, 7 days on the server"
    assert four_facts(run, None, NOON + 3 * DAY_MS)[3].text == "here, 4 days on the server"
    last = four_facts(run, None, NOON + 7 * DAY_MS - 3 * 3_600_000)[3]
    assert last.text == "here, 3 h 00 min on the server"
    assert exact_time(NOON + 7 * DAY_MS) in last.tip
    assert four_facts(run, None, NOON + 8 * DAY_MS)[3].text == "here, no longer on the server"
    assert four_facts(some_run(1, run_id=None), None, NOON)[3].text == "here"

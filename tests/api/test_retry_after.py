"""How long to wait, from whatever the headers say."""

from __future__ import annotations

import math
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.api.retry_after import LONGEST_S, OTHERWISE_S, clock_offset, wait_seconds

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 2.0),
        ("0", 0.0),
        ("0.5", 0.5),
        (" 7 ", 7.0),
        ("900", 900.0),
        ("901", OTHERWISE_S),
        ("-1", OTHERWISE_S),
        ("inf", OTHERWISE_S),
        ("-inf", OTHERWISE_S),
        ("nan", OTHERWISE_S),
        ("1e999", OTHERWISE_S),
        ("1e2", 100.0),
        ("1_0", OTHERWISE_S),
        ("٣", OTHERWISE_S),
        ("http://example.com", OTHERWISE_S),
        ("", OTHERWISE_S),
        ("315360000", OTHERWISE_S),
        ("9" * 5000, OTHERWISE_S),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW + 30), 30.0),
        (formatdate(NOW - 30, usegmt=True), OTHERWISE_S),
        (formatdate(NOW + 315_360_000, usegmt=True), OTHERWISE_S),
        ("Mon, 99 Foo 2026 99:99:99 GMT", OTHERWISE_S),
    ],
)
def test_retry_after_is_obeyed_from_0_to_15_minutes_and_else_replaced(
    text: str, seconds: float
) -> None:
    assert wait_seconds({"retry-after": text}, NOW) == pytest.approx(seconds)


def test_a_missing_retry_after_is_a_minute() -> None:
    assert wait_seconds({}, NOW) == OTHERWISE_S


def test_the_reset_time_counts_where_retry_after_cannot_be_used() -> None:
    headers = {"retry-after": "http://example.com", "x-ratelimit-reset": str(int(NOW) + 12)}
    assert wait_seconds(headers, NOW) == 12


@pytest.mark.parametrize("reset", ["0", "http://x", "nan", "1e400", str(int(NOW) + 100_000)])
def test_a_reset_time_that_makes_no_sense_is_a_minute(reset: str) -> None:
    assert wait_seconds({"x-ratelimit-reset": reset}, NOW) == OTHERWISE_S


def test_retry_after_wins_over_the_reset_time() -> None:
    headers = {"retry-after": "3", "x-ratelimit-reset": str(int(NOW) + 12)}
    assert wait_seconds(headers, NOW) == 3


@given(st.text(), st.text(), st.floats(0, 4e9))
def test_no_header_text_brings_more_than_a_finite_wait(after: str, reset: str, now: float) -> None:
    seconds = wait_seconds({"retry-after": after, "x-ratelimit-reset": reset}, now)
    assert math.isfinite(seconds)
    assert 0 <= seconds <= LONGEST_S


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_number_is_obeyed_exactly_or_replaced(number: float) -> None:
    seconds = wait_seconds({"retry-after": repr(number)}, NOW)
    assert seconds == (number if 0 <= number <= LONGEST_S else OTHERWISE_S)


@given(st.text())
def test_the_servers_clock_is_read_or_unknown(text: str) -> None:
    offset = clock_offset({"date": text}, NOW)
    assert offset is None or math.isfinite(offset)


def test_a_server_that_is_ahead_has_a_positive_offset() -> None:
    assert clock_offset({"date": formatdate(NOW + 90, usegmt=True)}, NOW) == 90

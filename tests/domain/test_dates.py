"""What a typed date means: across zones, where clocks change, and at the ends of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.dates import ZAPIER_DECIDES, Reading, read

NOW = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)  # a Friday
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham",
    "Australia/Lord_Howe", "Africa/Monrovia", "America/St_Johns",
)  # fmt: skip


def in_utc(reading: Reading) -> datetime:
    # Where the clocks change, Python calls no two moments of different zones equal.
    assert reading.instant is not None
    return reading.instant.astimezone(UTC)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-27T12:00:00Z", "2026-03-27T12:00:00+00:00"),
        ("2026-03-27t12:00z", "2026-03-27T12:00:00+00:00"),
        ("2026-03-27 12:00:00 +02:00", "2026-03-27T10:00:00+00:00"),
        ("2026-03-27T12:00:00-0330", "2026-03-27T15:30:00+00:00"),
        ("2026-03-27T12:00:00.123456789Z", "2026-03-27T12:00:00.123456+00:00"),
        ("2026-03-27T12:00:00,5Z", "2026-03-27T12:00:00.500000+00:00"),
    ],
)
def test_with_an_offset_it_is_certain_whatever_the_zone(text: str, instant: str, zone: str) -> None:
    reading = read(text, ZoneInfo(zone), NOW)
    assert (reading.is_certain, reading.note) == (True, "")
    assert reading.instant == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-07-01 09:00", "Europe/Berlin", "2026-07-01T07:00:00+00:00"),
        ("2026-01-01 09:00", "Europe/Berlin", "2026-01-01T08:00:00+00:00"),
        ("2026-07-01", "Asia/Kolkata", "2026-06-30T18:30:00+00:00"),
        ("today", "Pacific/Chatham", "2026-03-27T10:15:00+00:00"),
        ("tomorrow 9am", "Europe/Berlin", "2026-03-28T08:00:00+00:00"),
        ("Tomorrow  AT 9:30 PM", "America/New_York", "2026-03-29T01:30:00+00:00"),
        ("yesterday at noon", "UTC", "2026-03-26T12:00:00+00:00"),
        ("friday 17:00", "UTC", "2026-04-03T17:00:00+00:00"),
        ("next monday", "UTC", "2026-03-30T00:00:00+00:00"),
        ("on sunday at 12am", "UTC", "2026-03-29T00:00:00+00:00"),
        ("2026-03-28 12pm", "UTC", "2026-03-28T12:00:00+00:00"),
        ("now", "Asia/Kolkata", "2026-03-27T12:00:00+00:00"),
        ("in 3 hours", "America/New_York", "2026-03-27T15:00:00+00:00"),
        ("in 1 week", "UTC", "2026-04-03T12:00:00+00:00"),
    ],
)
def test_without_an_offset_it_is_told_and_left_to_zapier(
    text: str, zone: str, instant: str
) -> None:
    reading = read(text, ZoneInfo(zone), NOW)
    assert reading.instant == datetime.fromisoformat(instant)
    assert not reading.is_certain
    assert reading.note == ZAPIER_DECIDES


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-03-29 02:30", "Europe/Berlin"),
        ("2026-03-08 02:30", "America/New_York"),
        ("2026-10-04 02:15", "Australia/Lord_Howe"),  # its clocks move by half an hour
    ],
)
def test_a_time_that_the_clocks_skip_is_no_moment(text: str, zone: str) -> None:
    reading = read(text, ZoneInfo(zone), NOW)
    assert reading.instant is None
    assert reading.note == f"The clocks skip this time in {zone}. {ZAPIER_DECIDES}"


@pytest.mark.parametrize(
    ("text", "zone", "first"),
    [
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00+00:00"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01T05:30:00+00:00"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04T14:45:00+00:00"),
    ],
)
def test_a_time_that_comes_twice_says_so(text: str, zone: str, first: str) -> None:
    reading = read(text, ZoneInfo(zone), NOW)
    assert in_utc(reading) == datetime.fromisoformat(first)
    assert not reading.is_certain
    assert reading.note == f"This time comes twice in {zone}. {ZAPIER_DECIDES}"


def test_hours_from_now_are_counted_through_the_change_of_clocks() -> None:
    zone = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30, half an hour before the change
    reading = read("in 2 hours", zone, before)
    assert reading.instant == before + timedelta(hours=2)
    twice = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 01:30 in summer time
    assert in_utc(read("in 2 hours", zone, twice)) == twice + timedelta(hours=2)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "the day after", "friday 9", "tomorrow 25:00", "tomorrow 13pm", "9999-99-99",
     "2026-02-30", "in 9999 weeks ago", "next", "on", "١٢"],
)  # fmt: skip
def test_what_is_not_understood_is_left_to_zapier(text: str) -> None:
    reading = read(text, ZoneInfo("UTC"), NOW)
    assert reading.instant is None
    assert ZAPIER_DECIDES in reading.note


@pytest.mark.parametrize("text", ["2026-02-30T10:00Z", "2026-01-01T25:00Z", "2026-01-01T10:60"])
def test_a_date_that_does_not_exist_says_so(text: str) -> None:
    assert read(text, ZoneInfo("UTC"), NOW).note.startswith("There is no such date.")


moments = st.datetimes(
    datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.sampled_from(ZONES).map(ZoneInfo)
)
words = st.sampled_from(
    ["tomorrow", "yesterday", "today", "in", "9999", "weeks", "monday", "next", "on", "at", "9am",
     "23:59", "0001-01-01", "9999-12-31", "T00:00", "Z", "+23:59", "-99:99", "now", "12:30pm"]
)  # fmt: skip
phrases = st.lists(words, max_size=4).map(" ".join) | st.lists(words, max_size=3).map("".join)


@given(st.text(max_size=20) | phrases, st.sampled_from(ZONES), moments)
def test_no_text_at_no_moment_breaks_it(text: str, zone: str, now: datetime) -> None:
    reading = read(text, ZoneInfo(zone), now)
    assert reading.is_certain <= (reading.instant is not None)
    assert reading.is_certain or reading.note
    if reading.instant is not None:
        assert reading.instant.tzinfo is not None


@given(moments, st.sampled_from(ZONES))
def test_a_moment_written_with_its_offset_is_read_as_that_moment(
    moment: datetime, zone: str
) -> None:
    whole = moment.replace(microsecond=0)
    offset = whole.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        return  # mean local time of the 19th century: no such offset can be written
    reading = read(whole.isoformat(), ZoneInfo(zone), NOW)
    assert in_utc(reading) == whole.astimezone(UTC)
    assert reading.is_certain

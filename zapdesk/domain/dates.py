"""What a date that was typed means. Only text with a UTC offset is certain; the rest is a guess.

Zapier normalises dates itself, people's phrases included, by the time zone of an account that we
cannot see. So a reading without an offset is offered as what it would mean here, never as a fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

ZAPIER_DECIDES = "Zapier decides what this means."

_EXACT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_CLOCK = re.compile(r"(?:at\s+)?(\d{1,2})(?::(\d\d))?\s*(am|pm)?", re.IGNORECASE)
_IN = re.compile(r"in\s+(\d{1,4})\s+(minute|hour|day|week)s?", re.IGNORECASE)
_DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a date means here: an aware ``instant``, and whether that is certain.

    ``note`` is a sentence about what is not certain.
    """

    instant: datetime | None = None
    is_certain: bool = False
    note: str = ""


def read(text: str, zone: tzinfo, now: datetime) -> Reading:
    """The reading of ``text`` for a person in ``zone`` at the aware moment ``now``."""
    words = " ".join(text.split())
    try:
        if match := _EXACT.fullmatch(words):
            return _exact(match, zone)
        local = _local(words, now.astimezone(zone))
        return _in_zone(local, zone) if local is not None else Reading(note=ZAPIER_DECIDES)
    except OverflowError:  # at the ends of the calendar
        return Reading(note=ZAPIER_DECIDES)


def _exact(match: re.Match[str], zone: tzinfo) -> Reading:
    fraction = int((match[7] or "0")[:6].ljust(6, "0"))
    year, month, day, hour, minute, second = (int(match[n] or 0) for n in range(1, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, fraction)
        if match[8] is None:
            return _in_zone(moment, zone)
        return Reading(moment.replace(tzinfo=_offset(match[8])), is_certain=True)
    except ValueError:
        return Reading(note="There is no such date. " + ZAPIER_DECIDES)


def _offset(text: str) -> tzinfo:
    if text.upper() == "Z":
        return UTC
    digits = text.replace(":", "")
    shift = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return timezone(-shift if digits[0] == "-" else shift)


def _local(words: str, here: datetime) -> datetime | None:
    lower = words.lower()
    if lower == "now":
        return here.replace(tzinfo=None)
    if match := _IN.fullmatch(lower):
        step = timedelta(**{f"{match[2]}s": int(match[1])})
        return (here.astimezone(UTC) + step).astimezone(here.tzinfo).replace(tzinfo=None)
    if match := _DATE.fullmatch(lower):
        return _at(_day_of(match), time())
    first, _, rest = lower.partition(" ")
    if first == "next" or first == "on":
        first, _, rest = rest.partition(" ")
    day: date | None = None
    if first in _DAYS:
        day = here.date() + timedelta(days=_DAYS[first])
    elif first in _WEEKDAYS:
        ahead = (_WEEKDAYS.index(first) - here.weekday() - 1) % 7 + 1
        day = here.date() + timedelta(days=ahead)
    elif match := _DATE.fullmatch(first):
        day = _day_of(match)
    return _at(day, _clock(rest)) if day is not None else None


def _day_of(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    if not text:
        return time()
    if text in {"noon", "at noon"}:
        return time(12)
    match = _CLOCK.fullmatch(text)
    if match is None or (match[2] is None and match[3] is None):
        return None
    hour = int(match[1])
    if match[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3].lower() == "pm" else 0)
    minute = int(match[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _at(day: date | None, clock: time | None) -> datetime | None:
    return datetime.combine(day, clock) if day is not None and clock is not None else None


def _in_zone(local: datetime, zone: tzinfo) -> Reading:
    first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        return Reading(note=f"The clocks skip this time in {_name(zone)}. {ZAPIER_DECIDES}")
    note = ZAPIER_DECIDES
    if first.utcoffset() != second.utcoffset():
        note = f"This time comes twice in {_name(zone)}. {ZAPIER_DECIDES}"
    return Reading(first, note=note)


def _name(zone: tzinfo) -> str:
    return getattr(zone, "key", None) or str(zone)

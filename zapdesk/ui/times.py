"""Times in words, in this computer's time zone; given as Unix milliseconds. No Qt, no domain.

Imported before the first frame.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta


def now_ms() -> int:
    """The present time."""
    return int(time.time() * 1000)


def duration_text(milliseconds: float) -> str:
    """A length of time: ``840 ms``, ``1.8 s``, ``2 min 05 s``, ``3 h 10 min``, ``2 days 4 h``."""
    milliseconds = max(milliseconds, 0)
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    days, rest = divmod(whole, 86_400)
    return f"{days} day{'s' if days > 1 else ''} {rest // 3600} h"


def elapsed_text(milliseconds: int) -> str:
    """A clock that is running, to the second: ``0:07``, ``12:40``, ``1:02:03``."""
    seconds = max(milliseconds, 0) // 1000
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def local(milliseconds: int) -> datetime:
    """The moment in this computer's zone; one that no calendar holds becomes the nearest."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000).astimezone()
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0).astimezone()


def started_text(milliseconds: int, now: int) -> str:
    """When a run started: relative today, the date and time before that."""
    moment, present = local(milliseconds), local(now)
    if moment.date() == present.date():
        seconds = max(now - milliseconds, 0) // 1000
        if seconds < 60:
            return "just now"
        if seconds < 3600:
            return f"{seconds // 60} min ago"
        return f"{seconds // 3600} h ago"
    if moment.year == present.year:
        return f"{moment.day} {moment:%b %H:%M}"
    return f"{moment.day} {moment:%b %Y}"


def exact_time(milliseconds: int) -> str:
    """A moment to the second, with its zone."""
    moment = local(milliseconds)
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M:%S %Z}"


def day_text(milliseconds: int, now: int) -> str:
    """The heading of a day in the history."""
    day, today = local(milliseconds).date(), local(now).date()
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    year = f" {day.year}" if day.year != today.year else ""
    return f"{day:%A} {day.day} {day:%B}{year}"


def day_number(milliseconds: int) -> int:
    """Equal for moments of the same day here."""
    return local(milliseconds).toordinal()


def seconds_text(seconds: float) -> str:
    """A wait that is counted down: whole seconds, then minutes."""
    whole = max(round(seconds), 0)
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"

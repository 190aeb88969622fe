"""How long a server wants us to wait, read from whatever its headers say. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

OTHERWISE_S = 60.0
"""Zapier's documented cool-down; waited where no header says anything that can be used."""

LONGEST_S = 900.0
"""Fifteen minutes. A server that asks for more is not believed."""


def wait_seconds(headers: Mapping[str, str], now: float) -> float:
    """Seconds to wait. ``headers`` has lower-case names, ``now`` is Unix time in seconds.

    ``Retry-After`` counts as given when it comes to 0 to 15 minutes (seconds or an HTTP date),
    else ``X-RateLimit-Reset`` (Unix time, held to the same limits), else a minute. The API's own
    document types both as web addresses, so such texts do come.
    """
    for seconds in (
        _number(headers.get("retry-after", "")),
        _until_date(headers.get("retry-after", ""), now),
        _number(headers.get("x-ratelimit-reset", "")) - now,
    ):
        if 0 <= seconds <= LONGEST_S:
            return seconds
    return OTHERWISE_S


def has_wait(headers: Mapping[str, str]) -> bool:
    """Whether the server said anything at all about waiting."""
    return "retry-after" in headers or "x-ratelimit-reset" in headers


def _number(text: str) -> float:
    """The number that ``text`` holds, NaN where it is none."""
    text = text.strip()
    # float() also takes "1_0" and other scripts' digits, which no server means.
    if len(text) > 40 or not text.isascii() or "_" in text:
        return math.nan
    try:
        return float(text)
    except ValueError:
        return math.nan


def _until_date(text: str, now: float) -> float:
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return math.nan


def clock_offset(headers: Mapping[str, str], now: float) -> float | None:
    """How far the server's ``Date`` is ahead of ``now``, in seconds; ``None`` where unreadable."""
    offset = _until_date(headers.get("date", ""), now)
    return offset if math.isfinite(offset) else None

"""The columns of the history: what they are called and how wide they are. No Qt, no domain."""

from __future__ import annotations

COLUMN_TITLES = ("Status", "App", "Action", "Connection", "Started", "Took", "Outcome")
DAY_HEIGHT = 32
"""The heading of a day, above the first row of that day."""

_STATUS, _STARTED, _TOOK = 116, 116, 92
_SHARES = ((0.16, 160), (0.24, 240), (0.2, 192))
"""How app, action and connection share what is left, and how wide they get at most."""


def column_widths(total: int) -> tuple[int, ...]:
    """The widths of all columns in ``total`` pixels; the outcome takes the rest."""
    room = max(total - _STATUS - _STARTED - _TOOK, 0)
    shared = tuple(min(round(room * share), most) for share, most in _SHARES)
    return (_STATUS, *shared, _STARTED, _TOOK, room - sum(shared))


def search_width(total: int) -> int:
    """How wide the box is in which runs are searched for, in a history of ``total`` pixels."""
    return min(max(total // 6 // 4 * 4, 160), 264)

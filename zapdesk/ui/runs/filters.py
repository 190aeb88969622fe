"""A filter of the history in words: what narrows it, one part at a time. No widgets.

Times are Unix milliseconds; days are those of this computer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.times import day_text, local

if TYPE_CHECKING:  # it is imported by services, behind the first frame
    from zapdesk.domain.history import Occurring

STATUS_GROUPS: Mapping[str, frozenset[RunStatus]] = {
    "All": frozenset(),
    "Waiting": frozenset({RunStatus.SUBMITTING, RunStatus.WAITING}),
    "Success": frozenset({RunStatus.SUCCESS}),
    "Error": frozenset({RunStatus.ERROR}),
    "Unknown": frozenset({RunStatus.UNKNOWN, RunStatus.LOST}),
    "Refused": frozenset({RunStatus.REFUSED}),
    "Not sent": frozenset({RunStatus.NOT_SENT}),
}
"""What can be picked, and which states that means."""

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that narrows a filter beside its states and its words; ``rest`` is without it."""

    text: str
    rest: RunFilter


def parts(
    wanted: RunFilter, own_profile: str, found: Occurring | None, profiles: Mapping[str, str]
) -> list[Part]:
    """What narrows ``wanted``, or widens it beyond ``own_profile``."""
    told: list[Part] = []

    def tell(text: str, rest: RunFilter) -> None:
        told.append(Part(one_line(text, _LONGEST), rest))

    if wanted.profile_id != own_profile:
        name = profiles.get(wanted.profile_id, wanted.profile_id) or "All profiles"
        tell(
            f"Profile: {name}" if wanted.profile_id else name,
            replace(wanted, profile_id=own_profile),
        )
    if wanted.since_ms is not None or wanted.before_ms is not None:
        words = time_words(wanted.since_ms, wanted.before_ms)
        tell(words, replace(wanted, since_ms=None, before_ms=None))
    if wanted.app_id:
        title = next((t for id_, t in found.apps if id_ == wanted.app_id), "") if found else ""
        tell(f"App: {title or wanted.app_id}", replace(wanted, app_id=""))
    if wanted.action is not None:
        key = wanted.action
        title = next((a.title for a in found.actions if a.key == key), "") if found else ""
        tell(f"Action: {title or key.key}", replace(wanted, action=None))
    if wanted.connection_id:
        id_ = wanted.connection_id
        title = next((c.title for c in found.connections if c.id == id_), "") if found else ""
        tell(f"Connection: {title or id_}", replace(wanted, connection_id=""))
    if wanted.label:
        tell(f"Label: {wanted.label}", replace(wanted, label=""))
    if wanted.pinned:
        tell("Pinned", replace(wanted, pinned=False))
    return told


def group_of(wanted: RunFilter) -> str:
    """Which of STATUS_GROUPS the filter's states are; empty where they are none of them."""
    return next((word for word, group in STATUS_GROUPS.items() if group == wanted.statuses), "")


def time_presets(now: int) -> dict[str, tuple[int, int | None]]:
    """Stretches of time that are often wanted: since when, and until before when."""
    midnight = datetime.combine(local(now).date(), datetime.min.time()).astimezone()
    return {
        "Last hour": (now - 3_600_000, None),
        "Today": (_ms(midnight), None),
        "Yesterday": (_ms(_days(midnight, -1)), _ms(midnight)),
        "Last 7 days": (_ms(_days(midnight, -6)), None),
        "Last 30 days": (_ms(_days(midnight, -29)), None),
    }


def time_words(since: int | None, before: int | None) -> str:
    """``27 Nov 09:00 – 28 Nov 10:00``; whole days are told without their hours."""
    if since is not None and before is not None and _is_midnight(since) and _is_midnight(before):
        first, last = local(since), local(before - 1)
        if first.date() == last.date():
            return _day(first)
        return f"{_day(first)} – {_day(last)}"
    if before is None:
        return f"Since {_moment(since or 0)}"
    if since is None:
        return f"Before {_moment(before)}"
    return f"{_moment(since)} – {_moment(before)}"


def day_edges(first: datetime, last: datetime) -> tuple[int, int]:
    """The days from ``first`` to ``last``, both of them whole."""
    start = datetime.combine(first.date(), datetime.min.time()).astimezone()
    end = datetime.combine(last.date(), datetime.min.time()).astimezone()
    return _ms(start), _ms(_days(end, 1))


def stretch_words(start: int, end: int, now: int) -> str:
    """A stretch of time as the strip tells it: a day, hours of a day, or from when to when."""
    first, last = local(start), local(end - 1)
    if first.date() == last.date():
        if end - start >= 23 * 3_600_000:
            return day_text(start, now)
        return f"{day_text(start, now)}, {first:%H:%M} – {local(end):%H:%M}"
    if end - start >= 48 * 3_600_000:
        return f"{_day(first)} – {_day(last)}"
    return f"{_moment(start)} – {_moment(end)}"


def _days(midnight: datetime, count: int) -> datetime:
    # By the calendar: a day of a change of clocks has 23 or 25 hours.
    day = midnight.date() + timedelta(days=count)
    return datetime.combine(day, datetime.min.time()).astimezone()


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def _is_midnight(milliseconds: int) -> bool:
    moment = local(milliseconds)
    return not (moment.hour or moment.minute or moment.second)


def _day(moment: datetime) -> str:
    year = "" if moment.year == datetime.now().year else f" {moment.year}"
    return f"{moment.day} {moment:%b}{year}"


def _moment(milliseconds: int) -> str:
    moment = local(milliseconds)
    return _day(moment) if _is_midnight(milliseconds) else f"{_day(moment)} {moment:%H:%M}"

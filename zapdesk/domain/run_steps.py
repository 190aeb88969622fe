"""The steps of a run in the order of time: its states, each request, and the waits between.

Made of what is on record; times are Unix milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import RunEvent, RunStatus

SHORTEST_WAIT_MS = 500
"""Less than this between two steps is no wait worth a line."""


class StepKind(StrEnum):
    """What a step is."""

    STATE = "state"
    REQUEST = "request"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class RunStep:
    """``after_ms`` is the time since the step before began, ``lasted_ms`` how long this one took
    where that is known. ``status`` belongs to states, ``place`` is that of a request among the
    run's exchanges."""

    kind: StepKind
    at_ms: int
    text: str
    after_ms: int = 0
    lasted_ms: float | None = None
    status: RunStatus | None = None
    place: int | None = None
    is_trouble: bool = False


def steps(events: Sequence[RunEvent], exchanges: Sequence[Exchange]) -> tuple[RunStep, ...]:
    """Every step, oldest first. At the same moment a request comes before the state it led to."""
    found = [
        *(_of_exchange(place, exchange) for place, exchange in enumerate(exchanges)),
        *(RunStep(StepKind.STATE, e.at_ms, e.text, status=e.status) for e in events),
    ]
    found.sort(key=lambda step: (step.at_ms, step.kind is StepKind.STATE))
    return tuple(_timed(_with_waits(found)))


def _of_exchange(place: int, exchange: Exchange) -> RunStep:
    if exchange.status is None:
        text = f"{exchange.purpose}: {exchange.failure or 'no answer'}"
    else:
        text = f"{exchange.purpose}: HTTP {exchange.status}"
    if exchange.repeated:
        times = "once more" if exchange.repeated == 1 else f"{exchange.repeated:,} more times"
        text += f", and the same {times}"
    is_trouble = exchange.status is None or exchange.status >= 400
    lasted_ms = exchange.ended_ms
    if exchange.repeated and exchange.last_ms is not None:
        lasted_ms = exchange.last_ms - exchange.started_ms + (exchange.ended_ms or 0)
    return RunStep(
        StepKind.REQUEST,
        exchange.started_ms,
        text,
        lasted_ms=lasted_ms,
        place=place,
        is_trouble=is_trouble,
    )


def _with_waits(found: Iterable[RunStep]) -> Iterable[RunStep]:
    busy_until: float | None = None
    for step in found:
        if (
            busy_until is not None
            and step.kind is StepKind.REQUEST
            and step.at_ms - busy_until >= SHORTEST_WAIT_MS
        ):
            gap = step.at_ms - busy_until
            yield RunStep(StepKind.WAIT, int(busy_until), "waited", lasted_ms=gap)
        yield step
        end = step.at_ms + (step.lasted_ms or 0)
        busy_until = end if busy_until is None else max(busy_until, end)


def _timed(found: Iterable[RunStep]) -> Iterable[RunStep]:
    before: int | None = None
    for step in found:
        after = 0 if before is None else step.at_ms - before
        yield replace(step, after_ms=max(after, 0))
        before = step.at_ms

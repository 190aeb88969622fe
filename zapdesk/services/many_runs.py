"""What is done to every run that a filter lets through, however many: a few at a time, so that
nothing else has to wait, and in a way that can be stopped and taken back.

The runs are found by the filter again and again; only the numbers of those that were changed are
kept, for taking it back.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zapdesk.domain.history import name_of
from zapdesk.domain.runs import RunCursor

if TYPE_CHECKING:
    from zapdesk.broadcast import Broadcast
    from zapdesk.domain.runs import ActionRun, RunFilter
    from zapdesk.storage.annotations import Annotations
    from zapdesk.storage.run_log import RunLog
    from zapdesk.storage.timeline import Timelines

AT_A_TIME = 50
"""Runs changed in one transaction: their words are indexed anew, and an intent may have to wait."""

GoesOn = Callable[[int], bool]
"""Is told how many runs have been looked at, and says whether to go on."""


@dataclass(frozen=True, slots=True)
class RunSet:
    """Every run that ``filter`` lets through, up to the number of the newest: what is written
    down later is none of them."""

    filter: RunFilter
    up_to: int
    count: int


@dataclass(slots=True)
class Change:
    """A label put on, or taken off, or where it is empty the pin; ``numbers`` are the runs of
    which this was not true before."""

    label: str
    is_on: bool
    numbers: array[int] = field(default_factory=lambda: array("q"))

    def alters(self, run: ActionRun) -> bool:
        """Whether it would change this run."""
        return (self.label in run.labels if self.label else run.pinned) != self.is_on


class ManyRuns:
    """Every method raises StorageUnusable where the log does not work."""

    def __init__(
        self,
        log: RunLog,
        timelines: Timelines,
        annotations: Annotations,
        changed: Broadcast[tuple[ActionRun, ...]],
    ) -> None:
        self._log = log
        self._timelines = timelines
        self._annotations = annotations
        self._changed = changed

    async def all_of(self, filter: RunFilter) -> RunSet:
        """Every run that fits now."""
        newest = await self._timelines.newest_number()
        whole = replace(filter, up_to=newest)
        counts = await self._log.counts(whole)
        statuses = filter.statuses or counts
        return RunSet(whole, newest, sum(counts.get(status, 0) for status in statuses))

    async def change(self, runs: RunSet, change: Change, goes_on: GoesOn) -> None:
        """Carry out a change that is new. Raises InvalidInput for what is no label."""
        if change.label:
            change.label = name_of(change.label)
        after: RunCursor | None = None
        looked_at = 0
        try:
            while page := await self._log.page(runs.filter, after, AT_A_TIME):
                numbers = [run.number for run in page if change.alters(run)]
                # First: what is not carried out to its end can be taken back all the same.
                change.numbers.extend(numbers)
                await self._set(numbers, change.label, change.is_on)
                if after is None:
                    self._changed.announce(())  # what is in sight comes first
                looked_at += len(page)
                if not goes_on(looked_at):
                    return
                after = RunCursor(page[-1].created_ms, page[-1].number)
        finally:
            self._changed.announce(())

    async def take_back(self, change: Change, goes_on: GoesOn) -> None:
        """Make a change undone, in the runs that it altered."""
        try:
            for first in range(0, len(change.numbers), AT_A_TIME):
                numbers = change.numbers[first : first + AT_A_TIME]
                await self._set(numbers, change.label, not change.is_on)
                if not goes_on(first + len(numbers)):
                    return
        finally:
            self._changed.announce(())

    async def _set(self, numbers: Sequence[int], label: str, is_on: bool) -> None:
        if not numbers:
            return
        if label:
            on, off = ([label], []) if is_on else ([], [label])
            await self._annotations.label(numbers, on, off)
        else:
            await self._annotations.pin(numbers, is_on)

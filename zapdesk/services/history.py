"""The history: what a person adds to runs, deletes of them, and sees of many at once.

It needs no server, so window and command line have it at once, for every profile.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from zapdesk.broadcast import Broadcast
from zapdesk.domain.history import (
    Deletion,
    LogHealth,
    Occurring,
    SavedFilter,
    Timeline,
    name_of,
)
from zapdesk.errors import StorageUnusable
from zapdesk.paths import Paths, resource
from zapdesk.services.many_runs import ManyRuns
from zapdesk.storage.annotations import Annotations
from zapdesk.storage.backups import BackupFile, Backups
from zapdesk.storage.deletions import Deletions
from zapdesk.storage.health import health
from zapdesk.storage.presentation import Presentation
from zapdesk.storage.timeline import Timelines
from zapdesk.tasks import TaskOwner

if TYPE_CHECKING:
    from pathlib import Path

    from zapdesk.domain.catalog import ActionKey
    from zapdesk.domain.runs import ActionRun, RunFilter
    from zapdesk.settings import Settings
    from zapdesk.storage.database import Database
    from zapdesk.storage.run_log import RunLog

_logger = logging.getLogger(__name__)


_FIRST_S, _AGAIN_S = 20.0, 3_600.0
_DAY_MS = 86_400_000


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


__all__ = ["BackupFile", "HistoryService"]


class HistoryService:
    """Every method raises StorageUnusable where the log does not work.

    ``changed`` announces runs that a person changed; nothing in it: runs were deleted or have
    come back, so read again. ``many`` changes all that a filter lets through.
    """

    def __init__(
        self,
        database: Database,
        log: RunLog,
        owner_id: str,
        paths: Paths,
        *,
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        self._database = database
        self._path = paths.database
        self._log = log
        self._backups = Backups(paths.database, paths.backups, resource("migrations"))
        self._keep_days = self._keep_megabytes = 0
        self._annotations = Annotations(database, owner_id)
        self._deletions = Deletions(database)
        self._presentation = Presentation(database)
        self._timelines = Timelines(database)
        self._now_ms = now_ms
        self._tasks = TaskOwner()
        self._keeps_house = False
        self.changed: Broadcast[tuple[ActionRun, ...]] = Broadcast()
        self.many = ManyRuns(log, self._timelines, self._annotations, self.changed)

    async def close(self) -> None:
        """Stop what goes on behind. What was deleted and is still there goes at the next start."""
        await self._tasks.close()

    def follow_settings(self, settings: Settings) -> None:
        """Keep runs as the settings want from now on."""
        self._keep_days = settings.keep_days
        self._keep_megabytes = settings.keep_megabytes

    def start_housekeeping(self) -> None:
        """From now on, carry out deletions that an earlier process left, and drop old runs where
        the settings want that. May be called again."""
        if not self._keeps_house:
            self._keeps_house = True
            self._tasks.start(self._keep_house(), "keep the history")

    async def _keep_house(self) -> None:
        await asyncio.sleep(_FIRST_S)
        while True:
            await self.tidy()
            await asyncio.sleep(_AGAIN_S)

    async def would_go(self, keep_days: int, keep_megabytes: int) -> int:
        """About how many runs are dropped where the settings want this; pinned and known good
        ones are not, nor those whose outcome nobody knows."""
        before_ms = self._now_ms() - keep_days * _DAY_MS if keep_days else 0
        return await self._deletions.expected(before_ms, keep_megabytes * 1_000_000)

    async def tidy(self) -> int:
        """Drop what the settings no longer keep, and what was deleted; how many runs."""
        try:
            if self._keep_days:
                before_ms = self._now_ms() - self._keep_days * _DAY_MS
                while await self._deletions.expire(before_ms):
                    pass
            gone = await self.purge()
            size = self._keep_megabytes * 1_000_000
            while size and await self._deletions.expire_above(size):
                gone += await self.purge()
        except StorageUnusable as error:
            _logger.info("old runs stay for now: %s", error)
            return 0
        if gone:
            self.changed.announce(())
        return gone

    # Marking

    async def pin(self, ids: Iterable[str], pinned: bool = True) -> None:
        """Pin runs, or no longer: pinned ones stay when everything is cleared."""
        self.changed.announce(await self._annotations.pin(ids, pinned))

    async def label(
        self, ids: Iterable[str], add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> None:
        """Put labels on runs and take others off. Raises InvalidInput for what is no label."""
        names = [name_of(label) for label in add]
        self.changed.announce(await self._annotations.label(ids, names, remove))

    async def write_note(self, id: str, note: str) -> None:
        """Keep a note with a run; an empty one removes it."""
        self.changed.announce((await self._annotations.write_note(id, note.strip()),))

    async def set_baseline(self, id: str, is_baseline: bool = True) -> None:
        """Mark a run as known good, or no longer; only one of an action is."""
        self.changed.announce((await self._annotations.set_baseline(id, is_baseline),))

    async def baseline(self, profile_id: str, action: ActionKey) -> ActionRun | None:
        """The run of an action that is known good."""
        return await self._annotations.baseline(profile_id, action)

    # Deleting

    async def delete(self, ids: Iterable[str]) -> Deletion:
        """Delete runs; until ``final_ms`` it can be undone. Those that have not ended stay."""
        return await self._deleted(await self._deletions.delete(ids, self._now_ms()))

    async def clear(self, filter: RunFilter) -> Deletion:
        """Delete every run that fits, but pinned and known good ones; it can be undone as above."""
        return await self._deleted(await self._deletions.clear(filter, self._now_ms()))

    async def undo(self, deletion: Deletion) -> bool:
        """Bring back what was deleted; False where it was too late."""
        is_back = await self._deletions.undo(deletion.number)
        self.changed.announce(())
        return is_back

    async def _deleted(self, deletion: Deletion) -> Deletion:
        if deletion.runs:
            self.changed.announce(())
            self._tasks.start(self._purge_at(deletion.final_ms), "purge deleted runs")
        return deletion

    async def _purge_at(self, final_ms: int) -> None:
        await asyncio.sleep(max(0, final_ms - self._now_ms()) / 1000 + 0.05)
        await self.purge()

    async def purge(self) -> int:
        """Remove for good what was deleted long enough ago; how many runs. Takes its time: a
        few runs at once, so that nothing else has to wait."""
        gone = 0
        try:
            while removed := await self._deletions.purge(self._now_ms()):
                gone += removed
            if gone:
                while await self._deletions.scrub():
                    pass
                await self._deletions.settle()
        except StorageUnusable as error:
            _logger.info("deleted runs stay for now: %s", error)
        return gone

    # Looking at many

    async def occurring(self, profile_id: str = "") -> Occurring:
        """Apps, actions, connections and labels that there are runs of."""
        return await self._log.occurring(profile_id)

    async def timeline(self, filter: RunFilter, buckets: int = 120) -> Timeline:
        """Runs over time by outcome and duration, for the strip above the history."""
        return await self._timelines.timeline(filter, buckets)

    async def counts_between(self, filter: RunFilter, edges_ms: Sequence[int]) -> tuple[int, ...]:
        """How many runs fit between each two of these descending times: one number for a day."""
        return await self._timelines.counts_between(filter, edges_ms)

    # The log as a file

    async def health(self, *, full: bool = False) -> LogHealth:
        """How the log is. ``full`` also compares each index with its table."""
        return await health(self._database, self._path, full=full)

    def backups(self) -> tuple[BackupFile, ...]:
        """Older copies of the log that zapdesk made; what was deleted may still be in them."""
        return self._backups.all()

    async def back_up(self, target: Path) -> BackupFile:
        """Copy the log into the new file ``target``; it may be in use. Raises InvalidInput."""
        return await self._backups.back_up(target)

    async def restore(self, source: Path) -> BackupFile:
        """Have a backup take the place of the log when zapdesk is next started and no other
        process has the log open; the log that is there is kept. Raises InvalidInput for a file
        that is no sound backup."""
        return await self._backups.restore(source)

    @property
    def is_restore_waiting(self) -> bool:
        """Whether a backup takes the place of the log at the next start."""
        return self._backups.is_restore_waiting

    async def forget_restore(self) -> bool:
        """Leave the log as it is after all."""
        return await self._backups.forget_restore()

    # Filters under a name

    async def filters(self, profile_id: str) -> tuple[SavedFilter, ...]:
        """The saved filters of a profile."""
        return await self._presentation.filters(profile_id)

    async def save_filter(self, profile_id: str, name: str, filter: RunFilter) -> SavedFilter:
        """Keep a filter under a name; one of the same name is replaced. Raises InvalidInput."""
        saved = SavedFilter(name_of(name), filter)
        await self._presentation.save_filter(profile_id, saved)
        return saved

    async def delete_filter(self, profile_id: str, name: str) -> None:
        """Forget a saved filter."""
        await self._presentation.delete_filter(profile_id, name)

"""The history's service: deletions that can be undone and are then carried out, and old runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.storage.making import OWNER, opened, order
from zapdesk.domain.history import UNDO_MS
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.paths import Paths
from zapdesk.services.history import HistoryService
from zapdesk.settings import Settings
from zapdesk.storage.run_log import RunLog

T = TypeVar("T")
DAY_MS = 86_400_000


class Clock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.ms = 100 * DAY_MS

    def __call__(self) -> int:
        return self.ms


def with_history(
    folder: Path,
    use: Callable[[HistoryService, RunLog, Clock], Awaitable[T]],
    *,
    keep_days: int = 0,
    keep_megabytes: int = 0,
) -> T:
    async def run() -> T:
        async with opened(folder) as database:
            log, clock = RunLog(database, OWNER), Clock()
            history = HistoryService(
                database,
                log,
                OWNER,
                Paths(folder, folder, folder),
                now_ms=clock,
            )
            settings = Settings(keep_days=keep_days, keep_megabytes=keep_megabytes)
            history.follow_settings(settings)
            try:
                return await use(history, log, clock)
            finally:
                await history.close()

    return asyncio.run(run())


async def ended(log: RunLog, nonce: str, at_ms: int, results: bytes = b"[]") -> str:
    run, _ = await log.add(order(nonce), at_ms, b"{}")
    await log.move(run.id, RunStatus.SUCCESS, at_ms=at_ms, results=results)
    return run.id


def test_a_deletion_is_announced_undone_and_later_carried_out(tmp_path: Path) -> None:
    async def use(history: HistoryService, log: RunLog, clock: Clock) -> None:
        heard: list[int] = []
        history.changed.subscribe(lambda runs: heard.append(len(runs)))
        ids = [await ended(log, f"{n}", clock.ms) for n in range(3)]
        await history.pin(ids[:1])
        deletion = await history.delete(ids)
        assert (deletion.runs, deletion.final_ms) == (3, clock.ms + UNDO_MS)
        assert await log.page(RunFilter()) == ()
        assert await history.undo(deletion)
        assert len(await log.page(RunFilter())) == 3
        assert heard == [1, 0, 0]

        cleared = await history.clear(RunFilter())
        assert (cleared.runs, cleared.kept) == (2, 1)
        clock.ms += UNDO_MS
        assert await history.purge() == 2
        assert not await history.undo(cleared)
        assert [run.id for run in await log.page(RunFilter())] == ids[:1]
        health = await history.health(full=True)
        assert (health.runs, health.deleted, health.problems) == (1, 0, ())

    with_history(tmp_path, use)


def test_what_an_earlier_process_deleted_is_carried_out_by_the_next(tmp_path: Path) -> None:
    async def delete(history: HistoryService, log: RunLog, clock: Clock) -> None:
        await history.delete([await ended(log, "1", clock.ms)])

    async def later(history: HistoryService, log: RunLog, clock: Clock) -> int:
        clock.ms += UNDO_MS
        return await history.tidy()

    with_history(tmp_path, delete)
    assert with_history(tmp_path, later) == 1


@pytest.mark.parametrize(("days", "kept"), [(0, 3), (30, 2), (5, 1)])
def test_runs_are_kept_for_as_long_as_the_settings_say(
    tmp_path: Path, days: int, kept: int
) -> None:
    async def use(history: HistoryService, log: RunLog, clock: Clock) -> None:
        for age in (1, 20, 60):
            await ended(log, f"{age}", clock.ms - age * DAY_MS)
        assert await history.tidy() == 3 - kept
        assert len(await log.page(RunFilter())) == kept

    with_history(tmp_path, use, keep_days=days)


def test_a_log_is_kept_as_small_as_the_settings_say(tmp_path: Path) -> None:
    import random

    chance = random.Random(5)

    async def use(history: HistoryService, log: RunLog, clock: Clock) -> None:
        for number in range(120):
            noise = b'"%s"' % chance.randbytes(10_000).hex().encode()
            await ended(log, f"{number}", clock.ms + number, noise)
        assert (await history.health()).size > 1_500_000
        await history.tidy()
        # The tables that have nothing to do with runs do not count.
        assert (await history.health()).size <= 1_300_000
        left = await log.page(RunFilter(), None, 200)
        assert 20 < len(left) < 100
        assert left[0].created_ms == clock.ms + 119, "the oldest go first"

    with_history(tmp_path, use, keep_megabytes=1)


def test_names_of_filters_and_labels_are_checked(tmp_path: Path) -> None:
    async def use(history: HistoryService, log: RunLog, clock: Clock) -> None:
        run = await ended(log, "1", clock.ms)
        await history.label([run], [" two \n words "])
        assert (await history.occurring()).labels == ("two words",)
        saved = await history.save_filter("sandbox", "  Mine ", RunFilter(label="two words"))
        assert await history.filters("sandbox") == (saved,)
        for bad in ("", "x" * 99):
            with pytest.raises(InvalidInput):
                await history.label([run], [bad])
            with pytest.raises(InvalidInput):
                await history.save_filter("sandbox", bad, RunFilter())
        await history.delete_filter("sandbox", "Mine")
        assert await history.filters("sandbox") == ()

    with_history(tmp_path, use)

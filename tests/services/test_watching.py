"""Polls on a clock that the test turns: how often, how long, and what ends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from tests.services.desk import PROFILE, Desk, at_once, desk, order, told, waiting
from tests.services.script_server import (
    Behaviour,
    Reply,
    Script,
    ended,
    errors,
    reply_bytes,
    scripted,
    sends,
    still,
)
from zapdesk.api.transport import Admission
from zapdesk.broadcast import Broadcast
from zapdesk.domain.facts import RETENTION_MS
from zapdesk.domain.outlook import WaitsFor
from zapdesk.domain.runs import ActionRun, RunRecord, RunStatus
from zapdesk.services.watching import RunsChange, Watcher

NOW_MS = 1_800_000_000_000
DAY_S = 24 * 3600.0


@dataclass(slots=True)
class Clock:
    """Time that passes only while somebody waits."""

    now: float = 0.0
    looks: list[float] = field(default_factory=list)

    async def pause(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    @property
    def waits(self) -> list[float]:
        """The time before each look."""
        return [later - earlier for earlier, later in pairwise([0.0, *self.looks])]

    def now_ms(self) -> int:
        return NOW_MS + int(self.now * 1000)


@dataclass(slots=True)
class Stand:
    """A watcher over a real store and a scripted server, on a clock of its own."""

    made: Desk
    script: Script
    watcher: Watcher
    clock: Clock
    changes: list[RunsChange]

    async def run(self, accepted_ms: int = NOW_MS) -> ActionRun:
        return await waiting(self.made, order(), "run-1", accepted_ms)

    async def watched(self, run: ActionRun) -> RunRecord:
        """Watch ``run`` until nothing more happens."""
        self.watcher.watch(run)
        async with asyncio.timeout(20):
            while self.watcher.next_poll_s(run.id) is not None:
                await asyncio.sleep(0.005)
        await self.watcher.evidence.flush()
        return await self.made.record(run.id)


@asynccontextmanager
async def stand(home: Path, *polls: Reply | Behaviour) -> AsyncIterator[Stand]:
    clock = Clock()

    async def admit(_: Admission) -> None:
        clock.looks.append(clock.now)

    async with (
        scripted(on_poll=list(polls)) as script,
        desk(home, script.url, pause=at_once, admit=admit) as made,
    ):
        changed = Broadcast[RunsChange]()
        changes: list[RunsChange] = []
        changed.subscribe(changes.append)
        watcher = Watcher(
            PROFILE,
            made.client,
            made.log,
            changed,
            elsewhere=made.database.changed_elsewhere,
            living=lambda: {made.owner.id},
            clock=lambda: clock.now,
            now_ms=clock.now_ms,
            pause=clock.pause,
        )
        try:
            yield Stand(made, script, watcher, clock, changes)
        finally:
            await watcher.close()


def test_polls_come_after_1_2_3_5_8_13_20_30_60_and_then_every_60_seconds(tmp_path: Path) -> None:
    async def scenario() -> list[float]:
        async with stand(tmp_path, *[still()] * 14, ended([1])) as s:
            record = await s.watched(await s.run())
            assert record.run.status is RunStatus.SUCCESS
            return s.clock.waits

    waits = asyncio.run(scenario())
    wanted = [1, 2, 3, 5, 8, 13, 20, 30, 60, 60, 60, 60, 60, 60, 60]
    assert len(waits) == len(wanted)
    assert all(0.8 * w <= got <= 1.2 * w + 0.01 for w, got in zip(wanted, waits, strict=True))
    assert len({round(got / w, 6) for w, got in zip(wanted, waits, strict=True)}) > 5  # jitter


def test_404_in_the_first_minute_means_not_yet(tmp_path: Path) -> None:
    async def scenario() -> None:
        gone = (404, errors("not_found", "No such run."))
        async with stand(tmp_path, gone, gone, gone, ended([1])) as s:
            record = await s.watched(await s.run())
            assert record.run.status is RunStatus.SUCCESS
            assert len(s.script.polls) == 4

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [404, 410])
def test_404_after_a_minute_means_that_the_run_is_lost(tmp_path: Path, status: int) -> None:
    async def scenario() -> None:
        gone = (status, errors("not_found", "No such run."))
        async with stand(tmp_path, *[still()] * 9, gone) as s:
            record = await s.watched(await s.run())
            assert record.run.status is RunStatus.LOST
            assert len(s.script.polls) == 10
            assert "Look in Some App whether it happened" in told(record)

    asyncio.run(scenario())


def test_server_errors_for_an_hour_do_not_end_the_watch(tmp_path: Path) -> None:
    async def scenario() -> None:
        broken = (500, errors("error", "Broken."))
        page = sends(reply_bytes(502, b"<html>Bad gateway</html>"))
        trouble: list[Reply | Behaviour] = [broken, page]
        async with stand(tmp_path, *trouble * 90, ended([1])) as s:
            record = await s.watched(await s.run())
            assert s.clock.now > 3000
            assert len(s.script.polls) < s.clock.now / 15 + 5  # and are not answered by a storm
            assert record.run.status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_unknown_status_is_waiting_and_its_word_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stand(tmp_path, still("percolating"), still("percolating"), ended([1])) as s:
            run = await s.run()
            record = await s.watched(run)
            words = [c.run.server_status for c in s.changes if c.run]
            assert words[0] == "percolating"
            assert [e.text for e in record.events].count("Zapier says: percolating.") == 1
            assert record.run.status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_ended_run_never_goes_back_to_waiting(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stand(tmp_path, ended([1]), still("waiting")) as s:
            run = await s.run()
            await s.watched(run)
            record = await s.watched(run)  # an old look at it, taken up again
            assert record.run.status is RunStatus.SUCCESS
            assert record.results == b"[1]"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("40", 40, 41), ("2", 2, 3), ("-1", 60, 61), ("inf", 60, 61), ("1e999", 60, 61),
     ("http://example.com", 60, 61), ("315360000", 60, 61), ("", 60, 61)],
)  # fmt: skip
def test_retry_after_is_obeyed_where_it_makes_sense(
    tmp_path: Path, header: str, low: float, high: float
) -> None:
    async def scenario() -> None:
        busy = sends(reply_bytes(429, b"{}", f"Retry-After: {header}"))
        async with stand(tmp_path, busy, ended([1])) as s:
            record = await s.watched(await s.run())
            assert record.run.status is RunStatus.SUCCESS
            assert low - 0.01 <= s.clock.waits[1] <= max(high, 2 * 1.2) + 0.1

    asyncio.run(scenario())


def test_waiting_for_seven_days_is_lost_after_one_last_look(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stand(tmp_path, still()) as s:
            record = await s.watched(await s.run(NOW_MS - RETENTION_MS + 5_000))
            assert record.run.status is RunStatus.LOST
            assert len(s.script.polls) == 2

    asyncio.run(scenario())


def test_clock_that_jumped_eight_days_does_not_lose_a_run_that_ended(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stand(tmp_path, ended([1])) as s:
            record = await s.watched(await s.run(NOW_MS - 8 * 24 * 3600 * 1000))
            assert record.run.status is RunStatus.SUCCESS

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [401, 403])
def test_poll_that_is_refused_ends_the_watch_and_not_the_run(tmp_path: Path, status: int) -> None:
    async def scenario() -> None:
        refusal = (status, errors("not_authenticated", "Who are you?"))
        async with stand(tmp_path, refusal) as s:
            run = await s.run()
            record = await s.watched(run)
            assert record.run.status is RunStatus.WAITING
            assert run.id in s.watcher.given_up
            outlook = s.watcher.outlook(run)
            assert outlook is not None
            assert outlook.waits_for is WaitsFor.NOBODY
            assert "The run itself goes on." in outlook.sentence("Zapier")
            # Whoever waits for its end is told at once, not after the time it would wait.
            async with asyncio.timeout(2):
                still_waiting = await s.watcher.wait(run.id, 600)
            assert still_waiting.status is RunStatus.WAITING

    asyncio.run(scenario())


def test_poll_that_is_refused_for_another_reason_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        odd = (400, errors("odd", "A gateway had a bad day."))
        async with stand(tmp_path, odd, ended([1])) as s:
            record = await s.watched(await s.run())
            assert record.run.status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_answers_that_cannot_be_read_do_not_end_the_watch(tmp_path: Path) -> None:
    bodies = [b"", b"{}", b"[]", b"null", b'{"data":{"status":7}}', b"\xff\xfe", b"[" * 99_999,
              b"<html>Sign in</html>", b'{"data":{"type":"run"}}']  # fmt: skip

    async def scenario() -> None:
        replies = [sends(reply_bytes(200, body)) for body in bodies]
        async with stand(tmp_path, *replies, ended([1])) as s:
            record = await s.watched(await s.run())
            assert record.run.status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_errors_of_an_ended_run_reach_its_row(tmp_path: Path) -> None:
    async def scenario() -> None:
        error = {"code": "throttled", "title": "Slow down", "detail": "5 a minute.", "delay": 45}
        async with stand(tmp_path, ended([], "error", [error, {}])) as s:
            record = await s.watched(await s.run())
            assert record.run.status is RunStatus.ERROR
            assert record.run.headline == "5 a minute."
            assert record.errors[0].delay_s == 45
            assert told(record).startswith("5 a minute.")

    asyncio.run(scenario())


def test_stopping_to_watch_leaves_the_run_waiting(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stand(tmp_path, still()) as s:
            run = await s.run()
            s.watcher.watch(run)
            s.watcher.watch(run)  # asking twice is asking once
            await asyncio.sleep(0.05)
            s.watcher.stop(run.id)
            await asyncio.sleep(0.05)
            assert s.watcher.next_poll_s(run.id) is None
            assert (await s.made.record(run.id)).run.status is RunStatus.WAITING

    asyncio.run(scenario())

"""Deleting: out of sight at once, back for ten seconds, then gone from the disk."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tests.storage.making import OWNER, opened, order, plain, with_log
from zapdesk.domain.history import UNDO_MS
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.storage.annotations import Annotations
from zapdesk.storage.deletions import Deletions

if TYPE_CHECKING:
    from pathlib import Path

    from zapdesk.storage.database import Database
    from zapdesk.storage.run_log import RunLog

NOW = 1_000_000


async def ended(log: RunLog, nonce: str, body: bytes = b"{}", at_ms: int = 1) -> str:
    run, _ = await log.add(order(nonce), at_ms, body)
    await log.move(run.id, RunStatus.SUCCESS, at_ms=at_ms, results=body)
    return run.id


async def purged(deletions: Deletions, now_ms: int) -> int:
    gone = 0
    while removed := await deletions.purge(now_ms):
        gone += removed
    return gone


def test_deleted_runs_are_out_of_sight_and_come_back(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        deletions = Deletions(database)
        ids = [await ended(log, f"{n}", b'{"word":"apple"}') for n in range(4)]
        waiting, _ = await log.add(order("open"), 1, b"{}")
        deletion = await deletions.delete([*ids[:2], waiting.id, "nobody"], NOW)
        assert (deletion.runs, deletion.kept, deletion.final_ms) == (2, 1, NOW + UNDO_MS)
        assert {r.id for r in await log.page(RunFilter())} == {*ids[2:], waiting.id}
        assert len(await log.page(RunFilter(text="apple"))) == 2
        assert (await log.counts(RunFilter()))[RunStatus.SUCCESS] == 2
        assert (await log.counts(RunFilter(text="apple")))[RunStatus.SUCCESS] == 2
        assert await log.get(ids[0]) is None
        assert await log.record(ids[0]) is None
        # The same press of Run is still the same run: nothing is sent again.
        assert not (await log.add(order("0"), 9, b"{}"))[1]
        assert (await deletions.delete([ids[0]], NOW)).runs == 0
        assert await purged(deletions, NOW + UNDO_MS - 1) == 0
        assert await deletions.undo(deletion.number)
        assert not await deletions.undo(deletion.number)
        assert len(await log.page(RunFilter())) == 5
        assert len(await log.page(RunFilter(text="apple"))) == 4

    with_log(tmp_path, use)


def test_after_the_time_to_undo_they_are_gone(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        deletions = Deletions(database)
        ids = [await ended(log, f"{n}") for n in range(500)]
        await Annotations(database, OWNER).label(ids[:3], ["mine"])
        deletion = await deletions.delete(ids[:450], NOW)
        assert await purged(deletions, NOW + UNDO_MS) == 450
        assert not await deletions.undo(deletion.number)
        assert len(await log.page(RunFilter(), None, 999)) == 50
        tables = ("runs", "run_bodies", "run_events", "run_labels", "deletions", "deleted_runs")
        counts = await database.read(
            lambda c: [c.execute(f"SELECT count(*) FROM {table}").get for table in tables]
        )
        assert counts == [50, 50, 100, 0, 0, 0]

    with_log(tmp_path, use)


def test_a_clock_that_was_set_back_keeps_nothing_for_ever(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        deletions = Deletions(database)
        await deletions.delete([await ended(log, "1")], NOW)
        assert await purged(deletions, NOW - 5_000_000) == 1

    with_log(tmp_path, use)


def test_clearing_keeps_pinned_known_good_and_open_runs(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        deletions, marks = Deletions(database), Annotations(database, OWNER)
        pinned, good, plain_one = [await ended(log, n) for n in ("p", "g", "x")]
        other, _ = await log.add(order("other", "zapier"), 1, b"{}")
        await log.move(other.id, RunStatus.NOT_SENT, at_ms=2)
        await log.add(order("open"), 1, b"{}")
        await marks.pin([pinned], True)
        await marks.set_baseline(good, True)
        deletion = await deletions.clear(RunFilter("sandbox"), NOW)
        assert (deletion.runs, deletion.kept) == (1, 3)
        assert await log.get(plain_one) is None
        assert await log.get(other.id) is not None
        assert (await deletions.clear(RunFilter("sandbox", text="nothing !"), NOW)).runs == 0
        assert (await deletions.clear(RunFilter("", text="!!!"), NOW)).number == 0
        assert (await deletions.clear(RunFilter("zapier", text="tab"), NOW)).runs == 1

    with_log(tmp_path, use)


def test_a_deleted_run_leaves_no_trace_on_the_disk(tmp_path: Path) -> None:
    secret, beside = b"canaryzebra", b"neighbourhood"

    async def use(database: Database, log: RunLog) -> None:
        deletions = Deletions(database)
        for number in range(120):
            await ended(log, f"{number}", b'{"text":"%s %d"}' % (beside, number))
        body = b'{"text":"%s"}' % secret
        doomed = [await ended(log, f"c{n}", body) for n in range(3)]
        await Annotations(database, OWNER).write_note(doomed[0], secret.decode())
        await deletions.delete(doomed, NOW)
        assert await purged(deletions, NOW + UNDO_MS) == 3
        while await deletions.scrub():
            pass
        assert await deletions.settle()
        for path in tmp_path.glob("zapdesk.db*"):
            assert secret not in path.read_bytes(), path
        assert len(await log.page(RunFilter(text="neighb"), None, 200)) == 120

    with_log(tmp_path, use)
    assert beside in (tmp_path / "zapdesk.db").read_bytes()
    assert plain(tmp_path / "zapdesk.db", "PRAGMA integrity_check") == [("ok",)]


def test_retention_drops_old_ended_runs_that_nobody_marked(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        deletions, marks = Deletions(database), Annotations(database, OWNER)
        old = [await ended(log, f"o{n}", at_ms=100) for n in range(3)]
        unknown, _ = await log.add(order("u"), 100, b"{}")
        await log.move(unknown.id, RunStatus.UNKNOWN, at_ms=101)
        await marks.pin(old[:1], True)
        new = await ended(log, "new", at_ms=900)
        assert await deletions.expire(500) == 2
        assert await purged(deletions, NOW) == 2
        assert {r.id for r in await log.page(RunFilter())} == {old[0], unknown.id, new}

    with_log(tmp_path, use)


def test_retention_by_size_does_not_count_what_is_no_run(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        await ended(log, "1")
        sql = "INSERT INTO answers VALUES (?, 'sandbox', 'choices', ?, 1, zeroblob(900000))"
        await database.write(lambda c: c.executemany(sql, [(n, str(n)) for n in range(5)]))
        assert await Deletions(database).expire_above(1_000_000) == 0
        assert await Deletions(database).expire_above(10) == 1

    with_log(tmp_path, use)


def test_retention_by_size_drops_the_oldest(tmp_path: Path) -> None:
    async def fill(database: Database, log: RunLog) -> None:
        chance = random.Random(4)
        for number in range(200):
            noise = b'["%s"]' % chance.randbytes(6_000).hex().encode()
            await ended(log, f"{number}", noise, at_ms=number)

    async def shrink() -> None:
        async with opened(tmp_path) as database:
            deletions = Deletions(database)
            size = (tmp_path / "zapdesk.db").stat().st_size
            while await deletions.expire_above(size // 2):
                await purged(deletions, NOW)
                while await deletions.scrub():
                    pass
            oldest, count = await database.read(
                lambda c: next(c.execute("SELECT min(created_ms), count(*) FROM runs"))
            )
            assert 60 < count < 140
            assert oldest == 200 - count
            await deletions.settle()
            assert (tmp_path / "zapdesk.db").stat().st_size <= size * 0.55

    with_log(tmp_path, fill)
    asyncio.run(shrink())

"""What dead processes leave behind, and what living ones keep."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.conftest import ReportFigure
from tests.services.desk import Desk, desk, order, told, wording
from tests.services.script_server import ended, scripted, still
from zapdesk.domain.runs import ActionRun, RunFilter, RunStatus
from zapdesk.services import polling, watching
from zapdesk.services import runs as run_engine
from zapdesk.storage.owners import Owner
from zapdesk.storage.run_log import RunLog


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))
    monkeypatch.setattr(watching, "_LOOK_ELSEWHERE_S", 0.05)
    monkeypatch.setattr(watching, "_TAKE_OVER_S", 0.1)
    monkeypatch.setattr(run_engine, "_TAKE_OVER_S", 0.1)


async def _left_by(owner: Owner, made: Desk, *, is_waiting: bool) -> ActionRun:
    """A row as another process with that owner would have left it."""
    log = RunLog(made.database, owner.id)
    sent = order()
    run, _ = await log.add(sent, watching.now_ms(), json.dumps(dict(sent.inputs)).encode())
    if is_waiting:
        moved = await log.move(
            run.id, RunStatus.WAITING, at_ms=watching.now_ms(), run_id="run-9",
            accepted_ms=watching.now_ms(),
        )  # fmt: skip
        assert moved is not None
        run = moved
    return run


def test_start_calls_a_dead_process_send_unknown_and_watches_what_it_left(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_poll=[ended([1])]) as script, desk(tmp_path, script.url) as made:
            dead = Owner.acquire(tmp_path / "owners")
            sending = await _left_by(dead, made, is_waiting=False)
            left = await _left_by(dead, made, is_waiting=True)
            dead.release()
            await made.runs.recover()
            record = await made.record(sending.id)
            assert record.run.status is RunStatus.UNKNOWN
            assert "it may have run, or not" in told(record)
            assert wording(record).hint == "Look in Some App before you send it again."
            assert (await made.runs.wait(left.id, 5)).status is RunStatus.SUCCESS
            assert script.posts == []

    asyncio.run(scenario())


def test_rows_of_living_processes_are_left_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            alive = Owner.acquire(tmp_path / "owners")
            sending = await _left_by(alive, made, is_waiting=False)
            left = await _left_by(alive, made, is_waiting=True)
            await made.runs.recover()
            await asyncio.sleep(0.2)
            assert (await made.record(sending.id)).run.status is RunStatus.SUBMITTING
            assert (await made.record(left.id)).run.status is RunStatus.WAITING
            assert script.polls == []
            alive.release()

    asyncio.run(scenario())


def test_death_of_another_process_is_noticed_without_any_further_write(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            other = Owner.acquire(tmp_path / "owners")
            left = await _left_by(other, made, is_waiting=True)
            made.runs.start_housekeeping()
            await asyncio.sleep(0.4)
            assert script.polls == []
            other.release()
            assert (await made.runs.wait(left.id, 5)).status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_following_takes_over_one_run_and_leaves_the_others(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            other = Owner.acquire(tmp_path / "owners")
            mine = await _left_by(other, made, is_waiting=True)
            theirs = await _left_by(other, made, is_waiting=True)

            async def dies() -> None:
                await asyncio.sleep(0.3)
                other.release()

            followed, _ = await asyncio.gather(made.runs.follow(mine.id, 5), dies())
            assert followed.status is RunStatus.SUCCESS
            assert not (await made.record(theirs.id)).run.is_mine

    asyncio.run(scenario())


def test_two_processes_on_one_log_see_one_truth_and_poll_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            scripted(on_poll=[still(), still(), ended([1])]) as script,
            desk(tmp_path, script.url) as one,
            desk(tmp_path, script.url) as two,
        ):
            reloads: list[None] = []
            two.runs.changed.subscribe(lambda change: reloads.append(None))
            two.runs.start_housekeeping()
            record = await one.ended(order())
            assert record.run.status is RunStatus.SUCCESS
            assert (await two.runs.wait(record.run.id, 5)).status is RunStatus.SUCCESS
            while not reloads:
                await asyncio.sleep(0.02)
            assert len(script.polls) == 3
            assert len(await two.runs.page(RunFilter())) == 1

    asyncio.run(scenario())


def test_thousand_waiting_runs_are_watched_within_five_seconds(
    tmp_path: Path, report_figure: ReportFigure
) -> None:
    async def scenario() -> float:
        async with scripted(on_poll=[still()]) as script, desk(tmp_path, script.url) as made:
            dead = Owner.acquire(tmp_path / "owners")
            log = RunLog(made.database, dead.id)
            for _ in range(1000):
                sent = order()
                run, _ = await log.add(sent, watching.now_ms(), b"{}")
                await log.move(run.id, RunStatus.WAITING, at_ms=1, run_id="r", accepted_ms=1)
            dead.release()
            loop = asyncio.get_running_loop()
            before = loop.time()
            await made.runs.recover()
            took = loop.time() - before
            for run in await made.runs.page(RunFilter(), None, 1000):
                assert run.status is not RunStatus.WAITING or made.runs.outlook(run) is not None
            assert len(made.runs._watcher._queue.ids) == 1000
            return took

    took = asyncio.run(scenario())
    report_figure("1,000 waiting runs taken up after a start", took * 1000, "ms")
    assert took < 5

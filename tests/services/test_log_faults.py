"""A log that stops taking writes while runs are under way. What the server said is not lost while
the program lives, nothing new is sent, and reading goes on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.api.fault_server import Wire
from tests.conftest import ExpectLog
from tests.services.desk import Desk, desk, order
from tests.services.full_disk import disk_that_takes_nothing
from tests.services.script_server import Behaviour, accepted, ended, reply_bytes, scripted
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import ActionRun, RunFilter, RunStatus
from zapdesk.errors import StorageUnusable
from zapdesk.services import evidence, polling, runs, sending
from zapdesk.services.evidence import Evidence


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))
    monkeypatch.setattr(sending, "SAVE_AGAIN_S", 0.05)
    monkeypatch.setattr(runs, "_TRY_AGAIN_S", 0.05)


async def begun(made: Desk) -> ActionRun:
    return await made.runs.start(order())


def accepts_as(run_id: str, before_answer: asyncio.Event, may_answer: asyncio.Event) -> Behaviour:
    """The POST has come; the answer waits until the test has broken the disk."""

    async def behave(wire: Wire) -> None:
        before_answer.set()
        await may_answer.wait()
        body = b'{"data": {"type": "run", "id": "%s"}}' % run_id.encode()
        await wire.send(reply_bytes(200, body))

    return behave


def test_disk_full_between_the_post_and_storing_the_id_loses_no_id(
    tmp_path: Path, expected_log: ExpectLog
) -> None:
    expected_log("is waiting r-77; this is not saved", "zapdesk.services.sending")

    async def scenario() -> None:
        posted, may_answer = asyncio.Event(), asyncio.Event()
        async with (
            scripted(
                on_run=[accepts_as("r-77", posted, may_answer), accepted("r-78")],
                on_poll=[ended([1])],
            ) as script,
            desk(tmp_path, script.url) as made,
        ):
            run = await begun(made)
            await posted.wait()
            with disk_that_takes_nothing():
                may_answer.set()
                async with asyncio.timeout(5):
                    while made.runs.unsaved(run.id) is None:
                        await asyncio.sleep(0.01)
                unsaved = made.runs.unsaved(run.id)
                assert unsaved is not None
                assert (unsaved.run_id, unsaved.status) == ("r-77", RunStatus.WAITING)
                facts = made.runs.facts(run)
                assert (facts.sent.text, facts.saved.text) == ("accepted as r-77", "not yet")
                assert "zapdesk keeps trying" in facts.saved.tip
                # Nothing new is sent, and what is there can be read.
                assert made.runs.blocked
                with pytest.raises(StorageUnusable, match="Nothing was sent"):
                    await begun(made)
                found = await made.runs.page(RunFilter())
                assert [r.status for r in found] == [RunStatus.SUBMITTING]
            ended_run = await made.runs.wait(run.id, 10)
            assert (ended_run.status, ended_run.run_id) == (RunStatus.SUCCESS, "r-77")
            assert made.runs.unsaved(run.id) is None
            assert len(script.posts) == 1
            await made.runs.flush()
            kept = await made.runs.exchanges(run.id)
            assert [e.method for e in kept] == ["GET", "POST", "GET"]  # the evidence too
            # There is room again: so there is for the next one.
            assert (await made.ended(order())).run.status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_disk_full_before_sending_sends_nothing_until_there_is_room(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_poll=[ended([1])]) as script, desk(tmp_path, script.url) as made:
            made.runs.start_housekeeping()
            with disk_that_takes_nothing():
                with pytest.raises(StorageUnusable):
                    await begun(made)
                assert made.runs.blocked
                await asyncio.sleep(0.2)
                assert made.runs.blocked
            assert script.posts == []
            async with asyncio.timeout(5):
                while made.runs.blocked:  # noticed without anybody asking to send
                    await asyncio.sleep(0.01)
            assert (await made.ended(order())).run.status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_disk_full_while_a_run_ends_brings_its_result_once_there_is_room(tmp_path: Path) -> None:
    async def scenario() -> None:
        asked = asyncio.Event()

        async def end(wire: Wire) -> None:
            asked.set()
            body = b'{"data": {"status": "success", "results": [1], "errors": []}}'
            await wire.send(reply_bytes(200, body))

        async with scripted(on_poll=[end]) as script, desk(tmp_path, script.url) as made:
            run = await begun(made)
            async with asyncio.timeout(5):
                while (await made.runs.wait_until_sent(run.id)).status is not RunStatus.WAITING:
                    await asyncio.sleep(0.005)
            with disk_that_takes_nothing():
                asked.clear()
                try:
                    async with asyncio.timeout(5):
                        await asked.wait()
                except TimeoutError:
                    pass  # it had ended before the disk was full
                await asyncio.sleep(0.05)
            ended_run = await made.runs.wait(run.id, 10)
            assert ended_run.status is RunStatus.SUCCESS
            assert (await made.record(run.id)).results == b"[1]"

    asyncio.run(scenario())


def test_log_that_may_only_be_read_disables_sending_with_the_reason(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            scripted() as script,
            desk(tmp_path, script.url, blocked=lambda: "The folder is read-only.") as made,
        ):
            with pytest.raises(StorageUnusable, match="The folder is read-only"):
                await begun(made)
            assert script.posts == []
            assert await made.runs.page(RunFilter()) == ()

    asyncio.run(scenario())


def test_disk_that_is_slow_at_closing_loses_no_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "_AT_CLOSE_S", 0.05)

    async def scenario() -> None:
        async with scripted(on_poll=[ended([1])]) as script, desk(tmp_path, script.url) as made:
            run = await begun(made)
            await made.runs.wait(run.id, 10)
            await made.runs.flush()
            before = len(await made.runs.exchanges(run.id))
            slow = asyncio.ensure_future(made.database.write(lambda _: time.sleep(0.4)))
            await asyncio.sleep(0)
            kept = Evidence(made.log)
            for number in range(3):
                kept.keep(run.id, Exchange("run", "POST", f"https://example.com/{number}"))
            await asyncio.sleep(0)
            await kept.close()
            assert not slow.done()
            await slow
            await made.database.write(lambda _: None)  # nothing that was handed over is left
            found = await made.runs.exchanges(run.id)
            assert [exchange.url[-1] for exchange in found[before:]] == ["0", "1", "2"]

    asyncio.run(scenario())


def test_disk_still_full_at_closing_is_told_of(
    tmp_path: Path, expected_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_log("some exchanges could not be saved before closing")
    monkeypatch.setattr(evidence, "_AT_CLOSE_S", 0.05)

    async def scenario() -> None:
        async with scripted(on_poll=[ended([1])]) as script, desk(tmp_path, script.url) as made:
            run = await begun(made)
            await made.runs.wait(run.id, 10)
            await made.runs.flush()
            kept = Evidence(made.log)
            with disk_that_takes_nothing():
                kept.keep(run.id, Exchange("run", "POST", "https://example.com/"))
                await kept.close()

    asyncio.run(scenario())

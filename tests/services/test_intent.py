"""The intent: written down before anything is sent, once for each press, whatever happens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.api.fault_server import Wire, hangs
from tests.conftest import ExpectLog
from tests.services.desk import Desk, desk, order, told, wording
from tests.services.script_server import errors, scripted
from tests.storage.making import plain
from zapdesk.domain.runs import RunFilter, RunKind, RunStatus
from zapdesk.errors import InvalidInput, StorageUnusable
from zapdesk.services import polling, sending


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))
    monkeypatch.setattr(sending, "SAVE_AGAIN_S", 0.02)


async def _all(made: Desk) -> list[RunStatus]:
    return [run.status for run in await made.runs.page(RunFilter())]


def test_fifty_presses_at_once_with_one_nonce_are_one_run_and_one_post(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            press = order(nonce="the same press")
            started = await asyncio.gather(*(made.runs.start(press) for _ in range(50)))
            assert len({run.id for run in started}) == 1
            await made.runs.wait(started[0].id, 5)
            again = await made.runs.start(press)
            assert again.id == started[0].id
            assert await _all(made) == [RunStatus.SUCCESS]
            assert len(script.posts) == 1

    asyncio.run(scenario())


def test_row_is_on_the_disk_before_the_first_byte_of_the_post(tmp_path: Path) -> None:
    seen: list[str] = []

    async def look(wire: Wire) -> None:
        # By the library that the log uses: another one in this process would undo its locks.
        seen.extend(row[0] for row in plain(tmp_path / "zapdesk.db", "SELECT status FROM runs"))
        wire.reset()

    async def scenario() -> None:
        async with scripted(on_connect=look) as script, desk(tmp_path, script.url) as made:
            record = await made.ended(order())
            assert record.run.status is RunStatus.UNKNOWN

    asyncio.run(scenario())
    assert seen == ["submitting"]


def test_log_that_cannot_be_written_lets_nothing_be_sent(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script:
            async with desk(tmp_path, script.url, blocked=lambda: "The disk is full.") as made:
                with pytest.raises(StorageUnusable) as caught:
                    await made.runs.start(order())
                assert "Nothing was sent" in str(caught.value)
                assert "The disk is full." in str(caught.value)
            assert script.asked == []

    asyncio.run(scenario())


def test_write_of_the_intent_that_fails_lets_nothing_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:

            async def fails(*_: object) -> None:
                raise StorageUnusable("The log cannot be written: the disk is full.")

            monkeypatch.setattr(made.database, "write", fails)
            with pytest.raises(StorageUnusable, match="disk is full"):
                await made.runs.start(order())
            assert script.asked == []

    asyncio.run(scenario())


def test_inputs_that_are_no_json_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            with pytest.raises(InvalidInput, match="not a JSON number"):
                await made.runs.start(order(inputs={"n": float("nan")}))
            assert await _all(made) == []
            assert script.asked == []

    asyncio.run(scenario())


def test_password_is_sent_and_never_written_down(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            inputs = {"user": "ada", "password": "s3cret-canary-91"}
            record = await made.ended(order(inputs=inputs, secret_ids=frozenset({"password"})))
            assert b'"$hidden"' in record.inputs
            assert "s3cret-canary-91" in script.posts[0].body.decode()
            for exchange in await made.runs.exchanges(record.run.id):
                assert b"s3cret-canary-91" not in exchange.request_body
        for file in tmp_path.iterdir():
            if file.is_file():
                assert b"s3cret-canary-91" not in file.read_bytes(), file.name

    asyncio.run(scenario())


def test_id_that_cannot_be_stored_for_a_moment_is_stored_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_log: ExpectLog
) -> None:
    expected_log(r"run \w+ is waiting run-1; this is not saved", "zapdesk.services.sending")

    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            real, failures = made.log.move, [3]

            async def move(id: str, status: RunStatus, **facts: object) -> object:
                if status is RunStatus.WAITING and failures[0]:
                    failures[0] -= 1
                    raise StorageUnusable("The log cannot be written: the disk is full.")
                return await real(id, status, **facts)  # type: ignore[arg-type]  # handed on

            monkeypatch.setattr(made.log, "move", move)
            record = await made.ended(order())
            assert (record.run.status, record.run.run_id) == (RunStatus.SUCCESS, "run-1")
            assert len(script.posts) == 1

    asyncio.run(scenario())


def test_quit_while_the_answer_is_awaited_is_unknown_within_two_seconds(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_run=[hangs]) as script, desk(tmp_path, script.url) as made:
            run = await made.runs.start(order())
            while not script.posts:
                await asyncio.sleep(0.01)
            async with asyncio.timeout(2):
                await made.runs.close()
            record = await made.record(run.id)
            assert record.run.status is RunStatus.UNKNOWN
            assert "closed before an answer came" in told(record)
            assert record.run.sent_ms is not None

    asyncio.run(scenario())


def test_quit_before_the_post_is_not_sent(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_actions=[hangs]) as script, desk(tmp_path, script.url) as made:
            run = await made.runs.start(order())
            while not script.asked:
                await asyncio.sleep(0.01)
            await made.runs.close()
            record = await made.record(run.id)
            assert record.run.status is RunStatus.NOT_SENT
            assert "before anything was sent" in told(record)
            assert script.posts == []

    asyncio.run(scenario())


def test_quit_in_the_moment_of_pressing_leaves_no_row_that_claims_to_be_sending(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            press = asyncio.ensure_future(made.runs.start(order()))
            await asyncio.sleep(0)  # begun, and not yet written
            await made.runs.close()
            run = await press
            assert (await made.record(run.id)).run.status is RunStatus.NOT_SENT
            assert script.asked == []

    asyncio.run(scenario())


def test_quit_with_a_log_that_cannot_be_written_still_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_log: ExpectLog
) -> None:
    expected_log(r"is unknown; this is not saved")

    async def scenario() -> None:
        async with scripted(on_run=[hangs]) as script, desk(tmp_path, script.url) as made:
            await made.runs.start(order())
            while not script.posts:
                await asyncio.sleep(0.01)

            async def fails(*_: object, **__: object) -> None:
                raise StorageUnusable("The log cannot be written: the disk is full.")

            monkeypatch.setattr(made.log, "move", fails)
            async with asyncio.timeout(2):
                await made.runs.close()

    asyncio.run(scenario())


def test_caller_that_goes_away_does_not_stop_a_send(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            press = asyncio.ensure_future(made.runs.start(order()))
            await asyncio.sleep(0)
            press.cancel()
            while not await _all(made):
                await asyncio.sleep(0.01)
            (run,) = await made.runs.page(RunFilter())
            ended = await made.runs.wait(run.id, 5)
            assert ended.status is RunStatus.SUCCESS
            assert len(script.posts) == 1

    asyncio.run(scenario())


def test_expired_connection_is_found_before_anything_is_sent(tmp_path: Path) -> None:
    async def scenario() -> None:
        expired = {"id": "c1", "app": "app-1", "title": "Ada's account", "is_expired": True}
        async with (
            scripted(authentications=[expired]) as script,
            desk(tmp_path, script.url) as made,
        ):
            record = await made.ended(order(authentication_id="c1"))
            assert record.run.status is RunStatus.NOT_SENT
            assert "'Ada's account' has expired" in told(record)
            assert "Reconnect it" in told(record)
            assert script.posts == []

    asyncio.run(scenario())


def test_action_that_is_gone_is_not_guessed(tmp_path: Path) -> None:
    async def scenario() -> None:
        other = {"id": "9", "key": "other", "action_type": "WRITE", "title": "Do It"}
        async with (
            scripted(on_actions=[(200, {"data": [other]})]) as script,
            desk(tmp_path, script.url) as made,
        ):
            record = await made.ended(order())
            assert record.run.status is RunStatus.NOT_SENT
            assert "no longer has the action 'act'" in told(record)
            assert script.posts == []

    asyncio.run(scenario())


def test_each_of_many_runs_uses_an_action_id_of_its_own(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            await asyncio.gather(*(made.ended(order()) for _ in range(12)))
            assert await _all(made) == [RunStatus.SUCCESS] * 12
            assert len(set(script.action_ids())) == len(script.posts) == 12

    asyncio.run(scenario())


def test_test_that_fails_for_the_server_is_refused_and_not_an_error(tmp_path: Path) -> None:
    async def scenario() -> None:
        refusal = (403, errors("permission_denied", "You may not."))
        async with scripted(on_test=[refusal]) as script, desk(tmp_path, script.url) as made:
            record = await made.ended(order(kind=RunKind.TEST))
            assert record.run.status is RunStatus.REFUSED
            assert "You may not." in told(record)
            assert wording(record).side == "your access"

    asyncio.run(scenario())

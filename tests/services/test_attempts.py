"""What sending an order would repeat, asked of the service before it is sent."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from tests.services.desk import desk, order
from tests.services.script_server import accepted, ended, scripted, sends
from zapdesk.domain.attempts import InputChange
from zapdesk.domain.runs import RunStatus
from zapdesk.services import polling


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))


def test_same_body_within_ten_minutes_of_a_success_is_asked_about(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_poll=[ended([1])]) as script, desk(tmp_path, script.url) as made:
            assert await made.runs.earlier_attempt(order(inputs={"a": "1"})) is None
            first = await made.ended(order(inputs={"a": "1"}))
            earlier = await made.runs.earlier_attempt(order(inputs={"a": "1"}))
            assert earlier is not None
            assert earlier.run.id == first.run.id
            assert (earlier.changes, earlier.is_asked_for) == ((), False)
            assert await made.runs.earlier_attempt(order(inputs={"a": "2"})) is None
            search = order(inputs={"a": "1"}, action_type="SEARCH")
            await made.ended(search)
            assert await made.runs.earlier_attempt(dataclasses.replace(search, nonce="x")) is None

    asyncio.run(scenario())


def test_same_body_within_ten_minutes_of_an_unknown_is_asked_about(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            scripted(on_run=[sends(b"")]) as script,
            desk(tmp_path, script.url) as made,
        ):
            first = await made.ended(order(inputs={"a": "1"}))
            assert first.run.status is RunStatus.UNKNOWN
            earlier = await made.runs.earlier_attempt(order(inputs={"a": "1"}))
            assert earlier is not None
            assert "it is not known whether it ran" in earlier.sentence(first.run.created_ms)

    asyncio.run(scenario())


def test_password_that_differs_makes_no_difference_and_is_nowhere_kept(tmp_path: Path) -> None:
    secret = frozenset({"key"})

    async def scenario() -> None:
        async with scripted(on_poll=[ended([1])]) as script, desk(tmp_path, script.url) as made:
            await made.ended(order(inputs={"a": "1", "key": "hunter-one"}, secret_ids=secret))
            other = order(inputs={"a": "1", "key": "hunter-two"}, secret_ids=secret)
            earlier = await made.runs.earlier_attempt(other)
            assert earlier is not None
            again = dataclasses.replace(other, again_of=earlier.run.id)
            told = await made.runs.earlier_attempt(again)
            assert told is not None
            assert told.changes == ()
            assert "hunter" not in repr(told)

    asyncio.run(scenario())


def test_sending_again_is_a_new_linked_run_and_shows_what_differs(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            scripted(on_run=[accepted("r-1"), accepted("r-2")], on_poll=[ended([1])]) as script,
            desk(tmp_path, script.url) as made,
        ):
            first = await made.ended(order(inputs={"a": "1", "b": "2"}))
            second = dataclasses.replace(order(inputs={"a": "1", "b": "3"}), again_of=first.run.id)
            told = await made.runs.earlier_attempt(second)
            assert told is not None
            assert told.is_asked_for
            assert told.changes == (InputChange("b", '"2"', '"3"'),)
            record = await made.ended(second)
            assert record.run.again_of == first.run.id
            assert record.run.run_id != first.run.run_id
            assert [r.id for r in await made.runs.sent_again_as(first.run.id)] == [record.run.id]
            assert len(set(script.action_ids())) == 2  # each with a fresh action id

    asyncio.run(scenario())

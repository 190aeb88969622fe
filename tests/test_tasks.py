"""Tasks have an owner: none is lost, none outlives it, and each error is heard once."""

from __future__ import annotations

import asyncio

from tests.conftest import ExpectLog
from zapdesk.tasks import TaskOwner


async def _fail() -> None:
    raise RuntimeError("this one fails")


def test_an_error_is_heard_once_and_the_siblings_go_on() -> None:
    async def scenario() -> None:
        heard: list[BaseException] = []
        owner = TaskOwner(heard.append)
        done = asyncio.Event()

        async def sibling() -> None:
            await asyncio.sleep(0.01)
            done.set()

        owner.start(_fail())
        owner.start(sibling())
        await asyncio.wait_for(done.wait(), 5)
        await owner.close()
        assert [str(error) for error in heard] == ["this one fails"]

    asyncio.run(scenario())


def test_without_a_listener_an_error_is_logged(expected_log: ExpectLog) -> None:
    async def scenario() -> None:
        owner = TaskOwner()
        owner.start(_fail())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await owner.close()

    expected_log("a background task failed", "zapdesk.tasks")
    asyncio.run(scenario())


def test_closing_waits_for_what_a_cancelled_task_still_has_to_do() -> None:
    async def scenario() -> None:
        steps: list[str] = []

        async def careful() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0.01)
                steps.append("cleaned up")

        owner = TaskOwner()
        owner.start(careful())
        await asyncio.sleep(0)
        await owner.close()
        assert steps == ["cleaned up"]
        assert len(owner) == 0
        await owner.close()

    asyncio.run(scenario())


def test_a_task_that_swallows_its_cancellation_is_cancelled_again() -> None:
    async def scenario() -> None:
        refusals: list[int] = []

        async def stubborn() -> None:
            while len(refusals) < 3:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    refusals.append(1)
                    await asyncio.sleep(0)

        owner = TaskOwner()
        owner.start(stubborn())
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(owner.close())
        for _ in range(50):
            owner.cancel()
            await asyncio.sleep(0)
        await asyncio.wait_for(closing, 5)
        assert len(owner) == 0

    asyncio.run(scenario())


def test_a_closed_owner_starts_nothing_and_leaves_no_coroutine_behind() -> None:
    async def scenario() -> None:
        owner = TaskOwner()
        await owner.close()
        assert owner.start(_fail()) is None

    asyncio.run(scenario())


def test_what_a_task_starts_while_it_is_being_closed_is_not_started() -> None:
    async def scenario() -> None:
        owner = TaskOwner()
        started: list[object] = []

        async def parent() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                started.append(owner.start(_fail()))

        owner.start(parent())
        await asyncio.sleep(0)
        await owner.close()
        assert started == [None]

    asyncio.run(scenario())

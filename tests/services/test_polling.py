"""Which run is looked at when: in line, within the budget, and gently to a server in trouble."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.conftest import ExpectLog
from tests.services.turned_time import TurnedTime
from zapdesk.api.transport import Admission
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.outlook import Outlook, WaitsFor
from zapdesk.domain.runs import ActionRun, RunKind, RunStatus
from zapdesk.errors import (
    Failed,
    Forbidden,
    NotSignedIn,
    RateLimited,
    Unreachable,
    Unreadable,
    ZapdeskError,
)
from zapdesk.services.budget import Budget
from zapdesk.services.polling import LOOKS_AT_ONCE, TROUBLE_S, PollQueue

HOUR_S = 3600.0
Answer = Callable[[str], bool]


def run(name: str) -> ActionRun:
    key = ActionKey("app", "WRITE", "act")
    return ActionRun(
        name, "live", RunKind.RUN, RunStatus.WAITING, key, "App", "Act", None, "", 0, run_id=name
    )


@dataclass(slots=True)
class Server:
    """What is asked, when; ``answer`` raises, or says whether a run has ended."""

    time: TurnedTime
    budget: Budget
    answer: Answer = lambda _: False
    takes_s: float = 0.1
    asked: list[tuple[float, str]] = field(default_factory=list)
    given_up: list[tuple[list[str], ZapdeskError]] = field(default_factory=list)

    async def look(self, asked: ActionRun, age_s: float) -> bool:
        await self.budget.admit(Admission.BACKGROUND)
        self.asked.append((self.time.now, asked.id))
        await self.time.pause(self.takes_s)
        return self.answer(asked.id)

    def gave_up(self, runs: Iterable[ActionRun], error: ZapdeskError) -> None:
        self.given_up.append(([r.id for r in runs], error))

    def between(self, begin: float, end: float) -> int:
        return sum(1 for moment, _ in self.asked if begin <= moment < end)


@asynccontextmanager
async def serving(limit: int | None = None) -> AsyncIterator[tuple[Server, PollQueue]]:
    time = TurnedTime()
    server = Server(time, Budget(limit, time.clock, time.pause))
    queue = PollQueue(
        server.look,
        server.gave_up,
        clock=time.clock,
        pause=time.pause,
        budget=server.budget,
    )
    try:
        yield server, queue
    finally:
        await queue.close()


def outlook(queue: PollQueue, name: str) -> Outlook:
    found = queue.outlook(name)
    assert found is not None
    return found


def raises(error: ZapdeskError) -> Answer:
    def answer(_: str) -> bool:
        raise error

    return answer


def test_crash_with_1000_pending_runs_oldest_first_and_within_the_budget() -> None:
    async def scenario() -> None:
        async with serving(50) as (server, queue):
            for number in range(1000):  # as the log gives them: those forgotten first come first
                queue.add(run(f"{number:04}"), (1000 - number) * 60.0, is_fresh=False)
            assert len(queue.ids) == 1000
            await server.time.run_to(5.0)
            first = [name for _, name in server.asked]
            assert first == [f"{number:04}" for number in range(len(first))]
            assert len(first) == 32  # the rest is left to runs that are sent now
            await server.time.run_to(1800.0)
            for begin in range(0, 1740, 7):
                assert server.between(begin, begin + 60) <= 40
            assert [name for _, name in server.asked[:1000]] == sorted(
                name for _, name in server.asked[:1000]
            )
            assert set(Counter(name for _, name in server.asked).values()) <= {1, 2}

    asyncio.run(scenario())


def test_run_in_line_says_how_many_come_before_it() -> None:
    async def scenario() -> None:
        async with serving(50) as (server, queue):
            for number in range(100):
                queue.add(run(f"{number:03}"), HOUR_S, is_fresh=False)
            await server.time.run_to(5.0)
            following = outlook(queue, "032")
            assert following.waits_for is WaitsFor.BUDGET
            assert following.seconds == pytest.approx(55.0, abs=1)
            last = outlook(queue, "099")
            assert (last.waits_for, last.seconds, last.ahead) == (WaitsFor.BUDGET, None, 67)
            assert "67 other runs are before it" in last.sentence("Zapier")

    asyncio.run(scenario())


def test_run_that_was_just_sent_does_not_wait_behind_a_thousand_old_ones() -> None:
    async def scenario() -> None:
        async with serving(50) as (server, queue):
            for number in range(1000):
                queue.add(run(f"{number:04}"), HOUR_S, is_fresh=False)
            await server.time.run_to(62.0)
            queue.add(run("fresh"), 0.0, is_fresh=True)
            await server.time.run_to(122.0)
            moments = [moment - 62 for moment, name in server.asked if name == "fresh"]
            assert moments[0] < 1.3
            assert len(moments) == pytest.approx(7, abs=1)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("error", "waits_for"),
    [
        (Failed("Bad gateway.", status=502), WaitsFor.TROUBLE),
        (Failed("No answer in time."), WaitsFor.TROUBLE),
        (Unreachable("No connection."), WaitsFor.NETWORK),
    ],
)
def test_5xx_storm_of_ten_minutes_gets_one_request_in_15_s_and_its_end_is_seen_in_60_s(
    error: ZapdeskError, waits_for: WaitsFor
) -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            for number in range(50):
                queue.add(run(f"{number:02}"), HOUR_S, is_fresh=False)
            server.answer = raises(error)
            await server.time.run_to(600.0)
            assert server.between(0, 1) <= 8  # those that were under way
            for begin in range(1, 585):
                assert server.between(begin, begin + TROUBLE_S) <= 1
            assert server.between(1, 600) >= 35
            next_one = min((outlook(queue, f"{n:02}") for n in range(50)), key=lambda o: o.ahead)
            assert next_one.waits_for is waits_for
            assert next_one.trouble is error
            server.answer = lambda _: True
            await server.time.run_to(660.0)
            assert len(queue.ids) == 0

    asyncio.run(scenario())


def test_outage_of_days_is_seen_to_end_within_a_minute_by_a_single_run() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            queue.add(run("one"), HOUR_S, is_fresh=False)
            server.answer = raises(Unreachable("No connection."))
            await server.time.run_to(2 * HOUR_S)
            server.answer = lambda _: True
            await server.time.run_to(2 * HOUR_S + 60)
            assert len(queue.ids) == 0

    asyncio.run(scenario())


def test_single_failure_among_good_answers_slows_nobody_down() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            queue.add(run("good"), 0.0, is_fresh=True)
            queue.add(run("bad"), 0.0, is_fresh=True)

            def answer(name: str) -> bool:
                if name == "bad":
                    raise Failed("Broken for this one.", status=500)
                return False

            server.answer = answer
            await server.time.run_to(60.0)
            assert sum(1 for _, name in server.asked if name == "good") == pytest.approx(7, abs=1)

    asyncio.run(scenario())


def test_answers_that_cannot_be_read_say_nothing_about_the_server() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            queue.add(run("one"), 0.0, is_fresh=True)
            server.answer = raises(Unreadable("Not JSON.", status=200))
            await server.time.run_to(60.0)
            assert outlook(queue, "one").waits_for is WaitsFor.RHYTHM
            assert len(server.asked) == pytest.approx(7, abs=1)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "error",
    [RateLimited("Too many.", wait_s=240.0), Failed("Down.", status=503, wait_s=240.0)],
)
def test_retry_after_holds_every_look_and_is_counted_down(error: ZapdeskError) -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            queue.add(run("one"), HOUR_S, is_fresh=False)
            queue.add(run("two"), 0.0, is_fresh=True)
            server.answer = raises(error)
            await server.time.run_to(0.5)
            server.answer = lambda _: False
            assert len(server.asked) == 1
            await server.time.run_to(100.0)
            assert len(server.asked) == 1
            for name in ("one", "two"):
                found = outlook(queue, name)
                assert found.waits_for is WaitsFor.SERVER
                assert found.seconds == pytest.approx(140, abs=1)
                assert "asked zapdesk to wait" in found.sentence("the sandbox")
            await server.time.run_to(245.0)
            assert {name for _, name in server.asked[1:]} == {"one", "two"}

    asyncio.run(scenario())


def test_pause_that_the_server_asked_for_outlives_a_good_answer_under_way() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):

            def answer(name: str) -> bool:
                if name == "a":
                    raise RateLimited("Too many.", wait_s=300.0)
                return False

            server.answer = answer
            for name in "abcd":  # all four are under way when the first is told to wait
                queue.add(run(name), HOUR_S, is_fresh=False)
            await server.time.run_to(290.0)
            assert len(server.asked) == 4

    asyncio.run(scenario())


def test_suspended_computer_looks_again_within_seconds_of_waking() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            queue.add(run("one"), HOUR_S, is_fresh=False)
            await server.time.run_to(10.0)
            before = len(server.asked)
            server.time.jump(8 * HOUR_S)
            await server.time.run_to(server.time.now + 5.5)
            assert len(server.asked) == before + 1

    asyncio.run(scenario())


def test_token_that_is_refused_ends_all_looks_after_one() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            server.takes_s = 0.0
            for number in range(20):
                queue.add(run(f"{number:02}"), HOUR_S, is_fresh=False)
            server.answer = raises(NotSignedIn("Who are you?", status=401))
            await server.time.run_to(600.0)
            assert len(server.asked) <= 4
            assert sum(len(names) for names, _ in server.given_up) == 20
            assert queue.outlook("07") is None

    asyncio.run(scenario())


def test_permission_that_is_missing_ends_the_looks_at_that_run_only() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):

            def answer(name: str) -> bool:
                if name == "bad":
                    raise Forbidden("Not yours.", status=403)
                return False

            server.answer = answer
            queue.add(run("bad"), HOUR_S, is_fresh=False)
            queue.add(run("good"), HOUR_S, is_fresh=False)
            await server.time.run_to(100.0)
            assert [names for names, _ in server.given_up] == [["bad"]]
            assert "good" in queue

    asyncio.run(scenario())


def test_run_taken_over_goes_on_in_the_rhythm_that_it_had() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            queue.add(run("old"), HOUR_S, is_fresh=False)
            await server.time.run_to(200.0)
            moments = [moment for moment, _ in server.asked]
            assert moments[0] == 0.0
            assert 48 <= moments[1] - moments[0] <= 73

    asyncio.run(scenario())


def test_removed_run_is_not_asked_for_any_more() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            queue.add(run("one"), 0.0, is_fresh=True)
            queue.add(run("one"), 0.0, is_fresh=True)
            await server.time.run_to(0.5)
            queue.remove("one")
            await server.time.run_to(60.0)
            assert server.asked == []
            queue.add(run("one"), 0.0, is_fresh=True)
            await server.time.run_to(65.0)
            assert server.asked

    asyncio.run(scenario())


def test_look_that_is_stopped_and_begun_again_is_counted_once() -> None:
    async def scenario() -> None:
        async with serving() as (server, queue):
            server.takes_s = 3.0
            for _ in range(6):
                queue.add(run("one"), HOUR_S, is_fresh=False)
                await server.time.run_to(server.time.now + 0.5)
                queue.remove("one")
            queue.add(run("one"), HOUR_S, is_fresh=False)
            for name in "abcdef":
                queue.add(run(name), HOUR_S, is_fresh=False)
            await server.time.run_to(server.time.now + 1.0)
            assert len(server.asked) == 6 + LOOKS_AT_ONCE

    asyncio.run(scenario())


def test_bug_in_a_look_is_told_and_comes_in_no_storm(expected_log: ExpectLog) -> None:
    expected_log("a background task failed", "zapdesk.tasks")

    async def scenario() -> None:
        async with serving() as (server, queue):

            def answer(_: str) -> bool:
                raise RuntimeError("a bug")

            server.answer = answer
            queue.add(run("one"), HOUR_S, is_fresh=False)
            await server.time.run_to(200.0)
            assert 3 <= len(server.asked) <= 5
            assert "one" in queue

    asyncio.run(scenario())

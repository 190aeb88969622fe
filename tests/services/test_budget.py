"""The budget of calls: never more than 50 in any minute, 10 of them for people, half for lists."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from zapdesk.api.transport import Admission
from zapdesk.broadcast import Broadcast
from zapdesk.services.budget import CALLS, RESERVED, WINDOW_S, Budget, HeldUp
from zapdesk.settings import DEFAULTS, Settings


@dataclass(slots=True)
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        await asyncio.sleep(0)


def _budget() -> tuple[Budget, Clock]:
    clock = Clock()
    return Budget(clock=clock, pause=clock.pause), clock


MOVES = st.lists(
    st.one_of(
        st.sampled_from(list(Admission)),
        st.floats(0, 90, allow_nan=False).map(lambda s: ("idle", s)),
        st.floats(0.1, 900, allow_nan=False).map(lambda s: ("pause", s)),
    ),
    max_size=200,
)


@given(MOVES)
def test_no_minute_holds_more_than_the_limit_and_nobody_eats_the_reserve(
    moves: list[object],
) -> None:
    async def scenario() -> None:
        budget, clock = _budget()
        made: list[tuple[float, Admission]] = []
        closed_until = 0.0
        for move in moves:
            match move:
                case Admission():
                    await budget.admit(move)
                    made.append((clock.now, move))
                    assert clock.now >= closed_until
                case ("idle", float(seconds)):
                    clock.now += seconds
                case ("pause", float(seconds)):
                    budget.pause(seconds)
                    closed_until = max(closed_until, clock.now + seconds)
        for end, kind in made:
            minute = [k for t, k in made if end - WINDOW_S + 1e-6 < t <= end]
            assert len(minute) <= CALLS
            if kind is Admission.BACKGROUND:
                others = [k for k in minute if k is not Admission.PERSON]
                assert len(others) <= CALLS - RESERVED
            if kind is Admission.CATALOGUE:
                assert minute.count(Admission.CATALOGUE) <= CALLS // 2

    asyncio.run(scenario())


def test_person_is_let_through_where_the_background_has_to_wait() -> None:
    async def scenario() -> None:
        budget, clock = _budget()
        for _ in range(CALLS - RESERVED):
            await budget.admit(Admission.BACKGROUND)
        assert clock.now == 0
        assert budget.wait_s(Admission.BACKGROUND) == WINDOW_S
        for _ in range(RESERVED):
            await budget.admit(Admission.PERSON)
        assert (clock.now, budget.left) == (0, 0)
        await budget.admit(Admission.PERSON)
        assert clock.now == WINDOW_S

    asyncio.run(scenario())


def test_pause_that_the_server_asked_for_holds_for_everybody() -> None:
    async def scenario() -> None:
        budget, clock = _budget()
        budget.pause(600)
        budget.pause(5)  # a shorter one does not end it
        assert budget.left == 0
        await budget.admit(Admission.PERSON)
        assert clock.now == 600

    asyncio.run(scenario())


def test_a_person_is_told_once_of_each_long_wait_and_why_and_nobody_of_the_background() -> None:
    async def scenario() -> None:
        budget, clock = _budget()
        told: list[HeldUp] = []
        budget.held_up.subscribe(told.append)
        for _ in range(CALLS):
            await budget.admit(Admission.PERSON)
        await budget.admit(Admission.BACKGROUND)
        assert told == []
        for _ in range(CALLS):
            await budget.admit(Admission.PERSON)
        assert told == [HeldUp(WINDOW_S, by_server=False)]
        clock.now += WINDOW_S
        budget.pause(30)
        await budget.admit(Admission.PERSON)
        assert told[1:] == [HeldUp(30, by_server=True)]

    asyncio.run(scenario())


def test_no_limit_lets_everything_through_at_once() -> None:
    async def scenario() -> None:
        clock = Clock()
        budget = Budget(None, clock, clock.pause)
        budget.pause(60)
        for _ in range(1000):
            await budget.admit(Admission.CATALOGUE)
        assert (clock.now, budget.left) == (0, None)

    asyncio.run(scenario())


def test_as_many_calls_pass_as_the_settings_want_by_then() -> None:
    assert DEFAULTS.calls_a_minute == CALLS
    changed: Broadcast[Settings] = Broadcast()

    async def scenario() -> None:
        budget = Budget()
        budget.follow(changed)
        changed.announce(Settings(calls_a_minute=12))
        assert budget.left == 12
        await budget.close()
        changed.announce(Settings(calls_a_minute=20))
        assert budget.left == 12

    asyncio.run(scenario())

"""PollQueue: which waiting run is looked at next, and when. It asks by what it is given.

One queue for all waiting runs of a profile, so that a thousand of them start no storm: only a few
looks are under way at once, the rest wait in line, and a server in trouble is asked by one look
every 15 s until it answers again. Nothing here waits by the time of day.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from zapdesk.domain.outlook import Outlook, WaitsFor
from zapdesk.domain.runs import ActionRun
from zapdesk.errors import (
    Failed,
    Forbidden,
    NotSignedIn,
    RateLimited,
    Unreachable,
    Unreadable,
    ZapdeskError,
)
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

POLLS_S = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0)
"""Pauses before the first looks at a run; after these every 60 s."""
JITTER = 0.2
LOOKS_AT_ONCE = 4
TROUBLE_AFTER = 3
"""So many looks in a row must fail before a server counts as being in trouble."""
TROUBLE_S = 15.0
"""While it is, one look at a time, so far apart."""
_LONGEST_RETRY_S = 45.0
"""A look that failed is repeated within this, so that an end of the trouble is seen in a minute."""
_LONGEST_REST_S = 5.0
"""Other clocks may have gone on while this computer slept: they are looked at so often."""
_PASSING = frozenset({408, 425})


@dataclass(slots=True)
class _Place:
    """One run's place in the queue. ``begun`` and ``due`` are on the queue's clock."""

    run: ActionRun
    begun: float
    due: float
    looks: int
    waits_for: WaitsFor = WaitsFor.RHYTHM
    trouble: ZapdeskError | None = None
    is_looking: bool = False
    is_fresh: bool = False

    @property
    def order(self) -> tuple[bool, float]:
        """Runs that were sent just now come first, then who has waited longest."""
        return not (self.is_fresh and self.looks < len(POLLS_S) - 1), self.due


@dataclass(slots=True)
class _Weather:
    """How the server fares: no look before ``closed_until``, and why."""

    closed_until: float = 0.0
    waits_for: WaitsFor = WaitsFor.RHYTHM
    failures: int = 0
    trouble: ZapdeskError | None = field(default=None, repr=False)

    @property
    def is_trouble(self) -> bool:
        return self.failures >= TROUBLE_AFTER


class PollQueue:
    """Asks how each run stands until ``look`` says that there is no more to ask."""

    def __init__(
        self,
        look: Callable[[ActionRun, float], Awaitable[bool]],
        gave_up: Callable[[Iterable[ActionRun], ZapdeskError], None],
        *,
        clock: Callable[[], float],
        pause: Callable[[float], Awaitable[None]],
        budget_wait_s: Callable[[], float],
    ) -> None:
        """``look`` gets a run and how old it is in seconds, and returns True once it has ended;
        ``gave_up`` hears of runs that it is of no use to ask for. ``clock`` (seconds) and
        ``pause`` time the looks; ``budget_wait_s`` says how long the next one would have to
        wait for its turn among all calls."""
        self._ask = look
        self._gave_up = gave_up
        self._clock = clock
        self._sleep = pause
        self._budget_wait_s = budget_wait_s
        self._places: dict[str, _Place] = {}
        self._weather = _Weather()
        self._owner = TaskOwner()
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._moved = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._rest: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Ask no more."""
        await self._owner.close()
        self._places.clear()

    def __contains__(self, id: str) -> bool:
        return id in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, run: ActionRun, age_s: float, *, is_fresh: bool) -> None:
        """Look after ``run``, which was accepted so long ago. Asking twice is asking once.

        One that is not ``is_fresh`` was waiting before: it is looked at now, and goes on in the
        rhythm that it had.
        """
        if run.id in self._places:
            return
        now = self._clock()
        looks = 0 if is_fresh else _looks_by(age_s)
        due = now + _pause_s(0) if is_fresh else now
        self._places[run.id] = _Place(run, now - age_s, due, looks, is_fresh=is_fresh)
        self._wake()
        if self._worker is None or self._worker.done():
            self._worker = self._owner.start(self._work(), "look after waiting runs")

    def remove(self, id: str) -> None:
        """Look at a run no more; a look that is under way is stopped."""
        self._places.pop(id, None)
        if task := self._looks.pop(id, None):
            task.cancel()
        self._wake()

    def outlook(self, id: str) -> Outlook | None:
        """When the run is looked at next, and why not now; ``None`` where it has no place here."""
        place = self._places.get(id)
        if place is None:
            return None
        now = self._clock()
        seconds = max(0.0, place.due - now)
        budget_s = self._budget_wait_s()
        if place.is_looking:
            if budget_s > 1.0:
                return Outlook(WaitsFor.BUDGET, budget_s, trouble=place.trouble)
            return Outlook(place.waits_for, 0.0, trouble=place.trouble)
        closed_s = self._weather.closed_until - now
        if closed_s > seconds:
            weather = self._weather
            ahead = self._ahead(place)
            # Only the first in line knows when its turn is.
            return Outlook(weather.waits_for, None if ahead else closed_s, ahead, weather.trouble)
        if seconds == 0.0 and (ahead := self._ahead(place)) + len(self._looks) >= LOOKS_AT_ONCE:
            return Outlook(WaitsFor.BUDGET, None, ahead, place.trouble)
        return Outlook(place.waits_for, max(seconds, 0.0), trouble=place.trouble)

    def _ahead(self, place: _Place) -> int:
        now, order = self._clock(), place.order
        return sum(
            1
            for other in self._places.values()
            if not other.is_looking and other.due <= now and other.order < order
        )

    # The work

    async def _work(self) -> None:
        while self._places:
            place = self._next()
            at_once = 1 if self._weather.is_trouble else LOOKS_AT_ONCE
            if place is None or len(self._looks) >= at_once:
                self._moved.clear()
                await self._moved.wait()
                continue
            wait_s = max(place.due, self._weather.closed_until) - self._clock()
            if wait_s > 0:
                await self._rest_for(min(wait_s, _LONGEST_REST_S))
                continue
            self._begin(place)

    def _next(self) -> _Place | None:
        now = self._clock()
        idle = [place for place in self._places.values() if not place.is_looking]
        overdue = [place for place in idle if place.due <= now]
        if overdue:
            return min(overdue, key=lambda place: place.order)
        return min(idle, key=lambda place: place.due, default=None)

    async def _rest_for(self, seconds: float) -> None:
        self._rest = self._owner.start(self._pause(seconds), "until the next look")
        if self._rest is not None:
            await asyncio.wait({self._rest})
        self._rest = None

    async def _pause(self, seconds: float) -> None:
        await self._sleep(seconds)

    def _wake(self) -> None:
        self._moved.set()
        if self._rest is not None:
            self._rest.cancel()

    def _begin(self, place: _Place) -> None:
        if self._weather.is_trouble:
            # From its beginning: however it ends, the next one comes so much later.
            self._weather.closed_until = self._clock() + TROUBLE_S
        place.is_looking = True
        task = self._owner.start(self._look(place), f"look at {place.run.id}")
        if task is not None:
            self._looks[place.run.id] = task

    async def _look(self, place: _Place) -> None:
        run = place.run
        try:
            has_ended = await self._ask(run, self._clock() - place.begun)
        except ZapdeskError as error:
            _logger.info("run %s could not be looked at: %s", run.id, error)
            self._note_trouble(place, error)
        else:
            self._clear_up()
            if has_ended:
                self._places.pop(run.id, None)
            else:
                self._repeat(place, WaitsFor.RHYTHM, None)
        finally:
            place.is_looking = False
            self._looks.pop(run.id, None)
            self._wake()

    def _clear_up(self) -> None:
        """The server answered. A pause that it asked for stands all the same."""
        if self._weather.waits_for is WaitsFor.SERVER:
            self._weather.failures = 0
            if self._clock() < self._weather.closed_until:
                return
        self._weather = _Weather()

    def _note_trouble(self, place: _Place, error: ZapdeskError) -> None:
        weather = self._weather
        if isinstance(error, NotSignedIn | Forbidden):
            # Asking on would not change that. One token stands for all runs, a permission may
            # be missing for one action only.
            given = [place] if isinstance(error, Forbidden) else list(self._places.values())
            for other in given:
                self._places.pop(other.run.id, None)
            self._gave_up([other.run for other in given], error)
        elif isinstance(error, RateLimited | Failed) and error.wait_s is not None:
            weather.closed_until = max(weather.closed_until, self._clock() + error.wait_s)
            weather.waits_for, weather.trouble = WaitsFor.SERVER, error
            self._repeat(place, WaitsFor.SERVER, error, at_least_s=error.wait_s)
        elif _is_weather(error):
            is_network = isinstance(error, Unreachable)
            weather.failures += 1
            weather.waits_for = WaitsFor.NETWORK if is_network else WaitsFor.TROUBLE
            weather.trouble = error
            if weather.failures == TROUBLE_AFTER:
                weather.closed_until = self._clock() + TROUBLE_S
            self._repeat(place, weather.waits_for, error, at_most_s=_LONGEST_RETRY_S)
        else:  # this one answer was odd; that says nothing about the others
            self._repeat(place, WaitsFor.RHYTHM, error)

    def _repeat(
        self,
        place: _Place,
        waits_for: WaitsFor,
        trouble: ZapdeskError | None,
        *,
        at_least_s: float = 0.0,
        at_most_s: float = float("inf"),
    ) -> None:
        place.looks += 1
        pause_s = min(max(_pause_s(place.looks), at_least_s), at_most_s)
        place.due = self._clock() + pause_s
        place.waits_for, place.trouble = waits_for, trouble


def _is_weather(error: ZapdeskError) -> bool:
    """Whether it says something about the server, or the way to it, rather than about one run."""
    if isinstance(error, Unreadable):
        return False
    if isinstance(error, Failed):
        return error.status is None or error.status >= 500 or error.status in _PASSING
    return isinstance(error, Unreachable)


def _pause_s(looks: int) -> float:
    base = POLLS_S[min(looks, len(POLLS_S) - 1)]
    return base * random.uniform(1 - JITTER, 1 + JITTER)  # no secret in it


def _looks_by(age_s: float) -> int:
    """How many looks a run of that age has had, had it been looked at from its beginning."""
    passed = 0.0
    for looks, pause_s in enumerate(POLLS_S):
        passed += pause_s
        if passed > age_s:
            return looks
    return len(POLLS_S)

"""PollQueue: which waiting run is looked at next, and when. It asks by what it is given.

One queue for all waiting runs of a profile, so that a thousand of them start no storm: only a few
looks are under way at once, the rest wait in line, and a server in trouble is asked by one look
every 15 s until it answers again. Nothing here waits by the time of day.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from zapdesk.api.transport import Admission
from zapdesk.domain.outlook import Outlook, WaitsFor
from zapdesk.domain.runs import ActionRun
from zapdesk.errors import (
    Failed,
    Forbidden,
    NotSignedIn,
    Offline,
    RateLimited,
    Unreachable,
    Unreadable,
    ZapdeskError,
)
from zapdesk.services.budget import Budget
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

POLLS_S = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0)
"""Pauses before the first looks at a run; after these every 60 s."""
JITTER = 0.2
LOOKS_AT_ONCE = 4
KEPT_FOR_URGENT = 8
"""Calls of the budget that runs which have waited long leave to those that were just sent."""
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
    number: int
    begun: float
    due: float
    looks: int
    waits_for: WaitsFor = WaitsFor.RHYTHM
    trouble: ZapdeskError | None = None
    is_looking: bool = False
    is_fresh: bool = False

    @property
    def is_urgent(self) -> bool:
        """Whether somebody has just sent it, and probably looks on."""
        return self.is_fresh and self.looks < len(POLLS_S) - 1

    @property
    def order(self) -> tuple[bool, float, int]:
        """Urgent ones come first, then who has waited longest, then who came first."""
        return not self.is_urgent, self.due, self.number


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
        budget: Budget | None = None,
    ) -> None:
        """``look`` gets a run and how old it is in seconds, and returns True once it has ended;
        ``gave_up`` hears of runs that it is of no use to ask for. ``clock`` (seconds) and
        ``pause`` time the looks; ``budget`` is asked how soon one may be made, and by whoever
        makes it for its place."""
        self._ask = look
        self._gave_up = gave_up
        self._clock = clock
        self._sleep = pause
        self._budget = budget
        self._numbers = count()
        self._places: dict[str, _Place] = {}
        self._weather = _Weather()
        self._owner = TaskOwner()
        self._looks: dict[int, asyncio.Task[None]] = {}
        self._moved = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._rest: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Ask no more."""
        await self._owner.close()
        self._places.clear()

    def __contains__(self, id: str) -> bool:
        return id in self._places

    @property
    def ids(self) -> list[str]:
        """The runs that are looked after."""
        return list(self._places)

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
        self._places[run.id] = _Place(
            run, next(self._numbers), now - age_s, due, looks, is_fresh=is_fresh
        )
        self._wake()
        if self._worker is None or self._worker.done():
            self._worker = self._owner.start(self._work(), "look after waiting runs")

    def remove(self, id: str) -> None:
        """Look at a run no more; a look that is under way is stopped."""
        place = self._places.pop(id, None)
        if place is not None and (task := self._looks.get(place.number)):
            task.cancel()
        self._wake()

    def give_up(self, error: ZapdeskError) -> None:
        """Look at none of the runs any more; looks that are under way are stopped."""
        given = [place.run for place in self._places.values()]
        for run in given:
            self.remove(run.id)
        if given:
            self._gave_up(given, error)

    def rest(self) -> None:
        """Look at nothing until ``go_on``: the network is switched off."""
        self._weather = _Weather(math.inf, WaitsFor.OFFLINE)

    def go_on(self) -> None:
        """Look again, at all whose turn has come meanwhile."""
        self._weather = _Weather()
        self._wake()

    def outlook(self, id: str) -> Outlook | None:
        """When the run is looked at next, and why not now; ``None`` where it has no place here."""
        place = self._places.get(id)
        if place is None:
            return None
        now = self._clock()
        weather = self._weather
        if weather.waits_for is WaitsFor.OFFLINE:
            return Outlook(WaitsFor.OFFLINE)
        if place.is_looking:
            return Outlook(place.waits_for, 0.0, trouble=place.trouble)
        own_s, budget_s = max(0.0, place.due - now), self._budget_wait_s(is_urgent=place.is_urgent)
        if weather.closed_until - now > max(own_s, budget_s):
            # Only the first in line knows when its turn is.
            ahead = self._ahead(place)
            closed_s = None if ahead else weather.closed_until - now
            return Outlook(weather.waits_for, closed_s, ahead, weather.trouble)
        if budget_s > own_s:
            ahead = self._ahead(place)
            return Outlook(WaitsFor.BUDGET, None if ahead else budget_s, ahead, place.trouble)
        return Outlook(place.waits_for, own_s, trouble=place.trouble)

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
            at_once = 1 if self._weather.is_trouble else LOOKS_AT_ONCE
            place = self._next() if len(self._looks) < at_once else None
            if place is None:
                self._moved.clear()
                await self._moved.wait()
            elif (wait_s := self._wait_s(place)) > 0:
                await self._rest_for(min(wait_s, _LONGEST_REST_S))
            else:
                self._begin(place)

    def _next(self) -> _Place | None:
        """Who comes next of those that may be looked at now, or else who may be so first."""
        gates = {urgent: self._opens_s(is_urgent=urgent) for urgent in (True, False)}
        idle = [
            (max(place.due, gates[place.is_urgent]), place)
            for place in self._places.values()
            if not place.is_looking
        ]
        now = self._clock()
        ready = [place for moment, place in idle if moment <= now]
        if ready:
            return min(ready, key=lambda place: place.order)
        return min(idle, key=lambda pair: (pair[0], pair[1].order), default=(0.0, None))[1]

    def _wait_s(self, place: _Place) -> float:
        return max(place.due, self._opens_s(is_urgent=place.is_urgent)) - self._clock()

    def _opens_s(self, *, is_urgent: bool) -> float:
        """The moment from which on looks may be made, by the server and the budget."""
        budget_s = self._budget_wait_s(is_urgent=is_urgent)
        return max(self._weather.closed_until, self._clock() + budget_s if budget_s else 0.0)

    def _budget_wait_s(self, *, is_urgent: bool) -> float:
        if self._budget is None:
            return 0.0
        return self._budget.wait_s(Admission.BACKGROUND, 0 if is_urgent else KEPT_FOR_URGENT)

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
            self._looks[place.number] = task
            # Even one that is stopped before it begins.
            task.add_done_callback(lambda _: self._looked(place))

    async def _look(self, place: _Place) -> None:
        run = place.run
        try:
            has_ended = await self._ask(run, self._clock() - place.begun)
        except ZapdeskError as error:
            _logger.info("run %s could not be looked at: %s", run.id, error)
            self._note_trouble(place, error)
        except Exception:  # a bug: the task's owner tells of it, and it must not come in a storm
            self._repeat(place, WaitsFor.RHYTHM, None)
            raise
        else:
            self._clear_up()
            if has_ended:
                self._places.pop(run.id, None)
            else:
                self._repeat(place, WaitsFor.RHYTHM, None)

    def _looked(self, place: _Place) -> None:
        place.is_looking = False
        self._looks.pop(place.number, None)
        self._wake()

    def _clear_up(self) -> None:
        """The server answered. A pause that it asked for stands all the same."""
        if self._weather.waits_for is WaitsFor.OFFLINE:
            return  # to what was asked before
        if self._weather.waits_for is WaitsFor.SERVER:
            self._weather.failures = 0
            if self._clock() < self._weather.closed_until:
                return
        self._weather = _Weather()

    def _note_trouble(self, place: _Place, error: ZapdeskError) -> None:
        weather = self._weather
        if isinstance(error, Offline):
            place.due = self._clock()  # it was cut off, and did not count
        elif isinstance(error, NotSignedIn | Forbidden):
            # Asking on would not change that. One token stands for all runs, a permission may
            # be missing for one action only.
            given = [place] if isinstance(error, Forbidden) else list(self._places.values())
            for other in given:
                self._places.pop(other.run.id, None)
            if given:
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

"""The budget of calls: how many a minute a profile may make, and for whom they are kept.

Zapier allows 60 calls a minute for an address and stops answering for a minute after that. A
window of 60 s on the monotonic clock, 50 calls in it; 10 of them only for what a person does.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from zapdesk.api.transport import Admission

WINDOW_S = 60.0
CALLS = 50
RESERVED = 10


class Budget:
    """Counts a profile's calls and makes callers wait; ``limit`` ``None`` lets everything pass."""

    def __init__(
        self,
        limit: int | None = CALLS,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limit = limit
        self._clock = clock
        self._sleep = pause
        self._made: deque[float] = deque()
        self._paused_until = 0.0

    @property
    def left(self) -> int | None:
        """Calls that a person could make right now; ``None`` where nothing limits them."""
        if self.limit is None:
            return None
        self._drop_old()
        return 0 if self._clock() < self._paused_until else max(0, self.limit - len(self._made))

    def wait_s(self, admission: Admission = Admission.PERSON, spare: int = 0) -> float:
        """Seconds until a call of this kind would be admitted, should nobody else call, and
        leave ``spare`` calls to others of its kind."""
        if self.limit is None:
            return 0.0
        self._drop_old()
        now = self._clock()
        wait = max(0.0, self._paused_until - now)
        share = max(1, _share(self.limit, admission) - spare)
        if len(self._made) >= share:
            wait = max(wait, self._made[len(self._made) - share] + WINDOW_S - now)
        return wait

    async def admit(self, admission: Admission) -> None:
        """Return when a call may be made, and count it."""
        if self.limit is None:
            return
        # Other callers and pauses move the moment, so it is worked out again after each wait.
        while (wait := self.wait_s(admission)) > 0:
            await self._sleep(min(wait, WINDOW_S))
        self._made.append(self._clock())

    def pause(self, seconds: float) -> None:
        """Make no call for so long: the server asked for it."""
        if self.limit is not None:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _drop_old(self) -> None:
        oldest = self._clock() - WINDOW_S
        while self._made and self._made[0] <= oldest:
            self._made.popleft()


def _share(limit: int, admission: Admission) -> int:
    if admission is Admission.PERSON:
        return limit
    if admission is Admission.CATALOGUE:
        return max(1, limit // 2)
    return max(1, limit - min(RESERVED, limit // 2))

"""A clock that a test turns: whoever pauses on it goes on in the order of the moments."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

_SETTLED_AFTER = 40


class TurnedTime:
    """``now`` moves only in `run_to`, from one moment that somebody waits for to the next."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        moment = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), moment))
        await moment

    async def run_to(self, moment: float) -> None:
        """Let time pass until ``moment``; everything that is due before happens."""
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= moment:
            due, _, sleeper = heapq.heappop(self._sleepers)
            if sleeper.done():
                continue
            self.now = max(self.now, due)
            sleeper.set_result(None)
            await _settle()
        self.now = max(self.now, moment)

    def jump(self, seconds: float) -> None:
        """Time that passes while everything sleeps, as in a suspended computer."""
        self.now += seconds


async def _settle() -> None:
    for _ in range(_SETTLED_AFTER):
        await asyncio.sleep(0)

"""The budget of calls: how many a minute a profile may make, and for whom they are kept.

Zapier allows 60 calls a minute for an address and stops answering for a minute after that. A
window of 60 s on the monotonic clock, 50 calls in it; 10 of them only for what a person does. All
processes of a profile count together, where their record can be used; else each for itself.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zapdesk.api.transport import Admission
from zapdesk.broadcast import Broadcast
from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.services.preferences import Preferences
from zapdesk.settings import Settings
from zapdesk.storage.call_record import CallRecord, Calls
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

WINDOW_S = 60.0
CALLS = 50
RESERVED = 10
RECORD_S = 1.0
"""After so long a record that cannot be written is done without, for this call."""
TOLD_FROM_S = 2.0
"""A person is told of waits from here on."""
LOOK_S = 1.0
"""So old what is known of other processes may be before it is looked at again."""


@dataclass(frozen=True, slots=True)
class HeldUp:
    """A call goes out in so many seconds; ``by_server``: the server asked for a pause."""

    wait_s: float
    by_server: bool


class Budget:
    """Counts a profile's calls and makes callers wait; ``limit`` ``None`` lets everything pass."""

    def __init__(
        self,
        limit: int | None = CALLS,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        record: CallRecord | None = None,
    ) -> None:
        """``record`` is shared with the profile's other processes, on the same ``clock``."""
        self.limit = limit
        self._clock = clock
        self._sleep = pause
        self._record = record if limit is not None else None
        self._own: deque[float] = deque()
        self._paused_until = 0.0
        self._shared = Calls()
        self._looked_at = float("-inf")
        self._tasks = TaskOwner()
        self._forget: Callable[[], object] = _nothing
        self.held_up: Broadcast[HeldUp] = Broadcast()
        """Announced where what a person asked for has to wait."""

    @classmethod
    def of(cls, profile: Profile, folder: Path, preferences: Preferences) -> Budget:
        """That of a profile, as the settings want it; its processes share it by a file in
        ``folder``. The sandbox has none."""
        if profile.kind is ServerKind.SANDBOX:
            return cls(limit=None)
        record = CallRecord(folder, profile.id, WINDOW_S)
        budget = cls(preferences.settings.calls_a_minute, record=record)
        budget.follow(preferences.changed)
        return budget

    def follow(self, changed: Broadcast[Settings]) -> None:
        """Let as many calls pass as the settings want by then."""

        def follow(settings: Settings) -> None:
            self.limit = settings.calls_a_minute

        self._forget = changed.subscribe(follow)

    async def close(self) -> None:
        """Stop looking at what other processes do."""
        self._forget()
        await self._tasks.close()

    @property
    def left(self) -> int | None:
        """Calls that a person could make right now; ``None`` where nothing limits them."""
        if self.limit is None:
            return None
        made = self._made()
        return 0 if self._clock() < self._closed_until else max(0, self.limit - len(made))

    def wait_s(self, admission: Admission = Admission.PERSON, spare: int = 0) -> float:
        """Seconds until a call of this kind would be admitted, should nobody else call, and
        leave ``spare`` calls to others of its kind."""
        if self.limit is None:
            return 0.0
        made, now = self._made(), self._clock()
        wait = max(0.0, self._closed_until - now)
        share = max(1, _share(self.limit, admission) - spare)
        if len(made) >= share:
            wait = max(wait, made[len(made) - share] + WINDOW_S - now)
        return wait

    async def admit(self, admission: Admission) -> None:
        """Return when a call may be made, and count it."""
        if self.limit is None:
            return
        is_told = False
        while True:
            # Other callers and pauses move the moment, so it is worked out again after each wait.
            while (wait := self.wait_s(admission)) > 0:
                if admission is Admission.PERSON and wait >= TOLD_FROM_S and not is_told:
                    self.held_up.announce(HeldUp(wait, self._clock() < self._closed_until))
                    is_told = True
                await self._sleep(min(wait, WINDOW_S))
            if await self._is_counted(admission, self.limit):
                return

    def pause(self, seconds: float) -> None:
        """Make no call for so long, in no process: the server asked for it."""
        if self.limit is None:
            return
        until = self._clock() + seconds
        self._paused_until = max(self._paused_until, until)
        if (record := self._record) is not None:
            told = self._with_record(lambda: (True, record.pause(until)))
            self._tasks.start(told, "tell other processes of a pause")

    async def _is_counted(self, admission: Admission, limit: int) -> bool:
        """Count a call; False where somebody else was faster."""
        if (record := self._record) is not None:
            share = _share(limit, admission)
            is_counted = await self._with_record(lambda: record.claim(share))
            if is_counted is False or (is_counted is None and self.wait_s(admission) > 0):
                return False
        self._own.append(self._clock())
        return True

    async def _with_record(self, work: Callable[[], tuple[bool, Calls]]) -> bool | None:
        """What ``work`` gives, on a worker thread; ``None`` where the record cannot be used."""
        try:
            async with asyncio.timeout(RECORD_S):
                is_done, self._shared = await asyncio.to_thread(work)
        except OSError as error:  # a time-out included
            _logger.info("calls are counted for this process alone: %r", error)
            return None
        return is_done

    @property
    def _closed_until(self) -> float:
        return max(self._paused_until, self._shared.paused_until)

    def _made(self) -> Sequence[float]:
        """The calls of the last minute, as far as they are known here."""
        now = self._clock()
        while self._own and self._own[0] <= now - WINDOW_S:
            self._own.popleft()
        if (record := self._record) is None:
            return self._own
        if not now - LOOK_S < self._looked_at:
            self._looked_at = now
            look = self._with_record(lambda: (True, record.look()))
            self._tasks.start(look, "look at the calls of other processes")
        shared = [moment for moment in self._shared.made if moment > now - WINDOW_S]
        # Where the record cannot be written, one's own calls are what is known.
        return shared if len(shared) >= len(self._own) else self._own


def _nothing() -> None:
    """No settings are followed."""


def _share(limit: int, admission: Admission) -> int:
    if admission is Admission.PERSON:
        return limit
    if admission is Admission.CATALOGUE:
        return max(1, limit // 2)
    return max(1, limit - min(RESERVED, limit // 2))

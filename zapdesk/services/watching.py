"""Watching runs to their end: polls that slow down, recovery, and what other processes do."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from zapdesk.api.client import RunAnswer, ZapierClient
from zapdesk.broadcast import Broadcast
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import headline_of_errors, server_of
from zapdesk.domain.facts import RETENTION_MS
from zapdesk.domain.outlook import Outlook, WaitsFor
from zapdesk.domain.result_line import result_line
from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.errors import (
    Failed,
    Forbidden,
    NotSignedIn,
    RateLimited,
    Refused,
    StorageUnusable,
    ZapdeskError,
)
from zapdesk.redaction import REDACTOR
from zapdesk.storage.run_log import RunLog
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

POLLS_S = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0)
"""Pauses before the first looks at a run; after these every 60 s."""
JITTER = 0.2
NOT_YET_S = 60.0
"""For so long after acceptance a 404 means "not yet", later "no longer"."""
_GONE = frozenset({404, 410})
_LOOK_ELSEWHERE_S = 1.0
_TAKE_OVER_S = 5.0


@dataclass(frozen=True, slots=True)
class RunsChange:
    """A run that is new or different; ``None``: another process changed the log, read it again."""

    run: ActionRun | None


def now_ms() -> int:
    """Unix time in milliseconds, for the record; nothing waits by it."""
    return time.time_ns() // 1_000_000


def steady_s() -> float:
    """Seconds on a clock that nobody sets; where the system has one, it goes on in its sleep."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Watcher:
    """Looks after the waiting runs of one profile."""

    def __init__(
        self,
        profile_id: str,
        client: ZapierClient,
        log: RunLog,
        changed: Broadcast[RunsChange],
        *,
        elsewhere: Callable[[], Awaitable[bool]],
        living: Callable[[], set[str]],
        clock: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = now_ms,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``clock`` (seconds) and ``pause`` time the polls, ``now_ms`` is the time of day."""
        self._profile_id = profile_id
        self._client = client
        self._log = log
        self._changed = changed
        self._elsewhere = elsewhere
        self._living = living
        self._clock = clock
        self._now_ms = now_ms
        self._sleep = pause
        self._owner = TaskOwner()
        self.given_up: dict[str, ZapdeskError] = {}
        """Waiting runs that are not looked at any more, and why."""
        self.clock_offset_ms = 0
        """How far the server's clock is ahead of this computer's."""
        self._watches: dict[str, asyncio.Task[None]] = {}
        self._due: dict[str, float] = {}
        self._writes: asyncio.Queue[tuple[str, Exchange]] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Stop watching; exchanges that are waiting to be written are written first."""
        for task in tuple(self._watches.values()):
            task.cancel()
        if self._writer is not None:
            try:
                async with asyncio.timeout(1.0):
                    await self._writes.join()
            except TimeoutError:
                _logger.warning("some exchanges could not be saved before closing")
        await self._owner.close()

    # Watching

    def watch(self, run: ActionRun) -> None:
        """Poll ``run`` until it ends. Asking twice is asking once."""
        if run.status is RunStatus.WAITING and run.run_id and run.id not in self._watches:
            task = self._owner.start(self._watch(run), f"watch {run.id}")
            if task is not None:
                self._watches[run.id] = task
                task.add_done_callback(lambda _: self._forget(run.id))

    def stop(self, id: str) -> None:
        """Stop polling a run."""
        if task := self._watches.get(id):
            task.cancel()

    def next_poll_s(self, id: str) -> float | None:
        """Seconds until the next look; ``None`` where the run is not watched."""
        due = self._due.get(id)
        return None if due is None else max(0.0, due - self._clock())

    def outlook(self, run: ActionRun) -> Outlook | None:
        """When ``run`` is looked at next, and what that waits for; ``None`` once it has ended."""
        if run.status is not RunStatus.WAITING:
            return None
        seconds = self.next_poll_s(run.id)
        if seconds is not None:
            return Outlook(WaitsFor.RHYTHM, seconds)
        if run.id in self.given_up:
            return Outlook(WaitsFor.NOBODY, trouble=self.given_up[run.id])
        return Outlook(WaitsFor.NOBODY if run.is_mine else WaitsFor.ELSEWHERE)

    def _forget(self, id: str) -> None:
        self._watches.pop(id, None)
        self._due.pop(id, None)

    async def _watch(self, run: ActionRun) -> None:
        self.given_up.pop(run.id, None)
        looks = 0
        wait_s = self._pause(0)
        while True:
            self._due[run.id] = self._clock() + wait_s
            await self._sleep(wait_s)
            looks += 1
            wait_s = self._pause(looks)
            try:
                if await self._look(run):
                    return
                run = await self._log.get(run.id) or run
                if not run.status.is_open:
                    return  # another process saw the end
            except (NotSignedIn, Forbidden) as error:
                # Asking on would not change that. The run stays waiting and is looked at again
                # at the next start or sign-in.
                _logger.info("run %s is no longer watched: %s", run.id, error)
                self.given_up[run.id] = error
                self._changed.announce(RunsChange(run))
                return
            except (RateLimited, Failed) as error:
                wait_s = max(wait_s, error.wait_s or 0.0)
            except ZapdeskError as error:
                _logger.info("run %s could not be looked at: %s", run.id, error)

    async def _look(self, run: ActionRun) -> bool:
        """Ask once how the run stands and write that down; True once there is no more to ask."""
        age_ms = self._now_ms() - (run.accepted_ms or run.created_ms)
        try:
            answer = await self._client.run(
                run.run_id or "", record=partial(self.keep_exchange, run.id)
            )
            if await self._took(run, answer):
                return True
        except ZapdeskError as error:
            if isinstance(error, Refused) and error.status in _GONE:
                if age_ms <= NOT_YET_S * 1000:
                    return False
                await self._move(
                    run, RunStatus.LOST, text=f"{_server(run)} no longer knows the run."
                )
                return True
            if age_ms <= RETENTION_MS:
                raise
        if age_ms <= RETENTION_MS:
            return False
        await self._move(run, RunStatus.LOST, text=f"{_server(run)}'s seven days are over.")
        return True

    async def _took(self, run: ActionRun, answer: RunAnswer) -> bool:
        """Keep what the server answered; True once the run has ended."""
        if not answer.is_ended:
            if answer.server_status != run.server_status:
                await self._move(
                    run,
                    RunStatus.WAITING,
                    server_status=answer.server_status,
                    text=f"{_server(run)} says: {answer.server_status}.",
                )
            return False
        told = headline_of_errors(answer.errors)
        if answer.is_success:
            told = told or REDACTOR.exact(result_line(answer.results))
        await self._move(
            run,
            RunStatus.SUCCESS if answer.is_success else RunStatus.ERROR,
            server_status=answer.server_status,
            results=answer.results,
            errors=answer.errors,
            headline=told,
            text=f"{_server(run)} says: {answer.server_status}.",
        )
        return True

    async def _move(self, run: ActionRun, status: RunStatus, **facts: Any) -> None:
        moved = await self._log.move(run.id, status, at_ms=self._now_ms(), **facts)
        if moved is not None:
            self._changed.announce(RunsChange(moved))

    @staticmethod
    def _pause(looks: int) -> float:
        base = POLLS_S[min(looks, len(POLLS_S) - 1)]
        return base * random.uniform(1 - JITTER, 1 + JITTER)  # no secret in it

    async def wait(
        self,
        id: str,
        timeout_s: float | None,
        is_over: Callable[[ActionRun], bool] = lambda run: not run.status.is_open,
    ) -> ActionRun:
        """The run once ``is_over`` (by default: ended) or given up, or as it is after
        ``timeout_s`` seconds."""
        ended = asyncio.Event()

        def notice(change: RunsChange) -> None:
            if change.run is None or change.run.id == id:
                ended.set()

        unsubscribe = self._changed.subscribe(notice)
        deadline = float("inf") if timeout_s is None else self._clock() + timeout_s
        try:
            while True:
                ended.clear()
                run = await self._log.get(id)
                assert run is not None, "runs are never removed while somebody waits for them"
                left = deadline - self._clock()
                if is_over(run) or left <= 0 or id in self.given_up:
                    return run
                try:
                    await asyncio.wait_for(ended.wait(), min(left, _LOOK_ELSEWHERE_S))
                except TimeoutError:
                    continue  # another process may be watching it: look into the log again
        finally:
            unsubscribe()

    # Other processes

    async def recover(self, only: str | None = None) -> None:
        """Call what dead processes were sending *unknown*, and watch what they left waiting.

        ``only`` narrows the watching to one run.
        """
        recovery = await self._log.recover(
            self._living, self._now_ms(), self._profile_id, only=only
        )
        for run in recovery.unknown:
            self._changed.announce(RunsChange(run))
        for run in recovery.waiting:
            self.watch(run)

    def start_housekeeping(self) -> None:
        """Keep noticing what other processes write, and take over what they leave behind."""
        self._owner.start(self._keep_house(), "notice other processes")

    async def _keep_house(self) -> None:
        next_take_over = self._clock() + _TAKE_OVER_S
        was_changed = False
        known: set[str] = set()
        while True:
            await asyncio.sleep(_LOOK_ELSEWHERE_S)
            try:
                if await self._elsewhere():
                    was_changed = True
                    self._changed.announce(RunsChange(None))
                if self._clock() < next_take_over:
                    continue
                next_take_over = self._clock() + _TAKE_OVER_S
                living = self._living()
                if was_changed or not known <= living:  # somebody wrote, or died
                    await self.recover()
                was_changed, known = False, living
            except StorageUnusable as error:
                _logger.info("the log could not be looked at: %s", error)

    # Evidence

    async def flush(self) -> None:
        """Return once every exchange so far is written."""
        await self._writes.join()

    def keep_exchange(self, id: str, exchange: Exchange) -> None:
        """Write an exchange to the log, in order, without making anybody wait for it."""
        if self._writer is None:
            self._writer = self._owner.start(self._write_exchanges(), "write exchanges")
        if self._writer is not None and not self._writer.done():
            self._writes.put_nowait((id, exchange))

    async def _write_exchanges(self) -> None:
        while True:
            id, exchange = await self._writes.get()
            try:
                await self._log.add_exchange(id, exchange)
            except ZapdeskError as error:
                _logger.warning("an exchange of run %s could not be saved: %s", id, error)
            except Exception:  # a bug here must not keep the later ones, and who waits for them
                _logger.exception("an exchange of run %s could not be saved", id)
            finally:
                self._writes.task_done()


def _server(run: ActionRun) -> str:
    server = server_of(run)
    return server[0].upper() + server[1:]

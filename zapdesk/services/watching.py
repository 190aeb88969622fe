"""Watching runs to their end: polls that slow down, recovery, and what other processes do."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from zapdesk.api.client import RunAnswer, ZapierClient
from zapdesk.api.signs import ServerSigns
from zapdesk.api.traffic import TRAFFIC
from zapdesk.broadcast import Broadcast
from zapdesk.domain.explanation import headline_of_errors, server_of
from zapdesk.domain.facts import RETENTION_MS
from zapdesk.domain.outlook import Outlook, WaitsFor
from zapdesk.domain.result_line import result_line
from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.errors import Failed, NotSignedIn, Refused, Side, StorageUnusable, ZapdeskError
from zapdesk.redaction import REDACTOR
from zapdesk.services.budget import Budget
from zapdesk.services.evidence import Evidence
from zapdesk.services.polling import PollQueue
from zapdesk.services.tokens import nobody
from zapdesk.storage.run_log import RunLog
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

NOT_YET_S = 60.0
"""For so long after acceptance a 404 means "not yet", later "no longer"."""
_GONE = frozenset({404, 410})
_LOOK_ELSEWHERE_S = 1.0
_TAKE_OVER_S = 5.0
_LET_GO_S = 0.5
_OF_ANOTHER = NotSignedIn(
    "This run was sent with another account.",
    status=0,
    hint="Sign in with that account to follow it.",
)
_AT_ANOTHER = ZapdeskError(
    "This run was sent to another server than the profile is at now.",
    "It is followed again once the profile has its former address.",
    side=Side.ACCESS,
    hint="Nobody but that server knows how it ends: look there.",
)


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
        budget: Budget | None = None,
        account: Callable[[], Awaitable[str]] = nobody,
        server: str | None = None,
        clock: Callable[[], float] = steady_s,
        now_ms: Callable[[], int] = now_ms,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``account`` is whose token is used, where that is known, ``server`` the address that is
        asked, empty for the sandbox; runs of others and at others are left alone.
        ``clock`` (seconds) and ``pause`` time the polls, ``now_ms`` is the time of day."""
        self._profile_id = profile_id
        self._account = account
        self._server = server
        self._client = client
        self._log = log
        self._changed = changed
        self._elsewhere = elsewhere
        self._living = living
        self._clock = clock
        self._now_ms = now_ms
        self._owner = TaskOwner()
        self.evidence = Evidence(log)
        self.given_up: dict[str, ZapdeskError] = {}
        """Waiting runs that are not looked at any more, and why."""
        self._ending: ZapdeskError | None = None
        self._stopped: set[str] = set()
        self.clock_offset_ms = 0
        """How far the server's clock is ahead of this computer's."""
        self._queue = PollQueue(self._look, self._give_up, clock=clock, pause=pause, budget=budget)
        self._forget_switch = TRAFFIC.changed.subscribe(self._on_switch)
        if TRAFFIC.is_offline:
            self._queue.rest()

    def _on_switch(self, is_offline: bool) -> None:
        if is_offline:
            self._queue.rest()
        else:
            self._queue.go_on()

    async def close(self) -> None:
        """Stop watching, and let go of what still waits: this process may live on with another
        profile. Exchanges that are waiting to be written are written first."""
        self._forget_switch()
        left = self._queue.ids
        await self._queue.close()
        if left:
            with suppress(TimeoutError):  # an owner that dies lets go as well
                async with asyncio.timeout(_LET_GO_S):
                    await self._let_go(left)
        await self.evidence.close()
        await self._owner.close()

    def hear(self, signs: ServerSigns) -> None:
        """What an answer told beside its content: the server's clock counts for its seven days."""
        if signs.clock_offset_s is not None:
            self.clock_offset_ms = round(signs.clock_offset_s * 1000)

    # Watching

    @property
    def watched(self) -> list[str]:
        """The runs that are looked after here."""
        return self._queue.ids

    def watch(self, run: ActionRun) -> None:
        """Poll ``run`` until it ends. Asking twice is asking once; a run that is another
        process's is taken over if that one is dead or has let go of it."""
        if run.status is not RunStatus.WAITING or not run.run_id or run.is_foreign:
            return
        if self._ending is not None:
            self._give_up([run], self._ending)
            return
        was_let_go = run.id in self._stopped or run.id in self.given_up
        self._stopped.discard(run.id)
        self.given_up.pop(run.id, None)
        if was_let_go or not run.is_mine:
            self._owner.start(self._claim(run.id), f"claim {run.id}")
            return
        age_s = max(0.0, (self._now_ms() - (run.accepted_ms or run.created_ms)) / 1000)
        self._queue.add(run, age_s, is_fresh=age_s < NOT_YET_S)

    async def _claim(self, id: str) -> None:
        try:
            await self.recover(only=id)
        except StorageUnusable as error:
            self.cannot_watch(id, error)

    def cannot_watch(self, id: str, error: ZapdeskError) -> None:
        """A run that is nobody's could not be taken over."""
        self.given_up[id] = error

    def leave_off(self, error: ZapdeskError) -> None:
        """Look at no run any more, and say ``error`` of each; there is no token for it. Another
        process that has one may."""
        self._ending = error
        self._queue.give_up(error)
        self.given_up |= dict.fromkeys(self.given_up, error)

    def stop(self, id: str) -> None:
        """Stop polling a run. Another process may look after it from now on."""
        if id not in self._queue:
            return
        self._queue.remove(id)
        self._stopped.add(id)
        self._owner.start(self._let_go([id]), f"let go of {id}")

    def outlook(self, run: ActionRun) -> Outlook | None:
        """When ``run`` is looked at next, and what that waits for; ``None`` once it has ended."""
        if run.status is not RunStatus.WAITING or run.is_foreign:
            return None
        if (outlook := self._queue.outlook(run.id)) is not None:
            return outlook
        if run.id in self.given_up or run.id in self._stopped or run.is_mine:
            return Outlook(WaitsFor.NOBODY, trouble=self.given_up.get(run.id))
        return Outlook(WaitsFor.ELSEWHERE)

    def next_poll_s(self, id: str) -> float | None:
        """Seconds until the next look, as far as they are known; ``None`` where the run is not
        watched."""
        outlook = self._queue.outlook(id)
        return None if outlook is None else outlook.seconds or 0.0

    def _give_up(self, runs: Iterable[ActionRun], error: ZapdeskError) -> None:
        """The runs stay waiting and are looked at again at the next start or sign-in."""
        given = tuple(runs)
        self._give_up_on([run.id for run in given], error)
        for run in given:
            self._changed.announce(RunsChange(run))

    def _give_up_on(self, ids: list[str], error: ZapdeskError) -> None:
        _logger.info("%d runs are no longer watched: %s", len(ids), error)
        self.given_up |= dict.fromkeys(ids, error)
        self._owner.start(self._let_go(ids), "let go of runs")

    async def _let_go(self, ids: list[str]) -> None:
        try:
            await self._log.release(ids)
        except StorageUnusable as error:
            _logger.info("runs could not be let go of: %s", error)

    async def _look(self, run: ActionRun, age_s: float) -> bool:
        """Ask once how the run stands and write that down; True once there is no more to ask."""
        run = await self._log.get(run.id) or run
        if not run.status.is_open:
            return True  # another process saw the end
        try:
            answer = await self._client.run(
                run.run_id or "", record=partial(self.evidence.keep, run.id)
            )
            if await self._took(run, answer):
                return True
        except ZapdeskError as error:
            if isinstance(error, Refused) and error.status in _GONE:
                if age_s <= NOT_YET_S:
                    return False
                text = f"{_server(run)} no longer knows the run."
                await self._move(run, RunStatus.LOST, text=text)
                return True
            if not _is_answered(error) or not self._is_forgotten(run):
                raise  # this computer's clock alone must not decide
        if self._is_forgotten(run):
            text = f"{_server(run)}'s seven days are over."
            await self._move(run, RunStatus.LOST, text=text)
            return True
        return False

    def _is_forgotten(self, run: ActionRun) -> bool:
        at_ms = run.forgotten_ms
        if at_ms is None:
            at_ms = (run.accepted_ms or run.created_ms) + RETENTION_MS + self.clock_offset_ms
        return self._now_ms() + self.clock_offset_ms > at_ms

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
                # Another process may be watching it: look into the log again from time to time.
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, _LOOK_ELSEWHERE_S)):
                        await ended.wait()
        finally:
            unsubscribe()

    # Other processes

    async def recover(self, only: str | None = None) -> None:
        """Call what dead processes were sending *unknown*, and watch what they left waiting.

        ``only`` narrows the watching to one run.
        """
        if self._ending is not None:
            return
        recovery = await self._log.recover(
            self._living,
            self._now_ms(),
            self._profile_id,
            account=await self._account(),
            only=only,
            skip=[*self._stopped, *self.given_up],
            server=self._server,
        )
        for run in recovery.unknown:
            self._changed.announce(RunsChange(run))
        for run in recovery.waiting:
            self.watch(run)
        for run in recovery.others:
            self.given_up[run.id] = _OF_ANOTHER
        for run in recovery.elsewhere:
            self.given_up[run.id] = _AT_ANOTHER

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


def _server(run: ActionRun) -> str:
    server = server_of(run)
    return server[0].upper() + server[1:]


def _is_answered(error: ZapdeskError) -> bool:
    """Whether the server said something, however little that can be used."""
    return isinstance(error, Refused) or (isinstance(error, Failed) and error.status is not None)

"""The run engine: write down, send once, watch to the end, recover. Window and CLI share it.

The order of a send is fixed: commit the intent, fetch a fresh action id, POST, commit Zapier's
id, poll.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from zapdesk.api.client import ZapierClient
from zapdesk.api.signs import ServerSigns
from zapdesk.api.traffic import TRAFFIC
from zapdesk.broadcast import Broadcast
from zapdesk.domain.attempts import SAME_WITHIN_MS, EarlierAttempt, changes_between
from zapdesk.domain.catalog import ActionKey, writes
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.facts import Facts, facts_of, not_saved
from zapdesk.domain.outlook import Outlook
from zapdesk.domain.payload import without_secrets, write_json
from zapdesk.domain.runs import (
    ActionRun,
    Resolution,
    RunCursor,
    RunFilter,
    RunOrder,
    RunRecord,
    RunStatus,
)
from zapdesk.errors import Forbidden, InvalidInput, NotSignedIn, StorageUnusable, ZapdeskError
from zapdesk.services.budget import Budget
from zapdesk.services.catalog import CatalogService
from zapdesk.services.endings import EndedElsewhere
from zapdesk.services.sending import Sender, Unsaved
from zapdesk.services.sensitive import SensitiveService
from zapdesk.services.tokens import nobody
from zapdesk.services.watching import RunsChange, Watcher, now_ms, steady_s
from zapdesk.storage.run_log import RunLog
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

_BEGIN_AT_CLOSE_S = 2.0
_TAKE_OVER_S = 5.0
_TRY_AGAIN_S = 5.0
_STUCK_AFTER_S = 10.0


class RunService:
    """Sends, watches and finds the runs of one profile."""

    def __init__(
        self,
        profile_id: str,
        client: ZapierClient,
        log: RunLog,
        catalog: CatalogService,
        *,
        blocked: Callable[[], str],
        elsewhere: Callable[[], Awaitable[bool]],
        living: Callable[[], set[str]],
        blocked_changed: Broadcast[str] | None = None,
        try_again: Callable[[], Awaitable[bool]] | None = None,
        budget: Budget | None = None,
        sensitive: SensitiveService | None = None,
        account: Callable[[], Awaitable[str]] = nobody,
        server: str | None = None,
        not_allowed: str = "",
        lost: Broadcast[ZapdeskError] | None = None,
    ) -> None:
        """``blocked`` says why the log cannot be written, ``try_again`` whether it can by now;
        ``account`` is whose token sends, where that is known; ``server`` is the profile's address,
        empty for the sandbox; ``not_allowed`` says why the sign-in does not allow sending,
        ``lost`` why it is over."""
        self._not_allowed = not_allowed
        self._account = account
        self._in_sandbox = server == ""
        self._profile_id = profile_id
        self._sensitive = sensitive
        self._ending: EndedElsewhere | None = None
        self._unsubscribe = [lost.subscribe(self._on_lost)] if lost else []
        if sensitive:
            self._unsubscribe.append(sensitive.changed.subscribe(self._show_again))
        self._log = log
        self._blocked = blocked
        self.blocked_changed: Broadcast[str] = Broadcast()
        if blocked_changed is not None:
            self._unsubscribe.append(blocked_changed.subscribe(lambda _: self._tell_blocked()))
        self._try_again = try_again
        self._owner = TaskOwner()
        self._beginning: set[asyncio.Task[object]] = set()
        self._sending: set[asyncio.Task[object]] = set()
        self._begun: dict[str, float] = {}
        self.changed: Broadcast[RunsChange] = Broadcast()
        self._watcher = Watcher(
            profile_id,
            client,
            log,
            self.changed,
            elsewhere=elsewhere,
            living=living,
            budget=budget,
            account=account,
            server=server,
        )
        self._sender = Sender(client, log, catalog, self._watcher, self.changed)

    @property
    def blocked(self) -> str:
        """Why nothing can be sent now, as a sentence; empty where sending works."""
        ended = "" if self._ending is None else f"{self._ending.title} {self._ending.hint}"
        return ended or self._not_allowed or self._blocked()

    @property
    def is_busy(self) -> bool:
        """Whether runs of this profile are being sent or watched here."""
        return bool(self._beginning or self._sending or self._watcher.watched)

    def _on_lost(self, error: ZapdeskError) -> None:
        if isinstance(error, EndedElsewhere):  # else a later request may have a token again
            self._ending = error
            self._watcher.leave_off(error)
            self._tell_blocked()

    def _tell_blocked(self) -> None:
        self.blocked_changed.announce(self.blocked)

    @property
    def ending(self) -> ZapdeskError | None:
        """Why nothing is sent or followed here any more: another process has ended the sign-in,
        or deleted the profile."""
        return self._ending

    async def settle(self, timeout_s: float) -> None:
        """Return once nothing is being sent any more, or after ``timeout_s``."""
        under_way = tuple(self._beginning | self._sending)
        if under_way:
            await asyncio.wait(under_way, timeout=timeout_s)

    def _show_again(self, _action: ActionKey) -> None:
        self.changed.announce(RunsChange(None))

    async def close(self) -> None:
        """Stop sending and watching. A send that is under way ends as what is known of it."""
        self._sender.is_closing = True
        while self._unsubscribe:
            self._unsubscribe.pop()()
        if self._beginning:  # an intent that is being written must not stay without a word
            await asyncio.wait(tuple(self._beginning), timeout=_BEGIN_AT_CLOSE_S)
        await self._owner.close()
        await self._watcher.close()

    # Sending

    async def start(self, order: RunOrder) -> ActionRun:
        """Write the run down and send it in the background; returns once it is written down.

        The same order twice (by its nonce) is one run. Raises StorageUnusable where it cannot be
        written down, InvalidInput for inputs that are no JSON or an order of another profile, whose
        account this is not, Forbidden where the sign-in does not allow it, NotSignedIn where
        another process has ended it: then nothing is sent.
        """
        if order.profile_id != self._profile_id:
            raise InvalidInput("Nothing was sent: this belongs to another profile.")
        if self._ending is not None:
            why = self._ending
            raise NotSignedIn("Nothing was sent.", why.title, status=0, hint=why.hint)
        if self._not_allowed:
            raise Forbidden("Nothing was sent.", self._not_allowed, status=0)
        reason = self._blocked()
        if reason and not await self._is_writable_again():
            raise StorageUnusable("Nothing was sent: the run log cannot be written.", reason)
        # As a task of this service: a caller that goes away must not leave an intent unsent.
        task = self._owner.start(self._begin(order), "begin run")
        if task is None:
            raise StorageUnusable("Nothing was sent: zapdesk is closing.")
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)
        begun = await asyncio.shield(task)
        if isinstance(begun, ZapdeskError):
            raise begun
        return begun

    async def _is_writable_again(self) -> bool:
        return self._try_again is not None and await self._try_again() and not self._blocked()

    async def _keep_trying(self) -> None:
        """Notice that a log that could not be written can be written again."""
        while True:
            await asyncio.sleep(_TRY_AGAIN_S)
            if self._blocked():
                await self._is_writable_again()

    def unsaved(self, id: str) -> Unsaved | None:
        """What is known of a run while the log cannot take it: worth copying by hand."""
        return self._sender.unsaved.get(id)

    async def earlier_attempt(self, order: RunOrder) -> EarlierAttempt | None:
        """What sending ``order`` would repeat: the run it is sent again for, with what differs,
        or one with the same inputs that began or ended within the last ten minutes. What only
        looks and changes nothing may be repeated at will.

        Raises InvalidInput for inputs that are no JSON, and Offline where there is one and nothing
        can be sent anyway: then nobody has to be asked. Where the log cannot be read nothing is
        known to be repeated; `start` says then that nothing can be sent.
        """
        earlier = await self._earlier(order)
        if earlier is not None:
            TRAFFIC.check()
        return earlier

    async def _earlier(self, order: RunOrder) -> EarlierAttempt | None:
        shown = without_secrets(order.inputs, order.secret_ids)
        body = write_json(shown)
        try:
            if order.again_of is not None:
                record = await self.record(order.again_of)
                if record is not None:
                    return EarlierAttempt(record.run, changes_between(record.inputs, shown), True)
            if not writes(order.action.action_type):
                return None
            like = await self._log.like(order, body, now_ms() - SAME_WITHIN_MS)
        except StorageUnusable as error:
            _logger.info("earlier attempts could not be looked up: %s", error)
            return None
        return None if like is None else EarlierAttempt(like)

    async def _begin(self, order: RunOrder) -> ActionRun | ZapdeskError:
        try:
            body = write_json(without_secrets(order.inputs, order.secret_ids))
            account = await self._account()
            mine = replace(order, account=account, in_sandbox=self._in_sandbox)
            run, is_new = await self._log.add(mine, now_ms(), body)
        except ZapdeskError as error:  # for whoever asked; it is no task's lost error
            return error
        if is_new:
            self._begun[run.id] = steady_s()
            self.changed.announce(RunsChange(run))
            if self._sender.is_closing:
                await self._sender.leave(run)
            else:
                task = self._owner.start(self._sender.send(run, order), f"send {run.id}")
                if task is not None:
                    self._sending.add(task)
                    task.add_done_callback(self._sending.discard)
        return run

    # Watching

    async def recover(self) -> None:
        """Make sense of what earlier processes left, and watch what still waits, also what was
        given up: somebody may have signed in meanwhile."""
        if self._ending is None:
            self._watcher.given_up.clear()
        await self._watcher.recover()

    def start_housekeeping(self) -> None:
        """Notice, from now on, what other processes write, and take over what they leave; and
        when a log that could not be written can be written again."""
        self._watcher.start_housekeeping()
        self._owner.start(self._keep_trying(), "try to write the log")

    def hear(self, signs: ServerSigns) -> None:
        """Note what an answer told about the server beside its content."""
        self._watcher.hear(signs)

    def watch(self, run: ActionRun) -> None:
        """Look after a waiting run until it ends."""
        self._watcher.watch(run)

    def stop_watching(self, id: str) -> None:
        """Stop looking after a run. The run itself goes on all the same."""
        self._watcher.stop(id)

    def next_poll_s(self, id: str) -> float | None:
        """Seconds until a run is looked at again; ``None`` where it is not watched."""
        return self._watcher.next_poll_s(id)

    def outlook(self, run: ActionRun) -> Outlook | None:
        """When a run is looked at next, and what that waits for; ``None`` once it has ended."""
        return self._watcher.outlook(run)

    def elapsed_ms(self, run: ActionRun) -> int:
        """How long a run has taken so far, or took. A clock that is set meanwhile does not change
        it, nor does a sleep of the computer, for what this process has sent."""
        if run.duration_ms is not None:
            return max(0, run.duration_ms)
        begun = self._begun.get(run.id)
        if begun is not None:
            return int((steady_s() - begun) * 1000)
        return max(0, now_ms() - run.created_ms)

    def facts(self, run: ActionRun, record: RunRecord | None = None) -> Facts:
        """The four facts of a run now."""
        facts = facts_of(run, record, now_ms(), self._watcher.clock_offset_ms)
        unsaved = self.unsaved(run.id)
        if unsaved is None:
            return facts
        return not_saved(facts, run, unsaved.run_id, str(unsaved.trouble))

    async def wait(self, id: str, timeout_s: float) -> ActionRun:
        """The run once it has ended or nobody can look at it any more, or as it is after
        ``timeout_s``."""
        return await self._watcher.wait(id, timeout_s)

    async def wait_until_sent(self, id: str) -> ActionRun:
        """The run once it is known what became of sending it; every request has a deadline. What
        cannot be written down in a while is found in `unsaved`."""

        def is_over(run: ActionRun) -> bool:
            unsaved = self.unsaved(id)
            is_stuck = unsaved is not None and steady_s() - unsaved.since_s > _STUCK_AFTER_S
            return run.status is not RunStatus.SUBMITTING or is_stuck

        return await self._watcher.wait(id, None, is_over)

    async def follow(self, id: str, timeout_s: float) -> ActionRun:
        """As ``wait``, for a run that another process may be watching: should that one end, the
        run is watched here."""
        task = self._owner.start(self._keep_taking_over(id), f"take over {id}")
        try:
            return await self._watcher.wait(id, timeout_s)
        finally:
            if task is not None:
                task.cancel()

    async def _keep_taking_over(self, id: str) -> None:
        while True:
            try:
                await self._watcher.recover(only=id)
            except StorageUnusable as error:
                _logger.info("nothing could be taken over: %s", error)
                if self._blocked():  # what is seen could not be written down either
                    self._watcher.cannot_watch(id, error)
            await asyncio.sleep(_TAKE_OVER_S)

    def trouble(self, id: str) -> ZapdeskError | None:
        """Why a waiting run is not looked at any more."""
        return self._watcher.given_up.get(id)

    async def flush(self) -> None:
        """Return once every exchange so far is in the log."""
        await self._watcher.evidence.flush()

    # Finding

    async def page(
        self, filter: RunFilter, after: RunCursor | None = None, limit: int = 100
    ) -> tuple[ActionRun, ...]:
        """Runs that fit, newest first, next to the cursor ``after``."""
        return await self._log.page(filter, after, limit)

    async def counts(self, filter: RunFilter) -> Mapping[RunStatus, int]:
        """How many runs of each status fit."""
        return await self._log.counts(filter)

    async def get(self, id: str) -> ActionRun | None:
        """The run of that local id."""
        return await self._log.get(id)

    async def record(self, id: str) -> RunRecord | None:
        """A run with everything kept of it, but for values of fields marked as sensitive."""
        record = await self._log.record(id)
        if record is None or self._sensitive is None:
            return record
        return (await self._sensitive.without(record))[0]

    async def exchanges(self, id: str) -> tuple[Exchange, ...]:
        """The requests and answers of a run, oldest first."""
        found = await self._log.exchanges(id)
        run = await self._log.get(id)
        if run is None or self._sensitive is None or not self._sensitive.of(run.action):
            return found
        record = await self._log.record(id)  # it has the values that answers may repeat
        return found if record is None else (await self._sensitive.without(record, found))[1]

    async def sent_again_as(self, id: str) -> tuple[ActionRun, ...]:
        """The runs that were made by sending this one again, oldest first."""
        return await self._log.sent_again_as(id)

    async def find(self, text: str) -> ActionRun:
        """The run meant by a local id, a unique beginning of one, or ``last``.

        Raises InvalidInput where none or several are meant.
        """
        return await self._log.find(text)

    async def resolve(self, id: str, resolution: Resolution, note: str) -> ActionRun:
        """Close an unknown outcome with what a person found out."""
        run = await self._log.resolve(id, resolution, note, now_ms())
        self.changed.announce(RunsChange(run))
        return run

"""The run engine: write down, send once, watch to the end, recover. Window and CLI share it.

The order of a send is fixed: commit the intent, fetch a fresh action id, POST, commit Zapier's
id, poll. A run is never sent twice by itself but after an explicit refusal that proves that
nothing ran: a token that was renewed, or a body shape that the server rejects; once each, with a
new action id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from zapdesk.api.client import ZapierClient, rejects_body
from zapdesk.api.recording import SendWitness
from zapdesk.broadcast import Broadcast
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import headline_of_errors
from zapdesk.domain.form import without_secrets
from zapdesk.domain.payload import write_json
from zapdesk.domain.runs import (
    ActionRun,
    Resolution,
    RunCursor,
    RunError,
    RunFilter,
    RunKind,
    RunOrder,
    RunRecord,
    RunStatus,
)
from zapdesk.errors import (
    ErrorReport,
    NotSignedIn,
    OutcomeUnknown,
    Refused,
    Side,
    StorageUnusable,
    Unreachable,
    ZapdeskError,
)
from zapdesk.services.catalog import CatalogService
from zapdesk.services.watching import RunsChange, Watcher, now_ms
from zapdesk.storage.run_log import RunLog
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

_SAVE_AGAIN_S = 2.0


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
    ) -> None:
        self._profile_id = profile_id
        self._client = client
        self._log = log
        self._catalog = catalog
        self._blocked = blocked
        self._owner = TaskOwner()
        self.changed: Broadcast[RunsChange] = Broadcast()
        self._watcher = Watcher(
            profile_id, client, log, self.changed, elsewhere=elsewhere, living=living
        )

    @property
    def blocked(self) -> str:
        """Why nothing can be sent now, as a sentence; empty where sending works."""
        return self._blocked()

    async def close(self) -> None:
        """Stop sending and watching. A send that is under way ends as what is known of it."""
        await self._owner.close()
        await self._watcher.close()

    # Sending

    async def start(self, order: RunOrder) -> ActionRun:
        """Write the run down and send it in the background; returns once it is written down.

        The same order twice (by its nonce) is one run. Raises StorageUnusable where it cannot be
        written down: then nothing is sent.
        """
        if self.blocked:
            raise StorageUnusable("Nothing was sent: the run log cannot be written.", self.blocked)
        # As a task of this service: a caller that goes away must not leave an intent unsent.
        task = self._owner.start(self._begin(order), "begin run")
        if task is None:
            raise StorageUnusable("Nothing was sent: zapdesk is closing.")
        run, error = await asyncio.shield(task)
        if error is not None:
            raise error
        assert run is not None
        return run

    async def _begin(self, order: RunOrder) -> tuple[ActionRun | None, StorageUnusable | None]:
        body = write_json(without_secrets(order.inputs, order.secret_ids))
        try:
            run, is_new = await self._log.add(order, now_ms(), body)
        except StorageUnusable as error:
            return None, error
        if is_new:
            self.changed.announce(RunsChange(run))
            self._owner.start(self._send(run, order), f"send {run.id}")
        return run, None

    async def _send(self, run: ActionRun, order: RunOrder) -> None:
        witness = SendWitness()
        try:
            await self._attempt(run, order, witness)
        except asyncio.CancelledError:
            # Quitting. What is known is written down before the store closes behind us.
            if witness.bytes_left:
                error = OutcomeUnknown("zapdesk was closed before an answer came.")
                await asyncio.shield(self._end(run, RunStatus.UNKNOWN, error))
            else:
                left = Unreachable("zapdesk was closed before anything was sent.")
                await asyncio.shield(self._end(run, RunStatus.NOT_SENT, left))
            raise
        except Exception:
            # A bug of ours. The row must not stay "sending", and must not claim too much.
            status = RunStatus.UNKNOWN if witness.bytes_left else RunStatus.NOT_SENT
            await self._end(
                run, status, ZapdeskError("zapdesk failed while sending.", side=Side.COMPUTER)
            )
            raise

    async def _attempt(self, run: ActionRun, order: RunOrder, witness: SendWitness) -> None:
        record = self._recorder(run)
        may_renew = may_reshape = True
        while True:
            try:
                await self._refuse_expired(order)
                action_id = await self._fresh_id(order, record)
            except ZapdeskError as error:
                await self._end(run, RunStatus.NOT_SENT, error)
                return
            try:
                await self._post(run, order, action_id, witness)
            except Unreachable as error:
                await self._end(run, RunStatus.NOT_SENT, error)
            except NotSignedIn as error:
                if error.status == 0:  # there was nothing to sign in with, so nothing was sent
                    await self._end(run, RunStatus.NOT_SENT, error)
                    return
                if may_renew and await self._client.renew():
                    may_renew = False
                    continue
                await self._end(run, RunStatus.REFUSED, error)
            except Refused as error:
                shape = self._client.next_shape() if rejects_body(error) else None
                if may_reshape and shape is not None:
                    may_reshape = False
                    self._client.use_shape(shape)
                    continue
                await self._end_refused(run, error)
            except OutcomeUnknown as error:
                await self._end(run, RunStatus.UNKNOWN, error)
            return

    async def _refuse_expired(self, order: RunOrder) -> None:
        if order.authentication_id is None:
            return
        known = await self._catalog.connections(order.action.app_id)
        for connection in known.items:
            if connection.id == order.authentication_id and connection.is_expired:
                raise ZapdeskError(
                    f"The connection '{connection.title}' has expired.",
                    "It cannot be used until it is connected again.",
                    side=Side.CONNECTION,
                    hint="Reconnect it in Zapier, then run it again.",
                )

    async def _fresh_id(self, order: RunOrder, record: Callable[[Exchange], None]) -> str:
        return (await self._catalog.fresh_action(order.action, record=record)).id

    async def _post(
        self, run: ActionRun, order: RunOrder, action_id: str, witness: SendWitness
    ) -> None:
        record = self._recorder(run)
        sent_ms = now_ms()
        if order.kind is RunKind.TEST:
            answer = await self._client.test_action(
                action_id,
                order.authentication_id,
                order.inputs,
                record=record,
                witness=witness,
                secret_ids=order.secret_ids,
            )
            await self._save(
                run,
                RunStatus.SUCCESS,
                sent_ms=sent_ms,
                results=answer.results,
                ended_ms=now_ms(),
                text="The test ended.",
            )
            return
        run_id = await self._client.start_run(
            action_id,
            order.authentication_id,
            order.inputs,
            record=record,
            witness=witness,
            secret_ids=order.secret_ids,
        )
        accepted = await self._save(
            run,
            RunStatus.WAITING,
            run_id=run_id,
            sent_ms=sent_ms,
            accepted_ms=now_ms(),
            text="Zapier accepted the run.",
        )
        if accepted is not None:
            self._watcher.watch(accepted)

    async def _end_refused(self, run: ActionRun, error: Refused) -> None:
        if run.kind is RunKind.TEST and "test_failed" in error.codes:
            errors = tuple(RunError(item.code, item.title, item.detail) for item in error.items)
            await self._save(
                run,
                RunStatus.ERROR,
                errors=errors,
                report=ErrorReport.of(error),
                headline=headline_of_errors(errors),
                ended_ms=now_ms(),
                text="The test failed.",
            )
            return
        await self._end(run, RunStatus.REFUSED, error)

    async def _end(self, run: ActionRun, status: RunStatus, error: ZapdeskError) -> None:
        await self._save(
            run,
            status,
            report=ErrorReport.of(error),
            headline=error.title,
            ended_ms=now_ms(),
            text=str(error),
        )

    async def _save(self, run: ActionRun, status: RunStatus, **facts: Any) -> ActionRun | None:
        # What Zapier said must not be lost because the disk is full for a moment: keep trying
        # as long as the program lives. After that, recovery calls the run unknown.
        while True:
            try:
                moved = await self._log.move(run.id, status, at_ms=now_ms(), **facts)
            except StorageUnusable as error:
                _logger.warning("run %s could not be saved: %s", run.id, error)
                await asyncio.sleep(_SAVE_AGAIN_S)
                continue
            if moved is not None:
                self.changed.announce(RunsChange(moved))
            return moved

    def _recorder(self, run: ActionRun) -> Callable[[Exchange], None]:
        return partial(self._watcher.keep_exchange, run.id)

    # Watching

    async def recover(self) -> None:
        """Make sense of what earlier processes left, and watch what still waits."""
        await self._watcher.recover()

    def start_housekeeping(self) -> None:
        """Notice, from now on, what other processes write, and take over what they leave."""
        self._watcher.start_housekeeping()

    def watch(self, run: ActionRun) -> None:
        """Look after a waiting run until it ends."""
        self._watcher.watch(run)

    def stop_watching(self, id: str) -> None:
        """Stop looking after a run. It goes on at Zapier all the same."""
        self._watcher.stop(id)

    def next_poll_s(self, id: str) -> float | None:
        """Seconds until a run is looked at again; ``None`` where it is not watched."""
        return self._watcher.next_poll_s(id)

    async def wait(self, id: str, timeout_s: float) -> ActionRun:
        """The run once nothing changes by itself any more, or as it is after ``timeout_s``."""
        return await self._watcher.wait(id, timeout_s)

    async def wait_until_sent(self, id: str) -> ActionRun:
        """The run once it is known what became of sending it; every request has a deadline."""
        return await self._watcher.wait(id, None, is_over=lambda run: not _is_sending(run))

    async def take_over(self, id: str) -> None:
        """Watch a waiting run, unless a living process already does."""
        await self._watcher.recover(only=id)

    async def flush(self) -> None:
        """Return once every exchange so far is in the log."""
        await self._watcher.flush()

    # Finding

    async def page(
        self, filter: RunFilter, after: RunCursor | None = None, limit: int = 100
    ) -> tuple[ActionRun, ...]:
        """Runs that fit, newest first, below ``after``."""
        return await self._log.page(filter, after, limit)

    async def counts(self, filter: RunFilter) -> Mapping[RunStatus, int]:
        """How many runs of each status fit."""
        return await self._log.counts(filter)

    async def get(self, id: str) -> ActionRun | None:
        """The run of that local id."""
        return await self._log.get(id)

    async def record(self, id: str) -> RunRecord | None:
        """A run with everything kept of it."""
        return await self._log.record(id)

    async def exchanges(self, id: str) -> tuple[Exchange, ...]:
        """The requests and answers of a run, oldest first."""
        return await self._log.exchanges(id)

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


def _is_sending(run: ActionRun) -> bool:
    return run.status is RunStatus.SUBMITTING

"""Sending one run that is written down: a fresh action id, one POST, and the truth about it.

A run is never sent twice by itself but after an explicit refusal that proves that nothing ran: a
token that was renewed, or a body shape that the server rejects; once each, with a new action id.
What is written down never claims more than is known: *not sent* and *refused* only where nothing
can have run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from zapdesk.api.client import ZapierClient, rejects_body
from zapdesk.api.recording import SendWitness
from zapdesk.broadcast import Broadcast
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import headline_of_errors, server_of
from zapdesk.domain.facts import RETENTION_MS
from zapdesk.domain.payload import texts_within
from zapdesk.domain.profiles import BodyShape
from zapdesk.domain.result_line import result_line
from zapdesk.domain.runs import ActionRun, RunError, RunKind, RunOrder, RunStatus
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
from zapdesk.redaction import REDACTOR, Reason
from zapdesk.services.catalog import CatalogService
from zapdesk.services.watching import RunsChange, Watcher, now_ms, steady_s
from zapdesk.storage.run_log import RunLog

_logger = logging.getLogger(__name__)

SAVE_AGAIN_S = 2.0
"""Between attempts at writing down what the server said, while the log cannot be written."""


@dataclass(slots=True)
class _Send:
    """One run on its way. ``refusal`` is what an earlier attempt was told: nothing ran by it."""

    run: ActionRun
    order: RunOrder
    witness: SendWitness = field(default_factory=SendWitness)
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What became of a run, while the log cannot take it: it is lost with this process.

    ``run_id`` is the server's, empty where it gave none; ``since_s`` is on the steady clock.
    """

    status: RunStatus
    run_id: str
    trouble: StorageUnusable
    since_s: float


class Sender:
    """Brings runs from *submitting* to whatever became of their POST."""

    def __init__(
        self,
        client: ZapierClient,
        log: RunLog,
        catalog: CatalogService,
        watcher: Watcher,
        changed: Broadcast[RunsChange],
    ) -> None:
        self._client = client
        self._log = log
        self._catalog = catalog
        self._watcher = watcher
        self._changed = changed
        self.is_closing = False
        """Set before the tasks that send are cancelled: then nothing is tried twice any more."""
        self.unsaved: dict[str, Unsaved] = {}
        """By a run's local id: what is known of it and could not be written down yet."""

    async def send(self, run: ActionRun, order: RunOrder) -> None:
        """Send ``run`` and write down how that ended."""
        send = _Send(run, order)
        _hide_secrets(order)
        try:
            await self._attempts(send)
        except asyncio.CancelledError:
            # Quitting. What is known is written down before the store closes behind us.
            await asyncio.shield(self.leave(send.run, send.witness, send.refusal))
            raise
        except Exception:  # a bug of ours: the row must not stay "sending", nor claim too much
            status = RunStatus.UNKNOWN if send.witness.bytes_left else RunStatus.NOT_SENT
            bug = ZapdeskError("zapdesk failed while sending.", side=Side.COMPUTER)
            await self._end(run, status, bug)
            raise

    async def leave(
        self,
        run: ActionRun,
        witness: SendWitness | None = None,
        refusal: Refused | None = None,
    ) -> None:
        """Write down how ``run`` stands as zapdesk closes."""
        if witness is not None and witness.bytes_left:
            error = OutcomeUnknown("zapdesk was closed before an answer came.")
            await self._end(run, RunStatus.UNKNOWN, error, sent_ms=witness.sent_ms)
        else:
            left = Unreachable("zapdesk was closed before anything was sent.", side=Side.COMPUTER)
            await self._end_unsent(run, left, refusal)

    async def _attempts(self, send: _Send) -> None:
        run, order = send.run, send.order
        may_renew = True
        may_reshape = order.kind is RunKind.RUN  # the body of a step test has one shape only
        first_shape: BodyShape | None = None
        while True:
            try:
                await self._refuse_expired(run, order)
                action_id = await self._fresh_id(run, order)
            except ZapdeskError as error:
                await self._end_unsent(run, error, send.refusal)
                return
            shape = self._client.shape
            try:
                await self._post(send, action_id)
            except NotSignedIn as error:
                if error.status == 0:  # there was nothing to sign in with, so nothing was sent
                    await self._end_unsent(run, error, send.refusal)
                    return
                if may_renew and await self._client.renew():
                    may_renew, send.refusal = False, error
                    continue
                await self._end_refused(send, error)
            except Refused as error:
                if may_reshape and rejects_body(error) and self._takes_next_shape(shape):
                    may_reshape, send.refusal, first_shape = False, error, shape
                    continue
                if first_shape is not None and rejects_body(error) and send.refusal is not None:
                    # Neither is read. The shape that counts stays in use and its refusal is
                    # the one to show; the next run may try a third.
                    self._client.next_shape()
                    self._client.use_shape(first_shape)
                    error = send.refusal
                await self._end_refused(send, error)
            except OutcomeUnknown as error:
                await self._end(run, RunStatus.UNKNOWN, error, sent_ms=send.witness.sent_ms)
            except ZapdeskError as error:  # unreachable, or inputs that no body can hold
                await self._end_unsent(run, error, send.refusal)
            return

    def _takes_next_shape(self, refused: BodyShape) -> bool:
        if self._client.shape is not refused:
            return True  # another run has found out in the meantime
        shape = self._client.next_shape()
        if shape is None:
            return False
        self._client.use_shape(shape)
        return True

    async def _refuse_expired(self, run: ActionRun, order: RunOrder) -> None:
        if order.authentication_id is None:
            return
        known = await self._catalog.connections(order.action.app_id)
        for connection in known.items:
            if connection.id == order.authentication_id and connection.is_expired:
                raise ZapdeskError(
                    f"The connection '{connection.title}' has expired.",
                    "It cannot be used until it is connected again.",
                    side=Side.CONNECTION,
                    hint=f"Reconnect it in {server_of(run)}, then run it again.",
                )

    async def _fresh_id(self, run: ActionRun, order: RunOrder) -> str:
        action = await self._catalog.fresh_action(order.action, record=self._recorder(run))
        return action.id

    async def _post(self, send: _Send, action_id: str) -> None:
        run, order, witness = send.run, send.order, send.witness
        record = self._recorder(run)
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
                sent_ms=witness.sent_ms,
                results=answer.results,
                headline=REDACTOR.exact(result_line(answer.results)),
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
        accepted_ms = now_ms()
        accepted = await self._save(
            run,
            RunStatus.WAITING,
            run_id=run_id,
            sent_ms=witness.sent_ms,
            accepted_ms=accepted_ms,
            forgotten_ms=accepted_ms + self._watcher.clock_offset_ms + RETENTION_MS,
            text=f"Accepted by {server_of(run)}.",
        )
        if accepted is not None:
            self._watcher.watch(accepted)

    async def _end_unsent(
        self, run: ActionRun, error: ZapdeskError, refusal: Refused | None
    ) -> None:
        """Nothing left this computer; or only something that was refused in so many words."""
        if refusal is None:
            await self._end(run, RunStatus.NOT_SENT, error)
            return
        again = f"{refusal} It could not be sent again: {error.title}"
        await self._end(run, RunStatus.REFUSED, refusal, text=again)

    async def _end_refused(self, send: _Send, error: Refused) -> None:
        run, sent_ms = send.run, send.witness.sent_ms
        if any(item.pointer.endswith("/authentication") for item in error.items):
            self._catalog.recheck_connections(send.order.action.app_id)
        if run.kind is RunKind.TEST and "test_failed" in error.codes:
            errors = tuple(RunError(item.code, item.title, item.detail) for item in error.items)
            await self._save(
                run,
                RunStatus.ERROR,
                sent_ms=sent_ms,
                errors=errors,
                report=ErrorReport.of(error),
                headline=headline_of_errors(errors),
                ended_ms=now_ms(),
                text="The test failed.",
            )
            return
        await self._end(run, RunStatus.REFUSED, error, sent_ms=sent_ms)

    async def _end(
        self,
        run: ActionRun,
        status: RunStatus,
        error: ZapdeskError,
        *,
        sent_ms: int | None = None,
        text: str = "",
    ) -> None:
        await self._save(
            run,
            status,
            report=ErrorReport.of(error),
            headline=error.title,
            sent_ms=sent_ms,
            ended_ms=now_ms(),
            text=text or str(error),
        )

    async def _save(self, run: ActionRun, status: RunStatus, **facts: Any) -> ActionRun | None:
        # What the server said must not be lost because the disk is full for a moment: keep
        # trying as long as the program lives. After that, recovery calls the run unknown.
        while True:
            try:
                moved = await self._log.move(run.id, status, at_ms=now_ms(), **facts)
            except StorageUnusable as error:
                run_id = facts.get("run_id") or ""
                known = f"{status.value} {run_id}".strip()
                _logger.warning("run %s is %s; this is not saved: %s", run.id, known, error)
                if self.is_closing:
                    return None
                if run.id not in self.unsaved:
                    self.unsaved[run.id] = Unsaved(status, run_id, error, steady_s())
                    self._changed.announce(RunsChange(run))
                await asyncio.sleep(SAVE_AGAIN_S)
                continue
            self.unsaved.pop(run.id, None)
            if moved is not None:
                self._changed.announce(RunsChange(moved))
            return moved

    def _recorder(self, run: ActionRun) -> Callable[[Exchange], None]:
        return partial(self._watcher.evidence.keep, run.id)


def _hide_secrets(order: RunOrder) -> None:
    """From now on, for as long as this process lives: a server may repeat them in any answer."""
    secret = (value for name, value in order.inputs.items() if name in order.secret_ids)
    for text in texts_within(secret):
        REDACTOR.register(text, Reason.PASSWORD)

"""Making a connection from credentials: one POST, written down before it leaves.

It is never sent twice by itself but after a sign-in that was renewed, which proves that the first
was refused. Where no usable answer came, the list of connections is asked: one that is new and has
the name given proves that it was made; else it stays *unknown*. No credential is kept anywhere,
and what a server repeats of one is hidden before it is shown.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from zapdesk.api.client import ZapierClient
from zapdesk.api.recording import SendWitness
from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import (
    AttemptStatus,
    ConnectionAttempt,
    checked_title,
    is_secret,
)
from zapdesk.errors import (
    ErrorItem,
    InvalidInput,
    NotSignedIn,
    OutcomeUnknown,
    Refused,
    StorageUnusable,
    Unreachable,
    ZapdeskError,
)
from zapdesk.redaction import REDACTOR, Reason
from zapdesk.services.catalog import CatalogService
from zapdesk.services.watching import now_ms
from zapdesk.storage.authentications import AuthenticationStore

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Sending:
    attempt: ConnectionAttempt
    witness: SendWitness = field(default_factory=SendWitness)


class Credentials:
    """Makes connections of one profile. ``owner_id`` names this process while it sends."""

    def __init__(
        self,
        profile_id: str,
        owner_id: str,
        client: ZapierClient,
        catalog: CatalogService,
        store: AuthenticationStore,
    ) -> None:
        self._profile_id = profile_id
        self._owner_id = owner_id
        self._client = client
        self._catalog = catalog
        self._store = store

    async def names(self, app_id: str) -> tuple[str, ...]:
        """The names of the fields with which it worked the last time."""
        try:
            return await self._store.names(self._profile_id, app_id)
        except StorageUnusable as error:  # they can be typed
            _logger.info("the names of the fields are not known: %s", error)
            return ()

    async def recover(self, living: Callable[[], Collection[str]]) -> None:
        """Call *unknown* what processes that have ended were sending. Raises StorageUnusable."""
        await self._store.recover(living)

    async def make(self, app: App, title: str, fields: Mapping[str, str]) -> Authentication:
        """Make a connection, once.

        Raises InvalidInput, Unreachable, StorageUnusable (nothing was sent), Refused and its kinds
        (nothing was made), OutcomeUnknown.
        """
        title = checked_title(title)
        if not fields or any(not name.strip() for name in fields):
            raise InvalidInput("Each credential needs a name.", hint="The app's own pages tell it.")
        for name, value in fields.items():
            if is_secret(name):
                REDACTOR.register(value, Reason.PASSWORD)
        before = await self._listed(app)
        attempt = ConnectionAttempt(
            id=str(uuid.uuid4()),
            app_id=app.id,
            title=title,
            names=tuple(fields),
            created_ms=now_ms(),
            known_ids=before,
        )
        await self._store.add(self._profile_id, self._owner_id, attempt)
        sending = _Sending(attempt)
        try:
            made = await self._post(sending, app, fields)
        except asyncio.CancelledError:
            left = sending.witness.bytes_left
            status = AttemptStatus.UNKNOWN if left else AttemptStatus.NOT_SENT
            await asyncio.shield(self._end(attempt, status))
            raise
        except OutcomeUnknown as error:
            found = await self._made_after_all(app, attempt)
            if found is None:
                await self._end(attempt, AttemptStatus.UNKNOWN)
                raise _hidden(error) from None
            made = found
        except Refused as error:
            was_asked = error.status != 0
            await self._end(attempt, AttemptStatus.REFUSED if was_asked else AttemptStatus.NOT_SENT)
            raise _hidden(error) from None
        except ZapdeskError:
            await self._end(attempt, AttemptStatus.NOT_SENT)
            raise
        except Exception:  # a bug of ours: the row must not stay "submitting", nor claim too much
            left = sending.witness.bytes_left
            await self._end(attempt, AttemptStatus.UNKNOWN if left else AttemptStatus.NOT_SENT)
            raise
        await self._end(attempt, AttemptStatus.MADE)
        await self._catalog.connections(app.id, refresh=True)
        return made

    async def _post(self, sending: _Sending, app: App, fields: Mapping[str, str]) -> Authentication:
        title, witness = sending.attempt.title, sending.witness
        try:
            return await self._client.create_authentication(app.id, title, fields, witness=witness)
        except NotSignedIn as error:
            if error.status == 0 or not await self._client.renew():
                raise
        return await self._client.create_authentication(app.id, title, fields, witness=witness)

    async def _listed(self, app: App) -> tuple[str, ...] | None:
        """The connections there are; ``None`` where this sign-in may not list them.

        Raises Unreachable: then there is no use in sending.
        """
        known = await self._catalog.connections(app.id, refresh=True)
        if isinstance(known.trouble, Unreachable | NotSignedIn):
            raise known.trouble
        if known.trouble is not None:
            return None
        return tuple(connection.id for connection in known.items)

    async def _made_after_all(self, app: App, attempt: ConnectionAttempt) -> Authentication | None:
        known = await self._catalog.connections(app.id, refresh=True)
        return attempt.made_among(known.items) if known.trouble is None else None

    async def _end(self, attempt: ConnectionAttempt, status: AttemptStatus) -> None:
        try:
            await self._store.end(attempt.id, status)
        except StorageUnusable as error:
            # It stays "submitting", which the next start calls unknown: never too much.
            _logger.warning("the connection '%s' is %s, unsaved: %s", attempt.id, status, error)


def _hidden(error: ZapdeskError) -> ZapdeskError:
    """``error`` without what its words repeat of the credentials."""
    for name in ("title", "detail", "hint", "technical"):
        setattr(error, name, REDACTOR.exact(getattr(error, name)))
    if isinstance(error, Refused):
        error.items = tuple(
            ErrorItem(
                REDACTOR.exact(item.code),
                REDACTOR.exact(item.title),
                REDACTOR.exact(item.detail),
                item.pointer,
                item.parameter,
                item.source,
            )
            for item in error.items
        )
    return error

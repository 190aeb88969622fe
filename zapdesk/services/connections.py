"""A person's connections: which are known, whether they work, and how they come to be.

Zapier lists connections for one app at a time, so that what is known covers the apps that were
looked at; there is no scan over all of them. Making one in a browser is `services/connecting.py`,
making one from credentials `services/credentials.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from zapdesk.api.transport import Admission
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import AttemptStatus, ConnectionAttempt, ConnectionState, state_of
from zapdesk.domain.profiles import origin
from zapdesk.domain.runs import ActionRun, RunFilter
from zapdesk.errors import InvalidInput, StorageUnusable, ZapdeskError
from zapdesk.services.catalog import CatalogService, Connections
from zapdesk.services.connecting import Connecting
from zapdesk.services.watching import now_ms
from zapdesk.storage.authentications import AuthenticationStore
from zapdesk.storage.run_log import RunLog

_logger = logging.getLogger(__name__)

ConnectPage = Callable[[App, Authentication | None], Awaitable[str]]
"""Gives the address of the page on which an app is connected, or the connection renewed. It is
asked anew each time the page is opened: an address may be good for one use."""


@dataclass(frozen=True, slots=True)
class AppConnections:
    """An app and what is known of the person's connections with it."""

    app: App
    known: Connections
    unknown: tuple[ConnectionAttempt, ...] = ()
    """Attempts at making one of which nobody knows what became."""

    def state(self, connection: Authentication) -> ConnectionState:
        """Whether a connection of this app works, as far as is known now."""
        known = self.known
        has_trouble = known.trouble is not None
        return state_of(connection, known.fetched_ms, now_ms(), has_trouble=has_trouble)


@dataclass(frozen=True, slots=True)
class ConnectionUse:
    """A run that used a connection. ``was_refused``: the app did not accept the account."""

    run: ActionRun
    was_refused: bool


class ConnectionService:
    """The connections of one profile."""

    def __init__(
        self,
        profile_id: str,
        catalog: CatalogService,
        store: AuthenticationStore,
        log: RunLog,
        page: ConnectPage | None = None,
    ) -> None:
        """``page``: where apps are connected, if that is not the address the app itself names."""
        self._profile_id = profile_id
        self._catalog = catalog
        self._store = store
        self._log = log
        self._page = page or self._own_page
        self.changed: Broadcast[str] = Broadcast()
        """Gives the id of an app of which something became known beside its list."""

    # What is known

    async def listed(self) -> tuple[AppConnections, ...]:
        """The apps whose connections were looked at so far, by title, those without any last.

        Nothing is fetched. Raises StorageUnusable.
        """
        unknown = await self._store.unknown(self._profile_id)
        known = await self._catalog.known_connections()
        ids = dict.fromkeys([*known, *(attempt.app_id for attempt in unknown)])
        found = [
            AppConnections(
                self._app(app_id),
                known.get(app_id, Connections()),
                tuple(attempt for attempt in unknown if attempt.app_id == app_id),
            )
            for app_id in ids
        ]
        return tuple(sorted(found, key=lambda one: (not one.known.items, one.app.title.casefold())))

    async def look(
        self, app: App, *, refresh: bool = True, admission: Admission = Admission.PERSON
    ) -> AppConnections:
        """The connections with an app as they are now. Trouble is in the answer."""
        known = await self._catalog.connections(app.id, refresh=refresh, admission=admission)
        unknown = await self._settled(app.id, known)
        return AppConnections(self._catalog.app(app.id) or app, known, unknown)

    async def last_use(self, connection: Authentication) -> ConnectionUse | None:
        """The latest run that used a connection, by the local log. Raises StorageUnusable."""
        wanted = RunFilter(self._profile_id, connection_id=connection.id)
        found = await self._log.page(wanted, None, 1)
        record = await self._log.record(found[0].id) if found else None
        if record is None:
            return None
        return ConnectionUse(record.run, any(e.code == "authentication" for e in record.errors))

    async def last(self, app_id: str) -> str | None:
        """The id of the connection that was used last with an app."""
        try:
            return await self._store.last(self._profile_id, app_id)
        except StorageUnusable as error:  # it is a convenience, the person can choose
            _logger.info("the last connection is not known: %s", error)
            return None

    async def note_last(self, connection: Authentication) -> None:
        """Remember that a connection was used."""
        try:
            await self._store.note_last(
                self._profile_id, connection.app_id, connection.id, now_ms()
            )
        except StorageUnusable as error:
            _logger.info("the connection is not remembered: %s", error)

    async def forget(self, attempt: ConnectionAttempt) -> None:
        """The person has looked what became of an attempt. Raises StorageUnusable."""
        await self._store.forget(attempt.id)
        self.changed.announce(attempt.app_id)

    async def _settled(self, app_id: str, known: Connections) -> tuple[ConnectionAttempt, ...]:
        """The open attempts of an app that the list does not settle."""
        try:
            attempts = await self._store.unknown(self._profile_id)
            left = []
            for attempt in (one for one in attempts if one.app_id == app_id):
                if known.trouble is None and attempt.made_among(known.items) is not None:
                    await self._store.end(attempt.id, AttemptStatus.MADE)
                else:
                    left.append(attempt)
        except StorageUnusable as error:
            _logger.info("open attempts are not known: %s", error)
            return ()
        return tuple(left)

    def _app(self, app_id: str) -> App:
        return self._catalog.app(app_id) or App(app_id, app_id, links_filled=False)

    # Making one in the browser

    def connect(self, app: App, renews: Authentication | None = None) -> Connecting:
        """An attempt to get a connection made in a browser, or an expired one renewed."""
        return Connecting(
            app, renews, self._catalog, self._page, is_for_once=self._page != self._own_page
        )

    async def _own_page(self, app: App, renews: Authentication | None) -> str:
        """The page that the app names. One for renewing is documented for nobody but White Label
        partners; elsewhere the same page makes a connection or renews it."""
        latest = await self._catalog.latest_app(app.id)
        if latest is not None and latest.connect_url:
            origin(latest.connect_url)  # raises for a file, say: whoever asks opens what it is
            return latest.connect_url
        raise _no_page(latest or app)


def _no_page(app: App) -> ZapdeskError:
    if app.needs_authentication is False:
        return InvalidInput(f"{app.title} needs no connection.")
    return InvalidInput(
        f"Where {app.title} is connected is not known.",
        "The server names no page for it.",
        hint="Sign in with your account: a client id alone sees no connections.",
    )

"""The catalogue: apps, their actions and connections; shown from the cache, refreshed behind.

The list of apps is services/app_list.py; an app's actions are fetched when it is opened and kept.
There is never a scan over all apps.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from zapdesk.api.client import ZapierClient
from zapdesk.api.transport import Admission
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import ACTION_TYPES, Action, ActionKey, App, Authentication
from zapdesk.domain.exchanges import Exchange
from zapdesk.errors import Failed, InvalidInput, Unreachable, ZapdeskError
from zapdesk.services.app_list import PAGE, AppList, CatalogChange, CatalogProgress, kept
from zapdesk.services.search import AppHit, SearchIndex
from zapdesk.services.shared_fetches import Fetched, SharedFetches
from zapdesk.services.watching import now_ms
from zapdesk.storage.catalog_cache import Cached, CatalogCache
from zapdesk.tasks import TaskOwner

__all__ = [
    "AppHit",
    "CatalogChange",
    "CatalogProgress",
    "CatalogService",
    "Connections",
    "chosen_action",
]

_logger = logging.getLogger(__name__)

APPS_FRESH_S = 24 * 3600.0
ACTIONS_FRESH_S = 3600.0
CONNECTIONS_FRESH_S = 300.0


@dataclass(frozen=True, slots=True)
class Connections:
    """A person's connections with one app.

    ``needs_one`` is ``None`` where the server has not said; ``trouble`` says why the list may
    be old or empty.
    """

    items: tuple[Authentication, ...] = ()
    needs_one: bool | None = None
    connect_url: str | None = None
    fetched_ms: int | None = None
    trouble: ZapdeskError | None = None

    @property
    def usable(self) -> tuple[Authentication, ...]:
        """Those that are not expired."""
        return tuple(c for c in self.items if not c.is_expired)


class CatalogService:
    """The catalogue of one profile."""

    def __init__(
        self,
        profile_id: str,
        client: ZapierClient,
        cache: CatalogCache,
        *,
        keeps_connections: bool = True,
    ) -> None:
        """``keeps_connections``: whether lists of connections may outlive this process.

        They may not where the token is not the profile's own: the next one may be another
        person's.
        """
        self._profile_id = profile_id
        self._keeps_connections = keeps_connections
        self._connections: dict[str, Cached[tuple[Authentication, ...]]] = {}
        self._client = client
        self._cache = cache
        self._owner = TaskOwner()
        self._fetches = SharedFetches(self._owner)
        self._index = SearchIndex()
        self._actions: dict[str, Cached[tuple[Action, ...]]] = {}
        self.changed: Broadcast[CatalogChange] = Broadcast()
        self._list = AppList(profile_id, client, cache, self._index, self.changed)

    async def load(self) -> None:
        """Read what is cached; afterwards searching works."""
        await self._list.load()
        for action in await self._cache.all_actions(self._profile_id):
            self._index.add_action(action)

    async def close(self) -> None:
        """Stop every fetch."""
        await self._owner.close()

    # Apps

    @property
    def progress(self) -> CatalogProgress:
        """How much of the list of apps is here."""
        return self._list.progress

    @property
    def apps(self) -> tuple[App, ...]:
        """Every app known so far, most popular first."""
        return self._index.apps

    def app(self, app_id: str) -> App | None:
        """The app of that id, if it is known."""
        return self._index.app(app_id)

    def search(
        self, text: str, kinds: frozenset[str] = frozenset(), limit: int = 300
    ) -> tuple[AppHit, ...]:
        """Apps and known actions that match every word of ``text``, best first."""
        return self._index.search(text, kinds, limit)

    def start_refresh(self) -> None:
        """Bring the list of apps up to date in the background, where it is old or incomplete."""
        age = _age_s(self.progress.fetched_ms)
        if not (self.progress.is_complete and age < APPS_FRESH_S):
            self._owner.start(self.refresh(), "refresh apps")

    async def refresh(self) -> None:
        """Fetch the list of apps, from where an earlier fetch stopped or else from the start.

        What goes wrong ends up in ``progress.trouble``.
        """
        await self._fetches.get("apps", self._list.refresh)

    async def look_up(self, text: str) -> None:
        """Ask the server for apps called ``text`` too, while the list is incomplete.

        Raises ZapdeskError where the server could not be asked.
        """
        await self._list.look_up(text)

    async def list_apps(self, query: str = "", limit: int = PAGE) -> Fetched[tuple[App, ...]]:
        """Apps straight from the server, for the command line; from the cache when offline.

        Raises ZapdeskError where the server refuses, or nothing is cached.
        """
        return await self._list.latest(query, limit)

    async def find_app(self, text: str) -> App:
        """The one app meant by an id, a title, or a part of one that fits one app.

        Raises InvalidInput where none or several are meant, ZapdeskError where the server could
        not be asked and the cache does not know.
        """
        return await self._list.find(text)

    async def latest_app(self, app_id: str) -> App | None:
        """The app as the server describes it to this person now: addresses in it may have changed,
        and whether it needs a connection is known to people who are signed in only.

        Raises ZapdeskError where the server cannot be asked.
        """
        return await self._list.latest_of(app_id)

    # Actions

    def known_actions(self, app_id: str) -> tuple[Action, ...] | None:
        """The app's actions, if they were ever fetched."""
        return self._index.actions(app_id)

    async def actions(self, app_id: str, *, refresh: bool = False) -> tuple[Action, ...]:
        """The app's actions: from the cache at once, refreshed behind when old.

        Raises ZapdeskError only where nothing is cached, or a refresh was asked for.
        """
        cached = await self._cached_actions(app_id)
        if cached is None or refresh:
            return await self._fetch_actions(app_id)
        if _age_s(cached.fetched_ms) > ACTIONS_FRESH_S:
            self._owner.start(self._quietly(partial(self._fetch_actions, app_id)), "actions")
        return cached.value

    async def latest_actions(self, app_id: str) -> Fetched[tuple[Action, ...]]:
        """The app's actions as the server has them now; the cached ones when offline.

        Raises ZapdeskError where the server refuses, or nothing is cached.
        """
        try:
            return Fetched(await self._fetch_actions(app_id))
        except (Unreachable, Failed) as error:
            cached = await self._cached_actions(app_id)
            if cached is None:
                raise
            return Fetched(cached.value, error)

    async def _cached_actions(self, app_id: str) -> Cached[tuple[Action, ...]] | None:
        cached = self._actions.get(app_id) or await self._cache.actions(self._profile_id, app_id)
        if cached is not None:
            self._actions[app_id] = cached
            self._index.set_actions(app_id, cached.value)
        return cached

    async def _fetch_actions(self, app_id: str) -> tuple[Action, ...]:
        async def fetch() -> tuple[Action, ...]:
            actions = await self._client.actions(app_id)
            await kept(self._cache.put_actions(self._profile_id, app_id, actions, now_ms()))
            self._actions[app_id] = Cached(actions, now_ms())
            self._index.set_actions(app_id, actions)
            self.changed.announce(CatalogChange("actions", app_id))
            return actions

        return await self._fetches.get(f"actions {app_id}", fetch)

    async def fresh_action(
        self, reference: ActionKey, record: Callable[[Exchange], None] | None = None
    ) -> Action:
        """Look the action up by its lasting name, straight from the server.

        Raises InvalidInput where the app no longer has it, ZapdeskError where it cannot be asked.
        """
        # A kind that nobody documents may be refused as a filter.
        kind = reference.action_type if reference.action_type in ACTION_TYPES else ""
        actions = await self._client.actions(reference.app_id, kind, record=record)
        return chosen_action(actions, reference)

    # Connections

    async def connections(
        self,
        app_id: str,
        *,
        refresh: bool = False,
        admission: Admission = Admission.PERSON,
    ) -> Connections:
        """The person's connections with an app, at most a few minutes old.

        Trouble with fetching them is in the answer, beside what was cached.
        """
        app = self.app(app_id)
        needs_one = app.needs_authentication if app else None
        url = app.connect_url if app else None
        if needs_one is False:
            return Connections(needs_one=False)
        cached = await self._known_connections(app_id)
        if cached and not refresh and _age_s(cached.fetched_ms) < CONNECTIONS_FRESH_S:
            return Connections(cached.value, needs_one, url, cached.fetched_ms)

        async def fetch() -> tuple[Authentication, ...]:
            if app is not None and not app.links_filled:
                # It was listed for a client id; only a person's token tells what the app needs.
                await self.latest_app(app_id)
            items = await self._client.authentications(app_id, admission=admission)
            self._connections[app_id] = Cached(items, now_ms())
            if self._keeps_connections:
                await kept(
                    self._cache.put_authentications(self._profile_id, app_id, items, now_ms())
                )
            return items

        try:
            items = await self._fetches.get(f"connections {app_id}", fetch)
        except ZapdeskError as error:
            old = cached.value if cached else ()
            when = cached.fetched_ms if cached else None
            return Connections(old, needs_one, url, when, error)
        if cached is None or cached.value != items:
            self.changed.announce(CatalogChange("connections", app_id))
        app = self.app(app_id)
        if app is not None:
            needs_one, url = app.needs_authentication, app.connect_url
        return Connections(items, needs_one, url, now_ms())

    def recheck_connections(self, app_id: str) -> None:
        """Fetch the connections with an app behind the scenes: the server has refused one."""
        fetch = partial(self.connections, app_id, refresh=True, admission=Admission.BACKGROUND)
        self._owner.start(self._quietly(fetch), "recheck connections")

    async def known_connections(self) -> dict[str, Connections]:
        """By app, the connections with those that were looked at so far; nothing is fetched.

        Raises StorageUnusable.
        """
        known = dict(self._connections)
        if self._keeps_connections:
            known = await self._cache.all_authentications(self._profile_id) | known
        found = {}
        for app_id, cached in known.items():
            app = self.app(app_id)
            needs_one = app.needs_authentication if app else None
            url = app.connect_url if app else None
            found[app_id] = Connections(cached.value, needs_one, url, cached.fetched_ms)
        return found

    async def _known_connections(self, app_id: str) -> Cached[tuple[Authentication, ...]] | None:
        known = self._connections.get(app_id)
        if known is None and self._keeps_connections:
            known = await self._cache.authentications(self._profile_id, app_id)
        return known

    async def _quietly(self, fetch: Callable[[], Awaitable[Any]]) -> None:
        try:
            await fetch()
        except ZapdeskError as error:
            _logger.info("a refresh behind the scenes failed: %s", error)


def chosen_action(actions: Iterable[Action], reference: ActionKey) -> Action:
    """The action of that lasting name among ``actions``; raises InvalidInput where it is gone."""
    for action in actions:
        if action.key == reference.key and action.action_type == reference.action_type:
            return action
    raise InvalidInput(
        f"The app no longer has the action '{reference.key}'.",
        hint="Choose another action; the old one was renamed or removed.",
    )


def _age_s(fetched_ms: int | None) -> float:
    # A clock that was set back must not make old things look fresh for ever.
    return float("inf") if fetched_ms is None else abs(now_ms() - fetched_ms) / 1000

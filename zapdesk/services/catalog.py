"""The catalogue: apps, their actions and connections; shown from the cache, refreshed behind.

The whole list of apps is in memory, most popular first, so that a search never waits. It is
fetched in the background, page by page, and goes on where it was interrupted; an app's actions
are fetched when the app is opened. There is never a scan over all apps.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeVar

from zapdesk.api.client import ZapierClient
from zapdesk.api.transport import Admission
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import ACTION_TYPES, Action, ActionKey, App, Authentication
from zapdesk.domain.exchanges import Exchange
from zapdesk.errors import Failed, InvalidInput, NotFound, ZapdeskError
from zapdesk.services.search import AppHit, SearchIndex
from zapdesk.storage.catalog_cache import Cached, CatalogCache
from zapdesk.storage.catalog_cache import CatalogProgress as StoredProgress
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

T = TypeVar("T")

PAGE = 100
APPS_FRESH_S = 24 * 3600.0
ACTIONS_FRESH_S = 3600.0
CONNECTIONS_FRESH_S = 300.0
_UNRANKED = 10_000_000
"""The rank of apps that a search found before the list reached them."""
_MOST_PAGES = 2_000


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """What became different, and for which app."""

    what: Literal["apps", "actions", "connections", "progress"]
    app_id: str = ""


@dataclass(frozen=True, slots=True)
class CatalogProgress:
    """How much of the list of apps is here. ``fetched_ms`` is Unix time in milliseconds."""

    loaded: int = 0
    total: int | None = None
    is_complete: bool = False
    is_loading: bool = False
    fetched_ms: int | None = None
    trouble: ZapdeskError | None = None


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

    def __init__(self, profile_id: str, client: ZapierClient, cache: CatalogCache) -> None:
        self._profile_id = profile_id
        self._client = client
        self._cache = cache
        self._owner = TaskOwner()
        self._index = SearchIndex()
        self._fetches: dict[str, asyncio.Task[Any]] = {}
        self._actions: dict[str, Cached[tuple[Action, ...]]] = {}
        self.changed: Broadcast[CatalogChange] = Broadcast()
        self.progress = CatalogProgress()

    async def load(self) -> None:
        """Read what is cached; afterwards searching works."""
        self._index.add(await self._cache.apps(self._profile_id))
        for action in await self._cache.all_actions(self._profile_id):
            self._index.add_action(action)
        stored = await self._cache.progress(self._profile_id)
        self.progress = CatalogProgress(
            stored.loaded, stored.total, stored.is_complete, fetched_ms=stored.fetched_ms
        )

    async def close(self) -> None:
        """Stop every fetch."""
        await self._owner.close()

    # Apps

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
        """Fetch the list of apps, from where an earlier fetch stopped or else from the start."""
        await self._shared("apps", self._refresh)

    async def _refresh(self) -> None:
        stored = await self._cache.progress(self._profile_id)
        offset = 0 if stored.is_complete else stored.loaded
        self._tell(is_loading=True, trouble=None, is_complete=False, loaded=offset)
        try:
            await self._fetch_pages(offset)
        except ZapdeskError as error:
            _logger.info("the list of apps could not be fetched: %s", error)
            self._tell(is_loading=False, trouble=error)

    async def _fetch_pages(self, offset: int) -> None:
        next_url: str | None = None
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            page = await self._client.apps(
                limit=PAGE, offset=offset, next_url=next_url, admission=Admission.CATALOGUE
            )
            fresh = [app for app in page.items if app.id not in seen]
            seen.update(app.id for app in fresh)
            await self._cache.put_apps(self._profile_id, fresh, offset)
            self._index.add(fresh, offset)
            offset += len(page.items)
            is_last = page.next_url is None or not fresh
            stored = StoredProgress(
                loaded=offset, total=page.total, fetched_ms=now_ms(), is_complete=is_last
            )
            await self._cache.set_progress(self._profile_id, stored)
            self._tell(
                loaded=offset,
                total=page.total,
                is_complete=is_last,
                is_loading=not is_last,
                fetched_ms=stored.fetched_ms,
            )
            self.changed.announce(CatalogChange("apps"))
            if is_last:
                return
            next_url = page.next_url
        raise Failed("The list of apps does not end.", f"Stopped after {offset} apps.")

    def _tell(self, **changes: Any) -> None:
        self.progress = replace(self.progress, **changes)
        self.changed.announce(CatalogChange("progress"))

    async def look_up(self, text: str) -> None:
        """Ask the server for apps called ``text`` too, while the list is incomplete.

        Raises ZapdeskError where the server could not be asked.
        """
        if self.progress.is_complete or not text.strip():
            return
        page = await self._client.apps(query=text.strip(), limit=PAGE)
        await self._keep_found(page.items)

    async def _keep_found(self, apps: Iterable[App]) -> None:
        new = [app for app in apps if self._index.app(app.id) is None]
        if new:
            await self._cache.put_apps(self._profile_id, new, None)
            self._index.add(new, _UNRANKED)
            self.changed.announce(CatalogChange("apps"))

    async def list_apps(self, query: str = "", limit: int = PAGE) -> tuple[App, ...]:
        """Apps straight from the server, for the command line; from the cache when offline."""
        found: list[App] = []
        next_url: str | None = None
        try:
            while len(found) < limit:
                page = await self._client.apps(
                    query=query, limit=min(PAGE, limit), next_url=next_url
                )
                known = {app.id for app in found}
                fresh = [app for app in page.items if app.id not in known]
                found += fresh
                if page.next_url is None or not fresh:
                    break
                next_url = page.next_url
        except ZapdeskError:
            cached = [hit.app for hit in self.search(query, limit=limit)]
            if not cached:
                raise
            return tuple(cached)
        await self._keep_found(found)
        return tuple(found[:limit])

    async def find_app(self, text: str) -> App:
        """The one app meant by an id or a title.

        Raises InvalidInput where none or several are meant, ZapdeskError where the server could
        not be asked and the cache does not know.
        """
        if (app := self._index.app(text)) is not None:
            return app
        if len(named := self._index.titled(text)) == 1:
            return named[0]
        found = dict.fromkeys(await self._ask_for(text))
        exact = [a for a in found if a.id == text] or [
            a for a in found if a.title.casefold() == text.casefold()
        ]
        candidates = exact or list(found)
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            raise InvalidInput(
                f"No app is called '{text}'.", hint="List apps with: zapdesk apps WORD"
            )
        names = "; ".join(f"{a.title} ({a.id})" for a in candidates[:8])
        raise InvalidInput(f"'{text}' means more than one app.", names, hint="Give the id.")

    async def _ask_for(self, text: str) -> list[App]:
        found: list[App] = []
        if " " not in text:
            try:
                by_id = await self._client.apps(ids=(text,), limit=PAGE)
            except (NotFound, InvalidInput):
                pass
            else:
                found += [app for app in by_id.items if app.id == text]
        if not found:
            found += (await self._client.apps(query=text, limit=PAGE)).items
        await self._keep_found(found)
        return found

    # Actions

    def known_actions(self, app_id: str) -> tuple[Action, ...] | None:
        """The app's actions, if they were ever fetched."""
        return self._index.actions(app_id)

    async def actions(self, app_id: str, *, refresh: bool = False) -> tuple[Action, ...]:
        """The app's actions: from the cache at once, refreshed behind when old.

        Raises ZapdeskError only where nothing is cached, or a refresh was asked for.
        """
        cached = self._actions.get(app_id) or await self._cache.actions(self._profile_id, app_id)
        if cached is not None and not refresh:
            self._actions[app_id] = cached
            self._index.set_actions(app_id, cached.value)
            if _age_s(cached.fetched_ms) > ACTIONS_FRESH_S:
                self._owner.start(self._quietly(partial(self._fetch_actions, app_id)), "actions")
            return cached.value
        return await self._fetch_actions(app_id)

    async def _fetch_actions(self, app_id: str) -> tuple[Action, ...]:
        async def fetch() -> tuple[Action, ...]:
            actions = await self._client.actions(app_id)
            await self._cache.put_actions(self._profile_id, app_id, actions, now_ms())
            self._actions[app_id] = Cached(actions, now_ms())
            self._index.set_actions(app_id, actions)
            self.changed.announce(CatalogChange("actions", app_id))
            return actions

        return await self._shared(f"actions {app_id}", fetch)

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

    async def connections(self, app_id: str, *, refresh: bool = False) -> Connections:
        """The person's connections with an app, at most a few minutes old.

        Trouble with fetching them is in the answer, beside what was cached.
        """
        app = self.app(app_id)
        needs_one = app.needs_authentication if app else None
        url = app.connect_url if app else None
        if needs_one is False:
            return Connections(needs_one=False)
        cached = await self._cache.authentications(self._profile_id, app_id)
        if cached and not refresh and _age_s(cached.fetched_ms) < CONNECTIONS_FRESH_S:
            return Connections(cached.value, needs_one, url, cached.fetched_ms)

        async def fetch() -> tuple[Authentication, ...]:
            items = await self._client.authentications(app_id)
            await self._cache.put_authentications(self._profile_id, app_id, items, now_ms())
            return items

        try:
            items = await self._shared(f"connections {app_id}", fetch)
        except ZapdeskError as error:
            old = cached.value if cached else ()
            when = cached.fetched_ms if cached else None
            return Connections(old, needs_one, url, when, error)
        if cached is None or cached.value != items:
            self.changed.announce(CatalogChange("connections", app_id))
        return Connections(items, needs_one, url, now_ms())

    # One fetch for all who ask at the same time

    async def _shared(self, name: str, fetch: Callable[[], Awaitable[T]]) -> T:
        task = self._fetches.get(name)
        if task is None:
            task = self._owner.start(_settled(fetch), name)
            if task is None:
                raise asyncio.CancelledError
            self._fetches[name] = task
            task.add_done_callback(lambda _: self._fetches.pop(name, None))
        value, error = await asyncio.shield(task)
        if error is not None:
            raise error
        result: T = value
        return result

    async def _quietly(self, fetch: Callable[[], Awaitable[Any]]) -> None:
        try:
            await fetch()
        except ZapdeskError as error:
            _logger.info("a refresh behind the scenes failed: %s", error)


async def _settled(
    fetch: Callable[[], Awaitable[T]],
) -> tuple[T | None, ZapdeskError | None]:
    # The askers get the error; the owner must not report it a second time as a lost one.
    try:
        return await fetch(), None
    except ZapdeskError as error:
        return None, error


def chosen_action(actions: Iterable[Action], reference: ActionKey) -> Action:
    """The action of that lasting name among ``actions``; raises InvalidInput where it is gone."""
    for action in actions:
        if action.key == reference.key and action.action_type == reference.action_type:
            return action
    raise InvalidInput(
        f"The app no longer has the action '{reference.key}'.",
        hint="Choose another action; the old one was renamed or removed.",
    )


def now_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def _age_s(fetched_ms: int | None) -> float:
    # A clock that was set back must not make old things look fresh for ever.
    return float("inf") if fetched_ms is None else abs(now_ms() - fetched_ms) / 1000

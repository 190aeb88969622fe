"""The list of apps: in memory, filled in the background page by page, searched at once.

It goes on where an earlier fetch was interrupted. While it is incomplete the server is asked too.
No page on another server is followed, and a list that leads in circles stops with a sentence.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from zapdesk.api.client import ZapierClient
from zapdesk.api.transport import Admission
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import App
from zapdesk.errors import (
    Failed,
    InvalidInput,
    Refused,
    StorageUnusable,
    Unreachable,
    ZapdeskError,
)
from zapdesk.services.search import SearchIndex
from zapdesk.services.shared_fetches import Fetched
from zapdesk.services.watching import now_ms
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.catalog_cache import CatalogProgress as StoredProgress

_logger = logging.getLogger(__name__)

PAGE = 100
UNRANKED = 10_000_000
"""The rank of apps that a search found before the list reached them."""
_MOST_PAGES = 2_000
_MOST_PAGES_OF_A_SEARCH = 5
_NOT_KNOWN = frozenset({400, 404, 422})


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


class AppList:
    """The apps of one profile."""

    def __init__(
        self,
        profile_id: str,
        client: ZapierClient,
        cache: CatalogCache,
        index: SearchIndex,
        changed: Broadcast[CatalogChange],
    ) -> None:
        self._profile_id = profile_id
        self._client = client
        self._cache = cache
        self._index = index
        self._changed = changed
        self.progress = CatalogProgress()

    async def load(self) -> None:
        """Read what is cached; afterwards searching works."""
        self._index.add(await self._cache.apps(self._profile_id))
        stored = await self._cache.progress(self._profile_id)
        self.progress = CatalogProgress(
            stored.loaded, stored.total, stored.is_complete, fetched_ms=stored.fetched_ms or None
        )

    # Filling the list

    async def refresh(self) -> None:
        """Fetch the list, from where an earlier fetch stopped or else from the start."""
        offset = 0 if self.progress.is_complete else self.progress.loaded
        self._tell(is_loading=True, trouble=None, is_complete=False, loaded=offset)
        try:
            await self._fetch_pages(offset)
        except ZapdeskError as error:
            _logger.info("the list of apps could not be fetched: %s", error)
            self._tell(is_loading=False, trouble=error)

    async def _fetch_pages(self, offset: int) -> None:
        is_whole = offset == 0
        next_url: str | None = None
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            page = await self._client.apps(
                limit=PAGE, offset=offset, next_url=next_url, admission=Admission.CATALOGUE
            )
            fresh = [app for app in page.items if app.id not in seen]
            if page.items and not fresh:
                raise Failed(
                    "The list of apps goes in circles.",
                    f"Stopped after {offset:,} apps: the server repeats a page.",
                )
            seen.update(app.id for app in fresh)
            await kept(self._cache.put_apps(self._profile_id, fresh, offset))
            self._index.add(fresh, offset)
            offset += len(page.items)
            is_last = page.next_url is None or not fresh
            is_short = is_last and bool(page.items) and offset < (page.total or 0)
            stored = StoredProgress(
                loaded=offset,
                total=page.total,
                fetched_ms=now_ms(),
                is_complete=is_last and not is_short,
            )
            await kept(self._cache.set_progress(self._profile_id, stored))
            if stored.is_complete and is_whole:
                cached = {app.id for app in await self._cache.apps(self._profile_id)}
                self._index.keep(seen | cached)
            self._tell(
                loaded=offset,
                total=page.total,
                is_complete=stored.is_complete,
                is_loading=not is_last,
                fetched_ms=stored.fetched_ms,
            )
            self._changed.announce(CatalogChange("apps"))
            if is_short:
                raise Failed(
                    "The list of apps ends too early.",
                    f"{offset:,} of {page.total:,} came, and no way to a next page on this server.",
                )
            if is_last:
                return
            next_url = page.next_url
        raise Failed("The list of apps does not end.", f"Stopped after {offset:,} apps.")

    def _tell(self, **changes: Any) -> None:
        self.progress = replace(self.progress, **changes)
        self._changed.announce(CatalogChange("progress"))

    # Asking the server

    async def look_up(self, text: str) -> None:
        """Ask the server for apps called ``text`` too, while the list is incomplete.

        Raises ZapdeskError where the server could not be asked.
        """
        if self.progress.is_complete or not text.strip():
            return
        page = await self._client.apps(query=text.strip(), limit=PAGE)
        await self._take_in(page.items)

    async def _take_in(self, apps: Iterable[App]) -> None:
        new = [app for app in apps if self._index.app(app.id) is None]
        if new:
            await kept(self._cache.put_apps(self._profile_id, new, None))
            self._index.add(new, UNRANKED)
            self._changed.announce(CatalogChange("apps"))

    async def latest(self, query: str, limit: int) -> Fetched[tuple[App, ...]]:
        """Apps straight from the server; those that are cached where it cannot be reached."""
        found: dict[str, App] = {}
        next_url: str | None = None
        try:
            while len(found) < limit:
                page = await self._client.apps(
                    query=query, limit=min(PAGE, limit), next_url=next_url
                )
                known = len(found)
                found |= {app.id: app for app in page.items if app.id not in found}
                next_url = page.next_url
                if next_url is None or len(found) == known:
                    break
        except (Unreachable, Failed) as error:
            cached = tuple(hit.app for hit in self._index.search(query, frozenset(), limit))
            if not cached:
                raise
            return Fetched(cached, error)
        await self._take_in(found.values())
        return Fetched(tuple(found.values())[:limit])

    async def latest_of(self, app_id: str) -> App | None:
        """One app as the server describes it now; ``None`` where it lists none of that id."""
        page = await self._client.apps(ids=(app_id,), limit=PAGE)
        found = next((app for app in page.items if app.id == app_id), None)
        if found is not None and found != self._index.app(app_id):
            await kept(self._cache.put_apps(self._profile_id, [found], None))
            self._index.update(found, UNRANKED)
            self._changed.announce(CatalogChange("apps"))
        return found

    async def find(self, text: str) -> App:
        """The one app meant by an id, a title, or a part of one.

        Raises InvalidInput where none or several are meant, ZapdeskError where the server could
        not be asked and what is cached does not tell.
        """
        if (app := self._index.app(text)) is not None:
            return app
        named = self._index.titled(text)
        if not (named and self.progress.is_complete):
            try:
                # The part of the list that is not here may hold another app of that title.
                named = await self._ask_for(text)
            except (Unreachable, Failed):
                if not named:
                    raise
        if len(named) == 1:
            return named[0]
        if not named:
            raise InvalidInput(
                f"No app is called '{text}'.", hint="List apps with: zapdesk apps WORD"
            )
        names = "; ".join(f"{a.title} ({a.id})" for a in named[:8])
        raise InvalidInput(f"'{text}' means more than one app.", names, hint="Give the id.")

    async def _ask_for(self, text: str) -> list[App]:
        """The apps that ``text`` may mean: of that id, else of that title, else with it."""
        could_be_id = " " not in text
        if could_be_id and any(c.isdigit() for c in text) and (app := await self._by_id(text)):
            return [app]
        found: dict[str, App] = {}
        next_url: str | None = None
        for _ in range(_MOST_PAGES_OF_A_SEARCH):
            page = await self._client.apps(query=text, limit=PAGE, next_url=next_url)
            found |= {app.id: app for app in page.items}
            exact = [a for a in found.values() if a.title.casefold() == text.casefold()]
            next_url = page.next_url
            if exact or next_url is None or not page.items:
                break
        await self._take_in(found.values())
        if not found and could_be_id and (app := await self._unlisted(text)):
            return [app]
        return exact or list(found.values())

    async def _by_id(self, text: str) -> App | None:
        try:
            page = await self._client.apps(ids=(text,), limit=PAGE)
        except InvalidInput:
            return None
        except Refused as error:
            if error.status not in _NOT_KNOWN:
                raise
            return None
        found = [app for app in page.items if app.id == text]
        await self._take_in(found)
        return found[0] if found else None

    async def _unlisted(self, app_id: str) -> App | None:
        """An app that no list has but that can be used: it has actions."""
        try:
            actions = await self._client.actions(app_id)
        except InvalidInput:
            return None
        except Refused as error:
            if error.status not in _NOT_KNOWN:
                raise
            return None
        if not actions:
            return None
        app = App(app_id, app_id, links_filled=False)
        await self._take_in([app])
        return app


async def kept(writing: Awaitable[None]) -> None:
    """Write to the cache; where that fails, reading goes on without it."""
    try:
        await writing
    except StorageUnusable as error:
        _logger.info("nothing was cached: %s", error)

"""Choice lists: fetched page by page, kept as long as what they depend on stays the same.

There is no search on the server and no total: a list says how it ended, or why it is not complete.
Where the server cannot be reached the last list that was kept is shown, with its date.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from zapdesk.domain.fields import Choice, ChoicePage
from zapdesk.errors import Failed, Forbidden, NotSignedIn, Unreachable, ZapdeskError
from zapdesk.storage.catalog_cache import Cached

FetchPage = Callable[[str], Awaitable[ChoicePage]]
"""Fetches the page of that number or cursor."""

FIRST_PAGE = "1"


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """What is known of a field's choices.

    ``has_more``: the server has more pages. ``note`` says in words why the list is short, empty,
    old or ended early; ``trouble`` is the error behind that, if one was.
    """

    choices: tuple[Choice, ...] = ()
    has_more: bool = False
    note: str = ""
    trouble: ZapdeskError | None = None


@dataclass(frozen=True, slots=True)
class KeptChoices:
    """Where the list is kept for use offline: reading it, and writing it."""

    read: Callable[[], Awaitable[Cached[tuple[Choice, ...]] | None]]
    write: Callable[[tuple[Choice, ...]], Awaitable[None]]


class PagedChoices:
    """One choice list as it grows."""

    def __init__(self, fetch: FetchPage, kept: KeptChoices) -> None:
        self._fetch = fetch
        self._kept = kept
        self._lock = asyncio.Lock()
        self._next: str | None = FIRST_PAGE
        self._pages: set[str] = set()
        self._contents: set[tuple[str, ...]] = set()
        self.list = ChoiceList(has_more=True)
        self.is_begun = False

    async def begin(self) -> ChoiceList:
        """Fetch the first page, once, however many ask for it."""
        async with self._lock:
            return self.list if self.is_begun else await self._fetch_page()

    async def more(self) -> ChoiceList:
        """Fetch one page more. What goes wrong ends up in the list, beside what was loaded."""
        async with self._lock:
            return await self._fetch_page()

    async def _fetch_page(self) -> ChoiceList:
        page_name = self._next
        if page_name is None:
            return self.list
        try:
            page = await self._fetch(page_name)
        except ZapdeskError as error:
            self.list = await self._with_trouble(error)
            return self.list
        before = self.list.choices if self.is_begun else ()
        self.is_begun = True
        self._pages.add(page_name)
        content = tuple(choice.id for choice in page.choices)
        if page.choices and content in self._contents:
            self._end(before, "The server repeats a page, so loading stopped here.")
        elif page.next_page in self._pages:
            self._end(
                before + page.choices, "The server names a page twice, so loading stopped here."
            )
        elif not page.choices:
            self._end(before, "" if before else "Nothing here: the app offers nothing to choose.")
        else:
            self._contents.add(content)
            self._next = page.next_page
            self.list = ChoiceList(before + page.choices, self._next is not None)
        if self.list.choices and (not before or not self.list.has_more):
            await self._kept.write(self.list.choices)
        return self.list

    async def _with_trouble(self, error: ZapdeskError) -> ChoiceList:
        loaded = self.list.choices if self.is_begun else ()
        if loaded:
            note = f"{len(loaded)} loaded, then it stopped: {error.title}"
            return replace(self.list, has_more=True, note=note, trouble=error)
        kept = await self._kept.read() if isinstance(error, Unreachable | Failed) else None
        if kept is not None:
            when = datetime.fromtimestamp(kept.fetched_ms / 1000).strftime("%Y-%m-%d %H:%M")
            note = f"As saved on {when}; the server was not reached: {error.title}"
            return ChoiceList(kept.value, True, note, error)
        what = "no access" if isinstance(error, Forbidden | NotSignedIn) else "failed"
        note = f"Nothing here: {what}: {error.title}"
        return ChoiceList((), True, note, error)

    def _end(self, choices: tuple[Choice, ...], note: str) -> None:
        self._next = None
        self.list = ChoiceList(choices, False, note)

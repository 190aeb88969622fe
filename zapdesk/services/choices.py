"""Choice lists: fetched page by page, kept as long as what they depend on stays the same.

There is no search on the server and no total: a list says how it ended, or why it is not complete.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from zapdesk.domain.fields import Choice, ChoicePage
from zapdesk.errors import ZapdeskError

FetchPage = Callable[[str], Awaitable[ChoicePage]]
"""Fetches the page of that number or cursor."""

FIRST_PAGE = "1"


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """What is known of a field's choices.

    ``has_more``: the server has more pages. ``note`` says in words why the list is short, empty
    or ended early; ``trouble`` is the error behind that, if one was.
    """

    choices: tuple[Choice, ...] = ()
    has_more: bool = False
    note: str = ""
    trouble: ZapdeskError | None = None


class PagedChoices:
    """One choice list as it grows."""

    def __init__(self, fetch: FetchPage) -> None:
        self._fetch = fetch
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
            self.list = replace(
                self.list,
                has_more=True,
                note=f"{len(self.list.choices)} loaded, then it stopped: {error.title}"
                if self.list.choices
                else f"The choices could not be loaded: {error.title}",
                trouble=error,
            )
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
            self._end(before, "" if before else "The app offers nothing to choose here.")
        else:
            self._contents.add(content)
            self._next = page.next_page
            self.list = ChoiceList(before + page.choices, self._next is not None)
        return self.list

    def _end(self, choices: tuple[Choice, ...], note: str) -> None:
        self._next = None
        self.list = ChoiceList(choices, False, note)

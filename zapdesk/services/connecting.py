"""Connecting an app in a browser: what is there before, the page, and what is there afterwards.

The page tells nobody that it is done, so the list of connections is asked, ever less often, until
one is new or works again. Nothing here has an effect: all requests are reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from zapdesk.api.transport import Admission
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import appeared
from zapdesk.errors import Failed, RateLimited, Refused, Unreachable, ZapdeskError

if TYPE_CHECKING:
    from zapdesk.services.catalog import CatalogService

PAUSES_S: Sequence[float] = (3, 3, 4, 5, 5, 8, 8, 13, 13, 20, 20, 30, 30, 45)
"""Between two looks, in seconds; after the last one that long each time."""
LONGEST_S = 900.0
"""After that nobody is at the page any more; a person can let it look again."""


class ConnectStage(StrEnum):
    """How far it has come. STOPPED can be gone on with; CLOSED is over."""

    OPENING = "opening"
    WAITING = "waiting"
    FOUND = "found"
    STOPPED = "stopped"
    CLOSED = "closed"


class Connecting:
    """One attempt: ``open`` gives the address of the page, ``watch`` waits for what comes of it.

    ``renews`` is the connection that has expired, if one is to work again. ``found`` is what came,
    which may be another one: whoever signs in decides with which account.
    """

    def __init__(
        self,
        app: App,
        renews: Authentication | None,
        catalog: CatalogService,
        page: Callable[[App, Authentication | None], Awaitable[str]],
        pauses_s: Sequence[float] = PAUSES_S,
        *,
        is_for_once: bool = False,
    ) -> None:
        """``is_for_once``: each address of the page is good for one use, within minutes."""
        self.app = app
        self.renews = renews
        self.is_for_once = is_for_once
        self.stage = ConnectStage.OPENING
        self.link = ""
        self.found: Authentication | None = None
        self.trouble: ZapdeskError | None = None
        """Why it has stopped, or why the latest look did not tell anything."""
        self.changed: Broadcast[Connecting] = Broadcast()
        self._catalog = catalog
        self._page = page
        self._pauses_s = pauses_s
        self._before: tuple[Authentication, ...] | None = None
        self._sooner = asyncio.Event()

    @property
    def is_waiting(self) -> bool:
        """Whether the list is being looked at."""
        return self.stage is ConnectStage.WAITING

    @property
    def is_renewed(self) -> bool:
        """Whether what was found is the connection that had expired."""
        return (
            self.found is not None and self.renews is not None and self.found.id == self.renews.id
        )

    async def open(self) -> str:
        """The address to open now. Raises ZapdeskError where there is none, or where it could not
        be noticed what comes of it."""
        if self._before is None:
            known = await self._catalog.connections(self.app.id, refresh=True)
            if known.trouble is not None:
                raise known.trouble
            self._before = known.items
        link = await self.new_link()
        self._become(ConnectStage.WAITING)
        return link

    async def new_link(self) -> str:
        """The address of the page as it is now: one that was used may be good no more."""
        self.link = await self._page(self.app, self.renews)
        return self.link

    async def watch(self) -> Authentication | None:
        """Look until a connection is new or works again; ``None`` where that was stopped."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_S
        pauses = iter(self._pauses_s)
        pause = self._pauses_s[0]
        self.trouble = None
        self._become(ConnectStage.WAITING)
        while self.stage is ConnectStage.WAITING:
            pause = next(pauses, pause)
            await self._rest(pause)
            if self.stage is not ConnectStage.WAITING:
                break
            if loop.time() >= until:
                self._become(ConnectStage.STOPPED)
                break
            await self._look()
        return self.found

    def look_now(self) -> None:
        """Look at once: somebody may have come back from the browser."""
        self._sooner.set()

    def close(self) -> None:
        """Stop for good. What the page makes is seen at the next look at the list."""
        self._sooner.set()
        if self.stage is not ConnectStage.FOUND:
            self._become(ConnectStage.CLOSED)

    async def _look(self) -> None:
        known = await self._catalog.connections(
            self.app.id, refresh=True, admission=Admission.BACKGROUND
        )
        if self.stage is not ConnectStage.WAITING:
            return
        trouble = known.trouble
        if trouble is None:
            self._take(known.items)
        elif isinstance(trouble, RateLimited):
            await self._rest(trouble.wait_s, can_be_sooner=False)
        elif isinstance(trouble, Refused) or not isinstance(trouble, Unreachable | Failed):
            self.trouble = trouble
            self._become(ConnectStage.STOPPED)
        elif self.trouble is None:  # it may pass; the next look is later anyway
            self.trouble = trouble
            self.changed.announce(self)

    def _take(self, items: tuple[Authentication, ...]) -> None:
        had_trouble, self.trouble = self.trouble is not None, None
        came = appeared(self._before or (), items)
        wanted = self.renews.id if self.renews is not None else ""
        self.found = next((c for c in came if c.id == wanted), came[-1] if came else None)
        if self.found is not None:
            self._become(ConnectStage.FOUND)
        elif had_trouble:
            self.changed.announce(self)

    async def _rest(self, seconds: float, *, can_be_sooner: bool = True) -> None:
        if can_be_sooner:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._sooner.wait()
        else:
            await asyncio.sleep(seconds)
        self._sooner.clear()

    def _become(self, stage: ConnectStage) -> None:
        if self.stage is not stage:
            self.stage = stage
            self.changed.announce(self)

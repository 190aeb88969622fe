"""What the browser has under way: actions of opened apps, questions to the server. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import Action, App
from zapdesk.errors import ZapdeskError

if TYPE_CHECKING:  # importing them would delay the first frame
    from zapdesk.services.catalog import CatalogService
    from zapdesk.tasks import TaskOwner

_FREE_APPS = 12


class CatalogFetches:
    """Asks the catalogue service, remembers what failed, and says so through ``on_change``."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._catalog: CatalogService | None = None
        self._tasks: TaskOwner | None = None
        self._fetching: set[str] = set()
        self._failures: dict[str, ZapdeskError] = {}
        self._unlisted: dict[str, App] = {}
        self._unlisted_actions: dict[str, tuple[Action, ...]] = {}
        self._question = ""
        self.question_trouble: ZapdeskError | None = None
        self.is_free = False

    def set_catalog(self, catalog: CatalogService | None) -> None:
        """Ask another catalogue from now on; forgets all about the one before."""
        from zapdesk.tasks import TaskOwner

        if self._tasks is not None:
            self._tasks.cancel()
        self._tasks = self._tasks or TaskOwner()
        self._catalog = catalog
        for memory in (self._fetching, self._failures, self._unlisted, self._unlisted_actions):
            memory.clear()
        self._question, self.question_trouble = "", None

    async def close(self) -> None:
        """Stop everything."""
        if self._tasks is not None:
            await self._tasks.close()

    def _start(self, work: Callable[[CatalogService], Coroutine[Any, Any, None]]) -> None:
        if self._tasks is not None and self._catalog is not None:
            self._tasks.start(work(self._catalog))

    def refresh(self) -> None:
        """Have the list of apps fetched again."""
        self._start(lambda catalog: catalog.refresh())

    # Actions of an app

    def known(self, app_id: str) -> tuple[Action, ...] | None:
        """The actions of an app, listed or not; ``None`` where they were never fetched."""
        known = self._catalog.known_actions(app_id) if self._catalog else None
        return self._unlisted_actions.get(app_id) if known is None else known

    def failure(self, app_id: str) -> ZapdeskError | None:
        """Why the actions of an app could not be fetched."""
        return self._failures.get(app_id)

    @property
    def has_unopened(self) -> bool:
        """Whether there are apps whose actions are not known."""
        catalog = self._catalog
        return catalog is not None and any(
            catalog.known_actions(app.id) is None for app in catalog.apps
        )

    def fetch_free_actions(self) -> None:
        """Have the actions of the most popular apps fetched, where calls cost nothing."""
        if self.is_free and self._catalog is not None and not self._catalog.progress.is_loading:
            for app in self._catalog.apps[:_FREE_APPS]:
                if self._catalog.known_actions(app.id) is None and app.id not in self._failures:
                    self.fetch_actions(app)

    def fetch_actions(self, app: App) -> None:
        """Have an app's actions fetched, or refreshed where they are old."""
        if app.id not in self._fetching and self._catalog is not None:
            self._failures.pop(app.id, None)
            self._fetching.add(app.id)
            self._start(lambda catalog: self._fetch_actions(catalog, app.id))
            self._on_change()

    async def _fetch_actions(self, catalog: CatalogService, app_id: str) -> None:
        try:
            actions = await catalog.actions(app_id)
        except ZapdeskError as error:
            self._failures[app_id] = error
        else:
            if catalog.known_actions(app_id) is None:
                self._unlisted_actions[app_id] = actions
        finally:
            if catalog is self._catalog:
                self._fetching.discard(app_id)
        self._on_change()

    # Questions to the server

    def is_asking(self, text: str) -> bool:
        """Whether the server is being searched for ``text``."""
        return bool(text) and self._question == text

    def ask(self, text: str) -> None:
        """Have the server searched too."""
        if text != self._question:
            self._question = text
            self._start(lambda catalog: self._ask(catalog, text))

    async def _ask(self, catalog: CatalogService, text: str) -> None:
        trouble = None
        try:
            await catalog.look_up(text)
        except ZapdeskError as error:
            trouble = error
        if self._question == text:  # otherwise a later question is on its way
            self._question, self.question_trouble = "", trouble
            self._on_change()

    # Apps that are not listed

    def unlisted(self, app_id: str) -> App | None:
        """An app that was looked up by its id."""
        return self._unlisted.get(app_id)

    def find_by_id(self, app_id: str, on_found: Callable[[], None]) -> None:
        """Have an app looked up that nobody lists; afterwards ``unlisted`` knows it.

        Some apps can be used although no list has them. Where the server does not know the id
        either, fetching the app's actions will say so.
        """
        self._start(lambda catalog: self._find_by_id(catalog, app_id, on_found))

    async def _find_by_id(
        self, catalog: CatalogService, app_id: str, on_found: Callable[[], None]
    ) -> None:
        app = App(app_id, app_id, links_filled=False)
        try:
            found = await catalog.find_app(app_id)
        except ZapdeskError:
            found = app
        self._unlisted[app_id] = found if found.id == app_id else app
        on_found()

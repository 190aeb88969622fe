"""A catalogue that the tests of the browser fill and break as they like: no network, no store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import Action, App
from zapdesk.errors import InvalidInput, Unreachable, ZapdeskError
from zapdesk.services.catalog import CatalogChange, CatalogProgress
from zapdesk.services.search import AppHit, SearchIndex

COLORS = ("#3F51D9", "#157A3E", "#B3541E", "#6B3FA0", "#FFC83D", "#0F7B8A")
OFFLINE = Unreachable("There is no network.", hint="Check the network, then try again.")


def action(app_id: str, title: str, kind: str = "WRITE", description: str = "") -> Action:
    key = title.casefold().replace(" ", "_")
    return Action(f"core:{app_id}{key}", key, app_id, kind, title, description)


def app(app_id: str, title: str, number: int = 0, **more: Any) -> App:
    return App(app_id, title, hex_color=COLORS[number % len(COLORS)], **more)


TABLES = app("tables", "Tables", 0, description="Rows in tables on this computer.")
MAIL = app("mail", "Mail", 1)
CONTACTS = app("contacts", "Contacts", 2)
ACTIONS = {
    "tables": (
        action("tables", "Create Row", description="Adds a row to a table."),
        action("tables", "Update Row"),
        action("tables", "Find Row", "SEARCH"),
        action("tables", "Find or Create Row", "SEARCH_OR_WRITE"),
        action("tables", "List Rows", "READ"),
    ),
    "mail": (action("mail", "Send Mail"), action("mail", "Find Mail", "SEARCH")),
    "contacts": (action("contacts", "Create Contact"),),
}


@dataclass
class Catalogue:
    """What the browser asks of the catalogue service; ``server`` has what was not fetched yet."""

    listed: tuple[App, ...] = (TABLES, MAIL, CONTACTS)
    server: dict[str, tuple[Action, ...] | ZapdeskError] = field(
        default_factory=lambda: dict(ACTIONS)
    )
    progress: CatalogProgress = field(
        default_factory=lambda: CatalogProgress(3, 3, True, fetched_ms=0)
    )
    answers: dict[str, App | ZapdeskError] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    calls_a_minute: int | None = 50
    profile_id: str = "sandbox"

    def __post_init__(self) -> None:
        self.changed: Broadcast[CatalogChange] = Broadcast()
        self.index = SearchIndex()
        self.index.add(self.listed)
        self.asked: list[str] = []
        self.refreshed = 0

    @property
    def session(self) -> Any:
        return SimpleNamespace(
            catalog=self,
            budget=SimpleNamespace(limit=self.calls_a_minute),
            profile=SimpleNamespace(id=self.profile_id),
        )

    @property
    def apps(self) -> tuple[App, ...]:
        return self.index.apps

    def app(self, app_id: str) -> App | None:
        return self.index.app(app_id)

    def search(
        self, text: str, kinds: frozenset[str] = frozenset(), limit: int = 300
    ) -> tuple[AppHit, ...]:
        return self.index.search(text, kinds, limit)

    def known_actions(self, app_id: str) -> tuple[Action, ...] | None:
        return self.index.actions(app_id)

    async def actions(self, app_id: str, *, refresh: bool = False) -> tuple[Action, ...]:
        self.asked.append(f"actions {app_id}")
        if self.gate is not None:
            await self.gate.wait()
        answer = self.server.get(app_id, InvalidInput("The server does not know this app."))
        if isinstance(answer, ZapdeskError):
            raise answer
        self.index.set_actions(app_id, answer)
        self.changed.announce(CatalogChange("actions", app_id))
        return answer

    async def look_up(self, text: str) -> None:
        self.asked.append(f"look up {text}")
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.get(text)
        if isinstance(answer, ZapdeskError):
            raise answer
        if answer is not None:
            self.add(answer)

    async def find_app(self, text: str) -> App:
        answer = self.index.app(text) or self.answers.get(text)
        if answer is None:
            raise InvalidInput(f"No app is called '{text}'.")
        if isinstance(answer, ZapdeskError):
            raise answer
        return answer

    async def refresh(self) -> None:
        self.refreshed += 1

    def add(self, *apps: App) -> None:
        self.index.add(apps, 10_000)
        self.changed.announce(CatalogChange("apps"))

    def tell(self, **changes: Any) -> None:
        self.progress = replace(self.progress, **changes)
        self.changed.announce(CatalogChange("progress"))

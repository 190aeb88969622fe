"""A session for the connections window that says what it is told to say, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import ConnectionAttempt
from zapdesk.domain.profiles import SANDBOX, Profile
from zapdesk.errors import ZapdeskError
from zapdesk.services.catalog import AppHit, CatalogChange, Connections
from zapdesk.services.connecting import Connecting
from zapdesk.services.connections import AppConnections, ConnectionUse
from zapdesk.tasks import TaskOwner
from zapdesk.ui.connections.window import ConnectionsWindow
from zapdesk.ui.times import now_ms

MAIL = App("app-mail", "Mail", hex_color="#D9480F", connect_url="https://zapier.com/connect/mail")
TABLES = App("app-tables", "Tables", hex_color="#157A3E", connect_url="https://zapier.com/t")
FORMATTER = App("app-formatter", "Formatter", hex_color="#3F51D9")
WORKS = Authentication("1", MAIL.id, "crew@harbour.example")
EXPIRED = Authentication("2", MAIL.id, "old@harbour.example", is_expired=True)


class Session:
    """Lists by app, each with what is wrong with fetching it; what was looked at is counted."""

    def __init__(self, profile: Profile = SANDBOX) -> None:
        self.profile = profile
        self.apps = (MAIL, TABLES, FORMATTER)
        self.lists: dict[str, tuple[Authentication, ...]] = {}
        self.looked_at: list[str] = []
        self.troubles: dict[str, ZapdeskError] = {}
        self.unknown: list[ConnectionAttempt] = []
        self.uses: dict[str, ConnectionUse] = {}
        self.link = "https://zapier.com/engine/auth/start/x"
        self.names_used: tuple[str, ...] = ()
        self.making: list[tuple[str, dict[str, str]]] = []
        self.answers: list[Authentication | ZapdeskError] = []
        self.catalog: Any = SimpleNamespace(
            changed=Broadcast[CatalogChange](),
            app={app.id: app for app in self.apps}.get,
            search=self.search,
            connections=self.list_connections,
        )
        self.connections: Any = SimpleNamespace(
            changed=Broadcast[str](),
            listed=self.listed,
            look=self.look,
            last_use=self.last_use,
            forget=self.forget,
            connect=self.connect,
        )
        self.credentials: Any = SimpleNamespace(names=self.names, make=self.make)
        self.transport: Any = SimpleNamespace(base_url="https://api.zapier.com")

    def known(self, app: App, items: Iterable[Authentication], age_ms: int = 0) -> None:
        """The list of an app as it was fetched a while ago."""
        self.lists[app.id] = tuple(items)
        self.age_ms = age_ms

    age_ms = 0

    def of(self, app: App) -> AppConnections:
        needs_one = app.needs_authentication
        trouble = self.troubles.get(app.id)
        is_known = app.id in self.lists
        known = Connections(
            self.lists.get(app.id, ()),
            needs_one,
            app.connect_url,
            now_ms() - self.age_ms if is_known else None,
            trouble,
        )
        left = tuple(attempt for attempt in self.unknown if attempt.app_id == app.id)
        return AppConnections(app, known, left)

    async def listed(self) -> tuple[AppConnections, ...]:
        await asyncio.sleep(0)
        return tuple(self.of(app) for app in self.apps if app.id in self.lists)

    async def look(self, app: App, *, refresh: bool = True, **_: Any) -> AppConnections:
        if refresh:
            self.looked_at.append(app.id)
            if app.id not in self.troubles:
                self.lists.setdefault(app.id, ())
                self.age_ms = 0
        await asyncio.sleep(0)
        return self.of(app)

    async def list_connections(self, app_id: str, **_: Any) -> Connections:
        await asyncio.sleep(0)
        return self.of(self.catalog.app(app_id)).known

    async def last_use(self, connection: Authentication) -> ConnectionUse | None:
        return self.uses.get(connection.id)

    async def forget(self, attempt: ConnectionAttempt) -> None:
        self.unknown.remove(attempt)
        self.connections.changed.announce(attempt.app_id)

    def connect(self, app: App, renews: Authentication | None = None) -> Connecting:
        async def page(*_: Any) -> str:
            return self.link

        return Connecting(app, renews, self.catalog, page, pauses_s=(0.02,))

    def search(self, text: str, kinds: Any = (), limit: int = 300) -> tuple[AppHit, ...]:
        found = (app for app in self.apps if text.casefold() in app.title.casefold())
        return tuple(AppHit(app) for app in found)

    async def names(self, app_id: str) -> tuple[str, ...]:
        return self.names_used

    async def make(self, app: App, title: str, fields: dict[str, str]) -> Authentication:
        self.making.append((title, dict(fields)))
        await asyncio.sleep(0)
        answer = self.answers.pop(0)
        if isinstance(answer, ZapdeskError):
            raise answer
        self.lists[app.id] = (*self.lists.get(app.id, ()), answer)
        return answer


def mail(*items: Authentication) -> Session:
    session = Session()
    session.known(MAIL, items or (WORKS, EXPIRED))
    return session


@asynccontextmanager
async def at(parent: QWidget, session: Session) -> AsyncIterator[ConnectionsWindow]:
    owner = TaskOwner()
    window = ConnectionsWindow(parent, session, owner.start)  # type: ignore[arg-type]  # the parts of a session that are used
    window.show()
    await asyncio.sleep(0.05)
    try:
        yield window
    finally:
        window.close()
        await owner.close()


def shown(widget: QWidget) -> str:
    labels = [w for w in widget.findChildren(QLabel) if w.isVisible()]
    return "\n".join(getattr(w, "whole_text", w.text()) for w in labels)


def rows(window: ConnectionsWindow) -> list[str]:
    """What a screen reader says of each row."""
    model = window.list.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [model.data(model.index(n, 0), role) for n in range(model.rowCount())]


def press(widget: QWidget, text: str) -> None:
    button = next(b for b in widget.findChildren(QPushButton) if b.text() == text and b.isVisible())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

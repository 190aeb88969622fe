"""A session for the middle area that says what it is told to say, and counts the orders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tests.ui.form_session import ACTION, APP, LocalForm
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.fields import FieldFormat, FormNode, InputField
from zapdesk.domain.profiles import SANDBOX, Profile
from zapdesk.domain.runs import ActionRun, RunKind, RunStatus
from zapdesk.errors import Unreachable
from zapdesk.services.catalog import Connections
from zapdesk.services.live_guard import LiveGuard
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.form.editors.exact_text import ExactText
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.form.tabs.action_tabs import ActionTabs


async def until(condition: Any, what: str = "it", seconds: float = 10.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what} never came")


class LastConnections:
    """As much of the connections of a session as a form needs that makes none."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    async def last(self, app_id: str) -> str | None:
        return self.ids.get(app_id)

    async def note_last(self, connection: Authentication) -> None:
        self.ids[connection.app_id] = connection.id


class Desk:
    """A session whose runs are counted and whose connections are given."""

    def __init__(
        self,
        connections: Connections | Unreachable,
        nodes: tuple[InputField, ...] = (InputField("a", "Name", is_required=True),),
        profile: Profile = SANDBOX,
    ) -> None:
        self.form = LocalForm(nodes)
        self.orders: list[Any] = []
        self.given = connections
        self.asked: list[bool] = []
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.earlier: Any = None
        self.runs = SimpleNamespace(
            changed=Broadcast(),
            blocked_changed=Broadcast(),
            blocked="",
            start=self.start,
            earlier_attempt=self.earlier_attempt,
        )
        self.catalog = SimpleNamespace(changed=Broadcast(), connections=self.list_connections)
        self.connections = LastConnections()
        self.forms = SimpleNamespace(open=self.open)
        self.profile = profile
        self.guard = LiveGuard()

    async def earlier_attempt(self, order: Any) -> Any:
        return self.earlier

    @property
    def opened_with(self) -> list[Authentication | None]:
        """The connections that the form was used with, in order."""
        return self.form.used

    def open(self, app: App, action: Action, authentication: Authentication | None) -> LocalForm:
        self.form.action, self.form.authentication = action, authentication
        return self.form

    async def list_connections(self, app_id: str, *, refresh: bool = False) -> Connections:
        self.asked.append(refresh)
        if isinstance(self.given, Unreachable):
            raise self.given
        return self.given

    async def start(self, order: Any) -> ActionRun:
        await self.may_commit.wait()
        self.orders.append(order)
        return ActionRun(
            id=order.nonce,
            profile_id="p",
            kind=RunKind.RUN,
            status=RunStatus.SUBMITTING,
            action=ACTION.reference,
            app_title="",
            action_title="",
            authentication_id=None,
            authentication_title="",
            created_ms=0,
        )


GOOD = Authentication("1", "app-1", "Work")
OLD = Authentication("2", "app-1", "Old", is_expired=True)
THIRD = Authentication("3", "app-1", "Home")


@asynccontextmanager
async def at(panel: ActionPanel, desk: Desk) -> AsyncIterator[Desk]:
    panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
    panel.open_action(APP, ACTION)
    await asyncio.sleep(0.05)
    try:
        yield desk
    finally:
        await panel.close_tasks()


NODES: tuple[FormNode, ...] = (
    InputField("a", "Name", is_required=True),
    InputField("b", "Colour"),
    InputField("secret", "Key", format=FieldFormat.PASSWORD),
)


class EmptyForm(LocalForm):
    """A form whose fields come with ``load``, as they do from a server."""

    def __init__(self, nodes: tuple[FormNode, ...]) -> None:
        super().__init__(())
        self.is_loaded = False
        self._coming = nodes

    async def load(self) -> None:
        await asyncio.sleep(0.01)
        self.is_loaded = True
        self.replace(self._coming)
        await super().load()


def desk_of(*connections: Any, nodes: tuple[FormNode, ...] = NODES) -> Desk:
    """A desk whose form comes with ``load``."""
    desk = Desk(Connections(connections or (GOOD,), True), ())
    desk.form = EmptyForm(nodes)
    return desk


def press(panel: ActionPanel, text: str) -> None:
    """Click the button of a notice."""
    button = next(b for b in panel.notices.findChildren(QPushButton) if b.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def shown(widget: QWidget) -> str:
    """What the visible labels say."""
    return "\n".join(w.text() for w in widget.findChildren(QLabel) if w.isVisible())


def text_of(panel: ActionPanel | ActionTabs, field_id: str) -> ExactText:
    """The text in the editor of a field."""
    row = panel.form.row(field_id)
    assert isinstance(row, FieldRow)
    text = row.editor.findChild(ExactText)
    assert text is not None
    return text

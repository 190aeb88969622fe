"""The connections window: a list by app, what is known of one, and connecting in the browser.

Connections are listed one app at a time: what is shown covers the apps that were looked at, and
the search finds the others. The window is not modal; closing it stops looking, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import ConnectionState
from zapdesk.domain.scopes import barrier
from zapdesk.errors import NotSignedIn, Refused, ZapdeskError
from zapdesk.ui.connections.browser import BrowserConnecting
from zapdesk.ui.connections.detail import ConnectionDetail
from zapdesk.ui.connections.list_view import ConnectionList, Row, rows_of
from zapdesk.ui.connections.nothing import NoConnections
from zapdesk.ui.connections.words import name_of, owner_words
from zapdesk.ui.look.metrics import L, M, S
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import Button, HLine, PlainLabel, SearchBox, SkeletonRows

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.domain.connections import ConnectionAttempt
    from zapdesk.services.connections import AppConnections

Start = Callable[[Coroutine[Any, Any, Any]], object]

_SIZE = (880, 600)
_LIST_WIDTH = 400
_MOST_FOUND = 40
_TYPING_MS = 150
_RESTING_MS = 600
"""After so long on a row whose state is not known it is looked up by itself."""
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
_ABOUT = "Connections are listed one app at a time: these are the apps that were looked at."


class _Search(SearchBox):
    """Arrow keys move in the list below, Enter acts on its row."""

    stepped = Signal(int)
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None:
            self.stepped.emit(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class ConnectionsWindow(QDialog):
    """``made`` gives an Authentication that is new or works again; ``more_wanted`` says that the
    person is to be asked for what the sign-in does not allow."""

    made = Signal(object)
    more_wanted = Signal()

    def __init__(self, parent: QWidget, session: Session, start: Start) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Connections — zapdesk")
        self.resize(*_SIZE)
        self.setMinimumSize(760, 440)
        self._session, self._start = session, start
        self._known: dict[str, AppConnections] = {}
        self._checking = False
        self._wanted: tuple[str, str] = ("", "")
        self.search = _Search("Find a connection or an app…")
        self.check_button = Button("Check all", icon="refresh", tip="F5")
        self._progress = PlainLabel(size="small", tone="muted")
        self.list = ConnectionList()
        profile = session.profile
        self.detail = ConnectionDetail(
            owner_words(profile), barrier(profile, "connection:write"), self.more_wanted.emit
        )
        self.notices = NoticeArea()
        self.browser = BrowserConnecting(self, start)
        self._nothing = NoConnections()
        self._nothing.clear_wanted.connect(self.search.clear)
        self._nothing.more_wanted.connect(self.more_wanted)
        self._left = QStackedWidget()
        for page in (SkeletonRows(), self.list, self._nothing):
            self._left.addWidget(page)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_RESTING_MS)
        self._lay_out()
        self._connect()
        self._unsubscribe = [
            session.catalog.changed.subscribe(self._on_catalog),
            session.connections.changed.subscribe(self._on_changed),
        ]
        self.detail.show_row(None)
        self._start(self._load())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(S)
        head.addWidget(PlainLabel("Connections", size="title", bold=True))
        head.addStretch(1)
        head.addWidget(self._progress)
        head.addWidget(self.check_button)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self._left, 1)
        side = QWidget()
        side.setProperty("ground", "surface")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setLayout(left)
        side.setFixedWidth(_LIST_WIDTH)
        body = QHBoxLayout()
        body.setSpacing(1)
        body.addWidget(side)
        body.addWidget(self.detail, 1)
        close = Button("Close")
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setContentsMargins(L, S, L, S)
        foot.setSpacing(M)
        foot.addWidget(PlainLabel(_ABOUT, size="small", tone="muted", elide=True), 1)
        foot.addWidget(close)
        top = QVBoxLayout()
        top.setContentsMargins(L, L, L, M)
        top.setSpacing(M)
        top.addLayout(head)
        top.addWidget(self.search)
        top.addWidget(self.browser.strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        aligned = QHBoxLayout()  # the area has margins of its own
        aligned.setContentsMargins(S, 0, S, 0)
        aligned.addWidget(self.notices)
        column.addLayout(aligned)
        column.addWidget(HLine())
        column.addLayout(body, 1)
        column.addWidget(HLine())
        column.addLayout(foot)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda: self._typing.start())
        self._typing.timeout.connect(self._show_rows)
        self._resting.timeout.connect(self._look_at_rest)
        self.search.stepped.connect(self.list.step)
        self.search.entered.connect(lambda: self._enter(self.list.marked))
        self.list.moved.connect(self._show_detail)
        self.list.entered_row.connect(self._enter)
        self.check_button.clicked.connect(self._check_or_stop)
        self.detail.look_wanted.connect(lambda app: self._start(self._look(app)))
        self.detail.connect_wanted.connect(self.connect_app)
        self.detail.key_wanted.connect(self.enter_key)
        self.detail.settled.connect(lambda attempt: self._start(self._settle(attempt)))
        self.browser.found.connect(self._on_made)
        self.finished.connect(self._end)

    # What others ask for

    def show_app(self, app: App, connection_id: str = "") -> None:
        """Bring an app to the front, or one connection with it, and look up what there is."""
        self.search.clear()
        self._wanted = (app.id, connection_id)
        self._start(self._look(app))

    def connect_app(self, app: App, renews: Authentication | None = None) -> None:
        """Open the page on which an app is connected, or a connection renewed."""
        session = self._session
        self.browser.begin(session.connections, session.transport.base_url, app, renews)

    def enter_key(self, app: App) -> None:
        """Ask for credentials, and make a connection from them."""
        from zapdesk.ui.connections.credentials_dialog import CredentialsDialog

        dialog = CredentialsDialog(self, self._session, app, self._start)
        dialog.made.connect(self._on_made)
        dialog.left_unknown.connect(lambda: self._start(self._look(app)))
        dialog.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F5:
            self._check_or_stop()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.search.setFocus()
        else:
            super().keyPressEvent(event)

    # The list

    async def _load(self) -> None:
        try:
            found = await self._session.connections.listed()
        except ZapdeskError as error:
            found = ()
            if isValid(self):
                self.notices.show_error(error, "list")
        if isValid(self):
            self._known = {one.app.id: one for one in found} | self._known
            self._show_rows()
            self.search.setFocus()

    def _show_rows(self) -> None:
        self._typing.stop()
        text = self.search.text()
        known = sorted(
            self._known.values(), key=lambda one: (not one.known.items, one.app.title.casefold())
        )
        if text.strip():
            known += self._others(text)
        rows = rows_of(known, text)
        self.list.set_rows(rows)
        if self._wanted[0] in {row.key[0] for row in rows}:
            self.list.mark(self._wanted)
            self._wanted = ("", "")
        if rows:
            self._left.setCurrentWidget(self.list)
        else:
            self._show_nothing(text)
        self.check_button.setEnabled(bool(self._known))

    def _others(self, text: str) -> list[AppConnections]:
        """Apps that match and were not looked at yet."""
        from zapdesk.services.catalog import Connections
        from zapdesk.services.connections import AppConnections

        hits = self._session.catalog.search(text, limit=_MOST_FOUND)
        return [
            AppConnections(hit.app, Connections(needs_one=hit.app.needs_authentication))
            for hit in hits
            if hit.app.id not in self._known and text.casefold() in hit.app.title.casefold()
        ]

    def _show_nothing(self, text: str) -> None:
        self._nothing.tell(self._session.profile, text)
        self._left.setCurrentWidget(self._nothing)
        self.detail.show_row(None)

    def _show_detail(self, row: Row | None) -> None:
        self.detail.show_row(row)
        before: QWidget = self.list  # the Tab key goes from a row to what can be done with it
        for button in self.detail.findChildren(QPushButton):
            QWidget.setTabOrder(before, button)
            before = button
        self._resting.start()
        if row is not None and row.connection is not None:
            self._start(self._show_use(row.connection))

    async def _show_use(self, connection: Authentication) -> None:
        try:
            use = await self._session.connections.last_use(connection)
        except ZapdeskError:
            return  # the log itself says what is wrong with it
        row = self.list.marked if isValid(self) else None
        if row is not None and row.connection == connection:
            self.detail.show_use(use)

    def _enter(self, row: Row | None) -> None:
        """The one thing to do with a row: renew what has expired, look at what was not."""
        if row is None:
            return
        if row.connection is not None and row.connection.is_expired:
            self.connect_app(row.known.app, row.connection)
        elif row.known.known.needs_one is not False:
            self._start(self._look(row.known.app))

    # Looking

    def _look_at_rest(self) -> None:
        """Bring an old list up to date, once: what has gone wrong stays said."""
        known = self.list.marked.known if self.list.marked is not None else None
        if known is None or known.known.trouble is not None or not known.known.items:
            return
        if known.state(known.known.items[0]) is ConnectionState.UNKNOWN:
            self._start(self._look(known.app))

    async def _look(self, app: App) -> None:
        self._say_progress(f"Checking {app.title[:60]}…")
        found = await self._session.connections.look(app)
        if isValid(self):
            self._say_progress("")
            marked = self.list.marked
            if self._wanted[0] != app.id and (marked is None or marked.key[0] != app.id):
                self._wanted = (app.id, "")
            self._take(found)

    def _take(self, found: AppConnections) -> None:
        self._known[found.app.id] = found
        trouble = found.known.trouble
        if trouble is None:
            self.notices.clear("list")
        elif found.known.items:
            self.notices.show_notice(
                "list", "warning", f"{trouble.title} What was seen before is shown."
            )
        else:
            self.notices.show_error(trouble, "list")
        self._show_rows()

    async def _refresh(self, app_id: str) -> None:
        """Take in what somebody else has fetched."""
        if app_id in self._known and isValid(self):
            app = self._known[app_id].app
            found = await self._session.connections.look(app, refresh=False)
            if isValid(self):
                self._known[app_id] = found
                self._show_rows()

    def _on_catalog(self, change: Any) -> None:
        if change.what == "connections":
            self._on_changed(change.app_id)

    def _on_changed(self, app_id: str) -> None:
        self._start(self._refresh(app_id))

    def _check_or_stop(self) -> None:
        if self._checking:
            self._checking = False
        elif self._known:
            self._start(self._check_all())

    async def _check_all(self) -> None:
        """One app after the other; what has gone wrong with all of them ends it."""
        self._checking = True
        self.check_button.set_text("Stop")
        apps = [one.app for one in self._known.values() if one.known.needs_one is not False]
        for number, app in enumerate(apps, 1):
            if not self._checking or not isValid(self):
                break
            self._say_progress(f"Checking {number} of {len(apps)}…")
            found = await self._session.connections.look(app)
            if not isValid(self):
                return
            self._take(found)
            trouble = found.known.trouble
            if isinstance(trouble, NotSignedIn | Refused):
                break
        if isValid(self):
            self._checking = False
            self._say_progress("")
            self.check_button.set_text("Check all")

    def _say_progress(self, text: str) -> None:
        if isValid(self):
            self._progress.setText(text)

    # What comes of it

    def _on_made(self, connection: Authentication) -> None:
        self._wanted = (connection.app_id, connection.id)
        self.made.emit(connection)
        self.setAccessibleDescription(f"{name_of(connection)} works.")
        self._start(self._take_made(connection))

    async def _take_made(self, connection: Authentication) -> None:
        app = self._session.catalog.app(connection.app_id)
        if app is None:
            return
        found = await self._session.connections.look(app, refresh=False)
        if isValid(self):
            self._take(found)

    async def _settle(self, attempt: ConnectionAttempt) -> None:
        try:
            await self._session.connections.forget(attempt)
        except ZapdeskError as error:
            if isValid(self):
                self.notices.show_error(error, "list")

    def _end(self) -> None:
        self._checking = False
        self.browser.close()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []

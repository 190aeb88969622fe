"""The right side of the connections window: one connection, or one app, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import EXPIRED_SENTENCE, ConnectionState
from zapdesk.domain.scopes import Barrier
from zapdesk.ui.connections.labels import wrapped
from zapdesk.ui.connections.list_view import Row
from zapdesk.ui.connections.words import (
    STATE_LOOKS,
    looked_text,
    name_of,
    sentence_of,
    short_name_of,
    title_of,
    when,
)
from zapdesk.ui.look.metrics import ICON, ICON_LARGE, XS, L, M, S
from zapdesk.ui.look.signs import status_look
from zapdesk.ui.parts import Button, IconLabel, Monogram, PlainLabel
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.domain.connections import ConnectionAttempt
    from zapdesk.services.connections import AppConnections, ConnectionUse

_REFUSED = "The app did not accept this account at its last run. Reconnect it where that repeats."


class ConnectionDetail(QWidget):
    """``connect_wanted`` gives an App and the Authentication to renew, if any; ``key_wanted`` an
    App; ``look_wanted`` an App whose list is to be fetched; ``settled`` a ConnectionAttempt."""

    connect_wanted = Signal(object, object)
    key_wanted = Signal(object)
    look_wanted = Signal(object)
    settled = Signal(object)

    def __init__(
        self,
        owner: str,
        barrier: Barrier | None = None,
        ask: Callable[[], object] = lambda: None,
    ) -> None:
        """``owner`` says whose the connections are, ``barrier`` why none can be made from a key,
        where that is so; ``ask`` asks the person for it."""
        super().__init__()
        self._owner, self._barrier, self._ask = owner, barrier, ask
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Connection")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget = QWidget()
        self._column.addWidget(self._shown)
        self._used: PlainLabel | None = None
        self._refused: QWidget | None = None

    def show_row(self, row: Row | None) -> None:
        """Show what a row of the list stands for; how it was used comes with ``show_use``."""
        self._used = self._refused = None
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(L, L, L, L)
        column.setSpacing(S)
        if row is None:
            column.addWidget(wrapped("Choose an app or a connection.", tone="muted"))
        elif row.connection is None:
            self._fill_app(column, row.known)
        else:
            self._fill_connection(column, row.known, row.connection)
        column.addStretch(1)
        pressed = self._focused_verb()
        self._column.removeWidget(self._shown)
        self._shown.hide()
        self._shown.deleteLater()
        self._shown = page
        self._column.addWidget(page)
        page.show()
        buttons = page.findChildren(Button)
        if pressed and buttons:
            same = (button for button in buttons if button.text() == pressed)
            next(same, buttons[0]).setFocus()

    def _focused_verb(self) -> str:
        """The button that has the focus, which stays where it was pressed when the page changes."""
        focused = self.window().focusWidget()
        if isinstance(focused, Button) and self._shown.isAncestorOf(focused):
            return focused.text()
        return ""

    def show_use(self, use: ConnectionUse | None) -> None:
        """Tell when the connection that is shown was used last."""
        if self._used is None:
            return
        if use is None:
            self._used.setText("Not from here")
            return
        word = status_look(use.run.status.value).word
        action = one_line(use.run.action_title, 60)
        self._used.setText(f"{when(use.run.created_ms)} · {action} · {word}")
        if self._refused is not None:
            self._refused.setVisible(use.was_refused)

    # A connection

    def _fill_connection(
        self, column: QVBoxLayout, known: AppConnections, connection: Authentication
    ) -> None:
        state = known.state(connection)
        column.addWidget(PlainLabel(name_of(connection), size="large", bold=True, elide=True))
        column.addLayout(_state_row(state))
        column.addWidget(wrapped(sentence_of(known, connection), tone="muted"))
        if connection.is_expired:
            column.addWidget(wrapped(EXPIRED_SENTENCE))
        self._refused = _marked("warning", "waiting", wrapped(_REFUSED))
        self._refused.hide()
        column.addWidget(self._refused)
        column.addSpacing(S)
        self._used = wrapped("…")
        grid = QGridLayout()
        grid.setHorizontalSpacing(L)
        grid.setVerticalSpacing(S)
        grid.setColumnStretch(1, 1)
        facts = (
            ("App", PlainLabel(title_of(known.app), elide=True)),
            ("Owner", wrapped(self._owner)),
            ("Last used", self._used),
            ("Id", wrapped(connection.id, mono=True, selectable=True)),
        )
        for number, (name, value) in enumerate(facts):
            label = PlainLabel(name, tone="muted")
            grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, number, 1)
        column.addLayout(grid)
        column.addSpacing(M)
        buttons = _row()
        if connection.is_expired:
            text = (
                f"Sign in as {short_name_of(connection)} on the page that opens. A connection that"
                " is renewed keeps its id, so that forms and runs with it work again; where a new"
                " one is made instead, it appears beside it."
            )
            column.insertWidget(column.count() - 1, wrapped(text, tone="muted"))
            renew = Button("Reconnect…", look="primary", icon="external-link")
            renew.clicked.connect(lambda: self.connect_wanted.emit(known.app, connection))
            buttons.addWidget(renew)
        buttons.addWidget(self._look_button(known.app))
        buttons.addStretch(1)
        column.addLayout(buttons)

    # An app

    def _fill_app(self, column: QVBoxLayout, known: AppConnections) -> None:
        app, connections = known.app, known.known
        head = _row()
        head.addWidget(Monogram(app.title, app.hex_color, ICON_LARGE))
        head.addWidget(PlainLabel(title_of(app), size="large", bold=True, elide=True), 1)
        column.addLayout(head)
        column.addWidget(wrapped(_app_sentence(known), tone="muted"))
        if connections.trouble is not None:
            trouble = connections.trouble
            text = " ".join(filter(None, (trouble.title, trouble.detail, trouble.hint)))
            column.addWidget(_marked("error", "error", wrapped(text, tone="error")))
        for attempt in known.unknown:
            column.addWidget(self._unknown_attempt(attempt))
        column.addSpacing(M)
        buttons = _row()
        if connections.fetched_ms is None and connections.needs_one is not False:
            buttons.addWidget(self._look_button(app, is_first=True))
        elif connections.needs_one is not False:
            connect = Button("Connect new…", look="primary", icon="external-link")
            connect.clicked.connect(lambda: self.connect_wanted.emit(app, None))
            buttons.addWidget(connect)
            key = Button("Enter a key…", icon="key")
            key.clicked.connect(lambda: self.key_wanted.emit(app))
            key.setEnabled(self._barrier is None)
            buttons.addWidget(key)
        buttons.addStretch(1)
        column.addLayout(buttons)
        if connections.fetched_ms is not None and connections.needs_one is not False:
            again = _row()
            again.addWidget(self._look_button(app))
            again.addStretch(1)
            column.addLayout(again)
            if self._barrier is not None:
                column.addWidget(wrapped(f"By a key: {self._barrier}", tone="muted"))
                if self._barrier.can_ask:
                    ask = Button("Ask again", look="link")
                    ask.clicked.connect(lambda: self._ask())
                    column.addWidget(ask, 0, Qt.AlignmentFlag.AlignLeft)

    def _unknown_attempt(self, attempt: ConnectionAttempt) -> QWidget:
        text = (
            f"We cannot tell whether “{one_line(attempt.title, 80)}” was made "
            f"{when(attempt.created_ms)}. Look whether it is in the list before you make it again."
        )
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(XS)
        column.addWidget(_marked("unknown", "unknown", wrapped(text)))
        button = Button("I have looked", look="link")
        button.clicked.connect(lambda: self.settled.emit(attempt))
        row = _row()
        row.addSpacing(ICON + XS)  # under the words: the link has room of its own around it
        row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        return holder

    def _look_button(self, app: App, *, is_first: bool = False) -> Button:
        text = "Look up your connections" if is_first else "Check again"
        button = Button(text, look="primary" if is_first else "plain", icon="refresh")
        button.clicked.connect(lambda: self.look_wanted.emit(app))
        return button


def _app_sentence(known: AppConnections) -> str:
    connections = known.known
    if connections.needs_one is False:
        return "Its actions need no connection."
    if connections.fetched_ms is None:
        return "Your connections with this app were not looked at yet."
    count = len(connections.items)
    expired = count - len(connections.usable)
    have = {0: "You have no connection", 1: "You have 1 connection"}.get(
        count, f"You have {count} connections"
    )
    more = f", {expired} of them expired" if expired and count > 1 else ", which has expired"
    more = more if expired else ""
    return f"{have} with it{more}. {looked_text(connections.fetched_ms)}"


def _state_row(state: ConnectionState) -> QHBoxLayout:
    look = STATE_LOOKS[state]
    row = _row()
    row.addWidget(IconLabel(look.icon, look.token, ICON))
    row.addWidget(PlainLabel(look.word, tone=look.token, bold=True), 1)
    return row


def _marked(icon: str, token: str, label: PlainLabel) -> QWidget:
    """A sentence with an icon before its first line."""
    holder = QWidget()
    row = _row()
    row.addWidget(IconLabel(icon, token, ICON), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label, 1)
    holder.setLayout(row)
    return holder


def _row() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(S)
    return row

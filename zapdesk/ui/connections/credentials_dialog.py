"""CredentialsDialog: makes a connection from a key or a password, for apps that open with one.

What is typed is masked, goes to the server once and is kept nowhere. What the server refuses is
said under the field it names; where it cannot be told whether it was made, nothing is sent again
without being asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QFrame,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import (
    LONGEST_TITLE,
    USUAL_NAMES,
    checked_title,
    field_of,
    is_secret,
)
from zapdesk.errors import InvalidInput, OutcomeUnknown, Refused, ZapdeskError
from zapdesk.ui.connections.labels import wrapped
from zapdesk.ui.connections.words import title_of
from zapdesk.ui.form.editors.password import PasswordLine
from zapdesk.ui.form.editors.problem_line import ProblemLine
from zapdesk.ui.look.metrics import XL, XS, L, M, S
from zapdesk.ui.parts import Button, IconButton, PlainLabel, button_row

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.bootstrap import Session

Start = Callable[[Coroutine[Any, Any, Any]], object]

_WIDTH, _NAME_WIDTH, _MOST_HEIGHT = 560, 168, 260
_VERB = "Connect"
_ABOUT = (
    "For apps that open with a key or a password. What the fields are called, the app's own pages "
    "tell: for example api_key. It is sent once and kept nowhere on this computer."
)


class CredentialRow(QWidget):
    """The name of a credential and its value; ``removed`` asks for the row to go."""

    removed = Signal()
    edited = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = QLineEdit(name)
        self.name.setPlaceholderText("name")
        self.name.setAccessibleName("Name of the field")
        self.name.setFixedWidth(_NAME_WIDTH)
        completer = QCompleter(list(USUAL_NAMES), self.name)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.name.setCompleter(completer)
        self.value = PasswordLine()
        self.value.setPlaceholderText("value")
        self.problem = ProblemLine()
        self.remove_button = IconButton("minus", "Remove this field")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(S)
        grid.setVerticalSpacing(XS)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.value, 0, 1)
        grid.addWidget(self.remove_button, 0, 2)
        grid.addWidget(self.problem, 1, 1)
        self.name.textChanged.connect(self._on_name)
        self.value.textChanged.connect(self._on_edited)
        self.remove_button.clicked.connect(self.removed)
        self._on_name(name)

    def _on_name(self, name: str) -> None:
        self.value.set_open(not is_secret(name))
        self.value.setAccessibleName(f"Value of {name}" if name else "Value")
        self._on_edited()

    def _on_edited(self) -> None:
        self.problem.show_text("")
        self.edited.emit()


class CredentialsDialog(QDialog):
    """``made`` gives the Authentication; ``left_unknown`` comes where nobody knows whether it
    was made."""

    made = Signal(object)
    left_unknown = Signal()

    def __init__(self, parent: QWidget, session: Session, app: App, start: Start) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session, self._app, self._start = session, app, start
        title = f"Enter a key for {title_of(app)}"
        self.setWindowTitle(title)
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self.rows: list[CredentialRow] = []
        self.title_line = QLineEdit(title_of(app))
        self.title_line.setMaxLength(LONGEST_TITLE)
        self.title_line.setAccessibleName("Name of the connection")
        self.title_problem = ProblemLine()
        self.problem = ProblemLine()
        self.add_button = Button("Add a field", look="link", icon="plus")
        self.look_button = Button("Look for it again", look="primary")
        self.cancel_button = Button("Cancel")
        self.make_button = Button(_VERB, look="primary")
        self.make_button.setDefault(True)
        self.again_button = Button("Send again anyway")
        self._fields = QVBoxLayout()
        self._fields.setContentsMargins(0, 0, 0, 0)
        self._fields.setSpacing(S)
        self._lay_out(title)
        self.title_line.textChanged.connect(lambda: self.title_problem.show_text(""))
        self.add_button.clicked.connect(lambda: self.add_row("").name.setFocus())
        self.look_button.clicked.connect(lambda: self._start(self._look_again()))
        self.cancel_button.clicked.connect(self.reject)
        self.make_button.clicked.connect(self._make)
        self.again_button.clicked.connect(self._make)
        self.look_button.hide()
        self.again_button.hide()
        self.add_row("api_key").value.setFocus()
        self._start(self._recall())

    def _lay_out(self, title: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(PlainLabel(title, size="title", bold=True, elide=True))
        column.addWidget(wrapped(_ABOUT, tone="muted"))
        column.addSpacing(S)
        name = PlainLabel("Name of the connection", bold=True)
        name.setBuddy(self.title_line)
        column.addWidget(name)
        column.addWidget(self.title_line)
        column.addWidget(self.title_problem)
        column.addSpacing(S)
        column.addWidget(PlainLabel("Fields", bold=True))
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(self._fields)
        inside.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(holder)
        column.addWidget(self._area)
        column.addLayout(button_row(beside=[self.add_button]))
        column.addWidget(self.problem)
        column.addSpacing(M)
        answers = (self.cancel_button, self.make_button, self.look_button)
        column.addLayout(button_row(*answers, beside=[self.again_button]))

    def add_row(self, name: str) -> CredentialRow:
        """One more field."""
        row = CredentialRow(name)
        row.removed.connect(lambda: self._remove(row))
        row.edited.connect(self._on_edited)
        self.rows.append(row)
        self._fields.addWidget(row)
        row.show()
        self._fit()
        return row

    def done(self, result: int) -> None:
        for row in self.rows:
            row.value.clear()
        super().done(result)

    def _remove(self, row: CredentialRow) -> None:
        if len(self.rows) > 1:
            self.rows.remove(row)
            self._fields.removeWidget(row)
            row.hide()
            row.deleteLater()
            self._fit()
        else:
            row.name.clear()
            row.value.clear()

    def _fit(self) -> None:
        holder = self._area.widget()
        if holder is not None:
            layout = holder.layout()
            assert layout is not None  # it was given one
            layout.activate()
            height = layout.sizeHint().height()
            if layout.hasHeightForWidth():
                height = layout.totalHeightForWidth(_WIDTH - 2 * XL)
            self._area.setFixedHeight(min(height, _MOST_HEIGHT))
        self.adjustSize()

    def _on_edited(self) -> None:
        self.problem.show_text("")

    async def _recall(self) -> None:
        """Offer the names with which it worked the last time."""
        names = await self._session.credentials.names(self._app.id)
        is_untouched = isValid(self) and not any(row.value.text() for row in self.rows)
        if names and is_untouched and len(self.rows) == 1:
            self.rows[0].name.setText(names[0])
            for name in names[1:]:
                self.add_row(name)

    # Making it

    def _make(self) -> None:
        try:
            title = checked_title(self.title_line.text())
        except InvalidInput as error:
            self.title_problem.show_text(f"{error.title} {error.hint}")
            self.title_line.setFocus()
            return
        fields: dict[str, str] = {}
        for row in self.rows:
            name = row.name.text().strip()
            if not name or name in fields:
                text = "Give this field another name." if name else "Give this field a name."
                row.problem.show_text(text)
                self._fit()
                row.name.setFocus()
                return
            fields[name] = row.value.exact_text()
        empty = next((row for row in self.rows if not row.value.text()), None)
        if empty is not None:
            empty.problem.show_text("A value is needed; or remove the field.")
            self._fit()
            empty.value.setFocus()
            return
        self._set_busy(True)
        self._start(self._send(title, fields))

    async def _send(self, title: str, fields: dict[str, str]) -> None:
        try:
            made = await self._session.credentials.make(self._app, title, fields)
        except ZapdeskError as error:
            if isValid(self):
                self._set_busy(False)
                self._show_error(error)
            return
        if isValid(self):
            self._finish(made)

    async def _look_again(self) -> None:
        self._set_busy(True)
        title = " ".join(self.title_line.text().split())
        found = await self._session.connections.look(self._app)
        if not isValid(self):
            return
        self._set_busy(False)
        if found.known.trouble is not None:
            self._tell(str(found.known.trouble))
        elif not any(attempt.title == title for attempt in found.unknown):
            self._finish(next(c for c in reversed(found.known.items) if c.title == title))
        else:
            self._tell(f"“{title}” is not in the list of your connections, at least not yet.")

    def _finish(self, made: Authentication) -> None:
        self.made.emit(made)
        self.accept()

    def _show_error(self, error: ZapdeskError) -> None:
        left = [error.title, error.detail, error.hint]
        if isinstance(error, OutcomeUnknown):
            self._become_unknown()
        elif isinstance(error, Refused) and self._place(error):
            return
        self._tell(" ".join(filter(None, left)))

    def _place(self, error: Refused) -> bool:
        """Say each refusal under the field it names; whether all of them found one."""
        is_whole = bool(error.items)
        for item in error.items:
            name = field_of(item.pointer)
            if name:
                known = (row for row in self.rows if row.name.text().strip() == name)
                row = next(known, None) or self.add_row(name)
                row.problem.show_text(item.text)
            elif item.pointer == "/data/title":
                self.title_problem.show_text(item.text)
            else:
                is_whole = False
        wrong = next((row for row in self.rows if row.problem.text), None)
        if wrong is not None:
            wrong.value.setFocus()
        self._fit()
        return is_whole

    def _become_unknown(self) -> None:
        self.make_button.hide()
        self.again_button.show()
        self.look_button.show()
        self.look_button.setFocus()
        self.left_unknown.emit()

    def _tell(self, text: str) -> None:
        self.problem.show_text(text)
        self._fit()

    def _set_busy(self, is_busy: bool) -> None:
        buttons = (self.add_button, self.look_button, self.make_button, self.again_button)
        for widget in (self.title_line, self._area, *buttons):
            widget.setEnabled(not is_busy)
        self.make_button.set_text("Connecting…" if is_busy else _VERB)

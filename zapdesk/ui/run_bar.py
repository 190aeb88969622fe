"""The bar under the form: what is wrong, what will be sent, and Run, always in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.ui.field_editors.code import CodeText
from zapdesk.ui.metrics import L, S
from zapdesk.ui.parts import Button, HLine, PlainLabel
from zapdesk.ui.theme import theme

_LONGEST_BODY = 64 * 1024
_PRESSING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class RunButton(Button):
    """Run. A key that is held down presses it once."""

    def __init__(self) -> None:
        super().__init__("Run", look="primary", icon="run", tip="Run this action (Ctrl+Enter)")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        if event.key() in _PRESSING and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.click()
        else:
            super().keyPressEvent(event)


class RunBar(QWidget):
    """``run_pressed`` is the button, ``problems_pressed`` the count of problems."""

    run_pressed = Signal()
    problems_pressed = Signal()
    body_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("ground", "surface")
        self.run_button = RunButton()
        self.problems_button = Button("", look="link", icon="error")
        self.problems_button.setProperty("tone", "error")
        self.problems_button.setIcon(theme().icon("error", "error"))
        self._note = PlainLabel(tone="muted", elide=True)
        self.body_button = Button("Body", look="quiet", icon="braces", tip="What will be sent")
        self.body_button.setCheckable(True)
        self._body_title = PlainLabel(
            "inputs as they will be sent", size="small", tone="muted", bold=True
        )
        self.body = CodeText((6, 14))
        self.body.setReadOnly(True)
        self.body.setAccessibleName("Body that will be sent")
        row = QHBoxLayout()
        row.setContentsMargins(L, S, L, S)
        row.setSpacing(S)
        row.addWidget(self.problems_button)
        row.addWidget(self._note, 1)
        row.addWidget(self.body_button)
        row.addWidget(self.run_button)
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(L, S, L, 0)
        inside.setSpacing(S - 2)
        inside.addWidget(self._body_title)
        inside.addWidget(self.body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(HLine())
        column.addWidget(self._inside)
        column.addLayout(row)
        self._inside.hide()
        self.show_problems(0)
        self.run_button.clicked.connect(self.run_pressed)
        self.problems_button.clicked.connect(self.problems_pressed)
        self.body_button.toggled.connect(self._inside.setVisible)
        self.body_button.toggled.connect(self.body_toggled)

    def show_problems(self, count: int) -> None:
        """Say how many things keep the form from being sent."""
        self.problems_button.set_text(f"{count} problem{'s' * (count != 1)}")
        self.problems_button.setVisible(count > 0)

    def show_note(self, text: str) -> None:
        """Say why nothing can be sent, or what is being waited for."""
        self._note.setText(text)

    def show_runs(self, open_runs: int) -> None:
        """Offer to run again while runs of this form are on their way."""
        self.run_button.set_text("Run again" if open_runs else "Run")

    @property
    def shows_body(self) -> bool:
        """Whether the body is open."""
        return self.body_button.isChecked()

    def show_body(self, text: str) -> None:
        """Show the inputs; of very long ones the beginning, with a word about the rest."""
        if len(text) > _LONGEST_BODY:
            rest = len(text) - _LONGEST_BODY
            text = f"{text[:_LONGEST_BODY]}\n… and {rest:,} characters more"
        self.body.show_text(text)

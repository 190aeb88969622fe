"""The bar under the form: what is wrong, what will be sent, and Run, always in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.ui.form.body.pane import BodyPane
from zapdesk.ui.look.metrics import L, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, HLine, PlainLabel
from zapdesk.ui.parts.labels import plain_tool_tip

RUN_TIP = "Run this action (Ctrl+Enter)"
_PRESSING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class RunButton(Button):
    """Run. A key that is held down presses it once."""

    def __init__(self) -> None:
        super().__init__("Run", look="primary", icon="run", tip=RUN_TIP)

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

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("ground", "surface")
        self._reason = ""
        self.run_button = RunButton()
        self.problems_button = Button("", look="link", icon="error")
        self.problems_button.setProperty("tone", "error")
        self.problems_button.setIcon(theme().icon("error", "error"))
        self._note = PlainLabel(tone="muted", elide=True)
        self.body_button = Button("Body", look="quiet", icon="braces", tip="What will be sent")
        self.body_button.setCheckable(True)
        self.body = BodyPane()
        row = QHBoxLayout()
        row.setContentsMargins(L, S, L, S)
        row.setSpacing(S)
        row.addWidget(self.problems_button)
        row.addWidget(self._note, 1)
        row.addWidget(self.body_button)
        row.addWidget(self.run_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(HLine())
        column.addWidget(self.body)
        column.addLayout(row)
        self.body.hide()
        self.show_problems(0)
        self.run_button.clicked.connect(self.run_pressed)
        self.problems_button.clicked.connect(self.problems_pressed)
        self.body_button.toggled.connect(self._show_body)

    def show_problems(self, count: int) -> None:
        """Say how many things keep the form from being sent."""
        self.problems_button.set_text(f"{count} problem{'s' * (count != 1)}")
        self.problems_button.setVisible(count > 0)

    def set_blocked(self, reason: str) -> None:
        """While there is a reason nothing can be sent, and it is said."""
        self.run_button.setEnabled(not reason)
        self.run_button.setToolTip(plain_tool_tip(reason or RUN_TIP))
        self.run_button.setAccessibleDescription(reason)
        self._reason = reason
        self.show_note("")

    def show_note(self, text: str) -> None:
        """Say why nothing can be sent, or what is being waited for."""
        self._note.setText(f"Nothing can be sent: {self._reason}" if self._reason else text)

    def show_runs(self, open_runs: int) -> None:
        """Offer to run again while runs of this form are on their way."""
        self.run_button.set_text("Run again" if open_runs else "Run")

    def _show_body(self, is_shown: bool) -> None:
        self.body.setVisible(is_shown)
        if is_shown:
            self.body.refresh()
        else:
            self.body.flush()
            self.body.edit_button.setChecked(False)
            self.body.reveal_button.setChecked(False)

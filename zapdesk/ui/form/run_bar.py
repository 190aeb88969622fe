"""The bar under the form: what is wrong, what will be sent, and Run, always in sight."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.ui.form.body.pane import BodyPane
from zapdesk.ui.look.metrics import L, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, HLine, PlainLabel
from zapdesk.ui.parts.hold_button import HoldButton
from zapdesk.ui.parts.labels import plain_tool_tip

RUN_TIP = "Run this action (Ctrl+Enter)"
LIVE_TIP = "Hold it for a second: this profile is live. Pressed once, it asks (Ctrl+Enter)"


class RunButton(HoldButton):
    """Run. A key that is held down presses it once, but where it has to be held."""

    def __init__(self) -> None:
        super().__init__("Run", look="primary", icon="run", tip=RUN_TIP)
        self.needs_hold = False


class RunBar(QWidget):
    """``run_pressed`` is the button, ``run_held`` the same held for a second where that is needed,
    ``problems_pressed`` the count of problems."""

    run_pressed = Signal()
    run_held = Signal()
    problems_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("ground", "surface")
        self._reason = ""
        self._open_runs = 0
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
        self.run_button.held.connect(self.run_held)
        self.problems_button.clicked.connect(self.problems_pressed)
        self.body_button.toggled.connect(self._show_body)

    def show_problems(self, count: int) -> None:
        """Say how many things keep the form from being sent."""
        self.problems_button.set_text(f"{count} problem{'s' * (count != 1)}")
        self.problems_button.setVisible(count > 0)

    def set_blocked(self, reason: str) -> None:
        """While there is a reason nothing can be sent, and it is said."""
        self._reason = reason
        self.run_button.setEnabled(not reason)
        self._name_button()
        self.show_note("")

    def show_note(self, text: str) -> None:
        """Say why nothing can be sent, or what is being waited for."""
        self._note.setText(f"Nothing can be sent: {self._reason}" if self._reason else text)

    def show_runs(self, open_runs: int) -> None:
        """Offer to run again while runs of this form are on their way."""
        self._open_runs = open_runs
        self._name_button()

    def set_guarded(self, is_guarded: bool) -> None:
        """Whether Run has to be held; pressed once, it is asked whether it is meant."""
        self.run_button.needs_hold = is_guarded
        self._name_button()

    def _name_button(self) -> None:
        is_guarded = self.run_button.needs_hold
        word = "Hold to run" if is_guarded else "Run"
        self.run_button.set_text(f"{word} again" if self._open_runs else word)
        tip = LIVE_TIP if is_guarded else RUN_TIP
        self.run_button.setToolTip(plain_tool_tip(self._reason or tip))
        self.run_button.setAccessibleDescription(self._reason or (tip if is_guarded else ""))

    def _show_body(self, is_shown: bool) -> None:
        self.body.setVisible(is_shown)
        if is_shown:
            self.body.refresh()
        else:
            self.body.flush()
            self.body.edit_button.setChecked(False)
            self.body.reveal_button.setChecked(False)

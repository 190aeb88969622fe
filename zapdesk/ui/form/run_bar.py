"""The bar under the form: what is wrong, what will be sent, and Run, always in sight."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.ui.accounts.way import ASK_AGAIN
from zapdesk.ui.bound_keys import BOUND
from zapdesk.ui.form.body.pane import BodyPane
from zapdesk.ui.look.metrics import ICON, L, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, HLine, IconLabel, PlainLabel
from zapdesk.ui.parts.hold_button import HoldButton

_RUN_TIP = "Run this action"
_LIVE_TIP = "Hold it for a second: this profile is live. Pressed once, it asks"


class RunButton(HoldButton):
    """Run. A key that is held down presses it once, but where it has to be held."""

    def __init__(self) -> None:
        super().__init__("Run", look="primary", icon="run")
        self.needs_hold = False


class RunBar(QWidget):
    """``run_pressed`` is the button, ``run_held`` the same held for a second where that is needed,
    ``problems_pressed`` the count of problems; ``sign_in_wanted`` tells which way, see ASK_AGAIN.

    Why nothing can be sent has a line of its own, so that all of it can be read in a narrow form.
    """

    run_pressed = Signal()
    run_held = Signal()
    problems_pressed = Signal()
    sign_in_wanted = Signal(str)

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
        self.blocked = PlainLabel(tone="muted", wrap=True)
        self.ask_button = Button("Ask again", look="link", tip="Sign in and allow the rest")
        self.ask_button.clicked.connect(lambda: self.sign_in_wanted.emit(ASK_AGAIN))
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
        column.addWidget(self._build_reason())
        column.addLayout(row)
        self.body.hide()
        self.show_problems(0)
        self._name_button()
        self.run_button.clicked.connect(self.run_pressed)
        self.run_button.held.connect(self.run_held)
        self.problems_button.clicked.connect(self.problems_pressed)
        self.body_button.toggled.connect(self._show_body)

    def show_problems(self, count: int) -> None:
        """Say how many things keep the form from being sent."""
        self.problems_button.set_text(f"{count} problem{'s' * (count != 1)}")
        self.problems_button.setVisible(count > 0)

    def _build_reason(self) -> QWidget:
        self._why = QWidget()
        row = QHBoxLayout(self._why)
        row.setContentsMargins(L, S, L, 0)
        row.setSpacing(S)
        row.addWidget(IconLabel("warning", "waiting", ICON))
        row.addWidget(self.blocked, 1)
        row.addWidget(self.ask_button)
        self._why.hide()
        return self._why

    def set_blocked(self, reason: str, *, can_ask: bool = False) -> None:
        """While there is a reason nothing can be sent, and it is said. ``can_ask``: it is what the
        sign-in does not allow, and a person can be asked for it."""
        self._reason = reason
        self.run_button.setEnabled(not reason)
        self._name_button()
        self.blocked.setText(f"Nothing can be sent: {reason}" if reason else "")
        self.ask_button.setVisible(can_ask)
        self._why.setVisible(bool(reason))

    def show_note(self, text: str) -> None:
        """Say what is being waited for."""
        self._note.setText(text)

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
        tip = _LIVE_TIP if is_guarded else _RUN_TIP
        BOUND.tip(self.run_button, self._reason or tip, "" if self._reason else "run")
        self.run_button.setAccessibleDescription(self._reason or (tip if is_guarded else ""))

    def _show_body(self, is_shown: bool) -> None:
        self.body.setVisible(is_shown)
        if is_shown:
            self.body.refresh()
        else:
            self.body.flush()
            self.body.edit_button.setChecked(False)
            self.body.reveal_button.setChecked(False)

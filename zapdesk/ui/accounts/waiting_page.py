"""While a person is in the browser: how long there is, the link, and the ways around it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from zapdesk.errors import InvalidInput
from zapdesk.ui.clipboard import copy_link, copy_text
from zapdesk.ui.links import open_page
from zapdesk.ui.look.metrics import XS, L, M, S
from zapdesk.ui.parts import Button, DisclosureButton, PlainLabel, ThinProgress
from zapdesk.ui.parts.copy_button import CopyButton

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.sign_in import SignIn

_TICK_MS = 250


class WaitingPage(QWidget):
    """Shows an attempt under way from ``begin`` to ``end``. The link is always there: that a
    browser was asked to open it does not mean that it did."""

    def __init__(self, *, explains_redirect: bool = True) -> None:
        super().__init__()
        self._attempt: SignIn | None = None
        self._whole_s = 1.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.said = PlainLabel(wrap=True)
        self.left = PlainLabel(tone="muted")
        self._line = ThinProgress("Time left")
        self.link = QLineEdit()
        self.link.setReadOnly(True)
        self.link.setAccessibleName("Link")
        self.copy_button = CopyButton("Copy link", self._copy_link)
        self.open_button = Button("Open again", icon="external-link")
        self.open_button.clicked.connect(self.open_browser)
        self.by_hand = DisclosureButton("The browser ended on a page that it cannot show")
        self.refused = DisclosureButton("The browser says that the address is not registered")
        self.address = QLineEdit()
        self.address.setAccessibleName("Address of that page")
        self.address.setPlaceholderText("Paste the whole address of that page")
        self.address.returnPressed.connect(self._paste)
        self.paste_button = Button("Use it")
        self.paste_button.clicked.connect(self._paste)
        self.problem = PlainLabel(size="small", tone="error", wrap=True)
        self.address.textEdited.connect(lambda: self.problem.setText(""))
        self.redirect = PlainLabel(mono=True, selectable=True, wrap=True)
        self._build(explains_redirect)

    def _build(self, explains_redirect: bool) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, M, 0, 0)
        column.setSpacing(S)
        column.addWidget(self.said)
        column.addWidget(self.left)
        column.addWidget(self._line)
        column.addSpacing(S)
        column.addLayout(_row(self.link, self.copy_button, self.open_button))
        column.addSpacing(S)
        column.addWidget(self.by_hand, 0, Qt.AlignmentFlag.AlignLeft)
        pasting = QWidget()
        inside = _folded(pasting)
        inside.addLayout(_row(self.address, self.paste_button))
        inside.addWidget(self.problem)
        column.addWidget(pasting)
        column.addWidget(self.refused, 0, Qt.AlignmentFlag.AlignLeft)
        self.refused.setVisible(explains_redirect)
        explained = QWidget()
        inside = _folded(explained)
        inside.addWidget(
            PlainLabel(
                "The integration has to name this redirect address in its settings, to the "
                "letter. Its port is another one each time, unless fixed ports are used: go back, "
                "tick “Use fixed ports” and register the addresses that are shown there.",
                size="small",
                tone="muted",
                wrap=True,
            )
        )
        copy = CopyButton("Copy", lambda: copy_text(self.redirect.whole_text))
        inside.addLayout(_row(self.redirect, copy))
        column.addWidget(explained)
        column.addStretch(1)
        self.by_hand.folds(pasting)
        self.refused.folds(explained)

    def begin(self, attempt: SignIn, where: str) -> None:
        """Show an attempt at ``where``, and lead the person to it."""
        self._attempt = attempt
        self._whole_s = max(1.0, attempt.seconds_left)
        self._where = where
        self.link.setText(attempt.link)
        self.link.setCursorPosition(0)
        self.redirect.setText(attempt.redirect_uri)
        self.address.clear()
        self.problem.setText("")
        self.by_hand.setChecked(not attempt.is_listening)
        self.refused.setChecked(False)
        self._timer.start()
        self._tick()
        self.open_browser()
        if not attempt.is_listening:
            self.said.setText(
                f"{self.said.whole_text} No port could be opened here, so the browser ends on a "
                "page that it cannot show: paste the address of that page below."
            )
            self.address.setFocus()
        else:
            self.open_button.setFocus()

    def end(self) -> None:
        """The attempt is over."""
        self._attempt = None
        self._timer.stop()
        self.link.clear()
        self.address.clear()

    def open_browser(self) -> None:
        """Ask the system for a browser; its answer is a hint only."""
        if self._attempt is None:
            return
        if open_page(self._attempt.link):
            self.said.setText(f"Agree in the browser, on the page of {self._where}.")
        else:
            self.said.setText(
                "No browser could be opened. Copy the link into one on this computer, and agree "
                f"on the page of {self._where}."
            )

    def _tick(self) -> None:
        if self._attempt is None:
            return
        left = self._attempt.seconds_left
        minutes, seconds = divmod(math.ceil(left), 60)
        self.left.setText(f"zapdesk waits for {minutes}:{seconds:02} more.")
        self._line.set_progress(round(left * 10), round(self._whole_s * 10) + 1)

    def _copy_link(self) -> None:
        if self._attempt is not None:
            copy_link(self._attempt.link)

    def _paste(self) -> None:
        if self._attempt is None:
            return
        try:
            self._attempt.paste(self.address.text())
        except InvalidInput as error:
            self.problem.setText(f"{error.title} {error.hint}")


def _row(first: QWidget, *buttons: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(S)
    row.addWidget(first, 1)
    for button in buttons:
        row.addWidget(button)
    return row


def _folded(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(L + XS, 0, 0, S)
    column.setSpacing(S)
    return column

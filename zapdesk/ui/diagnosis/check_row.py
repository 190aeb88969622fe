"""One check of the self-test as a row: how it ended, what that means, what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from zapdesk.domain.diagnosis import Check, Finding, State
from zapdesk.redaction import REDACTOR
from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XS, M
from zapdesk.ui.parts import IconButton, IconLabel, PlainLabel
from zapdesk.ui.parts.labels import plain_tool_tip

_NAME_WIDTH = 148
_LOOKS = {
    State.PASSED: ("success", "success", "Passed"),
    State.WARNING: ("warning", "waiting", "Warning"),
    State.FAILED: ("failed", "error", "Failed"),
    State.SKIPPED: ("minus", "muted", "Skipped"),
}


class CheckRow(QWidget):
    """``again_wanted`` is the button that makes this check anew."""

    again_wanted = Signal(str)

    def __init__(self, check: Check) -> None:
        super().__init__()
        self.check = check
        self._icon = IconLabel("waiting", "muted", ICON)
        name = PlainLabel(check.name, wrap=True)
        name.setFixedWidth(_NAME_WIDTH)
        name.setContentsMargins(0, 0, 0, 2)  # a label that can be selected draws a pixel higher
        self._summary = PlainLabel("", wrap=True, selectable=True)
        self._meaning = PlainLabel("", tone="muted", wrap=True, selectable=True)
        self._fix = PlainLabel("", wrap=True, selectable=True)
        self._fix.setContentsMargins(0, 0, 0, XS)
        self._meaning.setContentsMargins(0, 0, 0, XS)
        self.again = IconButton("refresh", f"Test again: {check.name}")
        self.again.clicked.connect(lambda: self.again_wanted.emit(check.id))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(M)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        for label in (name, self._summary):
            label.setMinimumHeight(ROW_DENSE)
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(name, 0, 1)
        grid.addWidget(self._summary, 0, 2)
        grid.addWidget(self.again, 0, 3, top)
        grid.addWidget(self._meaning, 1, 2)
        grid.addWidget(self._fix, 2, 2)
        self.set_running()

    def set_running(self) -> None:
        """It is being made, or will be."""
        self._icon.set_icon("waiting", "muted")
        self._summary.setText("Testing…")
        self._summary.set_tone("muted")
        self._meaning.hide()
        self._fix.hide()
        self.setAccessibleName(f"{self.check.name}: testing")

    def set_finding(self, found: Finding) -> None:
        """It has ended."""
        icon, token, word = _LOOKS[found.state]
        self._icon.set_icon(icon, token)
        is_quiet = found.state is State.SKIPPED
        self._summary.setText(REDACTOR.text(found.summary))
        self._summary.set_tone("muted" if is_quiet else "text")
        self._meaning.setText(REDACTOR.text(found.meaning))
        self._meaning.setVisible(bool(found.meaning))
        self._fix.setText(REDACTOR.text(found.fix))
        self._fix.setVisible(bool(found.fix))
        facts = "\n".join(f"{name}: {REDACTOR.text(text)}" for name, text in found.details)
        self._icon.setToolTip(plain_tool_tip(f"{word}\n{facts}".strip()))
        self.setAccessibleName(f"{self.check.name}: {word}. {found.summary}")

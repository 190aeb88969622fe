"""What is wrong with a field, under it; a screen reader is told when it appears."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from zapdesk.ui.look.metrics import ICON, XS
from zapdesk.ui.parts import IconLabel, PlainLabel


class ProblemLine(QWidget):
    """An icon and a sentence; hidden while nothing is wrong."""

    def __init__(self) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(XS + 2)
        line.addWidget(IconLabel("error", "error", ICON), 0, Qt.AlignmentFlag.AlignTop)
        self._words = PlainLabel(tone="error", wrap=True)
        line.addWidget(self._words, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What is said to be wrong now."""
        return self._words.whole_text if not self.isHidden() else ""

    def show_text(self, text: str) -> bool:
        """Say what is wrong, or with an empty text nothing; True where that is new."""
        if text == self._words.whole_text and self.isHidden() is not bool(text):
            return False
        self._words.setText(text)
        self.setVisible(bool(text))
        return True


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say ``text`` of ``widget``, where one is listening."""
    if QAccessible.isActive() and widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))

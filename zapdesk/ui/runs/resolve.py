"""ResolveBox: a person who has looked closes an unknown outcome; zapdesk never does."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from zapdesk.domain.runs import Resolution
from zapdesk.ui.look.metrics import XS, S
from zapdesk.ui.parts import Button

_WORDS = {
    Resolution.HAPPENED: "It happened",
    Resolution.DID_NOT: "It did not",
    Resolution.LEFT: "Leave it open",
}


class ResolveBox(QWidget):
    """``resolved`` carries the Resolution that was picked and the note."""

    resolved = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self.note = QLineEdit()
        self.note.setPlaceholderText("When you have looked: what you found")
        self.note.setAccessibleName("What you found")
        self.buttons = {resolution: Button(word) for resolution, word in _WORDS.items()}
        row = QHBoxLayout()
        row.setSpacing(S)
        for resolution, button in self.buttons.items():
            button.clicked.connect(lambda _=False, r=resolution: self._resolve(r))
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, XS, 0, XS)
        column.setSpacing(S)
        column.addWidget(self.note)
        column.addLayout(row)

    def _resolve(self, resolution: Resolution) -> None:
        self.resolved.emit(resolution, self.note.text().strip())

"""RawView: a large text with a find bar."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.viewers.find_bar import FindBar
from zapdesk.ui.viewers.line_view import LineView, Mark


class RawView(QWidget):
    """Shows bytes as lines; Ctrl+F finds, F3 and Shift+F3 go on."""

    def __init__(self, name: str, tasks: LateTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = LineView(name, tasks)
        self.bar = FindBar("Find in the text…", tasks)
        self.bar.looked_for.connect(self._on_looked_for)
        self.bar.found.connect(self._on_found)
        self.bar.closed.connect(lambda: self.view.setFocus(Qt.FocusReason.OtherFocusReason))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def show_document(self, data: bytes, json_from: int | None = None) -> None:
        """Show ``data``, laid out as JSON from byte ``json_from`` on."""
        self.view.show_document(data, json_from)
        self.bar.set_document(data)

    def open_find(self) -> None:
        """Show the find bar and go to it."""
        self.bar.open_find()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.bar.takes(event):
            super().keyPressEvent(event)

    def _on_looked_for(self, text: str) -> None:
        self.view.set_mark(Mark(_pattern(text)) if text else None)

    def _on_found(self, offset: int) -> None:
        place = self.view.show_offset(offset)
        self.view.set_mark(Mark(_pattern(self.bar.search.text()), place))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text), re.IGNORECASE)

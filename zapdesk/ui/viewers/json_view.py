"""JsonView: a JSON document as a tree, with finding, and opening of what is more than a text.

Links, images, HTML and base64 are only marked. Opening one is a person's choice each time.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.domain.recognition import Special
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.viewers.find_bar import FindBar
from zapdesk.ui.viewers.json_tree import JsonTree


class JsonView(QWidget):
    """``refused`` says in words why something was not copied or opened."""

    refused = Signal(str)

    def __init__(self, name: str, tasks: LateTasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._find_number = 0
        self.tree = JsonTree(name, tasks)
        self.bar = FindBar(f"Find in the {name.lower()}…", tasks)
        self.tree.refused.connect(self.refused)
        self.tree.opened.connect(self._on_opened)
        self.bar.found.connect(self._on_found)
        self.bar.looked_for.connect(lambda _: self._drop_finds())
        self.bar.closed.connect(lambda: self.tree.setFocus(Qt.FocusReason.OtherFocusReason))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self.bar)
        self.column.addWidget(self.tree, 1)
        self.setFocusProxy(self.tree)

    def show_document(self, data: bytes, labels: Mapping[str, str] | None = None) -> None:
        """Show a document; ``labels`` as `JsonModel` takes them."""
        self.tree.show_document(data, labels)
        self.bar.set_document(data)

    def open_find(self) -> None:
        """Show the find bar and go to it."""
        self.bar.open_find()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.bar.takes(event):
            super().keyPressEvent(event)

    def _drop_finds(self) -> None:
        self._find_number += 1

    def _on_found(self, offset: int) -> None:
        self._find_number += 1
        self._tasks.start(self._show_find(offset, self._find_number), name="show a find")

    async def _show_find(self, offset: int, number: int) -> None:
        index = await self.tree.json.find(offset)
        if number == self._find_number and index.isValid():
            self.tree.show_row(index)

    def _on_opened(self, special: Special | None) -> None:
        self._tasks.start(self._open(special), name="open a value")

    async def _open(self, special: Special | None) -> None:
        from zapdesk.ui.viewers.opening import open_text  # only now: few values are opened

        index = self.tree.currentIndex()
        text = self.tree.json.copy_text(index)
        try:
            await open_text(self, self.tree.json.path(index), text, special, self._tasks)
        except ZapdeskError as error:
            self.refused.emit(str(error))

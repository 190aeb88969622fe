"""JsonTree: the view of a JSON document, with copying of paths and values."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeView, QWidget

from zapdesk.domain.facts import size_text
from zapdesk.domain.json_outline import JsonKind
from zapdesk.domain.recognition import Special
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import theme
from zapdesk.ui.viewers.json_cells import AT_ONCE, CELL_LIMIT, JsonCell
from zapdesk.ui.viewers.json_model import JsonModel

_OPENING = {
    Special.LINK: "Open the link…",
    Special.IMAGE: "Show the image",
    Special.HTML: "Show the HTML as text",
    Special.BASE64: "Decode the base64",
}
_OPENED_AT_FIRST = 3
_OPENED_ROWS = 40
_KEY_WIDTH = (140, 320)
COPY_LIMIT = 1_000_000


class JsonTree(QTreeView):
    """A document as a tree. ``refused`` says in words why something was not copied;
    ``opened`` asks to open the current value as what it is besides a text (a Special), or to
    show the whole text (``None``).
    """

    refused = Signal(str)
    opened = Signal(object)

    def __init__(self, name: str, tasks: LateTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("json_tree")
        self.setAccessibleName(name)
        self.setFont(theme().font(mono=True))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIndentation(18)
        self.setHorizontalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._document = JsonModel(tasks, self)
        self.setModel(self._document)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self._document.progress.connect(self._on_progress)

    @property
    def json(self) -> JsonModel:
        return self._document

    def show_document(self, data: bytes, labels: Mapping[str, str] | None = None) -> None:
        """Show a document; where it is small its first levels are open."""
        self._document.show_document(data, labels)
        self._open_first()
        self._fit_keys()

    def copy_value(self) -> None:
        """The current value to the clipboard."""
        index = self.currentIndex()
        span = self._document.value_span(index) if index.isValid() else None
        if span is None:
            return
        size = span[1] - span[0]
        if size > COPY_LIMIT:
            self.refused.emit(
                f"This value is {size_text(size)}, too large for the clipboard. "
                "Open it and copy the parts you need."
            )
            return
        # Lone surrogates are nothing that another program could take.
        text = self._document.copy_text(index).encode("utf-8", "replace").decode()
        copy_text(text)

    def copy_path(self) -> None:
        """The current value's path to the clipboard."""
        index = self.currentIndex()
        if index.isValid():
            path = self._document.path(index).encode("utf-8", "replace").decode()
            copy_text(path)

    def show_row(self, index: QModelIndex) -> None:
        """Make a row the current one, with everything above it open."""
        above = index.parent()
        while above.isValid():
            self.expand(above)
            above = above.parent()
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def open_value(self) -> None:
        """Ask to open the current value, where it is more than a short text."""
        index = self.currentIndex()
        if index.isValid() and self._can_open(cell := self._document.cell(index)):
            self.opened.emit(cell.special)

    def _can_open(self, cell: JsonCell) -> bool:
        is_long = "↵" in cell.value or len(cell.value) > CELL_LIMIT
        return cell.special is not None or (cell.kind is JsonKind.STRING and is_long)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_value()
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_value()
            return
        is_shifted = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_C and event.modifiers() == is_shifted:
            self.copy_path()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.currentIndex()
        if not index.isValid():
            return
        where: QPoint = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            where = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy value\tCtrl+C").triggered.connect(self.copy_value)
        menu.addAction("Copy path\tCtrl+Shift+C").triggered.connect(self.copy_path)
        cell = self._document.cell(index)
        if cell.special is not None:
            opening = menu.addAction(f"{_OPENING[cell.special]}\tEnter")
            opening.triggered.connect(lambda: self.opened.emit(cell.special))
        if self._can_open(cell):
            whole = menu.addAction("Show the whole text")
            whole.triggered.connect(lambda: self.opened.emit(None))
        menu.popup(where)

    def _open_first(self) -> None:
        model = self._document
        rows = model.rowCount()
        if rows > _OPENED_AT_FIRST:
            return
        for row in range(rows):
            index = model.index(row, 0, QModelIndex())
            span = model.value_span(index)
            if span is None or span[1] - span[0] > AT_ONCE or not model.hasChildren(index):
                continue
            model.fetchMore(index)
            if model.rowCount(index) <= _OPENED_ROWS:
                self.expand(index)

    def _fit_keys(self) -> None:
        self.resizeColumnToContents(0)
        low, high = _KEY_WIDTH
        self.setColumnWidth(0, min(max(self.columnWidth(0) + 12, low), high))

    def _on_progress(self, done: int, total: int) -> None:
        if done == total:
            self._fit_keys()

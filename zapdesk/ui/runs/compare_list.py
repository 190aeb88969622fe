"""DifferenceList: how two documents differ, side by side, with both values of the current place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPlainTextEdit,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.comparison import Change, Difference, DocumentComparison
from zapdesk.domain.result_values import path_text, value_text
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import EmptyState, HLine
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line, visible_text
from zapdesk.ui.sheets import text_view

_CELL_LIMIT = 300
_LONGEST_VALUE = 50_000
_VALUES_HEIGHT = 120
_WIDTHS = {0: 124, 1: 220}
_LOOKS = {
    Change.ADDED: ("added", "plus", "success"),
    Change.REMOVED: ("removed", "minus", "error"),
    Change.CHANGED: ("changed", "compare", "waiting"),
    Change.MOVED: ("moved", "chevron-down", "muted"),
}


class DifferenceList(QStackedWidget):
    """``left_out`` carries the Difference whose place is to be left out from now on."""

    left_out = Signal(object)

    def __init__(self, name: str, same: str, *, can_leave_out: bool = False) -> None:
        super().__init__()
        self._same, self._can_leave_out = same, can_leave_out
        self._differences: Sequence[Difference] = ()
        self.nothing = EmptyState(same, icon="check")
        self.list = _List(name)
        self.list.menu_wanted.connect(self._show_menu)
        self.before = text_view("", "Value before")
        self.after = text_view("", "Value after")
        values = QHBoxLayout()
        values.setContentsMargins(0, 0, 0, 0)
        values.setSpacing(1)
        for view in (self.before, self.after):
            view.setFixedHeight(_VALUES_HEIGHT)
            view.setFrameShape(QPlainTextEdit.Shape.NoFrame)
            values.addWidget(view)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        column.addWidget(HLine())
        column.addLayout(values)
        self.addWidget(self.nothing)
        self.addWidget(page)
        page.setFocusProxy(self.list)
        self.list.currentItemChanged.connect(lambda: self._show_values())

    def show_comparison(self, comparison: DocumentComparison) -> None:
        """Show these differences in place of what was there."""
        row = self.list.currentIndex().row()
        self._differences = comparison.differences
        self.list.clear()
        if comparison.is_same:
            left = comparison.ignored
            told = f"{left} {'place' if left == 1 else 'places'} left out." if left else ""
            self.nothing.set_texts(self._same, told)
            self.setCurrentIndex(0)
            return
        self.list.addTopLevelItems([_item(difference) for difference in self._differences])
        row = min(max(row, 0), len(self._differences) - 1)
        self.list.setCurrentIndex(self.list.model().index(row, 0))
        self.setCurrentIndex(1)

    def _show_values(self) -> None:
        row = self.list.currentIndex().row()
        before = after = ""
        if 0 <= row < len(self._differences):
            difference = self._differences[row]
            before, after = _ends(difference, _LONGEST_VALUE)
        self.before.setPlainText(visible_text(before))
        self.after.setPlainText(visible_text(after))

    def _show_menu(self, where: QPoint) -> None:
        row = self.list.currentIndex().row()
        if not (self._can_leave_out and 0 <= row < len(self._differences)):
            return
        difference = self._differences[row]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entry = menu.addAction("Leave this place out")
        entry.triggered.connect(lambda: self.left_out.emit(difference))
        menu.popup(where)


class _List(QTreeWidget):
    """The rows. Tab leaves them."""

    menu_wanted = Signal(QPoint)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("plain_rows")
        self.setAccessibleName(name)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setHeaderLabels(["", "Where", "Before", "After"])
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsClickable(False)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        for column in (2, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            where = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        if self.currentIndex().isValid():
            self.menu_wanted.emit(where)


def _ends(difference: Difference, limit: int) -> tuple[str, str]:
    def told(value: Any) -> str:
        text = value_text(value)
        return text if len(text) <= limit else text[: limit - 1] + "…"

    before = "" if difference.change is Change.ADDED else told(difference.before)
    after = "" if difference.change is Change.REMOVED else told(difference.after)
    return before, after


def _item(difference: Difference) -> QTreeWidgetItem:
    word, icon, token = _LOOKS[difference.change]
    before, after = _ends(difference, _CELL_LIMIT)
    if difference.change is Change.MOVED:
        before, after = path_text(difference.before_path), path_text(difference.after_path)
    where = path_text(difference.path) or "everything"
    item = QTreeWidgetItem(
        [word, *(one_line(text, _CELL_LIMIT) for text in (where, before, after))]
    )
    item.setIcon(0, theme().icon(icon, token))
    item.setForeground(0, theme().color(token))
    mono = theme().font("small", mono=True)
    for column in (1, 2, 3):
        item.setFont(column, mono)
    item.setToolTip(1, plain_tool_tip(where))
    return item

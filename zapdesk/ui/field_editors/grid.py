"""Rows and columns of single values: what lists, maps and line items are edited in.

A table with editors made on demand, so that ten thousand rows cost no more than ten. A cell holds
UNSET (nothing was ever put there), ``None`` or a single JSON value; an edited cell holds text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.values import UNSET, as_text
from zapdesk.ui.field_editors.exact_text import ExactText, pasted_text
from zapdesk.ui.metrics import ROW, XS
from zapdesk.ui.parts import Button, IconButton
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.theme import theme

Index = QModelIndex | QPersistentModelIndex

_LONGEST_SHOWN = 400
_MOST_ROWS = 8
_HEADER = 28


_HINT = QAbstractItemDelegate.EndEditHint
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ENTERS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_LEAVING = {
    Qt.Key.Key_Return: _HINT.NoHint,
    Qt.Key.Key_Enter: _HINT.NoHint,
    Qt.Key.Key_Tab: _HINT.EditNextItem,
    Qt.Key.Key_Backtab: _HINT.EditPreviousItem,
}


class GridModel(QAbstractTableModel):
    """The cells. ``edited`` comes with every change a person makes."""

    edited = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.columns: list[str] = []
        self.rows: list[list[Any]] = []

    def show_rows(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Show other cells; announces nothing."""
        self.beginResetModel()
        self.columns = list(columns)
        self.rows = [list(row) for row in rows]
        self.endResetModel()

    def insert(self, place: int, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self.beginInsertRows(QModelIndex(), place, place + len(rows) - 1)
            self.rows[place:place] = [list(row) for row in rows]
            self.endInsertRows()
            self.edited.emit()

    def remove(self, places: Sequence[int]) -> None:
        for place in sorted(places, reverse=True):
            self.beginRemoveRows(QModelIndex(), place, place)
            del self.rows[place]
            self.endRemoveRows()
        if places:
            self.edited.emit()

    def move(self, place: int, target: int) -> None:
        """Let the row at ``place`` stand at ``target``, one place away."""
        self.rows.insert(target, self.rows.pop(place))
        low, high = sorted((place, target))
        self.dataChanged.emit(self.index(low, 0), self.index(high, self.columnCount() - 1))
        self.edited.emit()

    def add_column(self, name: str) -> None:
        self.beginInsertColumns(QModelIndex(), len(self.columns), len(self.columns))
        self.columns.append(name)
        for row in self.rows:
            row.append(UNSET)
        self.endInsertColumns()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return one_line(self.columns[section], 80)
        return str(section + 1)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def cell(self, index: Index) -> Any:
        return self.rows[index.row()][index.column()]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cell(index)
        is_blank = cell is UNSET or cell is None or cell == ""
        if role == Qt.ItemDataRole.DisplayRole:
            if is_blank:
                return "–" if cell is UNSET else "null" if cell is None else "empty text"
            return one_line(as_text(cell), _LONGEST_SHOWN)
        if role == Qt.ItemDataRole.ForegroundRole and is_blank:
            return theme().color("muted")
        return None

    def put(self, index: Index, cell: Any) -> None:
        """A person changed one cell."""
        if type(cell) is not type(self.cell(index)) or cell != self.cell(index):
            self.rows[index.row()][index.column()] = cell
            self.dataChanged.emit(index, index)
            self.edited.emit()


class _CellDelegate(QStyledItemDelegate):
    """Edits a cell in an ExactText; a cell that was opened and not changed stays what it was."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = ExactText(is_line=True)
        editor.setParent(parent)
        editor.setProperty("in_cell", True)
        model = index.model()
        name = model.headerData(index.column(), Qt.Orientation.Horizontal)
        editor.setAccessibleName(f"{name}, row {index.row() + 1}")
        editor.edited.connect(lambda: self._take(editor))
        return editor

    def _take(self, editor: ExactText) -> None:
        # At every key, as in every other editor: what is typed is what Run sends.
        editor.setProperty("touched", True)
        self.commitData.emit(editor)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        model = index.model()
        if isinstance(editor, ExactText) and isinstance(model, GridModel):
            if editor.property("touched"):
                return  # a cell elsewhere changed while this one is being typed in
            cell = model.cell(index)
            editor.show_text("" if cell is UNSET or cell is None else as_text(cell))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if (
            isinstance(editor, ExactText)
            and isinstance(model, GridModel)
            and editor.property("touched")
        ):
            model.put(index, editor.exact_text())

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        editor.setGeometry(option.rect)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(watched, ExactText)
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in _LEAVING
            and not (event.key() in _ENTERS and event.modifiers() & _SHIFT)
        ):
            # Qt leaves these keys to editors of several lines.
            self.commitData.emit(watched)
            self.closeEditor.emit(watched, _LEAVING[Qt.Key(event.key())])
            return True
        return super().eventFilter(watched, event)


class GridView(QTableView):
    """The table. Enter and F2 edit, Delete removes, Alt with an arrow moves, Ctrl+V pastes rows."""

    lines_pasted = Signal(object)
    row_wanted = Signal()

    def __init__(self, model: GridModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setItemDelegate(_CellDelegate(self))
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("look", "grid")
        self.setShowGrid(True)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(
            trigger.DoubleClicked
            | trigger.EditKeyPressed
            | trigger.AnyKeyPressed
            | trigger.SelectedClicked
        )
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setMinimumSectionSize(72)
        self.horizontalHeader().setFixedHeight(_HEADER)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().setHighlightSections(False)

    def selected_rows(self) -> list[int]:
        return [index.row() for index in self.selectionModel().selectedRows()]

    def edit_cell(self, row: int, column: int = 0) -> None:
        index = self._model.index(row, column)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Paste):
            self.lines_pasted.emit(pasted_text(QApplication.clipboard().mimeData()))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier
        ):
            if self.currentIndex().isValid():
                self.edit(self.currentIndex())
            else:
                self.row_wanted.emit()
        elif key == Qt.Key.Key_Insert:
            self.row_wanted.emit()
        elif key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self._model.remove(self.selected_rows())
        elif alt and key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.move_row(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def move_row(self, step: int) -> None:
        place = self.currentIndex().row()
        target = place + step
        if place >= 0 and 0 <= target < self._model.rowCount():
            self._model.move(place, target)
            self.setCurrentIndex(self._model.index(target, self.currentIndex().column()))


class Grid(QWidget):
    """A GridView that is as high as its rows, with the buttons that change it."""

    rows_wanted = Signal()
    lines_pasted = Signal(object)
    column_named = Signal(str)

    def __init__(
        self, add: str, *, has_lines: bool = False, has_free_columns: bool = False
    ) -> None:
        super().__init__()
        self.model = GridModel(self)
        self.view = GridView(self.model)
        self._remove = IconButton("trash", "Remove the selected rows (Delete)")
        self._up = IconButton("chevron-up", "Move up (Alt+Up)")
        self._down = IconButton("chevron-down", "Move down (Alt+Down)")
        add_button = Button(add, look="link", icon="plus")
        bar = QHBoxLayout()
        bar.setSpacing(XS)
        bar.addWidget(add_button)
        add_button.clicked.connect(self.rows_wanted)
        if has_lines:
            paste = Button("Paste lines", look="link", tip="One value for each line")
            paste.clicked.connect(self._paste)
            bar.addWidget(paste)
        self._name = ExactText(is_line=True)
        if has_free_columns:
            column = Button("Add a column", look="link")
            column.clicked.connect(self.ask_for_column)
            bar.addWidget(column)
        bar.addStretch(1)
        for button in (self._up, self._down, self._remove):
            bar.addWidget(button)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(XS)
        column_layout.addWidget(self.view)
        column_layout.addWidget(self._name)
        self._name.setPlaceholderText("Name of the new column, then Enter")
        self._name.setAccessibleName("Name of the new column")
        self._name.finished.connect(self._name_column)
        self._name.hide()
        column_layout.addLayout(bar)
        self._up.clicked.connect(lambda: self.view.move_row(-1))
        self._down.clicked.connect(lambda: self.view.move_row(1))
        self._remove.clicked.connect(lambda: self.model.remove(self.view.selected_rows()))
        self.view.row_wanted.connect(self.rows_wanted)
        self.view.lines_pasted.connect(self.lines_pasted)
        for signal in (
            self.model.modelReset,
            self.model.rowsInserted,
            self.model.rowsRemoved,
            self.model.columnsInserted,
        ):
            signal.connect(self.fit)
        self.view.selectionModel().selectionChanged.connect(self._enable)
        self.fit()

    def fit(self) -> None:
        """Be as high as the rows there are, up to a limit."""
        rows = min(_MOST_ROWS, self.model.rowCount())
        policy = Qt.ScrollBarPolicy
        self.view.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded
            if self.model.rowCount() > _MOST_ROWS
            else policy.ScrollBarAlwaysOff
        )
        header = 0 if self.view.horizontalHeader().isHidden() else _HEADER
        self.view.setVisible(rows > 0)
        self.view.setFixedHeight(rows * ROW + header + 2)
        for button in (self._up, self._down, self._remove):
            button.setVisible(rows > 0)
        self._enable()

    def ask_for_column(self) -> None:
        """Let a person type the name of a further column."""
        self._name.show()
        self._name.setFocus()

    def _name_column(self) -> None:
        name = self._name.exact_text()
        self._name.show_text("")  # before it is hidden, which ends the editing once more
        self._name.hide()
        if name:
            self.column_named.emit(name)

    def _enable(self) -> None:
        rows = self.view.selected_rows()
        self._remove.setEnabled(bool(rows))
        self._up.setEnabled(len(rows) == 1 and rows[0] > 0)
        self._down.setEnabled(len(rows) == 1 and rows[0] < self.model.rowCount() - 1)

    def _paste(self) -> None:
        self.lines_pasted.emit(pasted_text(QApplication.clipboard().mimeData()))

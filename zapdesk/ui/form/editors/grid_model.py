"""The cells of lists, maps and line items, and what is read of them.

A cell holds UNSET (nothing was ever put there), ``None``, a single JSON value or text with pieces;
an edited cell holds text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from zapdesk.domain.pieces import Mapped, Piece
from zapdesk.domain.values import UNSET, as_text
from zapdesk.ui.form.pieces.chip import spoken
from zapdesk.ui.look.theme import theme
from zapdesk.ui.plain_text import one_line

Index = QModelIndex | QPersistentModelIndex

_LONGEST_SHOWN = 400


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
            text = cell.text if isinstance(cell, Mapped) else as_text(cell)
            return one_line(text, _LONGEST_SHOWN)
        if role == Qt.ItemDataRole.AccessibleTextRole and isinstance(cell, Mapped):
            return " ".join(spoken(p) if isinstance(p, Piece) else p for p in cell.parts)
        if role == Qt.ItemDataRole.ForegroundRole and is_blank:
            return theme().color("muted")
        return None

    def put(self, index: Index, cell: Any) -> None:
        """A person changed one cell."""
        if type(cell) is not type(self.cell(index)) or cell != self.cell(index):
            self.rows[index.row()][index.column()] = cell
            self.dataChanged.emit(index, index)
            self.edited.emit()

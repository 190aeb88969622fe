"""TableModel: a list of objects as rows and columns, read as it is looked at.

Rows are found in slices between which the window lives on; which columns there are is told by
the first rows. A cell is decoded when it is drawn.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal

from zapdesk.domain.json_outline import ChildScanner, JsonKind, kind_of, root_span
from zapdesk.domain.json_table import PART, VALUE, Row, cell_text, columns_of, row_at, tsv
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import theme
from zapdesk.ui.paged_model import DISPLAY_ROLE, TEXT_ALIGNMENT_ROLE, TOOL_TIP_ROLE, Index
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line, visible_text
from zapdesk.ui.viewers.json_cells import AT_ONCE, CELL_LIMIT, KIND_TOKENS
from zapdesk.ui.viewers.json_model import SLICE_S

_LOOKED_AT = 100  # rows that tell which columns there are
_KEPT_ROWS = 1_024
_FOREGROUND_ROLE = int(Qt.ItemDataRole.ForegroundRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class TableModel(QAbstractTableModel):
    """``columns`` are all there are, ``shown`` those that are looked at, in their order."""

    grown = Signal()
    columns_found = Signal()

    def __init__(self, tasks: LateTasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._data = b""
        self._scanner: ChildScanner | None = None
        self._count = 0
        self._rows: dict[int, Row] = {}
        self._generation = 0
        self.has_parts = False
        """Whether a row that was looked at is so long that only its beginning is shown."""
        self.columns: tuple[str, ...] = ()
        self.shown: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every row has been found."""
        return self._scanner is None or self._scanner.is_done

    def show_document(self, data: bytes) -> None:
        """Show the list in ``data``; a document that is none is shown as a list of one."""
        self.beginResetModel()
        self._generation += 1
        self._data, self._rows, self._count = data, {}, 0
        self.has_parts = False
        self._scanner = None
        span = root_span(data)
        if kind_of(data, span) is JsonKind.ARRAY:
            self._scanner = ChildScanner(data, span)
            self._scanner.step()
            self._count = len(self._scanner)
        elif span[0] < span[1]:
            self._scanner = ChildScanner(data, (span[0], span[0]))
            self._scanner.starts.append(span[0])
            self._scanner.ends.append(span[1])
            self._count = 1
        self._learn_columns()
        self.endResetModel()
        if not self.is_complete:
            self._tasks.start(self._read_on(self._generation), name="read a table")

    def show_columns(self, names: Sequence[str]) -> None:
        """Show these columns only."""
        self.beginResetModel()
        self.shown = tuple(name for name in self.columns if name in names)
        self.endResetModel()

    def text(self, row: int, column: int, limit: int | None = CELL_LIMIT) -> str:
        """What a cell says, as it stands in the document."""
        return cell_text(self._data, self._row(row), self.shown[column], limit)

    def line(self, row: int, columns: Sequence[int]) -> str:
        """A row as tab-separated values, each cell whole."""
        fields = row_at(self._data, self._span(row), is_whole=True)
        return tsv([cell_text(self._data, fields, self.shown[c], None) for c in columns])

    def size(self, row: int) -> int:
        """How many bytes a row has."""
        start, end = self._span(row)
        return end - start

    def heading(self, columns: Sequence[int]) -> str:
        """The names of columns as tab-separated values."""
        return tsv([column_name(self.shown[column]) for column in columns])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else len(self.shown)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = DISPLAY_ROLE
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return str(section) if role == DISPLAY_ROLE else None
        if role == DISPLAY_ROLE and section < len(self.shown):
            return column_name(self.shown[section])
        return None

    def data(self, index: Index, role: int = DISPLAY_ROLE) -> Any:
        if role == DISPLAY_ROLE:
            text = self.text(index.row(), index.column())
            return visible_text(text, CELL_LIMIT).replace("\n", "↵").replace("\t", "⇥")
        if role in (_FOREGROUND_ROLE, TEXT_ALIGNMENT_ROLE):
            span = self._row(index.row()).get(self.shown[index.column()])
            kind = None if span is None else kind_of(self._data, span)
            if role == TEXT_ALIGNMENT_ROLE:
                return _RIGHT if kind is JsonKind.NUMBER else None
            token = "text" if kind in (None, JsonKind.STRING) else KIND_TOKENS[kind]
            return theme().color(token)
        if role == TOOL_TIP_ROLE:
            text = self.text(index.row(), index.column(), 2_000)
            return plain_tool_tip(text) if len(text) > 20 else ""
        return None

    def _row(self, number: int) -> Row:
        row = self._rows.get(number)
        if row is None:
            if len(self._rows) >= _KEPT_ROWS:
                self._rows.clear()
            self.has_parts = self.has_parts or self.size(number) > PART
            row = self._rows[number] = row_at(self._data, self._span(number))
        return row

    def _span(self, number: int) -> tuple[int, int]:
        assert self._scanner is not None  # there are no rows without it
        return self._scanner.span(number)

    def _learn_columns(self) -> None:
        read, first = 0, []
        for number in range(min(self._count, _LOOKED_AT)):
            start, end = self._span(number)
            first.append(self._row(number))
            read += end - start
            if read > AT_ONCE * 4:
                break
        columns = columns_of(first)
        if set(columns) != set(self.columns):
            self.shown = columns
        self.columns = columns

    async def _read_on(self, generation: int) -> None:
        import asyncio  # not before the first frame

        scanner = self._scanner
        assert scanner is not None
        while not scanner.is_done:
            await asyncio.sleep(0)
            if generation != self._generation:
                return
            until = time.perf_counter() + SLICE_S
            while not scanner.is_done and time.perf_counter() < until:
                scanner.step()
            if len(scanner) and not self._count:  # the first row is longer than a step
                self.beginResetModel()
                self._count = len(scanner)
                self._learn_columns()
                self.endResetModel()
                self.columns_found.emit()
            elif len(scanner) > self._count:
                self.beginInsertRows(QModelIndex(), self._count, len(scanner) - 1)
                self._count = len(scanner)
                self.endInsertRows()
            self.grown.emit()


def column_name(name: str) -> str:
    """A column's heading."""
    return one_line(name, 80) if name != VALUE else "value"

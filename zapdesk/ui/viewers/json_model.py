"""JsonModel: a JSON document as a tree that is read as it is opened.

A node is a range of bytes; keys and values are decoded when they are drawn. Small lists are read
at once, large ones in slices between which the window lives on, and lists of more than
``BUCKET`` entries are offered in groups, because a view of a million rows is slow to lay out.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, Signal

from zapdesk.domain.json_outline import (
    ChildScanner,
    JsonKind,
    Span,
    exact_text,
    kind_of,
    root_span,
    scalar_text,
)
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import theme
from zapdesk.ui.paged_model import ACCESSIBLE_TEXT_ROLE, DISPLAY_ROLE, TOOL_TIP_ROLE, Index
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.viewers.json_cells import (
    AT_ONCE,
    CELL_LIMIT,
    KIND_TOKENS,
    SPECIAL_ICONS,
    JsonCell,
    is_hidden,
    shown,
    special_of,
    value_words,
)

BUCKET = 1_000
SLICE_S = 0.004
_DECORATION_ROLE = int(Qt.ItemDataRole.DecorationRole)
_FOREGROUND_ROLE = int(Qt.ItemDataRole.ForegroundRole)
_KEPT_CELLS = 4_096
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(slots=True)
class _Level:
    """The rows below one node: entries ``first``… of a scanner, or groups of them."""

    number: int
    parent: int
    row: int
    scanner: ChildScanner
    first: int = 0
    count: int = 0
    has_groups: bool = False
    repeated: frozenset[int] = frozenset()
    levels: dict[int, int] = field(default_factory=dict)  # row → the level below it


class JsonModel(QAbstractItemModel):
    """Two columns: key and value. ``progress`` tells how much of a large list has been read."""

    progress = Signal(object, object)  # bytes read, bytes in all; equal when it is done

    def __init__(self, tasks: LateTasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._data = b""
        self._labels: Mapping[str, str] = {}
        self._are_inputs = False
        self._levels: list[_Level] = []
        self._cells: dict[tuple[int, int], JsonCell] = {}
        self._generation = 0
        self._is_growing = False  # whoever hears of new rows must not add some from within

    @property
    def document(self) -> bytes:
        return self._data

    def show_document(self, data: bytes, labels: Mapping[str, str] | None = None) -> None:
        """Show a document. ``labels``, which only inputs have, are told beside the values of the
        keys they are for.
        """
        self.beginResetModel()
        self._generation += 1
        self._data, self._labels = data, labels or {}
        self._are_inputs = labels is not None
        self._levels, self._cells = [], {}
        span = root_span(data)
        if kind_of(data, span).has_children:
            self._levels.append(_Level(0, -1, 0, ChildScanner(data, span)))
        elif span[0] < span[1]:
            # A lone value is shown as the one entry of a list that is not there.
            alone = ChildScanner(data, (span[0], span[0]))
            alone.starts.append(span[0])
            alone.ends.append(span[1])
            self._levels.append(_Level(0, -1, 0, alone, count=1))
        self.endResetModel()
        if self._levels and not self._levels[0].scanner.is_done:
            self._read(self._levels[0], QModelIndex())

    def cell(self, index: Index) -> JsonCell:
        """What a row says."""
        address = (int(index.internalId()), index.row())
        cell = self._cells.get(address)
        if cell is None:
            if len(self._cells) >= _KEPT_CELLS:
                self._cells.clear()
            cell = self._cells[address] = self._make_cell(self._levels[address[0]], address[1])
        return cell

    def path(self, index: Index) -> str:
        """Where a value stands, as one writes it: ``[0].customer.tags[2]``."""
        parts: list[str] = []
        level, row = self._levels[int(index.internalId())], index.row()
        while True:
            if not level.has_groups:
                parts.append(self._step_of(level, row))
            if level.parent < 0:
                break
            row, level = level.row, self._levels[level.parent]
        return "".join(reversed(parts)).removeprefix(".")

    def value_span(self, index: Index) -> Span | None:
        """Where a value's bytes are; ``None`` for a group."""
        level = self._levels[int(index.internalId())]
        return None if level.has_groups else level.scanner.span(level.first + index.row())

    def copy_text(self, index: Index) -> str:
        """A value as it is copied: a string's characters, anything else's exact JSON."""
        span = self.value_span(index)
        if span is None:
            return ""
        if kind_of(self._data, span) is JsonKind.STRING:
            return scalar_text(self._data, span)
        return exact_text(self._data, span)

    async def find(self, offset: int) -> QModelIndex:
        """The innermost row that byte ``offset`` belongs to, once the document has been read so
        far; no row where another document took its place meanwhile.
        """
        generation = self._generation
        found = QModelIndex()
        level = self._levels[0] if self._levels else None
        while level is not None:
            number = await self._entry_at(level, offset, generation)
            if number is None:
                return found if generation == self._generation else QModelIndex()
            row = number // BUCKET if level.has_groups else number - level.first
            found = self.createIndex(row, 0, level.number)
            span = self.value_span(found)
            if span is not None and offset <= span[0]:
                break
            self.fetchMore(found)
            level = self._level_below(found)
        return found

    async def _entry_at(self, level: _Level, offset: int, generation: int) -> int | None:
        """The entry of a level in which ``offset`` is, once there is a row for it."""
        import asyncio  # not before the first frame

        while True:
            if generation != self._generation:
                return None
            number = bisect_right(level.scanner.ends, offset)
            if number < len(level.scanner):
                row = number // BUCKET if level.has_groups else number - level.first
                if row < level.count:
                    return number
            elif level.scanner.is_done:
                return None
            await asyncio.sleep(0)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 — Qt's own signature
        level = self._level_below(parent)
        if level is None or not (0 <= row < level.count and 0 <= column < 2):
            return QModelIndex()
        return self.createIndex(row, column, level.number)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # the overload without arguments is QObject's
        if not index.isValid():
            return QModelIndex()
        return self._index_of(self._levels[int(index.internalId())])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        level = self._level_below(parent)
        return level.count if level is not None and parent.column() <= 0 else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 2

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008 — Qt's own signature
        if not parent.isValid():
            return self.rowCount() > 0
        if parent.column() > 0:
            return False
        span = self.value_span(parent)
        if span is None:
            return True
        if not kind_of(self._data, span).has_children or (
            self._are_inputs and is_hidden(self._data, span)
        ):
            return False
        return span[1] - span[0] > 64 or bool(self._data[span[0] + 1 : span[1] - 1].strip())

    def canFetchMore(self, parent: Index) -> bool:
        if not parent.isValid() or self._is_growing:
            return False
        return self._level_below(parent) is None and self.hasChildren(parent)

    def fetchMore(self, parent: Index) -> None:
        if not self.canFetchMore(parent):
            return
        above, row = self._levels[int(parent.internalId())], parent.row()
        span = self.value_span(parent)
        scanner = above.scanner if span is None else ChildScanner(self._data, span)
        level = _Level(len(self._levels), above.number, row, scanner)
        self._levels.append(level)
        above.levels[row] = level.number
        if span is not None:
            self._read(level, self._index_of(level))
            return
        level.first = row * BUCKET
        level.repeated = above.repeated
        self._grow(level, min(BUCKET, len(scanner) - level.first))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = DISPLAY_ROLE
    ) -> Any:
        if role == DISPLAY_ROLE and orientation is Qt.Orientation.Horizontal:
            return ("Key", "Value")[section]
        return None

    def data(self, index: Index, role: int = DISPLAY_ROLE) -> Any:
        if role == DISPLAY_ROLE:
            cell = self.cell(index)
            return cell.value if index.column() else cell.key
        if role == _FOREGROUND_ROLE:
            kind = self.cell(index).kind
            if index.column() == 0:
                return theme().color("muted" if kind is None else "text")
            return theme().color("muted" if kind is None else KIND_TOKENS[kind])
        if role == TOOL_TIP_ROLE:
            return self._tool_tip(index)
        if role == _DECORATION_ROLE:
            special = self.cell(index).special if index.column() else None
            return None if special is None else theme().icon(SPECIAL_ICONS[special], "muted")
        if role == ACCESSIBLE_TEXT_ROLE:
            cell = self.cell(index)
            if index.column() == 0:
                return cell.key
            word = cell.special or (cell.kind.value if cell.kind else "")
            return f"{cell.value}, {word}" if word else cell.value
        return None

    def _read(self, level: _Level, parent: QModelIndex) -> None:
        scanner = level.scanner
        if scanner.total_bytes <= AT_ONCE:
            scanner.run()
            level.repeated = scanner.repeated()
            self._grow(level, len(scanner))
            return
        scanner.step()
        # How many there will be, going by the first ones.
        expected = len(scanner) * scanner.total_bytes / max(scanner.read_bytes, 1)
        level.has_groups = expected > BUCKET * 1.2
        self._publish(level)
        self._tasks.start(self._read_on(level, self._generation), name="read JSON")

    async def _read_on(self, level: _Level, generation: int) -> None:
        import asyncio  # not before the first frame

        scanner = level.scanner
        while not scanner.is_done:
            await asyncio.sleep(0)
            if generation != self._generation:
                return
            until = time.perf_counter() + SLICE_S
            while not scanner.is_done and time.perf_counter() < until:
                scanner.step()
            if scanner.is_done:
                level.repeated = scanner.repeated()
                self._cells.clear()
            self._publish(level)
            self.progress.emit(scanner.read_bytes, scanner.total_bytes)

    def _publish(self, level: _Level) -> None:
        found = len(level.scanner)
        if level.has_groups:
            whole, rest = divmod(found, BUCKET)
            found = whole + (level.scanner.is_done and rest > 0)
        self._grow(level, found)

    def _grow(self, level: _Level, count: int) -> None:
        if count > level.count:
            self._is_growing = True
            self.beginInsertRows(self._index_of(level), level.count, count - 1)
            level.count = count
            self.endInsertRows()
            self._is_growing = False

    def _index_of(self, level: _Level) -> QModelIndex:
        """The node that ``level`` is below."""
        if level.parent < 0:
            return QModelIndex()
        return self.createIndex(level.row, 0, level.parent)

    def _level_below(self, parent: Index) -> _Level | None:
        if not parent.isValid():
            return self._levels[0] if self._levels else None
        number = self._levels[int(parent.internalId())].levels.get(parent.row())
        return None if number is None else self._levels[number]

    def _step_of(self, level: _Level, row: int) -> str:
        number = level.first + row
        key = level.scanner.key_span(number)
        if key is None:
            return "" if level.scanner.total_bytes == 0 else f"[{number}]"
        text = scalar_text(self._data, key)
        return f".{text}" if _WORD.match(text) else f"[{exact_text(self._data, key)}]"

    def _make_cell(self, level: _Level, row: int) -> JsonCell:
        if level.has_groups:
            first = row * BUCKET
            last = min(first + BUCKET, len(level.scanner)) - 1
            return JsonCell(f"{first:,} – {last:,}", "", None)
        number = level.first + row
        span = level.scanner.span(number)
        key_span = level.scanner.key_span(number)
        kind = kind_of(self._data, span)
        if key_span is not None:
            key = shown(scalar_text(self._data, key_span, CELL_LIMIT))
        else:
            key = str(number) if level.scanner.total_bytes else "value"
        value = value_words(self._data, span, are_inputs=self._are_inputs)
        if number in level.repeated:
            key += "  (repeated)"
        label = self._labels.get(key) if level.parent < 0 else None
        if label and label != scalar_text(self._data, span, CELL_LIMIT):
            value += f"  · {shown(label[:CELL_LIMIT])}"
        special = special_of(self._data, span) if kind is JsonKind.STRING else None
        return JsonCell(key, value, kind, special)

    def _tool_tip(self, index: Index) -> str:
        span = self.value_span(index)
        if span is None:
            return ""
        if index.column() == 0:
            return plain_tool_tip(self.path(index))
        return plain_tool_tip(scalar_text(self._data, span, 2_000))

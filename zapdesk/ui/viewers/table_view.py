"""TableView: a list of objects as a table; columns can be chosen, cells copied for spreadsheets."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.result_values import Path, path_text
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import ROW_DENSE, XS, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, CheckBox, ComboBox, PlainLabel
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.sheets import scrolling
from zapdesk.ui.viewers.json_model import SLICE_S
from zapdesk.ui.viewers.json_tree import COPY_LIMIT
from zapdesk.ui.viewers.table_model import TableModel, column_name

_WIDEST = 280
_MEASURED_ROWS = 40
_MOST_COLUMNS = 200
_MOST_HEIGHT = 320
_TOO_MUCH = "This is too much for the clipboard. Choose fewer columns, or select some rows."


class TableView(QWidget):
    """``refused`` says in words why something was not copied; ``list_wanted`` carries the path of
    another list of the same document that is to be shown."""

    refused = Signal(str)
    list_wanted = Signal(object)

    def __init__(self, name: str, tasks: LateTasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._paths: tuple[Path, ...] = ()
        self.lists = ComboBox("Which list is shown")
        self.lists.hide()
        self.lists.activated.connect(self._on_list)
        self.grid = _Grid(name)
        self.rows = TableModel(tasks, self)
        self.grid.setModel(self.rows)
        self.count = PlainLabel(tone="muted", size="small", elide=True)
        self.columns_button = Button("Columns", look="quiet", icon="table")
        self.copy_button = Button(
            "Copy", look="quiet", icon="copy", tip="Copy as tab-separated values, for spreadsheets"
        )
        self.columns_button.clicked.connect(self.choose_columns)
        self.copy_button.clicked.connect(self.copy_all)
        self.grid.copy_wanted.connect(self.copy)
        self.rows.grown.connect(self._tell)
        self.rows.columns_found.connect(self._fit)
        row = QHBoxLayout()
        row.setContentsMargins(M, XS, S, XS)
        row.setSpacing(XS)
        row.addWidget(self.lists)
        row.addWidget(self.count, 1)
        row.addWidget(self.columns_button)
        row.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.grid, 1)
        self.setFocusProxy(self.grid)

    def show_document(self, data: bytes) -> None:
        """Show the list in ``data``; columns that were chosen stay where it has the same."""
        self.rows.show_document(data)
        self._fit()
        self._tell()

    def offer_lists(self, paths: Sequence[Path]) -> None:
        """Offer the lists at these places of the document; the first is the one that is shown."""
        self._paths = tuple(paths)
        self.lists.clear()
        for path in paths:
            self.lists.addItem(one_line(path_text(path), 60) or "Whole result")
        self.lists.setVisible(len(paths) > 1)

    def _on_list(self, number: int) -> None:
        self.list_wanted.emit(self._paths[number])

    def choose_columns(self) -> None:
        """Offer every column to be shown or hidden."""
        chooser = _ColumnChooser(self, self.rows.columns, self.rows.shown)
        chooser.chosen.connect(self._show_columns)
        below = self.columns_button.mapToGlobal(self.columns_button.rect().bottomRight())
        chooser.open_at(below)

    def copy(self) -> None:
        """What is selected to the clipboard, as tab-separated values."""
        indexes = self.grid.selectionModel().selectedIndexes()
        if indexes:
            rows = sorted({index.row() for index in indexes})
            columns = sorted({index.column() for index in indexes})
            self._copy(rows, columns)

    def copy_all(self) -> None:
        """Every row that has been found to the clipboard, in the columns that are shown."""
        self._copy(range(self.rows.rowCount()), range(self.rows.columnCount()))

    def _copy(self, rows: Sequence[int], columns: Sequence[int]) -> None:
        self._tasks.start(self._copy_lines(rows, columns), name="copy a table")

    async def _copy_lines(self, rows: Sequence[int], columns: Sequence[int]) -> None:
        import asyncio  # not before the first frame

        shown = self.rows.shown
        found = [self.rows.heading(columns)]
        size, until = 0, time.perf_counter() + SLICE_S
        for row in rows:
            if self.rows.size(row) <= COPY_LIMIT:
                found.append(self.rows.line(row, columns))
                size += len(found[-1])
            if self.rows.size(row) > COPY_LIMIT or size > COPY_LIMIT:
                self.refused.emit(_TOO_MUCH)
                return
            if time.perf_counter() > until:
                await asyncio.sleep(0)
                if self.rows.shown is not shown:
                    return  # another document, or other columns
                until = time.perf_counter() + SLICE_S
        # Lone surrogates are nothing that another program could take.
        text = "\n".join(found).encode("utf-8", "replace").decode() + "\n"
        copy_text(text)

    def _show_columns(self, names: list[str]) -> None:
        self.rows.show_columns(names)
        self._fit()
        self._tell()

    def _tell(self) -> None:
        count, more = self.rows.rowCount(), "" if self.rows.is_complete else "+"
        text = f"{count:,}{more} row{'' if count == 1 else 's'}"
        hidden = len(self.rows.columns) - len(self.rows.shown)
        if hidden:
            text += f" · {hidden} column{'' if hidden == 1 else 's'} hidden"
        if self.rows.has_parts:
            text += " · only the first fields of long rows"
        self.count.setText(text)

    def _fit(self) -> None:
        metrics = self.grid.fontMetrics()
        measured = range(min(self.rows.rowCount(), _MEASURED_ROWS))
        for column, name in enumerate(self.rows.shown):
            texts = [column_name(name), *(self.rows.text(row, column, 60) for row in measured)]
            widest = max(metrics.horizontalAdvance(text[:60]) for text in texts)
            self.grid.setColumnWidth(column, min(widest + 2 * M, _WIDEST))


class _Grid(QTableView):
    """The cells. Tab leaves it; arrows move in it."""

    copy_wanted = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("value_table")
        self.setAccessibleName(name)
        self.setFont(theme().font("small", mono=True))
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setDefaultSectionSize(ROW_DENSE)
        self.verticalHeader().setSectionResizeMode(self.verticalHeader().ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsMovable(True)
        header.setHighlightSections(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.currentIndex().isValid():
            return
        where: QPoint = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            where = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy\tCtrl+C").triggered.connect(self.copy_wanted)
        menu.popup(where)


class _ColumnChooser(QFrame):
    """Every column with a tick; Escape closes. ``chosen`` follows each tick."""

    chosen = Signal(list)

    def __init__(self, parent: QWidget, columns: tuple[str, ...], shown: tuple[str, ...]) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.boxes = {name: CheckBox(column_name(name)) for name in columns[:_MOST_COLUMNS]}
        boxes = QWidget()
        below = QVBoxLayout(boxes)
        below.setContentsMargins(M, 0, M, 0)
        below.setSpacing(S)
        for name, box in self.boxes.items():
            box.setChecked(name in shown)
            box.toggled.connect(lambda: self._tell())
            below.addWidget(box)
        every, first = Button("All", look="link"), Button("First only", look="link")
        every.clicked.connect(lambda: self._tick(len(self.boxes)))
        first.clicked.connect(lambda: self._tick(1))
        row = QHBoxLayout()
        row.setContentsMargins(S, 0, S, 0)
        row.addWidget(every)
        row.addWidget(first)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, S, 1, S)
        column.setSpacing(S)
        column.addLayout(row)
        column.addWidget(scrolling(boxes, _MOST_HEIGHT))
        self.setFixedWidth(_WIDEST)

    def open_at(self, right: QPoint) -> None:
        """Open so that the upper right corner is at ``right`` of the screen."""
        self.adjustSize()
        self.move(right.x() - self.width(), right.y() + XS)
        self.show()
        for box in self.boxes.values():
            box.setFocus(Qt.FocusReason.PopupFocusReason)
            break

    def _tick(self, count: int) -> None:
        for number, box in enumerate(self.boxes.values()):
            box.blockSignals(True)
            box.setChecked(number < count)
            box.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        self.chosen.emit([name for name, box in self.boxes.items() if box.isChecked()])

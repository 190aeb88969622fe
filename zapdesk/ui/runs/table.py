"""RunTable: the view of a RunModel. Days have headings, rows are picked one at a time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from zapdesk.domain.runs import ActionRun
from zapdesk.ui.look.metrics import ROW_DENSE
from zapdesk.ui.paged_model import Index
from zapdesk.ui.runs.columns import DAY_HEIGHT, column_widths
from zapdesk.ui.runs.delegates import RunDelegate
from zapdesk.ui.runs.model import RunModel

_TALL = DAY_HEIGHT + ROW_DENSE


class RunTable(QTableView):
    """``run_selected`` follows the current row, ``run_opened`` Enter and the double click."""

    run_selected = Signal(object)
    run_opened = Signal(object)
    menu_requested = Signal(object, object)  # the run, and where on the screen

    def __init__(self, model: RunModel) -> None:
        super().__init__()
        self._model = model
        self._scrolled_before = 0
        self._kept: tuple[str, int] | None = None  # selected run and scroll, over a reload
        self.setObjectName("run_table")
        self.setAccessibleName("Runs")
        self.setItemDelegate(RunDelegate(model, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setProperty("hovered_row", -1)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(ROW_DENSE)
        rows.setDefaultSectionSize(ROW_DENSE)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        model.modelAboutToBeReset.connect(self._keep_place)
        model.rowsAboutToBeInserted.connect(self._on_about_to_insert)
        self.setModel(model)
        model.modelReset.connect(self._on_reset)
        model.rowsInserted.connect(self._on_rows_inserted)
        model.rowsRemoved.connect(self._on_rows_removed)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setMinimumSectionSize(48)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setStretchLastSection(True)
        self._fit_columns()
        self.doubleClicked.connect(self._open)

    @property
    def current_run(self) -> ActionRun | None:
        """The run whose row is the current one."""
        return self._model.item(self.currentIndex().row())

    def select(self, run_id: str) -> bool:
        """Make a run's row the current one; False where it is not among the rows read so far."""
        row = self._model.row_of(run_id)
        if row >= 0:
            self.setCurrentIndex(self._model.index(row, 0))
        return row >= 0

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        run = self._model.item(current.row()) if current.isValid() else None
        if run is not None and self._kept is None:
            self.run_selected.emit(run)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and is_plain:
            self._open(self.currentIndex())
            return
        if event.key() == Qt.Key.Key_Home and self._model.rowCount():
            self.setCurrentIndex(self._model.index(0, 0))
            return
        if event.key() == Qt.Key.Key_End and self._model.rowCount():
            self.setCurrentIndex(self._model.index(self._model.rowCount() - 1, 0))
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._is_heading(event.position().toPoint()):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._is_heading(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        run = self.current_run
        is_pointed = event.reason() is QContextMenuEvent.Reason.Mouse
        if run is None or (is_pointed and self._is_heading(event.pos())):
            return
        where = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            rect = self.visualRect(self.currentIndex())
            where = self.viewport().mapToGlobal(rect.bottomLeft())
        self.menu_requested.emit(run, where)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        where = event.position().toPoint()
        self._hover(-1 if self._is_heading(where) else self.rowAt(where.y()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _is_heading(self, where: QPoint) -> bool:
        """Whether a point of the viewport lies in the heading of a day, not in the row under it."""
        row = self.rowAt(where.y())
        return (
            row >= 0
            and self._model.is_day_start(row)
            and where.y() < self.rowViewportPosition(row) + DAY_HEIGHT
        )

    def _hover(self, row: int) -> None:
        if self.property("hovered_row") != row:
            self.setProperty("hovered_row", row)
            self.viewport().update()

    def _open(self, index: QModelIndex) -> None:
        run = self._model.item(index.row())
        if run is not None:
            self.run_opened.emit(run)

    def _keep_place(self) -> None:
        run = self.current_run
        self._kept = (run.id if run else "", self.verticalScrollBar().value())

    def _on_reset(self) -> None:
        run_id, scroll = self._kept or ("", 0)
        self._fit_rows(0, self._model.rowCount() - 1)
        if run_id:
            self.select(run_id)
        self.verticalScrollBar().setValue(scroll)
        self._kept = None

    def _on_about_to_insert(self, parent: QModelIndex, first: int, last: int) -> None:
        self._scrolled_before = self.verticalScrollBar().value()

    def _on_rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        before = sum(self.rowHeight(row) for row in range(last + 1, last + 2))
        self._fit_rows(first, last + 1)
        bar = self.verticalScrollBar()
        if self._scrolled_before > 0 and first <= self.rowAt(0):
            # What is being read stays where it is.
            grown = sum(self.rowHeight(row) for row in range(first, last + 2)) - before
            self.updateGeometries()
            bar.setValue(self._scrolled_before + grown)

    def _on_rows_removed(self, parent: QModelIndex, first: int, last: int) -> None:
        self._fit_rows(first, first)

    def _fit_columns(self) -> None:
        # The last one stretches by itself.
        for column, width in enumerate(column_widths(self.viewport().width())[:-1]):
            self.horizontalHeader().resizeSection(column, width)

    def _fit_rows(self, first: int, last: int) -> None:
        for row in range(first, min(last + 1, self._model.rowCount())):
            height = _TALL if self._model.is_day_start(row) else ROW_DENSE
            if self.rowHeight(row) != height:
                self.setRowHeight(row, height)

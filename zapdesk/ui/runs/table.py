"""RunTable: the view of a RunModel. Days have headings; any number of rows can be picked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from zapdesk.domain.runs import ActionRun
from zapdesk.ui.look.metrics import ROW_DENSE
from zapdesk.ui.paged_model import Index
from zapdesk.ui.runs.columns import DAY_HEIGHT, column_widths
from zapdesk.ui.runs.model import RunModel
from zapdesk.ui.runs.picking import ALONE, pick, pick_up_to
from zapdesk.ui.runs.row_painter import Column, RowPainter
from zapdesk.ui.times import now_ms

_TALL = DAY_HEIGHT + ROW_DENSE
_READ_AHEAD = 20 * ROW_DENSE
_NO_END = 2**63
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class RunTable(QTableView):
    """``run_selected`` follows the current row, ``run_opened`` Enter and the double click.

    ``far_end_requested`` asks to be shown the newest runs (False) or the oldest (True) where they
    are not among the rows that are held. ``everything_wanted``: all rows are picked, also those
    that are not held; ``is_everything`` says so until a person picks something else. Runs with
    higher numbers than ``up_to`` came later and are not picked.
    """

    run_selected = Signal(object)
    run_opened = Signal(object)
    menu_requested = Signal(object)  # where on the screen
    selection_altered = Signal()
    pin_requested = Signal()
    delete_requested = Signal()
    undo_requested = Signal()
    far_end_requested = Signal(bool)
    everything_wanted = Signal()

    def __init__(self, model: RunModel) -> None:
        super().__init__()
        self._model = model
        self._painter = RowPainter()
        self._hovered = -1
        self._picked: tuple[tuple[int, int], ...] = ()  # first and last row of each stretch
        self._anchor: tuple[str, int] | None = None  # a run, and where in the viewport it stood
        self._kept: tuple[str, int, frozenset[str]] | None = None  # over a reload
        self._is_elsewhere = self._is_at_end = False  # what a reload is to show
        self.is_everything, self.up_to = False, _NO_END
        self.setObjectName("run_table")
        self.setAccessibleName("Runs")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(ROW_DENSE)
        rows.setDefaultSectionSize(ROW_DENSE)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        model.modelAboutToBeReset.connect(self._keep_place)
        model.rowsAboutToBeInserted.connect(self._on_about_to_insert)
        model.rowsAboutToBeRemoved.connect(self._on_about_to_remove)
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
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def current_run(self) -> ActionRun | None:
        """The run whose row is the current one."""
        return self._model.item(self.currentIndex().row())

    @property
    def picked_runs(self) -> list[ActionRun]:
        """The runs whose rows are selected, as they stand in the table."""
        items = self._model.items
        return [run for first, last in sorted(self._picked) for run in items[first : last + 1]]

    def select(self, run_id: str) -> bool:
        """Make a run's row the current one; False where it is not among the rows that are held."""
        row = self._model.row_of(run_id)
        if row >= 0:
            self.setCurrentIndex(self._model.index(row, 0))
        return row >= 0

    def setCurrentIndex(self, index: Index) -> None:
        # Qt would look at the keys that are held: a run's row is shown while Ctrl+Enter is down.
        self.is_everything = self.is_everything and self._kept is not None
        self.selectionModel().setCurrentIndex(index, ALONE)

    def move_on(self, leaving: Sequence[ActionRun]) -> None:
        """Make the row current that comes after those which are about to leave."""
        gone = {run.id for run in leaving}
        rows = [row for row, run in enumerate(self._model.items) if run.id in gone]
        if rows:
            below = range(rows[-1] + 1, self._model.rowCount())
            above = range(rows[0] - 1, -1, -1)
            row = next(iter((*below[:1], *above[:1])), -1)
            self.setCurrentIndex(self._model.index(row, 0))

    def selectAll(self) -> None:
        super().selectAll()
        if self._model.rowCount() and not (self._model.is_top and self._model.is_complete):
            self.is_everything, self.up_to = True, _NO_END
            self.everything_wanted.emit()

    def selectionCommand(
        self, index: Index, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        command = super().selectionCommand(index, event)
        if self._kept is None and command != QItemSelectionModel.SelectionFlag.NoUpdate:
            self.is_everything = False
        return command

    def forget_place(self, *, at_end: bool) -> None:
        """The next rows are others: show the first of them, or the last."""
        self.is_everything = False
        self._is_elsewhere = True
        self._is_at_end = at_end

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        run = self._model.item(current.row()) if current.isValid() else None
        if run is not None and self._kept is None:
            self.run_selected.emit(run)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._note_picked()

    def keyboardSearch(self, search: str) -> None:
        """Letters find nothing here: the search box looks at everything, this at what is held."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        is_plain = event.modifiers() in _PLAIN
        if is_plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        elif is_plain and key == Qt.Key.Key_Space:
            self.pin_requested.emit()
        elif is_plain and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self._model.rowCount():
            is_end = key == Qt.Key.Key_End
            is_held = self._model.is_complete if is_end else self._model.is_top
            if not is_held and is_plain:
                self.far_end_requested.emit(is_end)
            else:
                self._go_to(self._model.rowCount() - 1 if is_end else 0, event.modifiers())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        is_menu = event.button() == Qt.MouseButton.RightButton
        row = self.rowAt(event.position().toPoint().y())
        if self._is_heading(event.position().toPoint()) or (is_menu and self._is_picked(row)):
            return  # the menu of several rows is for all of them
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._is_heading(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_pointed = event.reason() is QContextMenuEvent.Reason.Mouse
        if not self._picked or (is_pointed and self._is_heading(event.pos())):
            return
        where = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            rect = self.visualRect(self.currentIndex())
            where = self.viewport().mapToGlobal(rect.bottomLeft())
        self.menu_requested.emit(where)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self._picked and self.currentIndex().isValid():
            # Qt makes the first row the current one without picking it.
            self.selectionModel().select(self.currentIndex(), ALONE)
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

    def paintEvent(self, event: QPaintEvent) -> None:
        model, paint = self._model, self._painter
        count, row = model.rowCount(), self.rowAt(event.rect().top())
        painter = QPainter(self.viewport())
        paint.begin(painter)
        columns, now, bottom = self._columns(), now_ms(), event.rect().bottom()
        width, current = self.viewport().width(), self.currentIndex().row()
        top = self.rowViewportPosition(row) if row >= 0 else bottom + 1
        while top <= bottom and row < count:
            line = model.line(row)
            if self.rowHeight(row) > ROW_DENSE:
                paint.day(painter, columns[0][1], top, width, line, now)
                top += DAY_HEIGHT
            ground = "hover" if row == self._hovered else ""
            paint.row(
                painter, columns, top, line, now, "selected" if self._is_picked(row) else ground
            )
            if row == current and self.hasFocus():
                paint.ring(painter, QRect(columns[0][1], top, width, ROW_DENSE))
            top += ROW_DENSE
            row += 1
        painter.end()

    def _columns(self) -> list[Column]:
        return [
            (column, self.columnViewportPosition(column), self.columnWidth(column))
            for column in range(self._model.columnCount())
        ]

    def _is_picked(self, row: int) -> bool:
        return any(first <= row <= last for first, last in self._picked)

    def _note_picked(self) -> None:
        selection = self.selectionModel().selection()
        self._picked = tuple({(r.top(), r.bottom()): None for r in selection.toList()})
        self.viewport().update()
        if self._kept is None:
            self.selection_altered.emit()

    def _pick_everything(self, first: int, last: int) -> None:
        rows, items = range(first, last + 1), self._model.items
        self._pick(n for n in rows if self.is_everything and items[n].number <= self.up_to)

    def _pick(self, rows: Iterable[int]) -> None:
        pick(self.selectionModel(), self._model, list(rows))

    def _is_heading(self, where: QPoint) -> bool:
        """Whether a point of the viewport lies in the heading of a day, not in the row under it."""
        row = self.rowAt(where.y())
        return (
            row >= 0
            and self._model.is_day_start(row)
            and where.y() < self.rowViewportPosition(row) + DAY_HEIGHT
        )

    def _hover(self, row: int) -> None:
        if self._hovered != row:
            self._hovered = row
            self.viewport().update()

    def _open(self, index: QModelIndex) -> None:
        run = self._model.item(index.row())
        if run is not None:
            self.run_opened.emit(run)

    def _go_to(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        index = self._model.index(row, 0)
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.is_everything = False
            pick_up_to(self.selectionModel(), index)
        else:
            self.setCurrentIndex(index)

    def _on_scrolled(self, value: int) -> None:
        if value < _READ_AHEAD:
            self._model.fetch_above()
        if self.verticalScrollBar().maximum() - value < _READ_AHEAD:
            self._model.fetchMore(QModelIndex())

    # What is looked at stays where it is while rows come and go

    def _keep_place(self) -> None:
        run = self.current_run
        picked = frozenset(() if self.is_everything else (run.id for run in self.picked_runs))
        self._kept = (run.id if run else "", self.verticalScrollBar().value(), picked)

    def _on_reset(self) -> None:
        run_id, scroll, picked = self._kept or ("", 0, frozenset[str]())
        self._picked = ()
        self._fit_rows(0, self._model.rowCount() - 1)
        if run_id:
            self.select(run_id)
        self._pick_everything(0, self._model.rowCount() - 1)
        if len(picked) > 1:
            self._pick(n for n, run in enumerate(self._model.items) if run.id in picked)
        bar = self.verticalScrollBar()
        if self._is_elsewhere:
            self.updateGeometries()
            scroll = bar.maximum() if self._is_at_end else 0
        bar.setValue(scroll)
        if self._is_elsewhere and self._is_at_end and self._model.rowCount():
            self.setCurrentIndex(self._model.index(self._model.rowCount() - 1, 0))
        self._is_elsewhere = self._is_at_end = False
        self._kept = None
        self._note_picked()

    def _on_about_to_insert(self, parent: QModelIndex, first: int, last: int) -> None:
        self._keep_anchor(range(0))

    def _on_about_to_remove(self, parent: QModelIndex, first: int, last: int) -> None:
        self._keep_anchor(range(first, last + 1))
        if first <= self.currentIndex().row() <= last:
            # Qt would make a neighbour the current row, which nobody has chosen.
            self.selectionModel().clearCurrentIndex()

    def _keep_anchor(self, leaving: range) -> None:
        """Remember where the first row in sight stands, unless the newest run is in sight."""
        row = self.rowAt(0)
        while row in leaving:
            row += 1
        run = self._model.item(row)
        is_at_top = self.verticalScrollBar().value() == 0 and self._model.is_top
        if run is None or is_at_top:
            self._anchor = None
        else:
            # By its lower edge: it may get, or lose, the heading of a day.
            self._anchor = (run.id, self.rowViewportPosition(row) + self.rowHeight(row))

    def _on_rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        self._fit_rows(first, last + 1)
        self._back_to_anchor()
        self._pick_everything(first, last)
        self._note_picked()

    def _on_rows_removed(self, parent: QModelIndex, first: int, last: int) -> None:
        self._fit_rows(first, first)
        self._back_to_anchor()
        self._note_picked()

    def _back_to_anchor(self) -> None:
        self.updateGeometries()
        if self._anchor is None:
            return
        (run_id, bottom), self._anchor = self._anchor, None
        row = self._model.row_of(run_id)
        if row >= 0:
            moved = self.rowViewportPosition(row) + self.rowHeight(row) - bottom
            if moved:
                bar = self.verticalScrollBar()
                bar.setValue(bar.value() + moved)

    def _fit_columns(self) -> None:
        # The last one stretches by itself.
        for column, width in enumerate(column_widths(self.viewport().width())[:-1]):
            self.horizontalHeader().resizeSection(column, width)

    def _fit_rows(self, first: int, last: int) -> None:
        for row in range(first, min(last + 1, self._model.rowCount())):
            height = _TALL if self._model.is_day_start(row) else ROW_DENSE
            if self.rowHeight(row) != height:
                self.setRowHeight(row, height)

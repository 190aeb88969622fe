"""Rows and columns of single values: what lists, maps and line items are edited in.

A table with editors made on demand, so that ten thousand rows cost no more than ten.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QObject,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.pieces import Mapped
from zapdesk.domain.values import UNSET, as_text
from zapdesk.ui.form.editors.clipboard import pasted_text
from zapdesk.ui.form.editors.exact_text import ExactText
from zapdesk.ui.form.editors.grid_model import GridModel, Index
from zapdesk.ui.form.pieces.chip import paint_parts
from zapdesk.ui.form.pieces.source import PieceSource
from zapdesk.ui.look.metrics import ROW, XS, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, IconButton

_MOST_ROWS = 8
_HEADER = 28
FRAME = 2
"""Border and padding of the table in the style sheets; with the focus all of it is border."""

_TEXT = S + 3  # where Qt begins the text of an ordinary cell


_HINT = QAbstractItemDelegate.EndEditHint
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ENTERS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_LEAVING = {
    Qt.Key.Key_Return: _HINT.NoHint,
    Qt.Key.Key_Enter: _HINT.NoHint,
    Qt.Key.Key_Tab: _HINT.EditNextItem,
    Qt.Key.Key_Backtab: _HINT.EditPreviousItem,
}


class _CellDelegate(QStyledItemDelegate):
    """Edits a cell in an ExactText; a cell that was opened and not changed stays what it was."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.source: PieceSource | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        model = index.model()
        cell = model.cell(index) if isinstance(model, GridModel) else None
        if isinstance(cell, Mapped):
            state = QStyle.StateFlag
            token = "hover" if option.state & state.State_MouseOver else "surface"
            token = "selected" if option.state & state.State_Selected else token
            painter.fillRect(option.rect, theme().color(token))
            paint_parts(painter, option.rect.adjusted(_TEXT, 0, -_TEXT, 0), cell.parts)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = ExactText(is_line=True)
        editor.setParent(parent)
        editor.setProperty("in_cell", True)
        model = index.model()
        name = model.headerData(index.column(), Qt.Orientation.Horizontal)
        editor.setAccessibleName(f"{name}, row {index.row() + 1}")
        if self.source is not None:
            editor.offer_pieces(self.source)
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
            if cell is UNSET or cell is None:
                cell = ""
            editor.show_text(cell if isinstance(cell, Mapped) else as_text(cell))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if (
            isinstance(editor, ExactText)
            and isinstance(model, GridModel)
            and editor.property("touched")
        ):
            model.put(index, editor.value())

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
            and not watched.is_offering
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
        self._delegate = _CellDelegate(self)
        self.setItemDelegate(self._delegate)
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

    def offer_pieces(self, source: PieceSource) -> None:
        """Offer pieces where ``{{`` is typed into a cell."""
        self._delegate.source = source

    def choose_piece(self) -> None:
        """Edit the current cell and open the list of pieces there."""
        index = self.currentIndex()
        if index.isValid() and self.indexWidget(index) is None:
            self.edit_cell(index.row(), index.column())
        editor = self.indexWidget(index)
        if isinstance(editor, ExactText):
            editor.choose_piece()

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
        self.add_button = Button(add, look="link", icon="plus")
        bar = QHBoxLayout()
        bar.setSpacing(XS)
        bar.addWidget(self.add_button)
        self.add_button.clicked.connect(self.rows_wanted)
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
        self.view.setFixedHeight(rows * ROW + header + 2 * FRAME)
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

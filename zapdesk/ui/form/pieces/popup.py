"""The list of pieces beside the cursor: name, what it is, what it would be now.

It lies inside the window and never takes the focus: the keys stay with the editor that it serves.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from zapdesk.ui.form.pieces.source import LAST_RUN, PieceRow, PieceSource
from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XS, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import HLine, PlainLabel

Index = QModelIndex | QPersistentModelIndex

_MOST_ROWS = 9
_WIDTH = 460
_MARGIN = 8
_HINT = "Enter inserts · Esc keeps what is typed"
_HINT_INSIDE = "Enter inserts · Esc goes back"
_DOOR = PieceRow("Fields of another run…", is_door=True)
_LOADING = PieceRow("Loading…")


class _PieceModel(QAbstractListModel):
    """The rows that match what is typed; a heading stays while a row under it does."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._all: list[PieceRow] = []
        self._words: list[str] = []
        self.rows: list[PieceRow] = []

    def show_rows(self, rows: list[PieceRow]) -> None:
        self._all = rows
        self._show()

    def filter(self, text: str) -> None:
        self._words = text.casefold().split()
        self._show()

    def _show(self) -> None:
        self.beginResetModel()
        self.rows = []
        heading: PieceRow | None = None
        for row in self._all:
            if not row.can_be_chosen and row is not _LOADING:
                heading = row
            elif self._matches(row):
                if heading is not None:
                    self.rows.append(heading)
                    heading = None
                self.rows.append(row)
        self.endResetModel()

    def _matches(self, row: PieceRow) -> bool:
        hay = f"{row.text} {row.what} {row.expression}".casefold()
        return row.is_door or row is _LOADING or all(word in hay for word in self._words)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            row = self.rows[index.row()]
            return ", ".join(filter(None, (row.text, row.what, row.example)))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        chosen = self.rows[index.row()].can_be_chosen
        return super().flags(index) if chosen else Qt.ItemFlag.NoItemFlags


class _PieceDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, ROW_DENSE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, _PieceModel):
            return
        look, row = theme(), model.rows[index.row()]
        rect = QRect(option.rect)
        painter.save()
        if row.can_be_chosen and option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.color("selected"))
        elif row.can_be_chosen and option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.color("hover"))
        rect.adjust(S, 0, -S, 0)
        if not row.can_be_chosen:
            self._draw(painter, rect.adjusted(0, 4, 0, 0), row.text, "small", "muted")
        else:
            self._paint_row(painter, rect, row)
        painter.restore()

    def _paint_row(self, painter: QPainter, rect: QRect, row: PieceRow) -> None:
        if row.is_door or row.run:
            ratio = painter.device().devicePixelRatio()
            arrow = theme().pixmap("chevron-right", "muted", ICON, ratio)
            painter.drawPixmap(rect.right() - ICON, rect.center().y() - ICON // 2 + 1, arrow)
            rect.setRight(rect.right() - ICON - XS)
        if row.example:
            wide = min(self._width(row.example, "small", is_mono=True), rect.width() // 2)
            place = QRect(rect.right() - wide + 1, rect.top(), wide, rect.height())
            self._draw(painter, place, row.example, "small", "muted", is_mono=not row.run)
            rect.setRight(place.left() - M)
        name = min(self._width(row.text, "body"), rect.width())
        self._draw(painter, QRect(rect.left(), rect.top(), name, rect.height()), row.text, "body")
        rect.setLeft(rect.left() + name + M)
        if row.what and rect.width() > 2 * M:
            self._draw(painter, rect, row.what, "small", "muted")

    def _width(self, text: str, size: Any, *, is_mono: bool = False) -> int:
        from PySide6.QtGui import QFontMetrics

        return QFontMetrics(theme().font(size, mono=is_mono)).horizontalAdvance(text) + 2

    def _draw(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        size: Any,
        tone: str = "text",
        *,
        is_mono: bool = False,
    ) -> None:
        painter.setFont(theme().font(size, mono=is_mono))
        painter.setPen(theme().color(tone))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class PiecePopup(QFrame):
    """``chosen`` gives an expression; ``turned`` comes when another page is shown.

    ``current_changed`` gives what the row is that Enter would take.
    """

    chosen = Signal(str)
    turned = Signal()
    closed = Signal()
    current_changed = Signal(str)

    def __init__(self, editor: QWidget, source: PieceSource) -> None:
        super().__init__(editor.window())
        self.setObjectName("popup")
        self.setAccessibleName("Pieces to insert")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._editor = editor
        self._source = source
        self._page = ""
        self._cursor_place = QRect()
        self._first = self._source.rows()
        self._last_run: list[PieceRow] = [_LOADING]
        self.model = _PieceModel(self)
        self.list = QListView()
        self.list.setAccessibleName("Pieces to insert")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_PieceDelegate(self))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self._hint = PlainLabel(_HINT, size="small", tone="muted")
        self._hint.setContentsMargins(S, 0, S, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(XS, XS, XS, XS)
        column.setSpacing(XS)
        for widget in (self.list, HLine(), self._hint):
            column.addWidget(widget)
        self.list.clicked.connect(lambda index: self._choose(index.row()))

    def open_at(self, viewport: QWidget, cursor_place: QRect) -> None:
        """Show the list under a place in the editor."""
        top_left = viewport.mapTo(self.window(), cursor_place.topLeft())
        self._cursor_place = QRect(top_left, cursor_place.size())
        self._show_page("")
        self.show()
        self.raise_()
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # it is there
        self._source.start(self._load_last_run())

    def close_list(self) -> None:
        """Take it away for good."""
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]  # it is there
        self.hide()
        self.deleteLater()
        self._page = "closed"

    # What the keys do

    @property
    def has_current(self) -> bool:
        """Whether Enter would take something."""
        return self.list.currentIndex().isValid()

    def filter(self, text: str) -> bool:
        """Show what matches ``text``; False where nothing does and nothing may still come."""
        self.model.filter(text)
        self._settle()
        rows = self.model.rows
        return any(r.expression or r.run or r is _LOADING for r in rows) or not text.strip()

    def move_by(self, step: int) -> None:
        """Go to another row, over the headings."""
        places = [n for n, row in enumerate(self.model.rows) if row.can_be_chosen]
        here = self.list.currentIndex().row()
        if places:
            at = places.index(here) if here in places else 0
            at = (at + step) % len(places) if abs(step) == 1 else at + step
            self._go_to(places[max(0, min(at, len(places) - 1))])

    def choose_current(self) -> None:
        """Take the current row."""
        self._choose(self.list.currentIndex().row())

    def go_back(self) -> bool:
        """From a page behind another one; False where there is nothing to go back to."""
        if not self._page:
            return False
        self._show_page("")
        self.turned.emit()
        return True

    def _choose(self, place: int) -> None:
        row = self.model.rows[place]
        if row.expression:
            self.chosen.emit(row.expression)
        elif row.can_be_chosen:
            self._show_page(row.run or "runs")
            self.turned.emit()
            self._source.start(self._load_run(row) if row.run else self._load_runs())

    def _go_to(self, place: int) -> None:
        index = self.model.index(place)
        if index != self.list.currentIndex():
            self.list.setCurrentIndex(index)
            self.current_changed.emit(self.model.data(index))
        # The heading over the first row of its group comes along.
        over = place - 1 if place and not self.model.rows[place - 1].can_be_chosen else place
        self.list.scrollTo(self.model.index(over))
        self.list.scrollTo(index)

    # Pages

    def _show_page(self, page: str) -> None:
        self._page = page
        self._hint.setText(_HINT_INSIDE if page else _HINT)
        self.model.filter("")
        self._show_rows([_LOADING] if page else self._first_page())

    def _first_page(self) -> list[PieceRow]:
        last = [PieceRow("Fields of the last run"), *self._last_run] if self._last_run else []
        return [*self._first, *last, *([_DOOR] if last else [])]

    def _show_rows(self, rows: list[PieceRow]) -> None:
        current = self._current_row()
        self.model.show_rows(rows)
        if current in self.model.rows:
            self._go_to(self.model.rows.index(current))
        self._settle()

    def _current_row(self) -> PieceRow | None:
        index = self.list.currentIndex()
        return self.model.rows[index.row()] if index.isValid() else None

    async def _load_last_run(self) -> None:
        self._last_run = await self._source.rows_of_run(LAST_RUN)
        if isValid(self) and not self._page:
            self._show_rows(self._first_page())

    async def _load_runs(self) -> None:
        runs = await self._source.runs()
        if isValid(self) and self._page == "runs":
            self._show_rows([PieceRow("Choose a run"), *runs])

    async def _load_run(self, run: PieceRow) -> None:
        rows = await self._source.rows_of_run(run.run)
        if isValid(self) and self._page == run.run:
            self._show_rows([PieceRow(f"{run.text}, {run.example}"), *rows])

    # Size and place

    def _settle(self) -> None:
        rows = self.model.rows
        if not self.has_current:
            first = next((n for n, row in enumerate(rows) if row.can_be_chosen), None)
            if first is not None:
                self._go_to(first)
        window = self.window().rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        self.setFixedWidth(min(_WIDTH, window.width()))
        self.list.setFixedHeight(max(1, min(_MOST_ROWS, len(rows))) * ROW_DENSE)
        self.adjustSize()
        anchor = self._cursor_place
        place = QPoint(anchor.left() - S, anchor.bottom() + S)
        if place.y() + self.height() > window.bottom():
            place.setY(max(window.top(), anchor.top() - S - self.height()))
        place.setX(max(window.left(), min(place.x(), window.right() - self.width())))
        self.move(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click or a turn of the wheel elsewhere, and another size of the window, close it."""
        kind = event.type()
        is_elsewhere = (
            kind in {QEvent.Type.MouseButtonPress, QEvent.Type.Wheel}
            and isinstance(watched, QWidget)
            and watched is not self
            and not self.isAncestorOf(watched)
        )
        if is_elsewhere or (kind is QEvent.Type.Resize and watched is self.window()):
            self.closed.emit()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # or the window would have it, and with it the focus

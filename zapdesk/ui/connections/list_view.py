"""The list of connections: under each app its own, with the state as icon and word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from zapdesk.domain.catalog import Authentication
from zapdesk.ui.connections.words import STATE_LOOKS, count_text, name_of, spoken, title_of
from zapdesk.ui.look.metrics import ICON, ICON_LARGE, ROW, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import paint_monogram

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.connections import AppConnections

Index = QModelIndex | QPersistentModelIndex
_ENTERS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


@dataclass(frozen=True, slots=True)
class Row:
    """An app, or one of its connections."""

    known: AppConnections
    connection: Authentication | None = None

    @property
    def key(self) -> tuple[str, str]:
        """By which it is found again in a newer list."""
        return self.known.app.id, "" if self.connection is None else self.connection.id


def rows_of(known: Sequence[AppConnections], text: str) -> list[Row]:
    """The rows that match every word of ``text``; the connections of an app whose title does are
    all shown."""
    words = text.casefold().split()
    rows: list[Row] = []
    for one in known:
        title = title_of(one.app).casefold()
        left = [word for word in words if word not in title]
        items = [
            c
            for c in one.known.items
            if all(word in f"{c.title} {c.id}".casefold() for word in left)
        ]
        if items or not left:
            rows.append(Row(one))
            rows += [Row(one, connection) for connection in items]
    return rows


class ConnectionModel(QAbstractListModel):
    """UserRole gives the Row."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def set_rows(self, rows: list[Row]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, number: int) -> Row | None:
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def place(self, key: tuple[str, str]) -> int:
        """Where a row is; -1 where it is not shown."""
        return next((n for n, row in enumerate(self._rows) if row.key == key), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index.row()) if index.isValid() else None
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (
                    title_of(row.known.app) if row.connection is None else name_of(row.connection)
                )
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(row.known, row.connection)
            case Qt.ItemDataRole.UserRole:
                return row
        return None


class ConnectionList(QListView):
    """``moved`` comes whenever another row is marked, ``entered_row`` with Enter or a double
    click; both give the Row."""

    moved = Signal(object)
    entered_row = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Connections by app")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._model = ConnectionModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_RowPainter(self))
        self.selectionModel().currentChanged.connect(lambda: self.moved.emit(self.marked))
        self.doubleClicked.connect(lambda: self.entered_row.emit(self.marked))

    def set_rows(self, rows: list[Row]) -> None:
        """Show these; the marked row stays marked where it is still there."""
        before = self.marked
        self._model.set_rows(rows)
        self.mark(before.key if before is not None else ("", ""))

    def mark(self, key: tuple[str, str]) -> None:
        """Mark a row; its app's or the first one where it is not shown."""
        places = (self._model.place(key), self._model.place((key[0], "")), 0)
        if self.count:
            self.setCurrentIndex(self._model.index(next(p for p in places if p >= 0)))
        else:
            self.moved.emit(None)

    @property
    def marked(self) -> Row | None:
        return self._model.row(self.currentIndex().row())

    @property
    def count(self) -> int:
        """How many rows are shown."""
        return self._model.rowCount()

    def step(self, by: int) -> None:
        """Mark another row, for a box above the list that keeps the keys."""
        row = min(max(0, self.currentIndex().row() + by), self.count - 1)
        if row >= 0:
            self.setCurrentIndex(self._model.index(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTERS and not event.isAutoRepeat():
            self.entered_row.emit(self.marked)
        else:
            super().keyPressEvent(event)


class _RowPainter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row | None = index.data(Qt.ItemDataRole.UserRole)
        if row is None:
            return
        look = theme()
        rect, state = QRect(option.rect), option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.color("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.color("hover"))
        inside = rect.adjusted(M, 0, -M, 0)
        if row.connection is None:
            self._paint_app(painter, inside, row.known)
        else:
            self._paint_connection(painter, inside, row.known, row.connection)
        painter.restore()

    def _paint_app(self, painter: QPainter, room: QRect, known: AppConnections) -> None:
        top = room.top() + (room.height() - ICON_LARGE) // 2
        tile = QRect(room.left(), top, ICON_LARGE, ICON_LARGE)
        paint_monogram(painter, tile, known.app.title, known.app.hex_color)
        room = room.adjusted(ICON_LARGE + S, 0, 0, 0)
        _words(painter, room, title_of(known.app), count_text(known), "muted", bold=True)

    def _paint_connection(
        self, painter: QPainter, room: QRect, known: AppConnections, connection: Authentication
    ) -> None:
        sign = STATE_LOOKS[known.state(connection)]
        room = room.adjusted(ICON_LARGE + S, 0, 0, 0)
        parent = self.parent()
        ratio = parent.devicePixelRatioF() if isinstance(parent, QWidget) else 1.0
        top = room.top() + (room.height() - ICON) // 2
        painter.drawPixmap(room.left(), top, theme().pixmap(sign.icon, sign.token, ICON, ratio))
        room = room.adjusted(ICON + S, 0, 0, 0)
        _words(painter, room, name_of(connection), sign.word, sign.token)


def _words(
    painter: QPainter, room: QRect, text: str, at_right: str, token: str, *, bold: bool = False
) -> None:
    look, small = theme(), theme().font("small")
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(small)
    painter.setPen(look.color(token))
    painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, at_right)
    room = room.adjusted(0, 0, -QFontMetrics(small).horizontalAdvance(at_right) - M, 0)
    font = look.font(bold=bold)
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.setFont(font)
    painter.setPen(look.color("text"))
    painter.drawText(room, middle, shown)

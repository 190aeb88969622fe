"""How the rows of the history are drawn. A delegate draws; it decides nothing.

Cells are drawn by hand from what the model has worked out: a page of thirty rows is painted at
every step of a scroll, and the style's own way through options and variants takes twice as long.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XS, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.runs.model import RunColumn, RunLine, RunModel
from zapdesk.ui.times import day_text, now_ms

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_STATUS, _DURATION = int(RunColumn.STATUS), int(RunColumn.DURATION)
_QUIET = frozenset({RunColumn.CONNECTION, RunColumn.STARTED, RunColumn.DURATION})
_LAST = int(RunColumn.OUTCOME)
_KEPT_TEXTS = 4_096
"""Shortening a text takes as long as drawing half of it."""


class RunDelegate(QStyledItemDelegate):
    """Draws the cells of a RunModel in a QTableView, and the heading of each day."""

    def __init__(self, model: RunModel, table: QTableView) -> None:
        super().__init__(table)
        self._model = model
        self._table = table
        self._theme = theme()
        self._font = self._theme.font()
        self._metrics = QFontMetrics(self._font)
        self._colors: dict[str, QColor] = {}
        self._elided: dict[tuple[str, int], str] = {}
        self._theme.changed.connect(self._colors.clear)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(80, ROW_DENSE)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row, column = index.row(), index.column()
        line = self._model.line(row)
        rect: QRect = option.rect
        now = now_ms()
        if rect.height() > ROW_DENSE:
            self._paint_day(painter, rect, line, now)
            rect = rect.adjusted(0, rect.height() - ROW_DENSE, 0, 0)
        is_current = row == self._table.currentIndex().row()
        if is_current:
            painter.fillRect(rect, self._color("selected"))
            if self._table.hasFocus():
                self._paint_ring(painter, rect, column)
        elif row == self._table.property("hovered_row"):
            painter.fillRect(rect, self._color("hover"))
        self._paint_cell(painter, rect, line, column, now)

    def _color(self, token: str) -> QColor:
        color = self._colors.get(token)
        if color is None:
            color = self._colors[token] = self._theme.color(token)
        return color

    def _paint_cell(
        self, painter: QPainter, rect: QRect, line: RunLine, column: int, now: int
    ) -> None:
        text = line.text(column, now)
        room = rect.adjusted(S, 0, -S, 0)
        token = "muted" if column in _QUIET else "text"
        if column == _STATUS:
            token = line.look.token
            ratio = painter.device().devicePixelRatioF()
            pixmap = self._theme.pixmap(line.look.icon, token, ICON, ratio)
            corner = QPoint(room.left() + XS, rect.center().y() - ICON // 2 + 1)
            painter.drawPixmap(corner, pixmap)
            room.setLeft(room.left() + XS + ICON + S - 2)
        if not text:
            return
        painter.setFont(self._font)
        painter.setPen(self._color(token))
        shown = self._shortened(text, room.width())
        painter.drawText(room, _RIGHT if column == _DURATION else _LEFT, shown)

    def _shortened(self, text: str, width: int) -> str:
        shown = self._elided.get((text, width))
        if shown is None:
            if len(self._elided) >= _KEPT_TEXTS:
                self._elided.clear()
            shown = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            self._elided[text, width] = shown
        return shown

    def _paint_ring(self, painter: QPainter, rect: QRect, column: int) -> None:
        color = self._color("accent")
        painter.fillRect(rect.left(), rect.top(), rect.width(), 2, color)
        painter.fillRect(rect.left(), rect.bottom() - 1, rect.width(), 2, color)
        if column == 0:
            painter.fillRect(rect.left(), rect.top(), 2, rect.height(), color)
        if column == _LAST:
            painter.fillRect(rect.right() - 1, rect.top(), 2, rect.height(), color)

    def _paint_day(self, painter: QPainter, rect: QRect, line: RunLine, now: int) -> None:
        # Every cell draws its part of one heading: the table may repaint any of them alone.
        strip = QRect(rect.left(), rect.top(), rect.width(), rect.height() - ROW_DENSE)
        painter.save()
        painter.setClipRect(strip)
        origin = self._table.columnViewportPosition(0)
        room = QRect(origin + S + XS, strip.top() + S, 2_000, strip.height() - S - XS)
        painter.setFont(self._theme.font("small", bold=True))
        painter.setPen(self._color("muted"))
        painter.drawText(room, _LEFT, day_text(line.run.created_ms, now))
        painter.fillRect(strip.left(), strip.bottom(), strip.width(), 1, self._color("line"))
        painter.restore()

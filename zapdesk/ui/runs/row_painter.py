"""How the rows of the history are drawn, a whole row at a time. It draws; it decides nothing.

The table paints its rows itself, from what the model has worked out: thirty rows are painted at
every step of a scroll, and Qt's own way, cell by cell through a delegate, its options and its
variants, takes three times as long.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XS, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.runs.columns import DAY_HEIGHT
from zapdesk.ui.runs.model import RunColumn, RunLine
from zapdesk.ui.times import day_text

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_STATUS, _DURATION = int(RunColumn.STATUS), int(RunColumn.DURATION)
_OUTCOME = int(RunColumn.OUTCOME)
_PIN, _TAG = 12, 18
_TEXT_LEFT = XS + ICON + S - 2
_KEPT_TEXTS = 4_096
"""Shortening a text takes as long as drawing half of it."""

_PENS = tuple(
    "muted" if column in {RunColumn.CONNECTION, RunColumn.STARTED, RunColumn.DURATION} else "text"
    for column in RunColumn
)

Column = tuple[int, int, int]
"""The number of a column, where it begins in the viewport, and how wide it is."""


class RowPainter:
    """Draws rows of a RunModel, and the headings of days, into the viewport of a table."""

    def __init__(self) -> None:
        self._theme = theme()
        self._font = self._theme.font()
        self._heading = self._theme.font("small", bold=True)
        self._metrics = QFontMetrics(self._font)
        self._small = self._theme.font("small")
        self._small_metrics = QFontMetrics(self._small)
        self._colors: dict[str, QColor] = {}
        self._elided: dict[tuple[str, int], str] = {}

    def begin(self, painter: QPainter) -> None:
        """To be called before the rows of one repaint."""
        self._colors.clear()  # the theme may have changed
        self._ratio = painter.device().devicePixelRatioF()
        painter.setFont(self._font)

    def row(
        self,
        painter: QPainter,
        columns: Sequence[Column],
        top: int,
        line: RunLine,
        now: int,
        ground: str,
    ) -> None:
        """One row at ``top``; ``ground`` is the token of its colour, empty for the table's own."""
        if ground:
            first, last = columns[0], columns[-1]
            width = last[1] + last[2] - first[1]
            painter.fillRect(first[1], top, width, ROW_DENSE, self.color(ground))
        pen = ""
        for column, left, width in columns:
            text = line.text(column, now)
            left, room = left + S, width - 2 * S
            token = _PENS[column]
            if column == _STATUS:
                token = line.look.token
                pixmap = self._theme.pixmap(line.look.icon, token, ICON, self._ratio)
                painter.drawPixmap(QPoint(left + XS, top + (ROW_DENSE - ICON) // 2), pixmap)
                left, room = left + _TEXT_LEFT, room - _TEXT_LEFT
                if line.run.pinned:
                    self._pin(painter, left + room, top)
            elif column == _OUTCOME and line.tags:
                room -= self._tags(painter, left, top, room, line.tags)
                pen = ""
            if not text:
                continue
            if token != pen:
                pen = token
                painter.setPen(self.color(token))
            shown = self._elided.get((text, room)) or self._shortened(text, room)
            align = _RIGHT if column == _DURATION else _LEFT
            painter.drawText(left, top, room, ROW_DENSE, align, shown)

    def _pin(self, painter: QPainter, right: int, top: int) -> None:
        pixmap = self._theme.pixmap("pin", "accent", _PIN, self._ratio)
        painter.drawPixmap(QPoint(right - _PIN, top + (ROW_DENSE - _PIN) // 2), pixmap)

    def _tags(self, painter: QPainter, left: int, top: int, room: int, tags: Sequence[str]) -> int:
        """Labels and the like, at the right end; gives the width that they take."""
        painter.setFont(self._small)
        right, most = left + room, room // 2
        taken = 0
        for number, tag in enumerate(tags):
            shown = tag
            width = self._small_metrics.horizontalAdvance(shown) + 2 * (XS + 2)
            if taken + width + XS > most:
                shown = f"+{len(tags) - number}"
                width = self._small_metrics.horizontalAdvance(shown) + 2 * (XS + 2)
                if taken + width + XS > room:
                    break
            rect = QRectF(right - taken - width, top + (ROW_DENSE - _TAG) / 2, width, _TAG)
            taken += width + XS
            painter.setPen(self.color("line_strong"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(self.color("muted"))
            painter.drawText(rect, _CENTRE, shown)
            if shown != tag:
                break
        painter.setFont(self._font)
        return taken + XS

    def ring(self, painter: QPainter, rect: QRect) -> None:
        """The focus, two pixels inside ``rect``."""
        accent = self.color("accent")
        for edge in (
            (rect.left(), rect.top(), rect.width(), 2),
            (rect.left(), rect.bottom() - 1, rect.width(), 2),
            (rect.left(), rect.top(), 2, rect.height()),
            (rect.right() - 1, rect.top(), 2, rect.height()),
        ):
            painter.fillRect(*edge, accent)

    def day(
        self, painter: QPainter, left: int, top: int, width: int, line: RunLine, now: int
    ) -> None:
        """The heading of a day, above the row of ``line``."""
        painter.setFont(self._heading)
        painter.setPen(self.color("muted"))
        text = day_text(line.run.created_ms, now)
        painter.drawText(left + S + XS, top + S, width, DAY_HEIGHT - S - XS, _LEFT, text)
        painter.fillRect(left, top + DAY_HEIGHT - 1, width, 1, self.color("line"))
        painter.setFont(self._font)

    def color(self, token: str) -> QColor:
        """The present colour of a token."""
        found = self._colors.get(token)
        if found is None:
            found = self._colors[token] = self._theme.color(token)
        return found

    def _shortened(self, text: str, width: int) -> str:
        if len(self._elided) >= _KEPT_TEXTS:
            self._elided.clear()
        shown = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        self._elided[text, width] = shown
        return shown

"""LineView: a large text, of which only the lines in sight are ever decoded, coloured and drawn.

The text stays the bytes that came; lines are found in slices between which the window lives on.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from zapdesk.domain.json_lines import LineIndex
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.plain_text import visible_text

SLICE_S = 0.004
_INDENT = 2
_COPY_LINES = 20_000
_TOKENS = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*+"(?=\s*:))|(?P<string>"(?:[^"\\]|\\.)*+"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)|(?P<rest>[^\"\-\dtfn]+|.)",
    re.DOTALL,
)
_COLORS = {
    "key": "text",
    "string": "success",
    "number": "accent",
    "word": "unknown",
    "rest": "muted",
}

Place = tuple[int, int]
"""A line's number and a character in what is shown of it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is being looked for, and which line and character holds the present find."""

    pattern: re.Pattern[str]
    place: Place | None = None


class LineView(QAbstractScrollArea):
    """Shows bytes as lines. Selecting by mouse, copying, and scrolling by keyboard."""

    def __init__(self, name: str, tasks: LateTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("line_view")
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._tasks = tasks
        self._data = b""
        self._json_from: int | None = None
        self._lines = LineIndex(b"")
        self._generation = 0
        self._anchor: Place | None = None
        self._caret: Place | None = None
        self._mark: Mark | None = None
        self._widest = 0.0
        self._wanted_offset: int | None = None
        self.setFont(theme().font(mono=True))
        self._metrics = QFontMetricsF(self.font())
        self._row = round(self._metrics.height()) + 3
        self._cell = self._metrics.horizontalAdvance("0")

    @property
    def document(self) -> bytes:
        return self._data

    @property
    def lines(self) -> LineIndex:
        return self._lines

    def show_document(self, data: bytes, json_from: int | None = None) -> None:
        """Show ``data``; from byte ``json_from`` on it is laid out and coloured as JSON."""
        self._generation += 1
        self._data, self._json_from = data, json_from
        self._lines = LineIndex(data, json_from)
        self._anchor = self._caret = self._mark = self._wanted_offset = None
        self._widest = 0.0
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)
        self._read_slice()
        if not self._lines.is_done:
            self._tasks.start(self._read_on(self._generation), name="find lines")

    def set_mark(self, mark: Mark | None) -> None:
        """Show finds; ``None`` shows none."""
        self._mark = mark
        self.viewport().update()

    def show_offset(self, offset: int) -> Place | None:
        """Bring byte ``offset`` into sight; ``None`` while its line has not been found yet."""
        if offset >= self._lines.read_bytes and not self._lines.is_done:
            self._wanted_offset = offset
            return None
        number = self._lines.line_at(offset)
        line = self._lines.line(number)
        before = self._data[line.start : offset].decode("utf-8", "replace")
        if not line.goes_on and self._is_laid_out(line.start):
            before = before.lstrip(" \t\r\n")
        column = len(visible_text(before)) + self._indent(number)
        bar, shown = self.verticalScrollBar(), self._rows_shown()
        if not bar.value() <= number < bar.value() + shown:
            bar.setValue(max(number - shown // 2, 0))
        right = self._x(self._shown(number), column)
        across = self.horizontalScrollBar()
        if not 0 <= right - across.value() <= self.viewport().width() - self._gutter() - M * 4:
            across.setValue(max(round(right) - self.viewport().width() // 2, 0))
        return (number, column)

    def selected_text(self) -> str:
        """What is selected, as it is shown."""
        span = self._selection()
        if span is None:
            return ""
        (first, start), (last, end) = span
        last = min(last, first + _COPY_LINES)
        texts = [self._shown(number) for number in range(first, last + 1)]
        texts[-1] = texts[-1][:end]
        texts[0] = texts[0][start:]
        return "\n".join(texts)

    def copy(self) -> None:
        """The selection to the clipboard."""
        text = self.selected_text()
        if text:
            copy_text(text)

    def select_all(self) -> None:
        if len(self._lines):
            last = len(self._lines) - 1
            self._anchor, self._caret = (0, 0), (last, len(self._shown(last)))
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
            return
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        steps = {
            Qt.Key.Key_Down: (down, down.value() + 1),
            Qt.Key.Key_Up: (down, down.value() - 1),
            Qt.Key.Key_PageDown: (down, down.value() + down.pageStep()),
            Qt.Key.Key_PageUp: (down, down.value() - down.pageStep()),
            Qt.Key.Key_Home: (down, 0),
            Qt.Key.Key_End: (down, down.maximum()),
            Qt.Key.Key_Right: (across, across.value() + 40),
            Qt.Key.Key_Left: (across, across.value() - 40),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            step[0].setValue(step[1])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            place = self._place(event.position().toPoint())
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._anchor = place
            self._caret = place
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._anchor is not None:
            point = event.position().toPoint()
            bar = self.verticalScrollBar()
            if point.y() < 0:
                bar.setValue(bar.value() - 1)
            elif point.y() > self.viewport().height():
                bar.setValue(bar.value() + 1)
            self._caret = self._place(point)
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_bars()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme().color("surface"))
        painter.setFont(self.font())
        gutter, first = self._gutter(), self.verticalScrollBar().value()
        selection = self._selection()
        baseline = (self._row - self._metrics.height()) / 2 + self._metrics.ascent()
        for number in range(first, min(first + self._rows_shown() + 2, len(self._lines))):
            top = (number - first) * self._row
            self._paint_line(painter, number, gutter, top, baseline, selection)
            painter.fillRect(0, top, gutter - S, self._row, theme().color("surface"))
            if not self._lines.line(number).goes_on:
                painter.setPen(theme().color("faint"))
                room = QRect(0, top, gutter - M, self._row)
                painter.drawText(room, int(Qt.AlignmentFlag.AlignRight), f"{number + 1}")
        if self.hasFocus():
            painter.setPen(theme().color("accent"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
        painter.end()
        if self._widest > self.horizontalScrollBar().maximum() + self._room():
            self._fit_bars()

    def _paint_line(
        self,
        painter: QPainter,
        number: int,
        gutter: int,
        top: int,
        baseline: float,
        selection: tuple[Place, Place] | None,
    ) -> None:
        text = self._shown(number)
        left = gutter - self.horizontalScrollBar().value()
        self._widest = max(self._widest, self._x(text, len(text)))
        if selection is not None and selection[0][0] <= number <= selection[1][0]:
            start = selection[0][1] if number == selection[0][0] else 0
            end = selection[1][1] if number == selection[1][0] else len(text) + 1
            self._paint_ground(painter, text, (start, end), left, top, "selected")
        if self._mark is not None:
            for found in self._mark.pattern.finditer(text):
                token = "waiting_soft"
                if self._mark.place == (number, found.start()):
                    token = "selected"
                self._paint_ground(painter, text, found.span(), left, top, token)
                if token == "selected":
                    painter.setPen(theme().color("accent"))
                    x1, x2 = self._x(text, found.start()), self._x(text, found.end())
                    painter.drawRect(round(left + x1), top, round(x2 - x1), self._row - 1)
        for start, end, token in self._colored(number, text):
            painter.setPen(theme().color(token))
            painter.drawText(
                QPoint(round(left + self._x(text, start)), round(top + baseline)), text[start:end]
            )

    def _paint_ground(
        self, painter: QPainter, text: str, span: Place, left: int, top: int, token: str
    ) -> None:
        start, end = self._x(text, span[0]), self._x(text, span[1])
        painter.fillRect(
            round(left + start), top, round(end - start), self._row, theme().color(token)
        )

    def _colored(self, number: int, text: str) -> list[tuple[int, int, str]]:
        line = self._lines.line(number)
        if not self._is_laid_out(line.start):
            return [(0, len(text), "text")]
        if line.goes_on:
            return [(0, len(text), "success")]  # only strings are that long
        return [
            (match.start(), match.end(), _COLORS[match.lastgroup or "rest"])
            for match in _TOKENS.finditer(text)
            if not match.group().isspace()
        ]

    def _shown(self, number: int) -> str:
        text = visible_text(self._lines.text(number)).replace("\n", "").replace("\t", "    ")
        return " " * self._indent(number) + text

    def _indent(self, number: int) -> int:
        return self._lines.line(number).depth * _INDENT

    def _is_laid_out(self, offset: int) -> bool:
        return self._json_from is not None and offset >= self._json_from

    def _x(self, text: str, column: int) -> float:
        if text.isascii():
            return self._cell * column
        return self._metrics.horizontalAdvance(text[:column])

    def _place(self, point: QPoint) -> Place:
        number = self.verticalScrollBar().value() + max(point.y(), 0) // self._row
        number = min(number, max(len(self._lines) - 1, 0))
        if not len(self._lines):
            return (0, 0)
        text = self._shown(number)
        x = point.x() - self._gutter() + self.horizontalScrollBar().value()
        low, high = 0, len(text)
        while low < high:
            middle = (low + high) // 2
            if (self._x(text, middle) + self._x(text, middle + 1)) / 2 < x:
                low = middle + 1
            else:
                high = middle
        return (number, low)

    def _selection(self) -> tuple[Place, Place] | None:
        if self._anchor is None or self._caret is None or self._anchor == self._caret:
            return None
        return min(self._anchor, self._caret), max(self._anchor, self._caret)

    def _gutter(self) -> int:
        digits = max(len(str(len(self._lines))), 3)
        return round(self._cell * digits) + M * 2

    def _room(self) -> int:
        return self.viewport().width() - self._gutter() - M

    def _rows_shown(self) -> int:
        return max(self.viewport().height() // self._row, 1)

    def _fit_bars(self) -> None:
        bar, shown = self.verticalScrollBar(), self._rows_shown()
        bar.setRange(0, max(len(self._lines) - shown, 0))
        bar.setPageStep(shown)
        across = self.horizontalScrollBar()
        across.setRange(0, max(round(self._widest) - self._room(), 0))
        across.setPageStep(self._room())

    def _read_slice(self) -> None:
        until = time.perf_counter() + SLICE_S
        while not self._lines.is_done and time.perf_counter() < until:
            self._lines.step()
        self._fit_bars()
        self.viewport().update()
        wanted = self._wanted_offset
        if wanted is not None and (wanted < self._lines.read_bytes or self._lines.is_done):
            self._wanted_offset = None
            self.show_offset(wanted)

    async def _read_on(self, generation: int) -> None:
        import asyncio  # not before the first frame

        while not self._lines.is_done:
            await asyncio.sleep(0)
            if generation != self._generation:
                return
            self._read_slice()

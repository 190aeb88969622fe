"""Strip: runs over time, as bars by outcome and, above them, how long they took.

One small widget that draws itself. Hovering tells the numbers; a click or a drag chooses a
stretch of time, and so do the arrow keys with Enter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from zapdesk.domain.runs import RunStatus
from zapdesk.ui.look.metrics import RADIUS, XS
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.runs.filters import stretch_words
from zapdesk.ui.times import duration_text, now_ms

if TYPE_CHECKING:  # it is imported by services, behind the first frame
    from zapdesk.domain.history import Bucket, Timeline

HEIGHT = 32
BUCKETS = 60
_TIMES_HEIGHT = 10
_NARROWEST = 120
_WIDEST_BAR = 12  # a single run is no flood

# From the ground up: what went well carries the rest.
_LAYERS: tuple[tuple[str, str, frozenset[RunStatus]], ...] = (
    ("success", "success", frozenset({RunStatus.SUCCESS})),
    ("waiting", "waiting", frozenset({RunStatus.SUBMITTING, RunStatus.WAITING})),
    ("not sent", "not_sent", frozenset({RunStatus.NOT_SENT})),
    ("refused", "refused", frozenset({RunStatus.REFUSED})),
    ("unknown", "unknown", frozenset({RunStatus.UNKNOWN, RunStatus.LOST})),
    ("error", "error", frozenset({RunStatus.ERROR})),
)


class Strip(QWidget):
    """``chosen`` gives the first millisecond of a stretch of time and the one behind its last."""

    chosen = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._timeline: Timeline | None = None
        self._place = -1  # of the bucket that is told; -1: none
        self._from = -1  # where a stretch begins that is being chosen
        self.setObjectName("strip")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(_NARROWEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)
        self.show_timeline(None)

    def sizeHint(self) -> QSize:
        return QSize(280, HEIGHT)

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Draw this; nothing where there is nothing."""
        self._timeline = timeline if timeline is not None and timeline.buckets else None
        self._place = self._from = -1
        self._tell()
        self.setEnabled(self._timeline is not None)
        self.update()

    @property
    def summary(self) -> str:
        """All of it in words, for those who cannot see it."""
        timeline = self._timeline
        if timeline is None:
            return "No runs"
        when = stretch_words(timeline.start_ms, timeline.end_ms, now_ms())
        some = "at least " if timeline.is_partial else ""
        return f"{when}: {some}{_told(_summed(timeline.buckets))}"

    def told(self, place: int) -> str:
        """A stretch of the strip in words, with its numbers."""
        timeline = self._timeline
        if timeline is None or place < 0:
            return ""
        start = timeline.start_ms + place * timeline.width_ms
        when = stretch_words(start, min(start + timeline.width_ms, timeline.end_ms), now_ms())
        bucket = self._bucket(place)
        if bucket is None:
            return f"{when}: no runs"
        words = f"{when}: {_told(bucket.counts)}"
        if bucket.p50_ms is not None and bucket.p95_ms is not None:
            words += f"\nHalf took up to {duration_text(bucket.p50_ms)}"
            words += f", 19 of 20 up to {duration_text(bucket.p95_ms)}"
        return words

    # Choosing

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.told(self._at(event.pos().x()))
            QToolTip.showText(event.globalPos(), plain_tool_tip(words) if words else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._timeline is not None:
            self._from = self._at(event.position().x())
            self._go_to(self._from)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._timeline is not None:
            self._go_to(self._at(event.position().x()))
            if self._from >= 0:
                words = self.told(self._place)
                QToolTip.showText(event.globalPosition().toPoint(), plain_tool_tip(words), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._from >= 0:
            self._choose()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._from < 0 and not self.hasFocus():
            self._go_to(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        timeline = self._timeline
        key = event.key()
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        if timeline is None:
            super().keyPressEvent(event)
        elif step or key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            last = self._count - 1
            ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
            here = self._place if self._place >= 0 else last + (step < 0)
            wanted = ends.get(Qt.Key(key), min(max(here + step, 0), last))
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._from = -1
            elif self._from < 0:
                self._from = min(here, last)
            self._go_to(wanted)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._place >= 0:
            self._choose()
        elif key == Qt.Key.Key_Escape and self._place >= 0:
            self._from = -1
            self._go_to(-1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._timeline is not None and self._place < 0:
            self._go_to(self._count - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._from = -1
        self._go_to(-1)

    def _choose(self) -> None:
        timeline = self._timeline
        start = self._from if self._from >= 0 else self._place
        first, last = sorted((start, self._place))
        self._from = -1
        self.update()
        if timeline is not None and first >= 0:
            begin = timeline.start_ms + first * timeline.width_ms
            end = min(timeline.start_ms + (last + 1) * timeline.width_ms, timeline.end_ms)
            self.chosen.emit(begin, end)

    def _go_to(self, place: int) -> None:
        if place != self._place:
            self._place = place
            self._tell()
            self.update()

    def _tell(self) -> None:
        self.setAccessibleName("Runs over time")
        words = self.told(self._place).replace("\n", ". ") or self.summary
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
            event = QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        timeline, look = self._timeline, theme()
        painter = QPainter(self)
        if timeline is not None:
            ground = QRectF(0, self.height() - 1, self.width(), 1)
            painter.fillRect(ground, look.color("line"))
            self._paint_chosen(painter)
            most = max(sum(b.counts.values()) for b in timeline.buckets)
            times = [b for b in timeline.buckets if b.p50_ms is not None]
            quickest = min((b.p50_ms or 0 for b in times), default=0)
            slowest = max((b.p95_ms or 0 for b in times), default=0)
            for bucket in timeline.buckets:
                place = (bucket.start_ms - timeline.start_ms) // timeline.width_ms
                self._paint_bar(painter, place, bucket.counts, most)
                self._paint_times(painter, place, bucket, quickest, slowest)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = painter.pen()
            pen.setColor(look.color("accent"))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.end()

    def _paint_chosen(self, painter: QPainter) -> None:
        if self._place < 0:
            return
        start = self._from if self._from >= 0 else self._place
        first, last = sorted((start, self._place))
        left, right = self._left(first), self._left(last + 1)
        token = "selected" if self._from >= 0 or self.hasFocus() else "hover"
        painter.fillRect(QRectF(left, 0, right - left, self.height()), theme().color(token))

    def _paint_bar(
        self, painter: QPainter, place: int, counts: Mapping[RunStatus, int], most: int
    ) -> None:
        room = self.height() - _TIMES_HEIGHT - XS
        left, right = self._left(place), self._left(place + 1)
        width = min(max(right - left - 1, 1), _WIDEST_BAR)
        bottom = float(self.height())
        total = sum(counts.values())
        # By the root: one run in an hour must be seen beside a thousand in another.
        whole = max(room * math.sqrt(total / most), 3)
        for _, token, statuses in _LAYERS:
            count = sum(counts.get(status, 0) for status in statuses)
            if count:
                height = max(whole * count / total, 1.5)
                bottom -= height
                painter.fillRect(QRectF(left, bottom, width, height), theme().color(token))

    def _paint_times(
        self, painter: QPainter, place: int, bucket: Bucket, quickest: int, slowest: int
    ) -> None:
        if bucket.p50_ms is None or bucket.p95_ms is None:
            return
        left, right = self._left(place), self._left(place + 1)
        half = self._height_of(bucket.p50_ms, quickest, slowest)
        most = self._height_of(bucket.p95_ms, quickest, slowest)
        width = min(max(right - left - 1, 1), _WIDEST_BAR)
        color = theme().color("line_strong")
        painter.fillRect(QRectF(left, most, width, max(half - most, 1)), color)
        painter.fillRect(QRectF(left, half, width, 1.5), theme().color("muted"))

    @staticmethod
    def _height_of(milliseconds: int, quickest: int, slowest: int) -> float:
        """Where a duration stands in the upper part; each ten times longer is as much higher."""
        least = math.log1p(quickest)
        share = (math.log1p(milliseconds) - least) / max(math.log1p(slowest) - least, 1)
        return _TIMES_HEIGHT - share * (_TIMES_HEIGHT - 2) - 1

    @property
    def _count(self) -> int:
        timeline = self._timeline
        if timeline is None:
            return 0
        return max(-(-(timeline.end_ms - timeline.start_ms) // timeline.width_ms), 1)

    def _left(self, place: int) -> float:
        return round(place * self.width() / max(self._count, 1))

    def _at(self, x: float) -> int:
        count = self._count
        return min(max(int(x * count / max(self.width(), 1)), 0), count - 1) if count else -1

    def _bucket(self, place: int) -> Bucket | None:
        timeline = self._timeline
        if timeline is None:
            return None
        start = timeline.start_ms + place * timeline.width_ms
        return next((b for b in timeline.buckets if b.start_ms == start), None)


def _summed(buckets: tuple[Bucket, ...]) -> dict[RunStatus, int]:
    total: dict[RunStatus, int] = {}
    for bucket in buckets:
        for status, count in bucket.counts.items():
            total[status] = total.get(status, 0) + count
    return total


def _told(counts: Mapping[RunStatus, int]) -> str:
    total = sum(counts.values())
    parts = []
    for word, _, statuses in _LAYERS:
        count = sum(counts.get(status, 0) for status in statuses)
        if count:
            parts.append(f"{count:,} {word}")
    return f"{total:,} run{'' if total == 1 else 's'} ({', '.join(parts)})"

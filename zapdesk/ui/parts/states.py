"""What an area shows while it has nothing to show: empty, loading, under way. Nothing blinks."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from zapdesk.ui.look.metrics import ROW, XS, L, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts.buttons import Button
from zapdesk.ui.parts.labels import IconLabel, PlainLabel

_LOW = 128


class EmptyState(QWidget):
    """Says why there is nothing, and what can be done. ``action_requested`` is the button."""

    action_requested = Signal()

    def __init__(
        self, title: str = "", sentence: str = "", action: str = "", *, icon: str = ""
    ) -> None:
        super().__init__()
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(L, L, L, L)
        column.setSpacing(XS)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(2)
        self._icon = IconLabel(icon, "faint", 24) if icon else None
        if self._icon is not None:
            column.addWidget(self._icon, 0, centre)
            column.addSpacing(S)
        self._title = PlainLabel(size="large", bold=True, wrap=True)
        self._sentence = PlainLabel(tone="muted", wrap=True)
        for label in (self._title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addSpacing(M)
        self._button = Button("")
        self._button.clicked.connect(self.action_requested)
        column.addWidget(self._button, 0, centre)
        column.addStretch(3)
        self.set_texts(title, sentence, action)

    def set_texts(self, title: str, sentence: str = "", action: str = "") -> None:
        """Empty texts hide their line; an empty action hides the button."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self._button.set_text(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(f"{title} {sentence}".strip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where there is little room the words have it.
        is_low = event.size().height() < _LOW
        self._column.setContentsMargins(L, S if is_low else L, L, S if is_low else L)
        if self._icon is not None:
            self._icon.setHidden(is_low)


class SkeletonRows(QWidget):
    """Where rows will be: quiet bars of differing length that do not move."""

    _LENGTHS = (0.62, 0.44, 0.71, 0.53, 0.36, 0.58)

    def __init__(self, row_height: int = ROW) -> None:
        super().__init__()
        self._row_height = row_height
        self.setAccessibleName("Loading")
        self.setMinimumHeight(row_height * 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("line"))
        side = self._row_height - 2 * S
        room = self.width() - 2 * M - side - S
        for row in range(self.height() // self._row_height):
            top = row * self._row_height + S
            painter.drawRoundedRect(QRectF(M, top, side, side), XS, XS)
            bar = QRectF(M + side + S, top + side / 2 - XS, room * self._LENGTHS[row % 6], S)
            painter.drawRoundedRect(bar, XS, XS)
        painter.end()


class ThinProgress(QProgressBar):
    """Progress as a thin line that keeps its room while there is none to show."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setTextVisible(False)
        self.setFixedHeight(2)
        self.setRange(0, 1)
        self.reset()

    def set_progress(self, done: int, total: int) -> None:
        """Show ``done`` of ``total``; a total of 0 or all of it done shows nothing."""
        if total <= 0 or done >= total:
            self.setRange(0, 1)
            self.reset()
        else:
            self.setRange(0, total)
            self.setValue(done)

"""ColourChoice: a row of colours to pick from, and a line for one that is not among them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QLineEdit, QWidget

from zapdesk.domain.profile_editing import COLOURS
from zapdesk.ui.look.metrics import XS, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts.buttons import presses
from zapdesk.ui.parts.labels import plain_tool_tip

WORDS = (
    *("Green", "Orange", "Indigo", "Violet", "Raspberry"),
    *("Teal", "Ochre", "Slate", "Red", "Blue"),
)
_SIZE, _DOT = 28, 18
_LINE_WIDTH = 92


class Swatch(QAbstractButton):
    """One colour; a ring around it says that it is picked."""

    def __init__(self, word: str, colour: str) -> None:
        super().__init__()
        self.colour = colour
        self.setCheckable(True)
        self.setFixedSize(_SIZE, _SIZE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(word)
        self.setToolTip(plain_tool_tip(word))

    def sizeHint(self) -> QSize:
        return QSize(_SIZE, _SIZE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not presses(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = (_SIZE - _DOT) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colour))
        painter.drawEllipse(QRectF(edge, edge, _DOT, _DOT))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.hasFocus() or self.isChecked():
            token = "accent" if self.hasFocus() else "text"
            painter.setPen(QPen(theme().color(token), 2))
            painter.drawEllipse(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()


class ColourChoice(QWidget):
    """``changed`` comes when a person picks another colour or types one."""

    changed = Signal()

    def __init__(self, colour: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(XS)
        self._group = QButtonGroup(self)
        for word, each in zip(WORDS, COLOURS, strict=True):
            swatch = Swatch(word, each)
            self._group.addButton(swatch)
            row.addWidget(swatch)
        self.line = QLineEdit()
        self.line.setAccessibleName("Colour")
        self.line.setFixedWidth(_LINE_WIDTH)
        self.line.setProperty("mono", True)
        self.line.setMaxLength(16)
        row.addSpacing(S)
        row.addWidget(self.line)
        row.addStretch(1)
        self.set_colour(colour)
        self._group.buttonClicked.connect(self._on_picked)
        self.line.textEdited.connect(self._on_typed)

    @property
    def colour(self) -> str:
        """What is picked, as it was typed where it was typed."""
        return self.line.text().strip()

    def set_colour(self, colour: str) -> None:
        self.line.setText(colour)
        self._mark()

    def _on_picked(self, swatch: QAbstractButton) -> None:
        if isinstance(swatch, Swatch):
            self.line.setText(swatch.colour)
            self.changed.emit()

    def _on_typed(self) -> None:
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        # None is picked where the colour is not among them: an exclusive group allows that once.
        self._group.setExclusive(False)
        for swatch in self._group.buttons():
            is_this = isinstance(swatch, Swatch) and swatch.colour == self.colour.upper()
            swatch.setChecked(is_this)
        self._group.setExclusive(True)

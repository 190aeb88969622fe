"""The brushes of the first frame: colours, boxes and texts on a widget.

Speed decides what may be used here. Neither ``Qt`` nor a call that takes one of its enums or a
QColor as one of several kinds of argument: the first of them makes all of Qt's enums, which takes
a sixth of the start. Colours go through palettes instead, and flags are numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from zapdesk.ui.look.fonts import system_font
from zapdesk.ui.look.tokens import Scheme, load_tokens

if TYPE_CHECKING:
    from PySide6.QtCore import QSize

# Qt.AlignmentFlag by number.
LEFT, RIGHT, CENTRE = 0x81, 0x82, 0x84
_SINGLE_LINE = 0x100  # Qt.TextFlag.TextSingleLine


class PaintedByHand(QWidget):
    """A widget that paints with ``painter``; ``metrics`` are those of ``body``."""

    def __init__(self, theme: str) -> None:
        super().__init__()
        self.tokens = load_tokens(_scheme(theme))
        self.body = system_font()
        self.small = system_font("small")
        self.metrics = QFontMetrics(self.body)
        self.painter: QPainter
        self._palettes: dict[str, QPalette] = {}

    def palette_of(self, color: str) -> QPalette:
        """A palette whose text is of a colour: a token, or what QColor knows."""
        palette = self._palettes.get(color)
        if palette is None:
            palette = self._palettes[color] = QPalette()
            value = QColor(self.tokens.get(color, color))
            palette.setColor(QPalette.ColorRole.WindowText, value)
        return palette

    def brush(self, color: str) -> QBrush:
        return self.palette_of(color).windowText()

    def fill(self, rect: QRect, color: str) -> None:
        self.painter.setBackground(self.brush(color))
        self.painter.eraseRect(rect)

    def round(self, rect: QRectF, radius: float, color: str) -> None:
        path = QPainterPath()
        path.addRoundedRect(rect, radius, radius)
        self.painter.fillPath(path, self.brush(color))

    def framed(self, rect: QRect, line: int, radius: float, color: str, inner: str) -> None:
        self.round(QRectF(rect), radius, color)
        inside = QRectF(rect).adjusted(line, line, -line, -line)
        self.round(inside, max(radius - line, 0), inner)

    def text(self, rect: QRect, flags: int, text: str, color: str) -> None:
        # The style sets the pen by itself; QPainter.setPen would make all of Qt's enums.
        style, role = self.style(), QPalette.ColorRole.WindowText
        style.drawItemText(self.painter, rect, flags, self.palette_of(color), True, text, role)

    def use(self, font: QFont) -> QFontMetrics:
        self.painter.setFont(font)
        return QFontMetrics(font)

    def shortened(self, text: str, width: int) -> str:
        """As Qt shortens it, which takes one of its enums to ask for."""
        advance = self.metrics.horizontalAdvance
        if advance(text) <= width:
            return text
        least, most = 0, len(text)
        while least < most:
            middle = (least + most + 1) // 2
            if advance(f"{text[:middle]}…") <= width:
                least = middle
            else:
                most = middle - 1
        return f"{text[:least]}…"


def size_of(metrics: QFontMetrics, text: str) -> QSize:
    """As buttons and labels measure their text."""
    return metrics.size(_SINGLE_LINE, text)


def _scheme(choice: str) -> Scheme:
    if choice in ("light", "dark"):
        return "light" if choice == "light" else "dark"
    # What the style hints say is an enum; a dark desktop gives a palette with light text.
    palette = QApplication.palette()
    is_dark = palette.windowText().color().lightness() > palette.window().color().lightness()
    return "dark" if is_dark else "light"

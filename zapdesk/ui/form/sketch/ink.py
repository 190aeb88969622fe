"""What sketches are drawn with: frames, texts and icons in the present theme, and their sizes."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from zapdesk.ui.look.fonts import FontSize
from zapdesk.ui.look.metrics import ICON, RADIUS
from zapdesk.ui.look.theme import theme

_FAR = 16_777_215
_BROKEN = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
_MIDDLE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

_Face = tuple[FontSize, bool, bool]


def line_height(size: FontSize = "body", *, mono: bool = False, count: int = 1) -> int:
    """The height of so many lines of a label or an editor."""
    return ceil(count * QFontMetricsF(theme().font(size, mono=mono)).lineSpacing())


def text_width(text: str, size: FontSize = "body", *, bold: bool = False) -> int:
    """How wide ``text`` is in one line."""
    return theme().metrics(size, bold=bold).horizontalAdvance(text)


def text_height(text: str, width: int, size: FontSize = "body", *, bold: bool = False) -> int:
    """How high ``text`` is when it is broken into lines of ``width``."""
    room = QRect(0, 0, max(width, 1), _FAR)
    return theme().metrics(size, bold=bold).boundingRect(room, _BROKEN, text).height()


class Ink:
    """A painter that knows the theme. Places are in the coordinates of what is painted on."""

    def __init__(self, painter: QPainter) -> None:
        self._painter = painter
        self._look = theme()
        device = painter.device()
        self._ratio = device.devicePixelRatioF() if device is not None else 1.0
        self._fonts: dict[_Face, QFont] = {}
        self._colors: dict[str, QColor] = {}
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def words(
        self,
        place: QRect,
        text: str,
        *,
        tone: str = "text",
        size: FontSize = "body",
        bold: bool = False,
        mono: bool = False,
        wrap: bool = False,
    ) -> None:
        """Text that begins at the left: broken from the top on, or one line in the middle."""
        face = (size, bold, mono)
        font = self._fonts.get(face)
        if font is None:
            font = self._fonts[face] = self._look.font(size, bold=bold, mono=mono)
        self._painter.setFont(font)
        self._painter.setPen(self._color(tone))
        if wrap:
            self._painter.drawText(place, _BROKEN, text)
        else:
            metrics = self._look.metrics(size, bold=bold, mono=mono)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
            self._painter.drawText(place, _MIDDLE, shown)

    def frame(
        self,
        place: QRect,
        *,
        fill: str = "surface",
        line: str = "control_line",
        radius: float = RADIUS,
    ) -> None:
        """The frame of an editor, one pixel wide, inside ``place``."""
        self._painter.setBrush(self._color(fill))
        self._painter.setPen(self._color(line))
        inside = QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5)
        self._painter.drawRoundedRect(inside, radius, radius)

    def segment(self, place: QRect, round_at: str, *, fill: str, line: str) -> None:
        """One of several buttons side by side; the ``first`` and the ``last`` have round ends."""
        self._painter.save()
        self._painter.setClipRect(place)
        far = 2 * RADIUS
        left = 0 if round_at == "first" else -far
        right = 0 if round_at == "last" else far
        self.frame(place.adjusted(left, 0, right, 0), fill=fill, line=line)
        self._painter.restore()
        for x, is_square in ((place.left(), left), (place.right(), right)):
            if is_square:
                self.line(QRect(x, place.top(), 1, place.height()), line)

    def line(self, place: QRect, token: str) -> None:
        """A thin filled rectangle."""
        self._painter.fillRect(place, self._color(token))

    def _color(self, token: str) -> QColor:
        color = self._colors.get(token)
        if color is None:
            color = self._colors[token] = self._look.color(token)
        return color

    def icon(self, left: int, top: int, name: str, tone: str = "muted", size: int = ICON) -> None:
        """An icon at a place."""
        pixmap = self._look.pixmap(name, tone, size, self._ratio)
        self._painter.drawPixmap(left, top, pixmap)

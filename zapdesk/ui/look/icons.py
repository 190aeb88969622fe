"""Icons: zapdesk's own SVG drawings, tinted with a token's colour when they are painted.

An icon knows a name and a token, never a colour, so it follows a change of theme by being
repainted. Drawings say ``currentColor`` and are 16 units wide with a stroke of 1.5; the stroke
stays 1.5 pixels at every size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap

from zapdesk.paths import resource

_UNITS = 16
_CACHED_PIXMAPS = 512

ColorOf = Callable[[str], str]
"""The present colour of a token, as ``#RRGGBB``."""


class IconSet:
    """Draws icons in the present theme's colours; remembers what it has drawn."""

    def __init__(self, color_of: ColorOf) -> None:
        self._color_of = color_of
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, token: str, size: int, ratio: float = 1.0) -> QPixmap:
        """The icon ``size`` logical pixels square, for a device pixel ratio of ``ratio``.

        Raises ``FileNotFoundError`` for a name that was never drawn.
        """
        return self.tinted(name, self._color_of(token), size, ratio)

    def tinted(self, name: str, color: str, size: int, ratio: float) -> QPixmap:
        """As ``pixmap``, in a colour that is no token's: text on an app's own colour."""
        key = (name, color, size, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            if len(self._pixmaps) >= _CACHED_PIXMAPS:
                self._pixmaps.clear()
            found = self._pixmaps[key] = _draw(name, color, size, ratio)
        return found

    def icon(self, name: str, token: str, active_token: str) -> QIcon:
        """An icon that is ``token`` at rest, ``active_token`` when on or hovered."""
        return QIcon(_TintedEngine(self, name, token, active_token))


class _TintedEngine(QIconEngine):
    """Lets Qt ask for an icon at paint time, when the theme's colours are known."""

    def __init__(self, icons: IconSet, name: str, token: str, active_token: str) -> None:
        super().__init__()
        self._icons, self._name, self._token, self._active = icons, name, token, active_token

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._icons, self._name, self._token, self._active)

    def iconName(self) -> str:
        return self._name

    def isNull(self) -> bool:
        return False

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        return size

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        drawing = self._icons.pixmap(self._name, self._token_for(mode, state), size.height(), scale)
        if size.width() <= size.height():
            return drawing
        # A wider size is asked for to keep a distance between an icon and what follows it.
        roomy = _blank(size, scale)
        painter = QPainter(roomy)
        painter.drawPixmap(0, 0, drawing)
        painter.end()
        return roomy

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        ratio = painter.device().devicePixelRatioF()
        pixmap = self._icons.pixmap(self._name, self._token_for(mode, state), side, ratio)
        corner = QPoint(
            rect.x() + (rect.width() - side) // 2, rect.y() + (rect.height() - side) // 2
        )
        painter.drawPixmap(corner, pixmap)

    def _token_for(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        if mode is QIcon.Mode.Disabled:
            return "faint"
        is_active = state is QIcon.State.On or mode is QIcon.Mode.Active
        return self._active if is_active else self._token


@cache
def _drawing(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text("utf-8")


def _draw(name: str, color: str, size: int, ratio: float) -> QPixmap:
    # Loaded with the first icon that is drawn.
    from PySide6.QtSvg import QSvgRenderer

    stroke = f'stroke-width="{1.5 * _UNITS / size:.3g}"'
    source = _drawing(name).replace("currentColor", color).replace('stroke-width="1.5"', stroke)
    pixmap = _blank(QSize(size, size), ratio)
    painter = QPainter(pixmap)
    QSvgRenderer(source.encode()).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def _blank(size: QSize, ratio: float) -> QPixmap:
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap

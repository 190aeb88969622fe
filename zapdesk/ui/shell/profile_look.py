"""How a profile stays in view outside the window: its title, and its icon in the task bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter

from zapdesk.ui.look.theme import Theme

_SIZES = (16, 24, 32, 48, 64, 128, 256)
_SHARE, _RIM = 0.46, 0.07


def profile_icon(theme: Theme, colour: str) -> QIcon:
    """The icon, drawn for each size that desktops ask for."""
    icon = QIcon()
    for size in _SIZES:
        pixmap = theme.pixmap("zapdesk", "accent", size, 1.0).copy()
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dot = size * _SHARE
        place = QRectF(size - dot, size - dot, dot, dot)
        rim = max(1.0, size * _RIM)
        painter.setPen(Qt.PenStyle.NoPen)
        # A gap around it keeps the colour apart from that of the icon, whatever it is.
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.drawEllipse(place.adjusted(-rim, -rim, rim, rim))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(place)
        painter.end()
        icon.addPixmap(pixmap)
    return icon

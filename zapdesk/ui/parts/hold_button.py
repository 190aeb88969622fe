"""HoldButton: does its deed after it was held for a second, with a bar that fills meanwhile.

By the mouse, or by Space or Enter. One press alone is ``clicked``, as on any button; a screen
reader presses that way.
"""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
)

from zapdesk.ui.look.metrics import RADIUS
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts.buttons import Button, Look

HOLD_MS = 1_000
_FRAME_MS = 16
_BAR = 4
_PRESSING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class HoldButton(Button):
    """``held`` comes when it was held long enough; ``clicked`` where it was let go before, and
    at once where it ``needs_hold`` no more."""

    held = Signal()

    def __init__(self, text: str, *, look: Look = "primary", icon: str = "", tip: str = "") -> None:
        super().__init__(text, look=look, icon=icon, tip=tip)
        self.needs_hold = True
        self._since: float | None = None
        self._frames = QTimer(self)
        self._frames.setInterval(_FRAME_MS)
        self._frames.timeout.connect(self._on_frame)

    @property
    def share(self) -> float:
        """How much of the second is over, from 0 to 1."""
        if self._since is None:
            return 0.0
        return min(1.0, (monotonic() - self._since) * 1_000 / HOLD_MS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self._begin()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not self.rect().contains(event.position().toPoint()):
            self._stop()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._stop()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        is_bare = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() not in _PRESSING or not is_bare:
            super().keyPressEvent(event)
        elif self.needs_hold:
            self.setDown(True)
            self._begin()
        else:
            self.click()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat() or event.key() not in _PRESSING or self._since is None:
            super().keyReleaseEvent(event)
            return
        self._stop()
        self.setDown(False)
        self.click()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._stop()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        share = self.share
        if not share:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.setClipPath(outline)
        is_primary = self.property("look") == "primary"
        bar = QColor(theme().color("accent_text" if is_primary else "accent"))
        width = self.width() * share
        veil = QColor(bar)
        veil.setAlphaF(0.18)
        painter.fillRect(QRectF(0, 0, width, self.height()), veil)
        painter.fillRect(QRectF(0, self.height() - _BAR, width, _BAR), bar)
        painter.end()

    def _begin(self) -> None:
        if self.needs_hold and self.isEnabled():
            self._since = monotonic()
            self._frames.start()
            self._announce("Keep holding")

    def _stop(self) -> None:
        self._frames.stop()
        if self._since is not None:
            self._since = None
            self.update()

    def _on_frame(self) -> None:
        self.update()
        if self.share >= 1.0:
            self._stop()
            self.setDown(False)
            self.held.emit()

    def _announce(self, text: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

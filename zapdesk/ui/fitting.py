"""Windows that fit on their screen: what is too high scrolls, what reaches beyond comes in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget

from zapdesk.ui.look.metrics import TITLE_BAR, XXL

_ANY = 1 << 20
_LEAST = 96


class FittingScroller(QScrollArea):
    """As high as ``content``, but not above ``most`` and not above what the screen leaves to the
    window around it; then it scrolls.

    ``name`` makes it a stop of Tab, for what can only be read; what has controls scrolls with them.
    A ``steady`` one is ``most`` high whatever is in it.
    """

    def __init__(
        self,
        content: QWidget,
        width: int,
        *,
        most: int = _ANY,
        name: str = "",
        steady: bool = False,
    ) -> None:
        super().__init__()
        self._content = content
        self._width, self._most, self._is_steady = width, most, steady
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.setProperty("reads", bool(name))
        if not name:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        for part in (self.viewport(), content):  # what is behind shows through
            part.setAutoFillBackground(False)
        self.setFixedHeight(min(most, max(_LEAST, self._wanted())))

    def fit(self) -> None:
        """Take the height that is right now."""
        window = self.window()
        outer = window.layout()
        if outer is None:
            return
        around = height_of(outer, window.width()) - self.minimumHeight()
        room = room_of(window).height() - XXL - around
        self.setFixedHeight(max(_LEAST, min(self._wanted(), self._most, room)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        ends = {Qt.Key.Key_Home.value: bar.minimum(), Qt.Key.Key_End.value: bar.maximum()}
        if (place := ends.get(event.key())) is not None:
            bar.setValue(place)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_done = super().eventFilter(watched, event)
        if watched is self._content and event.type() is QEvent.Type.LayoutRequest:
            self.fit()
        return is_done

    def _wanted(self) -> int:
        if self._is_steady:
            return self._most
        layout = self._content.layout()
        width = max(self._width, self.viewport().width()) if self.isVisible() else self._width
        return self._content.sizeHint().height() if layout is None else height_of(layout, width)


def room_of(window: QWidget) -> QRect:
    """What of its screen a window may take."""
    return window.screen().availableGeometry()


def height_of(layout: QLayout, width: int) -> int:
    """How high a layout is at a width."""
    if layout.hasHeightForWidth():
        return layout.totalHeightForWidth(width)
    return layout.totalSizeHint().height()


def keep_on_screen(window: QWidget) -> None:
    """Make a window no larger than its screen, and move it there where it reaches beyond."""
    layout = window.layout()
    if layout is not None:
        layout.activate()  # its smallest size is known then
    screen = room_of(window)
    frame, inner = window.frameGeometry(), window.geometry()
    edges = frame.size() - inner.size()
    if not edges.height():  # its frame comes only after it is shown
        screen = screen.adjusted(0, TITLE_BAR, 0, 0)
    most = screen.size() - edges
    if inner.width() > most.width() or inner.height() > most.height():
        window.resize(window.size().boundedTo(most))
        frame = window.frameGeometry()
    if not window.isVisible():
        return  # it is centred when it is shown, unless it was moved
    left = max(screen.left(), min(frame.left(), screen.right() - frame.width() + 1))
    top = max(screen.top(), min(frame.top(), screen.bottom() - frame.height() + 1))
    if (left, top) != (frame.left(), frame.top()):
        window.move(left, top)

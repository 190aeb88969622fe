"""The bar over the forms: one tab for each that is open, a button for another one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTabBar, QWidget

from zapdesk.ui.bound_keys import BOUND
from zapdesk.ui.look.metrics import ICON, XS
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import IconButton, paint_monogram
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line

_LONGEST_TITLE = 60
_WIDEST = 200
_LEAST = 96
_CLOSE = 20
_LOWER = 2
_PICTURE = QSize(ICON, ICON + _LOWER)
"""Qt sets an icon a pixel above the middle of a tab: it has empty room at its top."""
_MANY = 3
"""With more tabs than these some may be out of sight: then there is a list of all."""


class _Tabs(QTabBar):
    close_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Open actions")
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setMovable(True)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setIconSize(_PICTURE)

    def tabSizeHint(self, place: int) -> QSize:
        hint = super().tabSizeHint(place)
        return QSize(max(_LEAST, min(_WIDEST, hint.width())), hint.height())

    def minimumTabSizeHint(self, place: int) -> QSize:
        return self.tabSizeHint(place)  # rather scrolled than cut down to nothing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.MiddleButton:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.MiddleButton:
            place = self.tabAt(event.position().toPoint())
            if place >= 0:
                self.close_wanted.emit(place)
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.close_wanted.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class TabStrip(QWidget):
    """Shows what tabs there are; holds none of what is in them.

    ``chosen`` and ``close_wanted`` give a place, ``moved`` the old and the new one.
    """

    chosen = Signal(int)
    close_wanted = Signal(int)
    moved = Signal(int, int)
    new_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("tab_strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = _Tabs()
        self.new_button = IconButton("plus", "New tab")
        BOUND.tip(self.new_button, "New tab", "new_tab")
        self.list_button = IconButton("chevron-down", "All tabs")
        row = QHBoxLayout(self)
        row.setContentsMargins(XS, 0, XS, 0)
        row.setSpacing(XS)
        row.addWidget(self.bar, 1)
        row.addWidget(self.new_button)
        row.addWidget(self.list_button)
        self.bar.currentChanged.connect(self.chosen)
        self.bar.close_wanted.connect(self.close_wanted)
        self.bar.tabMoved.connect(self.moved)
        self.new_button.clicked.connect(self.new_wanted)
        self.list_button.clicked.connect(self._open_list)
        self._fit()

    def insert(self, place: int) -> None:
        """A tab without a title yet."""
        self.bar.blockSignals(True)  # which tab is shown is decided by ``go_to`` alone
        self.bar.insertTab(place, "")
        close = IconButton("close", "Close this tab")
        close.setObjectName("close_tab")
        BOUND.tip(close, "Close this tab", "close_tab")
        close.setFixedSize(_CLOSE, _CLOSE)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(partial(self._on_close, close))
        self.bar.setTabButton(place, QTabBar.ButtonPosition.RightSide, close)
        self.bar.blockSignals(False)
        self._fit()

    def remove(self, place: int) -> None:
        self.bar.blockSignals(True)
        self.bar.removeTab(place)
        self.bar.blockSignals(False)
        self._fit()

    def describe(self, place: int, title: str, app_title: str, hex_color: str) -> None:
        """Say what is in a tab; without an app it is a new one."""
        shown = one_line(title, _LONGEST_TITLE)
        self.bar.setTabText(place, shown.replace("&", "&&"))
        whole = f"{app_title} › {title}" if app_title else title
        self.bar.setTabToolTip(place, plain_tool_tip(whole))
        self.bar.setAccessibleTabName(place, one_line(whole, 200))
        self.bar.setTabIcon(place, self._monogram(app_title, hex_color) if app_title else QIcon())

    def go_to(self, place: int) -> None:
        """Show which tab is in front; announces nothing."""
        self.bar.blockSignals(True)
        self.bar.setCurrentIndex(place)
        self.bar.blockSignals(False)

    def _monogram(self, app_title: str, hex_color: str) -> QIcon:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(_PICTURE * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_monogram(painter, QRect(0, _LOWER, ICON, ICON), app_title, hex_color)
        painter.end()
        return QIcon(picture)

    def _on_close(self, button: QWidget) -> None:
        side = QTabBar.ButtonPosition.RightSide
        for place in range(self.bar.count()):
            if self.bar.tabButton(place, side) is button:
                self.close_wanted.emit(place)
                return

    def _open_list(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("tab_list")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place in range(self.bar.count()):
            action = menu.addAction(self.bar.tabText(place))
            if place == self.bar.currentIndex():
                action.setIcon(theme().icon("check", "accent"))
            action.triggered.connect(partial(self.chosen.emit, place))
        menu.popup(self.list_button.mapToGlobal(QPoint(0, self.list_button.height())))

    def _fit(self) -> None:
        self.list_button.setHidden(self.bar.count() <= _MANY)
        self.setHidden(self.bar.count() < 2)

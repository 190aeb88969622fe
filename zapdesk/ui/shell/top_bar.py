"""The bar at the top: whose account this is, whether we are online, how many calls are left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from zapdesk.ui.look.metrics import ICON, TOP_BAR, XS, L, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import IconButton, IconLabel, PlainLabel
from zapdesk.ui.parts.buttons import presses
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line

_EDGE = 3
_DOT = 10


class ProfileChip(QToolButton):
    """The profile in use: a dot in its colour and its name; a click shows the others."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = QColor()
        self._name = ""
        self.setObjectName("profile_chip")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def set_profile(self, name: str, colour: str, *, is_live: bool) -> None:
        self._name = one_line(name, 40)
        self._colour = QColor(colour)
        where = "a real server: runs have real effects" if is_live else "the sandbox"
        self.setAccessibleName(f"Profile: {self._name}, {where}")
        self.setToolTip(plain_tool_tip(f"{self._name}: {where}"))
        self.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not presses(self, event):
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().horizontalAdvance(self._name)
        arrow = ICON if self.menu() is not None else 0
        return QSize(S + _DOT + S + text + arrow + S + XS, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        middle = self.height() / 2
        painter.drawEllipse(QRectF(S, middle - _DOT / 2, _DOT, _DOT))
        painter.setPen(theme().color("text"))
        left = S + _DOT + S
        painter.drawText(
            left, 0, self.width() - left, self.height(), Qt.AlignmentFlag.AlignVCenter, self._name
        )
        if self.menu() is not None:
            arrow = theme().pixmap("chevron-down", "muted", 12, self.devicePixelRatioF())
            painter.drawPixmap(QPoint(self.width() - 12 - S, round(middle) - 5), arrow)
        painter.end()


class TopBar(QWidget):
    """44 pixels under an edge in the profile's colour."""

    profile_chosen = Signal(str)
    sign_in_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("top_bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(TOP_BAR)
        self._colour = QColor()
        self._search: QWidget | None = None
        self.chip = ProfileChip()
        self._online_icon = IconLabel("connection", "muted")
        self._online = PlainLabel("", tone="muted")
        self._calls = PlainLabel("", tone="muted")
        self.more = IconButton("more", "More commands")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(S, _EDGE, S, 0)
        self._row.setSpacing(S)
        self._row.addWidget(self.chip)
        self._row.addStretch(1)
        self._row.addStretch(1)
        for widget in (self._online_icon, self._online):
            self._row.addWidget(widget)
        self._row.addSpacing(S)
        self._row.addWidget(self._calls)
        self._row.addSpacing(XS)
        self._row.addWidget(self.more)
        self._online_icon.hide()

    def set_search(self, box: QWidget) -> None:
        """Put the browser's search box into the bar."""
        box.setMaximumWidth(520)
        self._row.insertSpacing(1, L)
        self._row.insertWidget(2, box, 3)
        self._search = box

    def set_working(self, is_working: bool) -> None:
        """On the first page there is nothing to search and no profile yet."""
        self.chip.setVisible(is_working)
        if self._search is not None:
            self._search.setVisible(is_working)

    def set_profile(self, name: str, colour: str, *, is_live: bool) -> None:
        self._colour = QColor(colour)
        self.chip.set_profile(name, colour, is_live=is_live)
        self.update()

    def set_profiles(self, profiles: Sequence[tuple[str, str]], current: str) -> None:
        """The profiles one can change to, each as (id, name), and the id of the one in use."""
        menu = QMenu(self)
        for profile_id, name in profiles:
            chosen = menu.addAction(one_line(name, 60).replace("&", "&&"))
            chosen.setCheckable(True)
            chosen.setChecked(profile_id == current)
            chosen.triggered.connect(partial(self.profile_chosen.emit, profile_id))
        menu.addSeparator()
        menu.addAction("Sign in…").triggered.connect(lambda: self.sign_in_requested.emit())
        old = self.chip.menu()
        self.chip.setMenu(menu)
        if old is not None:
            old.deleteLater()
        self.chip.updateGeometry()

    def set_online(self, is_online: bool | None, text: str = "") -> None:
        """Say whether the server answers; ``None`` while nobody has asked it."""
        if is_online is None:
            self._online.setText(text)
            self._online.set_tone("muted")
        else:
            self._online.setText(text or ("online" if is_online else "offline"))
            self._online.set_tone("muted" if is_online else "waiting")
        self._online_icon.set_icon("offline", "waiting")
        self._online_icon.setVisible(is_online is False)

    def set_calls_left(self, left: int | None, of: int = 0) -> None:
        """How many calls of this minute are left; ``None`` where there is no such limit."""
        self._calls.setText("" if left is None else f"{left} of {of} calls left")
        self._calls.set_tone("waiting" if left == 0 else "muted")
        self._calls.setVisible(left is not None)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), _EDGE, self._colour)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("line"))
        painter.end()

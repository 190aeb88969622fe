"""The bar at the top: whose account this is, whether we are online, how many calls are left."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from zapdesk.ui.accounts.guard_countdown import GuardCountdown
from zapdesk.ui.bound_keys import BOUND
from zapdesk.ui.look.metrics import ICON, TOP_BAR, XS, L, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import IconButton, IconLabel, PlainLabel
from zapdesk.ui.parts.buttons import presses
from zapdesk.ui.parts.marks import live_mark_width, paint_live_mark
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.shell.calls_left import CallsLeft
from zapdesk.ui.shell.first_frame import whom

_EDGE = 3
_DOT = 10


class ProfileChip(QToolButton):
    """The profile in use: a dot in its colour, its name, for whom one acts in it, and whether it is
    live; a click shows the others, once there is somebody to ask for them."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = QColor()
        self._name = self._whom = ""
        self._is_live = self._opens = False
        self.setObjectName("profile_chip")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_profile(self, name: str, colour: str, *, is_live: bool, acts_for: str = "") -> None:
        self._name = one_line(name, 40)
        self._whom = whom(acts_for)
        self._colour = QColor(colour)
        self._is_live = is_live
        told = f"{self._name}, acting {self._whom}" if self._whom else self._name
        told = f"{told}, live: what is written is real" if is_live else told
        self.setAccessibleName(f"Profile: {told}")
        BOUND.tip(self, told, "profiles", "\nAnother profile: {}")
        self.updateGeometry()
        self.update()

    def set_opens(self, opens: bool) -> None:
        """Say by an arrow that there is a list under it."""
        self._opens = opens
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not presses(self, event):
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        text = self._text_width()
        live = S + live_mark_width() if self._is_live else 0
        return QSize(S + _DOT + S + text + live + ICON + S + XS, 28)

    def _text_width(self) -> int:
        metrics = self.fontMetrics()
        more = S + metrics.horizontalAdvance(self._whom) if self._whom else 0
        return metrics.horizontalAdvance(self._name) + more

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
        name = self.fontMetrics().horizontalAdvance(self._name)
        if self._whom:
            painter.setPen(theme().color("muted"))
            rect = QRect(left + name + S, 0, self.width() - left, self.height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, self._whom)
        if self._is_live:
            right = left + self._text_width() + S + live_mark_width()
            paint_live_mark(painter, right, round(middle))
        if self._opens:
            arrow = theme().pixmap("chevron-down", "muted", 12, self.devicePixelRatioF())
            painter.drawPixmap(QPoint(self.width() - 12 - S, round(middle) - 5), arrow)
        painter.end()


class TopBar(QWidget):
    """44 pixels under an edge in the profile's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("top_bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(TOP_BAR)
        self._colour = QColor()
        self._is_switched_off = False
        self._search: QWidget | None = None
        self.chip = ProfileChip()
        self.guard = GuardCountdown()
        self._online_icon = IconLabel("connection", "muted")
        self._online = PlainLabel("", tone="muted")
        self.calls = CallsLeft()
        self.more = IconButton("more", "More commands")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(S, _EDGE, S, 0)
        self._row.setSpacing(S)
        self._row.addWidget(self.chip)
        self._row.addStretch(1)
        self._row.addStretch(1)
        for widget in (self.guard, self._online_icon, self._online):
            self._row.addWidget(widget)
        self._row.addSpacing(S)
        self._row.addWidget(self.calls)
        self._row.addSpacing(XS)
        self._row.addWidget(self.more)
        self._online_icon.hide()

    def set_search(self, box: QWidget) -> None:
        """Put the browser's search box into the bar."""
        box.setMaximumWidth(520)
        self._row.insertSpacing(1, L)
        self._row.insertWidget(2, box, 3)
        self._search = box
        QWidget.setTabOrder(self.chip, box)

    def set_working(self, is_working: bool) -> None:
        """On the first page there is nothing to search and no profile yet."""
        self.chip.setVisible(is_working)
        if self._search is not None:
            self._search.setVisible(is_working)

    def set_profile(self, name: str, colour: str, *, is_live: bool, acts_for: str = "") -> None:
        self._colour = QColor(colour)
        self.chip.set_profile(name, colour, is_live=is_live, acts_for=acts_for)
        self.update()

    def set_switched_off(self, is_switched_off: bool) -> None:
        """Say that a person works offline, whatever a server does."""
        if is_switched_off != self._is_switched_off:
            self._is_switched_off = False
            if is_switched_off:
                self.set_online(False, "working offline")
            else:
                self.set_online(None)
            self._is_switched_off = is_switched_off

    def set_online(self, is_online: bool | None, text: str = "") -> None:
        """Say whether the server answers; ``None`` while nobody has asked it."""
        if self._is_switched_off:
            return
        if is_online is None:
            self._online.setText(text)
            self._online.set_tone("muted")
        else:
            self._online.setText(text or ("online" if is_online else "offline"))
            self._online.set_tone("muted" if is_online else "waiting")
        self._online_icon.set_icon("offline", "waiting")
        self._online_icon.setVisible(is_online is False)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), _EDGE, self._colour)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("line"))
        painter.end()

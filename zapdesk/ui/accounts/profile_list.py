"""ProfileList: the profiles as rows, each with its colour, name, server and live mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from zapdesk.domain.profiles import Profile
from zapdesk.ui.accounts.profile_words import server_words, spoken
from zapdesk.ui.look.metrics import ICON, ROW, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts.marks import paint_live_mark
from zapdesk.ui.plain_text import one_line

Index = QModelIndex | QPersistentModelIndex

_DOT = 10
_ENTERS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class ProfileModel(QAbstractListModel):
    """The profiles that match what is typed. UserRole gives the Profile itself."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._all: tuple[Profile, ...] = ()
        self._shown: tuple[Profile, ...] = ()
        self._text = ""
        self.current_id = ""

    def set_profiles(self, profiles: Sequence[Profile], current_id: str) -> None:
        self._all, self.current_id = tuple(profiles), current_id
        self.filter(self._text)

    def filter(self, text: str) -> None:
        """Show those whose name or server has every word of ``text``."""
        self.beginResetModel()
        self._text = text
        words = text.casefold().split()
        self._shown = tuple(
            profile
            for profile in self._all
            if all(word in f"{profile.name} {server_words(profile)}".casefold() for word in words)
        )
        self.endResetModel()

    def row_of(self, profile_id: str) -> int:
        """The row of a profile; -1 where it is not shown."""
        return next((row for row, p in enumerate(self._shown) if p.id == profile_id), -1)

    def profile(self, row: int) -> Profile | None:
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        profile = self.profile(index.row()) if index.isValid() else None
        if profile is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return one_line(profile.name, 120)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(profile, is_current=profile.id == self.current_id)
            case Qt.ItemDataRole.UserRole:
                return profile
        return None


class ProfileList(QListView):
    """``chosen`` comes with Enter or a click, ``moved`` whenever another row is marked; both give
    a profile's id."""

    chosen = Signal(str)
    moved = Signal(str)

    def __init__(self, name: str = "Profiles") -> None:
        super().__init__()
        self.setObjectName("profile_list")
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._rows = ProfileModel(self)
        self.setModel(self._rows)
        self.setItemDelegate(_RowPainter(self))
        self.clicked.connect(lambda index: self._choose(index))
        self.selectionModel().currentChanged.connect(lambda: self.moved.emit(self.marked_id))

    def set_profiles(self, profiles: Sequence[Profile], current_id: str = "") -> None:
        """Show these; ``current_id`` is the one in use. The marked row stays marked."""
        marked = self.marked_id or current_id
        self._rows.set_profiles(profiles, current_id)
        self.mark(marked)

    def filter(self, text: str) -> None:
        """Show those that match, the first of them marked."""
        marked = self.marked_id
        self._rows.filter(text)
        self.mark(marked)

    def mark(self, profile_id: str) -> None:
        """Mark the row of a profile, or the first where it is not shown."""
        row = max(0, self._rows.row_of(profile_id))
        if self._rows.rowCount():
            self.setCurrentIndex(self._rows.index(row))

    @property
    def marked(self) -> Profile | None:
        """The profile whose row is marked."""
        return self._rows.profile(self.currentIndex().row())

    @property
    def marked_id(self) -> str:
        return "" if self.marked is None else self.marked.id

    @property
    def count(self) -> int:
        """How many rows are shown."""
        return self._rows.rowCount()

    def step(self, by: int) -> None:
        """Mark another row, for a box above the list that keeps the keys."""
        row = min(max(0, self.currentIndex().row() + by), self._rows.rowCount() - 1)
        if row >= 0:
            self.setCurrentIndex(self._rows.index(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTERS and not event.isAutoRepeat():
            self._choose(self.currentIndex())
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, index: Index) -> None:
        profile = self._rows.profile(index.row())
        if profile is not None:
            self.chosen.emit(profile.id)


class _RowPainter(QStyledItemDelegate):
    """Dot, name, server; at the right the live mark and a tick where it is in use."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        profile: Profile | None = index.data(Qt.ItemDataRole.UserRole)
        if profile is None:
            return
        model = index.model()
        is_current = isinstance(model, ProfileModel) and model.current_id == profile.id
        look = theme()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.color("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.color("hover"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(profile.colour))
        middle = rect.center().y() + 1
        painter.drawEllipse(QRectF(rect.left() + M, middle - _DOT / 2, _DOT, _DOT))
        right = rect.right() - M
        if is_current:
            pixmap = look.pixmap("check", "accent", ICON, self._ratio())
            painter.drawPixmap(right - ICON, middle - ICON // 2, pixmap)
        right -= ICON + S
        if profile.is_live:
            right = paint_live_mark(painter, right, middle).left() - S
        left = rect.left() + M + _DOT + M
        self._paint_words(painter, QRect(left, rect.top(), right - left, rect.height()), profile)
        painter.restore()

    def _paint_words(self, painter: QPainter, room: QRect, profile: Profile) -> None:
        look = theme()
        elide, flags = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignVCenter
        font = look.font()
        metrics = QFontMetrics(font)
        name = metrics.elidedText(one_line(profile.name, 120), elide, room.width() * 3 // 5)
        painter.setFont(font)
        painter.setPen(look.color("text"))
        painter.drawText(room, flags, name)
        rest = room.adjusted(metrics.horizontalAdvance(name) + M, 0, 0, 0)
        if rest.width() > 0:
            painter.setPen(look.color("muted"))
            painter.drawText(
                rest, flags, metrics.elidedText(server_words(profile), elide, rest.width())
            )

    def _ratio(self) -> float:
        parent = self.parent()
        return parent.devicePixelRatioF() if isinstance(parent, QWidget) else 1.0

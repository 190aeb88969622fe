"""The list of choices that opens under a field: type-ahead over labels and ids, honest about
what is loaded. The id is what is picked; a value that is not in the list can be typed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.fields import Choice
from zapdesk.ui.fitting import height_of
from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XS, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, IconButton, PlainLabel, SearchBox
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.choices import ChoiceList

Index = QModelIndex | QPersistentModelIndex

_MOST_ROWS = 10
_BETWEEN = "\x01"
_WIDEST_TEXT = 300
_LEAST_WIDTH = 320
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
_ENTERS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


def choice_words(choice: Choice) -> tuple[str, str]:
    """The label to read and the id to tell it from others; the id is empty where both agree."""
    label = one_line(choice.text, _WIDEST_TEXT) or "(empty text)"
    id = one_line(choice.id, _WIDEST_TEXT) or "(empty text)"
    return label, "" if id == label else id


def matching_rows(hay: list[str], text: str) -> list[int]:
    """The places in ``hay`` that hold every word of ``text``; those that begin with it first."""
    needle = text.casefold()
    words = needle.split()
    if not words:
        return list(range(len(hay)))
    longest, *others = sorted(words, key=len, reverse=True)  # it leaves the fewest
    found = [row for row, straw in enumerate(hay) if longest in straw]
    for word in others:
        found = [row for row in found if word in hay[row]]
    first = [row for row in found if hay[row].startswith(needle)]
    if not first:
        return found
    taken = set(first)
    return first + [row for row in found if row not in taken]


def hay_of(choices: Sequence[Choice]) -> list[str]:
    """What is searched of each choice: its label and its id, in small letters."""
    straws = [f"{choice.label or choice.value or choice.id}\0{choice.id}" for choice in choices]
    folded = _BETWEEN.join(straws).casefold().split(_BETWEEN)  # once for all is faster by far
    if len(folded) == len(straws):
        return folded
    return [straw.casefold() for straw in straws]


class ChoiceModel(QAbstractListModel):
    """The choices that match what is typed; after them, what is typed itself."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self._hay: list[str] = []
        self._rows: Sequence[int] = ()
        self._has_typed_row = False
        self._text = ""
        self.chosen: Collection[str] = ()

    def set_choices(self, choices: tuple[Choice, ...]) -> None:
        """Another list; what is new at the end of a longer one is all that is looked at."""
        if choices[: len(self._choices)] != self._choices:
            self._hay = []
        self._choices = choices
        self.filter(self._text)

    def filter(self, text: str) -> None:
        """Show what matches ``text``."""
        self.beginResetModel()
        self._text = text
        if text:
            self._hay += hay_of(self._choices[len(self._hay) :])
            self._rows = matching_rows(self._hay, text)
        else:
            self._rows = range(len(self._choices))
        # A choice whose id is the text itself is always among those that match it.
        self._has_typed_row = bool(text) and self.row_of(text) < 0
        self.endResetModel()

    @property
    def matches(self) -> int:
        """How many choices are shown."""
        return len(self._rows)

    @property
    def has_typed_row(self) -> bool:
        """Whether the last row offers the typed text itself."""
        return self._has_typed_row

    def choice(self, row: int) -> Choice | None:
        """The choice of a row; ``None`` for the row that offers the typed text."""
        return self._choices[self._rows[row]] if row < len(self._rows) else None

    def picked_id(self, row: int) -> str:
        """What picking a row sends."""
        choice = self.choice(row)
        return self._text if choice is None else choice.id

    def row_of(self, id: str) -> int:
        """The first row with that id; -1 where there is none."""
        return next((r for r, n in enumerate(self._rows) if self._choices[n].id == id), -1)

    def words(self, row: int) -> tuple[str, str]:
        """Label and id as they are shown."""
        choice = self.choice(row)
        if choice is None:
            return f"Use “{one_line(self._text, 80)}” as typed", ""
        return choice_words(choice)

    def rowCount(self, parent: Index | None = None) -> int:
        if parent is not None and parent.isValid():
            return 0
        return len(self._rows) + self.has_typed_row

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return " ".join(filter(None, self.words(index.row())))
        return None


class _ChoiceDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, ROW_DENSE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, ChoiceModel):
            return
        look = theme()
        state, rect = option.state, QRect(option.rect)
        ratio = option.widget.devicePixelRatioF()
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.color("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.color("hover"))
        rect.adjust(S, 0, -S, 0)
        choice = model.choice(index.row())
        icon = "plus" if choice is None else "check" if choice.id in model.chosen else ""
        if icon:
            place = QPoint(rect.left(), rect.center().y() - ICON // 2 + 1)
            painter.drawPixmap(place, look.pixmap(icon, "accent", ICON, ratio))
        rect.adjust(ICON + S, 0, 0, 0)
        paint_words(painter, rect, *model.words(index.row()), is_bold=choice is not None)
        painter.restore()


def paint_words(
    painter: QPainter, rect: QRect, label: str, id: str, *, is_bold: bool, tone: str = "text"
) -> None:
    """Paint a label and, in grey at the right, the id behind it; both faint where ``tone`` is."""
    look = theme()
    left = (
        Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
    )
    room = QRect(rect)
    if id:
        painter.setFont(look.font("small", mono=True))
        metrics = painter.fontMetrics()
        width = min(metrics.horizontalAdvance(id) + 2, rect.width() * 2 // 5)
        painter.setPen(look.color("faint" if tone == "faint" else "muted"))
        place = QRect(rect.right() - width + 1, rect.top(), width, rect.height())
        painter.drawText(place, left, metrics.elidedText(id, Qt.TextElideMode.ElideMiddle, width))
        room.setRight(place.left() - S)
    painter.setFont(look.font(bold=is_bold))
    painter.setPen(look.color(tone))
    text = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, left, text)


class ChoicePopup(QFrame):
    """A text box over the list. ``picked`` gives an id; with ``is_multi`` it stays open.

    ``wanted`` asks for ``more``, ``all``, ``refresh`` or ``stop``.
    """

    picked = Signal(object)
    wanted = Signal(str)
    closed = Signal()

    def __init__(self, anchor: QWidget, name: str, *, is_multi: bool = False) -> None:
        super().__init__(anchor, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # A click on the field that closes the list must not open it again.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
        self.setAccessibleName(f"Choices for {name}")
        self._anchor, self._is_multi = anchor, is_multi
        self._known: ChoiceList | None = None
        self._is_loading = False
        self.search = SearchBox("Type to find, or type a value")
        self.model = ChoiceModel(self)
        self.list = QListView()
        self.list.setAccessibleName(f"Choices for {name}")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_ChoiceDelegate(self))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self._note = PlainLabel(size="small", tone="muted", wrap=True)
        self._more = Button("Load all", look="link")
        self._refresh = IconButton("refresh", "Load the choices again")
        footer = QHBoxLayout()
        footer.setContentsMargins(S, 0, 0, 0)
        footer.setSpacing(S)
        footer.addWidget(self._note, 1)
        footer.addWidget(self._more)
        footer.addWidget(self._refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(XS, XS, XS, XS)
        column.setSpacing(XS)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(footer)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list.clicked.connect(lambda index: self._pick(index.row()))
        self.list.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._more.clicked.connect(lambda: self.wanted.emit(self._offer[1]))
        self._refresh.clicked.connect(lambda: self.wanted.emit("refresh"))

    def open_with(self, text: str) -> None:
        """Show under the anchor, as wide as it is, with ``text`` typed already."""
        self.setFixedWidth(max(_LEAST_WIDTH, self._anchor.width()))
        self._fit()
        self.search.setText(text)
        self.show()
        self.search.setFocus()

    def set_chosen(self, chosen: Collection[str]) -> None:
        """Mark the ids that are chosen now."""
        self.model.chosen = frozenset(chosen)
        self.list.viewport().update()

    def show_list(self, known: ChoiceList | None, *, is_loading: bool) -> None:
        """Show what is known of the choices, and say what is not."""
        current = self.model.picked_id(self.list.currentIndex().row()) if self._has_current else ""
        self._is_loading = is_loading
        self._known = known
        self.model.set_choices(known.choices if known else ())
        self._say()
        row = self.model.row_of(current) if current else -1
        self._set_current(row if row >= 0 else self._first_row())
        self._fit()

    @property
    def _has_more(self) -> bool:
        return self._known is not None and self._known.has_more

    def _say(self) -> None:
        known = self._known
        count = len(known.choices) if known else 0
        if self._is_loading:
            text = f"Loading… {count:,} so far" if count else "Loading…"
        elif known is None:
            text = ""
        else:
            text = known.note
            if count and not known.trouble:
                loaded = f"{count:,} loaded" + (", more on the server" if self._has_more else "")
                if self.search.text():
                    loaded = f"{self.model.matches:,} of {loaded}"
                text = f"{loaded}. {known.note}".removesuffix(". ")
        self._note.setText(text)
        self._more.set_text(self._offer[0])
        self._more.setVisible(self._is_loading or self._has_more)

    @property
    def _offer(self) -> tuple[str, str]:
        # What the button says, and what it asks for.
        if self._is_loading:
            return "Stop", "stop"
        if self._known is not None and self._known.trouble is not None:
            return "Try again", "more" if self._known.choices else "refresh"
        return "Load all", "all"

    @property
    def _has_current(self) -> bool:
        return self.list.currentIndex().isValid()

    def _first_row(self) -> int:
        if not self.search.text() and self.model.chosen and not self._is_multi:
            row = self.model.row_of(next(iter(self.model.chosen)))
            if row >= 0:
                return row
        return 0

    def _set_current(self, row: int) -> None:
        if 0 <= row < self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(row))

    def _filter(self, text: str) -> None:
        self.model.filter(text)
        self._set_current(self._first_row())
        self._say()
        self._fit()

    def _pick(self, row: int) -> None:
        if not 0 <= row < self.model.rowCount():
            return
        id = self.model.picked_id(row)
        if not self._is_multi:
            self.close()
        self.picked.emit(id)

    def _on_scrolled(self, value: int) -> None:
        bar = self.list.verticalScrollBar()
        if value and value == bar.maximum() and self._has_more and not self._is_loading:
            self.wanted.emit("more")

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if key in _ENTERS:
                self._pick(self.list.currentIndex().row())
                return True
            if key == Qt.Key.Key_Escape:
                self.close()
                return True
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        rows = min(_MOST_ROWS, self.model.rowCount())
        self.list.setFixedHeight(rows * ROW_DENSE + 2)
        self.list.setVisible(rows > 0)
        column = self.layout()
        if column is not None:
            column.activate()  # Qt would take the height of its words at another width
            self.resize(self.width(), height_of(column, self.width()))
        below = self._anchor.mapToGlobal(QPoint(0, self._anchor.height() + XS))
        screen = self._anchor.screen().availableGeometry()
        if below.y() + self.height() > screen.bottom():
            above = self._anchor.mapToGlobal(QPoint(0, -XS)).y() - self.height()
            below.setY(max(screen.top(), above))
        below.setX(max(screen.left(), min(below.x(), screen.right() - self.width())))
        self.move(below)

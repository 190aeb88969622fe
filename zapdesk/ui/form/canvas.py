"""A long column of rows of which only those in sight are made at once, the others when idle.

Every row has its place and a guessed height from the start; rows are made around what is in sight
first, then from the top in slices of a few milliseconds. Once made, a row stays: focus, selection
and undo live in it. Row heights that turn out different never move what is being looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from zapdesk.ui.look.metrics import FIELD_MAX_WIDTH, L

_SLICE_S = 0.008
_SWEPT = 15
_AHEAD = 120
"""Pixels above and below what is in sight in which rows are made at once."""


@dataclass(slots=True)
class Slot:
    """One place in the column. ``indent`` and ``guess`` (of the height) are in pixels."""

    key: Hashable
    make: Callable[[], QWidget]
    guess: int
    indent: int = 0
    is_shown: bool = True
    widget: QWidget | None = None
    top: int = 0
    height: int = -1
    width: int = -1
    is_dirty: bool = True


class FormCanvas(QScrollArea):
    """The column. ``made`` gives each row once, when it has been made."""

    made = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._slots: list[Slot] = []
        self._by_key: dict[Hashable, Slot] = {}
        self._leaving: list[QWidget] = []
        self._paper = QWidget()
        self._paper.setObjectName("form_paper")
        self._sheet = QWidget(self._paper)
        self.setWidget(self._paper)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._make_some)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.relayout)
        self._broom = QTimer(self)
        self._broom.setSingleShot(True)
        self._broom.timeout.connect(self._sweep)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # The rows

    def set_slots(self, slots: Sequence[Slot]) -> None:
        """Another column. A slot whose key was there keeps its row, if it brings it along."""
        before, old_order = self._by_key, [slot.widget for slot in self._slots if slot.widget]
        self._slots = list(slots)
        self._by_key = {slot.key: slot for slot in slots}
        for key, old in before.items():
            new = self._by_key.get(key)
            if new is not None:
                new.top = old.top  # what is being looked at stays where it is
            if old.widget is not None and (new is None or new.widget is not old.widget):
                old.widget.hide()
                old.widget.deleteLater()
        kept = [slot.widget for slot in slots if slot.widget is not None]
        if kept != [widget for widget in old_order if widget in set(kept)]:
            self._order_everything()
        self.relayout()

    def clear(self) -> None:
        """Take everything away; the rows are deleted a few at a time."""
        rows = [slot.widget for slot in self._slots if slot.widget is not None]
        self._slots, self._by_key = [], {}
        old = self._sheet
        if old.children():
            old.hide()
            self._leaving += [*rows, old]
            self._sheet = QWidget(self._paper)
            self._sheet.show()
            self._broom.start(0)
        self.verticalScrollBar().setValue(0)

    def _sweep(self) -> None:
        now, self._leaving = self._leaving[:_SWEPT], self._leaving[_SWEPT:]
        for widget in now:
            widget.deleteLater()
        if self._leaving:
            self._broom.start(1)

    def slot(self, key: Hashable) -> Slot | None:
        return self._by_key.get(key)

    def ensure(self, key: Hashable) -> QWidget | None:
        """The row of ``key``, made now if it was not; ``None`` where there is no such slot."""
        slot = self._by_key.get(key)
        if slot is None:
            return None
        self._make(slot)
        self.relayout()
        return slot.widget

    def reveal(self, key: Hashable) -> QWidget | None:
        """Bring a row into sight."""
        widget = self.ensure(key)
        slot = self._by_key.get(key)
        if slot is not None:
            bar = self.verticalScrollBar()
            view = self.viewport().height()
            if slot.top < bar.value() or slot.top + slot.height > bar.value() + view:
                bar.setValue(slot.top - L)
            self._make_in_sight()
        return widget

    def show_slot(self, key: Hashable, is_shown: bool) -> bool:
        """Show or fold away a slot; True where that changed something. ``relayout`` is next."""
        slot = self._by_key.get(key)
        if slot is None or slot.is_shown is is_shown:
            return False
        slot.is_shown = is_shown
        return True

    def is_in_sight(self, slot: Slot) -> bool:
        """Whether a slot is to be seen now, or nearly so."""
        top = self.verticalScrollBar().value() - _AHEAD
        bottom = top + self.viewport().height() + 2 * _AHEAD
        height = slot.guess if slot.widget is None else slot.height
        return slot.is_shown and slot.top < bottom and slot.top + height > top

    @property
    def is_complete(self) -> bool:
        """Whether every row that is not folded away has been made and has its place."""
        return not self._soon.isActive() and not any(
            slot.widget is None and slot.is_shown for slot in self._slots
        )

    def _make(self, slot: Slot) -> None:
        if slot.widget is None:
            widget = slot.make()
            widget.setParent(self._sheet)
            slot.widget = widget
            slot.is_dirty = True
            widget.installEventFilter(self)
            self._order_tabs(slot)
            self.made.emit(widget)

    def _order_tabs(self, slot: Slot) -> None:
        place = next(n for n, other in enumerate(self._slots) if other is slot)
        before = None
        for other in reversed(self._slots[:place]):
            if other.widget is not None and (stops := _tab_stops(other.widget)):
                before = stops[-1]
                break
        if before is None:
            return
        for widget in _tab_stops(slot.widget):
            QWidget.setTabOrder(before, widget)
            before = widget

    def _order_everything(self) -> None:
        before = None
        for slot in self._slots:
            for widget in _tab_stops(slot.widget):
                if before is not None:
                    QWidget.setTabOrder(before, widget)
                before = widget

    def _make_in_sight(self) -> None:
        for _ in range(8):  # a row that is lower than guessed brings further ones into sight
            missing = [
                slot for slot in self._slots if slot.widget is None and self.is_in_sight(slot)
            ]
            if not missing:
                return
            until = perf_counter() + 3 * _SLICE_S
            for slot in missing:
                self._make(slot)
                if perf_counter() > until:
                    break
            self._place()
            if perf_counter() > until:
                self._idle.start(0)
                return

    def _make_some(self) -> None:
        if not self.isVisible():
            return
        until = perf_counter() + _SLICE_S
        self._make_in_sight()
        for slot in self._slots:
            if perf_counter() > until:
                break
            if slot.widget is None and slot.is_shown:
                self._make(slot)
        self._place()
        if any(slot.widget is None and slot.is_shown for slot in self._slots):
            self._idle.start(1)

    # Places

    def relayout(self) -> None:
        """Give every row its place, and make those that are in sight."""
        self._place()
        self._make_in_sight()
        if self.isVisible() and not self._idle.isActive():
            self._idle.start(1)

    def relayout_soon(self) -> None:
        """The same, once for many changes, before the next painting."""
        if not self._soon.isActive():
            self._soon.start(0)

    def _place(self) -> None:
        self._soon.stop()
        bar = self.verticalScrollBar()
        held, offset = self._anchor(bar.value())
        width = self.viewport().width()
        room = min(FIELD_MAX_WIDTH, width - 2 * L)
        top = L
        for slot in self._slots:
            slot.top = top
            widget = slot.widget
            if not slot.is_shown:
                if widget is not None and not widget.isHidden():
                    widget.hide()
                continue
            own = room - slot.indent
            if widget is not None:
                if slot.is_dirty or own != slot.width:
                    height = _height_of(widget, own)
                    if height != slot.height and slot.height >= 0:
                        self._order_tabs(slot)  # what grew may have new places to stop at
                    slot.height, slot.width, slot.is_dirty = height, own, False
                place = QRect(L + slot.indent, top, own, slot.height)
                if widget.geometry() != place:
                    widget.setGeometry(place)
                if widget.isHidden():
                    widget.show()
            top += slot.height if widget is not None else slot.guess
        self._paper.resize(width, top)
        self._sheet.resize(width, top)
        if held is not None and held.is_shown:
            bar.setValue(held.top - offset)

    def _anchor(self, value: int) -> tuple[Slot | None, int]:
        # What must not move: the row with the focus if it is in sight, else the topmost in sight.
        if value == 0:
            return None, 0
        bottom = value + self.viewport().height()
        focused = self._sheet.focusWidget()
        top_slot: Slot | None = None
        for slot in self._slots:
            if not slot.is_shown or not value <= slot.top < bottom:
                continue
            top_slot = top_slot or slot
            if slot.widget is not None and focused and slot.widget.isAncestorOf(focused):
                return slot, slot.top - value
        return top_slot, (top_slot.top - value) if top_slot else 0

    def _on_scrolled(self) -> None:
        self._make_in_sight()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            for slot in self._slots:
                if slot.widget is watched:
                    slot.is_dirty = True
                    self.relayout_soon()
                    break
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.relayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.relayout()

    def sizeHint(self) -> QSize:
        return QSize(FIELD_MAX_WIDTH + 2 * L, 400)


def _height_of(widget: QWidget, width: int) -> int:
    layout = widget.layout()
    if layout is None:
        return widget.sizeHint().height()
    if layout.hasHeightForWidth():
        return layout.totalHeightForWidth(width)
    return layout.totalSizeHint().height()


def _tab_stops(widget: QWidget | None) -> list[QWidget]:
    if widget is None:
        return []
    # findChildren walks the tree in the order in which the children were made: top to bottom.
    stops = [
        child
        for child in (widget, *widget.findChildren(QWidget))
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.focusProxy() is None
    ]
    return stops

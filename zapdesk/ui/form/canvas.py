"""A long column of rows of which none is made before it has been seen, as a drawing.

Every row has its place and a guessed height from the start. What is in sight is drawn, and its
height measured; rows are made in slices of a few milliseconds, those in sight first, then from the
top. Once made, a row stays: focus, selection and undo live in it. Row heights that turn out
different never move what is being looked at.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from zapdesk.ui.form.paper import Paper, Slot
from zapdesk.ui.form.sketch.ink import Ink
from zapdesk.ui.form.tab_order import End, focused_place, next_stop, put_after, tab_stops
from zapdesk.ui.look.metrics import FIELD_MAX_WIDTH, L

_SLICE_S = 0.008
_SWEPT = 15
_AHEAD = 120
"""Pixels above and below what is in sight in which rows are measured and made first."""


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
        self._is_placing = False
        self._paper = Paper(self._draw)
        self._paper.pressed.connect(self._make_at)
        self._first, self._sheet, self._last = (
            End(self._paper),
            QWidget(self._paper),
            End(self._paper),
        )
        self._first.entered.connect(lambda is_forward: self._enter(is_forward, True))
        self._last.entered.connect(lambda is_forward: self._enter(is_forward, False))
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
        self._paper.update()
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
            self._watch_ends()
            self._broom.start(0)
        self.verticalScrollBar().setValue(0)

    def _sweep(self) -> None:
        now, self._leaving = self._leaving[:_SWEPT], self._leaving[_SWEPT:]
        for widget in now:
            widget.deleteLater()
        if self._leaving:
            self._broom.start(1)

    def redraw(self, key: Hashable) -> None:
        """What is seen of a row that is not made yet has changed."""
        slot = self._by_key.get(key)
        if slot is not None and slot.sketch is not None and slot.widget is None:
            slot.sketch, slot.guessed_for = None, -1
            self._paper.update()
            self.relayout_soon()

    def made_slots(self) -> list[Slot]:
        """The places whose rows have been made, in their order."""
        return [slot for slot in self._slots if slot.widget is not None]

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
        top, bottom = self._seen()
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
        before: QWidget = self._first
        for other in reversed(self._slots[:place]):
            if other.widget is not None and (stops := tab_stops(other.widget)):
                before = stops[-1]
                break
        put_after(before, tab_stops(slot.widget))

    def _order_everything(self) -> None:
        put_after(self._first, [stop for slot in self._slots for stop in tab_stops(slot.widget)])

    def _made_at(self, place: int) -> QWidget:
        self._make(self._slots[place])
        widget = self._slots[place].widget
        assert widget is not None  # it was just made
        return widget

    def _enter(self, is_forward: bool, is_first: bool) -> None:
        # Tab has come to the form, or is about to leave it, while rows are missing at that end.
        places = [n for n, slot in enumerate(self._slots) if slot.is_shown]
        stop = None
        if is_forward is is_first:
            order = places if is_forward else places[::-1]
            stop = next_stop(order, self._made_at, last=not is_forward)
        if stop is None:
            super().focusNextPrevChild(is_forward)
            return
        self.relayout()
        reason = Qt.FocusReason
        stop.setFocus(reason.TabFocusReason if is_forward else reason.BacktabFocusReason)
        self.ensureWidgetVisible(stop)

    def focusNextPrevChild(self, is_forward: bool) -> bool:
        here = focused_place([slot.widget for slot in self._slots])
        if here >= 0 and not self.is_complete:
            order = range(here + 1, len(self._slots)) if is_forward else range(here - 1, -1, -1)
            places = [n for n in order if self._slots[n].is_shown]
            next_stop(places, self._made_at, last=not is_forward)
            self.relayout()
        return super().focusNextPrevChild(is_forward)

    def _make_some(self) -> None:
        if not self.isVisible():
            return
        until = perf_counter() + _SLICE_S
        missing = [slot for slot in self._slots if slot.widget is None and slot.is_shown]
        missing.sort(key=lambda slot: not self.is_in_sight(slot))
        for slot in missing:
            self._make(slot)
            if perf_counter() > until:
                break
        self._place()
        if missing and missing[-1].widget is None:
            self._idle.start(1)
        else:
            self._watch_ends()

    def _make_at(self, place: QPoint) -> None:
        # A press on what is only drawn yet is meant for what will be there.
        for slot in self._slots:
            if slot.widget is None and slot.is_shown and self._rect(slot).contains(place):
                row = self.ensure(slot.key)
                child = row.childAt(row.mapFrom(self._paper, place)) if row else None
                while child is not None and child is not row:
                    if child.focusPolicy() & Qt.FocusPolicy.ClickFocus:
                        child.setFocus(Qt.FocusReason.MouseFocusReason)
                        return
                    child = child.parentWidget()
                return

    def _draw(self, ink: Ink, area: QRect) -> None:
        top, bottom = area.top(), area.top() + area.height()
        for slot in self._slots:
            if slot.top >= bottom:
                break
            if slot.widget is None and slot.is_shown and slot.top + slot.guess > top:
                place = self._rect(slot)
                slot.measure(place.width())
                assert slot.sketch is not None  # it was just measured
                slot.sketch.paint(ink, place)

    def _rect(self, slot: Slot) -> QRect:
        width = min(FIELD_MAX_WIDTH, self.viewport().width() - 2 * L) - slot.indent
        height = slot.guess if slot.widget is None else slot.height
        return QRect(L + slot.indent, slot.top, width, height)

    # Places

    def relayout(self) -> None:
        """Give every row its place; those that are not made follow when they have been drawn."""
        self._place()
        self._watch_ends()
        if self.isVisible() and not self._idle.isActive():
            self._idle.start(0)

    def _watch_ends(self) -> None:
        is_missing = any(slot.widget is None and slot.is_shown for slot in self._slots)
        self._first.set_open(is_missing)
        self._last.set_open(is_missing)

    def relayout_soon(self) -> None:
        """The same, once for many changes, before the next painting."""
        if not self._soon.isActive():
            self._soon.start(0)

    def _place(self) -> None:
        self._is_placing = True
        try:
            if self._place_all():
                self._paper.update()
        finally:
            self._is_placing = False

    def _place_all(self) -> bool:
        # True where something that is only drawn has another place than before.
        self._soon.stop()
        is_moved = False
        bar = self.verticalScrollBar()
        held, offset = self._anchor(bar.value())
        width, seen = self.viewport().width(), self._seen()
        room = min(FIELD_MAX_WIDTH, width - 2 * L)
        top = L
        for slot in self._slots:
            widget = slot.widget
            is_moved = is_moved or (widget is None and slot.top != top)
            slot.top = top
            if not slot.is_shown:
                if widget is not None and not widget.isHidden():
                    widget.hide()
                continue
            own = room - slot.indent
            if widget is None:
                if top < seen[1] and top + slot.guess > seen[0]:
                    slot.measure(own)
            else:
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
        return is_moved

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

    def _seen(self) -> tuple[int, int]:
        top = self.verticalScrollBar().value() - _AHEAD
        return top, top + self.viewport().height() + 2 * _AHEAD

    def _on_scrolled(self) -> None:
        if self._is_placing:
            return
        missing = [s for s in self._slots if s.widget is None and self.is_in_sight(s)]
        if any(slot.guessed_for < 0 for slot in missing):
            self._place()
        if missing:
            self._idle.start(0)

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

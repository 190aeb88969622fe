"""The Tab key in a column of rows that are made one after the other.

Rows are made in another order than they are seen in, so every row is put into its place among the
stops when it is made. Where Tab leads to a row that is not made yet, it is made then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QWidget

_FORWARD = {Qt.FocusReason.TabFocusReason}
_BACK = {Qt.FocusReason.BacktabFocusReason}


def tab_stops(widget: QWidget | None) -> list[QWidget]:
    """Where the Tab key stops in a row, from the top down."""
    if widget is None:
        return []
    # findChildren walks the tree in the order in which the children were made: top to bottom.
    # A list that a row has open is its child too, and a window of its own.
    window = widget.window()
    return [
        child
        for child in (widget, *widget.findChildren(QWidget))
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus
        and child.focusProxy() is None
        and child.window() is window
    ]


class End(QWidget):
    """Stands before the first or after the last row, and takes the focus while rows are missing.

    ``entered`` says whether it came with Tab (or else with Shift and Tab).
    """

    entered = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.resize(0, 0)

    def set_open(self, is_open: bool) -> None:
        """Let the Tab key stop here, or pass by."""
        policy = Qt.FocusPolicy.TabFocus if is_open else Qt.FocusPolicy.NoFocus
        if self.focusPolicy() is not policy:
            self.setFocusPolicy(policy)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _FORWARD | _BACK:
            self.entered.emit(event.reason() in _FORWARD)


def put_after(before: QWidget, stops: Sequence[QWidget]) -> None:
    """Let ``stops`` follow on ``before``."""
    policy = before.focusPolicy()
    if not policy & Qt.FocusPolicy.TabFocus:
        before.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt heeds no others
    last = before
    for stop in stops:
        QWidget.setTabOrder(last, stop)
        last = stop
    before.setFocusPolicy(policy)


def lead_through(rows: Sequence[QWidget]) -> None:
    """Let Tab go through these rows as they are seen, whenever they were made."""
    last: QWidget | None = None
    for row in rows:
        if stops := tab_stops(row):
            if last is not None:
                put_after(last, stops)
            last = stops[-1]


def focused_place(rows: Sequence[QWidget | None]) -> int:
    """Which of ``rows`` has the focus; -1 where it is elsewhere."""
    focused = QApplication.focusWidget()
    if focused is None:
        return -1
    found = (n for n, row in enumerate(rows) if row is not None and row.isAncestorOf(focused))
    return next(found, -1)


def next_stop(
    places: Sequence[int], make: Callable[[int], QWidget], *, last: bool
) -> QWidget | None:
    """Make the rows of ``places`` one by one until one of them has a stop: its first or last."""
    for place in places:
        if stops := tab_stops(make(place)):
            return stops[-1 if last else 0]
    return None

"""The ground of the window: what stands on it, and the way of the Tab key over it.

Qt leads the Tab key in the order in which widgets were made, and jumps from one that stands for
another. Forms and runs are made late, so here the key goes from area to area as they are seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.ui.keys import next_in_focus_chain


class Ground(QWidget):
    """``parts`` stand one under the other; ``areas``, in their order, are where Tab goes, as far
    as they can be seen."""

    def __init__(self, parent: QWidget, parts: Sequence[QWidget], areas: Sequence[QWidget]) -> None:
        super().__init__(parent)
        self._areas = list(areas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in parts:
            column.addWidget(part, 1 if part is parts[-1] else 0)

    def add_area(self, area: QWidget) -> None:
        """Let Tab go there too, after the others."""
        self._areas.append(area)

    def focusNextPrevChild(self, is_forward: bool) -> bool:
        focused = self.window().focusWidget()
        if focused is None:
            return super().focusNextPrevChild(is_forward)
        here = next((n for n, area in enumerate(self._areas) if _is_in(area, focused)), None)
        if here is None:
            return super().focusNextPrevChild(is_forward)
        stop = self._next(focused, self._areas[here], is_forward)
        count = len(self._areas)
        for step in range(1, count + 1):
            if stop is not None:
                break
            area = self._areas[(here + (step if is_forward else -step)) % count]
            if area.isVisible():
                stop = self._next(self.window(), area, is_forward)
        if stop is None:
            return False
        reason = Qt.FocusReason
        stop.setFocus(reason.TabFocusReason if is_forward else reason.BacktabFocusReason)
        return True

    def _next(self, start: QWidget, area: QWidget, is_forward: bool) -> QWidget | None:
        """The next stop of an area after ``start``. The chain of all begins at the window."""
        window = self.window()
        widget: QWidget | None = start
        while widget is not None:
            widget = next_in_focus_chain(widget, is_forward)
            if widget is None or widget is window:
                break
            if _is_stop(widget) and _is_in(area, widget):
                return widget
        return None


def _is_in(area: QWidget, widget: QWidget) -> bool:
    return widget is area or area.isAncestorOf(widget)


def _is_stop(widget: QWidget) -> bool:
    return bool(
        widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
    )

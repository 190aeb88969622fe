"""RunTimeline: each state a run has been in, each request, and the waits between them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import STATUS_WORDS
from zapdesk.domain.run_steps import RunStep, StepKind, steps
from zapdesk.domain.runs import RunEvent
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import status_look
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.times import duration_text, exact_time, local

_TITLES = ("At", "After", "Step", "What happened")
_WIDTHS = (88, 84, 104)
_CELL_LIMIT = 500
_PLACE = int(Qt.ItemDataRole.UserRole)


class RunTimeline(QTreeWidget):
    """The steps of a run, oldest first. ``exchange_wanted`` carries the place of the request
    whose row was activated."""

    exchange_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plain_rows")
        self.setAccessibleName("Timeline")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setHeaderLabels(_TITLES)
        header = self.header()
        header.setSectionsClickable(False)
        header.setStretchLastSection(True)
        for column, width in enumerate(_WIDTHS):
            header.resizeSection(column, width)
        self.itemActivated.connect(self._on_activated)

    def show_steps(self, events: Sequence[RunEvent], exchanges: Sequence[Exchange]) -> None:
        """Show these in place of what was there; the row that was current stays so."""
        row = self.currentIndex().row()
        self.clear()
        self.addTopLevelItems([_item(step) for step in steps(events, exchanges)])
        self.setCurrentIndex(self.model().index(row, 0))

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        place = item.data(0, _PLACE)
        if place is not None:
            self.exchange_wanted.emit(place)


def _item(step: RunStep) -> QTreeWidgetItem:
    after = f"+{duration_text(step.after_ms)}" if step.after_ms else ""
    word, text = _words(step)
    item = QTreeWidgetItem([f"{local(step.at_ms):%H:%M:%S}", after, word, text])
    muted = theme().color("muted")
    item.setForeground(1, muted)
    item.setToolTip(0, plain_tool_tip(exact_time(step.at_ms)))
    if text:
        item.setToolTip(3, plain_tool_tip(step.text))
    if step.status is not None:
        look = status_look(step.status.value)
        item.setIcon(2, theme().icon(look.icon, look.token))
    elif step.kind is StepKind.REQUEST:
        token = "error" if step.is_trouble else "muted"
        item.setIcon(2, theme().icon("send", token))
        item.setData(0, _PLACE, step.place)
    else:
        item.setIcon(2, theme().icon("clock", "faint"))
        for column in (2, 3):
            item.setForeground(column, muted)
    return item


def _words(step: RunStep) -> tuple[str, str]:
    lasted = "" if step.lasted_ms is None else duration_text(step.lasted_ms)
    match step.kind:
        case StepKind.STATE:
            word = STATUS_WORDS[step.status] if step.status is not None else ""
            return word, one_line(step.text, _CELL_LIMIT)
        case StepKind.REQUEST:
            text = one_line(step.text, _CELL_LIMIT)
            return "Request", f"{text} · {lasted}" if lasted else text
        case StepKind.WAIT:
            return "Wait", lasted

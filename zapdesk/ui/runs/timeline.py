"""RunTimeline: each state a run has been in, with the time that passed between them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from zapdesk.domain.explanation import STATUS_WORDS
from zapdesk.domain.runs import RunEvent
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import status_look
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.times import duration_text, exact_time, local

_TITLES = ("At", "After", "State", "What happened")
_WIDTHS = (96, 96, 112)
_CELL_LIMIT = 500


class RunTimeline(QTreeWidget):
    """The lines of a run's history, oldest first."""

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

    def show_events(self, events: Sequence[RunEvent]) -> None:
        """Show these lines in place of what was there."""
        self.clear()
        before: RunEvent | None = None
        for event in events:
            self.addTopLevelItem(_item(event, before))
            before = event


def _item(event: RunEvent, before: RunEvent | None) -> QTreeWidgetItem:
    after = "" if before is None else f"+{duration_text(event.at_ms - before.at_ms)}"
    word = STATUS_WORDS[event.status]
    text = one_line(event.text, _CELL_LIMIT)
    item = QTreeWidgetItem([f"{local(event.at_ms):%H:%M:%S}", after, word, text])
    look = status_look(event.status.value)
    icon: QIcon = theme().icon(look.icon, look.token)
    item.setIcon(2, icon)
    item.setForeground(1, theme().color("muted"))
    item.setToolTip(0, plain_tool_tip(exact_time(event.at_ms)))
    if text:
        item.setToolTip(3, plain_tool_tip(event.text))
    return item

"""Asking for days: the one to go to in the history, or two that runs are to lie between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QDateEdit, QDialog, QFormLayout, QVBoxLayout, QWidget

from zapdesk.ui.look.metrics import XL, L, M, S
from zapdesk.ui.parts import Button, PlainLabel, button_row
from zapdesk.ui.runs.filters import day_edges

_WIDTH = 340


class DaysDialog(QDialog):
    """One date for each of ``names``; ``chosen`` is given them once it is accepted."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        verb: str,
        names: tuple[str, ...],
        chosen: Callable[[list[datetime]], None],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self._chosen = chosen
        today = QDate.currentDate()
        self.edits: list[QDateEdit] = []
        form = QFormLayout()
        form.setHorizontalSpacing(M)
        form.setVerticalSpacing(S)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name in names:
            edit = QDateEdit(today)
            edit.setCalendarPopup(True)
            edit.setMaximumDate(today)
            edit.setDisplayFormat("d MMMM yyyy")
            edit.setAccessibleName(name)
            form.addRow(PlainLabel(name, tone="muted"), edit)
            self.edits.append(edit)
        if len(self.edits) == 2:
            self.edits[0].setDate(today.addDays(-6))
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(PlainLabel(title, size="large", bold=True))
        column.addLayout(form)
        column.addSpacing(S)
        cancel, use = Button("Cancel"), Button(verb, look="primary")
        cancel.clicked.connect(self.reject)
        use.clicked.connect(self.accept)
        use.setDefault(True)
        column.addLayout(button_row(cancel, use))
        self.edits[0].setFocus()
        self.accepted.connect(self._give)
        self.finished.connect(self.deleteLater)

    def _give(self) -> None:
        dates = [edit.date() for edit in self.edits]
        self._chosen([datetime(d.year(), d.month(), d.day()) for d in dates])


def ask_for_day(parent: QWidget, then: Callable[[int], None]) -> None:
    """Ask for a day; ``then`` gets the time of its end."""
    DaysDialog(
        parent, "Go to a day", "Go", ("Day",), lambda days: then(day_edges(days[0], days[0])[1])
    ).open()


def ask_for_days(parent: QWidget, then: Callable[[int, int], None]) -> None:
    """Ask for two days; ``then`` gets the time from the first one's start to the other's end."""

    def use(days: list[datetime]) -> None:
        then(*day_edges(min(days), max(days)))

    DaysDialog(parent, "Runs between two days", "Show", ("From", "To"), use).open()

"""RunMenu: what can be done with the run that is shown. It holds the entries and no deeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import run_look
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.times import local, now_ms, started_text


class RunMenu(QMenu):
    """``compared`` carries the id of the other run, ``baseline_set`` whether the run is known
    good."""

    send_again = Signal()
    edit_again = Signal()
    run_and_compare = Signal()
    compared = Signal(str)
    baseline_set = Signal(bool)
    export_wanted = Signal()
    ticket_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.again = self._entry("Send again…", "send", self.send_again.emit)
        self.edit = self._entry("Edit and run…", "run", self.edit_again.emit)
        self.addSeparator()
        self.compare = QMenu("Compare with", self)
        self.compare.setIcon(theme().icon("compare"))
        self.addMenu(self.compare)
        self.and_compare = self._entry("Run and compare…", "", self.run_and_compare.emit)
        self.good = self.addAction("Known good")
        self.good.setCheckable(True)
        self.good.triggered.connect(lambda is_good: self.baseline_set.emit(is_good))
        self.addSeparator()
        self._entry("Export or copy as…", "download", self.export_wanted.emit)
        self._entry("Support ticket…", "", self.ticket_wanted.emit)

    def show_run(self, run: ActionRun, others: Sequence[tuple[str, ActionRun]]) -> None:
        """Offer what can be done with ``run``; ``others`` are runs to compare it with, each under
        words that say what it is."""
        may_send = not run.is_foreign
        for entry in (self.again, self.edit, self.and_compare):
            entry.setVisible(may_send)
        self.and_compare.setText(
            "Run and compare with known good…" if run.is_baseline else "Run and compare…"
        )
        self.good.setVisible(run.status is RunStatus.SUCCESS)
        self.good.setChecked(run.is_baseline)
        self.compare.clear()
        for words, other in others:
            look = run_look(other.status.value, other.headline)
            text = f"{words}: {_told(other)}".replace("&", "&&")
            entry = self.compare.addAction(theme().icon(look.icon, look.token), text)
            entry.triggered.connect(lambda _=False, id=other.id: self.compared.emit(id))
        self.compare.setEnabled(bool(others))

    def _entry(self, text: str, icon: str, deed: Callable[[], object]) -> QAction:
        entry = self.addAction(text)
        if icon:
            entry.setIcon(theme().icon(icon))
        entry.triggered.connect(lambda: deed())
        return entry


def _told(run: ActionRun) -> str:
    when = started_text(run.created_ms, now_ms())
    return one_line(
        f"{run_look(run.status.value, run.headline).word}, {when}, {local(run.created_ms):%H:%M:%S}"
    )

"""RunPanel: the history. It shows what the log holds and follows what the services announce."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.facts import size_text
from zapdesk.domain.runs import ActionRun, RunCursor, RunFilter, RunStatus
from zapdesk.errors import ZapdeskError
from zapdesk.redaction import REDACTOR
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import ROW_DENSE, XS, M, S
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import Button, EmptyState, HLine, SearchBox, SkeletonRows
from zapdesk.ui.runs.model import RunModel
from zapdesk.ui.runs.table import RunTable

if TYPE_CHECKING:
    # The services are imported after the first frame has been painted.
    from zapdesk.bootstrap import Session
    from zapdesk.services.runs import RunService
    from zapdesk.services.watching import RunsChange
    from zapdesk.ui.shell.snapshot import Snapshot

CHIPS: Mapping[str, frozenset[RunStatus]] = {
    "All": frozenset(),
    "Waiting": frozenset({RunStatus.SUBMITTING, RunStatus.WAITING}),
    "Success": frozenset({RunStatus.SUCCESS}),
    "Error": frozenset({RunStatus.ERROR}),
    "Unknown": frozenset({RunStatus.UNKNOWN, RunStatus.LOST}),
    "Refused": frozenset({RunStatus.REFUSED}),
    "Not sent": frozenset({RunStatus.NOT_SENT}),
}
"""What can be picked, and which states that means."""

_TYPING_MS = 150
_COUNTING_MS = 200
_MOST_RELOADED = 2_000
CLIPBOARD_LIMIT = 1_000_000
"""Bytes of a result that are copied at once; parts of a longer one are copied from its tree."""


class RunPanel(QWidget):
    """The history table with its search and its filters.

    ``run_selected`` follows the current row; ``detail_requested`` asks to go to the detail;
    ``run_again_requested`` asks for the inputs to be put into the form.
    """

    run_selected = Signal(object)
    detail_requested = Signal(object)
    run_again_requested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_panel")
        self.setAccessibleName("Run history")
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tasks = LateTasks()
        self._runs: RunService | None = None
        self._profile_id = ""
        self._unsubscribe: list[Callable[[], None]] = []
        self._wanted_id = ""
        self.model = RunModel(self._tasks, self)
        self.table = RunTable(self.model)
        self.search = SearchBox("Search runs…")
        self.search.setFixedWidth(264)
        self.notices = NoticeArea()
        self._empty = EmptyState(icon="history")
        self._pages = QStackedWidget()
        for page in (self._empty, self.table, SkeletonRows(ROW_DENSE)):
            self._pages.addWidget(page)
        self._build()
        self._typing = self._timer(_TYPING_MS, self._reload)
        self._counting = self._timer(_COUNTING_MS, self._count)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._on_tick)
        self.search.textChanged.connect(lambda: self._typing.start())
        self.search.returnPressed.connect(self.focus_list)
        self.model.loaded.connect(self._on_loaded)
        self.model.failed.connect(self._on_failed)
        self.table.run_selected.connect(self.run_selected)
        self.table.run_opened.connect(self.detail_requested)
        self.table.menu_requested.connect(self._show_menu)
        self._empty.action_requested.connect(self.clear_filters)
        theme.changed.connect(self.table.viewport().update)
        self._show_page()

    def set_session(self, session: Session | None) -> None:
        """Show the runs of a profile; ``None`` lets go of everything."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._typing.stop()
        self._counting.stop()
        self._runs = session.runs if session is not None else None
        if session is None:
            self.model.close()
            return
        if self._profile_id not in ("", session.profile.id):
            self.model.show_items(())
        self._profile_id = session.profile.id
        self._unsubscribe.append(session.runs.changed.subscribe(self._on_changed))
        self._reload()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show what was last known, before any service exists."""
        self.show_runs(snapshot.runs)

    def show_runs(self, runs: Sequence[ActionRun]) -> None:
        """Show these runs and nothing else, until a session comes."""
        self.model.show_items(runs)
        if runs:
            self._profile_id = runs[0].profile_id
        self._show_page()

    def focus_list(self) -> None:
        """Go to the table, or to the search where there is nothing to go to."""
        if self.model.rowCount() and self._pages.currentWidget() is self.table:
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if not self.table.currentIndex().isValid():
                self.table.setCurrentIndex(self.model.index(0, 0))
        else:
            self.focus_search()

    def focus_search(self) -> None:
        """Go to the search box with its text selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @property
    def current_run(self) -> ActionRun | None:
        """The run whose row is the current one."""
        return self.table.current_run

    def select(self, run_id: str) -> None:
        """Make a run the current one, as soon as its row has been read."""
        self._wanted_id = "" if self.table.select(run_id) else run_id

    def run_again(self) -> None:
        """Ask for the current run's inputs to be put into the form; nothing is sent."""
        run = self.table.current_run
        if run is not None:
            self.run_again_requested.emit(run)

    def clear_filters(self) -> None:
        """Show every run again."""
        self.search.clear()
        self._chips.buttons()[0].setChecked(True)
        self._typing.stop()
        self._reload()

    async def close_tasks(self) -> None:
        """Stop reading and wait for it."""
        self.set_session(None)
        self._clock.stop()
        await self._tasks.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_tick()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    @property
    def _filter(self) -> RunFilter:
        chip = self._chips.checkedButton()
        statuses = CHIPS[chip.objectName()] if chip is not None else frozenset()
        return RunFilter(self._profile_id, statuses, text=self.search.text().strip())

    def _build(self) -> None:
        header = QWidget()
        header.setProperty("ground", "surface")
        row = QHBoxLayout(header)
        row.setContentsMargins(M, S, M, S)
        row.setSpacing(XS)
        row.addWidget(self.search)
        row.addSpacing(S)
        self._chips = QButtonGroup(self)
        self._chips.setExclusive(True)
        for word in CHIPS:
            chip = Button(word)
            chip.setObjectName(word)
            chip.setProperty("chip", True)
            chip.setCheckable(True)
            self._chips.addButton(chip)
            row.addWidget(chip)
        row.addStretch(1)
        self._chips.buttons()[0].setChecked(True)
        self._chips.buttonClicked.connect(self._reload)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (header, HLine(), self.notices):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)

    def _timer(self, milliseconds: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(then)
        return timer

    def _reload(self) -> None:
        runs = self._runs
        if runs is None:
            return
        wanted = self._filter
        is_same = wanted == self.model.filter
        self.model.filter = wanted

        async def load(after: ActionRun | None, limit: int) -> tuple[ActionRun, ...]:
            cursor = RunCursor(after.created_ms, after.number) if after else None
            return await runs.page(wanted, cursor, limit)

        if not is_same:
            self.table.scrollToTop()
        # The same rows again: as many as were there, so that nothing moves.
        shown = min(self.model.rowCount(), _MOST_RELOADED) if is_same else 0
        self.model.read_from(load, shown)
        self._counting.start()
        self._show_page()

    def _on_changed(self, change: RunsChange) -> None:
        run = change.run
        if run is None:
            self._typing.start()
        elif self._profile_id and run.profile_id != self._profile_id:
            return
        elif not self.model.take(run):
            self._typing.start()
        self._counting.start()
        self._show_page()
        self._on_tick()
        if self._wanted_id:
            self.select(self._wanted_id)

    def _on_loaded(self) -> None:
        self.notices.clear("runs")
        self._show_page()
        self._on_tick()
        if self._wanted_id:
            self.select(self._wanted_id)

    def _on_failed(self, error: ZapdeskError) -> None:
        self.notices.show_notice(
            "runs", "error", f"{error.title} {error.detail}".strip(), "Try again", self._reload
        )
        self._show_page()

    def _show_page(self) -> None:
        if self.model.rowCount():
            self._pages.setCurrentWidget(self.table)
            return
        if self.model.is_loading:
            # Rows that are read in a moment need no sign that they are being read.
            self._pages.setCurrentIndex(2 if self._runs is not None else 0)
            return
        wanted = self._filter
        if wanted.text or wanted.statuses:
            words = f"“{wanted.text}”" if wanted.text else "this filter"
            self._empty.set_texts(f"No run matches {words}.", "", "Clear")
        else:
            sentence = "Every run is kept here, with what was sent and what came back."
            self._empty.set_texts("No runs yet", sentence)
        self._pages.setCurrentWidget(self._empty)

    def _count(self) -> None:
        if self._runs is not None:
            self._tasks.start(self._read_counts(self._runs), name="count runs")

    async def _read_counts(self, runs: RunService) -> None:
        try:
            counts = await runs.counts(replace(self._filter, statuses=frozenset()))
        except ZapdeskError:
            return  # the table has said what is wrong with the log
        for chip in self._chips.buttons():
            word = chip.objectName()
            count = sum(counts.get(status, 0) for status in CHIPS[word])
            if isinstance(chip, Button):
                chip.set_text(f"{word} {count:,}" if count else word)

    def _on_tick(self) -> None:
        """Times that go on: every second while something runs, else now and then."""
        if not self.isVisible():
            return
        self._clock.start(1_000 if self.model.has_open else 20_000)
        self.table.viewport().update()

    def _show_menu(self, run: ActionRun, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show details").triggered.connect(lambda: self.detail_requested.emit(run))
        menu.addAction("Run again…").triggered.connect(lambda: self.run_again_requested.emit(run))
        menu.addSeparator()
        copy_id = menu.addAction("Copy the server's run id" if run.run_id else "Copy run id")
        copy_id.triggered.connect(lambda: QApplication.clipboard().setText(run.run_id or run.id))
        copy_result = menu.addAction("Copy result")
        copy_result.setEnabled(not run.status.is_open)
        copy_result.triggered.connect(lambda: self.copy_result(run))
        menu.popup(where)

    def copy_result(self, run: ActionRun) -> None:
        """Put a run's result on the clipboard, as it was received but for live secrets."""
        if self._runs is not None:
            self._tasks.start(self._copy_result(self._runs, run), name="copy a result")

    async def _copy_result(self, runs: RunService, run: ActionRun) -> None:
        try:
            record = await runs.record(run.id)
        except ZapdeskError as error:
            self.notices.show_error(error, "copy")
            return
        results = record.results if record is not None else None
        if not results:
            self.notices.show_notice("copy", "info", "This run has no result to copy.")
        elif len(results) > CLIPBOARD_LIMIT:
            self.notices.show_notice(
                "copy",
                "info",
                f"The result is {size_text(len(results))}, too large for the clipboard. "
                "Copy the parts you need from its tree.",
            )
        else:
            self.notices.clear("copy")
            QApplication.clipboard().setText(REDACTOR.exact(results.decode("utf-8", "replace")))

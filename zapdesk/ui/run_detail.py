"""RunDetail: one run, told so that its first line answers whether it worked.

Everything shown was stored first. Large results are read as they are looked at; nothing of a run
is shown before someone picks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.json_outline import is_empty, kind_of, root_span
from zapdesk.domain.runs import ActionRun, RunRecord, RunStatus
from zapdesk.errors import ZapdeskError
from zapdesk.tasks import TaskOwner
from zapdesk.ui.exchange_view import ExchangeView
from zapdesk.ui.json_tree import JsonTree
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import EmptyState, SkeletonRows
from zapdesk.ui.raw_view import RawView
from zapdesk.ui.run_header import RunHeader
from zapdesk.ui.run_timeline import RunTimeline
from zapdesk.ui.theme import Theme

if TYPE_CHECKING:
    # The services are imported after the first frame has been painted.
    from zapdesk.bootstrap import Session
    from zapdesk.services.runs import RunsChange, RunService

_TICK_MS = 1_000


class RunDetail(QWidget):
    """The detail of the run that is picked, kept up to date while it goes on."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_detail")
        self.setAccessibleName("Run detail")
        self.setProperty("ground", "surface")
        self._tasks = TaskOwner()
        self._runs: RunService | None = None
        self._unsubscribe = lambda: None
        self._run_id: str | None = None
        self._record: RunRecord | None = None
        self._is_reading = False
        self._is_stale = False
        self._build()
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._tick)
        theme.changed.connect(self._on_theme)
        self._show_page()

    def set_session(self, session: Session | None) -> None:
        """Read runs from a profile's log; ``None`` lets go of everything."""
        self._unsubscribe()
        self._unsubscribe = lambda: None
        self._clock.stop()
        self._runs = session.runs if session is not None else None
        self._show(None)
        if session is not None:
            self._unsubscribe = session.runs.changed.subscribe(self._on_changed)

    def show_run(self, run_id: str | None) -> None:
        """Show a run by zapdesk's own id; ``None`` shows that none is picked."""
        if run_id != self._run_id:
            self._show(run_id)

    def focus(self) -> None:
        """Go to the tab in front."""
        target = self.tabs.currentWidget() if self._record is not None else None
        (target or self).setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def record(self) -> RunRecord | None:
        """What is shown."""
        return self._record

    async def close_tasks(self) -> None:
        """Stop reading and wait for it."""
        self.set_session(None)
        await self._tasks.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find) and self._record is not None:
            if self.tabs.currentWidget() is self.exchanges:
                self.exchanges.body.open_find()
            else:
                self.tabs.setCurrentWidget(self.raw)
                self.raw.open_find()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _build(self) -> None:
        self.header = RunHeader()
        self.header.stop_requested.connect(self._stop_waiting)
        self.header.look_requested.connect(self._look_again)
        self.notices = NoticeArea()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setObjectName("run_tabs")
        self.result = QStackedWidget()
        self.tree = JsonTree("Result", self._tasks)
        self.no_result = EmptyState()
        self.result.addWidget(self.no_result)
        self.result.addWidget(self.tree)
        self.raw = RawView("Raw result", self._tasks)
        self.inputs = JsonTree("Inputs", self._tasks)
        self.exchanges = ExchangeView(self._tasks)
        self.timeline = RunTimeline()
        for tree in (self.tree, self.inputs):
            tree.refused.connect(self._tell_refused)
        self.tabs.addTab(self.result, "Result")
        self.tabs.addTab(self.raw, "Raw")
        self.tabs.addTab(self.inputs, "Inputs")
        self.tabs.addTab(self.exchanges, "Exchanges")
        self.tabs.addTab(self.timeline, "Timeline")
        self.tabs.currentChanged.connect(lambda: self._show_tab())
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.header, self.notices):
            column.addWidget(widget)
        column.addWidget(self.tabs, 1)
        sentence = "Pick one in the history to see what was sent and what came back."
        self._pages = QStackedWidget(self)
        self._pages.addWidget(EmptyState("No run picked", sentence, icon="list"))
        self._pages.addWidget(SkeletonRows())
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _show(self, run_id: str | None) -> None:
        self._run_id, self._record = run_id, None
        self._shown_results: bytes | None = None
        self._filled: set[QWidget] = set()
        self._exchanges: tuple[Exchange, ...] = ()
        self.notices.clear("detail")
        self._read()
        self._show_page()

    def _show_page(self) -> None:
        has_run = self._run_id is not None and self._runs is not None
        self._pages.setCurrentIndex(0 if not has_run else 2 if self._record else 1)

    def _on_changed(self, change: RunsChange) -> None:
        if change.run is None or change.run.id == self._run_id:
            self._read()

    def _read(self) -> None:
        """Read the run again; what comes while that is under way is read after it."""
        if self._runs is None or self._run_id is None:
            return
        if self._is_reading:
            self._is_stale = True
            return
        self._is_reading = True
        self._tasks.start(self._read_run(self._runs), name="read a run")

    async def _read_run(self, runs: RunService) -> None:
        try:
            while True:
                self._is_stale = False
                run_id = self._run_id
                if run_id is None:
                    return
                record = await runs.record(run_id)
                exchanges = await runs.exchanges(run_id)
                if run_id == self._run_id and runs is self._runs:
                    self._take(record, exchanges)
                if not self._is_stale and run_id == self._run_id:
                    return
        except ZapdeskError as error:
            self.notices.show_error(error, "detail")
        finally:
            self._is_reading = False

    def _take(self, record: RunRecord | None, exchanges: tuple[Exchange, ...]) -> None:
        if record is None:
            self._run_id = None
            self._show_page()
            return
        is_new = self._record is None
        self._record, self._exchanges = record, exchanges
        self._filled -= {self.exchanges, self.timeline}
        if is_new or record.results != self._shown_results:
            self._filled -= {self.result, self.raw}
            self._shown_results = record.results
        elif not record.run.status.is_open:
            self._filled.discard(self.result)
        self._show_page()
        self._tick()
        self._show_tab()

    def _show_tab(self) -> None:
        """Fill the tab in front, once for what it shows."""
        record, tab = self._record, self.tabs.currentWidget()
        if record is None or tab in self._filled:
            return
        self._filled.add(tab)
        if tab is self.result:
            self._show_result(record)
        elif tab is self.raw:
            results = record.results or b""
            is_json = kind_of(results, root_span(results)).has_children
            self.raw.show_document(results, 0 if is_json else None)
        elif tab is self.inputs:
            self.inputs.show_document(record.inputs, record.labels)
        elif tab is self.exchanges:
            self.exchanges.show_exchanges(self._exchanges)
        elif tab is self.timeline:
            self.timeline.show_events(record.events)

    def _show_result(self, record: RunRecord) -> None:
        run = record.run
        if not is_empty(record.results):
            assert record.results is not None
            if self.tree.json.document != record.results or self._is_first_result:
                self._is_first_result = False
                self.tree.show_document(record.results)
            self.result.setCurrentWidget(self.tree)
            return
        self.no_result.set_texts(*_no_result(run))
        self.result.setCurrentWidget(self.no_result)

    _is_first_result = True

    def _tick(self) -> None:
        record, runs = self._record, self._runs
        if record is None or runs is None:
            self._clock.stop()
            return
        run = record.run
        next_poll = runs.next_poll_s(run.id) if run.status.is_open else None
        self.header.show_run(run, record, next_poll)
        if run.status.is_open and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()

    def _stop_waiting(self) -> None:
        if self._runs is not None and self._record is not None:
            self._runs.stop_watching(self._record.run.id)
            self._tick()

    def _look_again(self) -> None:
        if self._runs is not None and self._record is not None:
            self._runs.watch(self._record.run)
            self._tick()

    def _tell_refused(self, text: str) -> None:
        self.notices.show_notice("copy", "info", text)

    def _on_theme(self) -> None:
        for view in (self.tree.viewport(), self.inputs.viewport(), self.raw.view.viewport()):
            view.update()


def _no_result(run: ActionRun) -> tuple[str, str]:
    """Why there is nothing to show as a result."""
    match run.status:
        case RunStatus.SUCCESS:
            return "Success. The app returned no data.", ""
        case RunStatus.SUBMITTING | RunStatus.WAITING:
            return "No result yet", "It appears here as soon as Zapier has it."
        case RunStatus.ERROR:
            return "No result", "The run ended in an error."
        case RunStatus.UNKNOWN | RunStatus.LOST:
            return "No result", "No answer came that could be used."
    return "No result", "Nothing ran."

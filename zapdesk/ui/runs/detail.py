"""RunDetail: the run that is picked, read from the log and kept up to date while it goes on.

Everything shown was stored first, and nothing of a run is shown before someone picks it: only
then is the rest of the detail made, so that the first frame does not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from zapdesk.domain.runs import ActionRun, Resolution, RunRecord
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import EmptyState, SkeletonRows

if TYPE_CHECKING:
    # None of these may be imported before the first frame has been painted.
    from zapdesk.bootstrap import Session
    from zapdesk.services.runs import RunService
    from zapdesk.services.watching import RunsChange
    from zapdesk.ui.runs.content import RunContent
    from zapdesk.ui.runs.detail_deeds import DetailDeeds
    from zapdesk.ui.runs.run_now import StoredRun

_TICK_MS = 1_000
_NOTHING, _LOADING, _CONTENT = range(3)


class RunDetail(QWidget):
    """The detail of one run. ``run_started`` gives the ActionRun that was sent again from here,
    ``edit_wanted`` one whose inputs are wanted in the form, ``connection_wanted`` one whose
    connection is to be looked at."""

    run_started = Signal(object)
    edit_wanted = Signal(object)
    connection_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_detail")
        self.setAccessibleName("Run detail")
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tasks = LateTasks()
        self._session: Session | None = None
        self._unsubscribe: list[Callable[[], None]] = []
        self._run_id: str | None = None
        self._stored: StoredRun | None = None
        self._is_reading = False
        self._is_stale = False
        self._is_by_itself = False
        self._end_users: dict[str, str] = {}
        self._content: RunContent | None = None
        self._deeds: DetailDeeds | None = None
        self.notices = NoticeArea()
        sentence = "What was sent and what came back appears here."
        self._pages = QStackedWidget()
        self._pages.addWidget(EmptyState("No run picked", sentence, icon="list"))
        self._pages.addWidget(SkeletonRows())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self._pages)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # empty it is no stop of Tab
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self.tick)

    def set_session(self, session: Session | None) -> None:
        """Read runs from a profile's log; ``None`` lets go of everything."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        self._session = session
        self._show(None)
        if session is not None:
            self._unsubscribe = [
                session.runs.changed.subscribe(self._on_changed),
                session.history.changed.subscribe(self._on_marked),
            ]

    def set_end_users(self, names: Mapping[str, str]) -> None:
        """What people whom a partner acts for are called, by the account that runs are sent with.
        Names of those who were acted for before stay known."""
        self._end_users.update(names)
        self.tick()

    def show_run(self, run_id: str | None, *, by_itself: bool = False) -> None:
        """Show a run by zapdesk's own id; ``None`` shows that none is picked. What comes
        ``by_itself``, and not because a person chose it, has a large result held back.
        """
        if run_id != self._run_id:
            self._is_by_itself = by_itself
            self._show(run_id)
        elif self._is_by_itself and not by_itself:
            self._is_by_itself = False
            if self._content is not None and self._stored is not None:
                self._content.open_held()

    def focus(self) -> None:
        """Go to the tab in front."""
        if self._content is not None and self._stored is not None:
            self._content.focus()
        else:
            self.setFocus()

    @property
    def record(self) -> RunRecord | None:
        """What is shown."""
        return None if self._stored is None else self._stored.record

    @property
    def content(self) -> RunContent:
        """Header and tabs, made when they are first needed."""
        return self._content or self._make_content()

    def _make_content(self) -> RunContent:
        from zapdesk.ui.runs.content import RunContent
        from zapdesk.ui.runs.detail_deeds import DetailDeeds

        content = self._content = RunContent(self._tasks)
        content.refused.connect(self._tell_refused)
        content.header.stop_requested.connect(self._stop_waiting)
        content.header.look_requested.connect(self._look_again)
        content.header.resolve.resolved.connect(self._resolve)
        content.header.run_wanted.connect(self.show_run)
        self._deeds = deeds = DetailDeeds(self, self.notices, self._tasks)
        deeds.run_started.connect(self.run_started)
        deeds.edit_wanted.connect(self.edit_wanted)
        content.header.offer(deeds.menu)
        content.header.outcome.send_again.connect(deeds.send_again)
        content.header.outcome.edit_again.connect(deeds.edit)
        content.header.outcome.connection_wanted.connect(self._want_connection)
        self._pages.addWidget(content)
        self.setFocusProxy(content)
        return content

    def _want_connection(self) -> None:
        if self.record is not None:
            self.connection_wanted.emit(self.record.run)

    async def close_tasks(self) -> None:
        """Stop reading and wait for it."""
        self.set_session(None)
        await self._tasks.close()

    def tick(self) -> None:
        """Tell the times that go on; go on telling them while the run goes on and is seen."""
        stored, session = self._stored, self._session
        if stored is None or session is None:
            self._clock.stop()
            return
        from zapdesk.ui.runs.run_now import run_now

        now = run_now(session, stored)
        self.content.header.show_run(now, self._end_users.get(now.run.account, ""))
        self.content.tabs.setAccessibleDescription(now.facts.sentence())
        if now.run.status.is_open and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find) and self._stored is not None:
            self.content.open_find()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tick()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _show(self, run_id: str | None) -> None:
        self._run_id, self._stored = run_id, None
        self._clock.stop()
        self.notices.clear("detail")
        if run_id is None and self._content is not None:
            self._content.clear()
        self._show_page()
        self._read()

    def _show_page(self) -> None:
        if self._run_id is None or self._session is None:
            self._pages.setCurrentIndex(_NOTHING)
        elif self._stored is None:
            self._pages.setCurrentIndex(_LOADING)
        else:
            self._pages.setCurrentWidget(self.content)

    def _on_changed(self, change: RunsChange) -> None:
        if change.run is None or change.run.id == self._run_id:
            self._read()

    def _on_marked(self, runs: tuple[ActionRun, ...]) -> None:
        if not runs or any(run.id == self._run_id for run in runs):
            self._read()

    def _read(self) -> None:
        """Read the run again; what comes while that is under way is read after it."""
        if self._run_id is None or self._session is None:
            return
        self._is_stale = True
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start(self._read_runs(), name="read a run")

    async def _read_runs(self) -> None:
        try:
            while self._is_stale and self._run_id is not None and self._session is not None:
                self._is_stale = False
                await self._read_run(self._session, self._run_id)
        finally:
            self._is_reading = False

    async def _read_run(self, session: Session, run_id: str) -> None:
        from zapdesk.ui.runs.run_now import read_run

        try:
            stored = await read_run(session, run_id)
        except ZapdeskError as error:
            if run_id == self._run_id:
                self.notices.show_error(error, "detail")
            return
        if self._content is None:
            import asyncio

            self._make_content()
            await asyncio.sleep(0)  # making it and filling it are two moments for the window
        if run_id == self._run_id and session is self._session:
            self._take(stored)

    def _take(self, stored: StoredRun | None) -> None:
        if stored is None:
            self._show(None)
            return
        self.notices.clear("detail")
        self._stored = stored
        results = None if self._session is None else self._session.results
        self.content.holds_back = self._is_by_itself
        self.content.show_record(stored.record, stored.exchanges, results)
        if self._deeds is not None and self._session is not None:
            self._deeds.show_record(self._session, stored.record)
        self.tick()
        self._show_page()

    def _stop_waiting(self) -> None:
        if self._session is not None and self.record is not None:
            self._session.runs.stop_watching(self.record.run.id)
            self.tick()

    def _look_again(self) -> None:
        if self._session is not None and self.record is not None:
            self._session.runs.watch(self.record.run)
            self.tick()

    def _resolve(self, resolution: Resolution, note: str) -> None:
        if self._session is not None and self.record is not None:
            run_id = self.record.run.id
            resolving = self._write_down(self._session.runs, run_id, resolution, note)
            self._tasks.start(resolving, name="resolve a run")

    async def _write_down(
        self, runs: RunService, run_id: str, resolution: Resolution, note: str
    ) -> None:
        try:
            await runs.resolve(run_id, resolution, note)
        except ZapdeskError as error:
            self.notices.show_error(error, "resolve")

    def _tell_refused(self, text: str) -> None:
        self.notices.show_notice("copy", "info", text)

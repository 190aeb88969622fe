"""DetailDeeds: what is done with the run that is shown: sent again, compared, marked, copied,
exported. Each is asked for by a person, and trouble is told in the detail.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from zapdesk.domain.runs import ActionRun, RunFilter, RunRecord
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.runs.attempt_dialog import Answer
from zapdesk.ui.runs.compare_view import open_comparison
from zapdesk.ui.runs.run_menu import RunMenu
from zapdesk.ui.runs.sending_again import needs_form, send_again

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Session

_SUBJECT = "deed"
_OFFERED = 6  # earlier runs of the same action that can be picked for comparing
_WAITS_S = 15 * 60.0


class DetailDeeds(QObject):
    """``run_started`` gives the run that was sent again, ``edit_wanted`` one for the form."""

    run_started = Signal(object)
    edit_wanted = Signal(object)

    def __init__(self, parent: QWidget, notices: NoticeArea, tasks: LateTasks) -> None:
        super().__init__(parent)
        self._parent, self._notices, self._tasks = parent, notices, tasks
        self._session: Session | None = None
        self._record: RunRecord | None = None
        self.menu = RunMenu(parent)
        self.menu.send_again.connect(self.send_again)
        self.menu.edit_again.connect(self.edit)
        self.menu.run_and_compare.connect(self.run_and_compare)
        self.menu.compared.connect(self.compare_with)
        self.menu.baseline_set.connect(self._set_baseline)
        self.menu.export_wanted.connect(self.show_export)
        self.menu.ticket_wanted.connect(partial(self.show_export, "ticket"))

    def show_record(self, session: Session, record: RunRecord) -> None:
        """Act on this run from now on."""
        self._session, self._record = session, record
        self._notices.clear(_SUBJECT)
        self._start(partial(self._show_menu, session, record.run))

    # Sending

    def edit(self) -> None:
        """Put the run's inputs into the form; nothing is sent."""
        if self._record is not None:
            self.edit_wanted.emit(self._record.run)

    def send_again(self) -> None:
        """Ask, then send the same once more."""
        if self._session is not None and self._record is not None:
            self._start(partial(self._send, self._session, self._record))

    def run_and_compare(self) -> None:
        """Ask, send the same once more, and compare when it has ended."""
        if self._session is not None and self._record is not None:
            self._start(partial(self._send_and_compare, self._session, self._record))

    async def _send(self, session: Session, record: RunRecord) -> ActionRun | None:
        if needs_form(record):
            self.edit_wanted.emit(record.run)
            return None
        answer, run = await send_again(session, record, self._parent)
        if answer is Answer.EDIT:
            self.edit_wanted.emit(record.run)
        if run is not None:
            self.run_started.emit(run)
        return run

    async def _send_and_compare(self, session: Session, record: RunRecord) -> None:
        run = await self._send(session, record)
        if run is None:
            return
        ended = await session.runs.wait(run.id, _WAITS_S)
        if not ended.status.is_open and session is self._session:
            await open_comparison(self._parent, session, record.run.id, ended.id, self._tasks)

    # Comparing

    def compare_with(self, other_id: str) -> None:
        """Show how this run differs from another one."""
        session, record = self._session, self._record
        if session is not None and record is not None:
            ids = other_id, record.run.id
            self._start(partial(open_comparison, self._parent, session, *ids, self._tasks))

    def _set_baseline(self, is_baseline: bool) -> None:
        if self._session is not None and self._record is not None:
            history = self._session.history
            self._start(partial(history.set_baseline, self._record.run.id, is_baseline))

    async def _show_menu(self, session: Session, run: ActionRun) -> None:
        others = await comparable(session, run)
        if self._record is not None and self._record.run.id == run.id:
            self.menu.show_run(run, others)

    # Exporting

    def show_export(self, format: str = "curl") -> None:
        """Show the run in a format, to be looked at before it is copied or saved."""
        if self._session is not None and self._record is not None:
            from zapdesk.ui.runs.export_sheet import ExportSheet

            exports, run, window = self._session.exports, self._record.run, self._parent.window()
            ExportSheet(window, exports, run, self._tasks, format).open()

    def _start(self, deed: Callable[[], Coroutine[Any, Any, object]]) -> None:
        # Not a coroutine: one that is cancelled before its turn would never be awaited.
        self._tasks.start(self._tell_trouble(deed), name="deed of the run detail")

    async def _tell_trouble(self, deed: Callable[[], Coroutine[Any, Any, object]]) -> None:
        try:
            await deed()
        except ZapdeskError as error:
            self._notices.show_error(error, _SUBJECT)


async def comparable(session: Session, run: ActionRun) -> list[tuple[str, ActionRun]]:
    """Runs to compare one with: the known good one, then earlier ones of the same action."""
    baseline = await session.history.baseline(run.profile_id, run.action)
    wanted = RunFilter(profile_id=run.profile_id, action=run.action, before_ms=run.created_ms)
    page = await session.runs.page(wanted, None, _OFFERED)
    earlier = [other for other in page if not other.status.is_open]
    found = []
    if baseline is not None and baseline.id != run.id:
        found.append(("Known good", baseline))
    found += [("Previous run" if n == 0 else "Earlier", other) for n, other in enumerate(earlier)]
    return found

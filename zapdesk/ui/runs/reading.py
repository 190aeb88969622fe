"""Reading the history: pages, counts, the strip, and what there is to filter by.

Which runs are wanted is the filter's, where in the list one looks is the table's; here both are
asked for. An answer to an earlier filter is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from zapdesk.domain.runs import RUNS_END, ActionRun, RunCursor, RunFilter
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.paged_model import Start
from zapdesk.ui.runs.filter_bar import FilterBar
from zapdesk.ui.runs.model import RunModel
from zapdesk.ui.runs.strip import BUCKETS, Strip
from zapdesk.ui.runs.table import RunTable

if TYPE_CHECKING:
    # The services are imported after the first frame has been painted.
    from zapdesk.bootstrap import Session
    from zapdesk.services.history import HistoryService
    from zapdesk.services.runs import RunService

_AGAIN_MS = 150
_COUNTING_MS = 200


class Reading(QObject):
    """``began`` says that rows are being read. ``matching`` is how many runs the filter lets
    through, ``labels`` are those that any run has."""

    began = Signal()

    def __init__(
        self,
        parent: QObject,
        tasks: LateTasks,
        model: RunModel,
        table: RunTable,
        bar: FilterBar,
        strip: Strip,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._model, self._table, self._bar, self._strip = model, table, bar, strip
        self._runs: RunService | None = None
        self._history: HistoryService | None = None
        self._profile_id = ""
        self.matching = 0
        self.labels: tuple[str, ...] = ()
        self._again = self._timer(_AGAIN_MS, self.reload)
        self._counting = self._timer(_COUNTING_MS, self._count)

    def set_session(self, session: Session | None) -> None:
        """Read through these services from now on, or not at all."""
        self._again.stop()
        self._counting.stop()
        self._runs = session.runs if session is not None else None
        self._history = session.history if session is not None else None
        self._profile_id = session.profile.id if session is not None else ""

    def reload_soon(self) -> None:
        """Read again in a moment, once for all that happens until then."""
        self._again.start()

    def count_soon(self) -> None:
        """Count again in a moment."""
        self._counting.start()

    def reload(self) -> None:
        """Read what is shown again, or from the top what another filter lets through."""
        model = self._model
        if self._bar.wanted != model.filter:
            self.jump(Start.TOP)
        elif model.is_top or not model.rowCount():
            # The same rows again: as many as were there, so that nothing moves.
            self._read(Start.TOP, None, model.rowCount())
        else:
            first = model.items[0]
            here = RunCursor(first.created_ms, first.number + 1)
            self._read(Start.MIDDLE, here, model.rowCount())

    def jump(self, start: Start, before_ms: int | None = None) -> None:
        """Show another part of the list: its beginning, its end, or what is older than a time."""
        if start is Start.MIDDLE and self._bar.wanted.text:
            # Finds of a search stand in the order of their numbers: newer ones are left out.
            self.use_times(None, before_ms)
            return
        self._table.forget_place(at_end=start is Start.END)
        where = None if before_ms is None else RunCursor(before_ms, 0)
        self._read(start, RUNS_END if start is Start.END else where, 0)

    def use_times(self, since_ms: int | None, before_ms: int | None) -> None:
        """Show what was run between two times only."""
        self._bar.use(replace(self._bar.wanted, since_ms=since_ms, before_ms=before_ms))

    def find_choices(self) -> None:
        """Find out what there is to filter by."""
        if self._history is not None:
            self._tasks.start(self._read_choices(self._history), name="find what to filter by")

    def _read(self, start: Start, where: RunCursor | None, count: int) -> None:
        runs = self._runs
        if runs is None:
            return
        wanted = self._bar.wanted
        self._model.filter = wanted

        async def load(edge: ActionRun | None, limit: int, is_above: bool) -> tuple[ActionRun, ...]:
            cursor = RunCursor(edge.created_ms, edge.number, is_above) if edge else where
            return await runs.page(wanted, cursor, limit)

        self._model.read_from(load, count, start)
        self._counting.start()
        self.began.emit()

    async def _read_choices(self, history: HistoryService) -> None:
        try:
            found = await history.occurring(self._bar.wanted.profile_id)
            saved = await history.filters(self._profile_id)
        except ZapdeskError:
            return  # the table has said what is wrong with the log
        self.labels = found.labels
        self._bar.set_found(found, saved)

    def _count(self) -> None:
        if self._runs is not None and self._history is not None:
            work = self._read_counts(self._runs, self._history, self._bar.wanted)
            self._tasks.start(work, name="count runs")

    async def _read_counts(
        self, runs: RunService, history: HistoryService, wanted: RunFilter
    ) -> None:
        try:
            counts = await runs.counts(wanted)
            if wanted != self._bar.wanted:
                return
            statuses = wanted.statuses or counts.keys()
            self.matching = sum(counts.get(status, 0) for status in statuses)
            self._bar.set_counts(counts)
            timeline = await history.timeline(wanted, BUCKETS)
        except ZapdeskError:
            return  # the table has said what is wrong with the log
        if wanted == self._bar.wanted:
            self._strip.show_timeline(timeline)

    def _timer(self, milliseconds: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(then)
        return timer

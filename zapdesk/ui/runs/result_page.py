"""ResultPage: the result of a run as a tree, all of it or what a filter finds in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from zapdesk.domain.facts import amount_text, size_text
from zapdesk.domain.json_outline import is_empty
from zapdesk.domain.runs import ActionRun, RunRecord, RunStatus
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.parts import EmptyState
from zapdesk.ui.runs.filter_line import FilterLine
from zapdesk.ui.viewers.json_view import JsonView
from zapdesk.ui.viewers.table_view import TableView

if TYPE_CHECKING:  # it imports what must not be imported before the first paint
    from zapdesk.services.results import ResultService


class ResultPage(QStackedWidget):
    """A view of the result, or why there is none."""

    def __init__(self, view: QWidget, shower: JsonView | TableView) -> None:
        super().__init__()
        self.nothing = EmptyState()
        self._view, self._shower = view, shower
        self.addWidget(self.nothing)
        self.addWidget(view)

    @property
    def has_result(self) -> bool:
        return self.currentWidget() is self._view

    def hold_back(self, size: int) -> None:
        """Say that there is a large result, and offer to open it."""
        title = f"The result is {size_text(size)}"
        sentence = "A large result is not opened by itself."
        self.nothing.set_texts(title, sentence, "Open it")
        self.setCurrentWidget(self.nothing)

    def show_result(self, run: ActionRun, results: bytes | None) -> None:
        """Show ``results``, which are those of ``run`` or a part of them."""
        if results is None or is_empty(results):
            self.nothing.set_texts(*_no_result(run))
            self.setCurrentWidget(self.nothing)
        else:
            self._shower.show_document(results)
            self.setCurrentWidget(self._view)


class FilteredTree(QWidget):
    """A tree under a filter line. ``filtered`` carries what is shown: all of the result, or what
    the filter found, as bytes."""

    filtered = Signal(object)

    def __init__(self, tasks: LateTasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._service: ResultService | None = None
        self._record: RunRecord | None = None
        self._number = 0
        self.filter = FilterLine()
        self.view = JsonView("Result", tasks)
        self.filter.wanted.connect(self._filter)
        self.filter.kept.connect(self._keep)
        self.filter.find_wanted.connect(self.view.open_find)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filter)
        column.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def set_result(self, service: ResultService | None, record: RunRecord | None) -> None:
        """Filter the result of another run from now on; a filter of the run before ends."""
        is_other = (
            self._record is None or record is None or self._record.run.action != record.run.action
        )
        self._service, self._record = service, record
        self._number += 1
        self.filter.clear()
        if is_other and service is not None and record is not None:
            self._tasks.start(self._read_used(service, record), name="filters used before")

    async def _read_used(self, service: ResultService, record: RunRecord) -> None:
        try:
            used = await service.used_filters(record.run.action)
        except ZapdeskError:
            used = ()  # a convenience that the log does not give now
        if record is self._record or service is self._service:
            self.filter.show_history(used)

    def _keep(self, expression: str) -> None:
        if self._service is not None and self._record is not None:
            self._tasks.start(self._note(self._service, self._record, expression), "keep a filter")

    async def _note(self, service: ResultService, record: RunRecord, expression: str) -> None:
        try:
            await service.note_filter(record.run.action, expression)
        except ZapdeskError as error:
            self.filter.show_words(str(error), is_trouble=True)
            return
        await self._read_used(service, record)

    def _filter(self, expression: str) -> None:
        self._number += 1
        record, service = self._record, self._service
        if record is None or record.results is None or service is None:
            return
        if not expression:
            self.filter.show_words("")
            self._show(record.results)
            return
        self.filter.show_words("Filtering…")
        self._tasks.start(
            self._apply(service, record.results, expression, self._number), name="filter a result"
        )

    async def _apply(
        self, service: ResultService, results: bytes, expression: str, number: int
    ) -> None:
        try:
            found = await service.filter(results, expression)
        except ZapdeskError as error:
            if number == self._number:  # what was shown stays
                self.filter.show_words(
                    " ".join(filter(None, (error.title, error.detail, error.hint))),
                    is_trouble=True,
                )
            return
        if number == self._number:
            self.filter.show_words(f"Filtered: {amount_text(found)} of {amount_text(results)}")
            self._show(found)

    def _show(self, shown: bytes) -> None:
        self.view.show_document(shown)
        self.filtered.emit(shown)


def _no_result(run: ActionRun) -> tuple[str, str]:
    """Why there is nothing to show as a result."""
    match run.status:
        case RunStatus.SUCCESS:
            return "Success. The app returned no data.", ""
        case RunStatus.SUBMITTING | RunStatus.WAITING:
            return "No result yet", "It appears here as soon as it is there."
        case RunStatus.ERROR:
            return "No result", "The run ended in an error."
        case RunStatus.UNKNOWN | RunStatus.LOST:
            return "No result", "No answer came that could be used."
    return "No result", "Nothing ran."

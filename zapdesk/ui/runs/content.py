"""RunContent: the header and the tabs of a run's detail. A tab is filled when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.json_outline import (
    ChildScanner,
    JsonKind,
    kind_of,
    root_span,
    scalar_text,
)
from zapdesk.domain.json_table import span_at
from zapdesk.domain.result_values import Path
from zapdesk.domain.runs import RunRecord, label_text
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import EmptyState
from zapdesk.ui.runs.exchange_view import ExchangeView
from zapdesk.ui.runs.fields_view import FieldsView
from zapdesk.ui.runs.header import RunHeader
from zapdesk.ui.runs.result_page import FilteredTree, ResultPage
from zapdesk.ui.runs.timeline import RunTimeline
from zapdesk.ui.viewers.json_view import JsonView
from zapdesk.ui.viewers.raw_view import RawView
from zapdesk.ui.viewers.table_view import TableView

if TYPE_CHECKING:  # it imports what must not be imported before the first paint
    from zapdesk.services.results import ResultService

_LOWEST_TABS = 104
HELD_ABOVE = 1_000_000
"""Bytes of a result that is not opened before a person asks for it."""


class _Tabs(QTabWidget):
    """Tabs that take the room that is left."""

    def hasHeightForWidth(self) -> bool:
        return False  # with True, the pages' own wishes would count as the least


class _Above(QScrollArea):
    """What stands above the tabs: as high as it has to be, scrolling where there is no room."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self._room = 0
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        self.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        content.installEventFilter(self)

    def give(self, room: int) -> None:
        """Take so many pixels of height, or fewer."""
        self._room = room
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        wanted = max(self._content.heightForWidth(self.viewport().width()), 0)  # -1: no room yet
        self._content.setMinimumHeight(wanted)
        self.setFixedHeight(max(min(wanted, self._room), 0))


class RunContent(QWidget):
    """``refused`` says in words why something was not copied. While it ``holds_back``, a large
    result waits for a person's word."""

    refused = Signal(str)

    def __init__(self, tasks: LateTasks) -> None:
        super().__init__()
        self._record: RunRecord | None = None
        self._exchanges: tuple[Exchange, ...] = ()
        self._filled: set[QWidget] = set()
        self.header = RunHeader()
        self.tabs = _Tabs()
        self.tabs.setDocumentMode(True)
        self.tabs.setObjectName("run_tabs")
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.tabs.setMinimumHeight(_LOWEST_TABS)
        self._tasks = tasks
        self.holds_back = False
        self._results: ResultService | None = None
        self._shown: bytes | None = None
        self.filtered = FilteredTree(tasks)
        self.tree = self.filtered.view
        self.result = ResultPage(self.filtered, self.tree)
        self.rows = TableView("Table", tasks)
        self.table = ResultPage(self.rows, self.rows)
        self.raw = RawView("Raw result", tasks)
        self.inputs = JsonView("Inputs", tasks)
        self.fields = FieldsView()
        self.exchanges = ExchangeView(tasks)
        self.timeline = RunTimeline()
        for tab, title in (
            (self.result, "Result"),
            (self.table, "Table"),
            (self.raw, "Raw"),
            (self.inputs, "Inputs"),
            (self.fields, "Fields"),
            (self.exchanges, "Exchanges"),
            (self.timeline, "Timeline"),
        ):
            self.tabs.addTab(tab, title)
        self.tabs.currentChanged.connect(self._fill)
        self.result.nothing.action_requested.connect(self.open_held)
        self.rows.list_wanted.connect(self._show_list)
        self.filtered.filtered.connect(self._on_filtered)
        self.timeline.exchange_wanted.connect(self.show_exchange)
        for view in (self.tree, self.rows, self.inputs):
            view.refused.connect(self.refused)
        for area in (self.tree.tree, self.rows.grid, self.inputs.tree, self.raw.view):
            theme().changed.connect(area.viewport().update)
        theme().changed.connect(self._on_theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header.outcome.exchange_wanted.connect(self.show_exchange)
        self._above = _Above(self.header)
        column.addWidget(self._above)
        column.addWidget(self.tabs, 1)
        self.setFocusProxy(self.tabs)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._above.give(self.height() - _LOWEST_TABS)

    def show_record(
        self,
        record: RunRecord,
        exchanges: Sequence[Exchange],
        results: ResultService | None = None,
    ) -> None:
        """Show a run, or what has become of the one that is shown; ``results`` filters."""
        before, self._record, self._exchanges = self._record, record, tuple(exchanges)
        self._filled -= {self.exchanges, self.timeline}
        if before is None or before.run.id != record.run.id:
            self._filled.clear()
            self._use(results, record)
        elif (before.run.status, before.results) != (record.run.status, record.results):
            self._filled -= {self.result, self.table, self.raw}
            self._use(results, record)
        if before is not None and before.inputs != record.inputs:
            self._filled.discard(self.inputs)
        self._fill()

    def clear(self) -> None:
        """Let go of what is shown; results can be large."""
        self._record, self._exchanges = None, ()
        self._filled.clear()
        self._shown = None
        self.filtered.set_result(None, None)
        for view in (self.tree, self.rows, self.inputs):
            view.show_document(b"")
        self.raw.show_document(b"")
        self.exchanges.show_exchanges(())

    def focus(self) -> None:
        """Go to the tab in front."""
        target: QWidget | None = self.tabs.currentWidget()
        if isinstance(target, QStackedWidget):
            target = target.currentWidget()
        if target is None or isinstance(target, EmptyState):
            target = self.tabs
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_find(self) -> None:
        """Find in what is in front, or else in the raw result."""
        tab = self.tabs.currentWidget()
        if tab is self.exchanges:
            self.exchanges.body.open_find()
        elif tab is self.inputs:
            self.inputs.open_find()
        elif tab is self.result and self.result.has_result:
            self.tree.open_find()
        else:
            self.tabs.setCurrentWidget(self.raw)
            self.raw.open_find()

    def open_held(self) -> None:
        """Show a result that was held back: a person asks for it."""
        self.holds_back = False
        self._filled.discard(self.result)
        self._fill()
        self.focus()

    def show_exchange(self, place: int) -> None:
        """Show the exchange at ``place`` among the run's."""
        self.tabs.setCurrentWidget(self.exchanges)
        self.exchanges.show_place(place)
        self.exchanges.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _use(self, results: ResultService | None, record: RunRecord) -> None:
        self._results, self._shown = results, record.results
        self.filtered.set_result(results, record)

    def _offer_lists(self, shown: bytes | None) -> None:
        self.rows.offer_lists(())
        if self._results is not None and shown is not None:
            self._tasks.start(self._find_lists(self._results, shown), name="find lists")

    async def _find_lists(self, results: ResultService, shown: bytes) -> None:
        try:
            found = await results.tables(shown)
        except ZapdeskError:
            return  # too much to look through: the whole is there as a table
        if shown is self._shown:
            self.rows.offer_lists(((), *(path for path in found if path)))

    def _show_list(self, path: Path) -> None:
        if self._shown is not None:
            self._tasks.start(self._open_list(self._shown, path), name="show a list")

    async def _open_list(self, shown: bytes, path: Path) -> None:
        import asyncio  # not before the first frame

        span = await asyncio.to_thread(span_at, shown, path)
        if span is not None and shown is self._shown:
            self.rows.show_document(shown[slice(*span)])

    def _on_filtered(self, shown: bytes) -> None:
        self._shown = shown
        self._filled.discard(self.table)

    def _on_theme(self) -> None:
        self._filled -= {self.fields, self.timeline}  # their rows hold colours
        self._fill()

    def _fill(self) -> None:
        record, tab = self._record, self.tabs.currentWidget()
        if record is None or tab in self._filled:
            return
        self._filled.add(tab)
        if tab is self.result:
            results = record.results or b""
            if self.holds_back and len(results) > HELD_ABOVE:
                self.result.hold_back(len(results))
            else:
                self.result.show_result(record.run, record.results)
        elif tab is self.table:
            self.table.show_result(record.run, self._shown)
            self._offer_lists(self._shown)
        elif tab is self.raw:
            results = record.results or b""
            is_json = kind_of(results, root_span(results)).has_children
            self.raw.show_document(results, 0 if is_json else None)
        elif tab is self.inputs:
            labels = {name: label_text(told) for name, told in record.labels.items()}
            self.inputs.show_document(record.inputs, labels)
        elif tab is self.fields:
            self.fields.show_form(record.definition, input_ids(record.inputs))
        elif tab is self.exchanges:
            self.exchanges.show_exchanges(self._exchanges)
        elif tab is self.timeline:
            self.timeline.show_steps(record.events, self._exchanges)


def input_ids(inputs: bytes) -> frozenset[str]:
    """The ids of the fields that a run sent a value for."""
    span = root_span(inputs)
    if kind_of(inputs, span) is not JsonKind.OBJECT:
        return frozenset()
    scanner = ChildScanner(inputs, span).run()
    keys = zip(scanner.key_starts, scanner.key_ends, strict=True)
    return frozenset(scalar_text(inputs, key) for key in keys)

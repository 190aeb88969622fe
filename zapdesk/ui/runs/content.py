"""RunContent: the header and the tabs of a run's detail. A tab is made, and filled, when it is
looked at: all of them at once would stop the window for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
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

RESULT, TABLE, RAW, INPUTS = "Result", "Table", "Raw", "Inputs"
FIELDS, EXCHANGES, TIMELINE = "Fields", "Exchanges", "Timeline"
_TITLES = (RESULT, TABLE, RAW, INPUTS, FIELDS, EXCHANGES, TIMELINE)
_LOWEST_TABS = 104
HELD_ABOVE = 1_000_000
"""Bytes of a result that is not opened before a person asks for it."""


class _Tabs(QTabWidget):
    """Tabs that take the room that is left; empty ones until something is put into them."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._titles = titles
        self.tabBar().setAccessibleName("Parts of the run")
        for title in titles:
            self.addTab(QWidget(), title)

    @property
    def title(self) -> str:
        """The tab in front."""
        return self._titles[self.currentIndex()]

    def put(self, title: str, page: QWidget) -> None:
        """Have a page take the place of an empty one."""
        at, front = self._titles.index(title), self.currentIndex()
        empty = self.widget(at)
        with QSignalBlocker(self):
            self.removeTab(at)
            self.insertTab(at, page, title)
            self.setCurrentIndex(front)
        if empty is not None:
            empty.deleteLater()

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
        self._filled: set[str] = set()
        self.header = RunHeader()
        self.tabs = _Tabs(_TITLES)
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
        self.tabs.put(RESULT, self.result)
        self.tabs.currentChanged.connect(self._fill)
        self.result.nothing.action_requested.connect(self.open_held)
        self.filtered.filtered.connect(self._on_filtered)
        self.tree.refused.connect(self.refused)
        theme().changed.connect(self.tree.tree.viewport().update)
        theme().changed.connect(self._on_theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header.outcome.exchange_wanted.connect(self.show_exchange)
        self._above = _Above(self.header)
        column.addWidget(self._above)
        column.addWidget(self.tabs, 1)
        self.setFocusProxy(self.tabs)

    @cached_property
    def rows(self) -> TableView:
        """The table of the result."""
        rows = TableView("Table", self._tasks)
        rows.list_wanted.connect(self._show_list)
        rows.refused.connect(self.refused)
        theme().changed.connect(rows.grid.viewport().update)
        return rows

    @cached_property
    def table(self) -> ResultPage:
        """The tab with the table, or why there is none."""
        table = ResultPage(self.rows, self.rows)
        self.tabs.put(TABLE, table)
        return table

    @cached_property
    def raw(self) -> RawView:
        """The result as it was received."""
        raw = RawView("Raw result", self._tasks)
        theme().changed.connect(raw.view.viewport().update)
        self.tabs.put(RAW, raw)
        return raw

    @cached_property
    def inputs(self) -> JsonView:
        """What was sent."""
        inputs = JsonView("Inputs", self._tasks)
        inputs.refused.connect(self.refused)
        theme().changed.connect(inputs.tree.viewport().update)
        self.tabs.put(INPUTS, inputs)
        return inputs

    @cached_property
    def fields(self) -> FieldsView:
        """The form that the run was made with."""
        fields = FieldsView()
        self.tabs.put(FIELDS, fields)
        return fields

    @cached_property
    def exchanges(self) -> ExchangeView:
        """Every request and its answer."""
        exchanges = ExchangeView(self._tasks)
        self.tabs.put(EXCHANGES, exchanges)
        return exchanges

    @cached_property
    def timeline(self) -> RunTimeline:
        """Every step, with the waits between."""
        timeline = RunTimeline()
        timeline.exchange_wanted.connect(self.show_exchange)
        self.tabs.put(TIMELINE, timeline)
        return timeline

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
        self._filled -= {EXCHANGES, TIMELINE}
        if before is None or before.run.id != record.run.id:
            self._filled.clear()
            self._use(results, record)
        elif (before.run.status, before.results) != (record.run.status, record.results):
            self._filled -= {RESULT, TABLE, RAW}
            self._use(results, record)
        if before is not None and before.inputs != record.inputs:
            self._filled.discard(INPUTS)
        self._fill()

    def clear(self) -> None:
        """Let go of what is shown; results can be large."""
        self._record, self._exchanges = None, ()
        self._filled.clear()
        self._shown = None
        self.filtered.set_result(None, None)
        self.tree.show_document(b"")
        made = vars(self)
        for name in ("rows", "inputs", "raw"):
            if name in made:
                made[name].show_document(b"")
        if "exchanges" in made:
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
        tab = self.tabs.title
        if tab == EXCHANGES:
            self.exchanges.body.open_find()
        elif tab == INPUTS:
            self.inputs.open_find()
        elif tab == RESULT and self.result.has_result:
            self.tree.open_find()
        else:
            self.tabs.setCurrentWidget(self.raw)
            self.raw.open_find()

    def open_held(self) -> None:
        """Show a result that was held back: a person asks for it."""
        self.holds_back = False
        self._filled.discard(RESULT)
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
        self._filled.discard(TABLE)

    def _on_theme(self) -> None:
        self._filled -= {FIELDS, TIMELINE}  # their rows hold colours
        self._fill()

    def _fill(self) -> None:
        record, tab = self._record, self.tabs.title
        if record is None or tab in self._filled:
            return
        self._filled.add(tab)
        if tab == RESULT:
            results = record.results or b""
            if self.holds_back and len(results) > HELD_ABOVE:
                self.result.hold_back(len(results))
            else:
                self.result.show_result(record.run, record.results)
        elif tab == TABLE:
            self.table.show_result(record.run, self._shown)
            self._offer_lists(self._shown)
        elif tab == RAW:
            results = record.results or b""
            is_json = kind_of(results, root_span(results)).has_children
            self.raw.show_document(results, 0 if is_json else None)
        elif tab == INPUTS:
            labels = {name: label_text(told) for name, told in record.labels.items()}
            self.inputs.show_document(record.inputs, labels)
        elif tab == FIELDS:
            self.fields.show_form(record.definition, input_ids(record.inputs))
        elif tab == EXCHANGES:
            self.exchanges.show_exchanges(self._exchanges)
        elif tab == TIMELINE:
            self.timeline.show_steps(record.events, self._exchanges)


def input_ids(inputs: bytes) -> frozenset[str]:
    """The ids of the fields that a run sent a value for."""
    span = root_span(inputs)
    if kind_of(inputs, span) is not JsonKind.OBJECT:
        return frozenset()
    scanner = ChildScanner(inputs, span).run()
    keys = zip(scanner.key_starts, scanner.key_ends, strict=True)
    return frozenset(scalar_text(inputs, key) for key in keys)

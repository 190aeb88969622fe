"""RunContent: the header and the tabs of a run's detail. A tab is filled when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence

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
from zapdesk.domain.json_outline import is_empty, kind_of, root_span
from zapdesk.domain.runs import ActionRun, RunRecord, RunStatus, label_text
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import EmptyState
from zapdesk.ui.runs.exchange_view import ExchangeView
from zapdesk.ui.runs.header import RunHeader
from zapdesk.ui.runs.timeline import RunTimeline
from zapdesk.ui.viewers.json_tree import JsonTree
from zapdesk.ui.viewers.raw_view import RawView

_LOWEST_TABS = 112


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
    """``refused`` says in words why something was not copied."""

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
        self.result = QStackedWidget()
        self.no_result = EmptyState()
        self.tree = JsonTree("Result", tasks)
        self.result.addWidget(self.no_result)
        self.result.addWidget(self.tree)
        self.raw = RawView("Raw result", tasks)
        self.inputs = JsonTree("Inputs", tasks)
        self.exchanges = ExchangeView(tasks)
        self.timeline = RunTimeline()
        for tab, title in (
            (self.result, "Result"),
            (self.raw, "Raw"),
            (self.inputs, "Inputs"),
            (self.exchanges, "Exchanges"),
            (self.timeline, "Timeline"),
        ):
            self.tabs.addTab(tab, title)
        self.tabs.currentChanged.connect(self._fill)
        for tree in (self.tree, self.inputs):
            tree.refused.connect(self.refused)
            theme().changed.connect(tree.viewport().update)
        theme().changed.connect(self.raw.view.viewport().update)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._above = _Above(self.header)
        column.addWidget(self._above)
        column.addWidget(self.tabs, 1)
        self.setFocusProxy(self.tabs)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._above.give(self.height() - _LOWEST_TABS)

    def show_record(self, record: RunRecord, exchanges: Sequence[Exchange]) -> None:
        """Show a run, or what has become of the one that is shown."""
        before, self._record, self._exchanges = self._record, record, tuple(exchanges)
        self._filled -= {self.exchanges, self.timeline}
        if before is None or before.run.id != record.run.id:
            self._filled.clear()
        elif (before.run.status, before.results) != (record.run.status, record.results):
            self._filled -= {self.result, self.raw}
        self._fill()

    def clear(self) -> None:
        """Let go of what is shown; results can be large."""
        self._record, self._exchanges = None, ()
        self._filled.clear()
        for tree in (self.tree, self.inputs):
            tree.show_document(b"")
        self.raw.show_document(b"")
        self.exchanges.show_exchanges(())

    def focus(self) -> None:
        """Go to the tab in front."""
        tab = self.tabs.currentWidget()
        target = self.result.currentWidget() if tab is self.result else tab
        if target is None or target is self.no_result:
            target = self.tabs
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_find(self) -> None:
        """Find in the exchange that is in front, else in the raw result."""
        if self.tabs.currentWidget() is self.exchanges:
            self.exchanges.body.open_find()
        else:
            self.tabs.setCurrentWidget(self.raw)
            self.raw.open_find()

    def _fill(self) -> None:
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
            labels = {name: label_text(told) for name, told in record.labels.items()}
            self.inputs.show_document(record.inputs, labels)
        elif tab is self.exchanges:
            self.exchanges.show_exchanges(self._exchanges)
        elif tab is self.timeline:
            self.timeline.show_events(record.events)

    def _show_result(self, record: RunRecord) -> None:
        if record.results is None or is_empty(record.results):
            self.no_result.set_texts(*_no_result(record.run))
            self.result.setCurrentWidget(self.no_result)
        else:
            self.tree.show_document(record.results)
            self.result.setCurrentWidget(self.tree)


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

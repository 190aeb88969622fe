"""ExchangeView: every request of a run and what came back, as it was stored: secrets are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.facts import size_text
from zapdesk.domain.json_outline import kind_of, root_span
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, PlainLabel
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.facts import exchange_duration
from zapdesk.ui.runs.timing_bar import TimingBar
from zapdesk.ui.times import local
from zapdesk.ui.viewers.raw_view import RawView

_CELL_LIMIT = 500
_REQUEST = 1
_WIDTHS = {0: 200, 2: 96, 3: 92, 4: 84}
_ROOM_FOR_REQUEST = 640  # below this width the request is told on hover, and in full below
_TITLES = ("What for", "Request", "Answer", "At", "Took")


class ExchangeView(QWidget):
    """A list of exchanges; below it the one that is picked, request and response."""

    def __init__(self, tasks: LateTasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exchanges: tuple[Exchange, ...] = ()
        self.list = QTreeWidget()
        self.list.setObjectName("plain_rows")
        self.list.setAccessibleName("Exchanges")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setHeaderLabels(_TITLES)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.list.header()
        header.setStretchLastSection(False)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        header.setSectionResizeMode(_REQUEST, QHeaderView.ResizeMode.Stretch)
        header.setSectionsClickable(False)
        self.list.currentItemChanged.connect(lambda: self._show_current())
        self.answer = PlainLabel(tone="muted", size="small", elide=True)
        self.timing = TimingBar()
        self.body = RawView("Request or response", tasks)
        self._sides = QButtonGroup(self)
        row = QHBoxLayout()
        row.setContentsMargins(S, XS, M, XS)
        row.setSpacing(XS)
        for number, word in enumerate(("Request", "Response")):
            side = Button(word)
            side.setProperty("chip", True)
            side.setCheckable(True)
            self._sides.addButton(side, number)
            row.addWidget(side)
        self._sides.button(1).setChecked(True)
        self._sides.idClicked.connect(lambda: self._show_current())
        row.addSpacing(S)
        row.addWidget(self.answer, 1)
        lower = QWidget()
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addLayout(row)
        timing = QHBoxLayout()
        timing.setContentsMargins(M, 0, M, S)
        timing.addWidget(self.timing)
        below.addLayout(timing)
        below.addWidget(self.body, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.list)
        splitter.addWidget(lower)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def show_exchanges(self, exchanges: Sequence[Exchange]) -> None:
        """Show these; the one that was picked stays picked, else the last is."""
        if tuple(exchanges) == self._exchanges:
            return
        row = self.list.currentIndex().row()
        followed = row < 0 or row == len(self._exchanges) - 1
        is_longer = exchanges[: len(self._exchanges)] == self._exchanges
        self._exchanges = tuple(exchanges)
        self.list.blockSignals(True)
        self.list.clear()
        for exchange in self._exchanges:
            self.list.addTopLevelItem(_item(exchange))
        last = len(self._exchanges) - 1
        row = last if followed or not is_longer else row
        if row >= 0:
            self.list.setCurrentIndex(self.list.model().index(row, 0))
        self.list.blockSignals(False)
        self._show_current()

    def show_place(self, place: int) -> None:
        """Make the exchange at ``place`` the current one."""
        self.list.setCurrentIndex(self.list.model().index(place, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = event.size().width() < _ROOM_FOR_REQUEST
        self.list.setColumnHidden(_REQUEST, is_narrow)
        mode = QHeaderView.ResizeMode
        self.list.header().setSectionResizeMode(0, mode.Stretch if is_narrow else mode.Fixed)
        if not is_narrow:
            self.list.header().resizeSection(0, _WIDTHS[0])

    def _show_current(self) -> None:
        row = self.list.currentIndex().row()
        if not 0 <= row < len(self._exchanges):
            self.answer.setText("")
            self.timing.show_exchange(None)
            self.body.show_document(b"")
            return
        exchange = self._exchanges[row]
        self.answer.setText(_answer(exchange))
        self.timing.show_exchange(exchange)
        text, json_from = message(exchange, is_request=self._sides.checkedId() == 0)
        self.body.show_document(text, json_from)


def _answer(exchange: Exchange) -> str:
    if exchange.status is None:
        return exchange.failure or "no answer"
    return f"HTTP {exchange.status} · {size_text(exchange.body_size)}"


def message(exchange: Exchange, *, is_request: bool) -> tuple[bytes, int | None]:
    """One side of an exchange as text, and where its JSON begins (``None``: it has none)."""
    if is_request:
        first = f"{exchange.method} {exchange.url}"
        headers, body = exchange.request_headers, exchange.request_body
    elif exchange.status is None:
        return (exchange.failure or "No answer came.").encode("utf-8", "replace"), None
    else:
        first = f"HTTP {exchange.status}"
        headers, body = exchange.response_headers, exchange.response_body
    head = "\n".join([first, *(f"{name}: {value}" for name, value in headers)]) + "\n\n"
    start = head.encode("utf-8", "replace")
    if not is_request and exchange.body_size > len(body):
        tail = f"\n\n… cut: {size_text(len(body))} of {size_text(exchange.body_size)} are kept."
        if exchange.failure:
            tail += f" {exchange.failure}"
        return start + body + tail.encode("utf-8", "replace"), None
    is_json = kind_of(body, root_span(body)).has_children
    return start + body, len(start) if is_json else None


def _path(url: str) -> str:
    """An address without the server, which is the same for all."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _item(exchange: Exchange) -> QTreeWidgetItem:
    answer = "no answer" if exchange.status is None else str(exchange.status)
    moment = local(exchange.started_ms)
    times = f" × {exchange.repeated + 1:,}" if exchange.repeated else ""
    texts = (
        exchange.purpose + times,
        f"{exchange.method} {_path(exchange.url)}",
        answer,
        f"{moment:%H:%M:%S}",
        exchange_duration(exchange),
    )
    item = QTreeWidgetItem([one_line(text, _CELL_LIMIT) for text in texts])
    for column in (0, _REQUEST):
        item.setToolTip(column, plain_tool_tip(f"{exchange.method} {exchange.url}"))
    item.setFont(_REQUEST, theme().font("small", mono=True))
    return item

"""The network as a page: every host that was spoken to, and the switch that stops everything."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from zapdesk.domain.facts import size_text
from zapdesk.services import network
from zapdesk.services.network import Contact
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.look.metrics import ICON, XL, XS, M, S
from zapdesk.ui.parts import CheckBox, HLine, PlainLabel, SectionHeader
from zapdesk.ui.parts.copy_button import CopyButton
from zapdesk.ui.sheets import Sheet, scrolling
from zapdesk.ui.times import local

_WIDTH, _HEIGHT = 720, 264
_LOOK_MS = 1_000
_HEADINGS = ("Server", "What for", "Requests", "Sent", "Received", "Last")
_HONESTY = (
    "This is everything since zapdesk was started. It reports to nobody and looks for no updates."
)
_SANDBOX = (
    "The sandbox is a program of its own on this computer. Where its Webhook app sends something to"
    " is what you type there, and is not counted here."
)

Row = tuple[str, str, str, str, str, str]


class NetworkSheet(Sheet):
    """``offline_chosen`` is the switch."""

    offline_chosen = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Network", _WIDTH)
        self.column.addWidget(PlainLabel("Network", size="title", bold=True))
        self.column.addWidget(PlainLabel(_HONESTY, tone="muted", wrap=True))
        self.column.addSpacing(S)
        self.switch = CheckBox("Work offline")
        self.switch.setChecked(network.is_offline())
        self.switch.toggled.connect(self.offline_chosen)
        self.column.addWidget(self.switch)
        words = (
            "No connection is opened, not to the sandbox either, and nothing is kept to be sent"
            " later. A run that has left already is waited for."
        )
        explained = PlainLabel(words, tone="muted", wrap=True)
        explained.setContentsMargins(ICON + S + 2, 0, 0, 0)  # under the words beside the box
        self.column.addWidget(explained)
        self.column.addSpacing(M)
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self.column.addLayout(self._body)
        self._shown: QWidget | None = None
        self._told: tuple[object, ...] = ()
        self.add_button(
            CopyButton("Copy", lambda: copy_text(as_text(network.contacts(), network.openings())))
        )
        self.finish()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.finished.connect(self._timer.stop)
        self.look()

    def look(self) -> None:
        """Show how it is now."""
        if self.switch.isChecked() != network.is_offline():
            self.switch.blockSignals(True)
            self.switch.setChecked(network.is_offline())
            self.switch.blockSignals(False)
        contacts, openings = network.contacts(), network.openings()
        told = (*(row(contact) for contact in contacts), openings)
        if self._shown is not None and told == self._told:
            return
        self._told = told
        content = _content(contacts, openings)
        area = scrolling(content, _HEIGHT, "What was contacted")
        area.setFixedHeight(_HEIGHT)
        if self._shown is not None:
            self._body.removeWidget(self._shown)
            self._shown.hide()
            self._shown.deleteLater()
        self._shown = area
        self._body.addWidget(area)


def row(contact: Contact) -> Row:
    """What is told of one host."""
    where = "this computer" if contact.is_local else contact.host
    whys = sorted(contact.whys.items(), key=lambda item: -item[1])
    what = ", ".join(f"{why} {count:,}" if count > 1 else why for why, count in whys)
    failed = f" ({contact.failures:,} failed)" if contact.failures else ""
    return (
        f"{where}:{contact.port}",
        what or ("connection only" if contact.connections else ""),
        f"{contact.requests:,}{failed}",
        size_text(contact.sent),
        size_text(contact.received),
        f"{local(contact.last_ms):%H:%M:%S}",
    )


def as_text(contacts: Sequence[Contact], openings: Sequence[tuple[str, int]]) -> str:
    """All of it as lines."""
    lines = ["\t".join(_HEADINGS), *("\t".join(row(contact)) for contact in contacts)]
    lines += (f"{host}\topened in the browser\t{count:,}" for host, count in openings)
    return "\n".join(lines) + "\n"


def _content(contacts: Sequence[Contact], openings: Sequence[tuple[str, int]]) -> QWidget:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, M, 0)
    column.setSpacing(S)
    if contacts:
        column.addLayout(_table([row(contact) for contact in contacts]))
    else:
        column.addWidget(PlainLabel("No server was spoken to.", tone="muted"))
    if any(contact.is_local for contact in contacts):
        column.addWidget(PlainLabel(_SANDBOX, tone="muted", size="small", wrap=True))
    if openings:
        column.addSpacing(S)
        column.addWidget(SectionHeader("Opened in the browser"))
        column.addWidget(HLine())
        for host, count in openings:
            times = "once" if count == 1 else f"{count:,} times"
            column.addWidget(PlainLabel(f"{host}, {times}"))
    column.addStretch(1)
    return content


def _table(rows: Sequence[Row]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, XS, 0, XS)
    grid.setHorizontalSpacing(XL)
    grid.setVerticalSpacing(S)
    grid.setColumnStretch(1, 1)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for place, heading in enumerate(_HEADINGS):
        label = PlainLabel(heading, size="small", tone="muted", bold=True)
        grid.addWidget(label, 0, place, right if place in (2, 3, 4) else Qt.AlignmentFlag.AlignLeft)
    for number, cells in enumerate(rows, 1):
        grid.addWidget(HLine(), 2 * number - 1, 0, 1, len(_HEADINGS))
        for place, cell in enumerate(cells):
            label = PlainLabel(cell, elide=place == 1, tone="muted" if place == 1 else "text")
            if place in (2, 3, 4):
                label.setAlignment(right)
            grid.addWidget(label, 2 * number, place)
    return grid

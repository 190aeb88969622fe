"""With which connection an action runs: the list, and what to do where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QWidget

from zapdesk.domain.catalog import App, Authentication
from zapdesk.ui.look.metrics import S
from zapdesk.ui.parts import Button, ComboBox, IconButton, PlainLabel
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.catalog import Connections

_LONGEST = 120


class ConnectionPicker(QWidget):
    """``chosen`` gives an Authentication; ``connect_wanted`` an address of Zapier's."""

    chosen = Signal(object)
    refresh_wanted = Signal()
    connect_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._items: tuple[Authentication, ...] = ()
        self._connect_url = ""
        self._label = PlainLabel("Connection", bold=True)
        self.combo = ComboBox("Connection")
        self._note = PlainLabel(tone="muted", elide=True)
        self._connect = Button("Connect on the web", icon="external-link")
        self._refresh = IconButton("refresh", "Look for connections again")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(self._label)
        row.addWidget(self.combo, 1)
        row.addWidget(self._note, 1)
        row.addWidget(self._connect)
        row.addWidget(self._refresh)
        self._label.setBuddy(self.combo)
        self.combo.activated.connect(self._on_activated)
        self._connect.clicked.connect(lambda: self.connect_wanted.emit(self._connect_url))
        self._refresh.clicked.connect(self.refresh_wanted)
        self.show_loading()

    def show_loading(self) -> None:
        """Say that the connections are being fetched."""
        self._show("Looking for connections…")

    def show_connections(
        self, app: App, connections: Connections, current: Authentication | None
    ) -> None:
        """Show what there is, with ``current`` chosen."""
        self._items = connections.items
        self._connect_url = connections.connect_url or app.connect_url or ""
        title = one_line(app.title, 60)
        if connections.items:
            self._fill(connections.items, current)
            note = "" if connections.usable else "Every connection has expired."
            self._show(note, has_list=True, can_connect=not connections.usable)
        elif connections.trouble is not None:
            trouble = connections.trouble
            self._show(f"{trouble.title} {trouble.hint}".strip(), can_refresh=True)
        elif connections.needs_one is False:
            self._show(f"{title} needs no connection.")
        elif connections.needs_one:
            self._show(f"No connection to {title} yet.", can_connect=True, can_refresh=True)
        else:
            self._show("No connections were found.", can_connect=True, can_refresh=True)

    @property
    def note(self) -> str:
        """What is said beside or instead of the list."""
        return self._note.whole_text

    def _fill(self, items: tuple[Authentication, ...], current: Authentication | None) -> None:
        combo = self.combo
        combo.clear()
        for item in items:
            name = one_line(item.title, _LONGEST) or one_line(item.id, _LONGEST)
            combo.addItem(f"{name} · expired: connect it again" if item.is_expired else name)
        model = combo.model()
        if isinstance(model, QStandardItemModel):
            for row, item in enumerate(items):
                model.item(row).setEnabled(not item.is_expired)
        ids = [item.id for item in items]
        combo.setPlaceholderText("Choose a connection")
        combo.setCurrentIndex(ids.index(current.id) if current and current.id in ids else -1)

    def _show(
        self,
        note: str,
        *,
        has_list: bool = False,
        can_connect: bool = False,
        can_refresh: bool = False,
    ) -> None:
        self._note.setText(note)
        self._note.setVisible(not has_list or bool(note))
        self.combo.setVisible(has_list)
        self._connect.setVisible(can_connect and bool(self._connect_url))
        self._refresh.setVisible(has_list or can_refresh)

    def _on_activated(self, row: int) -> None:
        if 0 <= row < len(self._items) and not self._items[row].is_expired:
            self.chosen.emit(self._items[row])

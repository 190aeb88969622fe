"""With which connection an action runs: the list, and what to do where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from zapdesk.domain.catalog import App, Authentication
from zapdesk.ui.connections.words import name_of
from zapdesk.ui.look.metrics import S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, ComboBox, IconButton, PlainLabel
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.catalog import Connections

_MOST_EXPIRED = 5


class ConnectionPicker(QWidget):
    """``chosen`` gives an Authentication; ``connect_wanted`` the one to renew, or None for a new
    one; ``key_wanted`` and ``manage_wanted`` ask for the dialog and the window."""

    chosen = Signal(object)
    refresh_wanted = Signal()
    connect_wanted = Signal(object)
    key_wanted = Signal()
    manage_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._items: tuple[Authentication, ...] = ()
        self._renews: Authentication | None = None
        self._label = PlainLabel("Connection", bold=True)
        self.combo = ComboBox("Connection")
        self._note = PlainLabel(tone="muted", elide=True)
        self.connect_button = Button("Connect…", icon="external-link")
        self.refresh_button = IconButton("refresh", "Look for connections again")
        self.menu_button = IconButton("more", "Connect, reconnect and manage")
        self.menu = QMenu(self.menu_button)
        self.menu_button.setMenu(self.menu)
        self.menu.aboutToShow.connect(self._fill_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(self._label)
        row.addWidget(self.combo, 1)
        row.addWidget(self._note, 1)
        row.addWidget(self.connect_button)
        row.addWidget(self.refresh_button)
        row.addWidget(self.menu_button)
        self._label.setBuddy(self.combo)
        self.combo.activated.connect(self._on_activated)
        self.connect_button.clicked.connect(lambda: self.connect_wanted.emit(self._renews))
        self.refresh_button.clicked.connect(self.refresh_wanted)
        self.show_loading()

    def show_loading(self) -> None:
        """Say that the connections are being fetched."""
        self._items = ()
        self._show("Looking for connections…")

    def show_connections(
        self, app: App, connections: Connections, current: Authentication | None
    ) -> None:
        """Show what there is, with ``current`` chosen."""
        self._items = items = connections.items
        title = one_line(app.title, 60)
        self._renews = None
        if items:
            self._fill(items, current)
            expired = [connection for connection in items if connection.is_expired]
            is_lost = any(current is not None and c.id == current.id for c in expired)
            if is_lost or not connections.usable:
                wanted = current.id if is_lost and current is not None else expired[0].id
                self._renews = next(c for c in expired if c.id == wanted)
            self._show("", has_list=True, connects="Reconnect…" if self._renews else "")
        elif connections.needs_one is False:
            self._show(f"{title} needs no connection.")
        elif connections.trouble is not None:
            trouble = connections.trouble
            self._show(f"{trouble.title} {trouble.hint}".strip(), can_manage=True)
        elif connections.needs_one:
            self._show(f"No connection to {title} yet.", connects="Connect…", can_manage=True)
        else:
            self._show("No connections were found.", connects="Connect…", can_manage=True)

    @property
    def note(self) -> str:
        """What is said instead of the list."""
        return self._note.whole_text

    def _fill(self, items: tuple[Authentication, ...], current: Authentication | None) -> None:
        combo = self.combo
        combo.clear()
        for item in items:
            name = name_of(item)
            combo.addItem(f"{name} · expired" if item.is_expired else name)
        model = combo.model()
        if isinstance(model, QStandardItemModel):
            for row, item in enumerate(items):
                model.item(row).setEnabled(not item.is_expired)
        ids = [item.id for item in items]
        has_usable = any(not item.is_expired for item in items)
        combo.setPlaceholderText("Choose a connection" if has_usable else "All have expired")
        combo.setCurrentIndex(ids.index(current.id) if current and current.id in ids else -1)

    def _fill_menu(self) -> None:
        self.menu.clear()
        look = theme()
        connect = self.menu.addAction(look.icon("external-link"), "Connect new…")
        connect.triggered.connect(lambda: self.connect_wanted.emit(None))
        for item in [c for c in self._items if c.is_expired][:_MOST_EXPIRED]:
            name = one_line(name_of(item), 48).replace("&", "&&")
            renew = self.menu.addAction(f"Reconnect {name}…")
            renew.triggered.connect(lambda _=False, item=item: self.connect_wanted.emit(item))
        key = self.menu.addAction(look.icon("key"), "Enter a key…")
        key.triggered.connect(self.key_wanted)
        self.menu.addSeparator()
        manage = self.menu.addAction(look.icon("connection"), "Manage connections…")
        manage.triggered.connect(self.manage_wanted)

    def _show(
        self,
        note: str,
        *,
        has_list: bool = False,
        connects: str = "",
        can_manage: bool = False,
    ) -> None:
        self._note.setText(note)
        self._note.setVisible(not has_list)
        self.combo.setVisible(has_list)
        if connects:
            self.connect_button.set_text(connects)
        elif has_list and self.connect_button.hasFocus():
            self.combo.setFocus()  # the connection that was wanted is there
        self.connect_button.setVisible(bool(connects))
        for button in (self.refresh_button, self.menu_button):
            button.setVisible(has_list or can_manage)

    def _on_activated(self, row: int) -> None:
        if 0 <= row < len(self._items) and not self._items[row].is_expired:
            self.chosen.emit(self._items[row])

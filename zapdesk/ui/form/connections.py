"""FormConnections: with which connection a form is used; found, chosen, made or renewed.

What is typed in the form stays whatever happens here: another connection is one of the form's
values, not another form.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from zapdesk.domain.catalog import App, Authentication
from zapdesk.errors import ZapdeskError
from zapdesk.ui.connections.browser import BrowserConnecting
from zapdesk.ui.form.barring import words
from zapdesk.ui.form.connection_picker import ConnectionPicker
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # these import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.services.catalog import Connections
    from zapdesk.services.forms import FormSession

Start = Callable[[Coroutine[Any, Any, Any]], object]


class FormConnections(QObject):
    """``used`` gives the Authentication, or None where none is needed; ``waits`` a title and a
    sentence while there is none to use; ``asked`` the widget in which a person has to choose;
    ``manage_wanted`` the App whose connections are to be shown."""

    used = Signal(object)
    waits = Signal(str, str)
    asked = Signal(object)
    manage_wanted = Signal(object)

    def __init__(
        self, panel: QWidget, picker: ConnectionPicker, notices: NoticeArea, start: Start
    ) -> None:
        super().__init__(panel)
        self._panel, self._picker = panel, picker
        self._notices, self._start = notices, start
        self._session: Session | None = None
        self._form: FormSession | None = None
        self._wanted: str | None = None
        self._is_used = False
        self.browser = BrowserConnecting(panel, start)
        self.browser.found.connect(self.take)
        picker.chosen.connect(self._use)
        picker.refresh_wanted.connect(lambda: self.find(refresh=True))
        picker.connect_wanted.connect(self._connect)
        picker.key_wanted.connect(self._enter_key)
        picker.manage_wanted.connect(self._manage)

    @property
    def app(self) -> App | None:
        """The app of the form."""
        return self._form.app if self._form is not None else None

    def begin(self, session: Session, form: FormSession, wanted: str | None) -> None:
        """Find the connection for another form; ``wanted`` is the id of the one it had before."""
        self._session, self._form, self._wanted = session, form, wanted
        self._is_used = False
        self.find()

    def end(self) -> None:
        """The form is closed."""
        self._session = self._form = self._wanted = None
        self._is_used = False
        self.browser.close()

    def find(self, *, refresh: bool = False) -> None:
        """Look for the connections there are."""
        if self._session is not None and self._form is not None:
            self._start(self._load(self._session, self._form, refresh=refresh))

    def on_change(self, app_id: str) -> None:
        """The connections of an app have changed."""
        if self.app is not None and self.app.id == app_id:
            self.find()

    def take(self, connection: Authentication) -> None:
        """Use a connection that was just made, or works again."""
        if self.app is not None and self.app.id == connection.app_id:
            self._wanted = connection.id
            self._use(connection)
            self.find()

    async def _load(self, session: Session, form: FormSession, *, refresh: bool) -> None:
        try:
            connections = await session.catalog.connections(form.app.id, refresh=refresh)
        except ZapdeskError as error:
            if form is self._form:
                self._notices.show_error(error, "connections")
            return
        last = await session.connections.last(form.app.id)
        if form is self._form:
            self._show(form, connections, last)

    def _show(self, form: FormSession, connections: Connections, last: str | None) -> None:
        usable = connections.usable
        current = form.authentication
        if not self._is_used:
            wanted = self._wanted if self._wanted is not None else last
            current = next((c for c in usable if c.id == wanted), None)
            if self._wanted is None and len(usable) == 1:
                current = usable[0]
        self._picker.show_connections(form.app, connections, current)
        if self._is_used:
            return
        if current is not None or (not connections.items and connections.needs_one is False):
            self._use(current)
        elif _is_for_the_server_to_say(connections):
            self._use(None)
        else:
            self._wait(form, connections)

    def _wait(self, form: FormSession, connections: Connections) -> None:
        usable = connections.usable
        title = one_line(form.app.title, 60)
        if usable and self._wanted is not None:
            text = "The connection that was used then is gone or has expired."
            self.waits.emit("Choose a connection.", text)
        elif usable:
            self.waits.emit("Choose a connection.", "Its account decides what the form offers.")
        elif connections.items:
            text = "The form comes back as soon as one works again. Reconnect it above."
            self.waits.emit(f"Your connections to {title} have expired.", text)
        elif connections.trouble is not None:
            title, text = "The connections could not be loaded.", "Try again with the arrow above."
            self.waits.emit(*words(connections.trouble, title, text))
        else:
            text = "The form opens as soon as there is a connection."
            self.waits.emit(f"Connect {title} first.", text)
        if usable:
            self.asked.emit(self._picker.combo)

    def _use(self, connection: Authentication | None) -> None:
        self._is_used = True
        self.used.emit(connection)
        if connection is not None and self._session is not None:
            self._start(self._session.connections.note_last(connection))

    # Making one

    def _connect(self, renews: Authentication | None) -> None:
        session, form = self._session, self._form
        if session is not None and form is not None:
            base_url = session.transport.base_url
            self.browser.begin(session.connections, base_url, form.app, renews)

    def _enter_key(self) -> None:
        from zapdesk.ui.connections.credentials_dialog import CredentialsDialog

        if self._session is not None and self._form is not None:
            dialog = CredentialsDialog(self._panel, self._session, self._form.app, self._start)
            dialog.made.connect(self.take)
            dialog.open()

    def _manage(self) -> None:
        if self.app is not None:
            self.manage_wanted.emit(self.app)


def _is_for_the_server_to_say(connections: Connections) -> bool:
    """Whether nobody has said what an app needs, which no list may have, and there is none."""
    is_listed = connections.trouble is None or connections.fetched_ms is not None
    return connections.needs_one is None and not connections.items and is_listed

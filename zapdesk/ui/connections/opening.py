"""Opening the connections window, from the menu and from the forms, and telling forms of what was
made there. One window at a time; it goes with the profile it was opened for.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from zapdesk.domain.catalog import App, Authentication
from zapdesk.ui.accounts.way import ASK_AGAIN
from zapdesk.ui.connections.window import ConnectionsWindow
from zapdesk.ui.fitting import keep_on_screen

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.domain.runs import ActionRun
    from zapdesk.ui.shell.main_window import MainWindow

Start = Callable[[Coroutine[Any, Any, Any]], object]


class ConnectionsOpening(QObject):
    """``start`` runs coroutines that outlive the windows."""

    def __init__(self, window: MainWindow, start: Start) -> None:
        super().__init__(window)
        self._window, self._start = window, start
        self._session: Session | None = None
        self._is_for_form = False
        self.shown: ConnectionsWindow | None = None
        window.commands.bind("connections", lambda: self.open(), lambda: self._session is not None)
        window.panels.action.connections_wanted.connect(self._open_for_form)
        window.panels.detail.connection_wanted.connect(self._open_for)

    def follow(self, session: Session | None) -> None:
        """Show the connections of this profile from now on."""
        if session is not self._session and self.shown is not None:
            self.shown.close()
        self._session = session
        self._window.commands.refresh()

    def open(self, app: App | None = None, connection_id: str = "") -> None:
        """Open the window, or raise the one there is, with an app or a connection in front."""
        if self._session is None:
            return
        self._is_for_form = False
        if self.shown is None:
            self.shown = ConnectionsWindow(self._window, self._session, self._start)
            self.shown.made.connect(self._give)
            self.shown.more_wanted.connect(
                lambda: self._window.sign_in_requested.emit("", ASK_AGAIN)
            )
            self.shown.finished.connect(self._forget)
        self.shown.show()
        keep_on_screen(self.shown)
        self.shown.raise_()
        self.shown.activateWindow()
        if app is not None:
            self.shown.show_app(app, connection_id)

    def _open_for_form(self, app: App) -> None:
        self.open(app)
        self._is_for_form = True

    def _give(self, connection: Authentication) -> None:
        forms = self._window.panels.action
        forms.take_connection(connection, is_asked=self._is_for_form)

    def _open_for(self, run: ActionRun) -> None:
        """Show the connection of a run; the run of another profile has none here."""
        if self._session is not None and run.profile_id == self._session.profile.id:
            app_id = run.action.app_id
            app = self._session.catalog.app(app_id) or App(app_id, run.app_title)
            self.open(app, run.authentication_id or "")

    def _forget(self) -> None:
        self.shown = None

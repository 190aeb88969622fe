"""Connecting an app in the browser, as the window sees it: the page is opened, what comes of it is
waited for, and a strip says how far it is. Nothing else is kept from being done meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from zapdesk.domain.catalog import App, Authentication
from zapdesk.errors import ZapdeskError
from zapdesk.redaction import REDACTOR, Guess
from zapdesk.ui.clipboard import copy_secret, copy_text
from zapdesk.ui.connections.strip import ConnectStrip
from zapdesk.ui.links import open_servers_page

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.connecting import Connecting
    from zapdesk.services.connections import ConnectionService

Start = Callable[[Coroutine[Any, Any, Any]], object]

_BETWEEN_LOOKS_S = 2.0
"""At least; coming back to the window looks at once, and windows come and go."""
_LEADS = "The page on which it is connected is on {host}, outside Zapier."


class BrowserConnecting(QObject):
    """One attempt at a time, with its strip. ``found`` gives the Authentication that came."""

    found = Signal(object)

    def __init__(self, parent: QWidget, start: Start) -> None:
        super().__init__(parent)
        self._window = parent
        self._start = start
        self._base_url = ""
        self._attempt: Connecting | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._looked_at = 0.0
        self.strip = ConnectStrip()
        self.strip.open_wanted.connect(self._open_again)
        self.strip.look_wanted.connect(self._look_again)
        self.strip.copy_wanted.connect(self._copy_again)
        self.strip.stop_wanted.connect(self.close)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._on_state)

    @property
    def app(self) -> App | None:
        """The app that is being connected."""
        return self._attempt.app if self._attempt is not None else None

    def begin(
        self,
        service: ConnectionService,
        base_url: str,
        app: App,
        renews: Authentication | None = None,
    ) -> None:
        """Open the page for ``app`` in place of an attempt there was; ``base_url`` is the
        profile's server."""
        self.close()
        self._base_url = base_url
        self._attempt = attempt = service.connect(app, renews)
        self._unsubscribe = attempt.changed.subscribe(self.strip.show_attempt)
        self.strip.show_attempt(attempt)
        self._start(self._lead(attempt))

    def close(self) -> None:
        """Stop looking. What is done on the page counts all the same."""
        self._unsubscribe()
        self._unsubscribe = lambda: None
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.close()
        if isValid(self.strip):
            self.strip.hide()

    async def _lead(self, attempt: Connecting) -> None:
        if await self._open(attempt):
            await self._watch(attempt)

    async def _watch(self, attempt: Connecting) -> None:
        found = await attempt.watch()
        if found is not None and attempt is self._attempt and isValid(self):
            QApplication.alert(self._window.window())  # who is in the browser sees it there
            self.found.emit(found)

    async def _open(self, attempt: Connecting) -> bool:
        try:
            link = await attempt.open()
            is_open = await open_servers_page(link, self._base_url, self._window, _LEADS)
        except ZapdeskError as error:
            if attempt is self._attempt:
                self.strip.show_trouble(attempt, error)
            return False
        if attempt is not self._attempt:
            return False
        if is_open is None:
            self.close()
            return False
        self.strip.show_opened(attempt, is_open)
        return True

    def _open_again(self) -> None:
        attempt = self._attempt
        if attempt is not None:
            is_watched = attempt.is_waiting and bool(attempt.link)
            self._start(self._open(attempt) if is_watched else self._lead(attempt))

    def _copy_again(self) -> None:
        if self._attempt is not None:
            self._start(self._copy(self._attempt))

    async def _copy(self, attempt: Connecting) -> None:
        """Copy a link that was not used yet: it may be good for once only."""
        try:
            link = await attempt.new_link()
        except ZapdeskError:
            link = attempt.link  # most are good for more than once
        # One that holds a token is good for whoever has it, so it goes as a secret does.
        if REDACTOR.shown(link, Guess.NOTHING).hidden:
            copy_secret(link)
        else:
            copy_text(link)

    def _look_again(self) -> None:
        attempt = self._attempt
        if attempt is not None:
            if attempt.is_waiting:
                attempt.look_now()
            else:
                self._start(self._watch(attempt))

    def _on_state(self, state: Qt.ApplicationState) -> None:
        is_back = state is Qt.ApplicationState.ApplicationActive
        now = time.monotonic()
        if is_back and self._attempt is not None and now - self._looked_at > _BETWEEN_LOOKS_S:
            self._looked_at = now
            self._attempt.look_now()

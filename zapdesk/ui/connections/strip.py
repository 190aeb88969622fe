"""ConnectStrip: how far connecting an app in the browser is, and what can be done meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from zapdesk.errors import ZapdeskError
from zapdesk.ui.connections.labels import wrapped
from zapdesk.ui.connections.words import short_name_of, title_of
from zapdesk.ui.form.editors.problem_line import announce
from zapdesk.ui.look.metrics import ICON, XS, M, S
from zapdesk.ui.parts import Button, IconButton, IconLabel
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.services.connecting import Connecting


_SHOWN_MS = 12_000
"""For so long it says that it went well."""


class ConnectStrip(QFrame):
    """``open_wanted`` asks for the page (again), ``look_wanted`` for another look at the list,
    ``copy_wanted`` for its link, ``stop_wanted`` closes the attempt."""

    open_wanted = Signal()
    look_wanted = Signal()
    copy_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self._link = ""
        self._is_open = True
        self._icon = IconLabel("info", "accent", ICON)
        self._text = wrapped()
        self.open_button = Button("Open the page again", look="link")
        self.copy_button = Button("Copy the link", look="link")
        self.look_button = Button("Look now", look="link")
        self.close_button = IconButton("close", "Stop waiting")
        at_top = Qt.AlignmentFlag.AlignTop
        self._text.setAlignment(at_top)
        told = QHBoxLayout()
        told.setContentsMargins(0, XS + 2, 0, 0)  # its first line is as high as the cross
        told.setSpacing(S)
        told.addWidget(self._icon, 0, at_top)
        told.addWidget(self._text, 1)
        top = QHBoxLayout()
        top.setSpacing(S)
        top.addLayout(told, 1)
        top.addWidget(self.close_button, 0, at_top)
        links = QHBoxLayout()
        links.setContentsMargins(ICON + XS, 0, 0, 0)  # the links have a margin of their own
        links.setSpacing(S)
        for button in (self.open_button, self.copy_button, self.look_button):
            links.addWidget(button)
        links.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, XS, XS, S)
        column.setSpacing(XS)
        column.addLayout(top)
        column.addLayout(links)
        self.open_button.clicked.connect(self.open_wanted)
        self.copy_button.clicked.connect(self.copy_wanted)
        self.look_button.clicked.connect(self.look_wanted)
        self.close_button.clicked.connect(self.stop_wanted)
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.setInterval(_SHOWN_MS)
        self._leaving.timeout.connect(self.stop_wanted)
        self.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.whole_text

    def show_opened(self, attempt: Connecting, is_open: bool) -> None:
        """The page was opened, or no browser took it."""
        self._is_open = is_open
        self.show_attempt(attempt)

    def show_trouble(self, attempt: Connecting, error: ZapdeskError) -> None:
        """There is no page to open, or nothing could be noticed of what comes of it."""
        text = " ".join(filter(None, (error.title, error.detail, error.hint)))
        self._say("error", "error", "error", text)
        self._offer(opens="Try again")
        self.close_button.set_icon("close", "Dismiss")

    def show_attempt(self, attempt: Connecting) -> None:
        """Say how far it is."""
        title, stage = one_line(title_of(attempt.app), 40), attempt.stage.value
        self._link = attempt.link
        self.close_button.set_icon("close", "Stop waiting")
        if stage == "opening":
            self._is_open = True
            self._say("info", "clock", "accent", f"Looking for the page that connects {title}…")
            self._offer()
        elif stage == "waiting":
            self._show_waiting(attempt, title)
        elif stage == "found" and attempt.found is not None:
            self._show_found(attempt, short_name_of(attempt.found))
        elif stage == "stopped":
            self._show_stopped(attempt, title)

    def _show_waiting(self, attempt: Connecting, title: str) -> None:
        if attempt.trouble is not None:
            text = f"{attempt.trouble.title} Looking for the connection goes on."
            self._say("warning", "offline", "waiting", text)
            self._offer(opens="Open the page again", copies=True, looks="Look now")
        elif not self._is_open:
            text = (
                "No browser could be opened. Copy the link into one; what you do there is noticed "
                "here."
            )
            self._say("warning", "warning", "waiting", text)
            self._offer(opens="Try again", copies=True, looks="Look now")
        else:
            wish = "Connect"
            if attempt.renews is not None:
                wish = f"Sign in as {short_name_of(attempt.renews)} to reconnect"
            text = f"{wish} {title} in your browser. It is noticed here when you are done."
            if attempt.is_for_once:
                text += " The page is good once, for six minutes."
            self._say("info", "clock", "accent", text)
            self._offer(opens="Open the page again", copies=True, looks="Look now")

    def _show_found(self, attempt: Connecting, name: str) -> None:
        if attempt.is_renewed:
            text = f"{name} works again."
        elif attempt.renews is not None:
            text = f"{name} is connected. {short_name_of(attempt.renews)} is still expired."
        else:
            text = f"{name} is connected."
        self._say("info", "success", "success", text)
        self._offer()
        self.close_button.set_icon("close", "Dismiss")
        self._leaving.start()

    def _show_stopped(self, attempt: Connecting, title: str) -> None:
        self.close_button.set_icon("close", "Dismiss")
        trouble = attempt.trouble
        if trouble is not None:
            text = " ".join(filter(None, (trouble.title, trouble.detail, trouble.hint)))
            self._say("error", "error", "error", text)
        else:
            text = f"No new connection to {title} was seen, so nobody looks any more."
            self._say("info", "info", "accent", text)
        self._offer(opens="Open the page again", copies=True, looks="Look again")

    def _say(self, kind: str, icon: str, token: str, text: str) -> None:
        self._leaving.stop()
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.set_icon(icon, token)
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()
        announce(self, text)

    def _offer(self, *, opens: str = "", copies: bool = False, looks: str = "") -> None:
        for button, text in ((self.open_button, opens), (self.look_button, looks)):
            if text:
                button.set_text(text)
            button.setVisible(bool(text))
        self.copy_button.setVisible(copies and bool(self._link))

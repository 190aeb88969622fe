"""Way: one way of signing in, a page of the sign-in dialog.

A page holds a secret no longer than it is being typed, and shows what it is given as plain text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from zapdesk.domain.profiles import Profile
from zapdesk.domain.scopes import Scope
from zapdesk.ui.look.metrics import XS, M
from zapdesk.ui.parts import PlainLabel

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts, SignedIn

ASK_AGAIN = "ask again"
"""Beside the kinds of signing in, what the window can be asked for: what was not allowed."""


class Way(QWidget):
    """A page that signs in. ``word`` names it on its tab, ``verb`` is on the dialog's button."""

    word = ""
    verb = "Sign in"
    has_secret = True
    """Whether a secret comes of it, which needs a home."""
    can_ask_again = False
    """Whether a person says what is allowed, and can be asked for more; see ``ask_for``."""
    is_waiting = False
    """Whether something is under way that one can go back from."""

    edited = Signal()
    """Something was typed: what was wrong before may be right now."""
    stage_changed = Signal()
    """``verb``, empty where there is nothing to press, or ``is_waiting`` is another one."""

    def __init__(self, accounts: Accounts, profile: Profile) -> None:
        super().__init__()
        self.accounts = accounts
        self.profile = profile
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, M, 0, 0)
        self.column.setSpacing(XS)

    async def prepare(self) -> None:
        """Look up what the page shows; called once, when the dialog opens."""

    async def perform(self) -> SignedIn:
        """Sign in with what was typed; cancelling it leaves everything as it was.

        Raises ZapdeskError where that does not work.
        """
        raise NotImplementedError

    def ask_for(self, scopes: Iterable[Scope]) -> None:
        """Ask for these too, the next time."""
        raise NotImplementedError

    def missing(self) -> str:
        """What still has to be typed, as a sentence; empty where nothing has."""
        return ""

    def focus_first(self) -> None:
        """Give the focus to where one begins to type."""

    def forget(self) -> None:
        """Empty the fields that hold secrets."""

    def add_text(self, text: str, *, tone: str = "muted", size: str = "body") -> PlainLabel:
        """A sentence across the page."""
        label = PlainLabel(text, tone=tone, wrap=True)
        if size == "small":
            label.setFont(PlainLabel("", size="small").font())
        self.column.addWidget(label)
        return label

    def add_line(self, name: str, hint: str, *, is_secret: bool = False) -> QLineEdit:
        """A line to type into under its name."""
        self.column.addSpacing(M)
        label = PlainLabel(name, bold=True)
        line = QLineEdit()
        label.setBuddy(line)
        line.setAccessibleName(name)
        line.setPlaceholderText(hint)
        if is_secret:
            line.setEchoMode(QLineEdit.EchoMode.Password)
        line.textEdited.connect(self.edited)
        self.column.addWidget(label)
        self.column.addWidget(line)
        return line

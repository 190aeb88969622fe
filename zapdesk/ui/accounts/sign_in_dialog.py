"""Signing in to a profile: the ways there are, each a page; what is wrong is said on it.

Closing the dialog ends what was under way, and leaves the sign-in before it as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget
from shiboken6 import isValid

from zapdesk.domain.profiles import Profile
from zapdesk.errors import ZapdeskError
from zapdesk.ui.accounts.client_id_way import ClientIdWay
from zapdesk.ui.accounts.token_way import TokenWay
from zapdesk.ui.accounts.vault_dialog import find_home
from zapdesk.ui.accounts.way import Way
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XL, XXL, L, M, S
from zapdesk.ui.notices import answered
from zapdesk.ui.parts import Button, PlainLabel
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts, SignedIn

_WIDTH = 560

WAYS: tuple[Callable[[Accounts, Profile], Way], ...] = (TokenWay, ClientIdWay)
"""In the order of their tabs."""


class SignInDialog(QDialog):
    """Signs in to ``profile``; ``outcome`` tells what came of it."""

    def __init__(self, parent: QWidget, accounts: Accounts, profile: Profile) -> None:
        super().__init__(parent)
        self.outcome: SignedIn | None = None
        self._accounts = accounts
        self._tasks = LateTasks()
        self._attempt: asyncio.Task[None] | None = None
        name = one_line(profile.name, 60)
        self.setWindowTitle(f"Sign in to {name}")
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self.ways: Sequence[Way] = [make(accounts, profile) for make in WAYS]
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Ways of signing in")
        self.tabs.setExpanding(False)
        self._pages = QStackedWidget()
        for way in self.ways:
            self.tabs.addTab(way.word)
            self._pages.addWidget(way)
            way.edited.connect(self._clear_problem)
            way.verb_changed.connect(self._show_verb)
        self.tabs.currentChanged.connect(self._show_way)
        self.problem = PlainLabel(tone="error", wrap=True)
        self.cancel_button = Button("Cancel")
        self.cancel_button.clicked.connect(self.reject)
        self.go_button = Button("", look="primary")
        self.go_button.setDefault(True)
        self.go_button.clicked.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(PlainLabel(f"Sign in to {name}", size="title", bold=True, wrap=True))
        column.addWidget(self.tabs)
        column.addWidget(self._pages, 1)
        column.addWidget(self.problem)
        column.addSpacing(M)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.go_button)
        column.addLayout(row)
        self.problem.setMinimumHeight(XXL)
        self.show_way(type(self.ways[0]))
        for way in self.ways:
            self._tasks.start(way.prepare(), "prepare a way of signing in")

    @property
    def way(self) -> Way:
        """The page in front."""
        return self.ways[self._pages.currentIndex()]

    def show_way(self, kind: type[Way]) -> None:
        """Bring a page to the front."""
        number = next(n for n, way in enumerate(self.ways) if isinstance(way, kind))
        self.tabs.setCurrentIndex(number)
        self._show_way(number)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self._end()

    def done(self, result: int) -> None:
        self._end()
        super().done(result)

    def _end(self) -> None:
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
        for way in self.ways:
            way.forget()

    def _show_way(self, number: int) -> None:
        self._pages.setCurrentIndex(number)
        self._clear_problem()
        self._show_verb()
        self.way.focus_first()

    def _show_verb(self) -> None:
        self.go_button.set_text(self.way.verb)
        self.go_button.setVisible(bool(self.way.verb))

    def _clear_problem(self) -> None:
        self.problem.setText("")

    def _go(self) -> None:
        if self._attempt is None:
            self._attempt = self._tasks.start(self._sign_in(self.way), "sign in")

    async def _sign_in(self, way: Way) -> None:
        self._clear_problem()
        self._set_busy(True)
        try:
            if way.has_secret and not await find_home(self, self._accounts):
                return
            outcome = await way.perform()
        except ZapdeskError as error:
            if isValid(self):
                text = " ".join(filter(None, (error.title, error.detail, error.hint)))
                self.problem.setText(text)
        else:
            if isValid(self):
                self.outcome = outcome
                self._attempt = None
                self.accept()
        finally:
            if isValid(self):
                self._attempt = None
                self._set_busy(False)

    def _set_busy(self, is_busy: bool) -> None:
        self.tabs.setEnabled(not is_busy)
        self.go_button.setEnabled(not is_busy)


async def sign_in(parent: QWidget, accounts: Accounts, profile: Profile) -> SignedIn | None:
    """Let a person sign in to ``profile``; ``None`` where they leave it.

    What came of it is stored already; whoever asked uses the profile of the outcome from now on.
    """
    dialog = SignInDialog(parent, accounts, profile)
    await answered(dialog)
    return dialog.outcome

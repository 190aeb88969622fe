"""Signing in to a profile: the ways there are, each a page; what is wrong is said on it.

Closing the dialog ends what was under way, and leaves the sign-in before it as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QDialog, QTabBar, QVBoxLayout, QWidget
from shiboken6 import isValid

from zapdesk.domain.profiles import Profile, ServerKind, SignInKind
from zapdesk.domain.scopes import Scope, missing
from zapdesk.errors import ZapdeskError
from zapdesk.ui.accounts.client_id_way import ClientIdWay
from zapdesk.ui.accounts.consent_way import ConsentWay
from zapdesk.ui.accounts.granted_page import GrantedPage
from zapdesk.ui.accounts.partner_way import PartnerWay
from zapdesk.ui.accounts.sandbox_way import SandboxWay
from zapdesk.ui.accounts.token_way import TokenWay
from zapdesk.ui.accounts.vault_dialog import find_home
from zapdesk.ui.accounts.way import Way
from zapdesk.ui.fitting import FittingScroller, height_of, keep_on_screen
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XL, L, M, S
from zapdesk.ui.notices import answered
from zapdesk.ui.parts import Button, PlainLabel, button_row
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts, SignedIn

_WIDTH = 560

WAYS: tuple[Callable[[Accounts, Profile], Way], ...] = (
    ConsentWay,
    TokenWay,
    PartnerWay,
    ClientIdWay,
)
"""In the order of their tabs."""
_USUAL: dict[SignInKind, type[Way]] = {
    SignInKind.OAUTH: ConsentWay,
    SignInKind.TOKEN: TokenWay,
    SignInKind.CLIENT_ID: ClientIdWay,
    SignInKind.PARTNER: PartnerWay,
}


class SignInDialog(QDialog):
    """Signs in to ``profile``; ``outcome`` tells what came of it."""

    def __init__(
        self,
        parent: QWidget,
        accounts: Accounts,
        profile: Profile,
        first: type[Way] | None = None,
        ask_for: Sequence[Scope] = (),
    ) -> None:
        """``first`` is the way in front, else the one that the profile has used. Where that way
        can ask for them, it begins at once and asks for the scopes ``ask_for`` too."""
        super().__init__(parent)
        self.outcome: SignedIn | None = None
        self._accounts = accounts
        self._tasks = LateTasks()
        self._attempt: asyncio.Task[None] | None = None
        wanted = first or _USUAL.get(profile.sign_in, ConsentWay)
        is_sandbox = profile.kind is ServerKind.SANDBOX
        name = one_line(profile.name, 60)
        title = f"Sign in to {name}"
        makers = WAYS
        if is_sandbox:
            wanted = PartnerWay if wanted is PartnerWay else SandboxWay
            title = f"Act for somebody in {name}" if wanted is PartnerWay else "Try the sandbox"
            makers = (wanted,)
        self.setWindowTitle(title)
        self._heading = title
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self.ways: Sequence[Way] = [make(accounts, profile) for make in makers]
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Ways of signing in")
        self.tabs.setExpanding(False)
        for way in self.ways:
            self.tabs.addTab(way.word)
            way.edited.connect(lambda: self._say(""))
            way.stage_changed.connect(self._show_stage)
        self.tabs.setHidden(is_sandbox)
        self.tabs.currentChanged.connect(self._show_way)
        self.granted = GrantedPage()
        self.problem = PlainLabel(tone="error", wrap=True)
        self.back_button = Button("Back", look="quiet")
        self.back_button.clicked.connect(self._go_back)
        self.cancel_button = Button("Cancel")
        self.cancel_button.clicked.connect(self.reject)
        self.again_button = Button("Ask again")
        self.again_button.clicked.connect(self._ask_again)
        self.again_button.hide()
        self.go_button = Button("", look="primary")
        self.go_button.setDefault(True)
        self.go_button.clicked.connect(self._go)
        self._column = QVBoxLayout(self)
        self._build()
        self.show_way(wanted)
        self._scroller.fit()  # Qt centres a dialog by the height that it has before it is shown
        self.setFixedHeight(height_of(self._column, _WIDTH))
        for way in self.ways:
            self._tasks.start(way.prepare(), "prepare a way of signing in")
        asks = bool(ask_for) and self.way.can_ask_again
        if asks:
            self.way.ask_for(ask_for)
        if asks or wanted is SandboxWay:
            self._go()

    def _build(self) -> None:
        column = self._column
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        self._title = PlainLabel(self._heading, size="title", bold=True, wrap=True)
        column.addWidget(self._title)
        column.addWidget(self.tabs)
        pages = QWidget()
        stack = QVBoxLayout(pages)
        stack.setContentsMargins(0, 0, 0, 0)
        for page in (*self.ways, self.granted):
            stack.addWidget(page)
        self.granted.hide()
        self._scroller = FittingScroller(pages, _WIDTH - 2 * XL)
        column.addWidget(self._scroller)
        column.addWidget(self.problem)
        column.addSpacing(M)
        answers = (self.cancel_button, self.again_button, self.go_button)
        column.addLayout(button_row(*answers, beside=[self.back_button]))

    @property
    def way(self) -> Way:
        """The page in front."""
        return self.ways[self.tabs.currentIndex()]

    def show_way(self, kind: type[Way]) -> None:
        """Bring a page to the front."""
        number = next(n for n, way in enumerate(self.ways) if isinstance(way, kind))
        self.tabs.setCurrentIndex(number)
        self._show_way(number)

    async def close_tasks(self) -> None:
        """Wait until nothing is under way any more; the port of an attempt is closed then."""
        await self._tasks.close()

    def done(self, result: int) -> None:
        self._go_back()
        for way in self.ways:
            way.forget()
        super().done(result)

    def event(self, event: QEvent) -> bool:
        is_done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:  # as high as what is shown
            self.setFixedHeight(height_of(self._column, _WIDTH))
            keep_on_screen(self)
        return is_done

    def _show_way(self, number: int) -> None:
        for at, way in enumerate(self.ways):
            way.setVisible(at == number)
        self._say("")
        self._show_stage()
        self.way.focus_first()

    def _show_stage(self) -> None:
        verb = self.way.verb
        self.go_button.set_text(verb)
        self.go_button.setVisible(bool(verb))
        self.back_button.setVisible(self.way.is_waiting)

    def _say(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setHidden(not problem)

    def _go(self) -> None:
        if not self.granted.isHidden():
            self.accept()
        elif self._attempt is None:
            self._attempt = self._tasks.start(self._sign_in(self.way.perform), "sign in")
        elif isinstance(self.way, SandboxWay):
            self._attempt.cancel()
            self._attempt = self._tasks.start(self._sign_in(self.way.enter), "enter the sandbox")

    def _go_back(self) -> None:
        if self._attempt is not None:
            self._attempt.cancel()

    async def _sign_in(self, work: Callable[[], Awaitable[SignedIn]]) -> None:
        missing = self.way.missing()
        self._say(missing)
        if missing:
            self._attempt = None
            self.way.focus_first()
            return
        self.tabs.setEnabled(False)
        try:
            if self.way.has_secret and not await find_home(self, self._accounts):
                return
            outcome = await work()
        except ZapdeskError as error:
            if isValid(self):
                self._say(" ".join(filter(None, (error.title, error.detail, error.hint))))
                focused = self.focusWidget()
                if focused is None or not self.way.isAncestorOf(focused):
                    self.go_button.setFocus()  # and not Cancel, which forgets what was typed
        else:
            if isValid(self):
                self._show_outcome(outcome)
        finally:
            if isValid(self) and self._attempt is asyncio.current_task():
                self._attempt = None
                self.tabs.setEnabled(True)

    def _show_outcome(self, outcome: SignedIn) -> None:
        before = self.outcome
        if before is not None:  # whoever had the tokens before the first one lost them there
            outcome = replace(outcome, goes_on=outcome.goes_on and before.goes_on)
        self.outcome = outcome
        lost = missing(outcome.granted) if outcome.granted else ()
        if not lost:
            self.accept()
            return
        self._title.setText(f"Signed in to {one_line(outcome.profile.name, 60)}")
        self.granted.show_missing(lost, can_ask_again=self.way.can_ask_again)
        self._show_granted(True)
        self.go_button.set_text("Go on")
        self.go_button.show()
        self.go_button.setFocus()

    def _show_granted(self, is_shown: bool) -> None:
        self.granted.setVisible(is_shown)
        self.again_button.setVisible(is_shown and self.way.can_ask_again)
        for hidden in (self.tabs, self.back_button):  # what was begun in one way goes on in it
            hidden.hide()
        for other in (self.way, self.cancel_button):
            other.setHidden(is_shown)

    def _ask_again(self) -> None:
        """Begin anew with what was not allowed; what was signed in to stays until that is done."""
        if self.outcome is None or self._attempt is not None:
            return
        self._title.setText(self._heading)
        self._show_granted(False)
        self.way.profile = self.outcome.profile
        self.way.ask_for(missing(self.outcome.granted))
        self._show_stage()
        self._go()


async def sign_in(
    parent: QWidget,
    accounts: Accounts,
    profile: Profile,
    first: type[Way] | None = None,
    ask_for: Sequence[Scope] = (),
) -> SignedIn | None:
    """Let a person sign in to ``profile``, see SignInDialog; ``None`` where they leave it.

    What came of it is stored already; whoever asked uses the profile of the outcome from now on.
    """
    dialog = SignInDialog(parent, accounts, profile, first, ask_for)
    try:
        await answered(dialog)
    finally:
        await dialog.close_tasks()
    return dialog.outcome

"""Signing in to the sandbox: its consent page in the browser, or straight in without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from shiboken6 import isValid

from zapdesk.domain.profiles import Profile
from zapdesk.domain.scopes import Scope
from zapdesk.ui.accounts.waiting_page import WaitingPage
from zapdesk.ui.accounts.way import Way
from zapdesk.ui.look.metrics import S

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts, SignedIn


class SandboxWay(Way):
    """Begins by itself: the sandbox knows zapdesk, there is nothing to fill in."""

    word = "Sandbox"
    verb = ""
    has_secret = False
    can_ask_again = True

    def __init__(self, accounts: Accounts, profile: Profile) -> None:
        super().__init__(accounts, profile)
        self.column.setContentsMargins(0, S, 0, 0)
        self.add_text(
            "The sandbox is a small Zapier on this computer. Signing in goes as it does at Zapier: "
            "a page in the browser asks what zapdesk may do."
        )
        self.waiting = WaitingPage(explains_redirect=False)
        self.starting = self.add_text("The sandbox is starting…")
        self.column.addWidget(self.waiting)
        self.waiting.hide()

    async def perform(self) -> SignedIn:
        self.starting.show()
        attempt = None
        try:
            attempt = await self.accounts.begin_sign_in(self.profile)
            self._show(is_waiting=True)
            self.waiting.begin(attempt, "the sandbox")
            return await self.accounts.finish_sign_in(self.profile, attempt)
        finally:
            if isValid(self):
                self.waiting.end()
                self._show(is_waiting=False)
            if attempt is not None:
                await attempt.close()

    def ask_for(self, scopes: Iterable[Scope]) -> None:
        asked = self.profile.scopes
        if asked:  # else everything is asked for anyway
            names = dict.fromkeys((*asked, *(scope.name for scope in scopes)))
            self.profile = replace(self.profile, scopes=tuple(names))

    async def enter(self) -> SignedIn:
        """Go in by the key that the sandbox keeps for zapdesk."""
        return await self.accounts.enter_sandbox(self.profile)

    def _show(self, *, is_waiting: bool) -> None:
        self.starting.hide()
        self.waiting.setVisible(is_waiting)
        self.verb = "Go in without the browser" if is_waiting else "Try again"
        self.stage_changed.emit()

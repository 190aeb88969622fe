"""Signing in with a token that is pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zapdesk.domain.profiles import Profile
from zapdesk.ui.accounts.way import Way

if TYPE_CHECKING:
    from zapdesk.services.accounts import Accounts, SignedIn


class TokenWay(Way):
    """One line for the token, which is never shown."""

    word = "Paste a token"

    def __init__(self, accounts: Accounts, profile: Profile) -> None:
        super().__init__(accounts, profile)
        self.add_text(
            f"An access token for {profile.name}. It is sent to {_host(profile)} and nowhere "
            "else. It cannot be renewed: when it has ended, another one is pasted."
        )
        self.line = self.add_line("Token", "Paste the token", is_secret=True)
        self.column.addStretch(1)

    async def perform(self) -> SignedIn:
        return await self.accounts.use_token(self.profile, self.line.text())

    def missing(self) -> str:
        return "" if self.line.text().strip() else "A token is needed."

    def focus_first(self) -> None:
        self.line.setFocus()

    def forget(self) -> None:
        self.line.clear()


def _host(profile: Profile) -> str:
    return profile.base_url.partition("://")[2].partition("/")[0]

"""Looking around with a client id alone: apps and actions can be seen, and nothing else done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zapdesk.domain.profiles import Profile
from zapdesk.ui.accounts.way import Way

if TYPE_CHECKING:
    from zapdesk.services.accounts import Accounts, SignedIn


class ClientIdWay(Way):
    """One line for the id, which is no secret."""

    word = "Only look around"
    verb = "Look around"
    has_secret = False

    def __init__(self, accounts: Accounts, profile: Profile) -> None:
        super().__init__(accounts, profile)
        self.add_text(
            "With the client id of an integration alone, apps and their actions can be seen. "
            "Forms cannot be opened, connections are not listed and nothing can be run."
        )
        self.line = self.add_line("Client id", "From the settings of your integration")
        self.line.setText(profile.client_id)
        self.column.addStretch(1)

    async def perform(self) -> SignedIn:
        return await self.accounts.use_client_id(self.profile, self.line.text())

    def missing(self) -> str:
        return "" if self.line.text().strip() else "A client id is needed."

    def focus_first(self) -> None:
        self.line.setFocus()

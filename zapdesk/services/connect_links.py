"""ConnectLinks: pages on which the end user of a White Label partner connects accounts."""

from __future__ import annotations

from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.partner import app_key
from zapdesk.domain.profiles import Profile
from zapdesk.errors import InvalidInput, NotSignedIn
from zapdesk.services.accounts import Accounts
from zapdesk.services.catalog import CatalogService
from zapdesk.services.partner import ConnectPage


class ConnectLinks:
    """Gets a link for each use, for the end user of ``profile``."""

    def __init__(
        self, accounts: Accounts, profile: Profile, catalog: CatalogService | None = None
    ) -> None:
        self._accounts = accounts
        self._profile = profile
        self._catalog = catalog

    async def address(self, app: App, renews: Authentication | None) -> str:
        """Where an app is connected, or a connection renewed.

        Raises InvalidInput where what Zapier calls the app is not known, and what ``page`` does.
        """
        latest = await self._catalog.latest_app(app.id) if self._catalog is not None else app
        key = app_key((latest or app).connect_url or "")
        if not key:
            raise InvalidInput(
                f"What Zapier's own pages call {app.title} is not known.",
                "Without it no page can be asked for on which an end user connects it.",
            )
        return (await self.page(key, "" if renews is None else renews.id)).address

    async def page(self, key: str, reconnect_id: str = "") -> ConnectPage:
        """The page of the app called ``key``, as SlackCLIAPI; with ``reconnect_id`` that connection
        is renewed. Raises what asking for a token raises."""
        partner = await self._accounts.partner(self._profile)
        keeper = await self._accounts.keeper(self._profile)
        token = await keeper.token()
        if token is None:
            raise NotSignedIn("You are not signed in.", status=0, hint="Sign in again.")
        try:
            return await partner.connect_page(token, key, reconnect_id=reconnect_id)
        except NotSignedIn:
            newer = await keeper.renew(token)
            if newer is None or newer == token:
                raise
            return await partner.connect_page(newer, key, reconnect_id=reconnect_id)

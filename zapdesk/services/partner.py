"""PartnerAccess: how a White Label partner gets a token for an end user, and lets that person
connect accounts.

There is no refresh token: whoever has the key signs anew. The end user's token never leaves this
computer but to the server; a browser gets a connect token, good for one use within six minutes.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, urlencode

from zapdesk.api.oauth import Grant, OAuthClient, OAuthServer, TokenEndpoint
from zapdesk.api.partner_key import PartnerKey
from zapdesk.api.routes import FindRoute
from zapdesk.domain.profiles import ZAPIER_URL, Profile, origin
from zapdesk.domain.scopes import USUAL
from zapdesk.errors import InvalidInput
from zapdesk.services.sandbox_process import SandboxAddress

CONNECT_URL = "https://connect.zapier.com"
SANDBOX_TENANT = "sandbox"
CONNECT_S = 360.0
"""Seconds that a connect token lives."""


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """A page for one use. ``ends_at`` is on the monotonic clock."""

    address: str = field(repr=False)
    ends_at: float


class PartnerAccess:
    """Exchanges for the end user of ``profile``. ``client`` is the partner's registration, ``pem``
    the key that the partner signs with."""

    def __init__(
        self, profile: Profile, client: OAuthClient, pem: str, find_route: FindRoute | None = None
    ) -> None:
        self._profile = profile
        self._client = client
        self._pem = pem
        self._find_route = find_route

    async def exchange(self) -> Grant:
        """A token for the profile's end user.

        Raises InvalidInput where something needed is missing, NotSignedIn where it is refused,
        Unreachable where nothing left, OutcomeUnknown where no usable answer came; another
        exchange is harmless.
        """
        signed = await asyncio.to_thread(self._signed)
        endpoint = self._open()
        try:
            return await endpoint.for_user(signed, self._profile.scopes or USUAL)
        finally:
            await endpoint.aclose()

    async def connect_page(
        self, token: str, app_key: str, *, reconnect_id: str = "", theme: str = ""
    ) -> ConnectPage:
        """A page on which the end user connects an account of the app called ``app_key``.

        Raises as ``exchange``.
        """
        begun = time.monotonic()
        page = f"{connect_base(self._profile.base_url)}/to/{quote(app_key, safe='')}"
        endpoint = self._open()
        try:
            grant = await endpoint.for_connecting(token, page)
        finally:
            await endpoint.aclose()
        query = {"token": grant.access_token, "theme": theme, "reconnect_id": reconnect_id}
        told = urlencode({name: text for name, text in query.items() if text}, quote_via=quote)
        return ConnectPage(f"{page}?{told}", begun + CONNECT_S)

    def _signed(self) -> str:
        return PartnerKey.read(self._pem).signed_for(self._profile.partner)

    def _open(self) -> TokenEndpoint:
        server = OAuthServer.of(self._profile.base_url)
        return TokenEndpoint(server, self._client, find_route=self._find_route)


def connect_base(base_url: str) -> str:
    """Where the pages for connecting accounts are: Zapier's own host for Zapier, else the same
    server."""
    base = base_url.rstrip("/")
    return CONNECT_URL if origin(base) == ZAPIER_URL else base


async def checked_key(pem: str) -> str:
    """``pem`` without what is around it. Raises InvalidInput where no key is in it."""
    text = pem.strip()
    await asyncio.to_thread(PartnerKey.read, text)
    return text


async def in_sandbox(profile: Profile, address: SandboxAddress) -> PartnerAccess:
    """The partner that the sandbox itself knows; its key lies in the sandbox's folder.

    Raises InvalidInput where that cannot be read.
    """
    told = address.partner
    try:
        pem = await asyncio.to_thread(Path(told["key_file"]).read_text, "ascii")
        partner = replace(
            profile.partner,
            issuer=told["issuer"],
            key_id=told["key_id"],
            tenant_claim=told["tenant_claim"],
            tenant=profile.partner.tenant or SANDBOX_TENANT,
        )
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput(
            "The sandbox's key for partners cannot be read.", type(error).__name__
        ) from None
    client = OAuthClient(address.client_id, address.client_secret)
    return PartnerAccess(replace(profile, base_url=address.url, partner=partner), client, pem)

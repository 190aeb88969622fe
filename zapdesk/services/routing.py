"""Routing: how servers are reached now, as the settings want it: proxy, certificates, patience.

Everything that speaks to a server asks here for its route, so that a proxy or a private authority
counts everywhere or nowhere. Name and password of a proxy are in the vault under its address.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from zapdesk.errors import InvalidInput, Refused
from zapdesk.settings import Settings

if TYPE_CHECKING:  # they bring the HTTP library, which commands for the log do not need
    from ssl import SSLContext

    from zapdesk.api.routes import Patience, Proxy, Route
    from zapdesk.vault import Vault


@dataclass(frozen=True, slots=True)
class Reached:
    """A server answered: after how many seconds, and through which proxy, if any."""

    host: str
    seconds: float
    proxy: str = ""

    @property
    def words(self) -> str:
        """A sentence about it."""
        way = f" through the proxy {self.proxy}" if self.proxy else ""
        return f"{self.host} answered{way} within {self.seconds * 1000:.0f} ms."


class Routing:
    """The routes to servers, and what is needed for them."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._settings = settings
        self._vault = vault
        self._context: tuple[str, SSLContext] | None = None
        self._routes: dict[str, Route] = {}

    def follow_settings(self, settings: Settings) -> None:
        """Use these settings from now on."""
        self._settings = settings
        self._routes = {}

    def _patience(self) -> Patience:
        from zapdesk.api.routes import Patience

        read_s = float(self._settings.read_seconds)
        usual = Patience()
        return replace(
            usual,
            connect_s=float(self._settings.connect_seconds),
            read_s=read_s,
            send_s=float(self._settings.send_seconds),
            retries_s=max(usual.retries_s, 2 * read_s),
        )

    async def route(self, base_url: str) -> Route:
        """The way to the server at ``base_url``; the same object until something changes.

        Raises Unreachable where the settings name a proxy or certificates that cannot be used.
        """
        from zapdesk.api.routes import Route

        known = self._routes.get(base_url)
        if known is not None:
            return known
        routes = self._routes
        found = Route(
            proxy=await self.proxy(base_url),
            ssl_context=await self.context() if base_url.startswith("https:") else None,
            patience=self._patience(),
        )
        routes[base_url] = found  # into those of before, where something has changed meanwhile
        return found

    async def context(self) -> SSLContext:
        """Whose certificates are good. Raises as ``route``."""
        from zapdesk.api.tls import client_context

        ca_file = self._settings.ca_file
        if self._context is None or self._context[0] != ca_file:
            self._context = (ca_file, await asyncio.to_thread(client_context, ca_file))
        return self._context[1]

    async def proxy(self, base_url: str) -> Proxy | None:
        """The proxy on the way to ``base_url``, if there is one. Raises as ``route``."""
        from zapdesk.api.routes import NONE, proxy_for, with_login

        chosen = self._settings.proxy
        if chosen == NONE:
            return None
        look = partial(proxy_for, base_url, chosen, self._settings.proxy_exceptions)
        found = await asyncio.to_thread(look)
        return None if found is None else with_login(found, await self._vault.get(_entry(found)))

    # Name and password of the proxy

    async def proxy_user(self) -> str:
        """The name that the chosen proxy is told; empty where there is none."""
        proxy = self._chosen()
        login = None if proxy is None else await self._vault.get(_entry(proxy))
        return (login or "").partition(":")[0]

    async def keep_proxy_login(self, user: str, password: str) -> bool:
        """Keep name and password for the chosen proxy; False: for this session only. An empty name
        forgets them. Raises InvalidInput where no proxy is chosen by its address, or the name has
        a colon."""
        proxy = self._chosen()
        if proxy is None:
            raise InvalidInput(
                "A name and a password belong to a proxy that is given by its address.",
                hint="Choose its address first.",
            )
        if ":" in user:
            raise InvalidInput("A proxy's name cannot hold a colon.")
        is_kept = True
        if user:
            from zapdesk.redaction import REDACTOR

            REDACTOR.register(password)
            is_kept = await self._vault.put(_entry(proxy), f"{user}:{password}")
        else:
            await self._vault.remove(_entry(proxy))
        self._routes = {}
        return is_kept

    def _chosen(self) -> Proxy | None:
        from zapdesk.api.routes import NONE, SYSTEM, read_proxy

        chosen = self._settings.proxy
        return None if chosen in (NONE, SYSTEM) else read_proxy(chosen)

    # Trying it

    async def test(self, base_url: str) -> Reached:
        """Ask the server at ``base_url`` something, without a token. Raises what stands in the way,
        in words; a refusal is an answer."""
        from zapdesk.api.calls import Call, Credential
        from zapdesk.api.transport import Transport

        self._routes = {}  # the system's may be another by now
        proxy = (await self.route(base_url)).proxy
        transport = Transport(
            base_url, token=_nobody, renew=_nobody, admit=_admit, find_route=self.route
        )
        call = Call("test the network", "GET", "/v2/categories", credential=Credential.NONE)
        begun = time.monotonic()
        try:
            await transport.read(call, repeats=False)
        except Refused:
            pass  # in the server's own words: that is what was asked for
        finally:
            await transport.aclose()
        took_s = time.monotonic() - begun
        return Reached(transport.server.host, took_s, proxy.host if proxy else "")


def _entry(proxy: Proxy) -> str:
    return f"proxy {proxy.address}"


async def _nobody(*_: str) -> str | None:
    return None


async def _admit(_: object) -> None:
    """It is one call that a person asked for, and Zapier's door answers it."""

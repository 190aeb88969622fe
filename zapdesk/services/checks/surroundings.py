"""What the checks look at, and what they find out for each other during one test."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zapdesk.api.calls import Answer, Call
from zapdesk.api.routes import Patience, Proxy, Route
from zapdesk.api.signs import ServerSigns
from zapdesk.api.transport import Admission, Transport
from zapdesk.domain.profiles import Profile
from zapdesk.errors import StorageUnusable, ZapdeskError
from zapdesk.services.accounts import Accounts
from zapdesk.services.routing import Routing
from zapdesk.services.sandbox_process import SandboxProcess
from zapdesk.services.ways import Way, find_way
from zapdesk.settings import Settings
from zapdesk.vault import Vault

if TYPE_CHECKING:
    import ssl

    from zapdesk.domain.history import LogHealth
    from zapdesk.paths import Paths
    from zapdesk.services.access import Access
    from zapdesk.services.budget import Budget

_PATIENCE = Patience(connect_s=5.0, read_s=8.0, attempts=1)


async def _freely(_: Admission) -> None:
    """No budget counts this call."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the program is made of, as far as it works. ``find_way`` raises ZapdeskError where the
    server cannot be had; ``health`` is ``None`` where the log could not be opened, and
    ``log_trouble`` then says why. ``admit`` asks the profile's budget for a call."""

    profile: Profile
    paths: Paths
    vault: Vault
    routing: Routing
    sandbox: SandboxProcess
    find_way: Callable[[], Awaitable[Way]]
    health: Callable[[], Awaitable[LogHealth]] | None
    log_trouble: StorageUnusable | None
    temporary: Path
    environment: Mapping[str, str]
    admit: Callable[[Admission], Awaitable[None]]
    now: Callable[[], float] = time.time

    @classmethod
    def of(
        cls,
        paths: Paths,
        access: Access,
        accounts: Accounts,
        sandbox: SandboxProcess,
        health: Callable[[], Awaitable[LogHealth]] | None,
        log_trouble: StorageUnusable | None = None,
        budget: Budget | None = None,
    ) -> Surroundings:
        """Those of a profile in this process."""
        return cls(
            profile=access.profile,
            paths=paths,
            vault=accounts.vault,
            routing=accounts.routing,
            sandbox=sandbox,
            find_way=partial(find_way, access, accounts, sandbox),
            health=health,
            log_trouble=log_trouble,
            temporary=temporary_folder(os.environ),
            environment=os.environ,
            admit=_freely if budget is None else budget.admit,
        )

    @classmethod
    def without_log(cls, paths: Paths, access: Access, trouble: StorageUnusable) -> Surroundings:
        """Where the program could not be started because of ``trouble``."""
        sandbox, vault = SandboxProcess(paths.sandbox), Vault(folder=paths.secrets)
        routing = Routing(Settings.load(paths.settings), vault)
        accounts = Accounts(vault, paths.settings, paths.owners, sandbox, routing)
        return cls.of(paths, access, accounts, sandbox, None, trouble)


def temporary_folder(environment: Mapping[str, str]) -> Path:
    """Where temporary files go; the first choice, even where Python would step aside from it."""
    named = (environment.get(name, "") for name in ("TMPDIR", "TEMP", "TMP"))
    chosen = next(filter(None, named), "")
    if chosen:
        return Path(chosen)
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:  # none that could be written
        return Path("/tmp")


@dataclass(slots=True)
class Look:
    """One test. What one check has found out the others may ask for; nothing is asked twice."""

    around: Surroundings
    clock_offset_s: float | None = None
    _way: Way | ZapdeskError | None = None
    _transport: Transport | None = None
    _known_route: Route | None = None
    _finding: asyncio.Lock = field(default_factory=asyncio.Lock)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def way(self) -> Way:
        """How the server is spoken to. Raises ZapdeskError."""
        async with self._finding:
            if self._way is None:
                try:
                    self._way = await self.around.find_way()
                except ZapdeskError as error:
                    self._way = error
        if isinstance(self._way, ZapdeskError):
            raise self._way
        return self._way

    async def host(self) -> str:
        """The server's name, or its address."""
        return urlsplit((await self.way()).base_url).hostname or ""

    async def context(self) -> ssl.SSLContext:
        """Whom this computer trusts."""
        return await self.around.routing.context()

    async def proxy(self) -> Proxy | None:
        """What stands between this computer and the server. Raises Unreachable."""
        return await self.around.routing.proxy(self.around.profile.base_url)

    async def _route(self, base_url: str) -> Route:
        if self._known_route is None:
            found = await self.around.routing.route(base_url)
            self._known_route = replace(found, patience=_PATIENCE)
        return self._known_route

    async def ask(self, call: Call) -> Answer:
        """One read, which is not repeated. Raises as ``Transport.read``."""
        async with self._opening:
            if self._transport is None:
                way = await self.way()
                self._transport = Transport(
                    way.base_url,
                    token=way.token,
                    renew=way.renew,
                    admit=self.around.admit,
                    observe=self._observe,
                    client_id=self.around.profile.client_id or None,
                    find_route=self._route,
                )
        return await self._transport.read(call, repeats=False)

    async def close(self) -> None:
        """Close what was opened."""
        if self._transport is not None:
            await self._transport.aclose()

    def _observe(self, signs: ServerSigns) -> None:
        if signs.clock_offset_s is not None:
            self.clock_offset_s = signs.clock_offset_s

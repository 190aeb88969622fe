"""The way to a profile's server: its address, and what gives and renews the token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from zapdesk.broadcast import Broadcast
from zapdesk.domain.profiles import ServerKind, SignInKind
from zapdesk.errors import Offline, ZapdeskError
from zapdesk.redaction import REDACTOR
from zapdesk.services.access import Access
from zapdesk.services.accounts import Accounts
from zapdesk.services.sandbox_process import SandboxProcess
from zapdesk.services.tokens import nobody

NOWHERE = "http://127.0.0.1:9"
"""Stands for the sandbox's address while it cannot be asked for."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is spoken to. ``page`` is its own page, where it has one; ``lost`` says why
    the sign-in is over, ``account`` whose it is, as far as that is known."""

    base_url: str
    token: Callable[[], Awaitable[str | None]]
    renew: Callable[[str], Awaitable[str | None]]
    page: str = ""
    lost: Broadcast[ZapdeskError] = field(default_factory=Broadcast)
    account: Callable[[], Awaitable[str]] = nobody


async def find_way(access: Access, accounts: Accounts, sandbox: SandboxProcess) -> Way:
    """The way to the server of ``access``; the sandbox is started for it where none runs, but
    offline, where nobody may speak to it: then the way leads to ``NOWHERE``.

    Raises SandboxUnavailable.
    """
    profile, given = access.profile, access.token
    page, base_url = "", profile.base_url
    if profile.kind is ServerKind.SANDBOX:
        try:
            address = await sandbox.join()
        except Offline:
            return Way(NOWHERE, _no_token, _cannot_renew)
        REDACTOR.register(address.token)
        page, base_url = address.page, address.url
        if await accounts.is_in_sandbox_by_key(profile):
            given = address.token
    if given is None and profile.sign_in is not SignInKind.CLIENT_ID:
        keeper = await accounts.keeper(profile)
        return Way(base_url, keeper.token, keeper.renew, page, keeper.lost, keeper.account)

    async def token() -> str | None:
        return given  # None: a client id alone is no token

    return Way(base_url, token, _cannot_renew, page)


async def _no_token() -> str | None:
    return None


async def _cannot_renew(_: str) -> str | None:
    # A token from outside has nothing to renew it with.
    return None

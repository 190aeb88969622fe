"""A token goes to the server it was given with: a real one never to this computer, a sandbox's
never to Zapier, whatever becomes of the profile meanwhile."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest

from tests.api.fault_server import Wire
from tests.conftest import ExpectLog
from tests.services.script_server import scripted
from tests.vault.stores import Memory
from zapdesk.api.client import ZapierClient
from zapdesk.api.oauth import OAuthServer
from zapdesk.api.transport import Admission, Transport
from zapdesk.domain.partner import Partner
from zapdesk.domain.profiles import SANDBOX, ZAPIER, Profile, ServerKind, custom
from zapdesk.errors import ZapdeskError
from zapdesk.services.access import ADDRESS_VARIABLE, TOKEN_VARIABLE, Access, choose
from zapdesk.services.accounts import Accounts
from zapdesk.services.entries import Entries
from zapdesk.services.partner import connect_base, in_sandbox
from zapdesk.services.sandbox_process import SandboxAddress, SandboxProcess
from zapdesk.services.ways import find_way
from zapdesk.settings import Settings
from zapdesk.vault import Vault

LOOPBACK = "http://127.0.0.1:8765"
PLACES = (ZAPIER, SANDBOX, custom(LOOPBACK), custom("https://api.example.com"),
          custom("https://api.zapier.com.evil.example"))  # fmt: skip


class Running:
    """A sandbox that runs, as far as its address tells."""

    async def join(self) -> SandboxAddress:
        return SandboxAddress(LOOPBACK, "sandbox-token-1")


def accounts(folder: Path) -> Accounts:
    sandbox = cast("SandboxProcess", Running())
    return Accounts(Vault(Memory()), folder / "settings.toml", folder, sandbox)


def moved(profile: Profile, place: Profile) -> Profile:
    """The same profile, at another server."""
    return replace(profile, kind=place.kind, base_url=place.base_url)


@pytest.mark.parametrize("before", PLACES, ids=lambda p: p.base_url or "sandbox")
@pytest.mark.parametrize("after", PLACES, ids=lambda p: p.base_url or "sandbox")
def test_a_profile_that_moves_to_another_server_takes_no_secret_along(
    tmp_path: Path, before: Profile, after: Profile
) -> None:
    if before.base_url == after.base_url:
        return
    target = moved(before, after)
    assert set(Entries.of(before).all).isdisjoint(Entries.of(target).all)

    async def scenario() -> None:
        own = accounts(tmp_path)
        if before.kind is not ServerKind.SANDBOX:
            await own.use_token(before, "real-token-1")
        way = await find_way(Access(target), own, cast("SandboxProcess", Running()))
        token = await way.token()
        if target.kind is ServerKind.SANDBOX:
            assert (way.base_url, token) == (LOOPBACK, "sandbox-token-1")
        else:
            assert (way.base_url, token) == (target.base_url, None)

    asyncio.run(scenario())


def test_a_token_of_the_environment_goes_where_the_environment_says_and_never_to_the_sandbox() -> (
    None
):
    told = {TOKEN_VARIABLE: "real-token-1", ADDRESS_VARIABLE: ""}
    assert choose(Settings(), environment=told).profile.base_url == ZAPIER.base_url
    assert choose(Settings(), sandbox=True, environment=told).token is None
    here = choose(Settings(), environment={**told, ADDRESS_VARIABLE: LOOPBACK})
    assert (here.profile.base_url, here.token) == (LOOPBACK, "real-token-1")
    assert os.environ.get(TOKEN_VARIABLE) is None


def test_exchanges_and_pages_of_a_server_stay_with_it(tmp_path: Path) -> None:
    for profile in PLACES:
        if not profile.base_url:
            continue
        server = OAuthServer.of(profile.base_url)
        places = {server.authorize_url, server.token_url, connect_base(profile.base_url)}
        hosts = {urlsplit(place).hostname for place in places}
        if profile is ZAPIER:
            assert hosts == {"api.zapier.com", "zapier.com", "connect.zapier.com"}
        else:
            assert hosts == {urlsplit(profile.base_url).hostname}
    key = tmp_path / "key.pem"
    key.write_text("-")
    told = {"issuer": "i", "key_id": "k", "tenant_claim": "org_id", "key_file": str(key)}
    address = SandboxAddress(LOOPBACK, "t", client_id="c", client_secret="s", partner=told)
    acting = replace(SANDBOX, partner=Partner(user="u"))
    partner = asyncio.run(in_sandbox(acting, address))
    assert partner._profile.base_url == LOOPBACK


async def _at_once(_: Admission) -> None:
    """No budget."""


async def _token() -> str | None:
    return "real-token-1"


async def _no_other(_: str) -> str | None:
    return None


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_or_a_next_page_elsewhere_is_not_followed_with_the_token(
    status: int, expected_log: ExpectLog
) -> None:
    expected_log("next page is on another server", "zapdesk.api.client")

    async def scenario() -> None:
        async with scripted() as elsewhere, scripted() as own:
            transport = Transport(own.url, token=_token, renew=_no_other, admit=_at_once)
            client = ZapierClient(transport)
            app = {"id": "a", "title": "A", "links": {}}
            onward = {"data": [app], "links": {"next": f"{elsewhere.url}/v2/apps?offset=1"}}
            own.routes["/v2/apps"] = lambda _: (200, onward)
            assert (await client.apps()).next_url is None

            async def lead_away(wire: Wire) -> None:
                place = f"Location: {elsewhere.url}/v1/profiles/me"
                await wire.send(
                    f"HTTP/1.1 {status} Moved\r\n{place}\r\nContent-Length: 0\r\n\r\n".encode()
                )

            own.routes["/v1/profiles/me"] = lambda _: lead_away
            with pytest.raises(ZapdeskError):
                await client.me()
            await transport.aclose()
            assert elsewhere.asked == []
            assert len(own.asked) >= 2

    asyncio.run(scenario())

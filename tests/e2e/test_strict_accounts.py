"""Signing in, renewing, acting for end users and connecting, judged by the strict server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import pytest

from tests.strict.oauth import CLIENT_ID, CLIENT_SECRET, ISSUER, KEY_ID, SCOPES
from tests.strict.server import StrictZapier, strict_zapier
from tests.strict.tokens import Fault
from tests.vault.stores import Memory
from zapdesk.api.client import ZapierClient
from zapdesk.api.transport import Admission, Transport
from zapdesk.domain.partner import Partner
from zapdesk.domain.profiles import Profile, custom
from zapdesk.services.accounts import Accounts
from zapdesk.services.connect_links import ConnectLinks
from zapdesk.services.tokens import TokenKeeper
from zapdesk.vault import Vault

TIDEPOOL = "0f5a2b52-7d0e-4f1b-9f58-3b1f0a77c001"
ENDED = Fault(401, body=b'{"errors": [{"status": 401, "code": "unauthenticated"}]}')


@pytest.fixture
def server() -> Iterator[StrictZapier]:
    with strict_zapier() as server:
        yield server


def profile_at(server: StrictZapier) -> Profile:
    profile = replace(custom(server.base_url), client_id=CLIENT_ID, scopes=tuple(sorted(SCOPES)))
    return replace(profile, partner=Partner(ISSUER, KEY_ID, "org_id", "crew", "u-42"))


async def at_once(_: Admission) -> None:
    """No budget: the strict server watches the pace of what is sent."""


def client_of(server: StrictZapier, keeper: TokenKeeper) -> ZapierClient:
    transport = Transport(
        server.base_url, token=keeper.token, renew=keeper.renew, admit=at_once
    )  # fmt: skip
    return ZapierClient(transport)


async def use(server: StrictZapier, keeper: TokenKeeper) -> None:
    """Read, write, and read on with a token that has ended meanwhile."""
    transport = Transport(server.base_url, token=keeper.token, renew=keeper.renew, admit=at_once)
    client = ZapierClient(transport)
    try:
        await client.me()
        made = await client.create_authentication(TIDEPOOL, "Marina's", {"api_key": "k"})
        assert made.id
        await client.authentications(TIDEPOOL)
        token = await keeper.token()
        server.fail_next(server.tokens[token or ""], "me", ENDED)
        await client.me()
        assert await keeper.token() != token
    finally:
        await transport.aclose()


def test_a_sign_in_by_consent_and_its_renewal_are_as_the_guide_writes(
    server: StrictZapier, tmp_path: Path
) -> None:
    async def scenario() -> None:
        backend = Memory()
        accounts = Accounts(Vault(backend), tmp_path / "settings.toml", tmp_path)
        attempt = await accounts.begin_sign_in(profile_at(server), CLIENT_SECRET)
        async with httpx.AsyncClient(follow_redirects=True) as browser:
            browsing = asyncio.ensure_future(browser.get(attempt.link))
            outcome = await accounts.finish_sign_in(profile_at(server), attempt, CLIENT_SECRET)
            assert (await browsing).status_code == 200
        await attempt.close()
        await use(server, await accounts.keeper(outcome.profile))
        # Four processes whose token ends together renew it once.
        others = [
            Accounts(Vault(backend), tmp_path / "settings.toml", tmp_path) for _ in range(4)
        ]  # fmt: skip
        keepers = [await one.keeper(outcome.profile) for one in others]
        old = [await keeper.token() for keeper in keepers]
        new = await asyncio.gather(*(k.renew(t or "") for k, t in zip(keepers, old, strict=True)))
        assert len(set(new)) == 1
        assert set(new).isdisjoint(old)

    asyncio.run(scenario())
    assert [r.path for r in server.of("token")] == ["/oauth/token/"] * 3
    assert not server.violations, "\n".join(server.violations)


def test_a_partners_exchanges_and_the_connect_page_are_as_the_guide_writes(
    server: StrictZapier, tmp_path: Path
) -> None:
    async def scenario() -> None:
        accounts = Accounts(Vault(Memory()), tmp_path / "settings.toml", tmp_path)
        outcome = await accounts.use_partner(
            profile_at(server), secret=CLIENT_SECRET, pem=server.oauth.pem
        )
        await use(server, await accounts.keeper(outcome.profile))
        links = ConnectLinks(accounts, outcome.profile)
        for reconnect_id in ("", "4711/a+b"):
            page = await links.page("TidepoolCLIAPI", reconnect_id)
            async with httpx.AsyncClient() as browser:
                assert (await browser.get(page.address)).status_code == 200

    asyncio.run(scenario())
    assert [r.path for r in server.of("token")] == ["/oauth/token"] * 4
    assert not server.violations, "\n".join(server.violations)


# The judge itself: without these, an empty list of violations would prove nothing.


def post(server: StrictZapier, path: str, form: dict[str, str], **headers: str) -> Any:
    sent = {"User-Agent": "zapdesk/1.0", "Accept": "application/json", **headers}
    sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
    content = urlencode(form)
    return httpx.post(server.base_url + path, content=content, headers=sent).json()


REGISTERED = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
URN = "urn:ietf:params:oauth:"


def exchange(server: StrictZapier, **claims: Any) -> dict[str, str]:
    now = int(time.time())
    said = {
        "iss": ISSUER, "sub": "u", "org_id": "crew", "aud": "connect.zapier.com",
        "iat": now, "nbf": now, "exp": now + 300, **claims,
    }  # fmt: skip
    return {
        **REGISTERED,
        "grant_type": f"{URN}grant-type:token-exchange",
        "subject_token": jwt.encode(said, server.oauth.key, "ES256", {"kid": KEY_ID}),
        "subject_token_type": f"{URN}token-type:external-jwt",
        "requested_token_type": f"{URN}token-type:access-token",
        "scope": "zap connection:write",
    }


def test_each_wrong_thing_about_an_exchange_is_named(server: StrictZapier) -> None:
    right = exchange(server)
    assert "access_token" in post(server, "/oauth/token", right)
    assert not server.violations
    form = "application/x-www-form-urlencoded"
    for path, sent, headers, words in (
        ("/oauth/token/", right, {}, "not the one that the guide writes"),
        ("/oauth/token", {**right, "resource": "x"}, {}, "resource does not belong"),
        ("/oauth/token", {**right, "actor": "x"}, {}, "actor does not belong"),
        ("/oauth/token", {**right, "scope": "zap everything"}, {}, "not registered"),
        ("/oauth/token", {**right, "scope": "zap zap"}, {}, "named twice"),
        ("/oauth/token", {**right, "client_secret": "x"}, {}, "client_secret is wrong"),
        ("/oauth/token", right, {"Content-Type": f"{form}; charset=x"}, "not sent as a form"),
        ("/oauth/token", right, {"Authorization": "Bearer x"}, "Authorization header beside"),
        ("/oauth/token", right, {"User-Agent": "python-httpx/1"}, "does not name zapdesk"),
        ("/oauth/token", right, {"Cookie": "a=b"}, "a cookie"),
        ("/oauth/token?a=b", right, {}, "in the address"),
        ("/oauth/token", exchange(server, aud="zapier.com"), {}, "the JWT"),
        ("/oauth/token", exchange(server, exp=int(time.time()) + 900), {}, "longer than five"),
        ("/oauth/token", exchange(server, name="Marina"), {}, "claim name was not agreed"),
        ("/oauth/token", {**right, "grant_type": "password"}, {}, "grant 'password'"),
    ):
        server.violations.clear()
        post(server, path, sent, **headers)
        assert words in " ".join(server.violations), (words, server.violations)


def test_a_code_a_refresh_token_and_a_connect_token_are_for_one_use_and_no_address(
    server: StrictZapier,
) -> None:
    side = server.oauth
    first = side._grant("crew", "zap")
    again = {**REGISTERED, "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert "access_token" in post(server, "/oauth/token/", again)
    assert not server.violations
    post(server, "/oauth/token/", again)
    assert "was used before" in server.violations.pop()
    code = {
        **REGISTERED, "grant_type": "authorization_code", "code": "c", "code_verifier": "v",
        "redirect_uri": "http://127.0.0.1:9/",
    }  # fmt: skip
    post(server, "/oauth/token/", code)
    assert "never given out" in server.violations.pop()
    living = next(iter(side.granted))
    httpx.get(f"{server.base_url}/to/TidepoolCLIAPI?token={living}")
    assert "in an address" in " ".join(server.violations)
    server.violations.clear()
    side.connect_tokens["t+/="] = f"{server.base_url}/to/TidepoolCLIAPI"
    httpx.get(f"{server.base_url}/to/TidepoolCLIAPI?token=t%2B%2F%3D")
    assert not server.violations
    httpx.get(f"{server.base_url}/to/TidepoolCLIAPI?token=t+/=")
    assert "used before" in " ".join(server.violations)
    assert "not percent-encoded" in " ".join(server.violations)
    server.violations.clear()
    httpx.get(f"{server.base_url}/v2/authorize?redirect_uri=https://evil.example/&scope=zap+x")
    told = json.dumps(server.violations)
    for words in ("state is missing", "no loopback", "plus sign", "code_challenge is missing"):
        assert words in told

"""Signing in through the sandbox's real consent page, as a browser would go."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.sandbox_server import Address, running_sandbox
from zapdesk.api.oauth import Grant, OAuthClient
from zapdesk.domain.scopes import USUAL, missing
from zapdesk.errors import InvalidInput
from zapdesk.services.sign_in import PATIENCE_S, SignIn, SignInFailed


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as address:
        yield address


def client_of(sandbox: Address) -> OAuthClient:
    return OAuthClient(sandbox.client_id, sandbox.client_secret)


async def browse(
    link: str, decision: str, scopes: tuple[str, ...] = USUAL, *, follows_back: bool = True
) -> httpx.Response:
    """What a browser and a person do with the link; the last page they see, or what leads back."""
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        page = await browser.get(link)
        nonce = re.search(r"name=nonce value='([\w-]+)'", page.text)
        if nonce is None:
            return page
        form = {"nonce": nonce[1], "decision": decision, "scope": list(scopes)}
        origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
        return await browser.post(
            f"{origin}/oauth/consent",
            data=form,
            headers={"Origin": origin},
            follow_redirects=follows_back,
        )


async def sign_in(
    sandbox: Address, decision: str, scopes: tuple[str, ...] = USUAL
) -> tuple[Grant | SignInFailed, httpx.Response]:
    attempt = await SignIn.begin(sandbox.url, client_of(sandbox), USUAL)
    browsing = asyncio.ensure_future(browse(attempt.link, decision, scopes))
    try:
        return await attempt.finish(), await browsing
    except SignInFailed as error:
        return error, await browsing
    finally:
        await attempt.close()


def test_a_person_who_agrees_is_signed_in_and_the_code_leaves_the_address_bar(
    sandbox: Address,
) -> None:
    grant, page = asyncio.run(sign_in(sandbox, "allow"))
    assert isinstance(grant, Grant)
    assert not missing(grant.scopes)
    assert "Consent given" in page.text
    assert "code" not in str(page.url)
    answer = httpx.get(
        f"{sandbox.url}/v1/profiles/me", headers={"Authorization": f"Bearer {grant.access_token}"}
    )
    assert answer.status_code == 200


def test_fewer_scopes_than_asked_for_sign_in_and_tell_what_is_lost(sandbox: Address) -> None:
    grant, _ = asyncio.run(sign_in(sandbox, "allow", ("zap", "zap:write")))
    assert isinstance(grant, Grant)
    lost = {scope.name: scope.lost for scope in missing(grant.scopes)}
    assert lost["action:run"] == "Nothing can be run."
    assert set(lost) == {"profile", "connection:read", "connection:write", "action:run"}


def test_a_person_who_declines_is_told_so(sandbox: Address) -> None:
    error, page = asyncio.run(sign_in(sandbox, "deny"))
    assert isinstance(error, SignInFailed)
    assert error.title == "You declined."
    assert "declined" in page.text


def test_a_wrong_client_secret_is_named_and_nothing_is_sent_again(sandbox: Address) -> None:
    async def scenario() -> None:
        wrong = OAuthClient(sandbox.client_id, "not-the-secret")
        attempt = await SignIn.begin(sandbox.url, wrong, USUAL)
        browsing = asyncio.ensure_future(browse(attempt.link, "allow"))
        with pytest.raises(SignInFailed, match="client id with this secret"):
            await attempt.finish()
        await browsing
        await attempt.close()

    asyncio.run(scenario())


def test_an_unknown_client_id_shows_a_page_and_the_wait_goes_on_until_cancelled(
    sandbox: Address,
) -> None:
    async def scenario() -> None:
        attempt = await SignIn.begin(sandbox.url, OAuthClient("nobody", "s"), USUAL)
        page = await browse(attempt.link, "allow")
        assert page.status_code == 400
        waiting = asyncio.ensure_future(attempt.finish())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        waiting.cancel()
        await attempt.close()

    asyncio.run(scenario())


def test_nobody_answering_ends_after_five_minutes(sandbox: Address) -> None:
    async def scenario() -> None:
        now = 0.0
        attempt = await SignIn.begin(sandbox.url, client_of(sandbox), USUAL, clock=lambda: now)
        assert attempt.seconds_left == PATIENCE_S
        now = PATIENCE_S - 0.05
        with pytest.raises(SignInFailed, match="five minutes"):
            await attempt.finish()
        await attempt.close()

    asyncio.run(scenario())


def test_without_a_secret_or_a_scope_no_port_is_opened(tmp_path: Path) -> None:
    async def scenario() -> None:
        for client, scopes in ((OAuthClient("id", ""), USUAL), (OAuthClient("id", "s"), ())):
            with pytest.raises(InvalidInput):
                await SignIn.begin("https://api.zapier.com", client, scopes)

    asyncio.run(scenario())


@pytest.mark.parametrize("issuer", ["https://evil.example", "not an address", "http://127.0.0.1:9"])
def test_a_code_from_another_server_than_the_one_asked_is_not_used(
    sandbox: Address, issuer: str
) -> None:
    error = asyncio.run(answered_by(sandbox, issuer))
    assert error.title == "The answer came from another server than the one that was asked."
    assert error.detail.startswith(f"It calls itself {issuer}.")


def test_an_answer_that_names_the_server_that_was_asked_is_used(sandbox: Address) -> None:
    error = asyncio.run(answered_by(sandbox, sandbox.url))
    assert error.title == "This sign-in is no longer valid."  # it was exchanged; it is no real code


async def answered_by(sandbox: Address, issuer: str) -> SignInFailed:
    """How a sign-in fails whose answer says that it is from ``issuer``."""
    attempt = await SignIn.begin(sandbox.url, client_of(sandbox), USUAL)
    state = httpx.URL(attempt.link).params["state"]
    answer = {"code": "made-up", "state": state, "iss": issuer}
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        page = await browser.get(attempt.redirect_uri, params=answer)
        assert page.status_code == 200
    try:
        with pytest.raises(SignInFailed) as caught:
            await attempt.finish()
    finally:
        await attempt.close()
    return caught.value

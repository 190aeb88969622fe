"""The token endpoint: what is sent, what is made of any answer, and that nothing is sent twice."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.fault_server import (
    OK,
    Behaviour,
    closes,
    cut_after,
    hangs,
    resets,
    resets_after_30_bytes,
    serving,
)
from zapdesk.api.calls import Answer
from zapdesk.api.oauth import (
    LONGEST_LIFE_S,
    SHORTEST_LIFE_S,
    Challenge,
    Grant,
    OAuthClient,
    OAuthServer,
    TokenEndpoint,
    consent_address,
    grant_of,
    life_s,
)
from zapdesk.errors import Failed, NotSignedIn, OutcomeUnknown, Unreachable, ZapdeskError
from zapdesk.redaction import Redactor

WHOLE = OK + b'Content-Length: 26\r\n\r\n{"access_token": "access"}'
SERVER = OAuthServer.of("https://api.zapier.com")
CLIENT = OAuthClient("client-id", "a secret & more")


def exchange(
    answer: Callable[[httpx.Request], httpx.Response], refresh: str = "refresh-1"
) -> tuple[Grant | ZapdeskError, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(request)

    async def scenario() -> Grant | ZapdeskError:
        endpoint = TokenEndpoint(SERVER, CLIENT, inner=httpx.MockTransport(handler))
        try:
            return await endpoint.refresh(refresh)
        except ZapdeskError as error:
            return error
        finally:
            await endpoint.aclose()

    return asyncio.run(scenario()), seen


def reply(body: Any, status: int = 200) -> Callable[[httpx.Request], httpx.Response]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content)


def test_a_token_endpoint_that_only_wants_another_slash_is_asked_there_once() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/"):
            return httpx.Response(308, headers={"Location": "/oauth/token"})
        return httpx.Response(200, content=b'{"access_token": "access-1"}')

    grant, seen = exchange(answer)
    assert isinstance(grant, Grant)
    assert grant.access_token == "access-1"
    first, second = seen
    assert str(second.url) == "https://zapier.com/oauth/token"
    assert (first.method, first.content) == (second.method, second.content)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["https://evil.example/oauth/token", "/elsewhere", ""])
def test_no_other_redirect_of_a_token_endpoint_is_followed(status: int, where: str) -> None:
    outcome, seen = exchange(lambda _: httpx.Response(status, headers={"Location": where}))
    assert isinstance(outcome, OutcomeUnknown)
    assert len(seen) == 1


def test_a_consent_address_asks_as_the_guide_does_and_with_pkce() -> None:
    challenge = Challenge.new()
    address = consent_address(
        SERVER, "id&=", "http://127.0.0.1:9/cb", ("zap", "zap:write"), "state", challenge
    )
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert parts._replace(query="").geturl() == "https://api.zapier.com/v2/authorize"
    assert "+" not in parts.query  # scopes are parted by %20
    digest = hashlib.sha256(challenge.verifier.encode()).digest()
    assert query == {
        "response_type": "code",
        "client_id": "id&=",
        "redirect_uri": "http://127.0.0.1:9/cb",
        "scope": "zap zap:write",
        "response_mode": "query",
        "state": "state",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }


def test_every_other_server_has_the_paths_below_its_own_address() -> None:
    server = OAuthServer.of("http://127.0.0.1:8000/")
    assert server.authorize_url == "http://127.0.0.1:8000/v2/authorize"
    assert server.token_url == "http://127.0.0.1:8000/oauth/token/"
    assert SERVER.token_url == "https://zapier.com/oauth/token/"


def test_a_refresh_is_sent_once_as_a_form_and_gives_the_new_pair() -> None:
    answer = {
        "access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 36000,
        "token_type": "Bearer", "scope": "zap action:run",
    }  # fmt: skip
    grant, (request,) = exchange(reply(answer))
    assert grant == Grant("access-2", "refresh-2", 36000.0, ("zap", "action:run"))
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in request.headers
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["refresh-1"],
        "client_id": ["client-id"],
        "client_secret": ["a secret & more"],
    }
    assert "access-2" not in repr(grant)


def test_an_answer_without_a_refresh_token_keeps_the_old_one() -> None:
    grant, _ = exchange(reply({"access_token": "access-2"}))
    assert isinstance(grant, Grant)
    assert (grant.refresh_token, grant.life_s) == ("refresh-1", 36_000.0)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("3600", 3600), ("0", SHORTEST_LIFE_S), ("-1", SHORTEST_LIFE_S), ("1e18", LONGEST_LIFE_S),
        ("NaN", 36_000), ("Infinity", LONGEST_LIFE_S), ("soon", 36_000), ("", 36_000),
    ],
)  # fmt: skip
def test_a_life_that_cannot_be_is_cut_to_what_can(told: str, seconds: float) -> None:
    assert life_s(told) == seconds


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


@given(
    ANYTHING
    | st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("access_token", "refresh_token", "expires_in", "scope", "error"), ANYTHING
        ),
    )
)
def test_any_json_gives_a_grant_with_a_life_that_can_be_or_an_error_in_words(body: Any) -> None:
    with patch("zapdesk.api.oauth.REDACTOR", Redactor()):  # any text may be a token here
        try:
            found = grant_of(Answer(200, {}, json.dumps(body).encode()))
        except OutcomeUnknown:
            return
    assert found.access_token.isprintable()
    assert SHORTEST_LIFE_S <= found.life_s <= LONGEST_LIFE_S


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (reply({"error": "invalid_grant"}, 400), NotSignedIn, "no longer valid"),
        (reply({"error": "invalid_client"}, 401), NotSignedIn, "client id"),
        (reply({"error": "x", "error_description": "<b>no</b>"}, 400), NotSignedIn, "<b>no</b>"),
        (reply(b"<html>", 200), OutcomeUnknown, "no usable token"),
        (reply(b"", 500), OutcomeUnknown, "answered 500"),
        (reply({"code": "no", "detail": "Not here."}, 403), OutcomeUnknown, "403. Not here."),
        (reply(b"<html>", 302), OutcomeUnknown, "answered 302"),
        (reply({}, 429), Failed, "limits"),
        (reply({"access_token": "with space"}), OutcomeUnknown, "no usable token"),
    ],
)
def test_what_is_no_grant_is_told_apart_and_never_asked_for_twice(
    answer: Callable[[httpx.Request], httpx.Response], kind: type[ZapdeskError], words: str
) -> None:
    found, seen = exchange(answer)
    assert isinstance(found, kind)
    assert words in f"{found.title} {found.detail}"
    assert len(seen) == 1


def test_a_reset_after_the_request_left_is_not_tried_again_and_a_refused_connection_is_safe() -> (
    None
):
    def reset(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    found, seen = exchange(reset)
    assert isinstance(found, OutcomeUnknown)
    assert len(seen) == 1
    found, seen = exchange(refused)
    assert isinstance(found, Unreachable)


@pytest.mark.parametrize(
    "behave", [hangs, resets, closes, resets_after_30_bytes, cut_after(80, WHOLE)]
)
def test_a_code_is_sent_once_to_a_token_endpoint_that_gives_no_whole_answer(
    behave: Behaviour,
) -> None:
    async def scenario() -> int:
        async with serving(behave, reads_request=behave is not resets_after_30_bytes) as server:
            endpoint = TokenEndpoint(OAuthServer.of(server.url), CLIENT, whole_s=0.3)
            with pytest.raises(OutcomeUnknown, match="did not come to an end"):
                await endpoint.for_code("code-1", "http://127.0.0.1:9/cb", Challenge.new())
            await endpoint.aclose()
            return server.connections

    assert asyncio.run(scenario()) == 1


def test_a_partner_exchanges_a_signed_word_for_a_users_token_and_that_for_a_connect_token() -> None:
    forms: list[dict[str, list[str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        forms.append(parse_qs(request.content.decode()))
        return httpx.Response(200, json={"access_token": "token"})

    async def scenario() -> None:
        endpoint = TokenEndpoint(SERVER, CLIENT, inner=httpx.MockTransport(answer))
        await endpoint.for_user("a.b.c", ("zap", "action:run"))
        await endpoint.for_connecting("access", "https://connect.zapier.com/to/SlackCLIAPI")

    asyncio.run(scenario())
    first, second = forms
    urn = "urn:ietf:params:oauth:"
    assert first["grant_type"] == second["grant_type"] == [f"{urn}grant-type:token-exchange"]
    assert first["subject_token_type"] == [f"{urn}token-type:external-jwt"]
    assert first["requested_token_type"] == [f"{urn}token-type:access-token"]
    assert second["subject_token_type"] == [f"{urn}token-type:access-token"]
    assert second["requested_token_type"] == [f"{urn}token-type:connect-token"]
    assert second["resource"] == ["https://connect.zapier.com/to/SlackCLIAPI"]
    assert second["scope"] == ["connection:write"]

"""Proxies and time-outs as the settings want them, for everything that speaks to a server."""

from __future__ import annotations

import asyncio
import base64
import ssl

import pytest

from tests.api.clients import TOKEN, Account
from tests.api.fault_server import free_port
from tests.api.secure_server import (
    HOST,
    listening,
    proxy_server,
    secure_server,
    socks_server,
)
from tests.services.routes_desk import (
    ADDRESS,
    READ,
    RUN,
    VARIABLES,
    not_sent,
    read,
    routing,
    run,
    sent,
)
from tests.vault.stores import Memory
from zapdesk.api.oauth import OAuthClient, OAuthServer, TokenEndpoint
from zapdesk.domain.exchanges import Exchange
from zapdesk.errors import InvalidInput, Side, Unreachable
from zapdesk.redaction import REDACTOR
from zapdesk.services.routing import Routing
from zapdesk.settings import Settings
from zapdesk.vault import Vault


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_a_proxy_leads_to_the_server_and_sees_nothing_but_its_name(
    ca_file: str, certified: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with secure_server(certified) as server, proxy_server(server.port) as proxy:
            chosen = routing(proxy=f"http://127.0.0.1:{proxy.port}", ca_file=ca_file)
            assert (await sent(chosen)).bytes_left
            assert proxy.heads[0].startswith(f"CONNECT {HOST}:443 HTTP/1.1")
            assert TOKEN not in "".join(proxy.heads)
            assert TOKEN in server.heads[0]
            assert "roxy" not in server.heads[0]

    run(scenario())


def test_the_time_at_the_proxy_counts_as_connecting(
    ca_file: str, certified: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with secure_server(certified) as server, proxy_server(server.port) as proxy:
            chosen = routing(proxy=f"http://127.0.0.1:{proxy.port}", ca_file=ca_file)
            transport = Account().transport(ADDRESS, find_route=chosen.route)
            exchanges: list[Exchange] = []
            await transport.send(RUN, record=exchanges.append)
            await transport.aclose()
            (kept,) = exchanges
            points = [kept.connected_ms, kept.sent_ms, kept.first_byte_ms, kept.ended_ms]
            assert all(point is not None for point in points)
            assert points == sorted(points, key=lambda point: point or 0.0)
            assert "CONNECT" not in f"{kept.method} {kept.request_headers}"

    run(scenario())


def test_an_encrypted_proxy_is_checked_as_a_server_is(
    ca_file: str, certified: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with (
            secure_server(certified) as server,
            proxy_server(server.port, context=certified) as proxy,
        ):
            address = f"https://127.0.0.1:{proxy.port}"
            assert (await sent(routing(proxy=address, ca_file=ca_file))).bytes_left
            error = await not_sent(routing(proxy=address))
            assert "is not accepted" in error.title

    run(scenario())


def test_name_and_password_go_to_their_proxy_alone(ca_file: str, certified: ssl.SSLContext) -> None:
    expected = "Basic " + base64.b64encode(b"ada:s3cret-of-proxy").decode()

    async def scenario() -> None:
        async with (
            secure_server(certified) as server,
            proxy_server(server.port, login=expected) as proxy,
            proxy_server(server.port) as other,
        ):
            first = Settings(proxy=f"http://127.0.0.1:{proxy.port}", ca_file=ca_file)
            chosen = Routing(first, Vault(Memory()))
            error = await not_sent(chosen)
            assert error.title == "The proxy 127.0.0.1 asks for a name and a password."
            assert await chosen.keep_proxy_login("ada", "s3cret-of-proxy")
            assert await chosen.proxy_user() == "ada"
            assert (await sent(chosen)).bytes_left
            assert "Proxy-Authorization" not in server.heads[0]
            assert "s3cret-of-proxy" not in REDACTOR.text("Is it s3cret-of-proxy?")
            chosen.follow_settings(
                first._replace(proxy=f"http://127.0.0.1:{other.port}")  # the name stays behind
            )
            await sent(chosen)
            assert "Proxy-Authorization" not in other.heads[0]
            chosen.follow_settings(first)
            await chosen.keep_proxy_login("", "")
            assert await chosen.proxy_user() == ""
            await not_sent(chosen)

    run(scenario())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("403 Forbidden", f"The proxy 127.0.0.1 does not allow connections to {HOST}."),
        ("502 Bad Gateway", f"The proxy 127.0.0.1 could not reach {HOST}."),
        ("418 teapot", f"The proxy 127.0.0.1 did not lead to {HOST}."),
    ],
)
def test_a_proxy_that_declines_is_told_and_nothing_was_sent(answer: str, words: str) -> None:
    async def scenario() -> None:
        async with proxy_server(0, answer=answer) as proxy:
            chosen = routing(proxy=f"http://127.0.0.1:{proxy.port}")
            assert (await not_sent(chosen)).title == words
            assert (await read(chosen, ADDRESS)).title == words

    run(scenario())


def test_a_proxy_that_is_not_there_is_named_instead_of_the_server() -> None:
    error = asyncio.run(not_sent(routing(proxy=f"http://127.0.0.1:{free_port()}")))
    assert error.title == "The proxy 127.0.0.1 refused the connection."


def test_a_proxy_that_hangs_up_or_says_nothing_leaves_nothing_sent() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async def is_mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def scenario() -> None:
        for serve in (hangs_up, is_mute):
            async with listening(serve) as port:
                chosen = routing(proxy=f"http://127.0.0.1:{port}")
                route = await chosen.route(ADDRESS)
                object.__setattr__(route.patience, "send_s", 0.3)
                await not_sent(chosen)

    run(scenario())


def test_socks_looks_the_name_up_at_the_proxy(ca_file: str, certified: ssl.SSLContext) -> None:
    async def scenario() -> None:
        async with (
            secure_server(certified) as server,
            socks_server(server.port) as proxy,
            socks_server(server.port, user="ada", password="pw-of-socks") as closed,
        ):
            chosen = routing(proxy=f"socks5://127.0.0.1:{proxy.port}", ca_file=ca_file)
            assert (await sent(chosen)).bytes_left
            assert proxy.heads == [HOST]

            chosen = routing(proxy=f"socks5://127.0.0.1:{closed.port}", ca_file=ca_file)
            error = await not_sent(chosen)
            assert error.title == "The proxy 127.0.0.1 asks for a name and a password."
            await chosen.keep_proxy_login("ada", "wrong")
            error = await not_sent(chosen)
            assert error.title == "The proxy 127.0.0.1 does not accept the name and password."
            await chosen.keep_proxy_login("ada", "pw-of-socks")
            assert (await sent(chosen)).bytes_left

    run(scenario())


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_proxies_of_the_environment_count_only_where_the_system_is_chosen(
    variable: str,
    scheme: str,
    ca_file: str,
    certified: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario() -> None:
        async with secure_server(certified) as server:
            make = proxy_server if scheme == "http" else socks_server
            async with make(server.port) as proxy:
                monkeypatch.setenv(variable, f"{scheme}://127.0.0.1:{proxy.port}")
                error = await not_sent(routing(ca_file=ca_file))
                assert error.title.startswith(f"The address of {HOST} was not found")
                assert not proxy.heads
                assert (await sent(routing(proxy="system", ca_file=ca_file))).bytes_left
                assert proxy.heads
                proxy.heads.clear()
                monkeypatch.setenv("NO_PROXY", f"other.example, {HOST}")
                await not_sent(routing(proxy="system", ca_file=ca_file))
                assert not proxy.heads

    run(scenario())


def test_a_password_in_the_environment_is_hidden_and_stored_nowhere(
    ca_file: str, certified: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with secure_server(certified) as server, proxy_server(server.port) as proxy:
            address = f"http://ada:p%40ss-of-env@127.0.0.1:{proxy.port}"
            monkeypatch.setenv("HTTPS_PROXY", address)
            store = Memory()
            await sent(Routing(Settings(proxy="system", ca_file=ca_file), Vault(store)))
            given = base64.b64encode(b"ada:p@ss-of-env").decode()
            assert f"Proxy-Authorization: Basic {given}" in proxy.heads[0]
            assert "p@ss-of-env" not in REDACTOR.text("p@ss-of-env")
            assert not store.kept

    run(scenario())


@pytest.mark.parametrize("address", ["ftp://127.0.0.1:21", "http://127.0.0.1:99999", "http://"])
def test_a_system_proxy_that_is_none_is_told_and_nothing_was_sent(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    error = asyncio.run(not_sent(routing(proxy="system")))
    assert error.title == "The system's proxy cannot be used."
    assert error.side is Side.COMPUTER


def test_this_computer_is_reached_without_the_proxy(
    ca_file: str, certified: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with secure_server(certified) as server:
            chosen = routing(proxy=f"http://127.0.0.1:{free_port()}", ca_file=ca_file)
            assert (await sent(chosen, f"https://127.0.0.1:{server.port}")).bytes_left

    run(scenario())


def test_a_sign_in_goes_the_same_way(ca_file: str, certified: ssl.SSLContext) -> None:
    reply = b'{"access_token":"made-up-access","expires_in":3600}'

    async def scenario() -> None:
        async with (
            secure_server(certified, reply) as server,
            proxy_server(server.port) as proxy,
        ):
            chosen = routing(proxy=f"http://127.0.0.1:{proxy.port}", ca_file=ca_file)
            client = OAuthClient("id", "client-secret")
            endpoint = TokenEndpoint(OAuthServer.of(ADDRESS), client, find_route=chosen.route)
            assert (await endpoint.refresh("old")).access_token == "made-up-access"
            await endpoint.aclose()
            assert proxy.heads[0].startswith(f"CONNECT {HOST}:443")

    run(scenario())


def test_another_proxy_is_used_from_the_next_request_on_and_what_is_under_way_ends(
    ca_file: str, certified: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with (
            secure_server(certified) as server,
            proxy_server(server.port) as one,
            proxy_server(server.port) as two,
        ):
            settings = Settings(proxy=f"http://127.0.0.1:{one.port}", ca_file=ca_file)
            chosen = Routing(settings, Vault(Memory()))
            transport = Account().transport(ADDRESS, find_route=chosen.route)
            first = asyncio.ensure_future(transport.read(READ))
            while not one.heads:
                await asyncio.sleep(0)
            chosen.follow_settings(settings._replace(proxy=f"http://127.0.0.1:{two.port}"))
            second = await transport.read(READ)
            assert (second.status, (await first).status) == (200, 200)
            assert (len(one.heads), len(two.heads)) == (1, 1)
            await transport.aclose()

    run(scenario())


def test_a_proxy_login_belongs_to_a_proxy_with_an_address() -> None:
    for chosen in ("none", "system"):
        with pytest.raises(InvalidInput, match="given by its address"):
            asyncio.run(routing(proxy=chosen).keep_proxy_login("ada", "x"))
    with pytest.raises(InvalidInput, match="colon"):
        asyncio.run(routing(proxy="http://127.0.0.1:1").keep_proxy_login("a:b", "x"))


# Trying it


@pytest.mark.parametrize("head", ["HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized"])
def test_a_test_tells_who_answered_through_which_proxy_and_shows_no_token(
    head: str, ca_file: str, certified: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with (
            secure_server(certified, b'{"errors":[]}', head) as server,
            proxy_server(server.port) as proxy,
        ):
            chosen = routing(proxy=f"http://127.0.0.1:{proxy.port}", ca_file=ca_file)
            reached = await chosen.test(ADDRESS)
            assert reached.words.startswith(f"{HOST} answered through the proxy 127.0.0.1 within")
            assert "Authorization" not in server.heads[0]

    run(scenario())


def test_a_test_of_what_cannot_be_reached_says_why() -> None:
    with pytest.raises(Unreachable, match="refused the connection"):
        asyncio.run(routing().test(f"https://127.0.0.1:{free_port()}"))


def test_time_outs_of_the_settings_are_used() -> None:
    chosen = routing(connect_seconds=3, read_seconds=90, send_seconds=120)
    patience = asyncio.run(chosen.route("http://127.0.0.1:1")).patience
    assert (patience.connect_s, patience.read_s, patience.send_s) == (3.0, 90.0, 120.0)
    assert patience.retries_s == 180.0

"""The one gate and the one count: what is asked, what it moves, and what being offline stops."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.clients import Account
from zapdesk.api import endpoints
from zapdesk.api.client import SendWitness, ZapierClient
from zapdesk.api.traffic import TRAFFIC
from zapdesk.errors import Offline

_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"data":{"id":"r"}}'
_connects: list[tuple[Any, ...]] = []
_is_watching = False


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _is_watching and event in {"socket.connect", "socket.getaddrinfo"}:
        _connects.append((event, *arguments))


sys.addaudithook(_hear)


@pytest.fixture(autouse=True)
def sockets() -> Iterator[list[tuple[Any, ...]]]:
    """Every socket that the system was asked to connect, and every name it was asked for."""
    global _is_watching
    TRAFFIC.forget()
    _connects.clear()
    _is_watching = True
    yield _connects
    _is_watching = False
    TRAFFIC.open()
    TRAFFIC.forget()


class Server:
    """Answers every request the same, once it is let."""

    def __init__(self) -> None:
        self.has_heard = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._serving: list[asyncio.Task[None]] = []

    @property
    def has_left(self) -> bool:
        """Whether no client holds a socket open."""
        return all(task.done() for task in self._serving)

    async def all_left(self) -> None:
        await asyncio.gather(*self._serving)

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self.may_answer.set()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.append(task)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.has_heard.set()
                await self.may_answer.wait()
                writer.write(_ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def test_a_host_is_counted_with_its_requests_bytes_and_reasons(sockets: list[Any]) -> None:
    async def scenario() -> None:
        async with Server() as base:
            transport = Account().transport(base)
            client = ZapierClient(transport)
            for _ in range(3):
                await transport.read(endpoints.profile())
            assert await client.start_run("core:1", None, {}) == "r"
            await transport.aclose()

    asyncio.run(scenario())
    (contact,) = TRAFFIC.contacts
    assert contact.host == "127.0.0.1"
    assert contact.is_local
    assert contact.requests == 4
    assert contact.whys == {"profile": 3, "start run": 1}
    assert contact.received >= 4 * 19
    assert contact.sent > 200
    assert contact.last_ms > 0
    seen = [event for event in sockets if event[0] == "socket.connect"]
    assert contact.connections == len(seen) == 2  # one kept for the reads, one for the run


def test_offline_opens_no_socket_and_looks_up_no_name(sockets: list[Any]) -> None:
    async def scenario() -> None:
        transport = Account().transport("https://api.zapier.example")
        client, witness = ZapierClient(transport), SendWitness()
        TRAFFIC.close()
        with pytest.raises(Offline, match="offline"):
            await client.categories()
        with pytest.raises(Offline):
            await client.start_run("core:1", None, {}, witness=witness)
        assert not witness.bytes_left
        await transport.aclose()

    asyncio.run(scenario())
    assert sockets == []
    assert TRAFFIC.contacts == ()


def test_a_read_under_way_ends_when_the_network_is_switched_off() -> None:
    async def scenario() -> None:
        server = Server()
        server.may_answer.clear()
        async with server as base:
            transport = Account().transport(base)
            reading = asyncio.create_task(ZapierClient(transport).categories())
            await server.has_heard.wait()
            TRAFFIC.close()
            with pytest.raises(Offline):
                await reading
            await transport.aclose()

    asyncio.run(scenario())


def test_a_run_under_way_is_waited_for_when_the_network_is_switched_off() -> None:
    async def scenario() -> None:
        server = Server()
        server.may_answer.clear()
        async with server as base:
            transport = Account().transport(base)
            sending = asyncio.create_task(ZapierClient(transport).start_run("core:1", None, {}))
            await server.has_heard.wait()
            TRAFFIC.close()
            server.may_answer.set()
            assert await sending == "r"
            await transport.aclose()

    asyncio.run(scenario())


def test_sockets_that_nothing_is_asked_over_are_all_closed_and_one_in_use_ends_on_its_own() -> None:
    async def scenario() -> None:
        idle, busy = Server(), Server()
        async with idle as idle_base, busy as busy_base:
            transports = [Account().transport(base) for base in (idle_base, idle_base, busy_base)]
            for transport in transports:
                await transport.read(endpoints.profile())
            busy.has_heard.clear()
            busy.may_answer.clear()
            reading = asyncio.create_task(transports[-1].read(endpoints.profile()))
            await busy.has_heard.wait()
            await TRAFFIC.hang_up()
            async with asyncio.timeout(10):
                await idle.all_left()  # both saw the end of their socket
            assert not busy.has_left
            busy.may_answer.set()
            assert (await reading).status == 200
            async with asyncio.timeout(10):
                await busy.all_left()
            await transports[0].read(endpoints.profile())  # what is asked later opens a new one
            for transport in transports:
                await transport.aclose()

    asyncio.run(scenario())


def test_back_online_everything_goes_out_again() -> None:
    told: list[bool] = []
    forget = TRAFFIC.changed.subscribe(told.append)

    async def scenario() -> None:
        async with Server() as base:
            transport = Account().transport(base)
            TRAFFIC.close()
            with pytest.raises(Offline):
                await ZapierClient(transport).start_run("core:1", None, {})
            TRAFFIC.open()
            assert await ZapierClient(transport).start_run("core:1", None, {}) == "r"
            await transport.aclose()

    asyncio.run(scenario())
    forget()
    assert told == [True, False]


def test_the_switch_turned_twice_while_a_request_is_cut_off_works_each_time() -> None:
    async def scenario() -> None:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def request() -> None:
            async with TRAFFIC.passage("https://example.com/", "test"):
                try:
                    begun.set()
                    await asyncio.Event().wait()
                finally:
                    await may_end.wait()  # as a connection takes that is closed

        task = asyncio.ensure_future(request())
        await begun.wait()
        told: list[bool] = []
        stop = TRAFFIC.changed.subscribe(told.append)
        TRAFFIC.close()
        await asyncio.sleep(0.01)
        TRAFFIC.open()
        TRAFFIC.close()
        stop()
        assert told == [True, False, True]
        may_end.set()
        with pytest.raises(Offline):
            await task

    asyncio.run(scenario())

"""Reads over a real socket, from servers that misbehave."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.clients import SHORT, Account, Replies, reply, talk
from tests.api.fault_server import (
    OK,
    Behaviour,
    FaultServer,
    Wire,
    closes,
    cut_after,
    drips,
    early_hints,
    endless_chunks,
    free_port,
    gzip_bomb,
    hangs,
    raw,
    resets,
    serving,
)
from zapdesk.api import endpoints
from zapdesk.api.client import ZapierClient
from zapdesk.api.routes import Patience
from zapdesk.api.transport import Transport
from zapdesk.errors import Failed, Unreachable, Unreadable, ZapdeskError

RUNNING = b'{"data":{"type":"run","status":"waiting"}}'
WHOLE = OK + b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(RUNNING), RUNNING)
QUICK = Patience(read_s=0.3, send_s=0.3, retries_s=5)


def _ask(
    behave: Behaviour, patience: Patience, ask: Callable[[Transport], Awaitable[Any]]
) -> tuple[Any, FaultServer]:
    async def main() -> tuple[Any, FaultServer]:
        async with serving(behave) as server:
            transport = Account().transport(server.url, patience=patience)
            try:
                return await ask(transport), server
            except ZapdeskError as error:
                return error, server
            finally:
                await transport.aclose()

    return asyncio.run(main())


def _poll(behave: Behaviour, patience: Patience = QUICK) -> tuple[Any, FaultServer]:
    """Look at a run, once: whoever watches it has a rhythm."""
    return _ask(behave, patience, lambda transport: ZapierClient(transport).run("arun_1"))


def _read(behave: Behaviour) -> tuple[Any, FaultServer]:
    """Read as everything else is read, with repetitions."""
    return _ask(behave, QUICK, lambda transport: transport.read(endpoints.run("arun_1")))


@pytest.mark.parametrize(
    "behave", [resets, closes, cut_after(20, WHOLE), cut_after(len(WHOLE) - 3, WHOLE), hangs,
               drips(WHOLE[:30]), drips(OK + b"\r\n", 0.005)],
    ids=["reset", "closed", "cut head", "cut body", "black hole", "dripping head", "dripping body"],
)  # fmt: skip
def test_broken_answers_are_asked_for_three_times(behave: Behaviour) -> None:
    error, server = _read(behave)
    assert type(error) is Failed
    assert error.hint
    assert server.connections == 3  # a slow machine may give up before the request is read
    error, server = _poll(behave)
    assert type(error) is Failed
    assert server.connections == 1


def test_one_broken_answer_is_not_noticed() -> None:
    calls = []

    async def once(wire: Wire) -> None:
        calls.append(1)
        await (resets if len(calls) == 1 else raw(WHOLE))(wire)

    answer, server = _read(once)
    assert answer.status == 200
    assert len(server.requests) == 2


def test_a_stale_pooled_connection_is_not_noticed() -> None:
    async def main() -> list[str]:
        keeps = WHOLE.replace(b"Connection: close\r\n", b"")

        async def answers_once(wire: Wire) -> None:
            await wire.send(keeps)
            await asyncio.sleep(0.05)
            wire.reset()

        async with serving(answers_once) as server:
            transport = Account().transport(server.url)
            client = ZapierClient(transport)
            first = await client.run("a")
            await asyncio.sleep(0.1)
            second = await client.run("a")
            await transport.aclose()
            return [first.server_status, second.server_status]

    assert asyncio.run(main()) == ["waiting", "waiting"]


def test_nobody_listens() -> None:
    async def main() -> None:
        transport = Account().transport(f"http://127.0.0.1:{free_port()}")
        await ZapierClient(transport).run("a")

    with pytest.raises(Unreachable) as caught:
        asyncio.run(main())
    assert caught.value.hint == "Check the network and try again."


@pytest.mark.parametrize("behave", [endless_chunks, gzip_bomb])
def test_an_endless_or_exploding_body_ends_at_the_cap_and_leaves_memory_alone(
    behave: Behaviour,
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error, server = _poll(behave, SHORT.__class__(read_s=20))
    assert type(error) is Unreadable
    assert len(server.requests) == 1
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < 120


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/0.9 hello\r\n\r\n",
        b"\x00\xff\xfe",
        OK + b"X: " + b"y" * 200_000 + b"\r\n\r\n" + RUNNING,
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
    ids=["HTTP 0.9", "binary", "200 KB header", "two lengths", "status 999", "101"],
)
def test_answers_that_break_the_protocol_are_a_typed_failure(data: bytes) -> None:
    error, _ = _poll(raw(data))
    assert isinstance(error, Failed)
    assert error.title


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b'"text"', b"[]", b"{}", b"{} trailing", b"NaN", b'{"data":{"status":NaN}}',
        b"\xff\xfe{\x00}\x00", b'{"data":{"status":', b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    ],
    ids=lambda body: repr(bytes(body[:16])),
)  # fmt: skip
def test_bodies_that_are_no_run_are_unreadable_and_not_asked_for_again(body: bytes) -> None:
    error, server = _poll(raw(OK + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)))
    assert type(error) is Unreadable
    assert error.status == 200
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "status",
    [b'"\xff"', b'"a\\u0000b"', b"7", b'"' + b"s" * 100_000 + b'"'],
    ids=lambda s: repr(s[:9]),
)
def test_an_odd_status_word_is_kept_and_means_waiting(status: bytes) -> None:
    body = b'\xef\xbb\xbf{"data":{"status":"x","status":%s}}' % status
    answer, _ = _poll(raw(OK + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)))
    assert not answer.is_ended
    assert answer.server_status != "x"


def test_a_hundred_thousand_hints_end_in_the_answer_or_at_the_deadline() -> None:
    answer, _ = _poll(early_hints(100_000, RUNNING), Patience(read_s=3, attempts=1))
    assert isinstance(answer, Failed) or answer.server_status == "waiting"


@given(st.text(min_size=1, max_size=60))
def test_any_id_stays_one_segment_on_the_same_host(run_id: str) -> None:
    replies = Replies([reply(200, {"data": {"status": "waiting"}})])
    talk(replies, lambda client: client.run(run_id))
    (request,) = replies.requests
    assert request.url.host == "api.zapier.com"
    path = request.url.raw_path.decode()
    assert path.startswith("/v2/action-runs/")
    assert path.count("/") == 3
    assert not set("?# ") & set(path)
    assert path.rsplit("/", 1)[1] not in {".", "..", ""}


@pytest.mark.parametrize(
    ("run_id", "target"),
    [
        ("../../v2/zaps", b"..%2F..%2Fv2%2Fzaps"),
        ("..", b"%2E%2E"),
        (".", b"%2E"),
        ("a?x=1#f", b"a%3Fx%3D1%23f"),
        ("%2e%2e", b"%252e%252e"),
        ("é \ud800", b"%C3%A9%20%ED%A0%80"),
    ],
)
def test_an_awkward_id_arrives_as_one_segment(run_id: str, target: bytes) -> None:
    async def main() -> FaultServer:
        async with serving(raw(WHOLE)) as server:
            transport = Account().transport(server.url)
            await ZapierClient(transport).run(run_id)
            await transport.aclose()
            return server

    server = asyncio.run(main())
    assert server.requests[0].split(b" ")[1] == b"/v2/action-runs/" + target

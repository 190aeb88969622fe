"""A run is sent over a real socket and something goes wrong. The server counts what it got."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from tests.api.clients import SHORT, Account
from tests.api.fault_server import (
    OK,
    Behaviour,
    FaultServer,
    Wire,
    answers,
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
    resets_after_30_bytes,
    serving,
)
from zapdesk.api.client import SendWitness, ZapierClient
from zapdesk.api.routes import Patience
from zapdesk.api.transport import Transport
from zapdesk.domain.exchanges import Exchange
from zapdesk.errors import OutcomeUnknown, RateLimited, Unreachable, ZapdeskError

T = TypeVar("T")

ACCEPTED = b'{"data":{"type":"run","id":"arun_1"}}'
WHOLE = OK + b"Content-Length: %d\r\n\r\n%s" % (len(ACCEPTED), ACCEPTED)


class Outcome:
    """What the client made of a send, and what the server saw of it."""

    def __init__(self) -> None:
        self.run_id: str | None = None
        self.error: ZapdeskError | None = None
        self.exchanges: list[Exchange] = []
        self.witness = SendWitness()
        self.server = FaultServer()


async def _send_to(url: str, outcome: Outcome, patience: Patience = SHORT) -> None:
    transport = Account().transport(url, patience=patience)
    try:
        outcome.run_id = await ZapierClient(transport).start_run(
            "core:1", None, {"x": "1"}, record=outcome.exchanges.append, witness=outcome.witness
        )
    except ZapdeskError as error:
        outcome.error = error
    finally:
        await transport.aclose()


def _send(behave: Behaviour, *, reads_request: bool = True) -> Outcome:
    outcome = Outcome()

    async def main() -> None:
        async with serving(behave, reads_request=reads_request) as outcome.server:
            await _send_to(outcome.server.url, outcome)

    asyncio.run(main())
    assert len(outcome.exchanges) == 1
    return outcome


def _is_unknown(outcome: Outcome, requests: int = 1) -> None:
    assert isinstance(outcome.error, OutcomeUnknown)
    assert outcome.witness.bytes_left
    assert outcome.witness.sent_ms is not None
    assert (outcome.server.connections, len(outcome.server.requests)) == (1, requests)


def test_a_run_that_is_accepted_is_timed_and_went_over_one_connection() -> None:
    outcome = _send(raw(WHOLE))
    assert outcome.run_id == "arun_1"
    (request,) = outcome.server.requests
    assert request.startswith(b"POST /v2/action-runs HTTP/1.1\r\n")
    assert b"expect:" not in request.lower()
    (exchange,) = outcome.exchanges
    assert exchange.connected_ms is not None
    assert exchange.sent_ms is not None
    assert exchange.first_byte_ms is not None
    assert exchange.ended_ms is not None
    assert 0 <= exchange.connected_ms <= exchange.sent_ms <= exchange.first_byte_ms
    assert exchange.first_byte_ms <= exchange.ended_ms


def test_connection_refused() -> None:
    outcome = Outcome()
    asyncio.run(_send_to(f"http://127.0.0.1:{free_port()}", outcome))
    assert isinstance(outcome.error, Unreachable)
    assert outcome.error.title == "127.0.0.1 refused the connection."
    assert outcome.error.hint.startswith("Nothing was sent.")
    assert not outcome.witness.bytes_left
    assert outcome.exchanges[0].status is None
    assert "ConnectError" in outcome.exchanges[0].failure


def test_name_that_does_not_resolve() -> None:
    outcome = Outcome()
    asyncio.run(_send_to("https://zapdesk-test.invalid", outcome, Patience(send_s=10)))
    assert isinstance(outcome.error, Unreachable)
    assert not outcome.witness.bytes_left


def test_connection_that_is_never_accepted() -> None:
    async def main() -> None:
        # A full backlog: the kernel drops further attempts to connect.
        import socket

        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            port = listener.getsockname()[1]
            fillers = []
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
                fillers.append(filler)
            await _send_to(f"http://127.0.0.1:{port}", outcome)
            for filler in fillers:
                filler.close()

    outcome = Outcome()
    asyncio.run(main())
    assert isinstance(outcome.error, Unreachable)
    assert not outcome.witness.bytes_left


def test_plain_http_server_behind_an_https_address() -> None:
    outcome = Outcome()

    async def main() -> None:
        async with serving(raw(WHOLE), reads_request=False) as outcome.server:
            await _send_to(outcome.server.url.replace("http", "https"), outcome)

    asyncio.run(main())
    assert isinstance(outcome.error, Unreachable)
    assert not outcome.witness.bytes_left


def test_reset_after_30_request_bytes() -> None:
    _is_unknown(_send(resets_after_30_bytes, reads_request=False), requests=0)


def test_executed_and_the_reply_swallowed() -> None:
    _is_unknown(_send(closes))


def test_executed_and_the_connection_reset() -> None:
    _is_unknown(_send(resets))


@pytest.mark.parametrize("count", [1, 20, len(WHOLE) - len(ACCEPTED), len(WHOLE) - 1])
def test_reply_cut_after_n_bytes(count: int) -> None:
    outcome = _send(cut_after(count, WHOLE))
    _is_unknown(outcome)
    assert (
        outcome.exchanges[0].response_body == ACCEPTED[: max(0, count - len(WHOLE) + len(ACCEPTED))]
    )


def test_reply_without_length_cut_in_the_middle_of_its_json() -> None:
    outcome = _send(raw(OK + b"\r\n" + ACCEPTED[:20]))
    _is_unknown(outcome)
    assert outcome.error is not None
    assert outcome.error.technical.startswith("HTTP 200")
    assert '{"data":{"type":"run' in outcome.error.technical


def test_black_hole_until_the_deadline() -> None:
    outcome = _send(hangs)
    _is_unknown(outcome)
    assert "did not come in time" in str(outcome.error)


@pytest.mark.parametrize(
    "behave",
    [drips(WHOLE[:30]), drips(OK + b"\r\n", pause_s=0.005)],
    ids=["head", "body"],
)
def test_dripping_until_the_deadline(behave: Behaviour) -> None:
    outcome = _send(behave)
    _is_unknown(outcome)
    ended_ms = outcome.exchanges[0].ended_ms
    assert ended_ms is not None
    assert SHORT.send_s * 1000 <= ended_ms + 50 < 3 * SHORT.send_s * 1000


def test_endless_body() -> None:
    outcome = _send(endless_chunks)
    _is_unknown(outcome)
    assert outcome.exchanges[0].body_size <= 32 * 1024 * 1024


def test_gzip_bomb() -> None:
    outcome = _send(gzip_bomb)
    _is_unknown(outcome)
    assert outcome.exchanges[0].body_size < 40_000_000


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/0.9 hello\r\n\r\n",
        b"garbage\r\n\r\n",
        b"\x00\xff\xfe",
        b"HTTP/1.1 99 Odd\r\n\r\n",
        OK + b"X: " + b"y" * 200_000 + b"\r\n\r\n" + ACCEPTED,
        OK + b"X-\x00: 1\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        OK + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
    ],
    ids=["HTTP 0.9", "garbage", "binary", "status 99", "200 KB header", "NUL in a name",
         "two lengths", "bad chunk", "brotli"],
)  # fmt: skip
def test_reply_that_breaks_the_protocol(data: bytes) -> None:
    _is_unknown(_send(raw(data)))


def test_hints_before_the_reply() -> None:
    assert _send(early_hints(1000, ACCEPTED)).run_id == "arun_1"


def test_redirect_to_a_second_server_brings_no_request_there() -> None:
    outcome = Outcome()
    second = FaultServer()

    async def main() -> None:
        nonlocal second
        async with serving(raw(WHOLE)) as second:
            for status in (301, 302, 303, 307, 308):
                leads_away = answers(
                    f"{status} Moved", b"", f"Location: {second.url}/v2/action-runs"
                )
                async with serving(leads_away) as outcome.server:
                    await _send_to(outcome.server.url, outcome)
                    _is_unknown(outcome)

    asyncio.run(main())
    assert second.connections == 0


def test_429_sends_nothing_again() -> None:
    outcome = _send(answers("429 Slow", b'{"errors":[]}', "Retry-After: 1"))
    assert isinstance(outcome.error, RateLimited)
    assert outcome.error.wait_s == 1
    assert outcome.server.connections == 1


def _cancelled(behave: Behaviour, when: Callable[[FaultServer], bool]) -> Outcome:
    outcome = Outcome()

    async def main() -> None:
        async with serving(behave) as outcome.server:
            sending = asyncio.ensure_future(
                _send_to(outcome.server.url, outcome, Patience(send_s=20))
            )
            while not when(outcome.server):
                await asyncio.sleep(0.005)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending

    asyncio.run(main())
    return outcome


def test_cancelled_after_the_request_left() -> None:
    outcome = _cancelled(hangs, lambda server: len(server.requests) == 1)
    assert outcome.witness.bytes_left
    assert outcome.exchanges[0].failure == "stopped waiting"
    assert outcome.exchanges[0].sent_ms is not None


def test_cancelled_before_the_request_left() -> None:
    outcome = Outcome()
    outcome.witness.leaves()  # with an earlier attempt, which was refused

    async def main() -> None:
        account = Account()
        admitted = asyncio.Event()

        async def never(_: Any) -> None:
            admitted.set()
            await asyncio.Event().wait()

        transport = Transport(
            "http://127.0.0.1:9", token=account.token, renew=account.renew, admit=never
        )
        client = ZapierClient(transport)
        task = asyncio.ensure_future(client.start_run("a", None, {}, witness=outcome.witness))
        await admitted.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not outcome.witness.bytes_left


def test_each_send_takes_a_connection_of_its_own() -> None:
    async def keeps_alive(wire: Wire) -> None:
        await wire.send(WHOLE)
        await wire.reader.read()

    async def main() -> int:
        async with serving(keeps_alive) as server:
            transport = Account().transport(server.url)
            client = ZapierClient(transport)
            for _ in range(3):
                await client.start_run("core:1", None, {})
            await transport.aclose()
            return server.connections

    assert asyncio.run(main()) == 3


def test_a_witness_starts_anew_with_each_send() -> None:
    outcome = _send(closes)
    assert outcome.witness.bytes_left
    asyncio.run(_send_to(f"http://127.0.0.1:{free_port()}", outcome))
    assert isinstance(outcome.error, Unreachable)
    assert not outcome.witness.bytes_left


def _in_environment(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], scenario: Coroutine[Any, Any, T]
) -> T:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return asyncio.run(scenario)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = Outcome()

    async def main() -> None:
        async with serving(raw(WHOLE)) as outcome.server:
            await _send_to(outcome.server.url, outcome)

    dead = f"http://127.0.0.1:{free_port()}"
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    _in_environment(monkeypatch, {**dict.fromkeys(names, dead), "ALL_PROXY": "socks5://x"}, main())
    assert outcome.run_id == "arun_1"

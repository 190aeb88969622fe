"""The loopback listener takes the one answer it waits for, whatever else arrives."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from tests.conftest import ExpectLog
from zapdesk.api import loopback
from zapdesk.api.loopback import ConsentAnswer, LoopbackListener
from zapdesk.domain.redirects import REDIRECT_PATH
from zapdesk.errors import InvalidInput

STATE = "s" * 43
GOOD = f"{REDIRECT_PATH}?code=the-code&state={STATE}"


async def talk(listener: LoopbackListener, request: bytes) -> bytes:
    """Send ``request`` and read until the listener closes."""
    reader, writer = await asyncio.open_connection(*place(listener))
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def place(listener: LoopbackListener) -> tuple[str, int]:
    host, _, port = listener.redirect_uri.split("/")[2].rpartition(":")
    return host.strip("[]"), int(port)


def get(listener: LoopbackListener, target: str, host: str = "") -> bytes:
    host = host or listener.redirect_uri.split("/")[2]
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_a_redirect_that_comes_before_anybody_waits_is_taken() -> None:
    async def scenario() -> ConsentAnswer:
        listener = await LoopbackListener.open(STATE)
        reply = await talk(listener, get(listener, GOOD))
        assert status(reply) == 303
        assert b"the-code" not in reply
        done = await talk(listener, get(listener, "/oauth/done"))
        assert b"Consent given" in done
        answer = await listener.answer()
        await listener.close()
        return answer

    assert asyncio.run(scenario()) == ConsentAnswer(code="the-code")


def test_ten_connections_that_send_nothing_do_not_hold_the_answer_up() -> None:
    async def scenario() -> float:
        listener = await LoopbackListener.open(STATE)
        idle = [await asyncio.open_connection(*place(listener)) for _ in range(10)]
        began = time.monotonic()
        await talk(listener, get(listener, GOOD))
        await listener.answer()
        took = time.monotonic() - began
        for _, writer in idle:
            writer.close()
        await talk(listener, get(listener, "/oauth/done"))
        await listener.close()
        return took

    assert asyncio.run(scenario()) < loopback.HEADER_S


def hostile(listener: LoopbackListener) -> list[bytes]:
    """Requests that are almost the right one, or nothing like it."""
    path = REDIRECT_PATH
    return [
        get(listener, "/favicon.ico"),
        get(listener, f"{path}?code=x"),
        get(listener, f"{path}?code=x&state=wrong"),
        get(listener, f"{path}?code=a&code=b&state={STATE}"),
        get(listener, f"{path}?code=a&error=b&state={STATE}"),
        get(listener, f"{path}?code=a&state={STATE}&state={STATE}"),
        get(listener, f"{path}?state={STATE}"),
        get(listener, f"{path}?code=&state={STATE}"),
        get(listener, f"/other?code=a&state={STATE}"),
        get(listener, GOOD, host="evil.example"),
        get(listener, GOOD, host="localhost:" + str(place(listener)[1])),
        get(listener, GOOD).replace(b"GET", b"POST"),
        get(listener, GOOD).replace(b"\r\n\r\n", b"\r\nHost: twice\r\n\r\n"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n",
        b"GET " + b"/" * 40_000 + b" HTTP/1.1\r\n\r\n",
        "GET /ü HTTP/1.1\r\n\r\n".encode(),
        b"\r\n\r\n",
    ]


def test_a_thousand_hostile_requests_change_nothing_and_the_sign_in_goes_on() -> None:
    async def scenario() -> None:
        listener = await LoopbackListener.open(STATE)
        kinds = hostile(listener)
        for start in range(0, 1000, 50):
            replies = await asyncio.gather(
                *(talk(listener, kinds[at % len(kinds)]) for at in range(start, start + 50))
            )
            assert {status(reply) for reply in replies} <= {404, 0}
        assert listener.refused == 1000
        began = time.monotonic()
        await talk(listener, get(listener, GOOD))
        assert (await listener.answer()).code == "the-code"
        assert time.monotonic() - began < 1
        await talk(listener, get(listener, "/oauth/done"))
        await listener.close()

    asyncio.run(scenario())


def test_a_replayed_answer_is_refused_and_the_first_one_counts() -> None:
    async def scenario() -> None:
        listener = await LoopbackListener.open(STATE)
        await talk(listener, get(listener, GOOD))
        second = await talk(listener, get(listener, GOOD.replace("the-code", "another")))
        assert status(second) == 404
        assert (await listener.answer()).code == "the-code"
        await talk(listener, get(listener, "/oauth/done"))
        host, port = place(listener)
        await listener.close()
        with pytest.raises(OSError, match=r"refused|failed"):
            await asyncio.open_connection(host, port)

    asyncio.run(scenario())


def test_html_in_a_declined_answer_is_only_text_and_stays_out_of_the_page() -> None:
    async def scenario() -> None:
        listener = await LoopbackListener.open(STATE)
        query = f"error=access_denied&error_description=%3Cb%3Eno%3C/b%3E&state={STATE}"
        await talk(listener, get(listener, f"{REDIRECT_PATH}?{query}"))
        answer = await listener.answer()
        assert (answer.error, answer.description) == ("access_denied", "<b>no</b>")
        page = await talk(listener, get(listener, "/oauth/done"))
        assert b"declined" in page
        assert b"<b>" not in page
        await listener.close()

    asyncio.run(scenario())


def test_cancelling_closes_the_port_at_once() -> None:
    async def scenario() -> None:
        listener = await LoopbackListener.open(STATE)
        reader, writer = await asyncio.open_connection(*place(listener))
        host, port = place(listener)
        began = time.monotonic()
        await listener.close()
        assert time.monotonic() - began < 0.2
        with pytest.raises(OSError, match=r"refused|failed"):
            await asyncio.open_connection(host, port)
        writer.close()
        del reader

    asyncio.run(scenario())


def test_a_port_that_is_taken_leads_to_the_next_and_then_to_pasting(
    expected_log: ExpectLog,
) -> None:
    expected_log("no loopback port")

    async def scenario() -> None:
        taken = socket.create_server(("127.0.0.1", 0))
        also = socket.create_server(("::1", 0), family=socket.AF_INET6)
        port = taken.getsockname()[1]
        free = await LoopbackListener.open(STATE, (port, 0))
        assert place(free)[1] != port
        await free.close()
        # Only ::1 has this port free.
        other = await LoopbackListener.open(STATE, (port,))
        assert other.redirect_uri.startswith(f"http://[::1]:{port}/")
        second = await LoopbackListener.open(STATE, (port,))
        assert not second.is_listening
        with pytest.raises(InvalidInput):
            second.paste("https://example.com/?code=a&state=wrong")
        second.paste(f" {second.redirect_uri}?code=by-hand&state={STATE}\n")
        assert (await second.answer()).code == "by-hand"
        await second.close()
        await other.close()
        taken.close()
        also.close()

    asyncio.run(scenario())


def test_another_process_at_the_same_port_of_the_other_loopback_address_changes_nothing() -> None:
    async def scenario() -> None:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
            port = other.getsockname()[1]
            listener = await LoopbackListener.open(STATE, (port,))
            assert listener.redirect_uri == f"http://127.0.0.1:{port}{REDIRECT_PATH}"
            await talk(listener, get(listener, GOOD))
            assert (await listener.answer()).code == "the-code"
            await talk(listener, get(listener, "/oauth/done"))
            await listener.close()

    asyncio.run(scenario())


def test_half_an_ipv6_address_is_no_answer_and_no_fault() -> None:
    async def scenario() -> None:
        listener = await LoopbackListener.open(STATE)
        assert status(await talk(listener, get(listener, f"//[{GOOD}"))) == 404
        with pytest.raises(InvalidInput):
            listener.paste(f"http://[{GOOD}")
        await listener.close()

    asyncio.run(scenario())

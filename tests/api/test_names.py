"""Names that the resolver does not answer for: bounded, told truly, and no matter for the exit."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.clients import SHORT
from tests.cli.program import ROOT
from zapdesk.api import names
from zapdesk.api.calls import Call
from zapdesk.api.recording import SendWitness
from zapdesk.api.routes import Patience
from zapdesk.api.transport import Admission, Transport
from zapdesk.errors import Unreachable

PLAIN = "https://nowhere.example.com"


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A resolver that answers nobody until the test is over."""
    asked: list[str] = []
    over = threading.Event()

    def getaddrinfo(host: Any, *_: Any) -> Any:
        asked.append(host.decode() if isinstance(host, bytes) else host)
        over.wait(30)
        raise socket.gaierror(socket.EAI_NONAME, "over")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(names, "WITHIN_S", 0.2)
    yield asked
    over.set()


async def _token() -> str | None:
    return "tok-made-up"


async def _no_other(_: str) -> str | None:
    return None


async def _admits(_: Admission) -> None:
    return


def transport(patience: Patience = SHORT) -> Transport:
    return Transport(PLAIN, token=_token, renew=_no_other, admit=_admits, patience=patience)


def test_dns_that_hangs_is_given_up_in_time_and_nothing_was_sent(hanging: list[str]) -> None:
    async def scenario() -> None:
        way = transport(Patience(connect_s=20.0, read_s=20.0, send_s=20.0))
        witness = SendWitness()
        begun = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            await way.send(
                Call("start run", "POST", "/v2/action-runs", body=b"{}"), witness=witness
            )
        assert time.monotonic() - begun < 2
        assert not witness.bytes_left
        assert caught.value.title == "The address of nowhere.example.com was not found in time."
        await way.aclose()

    asyncio.run(scenario())
    assert hanging == ["nowhere.example.com"]


def test_look_ups_that_hang_are_joined_and_fill_no_thread_pool(hanging: list[str]) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        names.bound(loop)
        asking = (loop.getaddrinfo("slow.example.com", 443) for _ in range(20))
        errors = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(error, socket.gaierror) for error in errors)

    asyncio.run(scenario())
    assert hanging == ["slow.example.com"]


def test_names_that_are_known_are_found_as_ever() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        names.bound(loop)
        names.bound(loop)
        found = await loop.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
        assert {entry[4][0] for entry in found} & {"127.0.0.1", "::1"}
        with pytest.raises(socket.gaierror):
            await loop.getaddrinfo("no.such.name.invalid", 80, flags=socket.AI_NUMERICHOST)

    asyncio.run(scenario())


def test_dns_that_hangs_does_not_hold_up_the_exit() -> None:
    program = textwrap.dedent("""
        import asyncio, socket, sys, time
        socket.getaddrinfo = lambda *_: time.sleep(60)
        from zapdesk.api import names
        async def main():
            loop = asyncio.get_running_loop()
            names.bound(loop)
            task = asyncio.ensure_future(loop.getaddrinfo("slow.example.com", 443))
            await asyncio.sleep(0.1)
            task.cancel()
        asyncio.run(main())
        print("over", flush=True)
    """)
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        out, _ = process.communicate(timeout=15)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
    assert (process.returncode, out.strip()) == (0, b"over")

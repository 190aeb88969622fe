"""Stands between a client and the real sandbox and breaks the POST of a run at a chosen byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.api.fault_server import Wire
from tests.sandbox_server import Address

POST = b"POST /v2/action-runs "


@dataclass(slots=True)
class Fault:
    """Where the connection of a POST is cut: after so many bytes of the request went through,
    or after so many of the reply came back (``None``: it goes through whole)."""

    request_bytes: int | None = None
    reply_bytes: int | None = None
    silent: bool = False


@asynccontextmanager
async def proxy(sandbox: Address, fault: Fault) -> AsyncIterator[str]:
    """The address of a proxy in front of ``sandbox``."""
    real = urlsplit(sandbox.url)
    theirs = f"127.0.0.1:{real.port}".encode()
    tasks: set[asyncio.Task[None]] = set()
    ours = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        far_reader, far_writer = await asyncio.open_connection(real.hostname, real.port)
        try:
            first = await reader.read(65536)
            limits = fault if first.startswith(POST) else Fault()
            near, far = Wire(reader, writer), Wire(far_reader, far_writer)
            there = _pipe(near, far, limits.request_bytes, (ours, theirs), first)
            back = _pipe(far, near, limits.reply_bytes, (theirs, ours), silent=limits.silent)
            _, left = await asyncio.wait(
                [asyncio.ensure_future(there), asyncio.ensure_future(back)],
                return_when=asyncio.FIRST_COMPLETED,
            )
            for one in left:
                one.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        except asyncio.CancelledError:
            pass
        finally:
            far_writer.close()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    ours = f"127.0.0.1:{server.sockets[0].getsockname()[1]}".encode()
    assert len(ours) == len(theirs), "lengths of bodies must stay as they are told"
    try:
        yield f"http://{ours.decode()}"
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _pipe(
    source: Wire,
    target: Wire,
    limit: int | None,
    names: tuple[bytes, bytes],
    first: bytes = b"",
    *,
    silent: bool = False,
) -> None:
    passed = 0
    data = first
    with contextlib.suppress(ConnectionError):
        while data := data or await source.reader.read(65536):
            data = data.replace(*names)
            if silent:
                data = b""
                continue
            if limit is not None and passed + len(data) >= limit:
                await target.send(data[: limit - passed])
                await asyncio.sleep(0.1)  # what was let through is to arrive before the cut
                source.reset()
                target.reset()
                return
            await target.send(data)
            passed += len(data)
            data = b""


async def told(sandbox: Address, name: str) -> list[dict[str, Any]]:
    """What the sandbox itself says it ``received`` or did (``effects``)."""
    request = urllib.request.Request(f"{sandbox.url}/sandbox/{name}", headers=dict(sandbox.headers))

    def ask() -> list[dict[str, Any]]:
        with urllib.request.urlopen(request, timeout=10) as answer:
            entries: list[dict[str, Any]] = json.load(answer)[name]
            return entries

    return await asyncio.to_thread(ask)


async def eventually(look: Callable[[], Awaitable[bool]], timeout_s: float = 10.0) -> None:
    """Wait until ``look`` says yes; fails after ``timeout_s``."""
    async with asyncio.timeout(timeout_s):
        while not await look():
            await asyncio.sleep(0.02)

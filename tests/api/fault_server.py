"""A server that speaks HTTP badly on purpose: each behaviour is one way a network goes wrong.

It counts what it received, so that a test can tell what the client only believes.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Behaviour = Callable[["Wire"], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@dataclass(slots=True)
class Wire:
    """One connection, seen from the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> bytes:
        """One whole request: head and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return head + await self.reader.readexactly(length)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass(slots=True)
class FaultServer:
    """Where it listens and what arrived: one entry a connection, as the behaviour noted it."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(behave: Behaviour, *, reads_request: bool = True) -> AsyncIterator[FaultServer]:
    """Listen on a free port; after each whole request ``behave`` takes the connection over."""
    told = FaultServer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        told.connections += 1
        wire = Wire(reader, writer)
        try:
            if reads_request:
                told.requests.append(await wire.request())
            await behave(wire)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            try:
                await writer.wait_closed()  # else its trouble is told at some later moment
            except ConnectionError:
                pass
            except asyncio.CancelledError:  # the test is over, and the other side reads no more
                writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(status: str, body: bytes = b"", *headers: str) -> Behaviour:
    """A well-formed answer."""

    async def behave(wire: Wire) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
        await wire.send("\r\n".join([*lines, *headers, "", ""]).encode() + body)

    return behave


async def resets(wire: Wire) -> None:
    wire.reset()


async def closes(wire: Wire) -> None:
    """Swallows the reply and hangs up."""


async def hangs(wire: Wire) -> None:
    """Never answers."""
    await wire.reader.read()


async def resets_after_30_bytes(wire: Wire) -> None:
    await wire.reader.readexactly(30)
    wire.reset()


def cut_after(count: int, whole: bytes) -> Behaviour:
    """Sends the first ``count`` bytes of an answer and hangs up."""

    async def behave(wire: Wire) -> None:
        await wire.send(whole[:count])

    return behave


def drips(data: bytes, pause_s: float = 0.02) -> Behaviour:
    """One byte at a time, for ever."""

    async def behave(wire: Wire) -> None:
        for byte in data:
            await wire.send(bytes([byte]))
            await asyncio.sleep(pause_s)
        while True:
            await wire.send(b" ")
            await asyncio.sleep(pause_s)

    return behave


async def endless_chunks(wire: Wire) -> None:
    await wire.send(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    piece = b" " * 65536
    while True:
        await wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))


async def gzip_bomb(wire: Wire) -> None:
    """300 MB of blanks in some 300 KB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(300)) + packer.flush()
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    await wire.send(OK + head + packed)


def early_hints(count: int, body: bytes) -> Behaviour:
    """``count`` times 103, then the answer."""

    async def behave(wire: Wire) -> None:
        for _ in range(count // 100):
            await wire.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)
        await wire.send(OK + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    return behave


def raw(data: bytes) -> Behaviour:
    """Exactly these bytes, then the end."""

    async def behave(wire: Wire) -> None:
        await wire.send(data)

    return behave

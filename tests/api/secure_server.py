"""Servers over TLS with certificates of an authority of their own, and proxies to them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

HOST = "api.company.example"
"""No name server knows it: whoever reaches it came through a proxy."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Server:
    """Where it listens and what it was asked, in the order of arrival."""

    port: int
    heads: list[str] = field(default_factory=list)


@asynccontextmanager
async def listening(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Listen on a free port of this computer; what is under way at the end is cut off."""
    tasks: set[asyncio.Task[None]] = set()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        # The other side hangs up wherever the test wants it to.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@asynccontextmanager
async def secure_server(
    context: ssl.SSLContext, reply: bytes = b'{"data":{"id":"r"}}', head: str = "HTTP/1.1 200 OK"
) -> AsyncIterator[Server]:
    """Answers every request with ``reply``."""
    told = Server(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        lines = f"{head}\r\nContent-Length: {len(reply)}\r\nConnection: close\r\n\r\n"
        writer.write(lines.encode() + reply)
        await writer.drain()

    async with listening(serve, context) as told.port:
        yield told


@asynccontextmanager
async def proxy_server(
    target: int,
    *,
    login: str = "",
    answer: str = "200 Connection established",
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[Server]:
    """Leads every CONNECT to ``target``, whatever host is named, or gives ``answer``.

    ``login`` is the value that Proxy-Authorization must have; without it comes 407.
    """
    told = Server(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        told.heads.append(head)
        said = answer
        if login and f"Proxy-Authorization: {login}" not in head:
            said = "407 Proxy Authentication Required"
        writer.write(f"HTTP/1.1 {said}\r\n\r\n".encode())
        await writer.drain()
        if said.startswith("200"):
            await _lead(reader, writer, target)

    async with listening(serve, context) as told.port:
        yield told


@asynccontextmanager
async def socks_server(target: int, *, user: str = "", password: str = "") -> AsyncIterator[Server]:
    """A SOCKS5 proxy (RFC 1928, 1929); ``heads`` are the hosts that were asked for."""
    told = Server(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        wanted = 2 if user else 0
        writer.write(bytes([5, wanted if wanted in offered else 255]))
        if user and wanted in offered:
            _, length = await reader.readexactly(2)
            name = await reader.readexactly(length)
            (length,) = await reader.readexactly(1)
            is_right = (name, await reader.readexactly(length)) == (
                user.encode(),
                password.encode(),
            )
            writer.write(bytes([1, not is_right]))
        _, _, _, kind = await reader.readexactly(4)
        assert kind == 3, "the name is looked up by the proxy"
        (length,) = await reader.readexactly(1)
        told.heads.append((await reader.readexactly(length)).decode())
        await reader.readexactly(2)
        writer.write(struct.pack("!BBBB4sH", 5, 0, 0, 1, bytes(4), 0))
        await writer.drain()
        await _lead(reader, writer, target)

    async with listening(serve) as told.port:
        yield told


async def _lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int) -> None:
    onward, outward = await asyncio.open_connection("127.0.0.1", target)

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()

    try:
        await asyncio.wait(
            [
                asyncio.ensure_future(pump(reader, outward)),
                asyncio.ensure_future(pump(onward, writer)),
            ],
            return_when=asyncio.FIRST_COMPLETED,
        )
    finally:
        outward.transport.abort()


def authority_file(authority: trustme.CA, folder: Path) -> str:
    """The authority's certificate as a file for ``ca_file``."""
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)

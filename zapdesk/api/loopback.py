"""The loopback listener: where the browser brings the code after a person's consent.

Bound before any browser opens and kept until the answer came, so the answer cannot be too early
and nobody else can take the port. Whatever is not exactly the one expected request gets a 404 and
the wait goes on: any page a browser has open can send requests here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import html
import logging
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from zapdesk.api.traffic import TRAFFIC
from zapdesk.domain.redirects import FIXED_PORTS, REDIRECT_PATH
from zapdesk.errors import InvalidInput

_logger = logging.getLogger(__name__)

_DONE = "/oauth/done"
HEADER_S = 3.0
"""Seconds within which a request must have come; browsers open connections they never use."""
MAX_HEADER = 16 * 1024
_BACKLOG = 512
_LINGER_S = 2.0
"""So long the closing page may be asked for after the answer came."""
_LONGEST_TEXT = 500
_NO_PORT = FIXED_PORTS[0]  # stands in the redirect address where nobody listens


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """What a person decided: a ``code``, or an ``error`` with its ``description``.

    ``issuer`` is who says so, where the server tells (RFC 9207).
    """

    code: str = field(default="", repr=False)
    error: str = ""
    description: str = ""
    issuer: str = ""


class LoopbackListener:
    """Waits for one answer with one ``state``. Use ``open``; ``redirect_uri`` is where it waits."""

    def __init__(self, bound: socket.socket | None, state: str) -> None:
        host, port = bound.getsockname()[:2] if bound is not None else ("127.0.0.1", _NO_PORT)
        self.is_listening = bound is not None
        """Whether the answer comes by itself; else a person pastes the address."""
        self._host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.redirect_uri = f"http://{self._host}{REDIRECT_PATH}"
        self.refused = 0
        """How many requests were not the one expected."""
        self._state = state
        self._bound = bound
        self._server: asyncio.Server | None = None
        self._answer: asyncio.Future[ConsentAnswer] = asyncio.get_running_loop().create_future()
        self._came_by_browser = False
        self._page_was_shown = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @classmethod
    async def open(cls, state: str, ports: Sequence[int] = (0,)) -> LoopbackListener:
        """Listen on 127.0.0.1, on the first of ``ports`` that is free (0: any), else on ::1.

        Fixed ports are for registrations that compare redirect addresses to the letter. Where
        no port can be had, the address that the browser ends at can still be pasted.

        Raises Offline where the network is switched off: the answer could not be used.
        """
        TRAFFIC.check()
        bound = _first_free(ports)
        listener = cls(bound, state)
        if bound is None:
            _logger.warning("no loopback port could be opened; the address has to be pasted")
            return listener
        listener._server = await asyncio.start_server(
            listener._connected, sock=bound, limit=MAX_HEADER, backlog=_BACKLOG
        )
        host, port = bound.getsockname()[:2]
        TRAFFIC.listens(host, port, "waits for the browser's sign-in")
        return listener

    async def answer(self) -> ConsentAnswer:
        """What the browser brought. Waits for ever: how long is the caller's matter."""
        return await asyncio.shield(self._answer)

    def paste(self, text: str) -> None:
        """Take the address that a browser ended at, copied by hand.

        Raises InvalidInput where it is not the answer to this sign-in.
        """
        parts = _parts(text.strip())
        answer = None if parts is None else _read(parts.query, self._state)
        if answer is None:
            raise InvalidInput(
                "This is not the address that this sign-in leads to.",
                hint="Copy the whole address of the page that the browser shows at the end.",
            )
        self._take(answer)

    async def close(self) -> None:
        """Close the port; after an answer, once the browser has its closing page."""
        if self.is_listening and self._came_by_browser:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LINGER_S):
                    await self._page_was_shown.wait()
        self._answer.cancel()
        if self._server is None or self._bound is None:
            return
        self._server.close()
        for connection in self._open:
            connection.transport.abort()  # ends its reading, and with it its task
        await self._idle.wait()
        self._bound.close()

    def _take(self, answer: ConsentAnswer) -> bool:
        """The first answer counts."""
        if self._answer.done():
            return False
        self._answer.set_result(answer)
        return True

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self._idle.clear()
        try:
            async with asyncio.timeout(HEADER_S):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(self._reply(head))
            async with asyncio.timeout(HEADER_S):
                await writer.drain()
        except (
            TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError,
        ):  # fmt: skip
            self.refused += 1
        finally:
            self._open.discard(writer)
            if not self._open:
                self._idle.set()
            writer.close()

    def _reply(self, head: bytes) -> bytes:
        target = self._target(head)
        if target is not None and (parts := _parts(target)) is not None:
            if parts.path == REDIRECT_PATH and (answer := _read(parts.query, self._state)):
                if self._take(answer):
                    self._came_by_browser = True
                    # The code leaves the address bar, and with it the browser's history.
                    return _response("303 See Other", "", f"http://{self._host}{_DONE}")
            elif target == _DONE and self._answer.done() and not self._answer.cancelled():
                self._page_was_shown.set()
                return _response("200 OK", _page(self._answer.result()))
        self.refused += 1
        _logger.debug("the loopback listener refused a request")
        return _response("404 Not Found", "")

    def _target(self, head: bytes) -> str | None:
        """The target of a GET that was meant for this address, else ``None``."""
        try:
            lines = head.decode("ascii").split("\r\n")
        except UnicodeDecodeError:
            return None
        method, _, rest = lines[0].partition(" ")
        target, _, version = rest.partition(" ")
        hosts = [
            value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:] if line)
            if name.lower() == "host"
        ]
        is_ours = method == "GET" and version.startswith("HTTP/1.") and hosts == [self._host]
        return target if is_ours and target.startswith("/") else None


def _first_free(ports: Iterable[int]) -> socket.socket | None:
    wanted = tuple(ports)
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for port in wanted:
            try:
                bound = socket.socket(family, socket.SOCK_STREAM)
            except OSError:
                break
            try:
                # No SO_REUSEADDR: on Windows it would let another program share the port.
                bound.bind((host, port))
                bound.setblocking(False)
            except OSError:
                bound.close()
            else:
                return bound
    return None


def _parts(address: str) -> SplitResult | None:
    """The parts of an address; ``None`` where it is none."""
    try:
        return urlsplit(address)
    except ValueError:  # half of an IPv6 address, say
        return None


def _read(query: str, state: str) -> ConsentAnswer | None:
    """The answer in a query that carries ``state`` once, and a code or an error, not both."""
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return None
    states, codes, errors = (found.get(name, []) for name in ("state", "code", "error"))
    if len(states) != 1 or not hmac.compare_digest(states[0].encode(), state.encode()):
        return None
    if len(codes) + len(errors) != 1 or not (codes or errors)[0]:
        return None
    (description,) = found.get("error_description", [""])[:1]
    (issuer,) = found.get("iss", [""])[:1]
    return ConsentAnswer(
        code=codes[0] if codes else "",
        error=errors[0][:_LONGEST_TEXT] if errors else "",
        description=description[:_LONGEST_TEXT],
        issuer=issuer[:_LONGEST_TEXT],
    )


def _page(answer: ConsentAnswer) -> str:
    title = "Consent given" if answer.code else "The sign-in was declined"
    sentence = "This page can be closed. zapdesk goes on from here."
    if not answer.code:
        sentence = "This page can be closed. Nothing was changed in zapdesk."
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:28em;margin:20vh auto;"
        "padding:0 1em;color:#1b1b1a;background:#f7f7f5}"
        "@media(prefers-color-scheme:dark){body{color:#ececee;background:#17181a}}</style>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(sentence)}</p></html>"
    )


def _response(status: str, page: str, location: str = "") -> bytes:
    body = page.encode()
    headers = [
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        "Connection: close",
        *([f"Location: {location}"] if location else []),
    ]
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + body

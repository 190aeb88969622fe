"""Lines to one server: connections, and one request with its whole answer over one of them."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from zapdesk import __version__
from zapdesk.api import names, tls
from zapdesk.api.bodies import BodyReader
from zapdesk.api.calls import Answer, Call, Credential
from zapdesk.api.recording import MAX_RECORDED, ExchangeDraft
from zapdesk.api.routes import Route
from zapdesk.api.traffic import TRAFFIC, Passage

_START = 4096
"""Bytes of an answer that are shown as evidence."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request shows of who asks: a token, a client id, or neither."""

    token: str | None = field(default=None, repr=False)
    client_id: str | None = None


class Lines:
    """The connections to one server. Plain HTTP/1.1, no cookies, no redirects."""

    def __init__(
        self,
        base_url: str,
        pool_size: int,
        inner: httpx.AsyncBaseTransport | None,
        route: Route,
    ) -> None:
        self._base_url = base_url
        self._pool_size = pool_size
        self._inner = inner
        self._pool: httpx.AsyncBaseTransport | None = inner
        self._users: Counter[httpx.AsyncBaseTransport] = Counter()
        self._take(route)
        TRAFFIC.keeps(self)

    def _take(self, route: Route) -> None:
        self.route = route
        self._ssl_context = route.ssl_context
        whole_s = route.patience.send_s
        rest = dict.fromkeys(("read", "write", "pool"), whole_s)
        self._timeout = {"connect": route.patience.connect_s, **rest}

    async def reroute(self, route: Route) -> None:
        """Open connections over another route from now on; what is under way ends on its own."""
        self._take(route)
        await self.hang_up()

    async def hang_up(self) -> None:
        """Close what is kept open; what is under way ends on its own. What is asked later opens
        new connections."""
        pool, self._pool = self._pool, self._inner
        if pool is not None and pool is not self._inner and not self._users[pool]:
            await pool.aclose()

    async def aclose(self) -> None:
        """Close every connection, also one that is asked over."""
        pool, self._pool = self._pool, self._inner
        if pool is not None:
            await pool.aclose()

    async def over_pool(
        self,
        call: Call,
        signature: Signature,
        media: str,
        draft: ExchangeDraft,
        on_head: Callable[[httpx.Response], None],
    ) -> Answer:
        """One request over a connection that may have served others. Raises as httpx does,
        BodyTrouble, and Offline where the network is switched off, also meanwhile."""
        TRAFFIC.check()
        if self._pool is None:
            self._pool = self._open(self._pool_size)
        pool = self._pool
        self._users[pool] += 1
        try:
            return await self._exchange(
                pool, call, signature, media, draft, on_head, may_finish=False
            )
        finally:
            self._users[pool] -= 1
            if not self._users[pool]:
                del self._users[pool]
                if pool is not self._pool:
                    await pool.aclose()

    async def over_fresh(
        self,
        call: Call,
        signature: Signature,
        media: str,
        draft: ExchangeDraft,
        on_head: Callable[[httpx.Response], None],
    ) -> Answer:
        """One request over a connection of its own: a stale one would break only after bytes left.

        Raises as ``over_pool``; where the network is switched off meanwhile, it comes to its end.
        """
        TRAFFIC.check()
        if self._inner is not None:
            draft.witness.leaves()  # a replaced network reports no events
            return await self._exchange(
                self._inner, call, signature, media, draft, on_head, may_finish=True
            )
        line = self._open(0)
        try:
            return await self._exchange(
                line, call, signature, media, draft, on_head, may_finish=True
            )
        finally:
            await line.aclose()

    def _open(self, kept: int) -> httpx.AsyncBaseTransport:
        names.bound(asyncio.get_running_loop())
        if self._ssl_context is None:
            is_plain = urlsplit(self._base_url).scheme == "http"
            self._ssl_context = (
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else tls.client_context()
            )
        return httpx.AsyncHTTPTransport(
            verify=self._ssl_context,
            proxy=self.route.as_httpx(self._ssl_context),
            trust_env=False,
            http2=False,
            retries=0,
            limits=httpx.Limits(max_connections=kept or 1, max_keepalive_connections=kept),
        )

    async def _exchange(
        self,
        line: httpx.AsyncBaseTransport,
        call: Call,
        signature: Signature,
        media: str,
        draft: ExchangeDraft,
        on_head: Callable[[httpx.Response], None],
        *,
        may_finish: bool,
    ) -> Answer:
        opened = _Opened(draft)
        request = self._request(call, signature, media, draft, opened)
        async with TRAFFIC.passage(draft.url, call.purpose, may_finish=may_finish) as passage:
            passage.sent(_size(request.headers, call.body or b""))
            try:
                response = await line.handle_async_request(request)
            except httpx.ProxyError:
                await opened.aclose()
                raise
            passage.received(_size(response.headers))
            return await self._answer(response, signature, draft, on_head, passage)

    async def _answer(
        self,
        response: httpx.Response,
        signature: Signature,
        draft: ExchangeDraft,
        on_head: Callable[[httpx.Response], None],
        passage: Passage,
    ) -> Answer:
        try:
            draft.status = response.status_code
            draft.response_headers = tuple(response.headers.multi_items())
            on_head(response)
            reader = BodyReader(response.headers.get("content-encoding", ""))
            draft.response_body = reader.data
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for part in response.stream:
                passage.received(len(part))
                reader.feed(part)
            body = reader.finish()
            if not response.is_success:
                # Words of a refusal are shown and kept; results alone stay as they came.
                body = draft.hidden(body[:MAX_RECORDED])
            return Answer(
                status=response.status_code,
                headers=dict(response.headers.items()),
                body=body,
                start=draft.hidden(body[:_START]),
                token=signature.token,
            )
        finally:
            await response.aclose()

    def _request(
        self, call: Call, signature: Signature, media: str, draft: ExchangeDraft, opened: _Opened
    ) -> httpx.Request:
        headers = {
            "Accept": media,
            "Accept-Encoding": "gzip, identity",
            "User-Agent": f"zapdesk/{__version__}",
        }
        if call.body is not None:
            headers["Content-Type"] = call.content_type or media
        extra: list[tuple[str, str]] = []
        if signature.token is not None:
            headers["Authorization"] = f"Bearer {signature.token}"
        elif signature.client_id is not None and call.credential is Credential.TOKEN_OR_CLIENT:
            extra.append(("client_id", signature.client_id))
        request = httpx.Request(
            call.method,
            call.address(self._base_url, extra),
            headers=headers,
            content=call.body,
            extensions={"timeout": self._timeout, "trace": opened.trace},
        )
        draft.url = str(request.url)
        draft.request_headers = tuple(request.headers.multi_items())
        draft.request_body = call.shown_body if call.shown_body is not None else call.body or b""
        return request


class _Opened:
    """Hears of the sockets that the HTTP library opens for one request."""

    def __init__(self, draft: ExchangeDraft) -> None:
        self._draft = draft
        self._streams: list[Any] = []

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(".connect_tcp.started"):  # also "socks."
            TRAFFIC.connecting(info["host"], info["port"])  # the proxy, where there is one
        elif event.endswith(".connect_tcp.complete"):
            self._streams.append(info["return_value"])
        await self._draft.trace(event, info)

    async def aclose(self) -> None:
        """Close them: the library leaves the one open whose SOCKS proxy declined."""
        for stream in self._streams:
            await stream.aclose()


def _size(headers: httpx.Headers, body: bytes = b"") -> int:
    """Bytes of a message without its first line."""
    return len(body) + sum(len(name) + len(value) + 4 for name, value in headers.raw)

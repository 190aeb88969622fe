"""Clients for these tests: real transports over a fake edge, with patience counted in tenths."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from zapdesk.api.client import ZapierClient
from zapdesk.api.routes import Patience
from zapdesk.api.signs import ServerSigns
from zapdesk.api.transport import Admission, Transport
from zapdesk.domain.profiles import BodyShape

TOKEN = "tok-4f9a1c77e2"  # made up
BASE = "https://api.zapier.com"

SHORT = Patience(read_s=0.6, send_s=0.6, retries_s=5.0)

T = TypeVar("T")


@dataclass(slots=True)
class Account:
    """Plays bootstrap's part: hands out tokens, admits everyone, notes what it is told."""

    tokens: list[str | None] = field(default_factory=lambda: [TOKEN])
    renewed: list[str] = field(default_factory=list)
    admitted: list[Admission] = field(default_factory=list)
    signs: list[ServerSigns] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    shapes: list[BodyShape] = field(default_factory=list)

    async def token(self) -> str | None:
        return self.tokens[0]

    async def renew(self, failed: str) -> str | None:
        self.renewed.append(failed)
        if len(self.tokens) > 1 and self.tokens[0] == failed:
            self.tokens.pop(0)
        return self.tokens[0] if self.tokens[0] != failed else None

    async def admit(self, admission: Admission) -> None:
        self.admitted.append(admission)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def transport(
        self,
        base_url: str = BASE,
        *,
        inner: httpx.AsyncBaseTransport | None = None,
        patience: Patience = SHORT,
        client_id: str | None = None,
        **more: Any,
    ) -> Transport:
        return Transport(
            base_url,
            token=self.token,
            renew=self.renew,
            admit=self.admit,
            observe=self.signs.append,
            client_id=client_id,
            inner=inner,
            patience=patience,
            pause=self.pause,
            **more,
        )


@dataclass(slots=True)
class Replies:
    """Answers requests in order, the last one again and again, and keeps what was asked."""

    replies: list[httpx.Response | Callable[[httpx.Request], httpx.Response]]
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, httpx.Response):
            return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)
        return reply(request)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(r.content) if r.content else None for r in self.requests]


def talk(
    replies: Replies | list[httpx.Response],
    scenario: Callable[[ZapierClient], Coroutine[Any, Any, T]],
    *,
    account: Account | None = None,
    client_id: str | None = None,
    shape: BodyShape = BodyShape.SPEC,
) -> T:
    """Run ``scenario`` with a client whose network is ``replies``."""
    account = account or Account()
    network = replies if isinstance(replies, Replies) else Replies(list(replies))

    async def main() -> T:
        transport = account.transport(inner=httpx.MockTransport(network), client_id=client_id)
        try:
            return await scenario(ZapierClient(transport, shape, account.shapes.append))
        finally:
            await transport.aclose()

    return asyncio.run(main())


def reply(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """A JSON answer; bytes go out as they are. Underscores in header names become dashes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status, headers={"content-type": "application/json", **named}, content=content
    )


def encoded(value: Any) -> bytes:
    """``value`` as JSON."""
    return json.dumps(value).encode()


def listed(*entries: Any, next: str | None = None, **meta: Any) -> dict[str, Any]:
    """The v2 list envelope."""
    return {"links": {"next": next, "prev": None}, "meta": meta, "data": list(entries)}


def refused(status: int, code: str = "invalid", detail: str = "No.", **more: Any) -> httpx.Response:
    """The v2 error envelope."""
    item = {"status": status, "code": code, "title": code.title(), "detail": detail, **more}
    return reply(status, {"errors": [item]})

"""The record of one request: what went out, what came back and when, with secrets hidden.

``SendWitness`` is the one judge of whether anything of a request left this computer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zapdesk.domain.exchanges import Exchange
from zapdesk.redaction import REDACTOR, Redactor

Recorder = Callable[[Exchange], None]

MAX_RECORDED = 1024 * 1024
"""Bytes of a body that are kept."""

_MARGIN = 64 * 1024  # a secret that straddles the cut is found before it is cut in two


@dataclass(slots=True)
class SendWitness:
    """Tells whether bytes of a request with effects left this computer.

    Made by whoever starts a send and wants to know, also after cancelling it, what can be said:
    ``bytes_left`` false means that provably nothing ran, because nothing was sent or because the
    server refused it. ``sent_ms`` is the moment of sending, Unix time in milliseconds.
    """

    bytes_left: bool = False
    sent_ms: int | None = None

    def leaves(self) -> None:
        """The first byte is about to go."""
        self.bytes_left, self.sent_ms = True, int(time.time() * 1000)

    def stayed(self) -> None:
        """It did not go after all, or was refused."""
        self.bytes_left = False


class ExchangeDraft:
    """An exchange while it happens. ``trace`` is given to the HTTP library and notes the times."""

    def __init__(
        self,
        purpose: str,
        method: str,
        witness: SendWitness,
        secrets: frozenset[str] = frozenset(),
    ) -> None:
        self.purpose = purpose
        self.method = method
        self.witness = witness
        self.url = ""
        self.request_headers: tuple[tuple[str, str], ...] = ()
        self.request_body = b""
        self.status: int | None = None
        self.response_headers: tuple[tuple[str, str], ...] = ()
        self.response_body: bytes | bytearray = b""
        self.failure = ""
        self.has_sent_headers = False
        self._is_own = False
        self._own = Redactor()
        for secret in secrets:
            self._own.register(secret)
        self._started = time.time()
        self._clock = time.monotonic()
        self._times: dict[str, float] = {}

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note one event of httpcore (its ``trace`` extension)."""
        _, _, step = event.partition(".")  # through a proxy the beginning is another
        if "request" in info:
            # A CONNECT through a proxy tells the same; only this request's method counts.
            self._is_own = info["request"].method == self.method.encode()
        match step:
            case "connect_tcp.complete" | "start_tls.complete":
                self._note("connected")
            case "send_request_headers.started" if self._is_own:
                self.witness.leaves()
            case "send_request_headers.complete" if self._is_own:
                self.has_sent_headers = True
            case "send_request_body.complete":
                self._note("sent")
            case "receive_response_headers.complete":
                self._note("first_byte")

    def finish(self) -> Exchange:
        """The exchange as it is kept."""
        self._note("ended")
        return Exchange(
            purpose=self.purpose,
            method=self.method,
            url=REDACTOR.text(self.url),
            request_headers=REDACTOR.headers(self.request_headers),
            request_body=self._shown(self.request_body),
            status=self.status,
            response_headers=REDACTOR.headers(self.response_headers),
            response_body=self._shown(self.response_body),
            body_size=len(self.response_body),
            started_ms=int(self._started * 1000),
            connected_ms=self._times.get("connected"),
            sent_ms=self._times.get("sent"),
            first_byte_ms=self._times.get("first_byte"),
            ended_ms=self._times["ended"],
            failure=REDACTOR.text(self.failure),
        )

    def _note(self, point: str) -> None:
        self._times[point] = (time.monotonic() - self._clock) * 1000

    def hidden(self, body: bytes) -> bytes:
        """``body`` with the account's and this request's secrets hidden."""
        text = body.decode("utf-8", "surrogateescape")
        return self._own.exact(REDACTOR.exact(text)).encode("utf-8", "surrogateescape")

    def _shown(self, body: bytes | bytearray) -> bytes:
        return self.hidden(bytes(body[: MAX_RECORDED + _MARGIN]))[:MAX_RECORDED]

"""Exchange: one request and what came back, as evidence. Secrets are hidden before it is made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its answer.

    Bodies are bytes as sent and received, cut to 1 MiB for the record (``body_size`` is the
    full size). ``status`` is ``None`` where no answer came; then ``failure`` says why.
    Times: ``started_ms`` is Unix time in milliseconds; the others are milliseconds since then,
    ``None`` where that point was not reached. A poll that brings the same answer again is not
    kept again: ``repeated`` counts how often, ``last_ms`` is when the last of them started.
    """

    purpose: str
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: bytes = b""
    status: int | None = None
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: bytes = b""
    body_size: int = 0
    started_ms: int = 0
    connected_ms: float | None = None
    sent_ms: float | None = None
    first_byte_ms: float | None = None
    ended_ms: float | None = None
    failure: str = ""
    id: int = 0
    repeated: int = 0
    last_ms: int | None = None

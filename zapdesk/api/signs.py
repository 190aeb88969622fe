"""What an answer tells about its server beside its content: limits, waits, its clock."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx

from zapdesk.api import retry_after


@dataclass(frozen=True, slots=True)
class ServerSigns:
    """What one answer, or its absence, tells about the server beside its content.

    ``limit``, ``remaining`` and ``reset_at`` (Unix seconds) are the rate-limit headers where they
    are numbers; ``wait_s`` is set on 429 and on 503 with a wait; ``clock_offset_s`` is how far
    the server's clock is ahead.
    """

    is_reachable: bool
    status: int | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_at: int | None = None
    wait_s: float | None = None
    clock_offset_s: float | None = None


def signs_of(response: httpx.Response) -> ServerSigns:
    """What the head of an answer tells."""
    headers, now = dict(response.headers.items()), time.time()
    waits = response.status_code == 429 or (
        response.status_code == 503 and retry_after.has_wait(headers)
    )
    return ServerSigns(
        is_reachable=True,
        status=response.status_code,
        limit=_count(headers.get("x-ratelimit-limit", "")),
        remaining=_count(headers.get("x-ratelimit-remaining", "")),
        reset_at=_count(headers.get("x-ratelimit-reset", "")),
        wait_s=retry_after.wait_seconds(headers, now) if waits else None,
        clock_offset_s=retry_after.clock_offset(headers, now),
    )


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None

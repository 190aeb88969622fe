"""Looking at the way to a server step by step: its name, a port, its certificate, an answer.

Nothing here sends a token. Where a certificate is not accepted it is looked at all the same, over
a connection that nothing is sent on.
"""

from __future__ import annotations

import asyncio
import datetime
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from zapdesk.api import names, tls
from zapdesk.api.traffic import TRAFFIC


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who a server says it is, and who vouches for that. ``refusal`` says why it is not accepted;
    empty where it is. ``is_public`` tells whether a public authority stands behind it."""

    subject: str = ""
    issuer: str = ""
    version: str = ""
    ends_at: float | None = None
    is_public: bool = False
    refusal: str = ""


async def look_up(host: str) -> tuple[str, ...]:
    """The addresses of ``host``. Raises OSError, and Offline."""
    TRAFFIC.check()
    loop = asyncio.get_running_loop()
    names.bound(loop)
    found = await loop.getaddrinfo(host, None)
    return tuple(dict.fromkeys(str(place[4][0]) for place in found))


async def certificate(host: str, port: int, context: ssl.SSLContext) -> Certificate:
    """What the server shows. Raises OSError where there is no encrypted connection at all."""
    try:
        shown, version, _ = await _handshake(host, port, context)
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message or "it cannot be verified"
        with suppress(OSError, ValueError):
            return _read(await _unproved(host, port), "", refusal=reason)
        return Certificate(refusal=reason)
    is_public = True
    try:
        await _handshake(host, port, tls.public_context())
    except ssl.SSLCertVerificationError:
        is_public = False
    return _read(shown, version, is_public=is_public)


async def _handshake(
    host: str, port: int, context: ssl.SSLContext
) -> tuple[dict[str, Any], str, bytes]:
    names.bound(asyncio.get_running_loop())
    TRAFFIC.connecting(host, port)
    _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    try:
        line: ssl.SSLObject = writer.get_extra_info("ssl_object")
        shown: dict[str, Any] = line.getpeercert() or {}
        return shown, line.version() or "", line.getpeercert(binary_form=True) or b""
    finally:
        writer.transport.abort()  # nothing is said on it, no good-bye either


async def _unproved(host: str, port: int) -> dict[str, Any]:
    """The fields of a certificate that is not accepted."""
    _, _, raw = await _handshake(host, port, tls.unproved_context())
    # Python tells the fields of accepted certificates only: this one is accepted for its own sake.
    shown, _, _ = await _handshake(host, port, tls.pinned_context(raw))
    return shown


def _read(
    shown: dict[str, Any], version: str, *, is_public: bool = False, refusal: str = ""
) -> Certificate:
    ends_at = None
    if "notAfter" in shown:
        with suppress(ValueError):
            ends_at = ssl.cert_time_to_seconds(shown["notAfter"])
    return Certificate(
        subject=_name(shown.get("subject", ())),
        issuer=_name(shown.get("issuer", ())),
        version=version,
        ends_at=ends_at,
        is_public=is_public,
        refusal=refusal,
    )


def _name(parts: Any) -> str:
    """What to call somebody: organisation and common name, as far as they are told."""
    told = {key: value for part in parts for key, value in part}
    named = (told.get("organizationName", ""), told.get("commonName", ""))
    return ", ".join(dict.fromkeys(filter(None, named)))


def day(moment: float) -> str:
    """The day of a Unix time, in UTC."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).date().isoformat()

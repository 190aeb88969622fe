"""Looking at the way to a server step by step: its name, a port, its certificate, an answer.

Nothing here sends a token. Where a certificate is not accepted it is looked at all the same, over
a connection that nothing is sent on.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from zapdesk.api import names, tls
from zapdesk.api.routes import Proxy
from zapdesk.api.traffic import TRAFFIC

WITHIN_S = 8.0
"""So long a socket may take to be opened and to become what it is wanted for."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who a server says it is, and who vouches for that. ``refusal`` says why it is not accepted;
    empty where it is. ``is_public`` tells whether a public authority stands behind it; ``chain``
    goes from the server to the authority that this computer trusts, where that can be seen."""

    subject: str = ""
    issuer: str = ""
    chain: tuple[str, ...] = ()
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


def can_tunnel(proxy: Proxy) -> bool:
    """Whether its tunnels can be looked through here; other kinds are left to the requests."""
    return proxy.scheme == "http"


async def tunnel(proxy: Proxy, host: str, port: int) -> tuple[asyncio.StreamWriter | None, int]:
    """A tunnel through ``proxy`` to the server, and the status that the proxy answered; no tunnel
    where that is no success. Raises OSError where the proxy itself cannot be spoken to."""
    async with asyncio.timeout(WITHIN_S):
        return await _tunnel(proxy, host, port)


async def _tunnel(proxy: Proxy, host: str, port: int) -> tuple[asyncio.StreamWriter | None, int]:
    names.bound(asyncio.get_running_loop())
    TRAFFIC.connecting(proxy.host, proxy.port)
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port)
    try:
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if proxy.has_login:
            login = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
            lines.append(f"Proxy-Authorization: Basic {login}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split()[1])
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, IndexError):
        writer.transport.abort()
        raise OSError("what answers there is no proxy") from None
    except BaseException:  # raised again; the socket must not stay
        writer.transport.abort()
        raise
    if 200 <= status < 300:
        return writer, status
    writer.transport.abort()
    return None, status


async def certificate(
    host: str, port: int, context: ssl.SSLContext, proxy: Proxy | None = None
) -> Certificate:
    """What the server shows. Raises OSError where there is no encrypted connection at all."""
    try:
        chain, version = await _handshake(host, port, context, proxy)
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message or "it cannot be verified"
        chain = ()
        with suppress(OSError):
            chain, _ = await _handshake(host, port, tls.unproved_context(), proxy)
        return _read(chain, "", refusal=reason)
    is_public = True
    try:
        await _handshake(host, port, tls.public_context(), proxy)
    except ssl.SSLCertVerificationError:
        is_public = False
    return _read(chain, version, is_public=is_public)


Shown = Mapping[str, Any]
"""One certificate as Python tells it."""


async def _handshake(
    host: str, port: int, context: ssl.SSLContext, proxy: Proxy | None
) -> tuple[tuple[Shown, ...], str]:
    async with asyncio.timeout(WITHIN_S):
        writer = await _encrypted(host, port, context, proxy)
    try:
        line: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return _chain(
            line, is_proved=context.verify_mode is ssl.CERT_REQUIRED
        ), line.version() or ""
    finally:
        writer.transport.abort()  # nothing is said on it, no good-bye either


def _chain(line: ssl.SSLObject, *, is_proved: bool) -> tuple[Shown, ...]:
    """The certificates that were shown, the server's first; where they were accepted, up to the
    one that this computer trusts."""
    # Python has this for everybody from 3.13 on, as bytes that it does not read.
    inner: Any = getattr(line, "_sslobj", None)
    try:
        found = inner.get_verified_chain() if is_proved else inner.get_unverified_chain()
        return tuple(one.get_info() for one in found or ())
    except (AttributeError, ssl.SSLError, ValueError):
        own = line.getpeercert()
        return (own,) if own else ()


async def _encrypted(
    host: str, port: int, context: ssl.SSLContext, proxy: Proxy | None
) -> asyncio.StreamWriter:
    if proxy is None:
        names.bound(asyncio.get_running_loop())
        TRAFFIC.connecting(host, port)
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
        return writer
    through, status = await tunnel(proxy, host, port)
    if through is None:
        raise OSError(f"the proxy answered with status {status}")
    try:
        await through.start_tls(context, server_hostname=host)
    except BaseException:  # raised again; the socket must not stay
        through.transport.abort()
        raise
    return through


def _read(
    chain: Sequence[Shown], version: str, *, is_public: bool = False, refusal: str = ""
) -> Certificate:
    shown: Shown = chain[0] if chain else {}
    ends_at = None
    if "notAfter" in shown:
        with suppress(ValueError):
            ends_at = ssl.cert_time_to_seconds(shown["notAfter"])
    return Certificate(
        subject=_name(shown.get("subject", ())),
        issuer=_name(shown.get("issuer", ())),
        chain=tuple(_name(one.get("subject", ())) for one in chain),
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

"""Routes: how one server is reached, directly or through a proxy, and with which certificates.

The environment reroutes nothing by itself: its proxies count only where a person chose the
system's. What runs on this computer is always reached directly. The way to a server behind a proxy
is a tunnel: the proxy sees the server's name, and no request.
"""

from __future__ import annotations

import ipaddress
import ssl
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

import httpx

from zapdesk.api.traffic import is_local
from zapdesk.errors import Side, Unreachable
from zapdesk.redaction import REDACTOR

NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
"""What stands for a connection, or a tunnel through a proxy, that never was."""

NONE, SYSTEM = "none", "system"
SCHEMES = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy by its address, and the name and password for it, which go to it alone."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """Where it is, without name and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def has_login(self) -> bool:
        """Whether there is a name for it."""
        return bool(self.user)


@dataclass(frozen=True, slots=True)
class Patience:
    """Deadlines in seconds, each for a whole request from connecting to the last byte.

    ``retries_s`` bounds a read with its repetitions; a wait the server asks for is sat out up to
    ``longest_wait_s`` and otherwise raised.
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    send_s: float = 60.0
    retries_s: float = 60.0
    longest_wait_s: float = 15.0
    attempts: int = 3


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Route:
    """``ssl_context`` is best built on a worker thread (``tls.client_context``); without it one is
    built at the first request."""

    proxy: Proxy | None = None
    ssl_context: ssl.SSLContext | None = None
    patience: Patience = PATIENCE

    def as_httpx(self, context: ssl.SSLContext) -> httpx.Proxy | None:
        """The proxy as the HTTP library takes it; ``context`` is for one that is encrypted."""
        proxy = self.proxy
        if proxy is None:
            return None
        return httpx.Proxy(
            proxy.address,
            auth=(proxy.user, proxy.password) if proxy.has_login else None,
            ssl_context=context if proxy.scheme == "https" else None,
        )


FindRoute = Callable[[str], Awaitable[Route]]
"""From a server's address to the way to it, asked for each request. Raises Unreachable."""


def read_proxy(text: str) -> Proxy:
    """The proxy at an address. Raises Unreachable, without a password that may be in it."""
    trouble = Unreachable(
        "The proxy in the settings cannot be used.",
        "Its address is not one of the kind http://proxy.example:8080.",
        side=Side.COMPUTER,
        hint="Choose another, or none, in Settings, Network.",
    )
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise trouble from None
    if not host or parts.scheme not in SCHEMES:
        raise trouble
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password:
        REDACTOR.register(password)
    scheme = "socks5" if parts.scheme == "socks5h" else parts.scheme
    return Proxy(scheme, host, port or SCHEMES[parts.scheme], user, password)


def proxy_for(address: str, chosen: str, exceptions: Iterable[str]) -> Proxy | None:
    """The proxy on the way to ``address``, where ``chosen`` is the setting: none, the system's, or
    an address; ``None`` where there is none. Raises Unreachable for one that cannot be used."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if chosen == NONE or not host or is_local(host) or is_excepted(host, port, exceptions):
        return None
    if chosen != SYSTEM:
        return read_proxy(chosen)
    return system_proxy(host, port, urllib.request.getproxies())


def system_proxy(host: str, port: int, named: Mapping[str, str]) -> Proxy | None:
    """The system's proxy on the way to ``host``; ``named`` are its proxies by scheme."""
    found = named.get("https") or named.get("all")
    excepted = [text for part in named.get("no", "").split(",") if (text := part.strip())]
    if not found or is_excepted(host, port, excepted):
        return None
    # Windows and macOS have exceptions of their own, in a notation of their own.
    if "no" not in named and urllib.request.proxy_bypass(f"{host}:{port}"):
        return None
    try:
        return read_proxy(found)
    except Unreachable as error:
        raise Unreachable(
            "The system's proxy cannot be used.",
            error.detail,
            side=Side.COMPUTER,
            hint="Mend it in the system or in HTTPS_PROXY, or choose another in the settings.",
        ) from None


def is_excepted(host: str, port: int, exceptions: Iterable[str]) -> bool:
    """Whether one of ``exceptions`` names ``host``.

    ``example.com`` and ``.example.com`` stand for it and what is below it, ``10.0.0.0/8`` for a
    network, ``host:port`` for one port, ``*`` for everything.
    """
    return any(_names(exception.lower(), host.lower(), port) for exception in exceptions)


def _names(exception: str, host: str, port: int) -> bool:
    if exception == "*":
        return True
    name, _, suffix = exception.rpartition(":")
    if name and suffix.isdecimal() and (":" not in name or name.endswith("]")):
        if int(suffix) != port:
            return False
        exception = name
    exception = exception.strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        below = exception.removeprefix("*").lstrip(".")
        return bool(below) and (host == below or host.endswith(f".{below}"))
    try:
        return address in ipaddress.ip_network(exception, strict=False)
    except ValueError:
        return False


def with_login(proxy: Proxy, login: str | None) -> Proxy:
    """``proxy`` with a name and password as they are kept, ``user:password``; one that brought its
    own keeps that."""
    if proxy.has_login or not login:
        return proxy
    user, _, password = login.partition(":")
    REDACTOR.register(password)
    return replace(proxy, user=user, password=password)

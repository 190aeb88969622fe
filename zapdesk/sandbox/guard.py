"""Who may ask, and how often: Host header, tokens and their scopes, the rate limit."""

from __future__ import annotations

import hmac
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from zapdesk.sandbox.envelopes import ApiError
from zapdesk.sandbox.site import Site

_BEARER = re.compile(r"Bearer [!-~]+", re.IGNORECASE)


class GatewayRefusal(Exception):
    """403 in the flat shape that the gateway in front of the API was seen to use."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def same(given: str, kept: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode(), kept.encode())


def host_is_ours(request: Request, base_url: str) -> bool:
    """Only our exact address is served: a name that was rebound to loopback is not ours."""
    address = base_url.removeprefix("http://")
    port = address.rpartition(":")[2]
    return request.headers.getlist("host") in ([address], [f"localhost:{port}"])


def own_origin(request: Request, base_url: str) -> bool:
    """Whether a form was sent by one of our own pages, as far as the browser says."""
    port = base_url.rpartition(":")[2]
    origin = request.headers.get("origin")
    # "null" is what browsers say for a form of a page with the policy no-referrer.
    return origin in (None, "null", base_url, f"http://localhost:{port}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``is_user`` is False for a mere client id; ``person`` is a partner's end user."""

    is_user: bool
    scopes: frozenset[str] = frozenset()
    person: str = ""

    def must_have(self, scope: str) -> None:
        """Raises ``ApiError`` 403 that names the scope."""
        if scope not in self.scopes:
            raise ApiError(
                403,
                "permission_denied",
                "PermissionDenied",
                f"The token does not have the scope “{scope}” that this needs.",
            )


@dataclass(frozen=True, slots=True)
class Asked:
    """One admitted request: who sent it, with what body, when (seconds since the epoch)."""

    request: Request
    caller: Caller
    body: bytes
    at: float

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query_params)

    def path(self, name: str) -> str:
        """A part of the path, percent-decoded."""
        return str(self.request.path_params[name])


ALL_SCOPES = frozenset(
    [
        "profile",
        "zap",
        "zap:write",
        "zap:all",
        "zap:runs",
        "action:run",
        "connection:read",
        "connection:write",
    ]
)


def caller(site: Site, request: Request, *, client_id_will_do: bool) -> Caller:
    """Who sends this request. A token wins over a client id.

    Raises ``GatewayRefusal`` for a header that cannot be a bearer token, ``ApiError`` 401 for a
    token that is unknown or too old, or where there is none.
    """
    headers = request.headers.getlist("authorization")
    if headers:
        if len(headers) != 1 or not _BEARER.fullmatch(headers[0]):
            raise GatewayRefusal("Invalid token header. No credentials could be read from it.")
        token = headers[0].split(" ", 1)[1]
        if same(token, site.token):
            return Caller(True, ALL_SCOPES)
        bearer = site.grants.bearer(token, time.time())
        if bearer is not None:
            return Caller(True, bearer.scopes, bearer.person)
    elif client_id_will_do and same(request.query_params.get("client_id", ""), site.client_id):
        return Caller(False)
    raise ApiError(
        401, "unauthenticated", "User Not Authenticated", "You must be authenticated to do this."
    )


@dataclass(slots=True)
class RateLimit:
    """At most ``limit`` calls in a minute that begins with the first of them."""

    limit: int
    _ends_at: float = 0.0
    _used: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    def admit(self, now: float) -> None:
        """Count a call. Raises ``ApiError`` 429 with the wait in its headers."""
        if now >= self._ends_at:
            self._ends_at, self._used = now + 60, 0
        self._used += 1
        self.headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self._used)),
            "X-RateLimit-Reset": str(math.ceil(self._ends_at)),
        }
        if self._used > self.limit:
            wait = math.ceil(self._ends_at - now)
            raise ApiError(
                429,
                "throttled",
                "Throttled",
                f"Request was throttled. Expected available in {wait} seconds.",
                headers={"Retry-After": str(wait)},
            )

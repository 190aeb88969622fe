"""Zapier's OAuth: the address of the consent page, and the exchanges at the token endpoint.

An exchange goes out once, on a connection of its own, and is never repeated after bytes left: a
code is good for one exchange, and a refresh token is dead as soon as it was used. The exception is
a server that only wants its address with or without the trailing slash: it has looked at neither.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import math
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

import httpx

from zapdesk.api import calls, refusals, retry_after, wire
from zapdesk.api.bodies import BodyTrouble
from zapdesk.api.calls import Answer, Call, Credential
from zapdesk.api.lines import Lines, Signature
from zapdesk.api.recording import ExchangeDraft, SendWitness
from zapdesk.api.routes import NOT_CONNECTED, FindRoute, Route
from zapdesk.api.wire import json_text
from zapdesk.domain.profiles import ZAPIER_URL, origin
from zapdesk.errors import (
    ErrorItem,
    Failed,
    NotSignedIn,
    OutcomeUnknown,
    Side,
    Unreadable,
    ZapdeskError,
)
from zapdesk.redaction import REDACTOR

FORM = "application/x-www-form-urlencoded"
_WHOLE_S = 30.0

SHORTEST_LIFE_S = 60.0
LONGEST_LIFE_S = 30 * 24 * 3600.0
USUAL_LIFE_S = 36_000.0
"""An access token lives ten hours, says the guide; used where an answer does not tell."""

FOR_USER = "exchange JWT"
FOR_CONNECTING = "get connect token"
_URN = "urn:ietf:params:oauth:"
_MAX_TOKEN = 64 * 1024


@dataclass(frozen=True, slots=True)
class OAuthServer:
    """Where people give their consent, and where codes become tokens."""

    authorize_url: str
    token_url: str

    @classmethod
    def of(cls, base_url: str) -> OAuthServer:
        """Zapier's own pair for Zapier, the same paths below the address for any other server.

        The guide leads people through api.zapier.com and exchanges at zapier.com.
        """
        base = base_url.rstrip("/")
        tokens = "https://zapier.com" if origin(base) == ZAPIER_URL else base
        return cls(f"{base}/v2/authorize", f"{tokens}/oauth/token/")


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The registration of an integration: its id, and its secret, which is never shown."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint gave. ``scopes`` is empty where it did not say.

    ``life_s`` counts from when the answer came.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    life_s: float
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Challenge:
    """PKCE: the verifier stays here, its digest goes with the person (RFC 7636, S256).

    The API does not mention PKCE; a server that does not know it ignores it.
    """

    verifier: str = field(repr=False)

    @classmethod
    def new(cls) -> Challenge:
        """One of 256 bits."""
        return cls(secrets.token_urlsafe(32))

    @property
    def digest(self) -> str:
        """What is sent ahead."""
        raw = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def consent_address(
    server: OAuthServer,
    client_id: str,
    redirect_uri: str,
    scopes: Iterable[str],
    state: str,
    challenge: Challenge,
) -> str:
    """Where a person says yes or no."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "response_mode": "query",
        "state": state,
        "code_challenge": challenge.digest,
        "code_challenge_method": "S256",
    }
    return f"{server.authorize_url}?{urlencode(query, quote_via=quote)}"


class TokenEndpoint:
    """Exchanges for one registration at one server."""

    def __init__(
        self,
        server: OAuthServer,
        client: OAuthClient,
        *,
        inner: httpx.AsyncBaseTransport | None = None,
        find_route: FindRoute | None = None,
        whole_s: float = _WHOLE_S,
    ) -> None:
        """``whole_s`` bounds an exchange, in seconds; ``inner`` replaces the network."""
        origin(server.token_url)
        self._server = server
        self._client = client
        self._whole_s = whole_s
        self._find_route = find_route
        self._lines = Lines(server.token_url, 1, inner, Route())
        REDACTOR.register(client.secret)

    async def for_code(self, code: str, redirect_uri: str, challenge: Challenge) -> Grant:
        """Tokens for the code that a person's consent brought; a code lives two minutes.

        Raises Unreachable where nothing left, NotSignedIn where the code or the registration is
        refused, OutcomeUnknown where no usable answer came: then signing in starts anew.
        """
        REDACTOR.register(code)
        return await self._exchange(
            "exchange code",
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": challenge.verifier,
            },
        )

    async def refresh(self, refresh_token: str) -> Grant:
        """A new pair; the old refresh token is dead at once. Raises as ``for_code``."""
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        grant = await self._exchange("refresh token", fields)
        if grant.refresh_token:
            return grant
        return Grant(grant.access_token, refresh_token, grant.life_s, grant.scopes)

    async def for_user(self, signed: str, scopes: Iterable[str]) -> Grant:
        """An access token for the end user whom a White Label partner's JWT names."""
        REDACTOR.register(signed)
        return await self._exchange(FOR_USER, _exchanged(signed, "external-jwt", scopes))

    async def for_connecting(self, access_token: str, resource: str) -> Grant:
        """A connect token for the Connect page at ``resource``: for one use, within 6 minutes."""
        fields = _exchanged(access_token, "access-token", ("connection:write",), "connect-token")
        return await self._exchange(FOR_CONNECTING, {**fields, "resource": resource})

    async def aclose(self) -> None:
        """Close what is open."""
        await self._lines.aclose()

    async def _exchange(self, purpose: str, fields: Mapping[str, str]) -> Grant:
        body = {**fields, "client_id": self._client.id, "client_secret": self._client.secret}
        call = Call(
            purpose,
            "POST",
            body=urlencode(body).encode(),
            shown_body=b"(hidden)",
            content_type=FORM,
            credential=Credential.NONE,
            # As the guide of each grant writes it: a partner's without the slash.
            url=self._server.token_url.rstrip("/")
            if purpose in _WORDS_OF
            else self._server.token_url,
        )
        if self._find_route is not None:
            await self._lines.reroute(await self._find_route(self._server.token_url))
        route = self._lines.route
        server = refusals.Server.of(self._server.token_url, route.proxy)
        draft = ExchangeDraft(purpose, "POST", SendWitness())
        try:
            async with asyncio.timeout(self._whole_s):
                answer = await self._sent(call, draft)
                location = answer.headers.get("location", "")
                moved = (
                    calls.slash_only(call.url, location) if answer.status in calls.MOVED else None
                )
                if moved is not None:
                    answer = await self._sent(replace(call, url=moved), draft)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, BodyTrouble) as error:
            if not draft.witness.bytes_left or isinstance(error, NOT_CONNECTED):
                raise refusals.unreachable(error, server, refusals.TRY_AGAIN) from error
            raise _lost(f"{type(error).__name__}: no whole answer came.") from error
        if answer.is_success:
            return grant_of(answer)
        raise _refusal(answer, purpose)

    async def _sent(self, call: Call, draft: ExchangeDraft) -> Answer:
        return await self._lines.over_fresh(
            call, Signature(), "application/json", draft, _ignore_head
        )


def _ignore_head(_: httpx.Response) -> None:
    """Rate limits of the API do not count here."""


def _exchanged(
    subject: str, kind: str, scopes: Iterable[str], wanted: str = "access-token"
) -> dict[str, str]:
    return {
        "grant_type": f"{_URN}grant-type:token-exchange",
        "subject_token": subject,
        "subject_token_type": f"{_URN}token-type:{kind}",
        "requested_token_type": f"{_URN}token-type:{wanted}",
        "scope": " ".join(scopes),
    }


def grant_of(answer: Answer) -> Grant:
    """What a success of the token endpoint gives. Raises OutcomeUnknown where no token is in it."""
    values = _values(answer)
    access, refresh = values.get("access_token", ""), values.get("refresh_token", "")
    if not _is_token(access):
        raise _lost("The answer of the token endpoint holds no usable token.")
    grant = Grant(
        access_token=access,
        refresh_token=refresh if _is_token(refresh) else "",
        life_s=life_s(values.get("expires_in", "")),
        scopes=tuple(values.get("scope", "").split()),
    )
    for token in filter(None, (grant.access_token, grant.refresh_token)):
        REDACTOR.register(token)
    return grant


def _values(answer: Answer) -> dict[str, str]:
    """The members of the answer as texts; none where it is something else."""
    try:
        members = json_text.members(json_text.read(answer.body))
    except Unreadable:
        return {}
    return {name: json_text.text(raw) for name, raw in members.items()}


def life_s(told: str) -> float:
    """How long an access token may be used, in seconds, whatever ``expires_in`` says."""
    try:
        seconds = float(told)
    except ValueError:
        return USUAL_LIFE_S
    if math.isnan(seconds):
        return USUAL_LIFE_S
    return min(max(seconds, SHORTEST_LIFE_S), LONGEST_LIFE_S)


def _is_token(value: str) -> bool:
    return 0 < len(value) <= _MAX_TOKEN and all("!" <= letter <= "~" for letter in value)


def _lost(detail: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        "Signing in did not come to an end.",
        detail,
        side=Side.NETWORK,
        hint="Sign in again.",
    )


def _refusal(answer: Answer, purpose: str) -> ZapdeskError:
    """What a failed exchange means. A 5xx after bytes left may have used the token up."""
    values = _values(answer)
    code = values.get("error", "")
    if 400 <= answer.status < 500 and code and answer.status not in {408, 425, 429}:
        detail = values.get("error_description", "")
        title, hint = _WORDS_OF.get(purpose, {}).get(code) or _WORDS.get(code, _UNKNOWN)
        return NotSignedIn(
            title,
            detail,
            status=answer.status,
            items=(ErrorItem(code=code, detail=detail),),
            hint=hint,
            technical=f"{purpose}: {code}",
        )
    if answer.status == 429:
        return Failed(
            "The server limits how often one may sign in.",
            status=429,
            wait_s=retry_after.wait_seconds(answer.headers, time.time()),
            hint="Wait, then sign in again.",
        )
    said = " ".join(item.text for item in wire.error_items(answer.body) or () if item.text)
    return _lost(f"The token endpoint answered {answer.status}. {said}".strip())


_WORDS = {
    "invalid_grant": ("This sign-in is no longer valid.", "Sign in again."),
    "invalid_client": (
        "The server does not accept this client id with this secret.",
        "Check both in the integration's settings.",
    ),
    "unauthorized_client": (
        "This integration may not sign people in this way.",
        "Check which grants it is registered for.",
    ),
    "invalid_scope": (
        "The server does not know one of the scopes that were asked for.",
        "Ask for fewer, or for those of an older registration.",
    ),
    "access_denied": ("The sign-in was declined.", "Sign in again to allow it."),
}
_UNKNOWN = ("The server refused the sign-in.", "Sign in again.")
_UNSIGNED = (
    "The server does not accept what was signed with the partner's key.",
    "Check key, key id, issuer and tenant with what is registered, and this computer's clock.",
)
_WORDS_OF = {
    FOR_USER: {
        "invalid_grant": _UNSIGNED,
        "invalid_request": _UNSIGNED,
        "invalid_token": _UNSIGNED,
        "unauthorized_client": (
            "This integration may not act for end users.",
            "White Label access is given by Zapier; ask there whether it includes this client id.",
        ),
        "access_denied": (
            "The server does not let this partner act for that end user.",
            "Check the end user and the tenant.",
        ),
    },
    FOR_CONNECTING: {
        "invalid_grant": (
            "The server gave no token for the page on which accounts are connected.",
            "Try again; the end user's own token may have ended.",
        ),
        "invalid_target": (
            "The server does not know this app's page for connecting accounts.",
            "Check the app's name at Zapier.",
        ),
        "invalid_scope": (
            "This token may not add connections.",
            "Sign in again with the scope connection:write.",
        ),
    },
}
"""What refusals of a partner's exchanges mean, where it is something else."""

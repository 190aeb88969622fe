"""The OAuth side of the strict server: consent, exchanges, refreshing, White Label, Connect page.

Written from the published guides alone. A code and a refresh token are good for one use, and a
second use is a fault of the client, not only a refusal.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.strict.requests import Request

CLIENT_ID, CLIENT_SECRET = "strict-client", "str&ict+s%cret="
ISSUER, KEY_ID, TENANT_CLAIM = "https://harbour.example", "harbour-2026", "org_id"
SCOPES = frozenset({
    *("profile", "zap", "zap:write", "connection:read", "connection:write", "action:run"),
})  # fmt: skip
_URN = "urn:ietf:params:oauth:"
_FIELDS = {
    "authorization_code": {"code", "redirect_uri", "code_verifier"},
    "refresh_token": {"refresh_token"},
    f"{_URN}grant-type:token-exchange": {
        *("subject_token", "subject_token_type", "requested_token_type", "scope", "resource"),
    },
}
_ASKED = {
    *("response_type", "client_id", "redirect_uri", "scope", "response_mode", "state"),
    *("code_challenge", "code_challenge_method"),
}
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]):\d+(/[\w/.-]*)?\Z")


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of the OAuth side, and what was wrong with the request."""

    status: int
    body: dict[str, Any]
    faults: tuple[str, ...] = ()
    location: str = ""


@dataclass(slots=True)
class OAuthSide:
    """``new_token`` lets an access token in, for a person; ``end`` lets it out again."""

    base_url: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    used_codes: set[str] = field(default_factory=set)
    refreshable: dict[str, str] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    granted: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By access token that is alive: whose it is, and its scopes."""
    connect_tokens: dict[str, str] = field(default_factory=dict)
    """By connect token that was not used: the page it opens."""

    @property
    def pem(self) -> str:
        """The partner's private key."""
        form = serialization.PrivateFormat.PKCS8
        no_lock = serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, form, no_lock).decode()

    def leaks(self, request: Request) -> list[str]:
        """Tokens where they must not be: in an address."""
        known = [*self.granted, *self.refreshable, *self.spent]
        return ["an access or refresh token is in an address" for t in known if t in request.target]

    # The browser's part

    def authorize(self, request: Request) -> Told:
        """GET /v2/authorize: the person agrees to everything at once."""
        asked = dict(request.query)
        faults = [f"{name} is missing" for name in sorted(_ASKED - set(asked))]
        faults += [f"{name} is not documented" for name in sorted(set(asked) - _ASKED)]
        faults += _differences(
            asked,
            response_type="code",
            client_id=CLIENT_ID,
            response_mode="query",
            code_challenge_method="S256",
        )
        if "+" in request.target:
            faults.append("scopes are parted by a plus sign, not by %20")
        faults += _scope_faults(asked.get("scope", ""))
        if len(asked.get("state", "")) < 32:
            faults.append("state can be guessed")
        back = asked.get("redirect_uri", "")
        if not _LOOPBACK.match(back):
            return Told(400, {}, (*faults, "redirect_uri is no loopback address with a port"))
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = urlencode({"code": code, "state": asked.get("state", "")})
        return Told(302, {}, tuple(faults), f"{back}?{answer}")

    def connect_page(self, request: Request) -> Told:
        """GET /to/{app}: the connect token is used up."""
        query = dict(request.query)
        faults = [
            f"{name} is not documented"
            for name in sorted(set(query) - {"token", "theme", "redirect_uri", "reconnect_id"})
        ]
        if re.search(r"[$+=/]", request.target.partition("token=")[2].partition("&")[0]):
            faults.append("the connect token is not percent-encoded")
        page = self.connect_tokens.pop(query.get("token", ""), "")
        if page != self.base_url + request.path:
            faults.append("the connect token was used before, or is another page's")
        return Told(200, {}, tuple(faults))

    # The program's part

    def token(self, request: Request) -> Told:
        """POST /oauth/token/: codes, refresh tokens and, without the slash, exchanges."""
        faults = _form_faults(request)
        pairs = parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)
        form = dict(pairs)
        if len(form) != len(pairs):
            faults.append("a field was sent twice")
        faults += [f"{name} is empty" for name, value in form.items() if not value]
        faults += _differences(form, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        grant = form.get("grant_type", "")
        allowed = _FIELDS.get(grant)
        if allowed is None:
            return Told(400, {"error": "unsupported_grant_type"}, (*faults, f"grant {grant!r}"))
        known = allowed | {"grant_type", "client_id", "client_secret"}
        faults += [f"{name} does not belong to this grant" for name in sorted(set(form) - known)]
        is_exchange = grant.endswith("token-exchange")
        if request.path.endswith("/") is is_exchange:
            faults.append(f"the path {request.path} is not the one that the guide writes")
        if not is_exchange:
            missing = sorted(allowed - set(form))
            faults += [f"{name} is missing" for name in missing]
        if grant == "authorization_code":
            told = self._for_code(form)
        elif grant == "refresh_token":
            told = self._refreshed(form.get("refresh_token", ""))
        else:
            told = self._exchanged(form)
        return Told(told.status, told.body, (*faults, *told.faults))

    def _for_code(self, form: dict[str, str]) -> Told:
        code = form.get("code", "")
        asked = self.codes.pop(code, None)
        if asked is None:
            why = "was sent before" if code in self.used_codes else "was never given out"
            return Told(400, {"error": "invalid_grant"}, (f"the code {why}",))
        self.used_codes.add(code)
        faults = _differences(form, redirect_uri=asked["redirect_uri"])
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            faults.append("code_verifier is not what code_challenge was made of")
        return Told(200, self._grant("crew", asked["scope"]), tuple(faults))

    def _refreshed(self, token: str) -> Told:
        access = self.refreshable.pop(token, None)
        if access is None:
            why = "was used before" if token in self.spent else "was never given out"
            return Told(400, {"error": "invalid_grant"}, (f"the refresh token {why}",))
        self.spent.add(token)
        person, scope = self.granted.pop(access, ("crew", "zap"))
        return Told(200, self._grant(person, scope))

    def _exchanged(self, form: dict[str, str]) -> Told:
        kinds = [
            form.get(name, "").removeprefix(f"{_URN}token-type:")
            for name in ("subject_token_type", "requested_token_type")
        ]
        if kinds == ["external-jwt", "access-token"]:
            return self._for_user(form)
        if kinds == ["access-token", "connect-token"]:
            return self._for_connecting(form)
        return Told(400, {"error": "invalid_request"}, (f"no such exchange: {kinds}",))

    def _for_user(self, form: dict[str, str]) -> Told:
        faults = ["resource does not belong here"] if "resource" in form else []
        faults += _scope_faults(form.get("scope", ""))
        signed = form.get("subject_token", "")
        try:
            head = jwt.get_unverified_header(signed)
            needed = ["sub", "iss", "aud", "iat", "nbf", "exp", TENANT_CLAIM]
            claims = jwt.decode(
                signed, self.key.public_key(), ["ES256"], {"require": needed},
                audience="connect.zapier.com", issuer=ISSUER,
            )  # fmt: skip
        except jwt.InvalidTokenError as error:
            return Told(400, {"error": "invalid_grant"}, (*faults, f"the JWT: {error}"))
        faults += _differences(head, kid=KEY_ID, alg="ES256")
        if claims["exp"] - claims["iat"] > 300 or claims["iat"] > time.time():
            faults.append("the JWT lives longer than five minutes, or begins in the future")
        faults += [f"the claim {name} was not agreed" for name in sorted(set(claims) - set(needed))]
        grant = self._grant(f"{claims[TENANT_CLAIM]}/{claims['sub']}", form.get("scope", ""))
        del self.refreshable[grant.pop("refresh_token")]
        return Told(200, grant, tuple(faults))

    def _for_connecting(self, form: dict[str, str]) -> Told:
        person, scope = self.granted.get(form.get("subject_token", ""), ("", ""))
        if "/" not in person:
            return Told(400, {"error": "invalid_grant"}, ("the subject is no end user's token",))
        faults = _differences(form, scope="connection:write")
        if "connection:write" not in scope.split():
            faults.append("the end user's token may not connect")
        resource = form.get("resource", "")
        if not re.fullmatch(re.escape(self.base_url) + r"/to/[\w%-]+", resource):
            faults.append(f"resource {resource!r} is no Connect page")
        token = f"{secrets.token_urlsafe(12)}$+/="
        self.connect_tokens[token] = resource
        return Told(200, {"access_token": token, "expires_in": 360}, tuple(faults))

    def _grant(self, person: str, scope: str) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.granted[access] = person, scope
        self.refreshable[refresh] = access
        return {
            "access_token": access, "expires_in": 36_000, "token_type": "Bearer",
            "scope": scope, "refresh_token": refresh,
        }  # fmt: skip


def _differences(given: dict[str, Any], **right: str) -> list[str]:
    return [f"{name} is wrong" for name, value in right.items() if given.get(name) != value]


def _scope_faults(scope: str) -> list[str]:
    names = scope.split(" ")
    faults = [f"the scope {name!r} is not registered" for name in sorted(set(names) - SCOPES)]
    return [*faults, "a scope is named twice"] if len(set(names)) < len(names) else faults


def _form_faults(request: Request) -> list[str]:
    """What is wrong with the request as a form; its headers beside that are judged as all are."""
    faults = []
    if request.header("content-type") != ["application/x-www-form-urlencoded"]:
        faults.append("the body is not sent as a form")
    if request.header("authorization"):
        faults.append("an Authorization header beside the secret in the body")
    if urlsplit(request.target).query:
        faults.append("something of the exchange is in the address")
    if not request.body.isascii() or b" " in request.body:
        faults.append("the form is not percent-encoded")
    return faults

"""OAuth as the API has it: a code of two minutes, ten-hour tokens, refresh tokens used once.

Only digests of codes and tokens are stored. No PKCE: this API does not mention it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlencode, urlsplit

from zapdesk.sandbox.definitions import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS oauth_codes (
    digest TEXT PRIMARY KEY, redirect_uri TEXT NOT NULL, scope TEXT NOT NULL,
    expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS oauth_tokens (
    access TEXT PRIMARY KEY, refresh TEXT NOT NULL UNIQUE, scope TEXT NOT NULL,
    expires_at REAL NOT NULL, refreshed INTEGER NOT NULL DEFAULT 0,
    person TEXT NOT NULL DEFAULT '');
"""
CODE_S = 120
SCOPES: Mapping[str, str] = {
    "profile": "see your name and e-mail address",
    "zap": "see apps and actions",
    "zap:write": "open the forms of actions",
    "zap:all": "see the account's Zaps",
    "zap:runs": "see runs of Zaps",
    "connection:read": "see your connections",
    "connection:write": "add connections",
    "action:run": "run actions for you",
    "authentication": "see your connections (older name)",
    "authentication:write": "add connections (older name)",
}


class OAuthError(Exception):
    """A refusal of the token endpoint, with RFC 6749's code."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Consent:
    """What a consent page that was shown is about."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None

    def back(self, **answer: str) -> str:
        """The address that leads the browser back to the program with the answer."""
        if self.state is not None:
            answer["state"] = self.state
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{urlencode(answer)}"


@dataclass(frozen=True, slots=True)
class Bearer:
    """What an access token allows, and whose it is; empty for the sandbox's own user."""

    scopes: frozenset[str]
    person: str


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def redirect_allowed(uri: str) -> bool:
    """Registered are all loopback addresses, as for any desktop program (RFC 8252, 7.3)."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "http"
        and parts.hostname in ("127.0.0.1", "localhost", "::1")
        and port is not None
        and not parts.username
        and not parts.fragment
    )


def client_of(authorization: str, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret, from HTTP Basic or from the body; empty where there are none."""
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


class Grants:
    """Codes and tokens. ``life_s`` is how long an access token works, in seconds."""

    def __init__(self, db: sqlite3.Connection, life_s: int) -> None:
        self._db = db
        self._life_s = life_s
        db.executescript(_SCHEMA)
        if not any(
            row["name"] == "person" for row in db.execute("PRAGMA table_info(oauth_tokens)")
        ):
            # Data of an earlier version of the sandbox, which knew no end users.
            db.execute("ALTER TABLE oauth_tokens ADD COLUMN person TEXT NOT NULL DEFAULT ''")

    def code(self, redirect_uri: str, scope: str, now: float) -> str:
        """A code that can be exchanged once within two minutes."""
        code = secrets.token_urlsafe(24)
        self._db.execute("DELETE FROM oauth_codes WHERE expires_at < ?", (now,))
        self._db.execute(
            "INSERT INTO oauth_codes VALUES (?, ?, ?, ?)",
            (_digest(code), redirect_uri, scope, now + CODE_S),
        )
        return code

    def bearer(self, token: str, now: float) -> Bearer | None:
        """Who has the access token, None where it is unknown or too old."""
        row = self._db.execute(
            "SELECT scope, person FROM oauth_tokens WHERE access = ? AND expires_at > ?",
            (_digest(token), now),
        ).fetchone()
        return Bearer(frozenset(row["scope"].split()), row["person"]) if row else None

    def exchange(self, form: Mapping[str, str], now: float) -> Json:
        """Answer a token request whose client is known to be right. Raises ``OAuthError``."""
        match form.get("grant_type"):
            case "authorization_code":
                row = self._db.execute(
                    "DELETE FROM oauth_codes WHERE digest = ? AND expires_at > ? RETURNING *",
                    (_digest(form.get("code", "")), now),
                ).fetchone()
                if row is None or row["redirect_uri"] != form.get("redirect_uri"):
                    raise OAuthError("invalid_grant", "The code is unknown, used or too old.")
                return self.tokens(row["scope"], now)
            case "refresh_token":
                row = self._db.execute(
                    "UPDATE oauth_tokens SET refreshed = 1 WHERE refresh = ? AND refreshed = 0"
                    " RETURNING scope",
                    (_digest(form.get("refresh_token", "")),),
                ).fetchone()
                if row is None:
                    raise OAuthError("invalid_grant", "The refresh token is unknown or used.")
                return self.tokens(row["scope"], now)
            case None | "":
                raise OAuthError("invalid_request", "grant_type is missing.")
        raise OAuthError("unsupported_grant_type", "This is not exchanged for tokens.")

    def tokens(self, scope: str, now: float, person: str = "") -> Json:
        """A new pair for the sandbox's user, or for a ``person`` who is a partner's end user."""
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._db.execute(
            "INSERT INTO oauth_tokens (access, refresh, scope, expires_at, person)"
            " VALUES (?, ?, ?, ?, ?)",
            (_digest(access), _digest(refresh), scope, now + self._life_s, person),
        )
        return {
            "access_token": access,
            "expires_in": self._life_s,
            "token_type": "Bearer",
            "scope": scope,
            "refresh_token": refresh,
        }

"""White Label: tokens for the end users of a partner, and what belongs to each of them.

A partner's JWT is exchanged for an end user's access token, which has no refresh token; that for
a connect token, which opens the page of one app once, within six minutes.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from zapdesk.paths import private_folder
from zapdesk.sandbox.definitions import Json
from zapdesk.sandbox.oauth import SCOPES, Grants, OAuthError, redirect_allowed
from zapdesk.sandbox.partner_keys import NotSigned, PartnerKeys

URN = "urn:ietf:params:oauth:"
EXCHANGE = f"{URN}grant-type:token-exchange"
ACCESS, JWT, CONNECT = (
    f"{URN}token-type:{kind}" for kind in ("access-token", "external-jwt", "connect-token")
)
CONNECT_S = 360
_MOST_PAGES = 100
_SCHEMA = """
CREATE TABLE IF NOT EXISTS connect_tokens (
    digest TEXT PRIMARY KEY, person TEXT NOT NULL, app TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS belongings (id TEXT PRIMARY KEY, person TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """A page that was shown and not answered: for whom, which app, and where it leads."""

    person: str
    app_key: str
    redirect_uri: str
    state: str | None
    reconnect_id: str

    def back(self, **answer: str) -> str:
        """The address that leads back with the answer; empty where none was given."""
        if not self.redirect_uri:
            return ""
        if self.state is not None:
            answer["state"] = self.state
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{urlencode(answer)}"


class WhiteLabel:
    """``person`` is empty for the sandbox's own user, who is nobody's end user."""

    def __init__(self, folder: Path, db: sqlite3.Connection, grants: Grants) -> None:
        self.keys = PartnerKeys(private_folder(folder))
        self._db = db
        self._grants = grants
        self.pages: dict[str, ConnectPage] = {}
        db.executescript(_SCHEMA)

    def own(self, thing_id: str, person: str) -> None:
        """A run or a connection belongs to this person from now on."""
        if person:
            self._db.execute("INSERT INTO belongings VALUES (?, ?)", (thing_id, person))

    def owns(self, thing_id: str, person: str) -> bool:
        """Whether a run or a connection is this person's."""
        row = self._db.execute("SELECT person FROM belongings WHERE id = ?", (thing_id,)).fetchone()
        return (row["person"] if row else "") == person

    def exchange(self, form: Mapping[str, str], base_url: str, now: float) -> Json:
        """Answer a token exchange whose client is known to be right. Raises OAuthError."""
        for name in ("subject_token", "subject_token_type", "requested_token_type", "scope"):
            if not form.get(name):
                raise OAuthError("invalid_request", f"{name} is missing.")
        match form["subject_token_type"], form["requested_token_type"]:
            case (subject, wanted) if (subject, wanted) == (JWT, ACCESS):
                return self._for_user(form, now)
            case (subject, wanted) if (subject, wanted) == (ACCESS, CONNECT):
                return self._for_connecting(form, base_url, now)
        raise OAuthError("invalid_request", "Tokens of these types are not exchanged.")

    def _for_user(self, form: Mapping[str, str], now: float) -> Json:
        scopes = form["scope"].split()
        if not scopes or not set(scopes) <= set(SCOPES):
            raise OAuthError("invalid_scope", "Not every scope is known.")
        try:
            tenant, user = self.keys.person(form["subject_token"])
        except NotSigned as error:
            raise OAuthError("invalid_grant", str(error)) from None
        person = f"{tenant}/{user}"
        answer = self._grants.tokens(" ".join(dict.fromkeys(scopes)), now, person)
        del answer["refresh_token"]
        return {**answer, "issued_token_type": ACCESS}

    def _for_connecting(self, form: Mapping[str, str], base_url: str, now: float) -> Json:
        bearer = self._grants.bearer(form["subject_token"], now)
        if bearer is None or not bearer.person:
            raise OAuthError("invalid_grant", "The subject token is no end user's, or too old.")
        if form["scope"] != "connection:write" or "connection:write" not in bearer.scopes:
            raise OAuthError("invalid_scope", "A connect token has the scope connection:write.")
        start, _, app_key = form.get("resource", "").rpartition("/")
        if start != f"{base_url}/to" or not app_key:
            raise OAuthError("invalid_target", "resource is the address of the Connect page.")
        token = f"{secrets.token_urlsafe(24)}+/=$"  # signs that have to be encoded in an address
        self._db.execute("DELETE FROM connect_tokens WHERE expires_at < ?", (now,))
        self._db.execute(
            "INSERT INTO connect_tokens VALUES (?, ?, ?, ?)",
            (_digest(token), bearer.person, app_key, now + CONNECT_S),
        )
        return {
            "access_token": token,
            "expires_in": CONNECT_S,
            "token_type": "N_A",
            "issued_token_type": CONNECT,
            "scope": "connection:write",
        }

    def open_page(self, app_key: str, query: Mapping[str, str], now: float) -> str | None:
        """Use a connect token up and give the nonce of the page it opened; None where it is
        unknown, used, too old or another app's."""
        row = self._db.execute(
            "DELETE FROM connect_tokens WHERE digest = ? RETURNING *",
            (_digest(query.get("token", "")),),
        ).fetchone()
        if row is None or row["expires_at"] <= now or row["app"] != app_key:
            return None
        nonce = secrets.token_urlsafe(24)
        while len(self.pages) >= _MOST_PAGES:
            self.pages.pop(next(iter(self.pages)))
        redirect_uri = query.get("redirect_uri", "")
        self.pages[nonce] = ConnectPage(
            row["person"],
            app_key,
            redirect_uri if redirect_allowed(redirect_uri) else "",
            query.get("state"),
            query.get("reconnect_id", ""),
        )
        return nonce


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

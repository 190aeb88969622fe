"""A White Label partner of the sandbox: signs for end users and exchanges, as the contract says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives import serialization

from tests.sandbox.talk import Talk

URN = "urn:ietf:params:oauth:"
EVERYTHING = "profile zap zap:write connection:read connection:write action:run"


def claims(talk: Talk, user: str = "u-42", **changes: Any) -> dict[str, Any]:
    """What a partner says of an end user; a claim that is ``None`` is left out."""
    now = int(time.time())
    said = {
        "iss": talk.address.partner["issuer"], "sub": user, "org_id": "crew",
        "aud": "connect.zapier.com", "iat": now, "nbf": now, "exp": now + 300, **changes,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def signed(talk: Talk, said: dict[str, Any], **changes: Any) -> str:
    """``said`` as a JWT; ``changes`` replace the key, the algorithm or the kid."""
    key: Any = changes.get("key") or serialization.load_pem_private_key(
        Path(talk.address.partner["key_file"]).read_bytes(), None
    )
    kid = changes.get("kid", talk.address.partner["key_id"])
    return jwt.encode(said, key, changes.get("algorithm", "ES256"), {"kid": kid} if kid else {})


def token(talk: Talk, subject: str, **changes: Any) -> httpx.Response:
    """The exchange for an end user's access token."""
    form = {
        "grant_type": f"{URN}grant-type:token-exchange",
        "subject_token": subject,
        "subject_token_type": f"{URN}token-type:external-jwt",
        "requested_token_type": f"{URN}token-type:access-token",
        "scope": EVERYTHING,
        **changes,
    }
    return _post(talk, form)


def connect_token(talk: Talk, access: str, app_key: str, **changes: Any) -> httpx.Response:
    """The exchange for a token that opens an app's Connect page."""
    form = {
        "grant_type": f"{URN}grant-type:token-exchange",
        "subject_token": access,
        "subject_token_type": f"{URN}token-type:access-token",
        "requested_token_type": f"{URN}token-type:connect-token",
        "scope": "connection:write",
        "resource": f"{talk.address.url}/to/{app_key}",
        **changes,
    }
    return _post(talk, form)


def _post(talk: Talk, form: dict[str, Any]) -> httpx.Response:
    form |= {"client_id": talk.address.client_id, "client_secret": talk.address.client_secret}
    sent = {name: value for name, value in form.items() if value is not None}
    return httpx.post(f"{talk.address.url}/oauth/token", data=sent)


def person(talk: Talk, user: str = "u-42") -> dict[str, str]:
    """The headers of an end user."""
    answer = token(talk, signed(talk, claims(talk, user)))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}

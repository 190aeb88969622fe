"""The partner that the sandbox knows: its registered public keys, and a private one to try with.

Zapier is given a partner's public keys once, out of band. Here they lie in ``jwks.json``, to which
others may be added; ``key.pem`` is the private half of the first, made when the data is new.
PyJWT and cryptography are imported by who needs them: not every sandbox has a partner.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path

from zapdesk.sandbox.definitions import Json

ISSUER = "https://partner.sandbox.example"
TENANT_CLAIM = "org_id"
AUDIENCE = "connect.zapier.com"
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
LONGEST_LIFE_S = 600
"""From ``iat`` to ``exp``; the guide says about five minutes."""
_LEEWAY_S = 5


class NotSigned(Exception):
    """The JWT is not one of a registered partner; says why."""


class PartnerKeys:
    """Keeps the keys in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._set = folder / "jwks.json"
        self._private = folder / "key.pem"
        if not (self._set.exists() and self._private.exists()):
            self._make()

    def registration(self) -> Json:
        """What a partner has to know, and where the private key lies."""
        return {
            "issuer": ISSUER,
            "tenant_claim": TENANT_CLAIM,
            "key_id": json.loads(self._set.read_text())["keys"][0]["kid"],
            "key_file": str(self._private),
        }

    def person(self, signed: str) -> tuple[str, str]:
        """Tenant and end user whom ``signed`` is for. Raises NotSigned."""
        import jwt

        try:
            head = jwt.get_unverified_header(signed)
            registered = jwt.PyJWKSet.from_dict(json.loads(self._set.read_text()))
            key = next(key for key in registered.keys if key.key_id == head.get("kid"))
            claims = jwt.decode(
                signed,
                key,
                algorithms=[name for name in ALGORITHMS if name == head.get("alg")],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=_LEEWAY_S,
                options={"require": ["sub", "iss", "aud", "iat", "nbf", "exp", TENANT_CLAIM]},
            )
        except StopIteration:
            raise NotSigned("No key with this kid is registered.") from None
        except jwt.InvalidTokenError as error:
            raise NotSigned(f"The token cannot be accepted: {error}.") from None
        if claims["exp"] - claims["iat"] > LONGEST_LIFE_S or claims["exp"] < time.time():
            raise NotSigned("The token lives too long: exp is at most ten minutes after iat.")
        tenant, user = claims[TENANT_CLAIM], claims["sub"]
        if not (isinstance(tenant, str) and tenant and user):
            raise NotSigned(f"{TENANT_CLAIM} and sub are texts that are not empty.")
        return tenant, user

    def _make(self) -> None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from jwt.algorithms import ECAlgorithm

        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        entry = {**public, "kid": f"sandbox-{secrets.token_hex(4)}", "use": "sig", "alg": "ES256"}
        _write(self._private, pem)
        _write(self._set, json.dumps({"keys": [entry]}, indent=2).encode())


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)

"""A White Label partner's key, and the short-lived JWT that is signed with it for an end user.

Zapier checks the signature against the public keys that the partner has registered. PyJWT and
cryptography take 60 ms to import, so they are imported where a key is read.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from zapdesk.domain.partner import Partner
from zapdesk.errors import InvalidInput
from zapdesk.redaction import REDACTOR

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    _Private: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey

AUDIENCE = "connect.zapier.com"
LIFE_S = 300
"""From ``iat`` to ``exp``."""
_BACKDATED_S = 30
"""So far a clock may be ahead of Zapier's before a token is not valid yet."""
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_SHORTEST_RSA = 2048
_LONGEST_PEM = 16 * 1024


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """A private key that can sign, and the name of the algorithm that goes with it."""

    algorithm: str
    _private: _Private = field(repr=False)

    @classmethod
    def read(cls, pem: str) -> PartnerKey:
        """The key in ``pem``. Raises InvalidInput, quoting nothing of it, where it is none that
        Zapier accepts."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        if not pem.strip():
            raise InvalidInput("There is no key in this.")
        if len(pem) > _LONGEST_PEM:
            raise InvalidInput("This is too long for a key.")
        try:
            key = load_pem_private_key(pem.strip().encode(), password=None)
        except TypeError:
            raise InvalidInput(
                "This key is locked with a passphrase.",
                hint="Store it without one: openssl pkey -in locked.pem -out key.pem",
            ) from None
        except (ValueError, UnsupportedAlgorithm):
            hint = "A private key is a text that begins with -----BEGIN PRIVATE KEY-----."
            if "PUBLIC KEY" in pem or "CERTIFICATE" in pem:
                raise InvalidInput("This is the public half of a key.", hint=hint) from None
            raise InvalidInput("This is not a private key in PEM form.", hint=hint) from None
        REDACTOR.register(pem.strip())
        if isinstance(key, EllipticCurvePrivateKey) and key.curve.name in _CURVES:
            return cls(_CURVES[key.curve.name], key)
        if isinstance(key, RSAPrivateKey) and key.key_size >= _SHORTEST_RSA:
            return cls("RS256", key)
        raise InvalidInput(
            "Zapier does not accept a key of this kind.",
            "It takes RSA keys from 2,048 bits on and the curves P-256, P-384 and P-521.",
            hint="Make another one, and register its public half with Zapier.",
        )

    def signed_for(self, partner: Partner, now: float | None = None) -> str:
        """The JWT that says for whom a token is wanted; good for about five minutes.

        Raises InvalidInput where something about ``partner`` is still unknown.
        """
        import jwt

        if missing := partner.missing():
            raise InvalidInput(f"For acting as a partner this is missing: {', '.join(missing)}.")
        at = int(time.time() if now is None else now) - _BACKDATED_S
        claims = {
            "iss": partner.issuer,
            "sub": partner.user,
            partner.tenant_claim: partner.tenant,
            "aud": AUDIENCE,
            "iat": at,
            "nbf": at,
            "exp": at + LIFE_S,
        }
        signed = jwt.encode(claims, self._private, self.algorithm, {"kid": partner.key_id})
        REDACTOR.register(signed)
        return signed

"""A partner's key: which ones can sign, what is signed, and that nothing of one is quoted."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from zapdesk.api.partner_key import AUDIENCE, LIFE_S, PartnerKey
from zapdesk.domain.partner import Partner
from zapdesk.errors import InvalidInput

PARTNER = Partner("https://harbour.example", "key-7", "org_id", "crew", "u-42", "Marina Holt")
_PLAIN = serialization.NoEncryption()


def pem(key: Any, lock: serialization.KeySerializationEncryption = _PLAIN) -> str:
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return str(key.private_bytes(kind, form, lock).decode())


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@pytest.mark.parametrize(
    ("curve", "algorithm"),
    [(ec.SECP256R1(), "ES256"), (ec.SECP384R1(), "ES384"), (ec.SECP521R1(), "ES512")],
)
def test_a_key_on_a_curve_signs_with_the_algorithm_of_that_curve(
    curve: ec.EllipticCurve, algorithm: str
) -> None:
    key = ec.generate_private_key(curve)
    signed = PartnerKey.read(pem(key)).signed_for(PARTNER)
    claims = jwt.decode(signed, key.public_key(), [algorithm], audience=AUDIENCE)
    assert claims["sub"] == "u-42"


def test_every_claim_that_zapier_asks_for_is_signed_and_no_name_of_the_person() -> None:
    key = PartnerKey.read(f"\n{pem(rsa_key())}\n")
    signed = key.signed_for(PARTNER, now=1_700_000_030.5)
    head, body = (
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in signed.split(".")[:2]
    )
    assert (head["alg"], head["kid"]) == ("RS256", "key-7")
    assert body == {
        "iss": "https://harbour.example",
        "sub": "u-42",
        "org_id": "crew",
        "aud": "connect.zapier.com",
        "iat": 1_700_000_000,
        "nbf": 1_700_000_000,
        "exp": 1_700_000_000 + LIFE_S,
    }


def test_what_is_no_key_to_sign_with_is_named_and_not_quoted() -> None:
    secret = "c2VjcmV0IHRleHQ"
    public = rsa_key().public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    locked = pem(rsa_key(), serialization.BestAvailableEncryption(b"harbour"))
    for text, words in (
        ("", "no key in this"),
        (secret, "not a private key"),
        (f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----", "not a private"),
        (public.decode(), "public half"),
        (locked, "passphrase"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "does not accept"),
        (pem(ec.generate_private_key(ec.SECP256K1())), "does not accept"),
        (pem(rsa_key(1024)), "does not accept"),
        ("x" * 20_000, "too long"),
    ):
        with pytest.raises(InvalidInput, match=words) as caught:
            PartnerKey.read(text)
        assert secret not in str(caught.value) + caught.value.hint


def test_nothing_is_signed_while_something_is_unknown() -> None:
    key = PartnerKey.read(pem(rsa_key()))
    with pytest.raises(InvalidInput, match="key id, end user"):
        key.signed_for(Partner("https://harbour.example", tenant="crew"))

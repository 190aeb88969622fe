"""Secrets are hidden however they are spelt, and ordinary words are not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from zapdesk.redaction import HIDDEN, REDACTOR, Redactor

secrets = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=6, max_size=40)
around = st.text("abc ,:{}[]", max_size=12)
binary = st.binary(max_size=7)

SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": lambda secret: secret,
    "in a query": lambda secret: urlencode({"a": secret})[2:],
    "in a path": quote,
    "with every sign escaped": lambda secret: quote(secret, safe=""),
    "in a form": quote_plus,
    "with small hexadecimal": lambda secret: _small_hex(quote(secret, safe="")),
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
    "in JSON that keeps letters": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "in JSON that escapes slashes": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "in hexadecimal": lambda secret: secret.encode().hex(),
    "in large hexadecimal": lambda secret: secret.encode().hex().upper(),
}


def _small_hex(text: str) -> str:
    pieces = text.split("%")
    return pieces[0] + "".join("%" + piece[:2].lower() + piece[2:] for piece in pieces[1:])


def redactor(*registered: str) -> Redactor:
    made = Redactor()
    for secret in registered:
        made.register(secret)
    return made


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(secret=secrets, before=around, after=around)
@example(secret="a/b+c==~\\\"'", before="", after="")
@example(secret="пароль 🔑 пароль", before="", after="")
def test_a_secret_is_hidden_in_every_spelling_inside_longer_text(
    spelling: str, secret: str, before: str, after: str
) -> None:
    spelt = SPELLINGS[spelling](secret)
    assume(spelt not in before + HIDDEN + after)
    hidden = redactor(secret).exact(before + spelt + after)
    assert spelt not in hidden
    assert HIDDEN in hidden
    if spelling == "raw" and secret[0].isalnum() and secret[-1].isalnum():
        assume(secret[0] not in before)
        assert hidden == before + HIDDEN + after


@given(secret=secrets, before=binary, after=binary, is_url_safe=st.booleans())
def test_a_secret_is_hidden_in_base64_at_every_offset(
    secret: str, before: bytes, after: bytes, is_url_safe: bool
) -> None:
    encode = base64.urlsafe_b64encode if is_url_safe else base64.b64encode
    encoded = encode(before + secret.encode() + after).decode()
    hidden = redactor(secret).exact(encoded)
    assert HIDDEN in hidden
    # At most the bits at its two ends, which it shares with its neighbours, are left.
    left = len(hidden.replace(HIDDEN, ""))
    assert left <= 4 * ((len(before) + 2) // 3 + (len(after) + 2) // 3) + 8


@given(st.lists(secrets, min_size=1, max_size=4), around)
def test_of_secrets_that_contain_each_other_none_is_left(several: list[str], text: str) -> None:
    several = [*several, several[0] + "x" + several[-1]]
    assume(not any(secret in text for secret in several))
    whole = text.join(several)
    hidden = redactor(*several).exact(whole)
    assert not any(secret in hidden for secret in several if secret not in text + HIDDEN + text)


@given(st.text())
def test_without_secrets_bodies_stay_as_they_are(text: str) -> None:
    assert Redactor().exact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "The code is 42 and the state is open.",
        "Basic understanding of bearer tokens and basic authentication.",
        "status_code=404 zip_code=12345 tokens=3",
        '{"title": "Token of appreciation", "description": "the password is kept elsewhere"}',
        "Create Row · Tables · 14:02:07",
        "https://api.zapier.com/v2/apps?limit=100&offset=200",
        "",
    ],
)
def test_ordinary_words_are_not_hidden(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdefghijklmnopqrstuv", "abcdefghijklmnopqrstuv"),
        ("bearer a1b2c3d4", "a1b2c3d4"),
        ("Basic dXNlcjpwYXNz=", "dXNlcjpwYXNz"),
        ("GET /cb?code=xyz&state=abc HTTP/1.1", "xyz"),
        ("GET /cb?code=xyz&state=abc HTTP/1.1", "=abc"),
        ("refresh_token%3Dxyz", "xyz"),
        ('{"access_token": "one, two", "a": 1}', "two"),
        ('{"password":"with \\"quotes\\" and spaces"}', "spaces"),
        ("{'client_secret': 'it is long'}", "long"),
    ],
)
def test_what_nobody_registered_is_known_by_its_name(text: str, secret: str) -> None:
    hidden = Redactor().text(text)
    assert secret not in hidden
    assert HIDDEN in hidden


def test_what_follows_a_hidden_value_stays_readable() -> None:
    shown = Redactor().text('{"password": "x y", "name": "Ada"} ?code=1&limit=2')
    assert '"name": "Ada"' in shown
    assert "&limit=2" in shown


def test_secret_headers_are_hidden_by_name_and_the_others_by_content() -> None:
    shown = redactor("topsecret").headers(
        [("AUTHORIZATION", "x"), ("Set-Cookie", "y"), ("X-Trace", "of topsecret"), ("Accept", "*")]
    )
    assert shown == (
        ("AUTHORIZATION", HIDDEN),
        ("Set-Cookie", HIDDEN),
        ("X-Trace", f"of {HIDDEN}"),
        ("Accept", "*"),
    )


def test_a_forgotten_secret_is_shown_again_and_others_stay_hidden() -> None:
    made = redactor("first-secret", "second-secret")
    made.forget("first-secret")
    made.forget("never-registered")
    assert made.exact("first-secret second-secret") == f"first-secret {HIDDEN}"


def test_what_is_too_short_to_be_a_secret_hides_nothing() -> None:
    assert redactor("", "a", "abcde").exact("a abcde") == "a abcde"


def test_the_program_has_one_redactor_that_begins_empty() -> None:
    assert REDACTOR.exact("nothing registered") == "nothing registered"

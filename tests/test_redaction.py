"""Secrets are hidden however they are spelt, and ordinary words are not."""

from __future__ import annotations

import base64
import html
import json
import shlex
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from zapdesk.redaction import HIDDEN, REDACTOR, Guess, Reason, Redactor

secrets = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00" + HIDDEN), min_size=6, max_size=40
)
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
    "in JSON inside JSON": lambda secret: json.dumps(json.dumps(secret))[3:-3],
    "in an address inside an address": lambda secret: quote(quote(secret, safe=""), safe=""),
    "in JSON inside an address": lambda secret: quote(json.dumps(secret)[1:-1], safe=""),
    "in HTML": html.escape,
    "in HTML with every sign as a number": lambda secret: "".join(f"&#{ord(c)};" for c in secret),
    "in HTML, in hexadecimal": lambda secret: "".join(f"&#x{ord(c):X};" for c in secret),
    "as Python shows it": lambda secret: repr(secret)[1:-1],
    "as Python shows its bytes": lambda secret: repr(secret.encode())[2:-1],
    "with every sign in an address": lambda s: "".join(f"%{b:02X}" for b in s.encode()),
    "with every sign in JSON": lambda s: "".join(f"\\u{u:04x}" for u in _units(s)),
    "in a cell of CSV": lambda secret: secret.replace('"', '""'),
    "in a word of a shell": lambda secret: shlex.quote(secret).strip("'"),
    "in base64 of UTF-16": lambda s: base64.b64encode(s.encode("utf-16-le")).decode().rstrip("="),
    "in base64, in an address": lambda s: quote(_base64(s + "x" * (-len(s.encode()) % 3)), safe=""),
}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-be")
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


def _small_hex(text: str) -> str:
    pieces = text.split("%")
    return pieces[0] + "".join("%" + piece[:2].lower() + piece[2:] for piece in pieces[1:])


def redactor(*registered: str) -> Redactor:
    made = Redactor()
    for secret in registered:
        made.register(secret)
    return made


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(max_examples=20)
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


@given(secret=secrets, before=st.binary(max_size=90))
def test_a_secret_is_hidden_in_base64_that_is_broken_into_lines(secret: str, before: bytes) -> None:
    encoded = base64.encodebytes(before + secret.encode() + b"end").decode()
    hidden = redactor(secret).exact(encoded)
    assert HIDDEN in hidden
    left = hidden.partition(HIDDEN)[0].replace("\n", "")
    assert len(left) <= 4 * ((len(before) + 2) // 3) + 4


@given(secret=secrets, before=around, after=around)
def test_every_place_where_something_is_hidden_is_told_with_its_reason(
    secret: str, before: str, after: str
) -> None:
    made = Redactor()
    made.register(secret, Reason.PASSWORD)
    shown = made.shown(f"{before}{secret}{after}{HIDDEN} Bearer a1b2c3d4e5", Guess.BODY)
    assert [shown.text[h.start : h.end] for h in shown.hidden] == [HIDDEN] * len(shown.hidden)
    assert shown.text.count(HIDDEN) == len(shown.hidden)
    reasons = [h.reason for h in shown.hidden]
    assert reasons[-1] == Reason.LOOKS
    assert Reason.PASSWORD in reasons
    assert Reason.BEFORE in reasons


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIiOiIxMjM0In0"),
        ("key sk_" + "live_abcdefghij0123456789", "abcdefghij"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "ABCDEFGH"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MIIabc"),
        ("see https://ada:engine@example.com/x", "engine"),
        ('{"x_api_key": "one"}', "one"),
        (r'"{\"password\": \"of old\"}"', "of old"),
    ],
)
def test_what_looks_like_a_key_is_hidden_in_bodies_too(text: str, secret: str) -> None:
    shown = Redactor().shown(text, Guess.BODY)
    assert secret not in shown.text
    assert len(shown.hidden) == 1


def test_in_a_body_an_ordinary_field_called_code_or_token_stays_readable() -> None:
    text = '{"code": "42", "state": "open", "token": "of thanks", "zip_code": "12345"}'
    assert Redactor().shown(text, Guess.BODY).text == text


def test_a_redactor_with_more_secrets_hides_those_of_the_first_too() -> None:
    made = redactor("first-secret").with_secrets([("second-secret", Reason.SENSITIVE)])
    shown = made.shown("first-secret, second-secret")
    assert shown.text == f"{HIDDEN}, {HIDDEN}"
    assert [h.reason for h in shown.hidden] == [Reason.TOKEN, Reason.SENSITIVE]


@pytest.mark.parametrize("text", ["\\" * 60_000, "%25" * 30_000, "&amp;" * 20_000, '"' * 50_000])
def test_text_made_of_escapes_takes_no_time(text: str) -> None:
    started = time.process_time()
    redactor("a/b+c==~ secret").text(text)
    assert time.process_time() - started < 2.0

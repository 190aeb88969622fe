"""What a text is recognised as, and that ordinary texts stay texts."""

from __future__ import annotations

import base64

import pytest

from zapdesk.domain.recognition import Special, encoded_part, recognise

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256))).decode()
SOME_BYTES = base64.b64encode(bytes(range(200))).decode()


@pytest.mark.parametrize(
    ("text", "special"),
    [
        ("https://example.com/a?b=c#d", Special.LINK),
        ("http://example.com", Special.LINK),
        ("see https://example.com", None),
        ("javascript:alert(1)", None),
        ("file:///etc/hostname", None),
        (f"data:image/png;base64,{PNG}", Special.IMAGE),
        ("data:text/html;base64,PGI+", None),
        (PNG, Special.IMAGE),
        (SOME_BYTES, Special.BASE64),
        ("<p>Hello</p>", Special.HTML),
        ("  <!DOCTYPE html>\n<html><body></body></html>", Special.HTML),
        ("a < b", None),
        ("<p", None),
        ("f" * 64, None),
        ("0123456789abcdef" * 8, None),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", None),
        ("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod 42", None),
        ("", None),
    ],
)
def test_texts_are_what_they_are(text: str, special: Special | None) -> None:
    assert recognise(text) is special


def test_the_beginning_of_a_long_text_is_enough() -> None:
    assert recognise(PNG[:2_000] * 20, 10_000_000) is Special.IMAGE
    assert recognise("https://example.com/" + "a" * 100, 9_000_000) is None


def test_what_is_encoded_comes_without_what_says_so() -> None:
    assert encoded_part(f"data:image/png;base64,{PNG}") == PNG
    assert encoded_part(SOME_BYTES) == SOME_BYTES

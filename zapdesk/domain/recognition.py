"""What a text is beside being a text: a link, an image, HTML, bytes written as base64.

Only recognised here, by its first characters and its length; nothing is decoded or opened.
"""

from __future__ import annotations

import re
from enum import StrEnum

LOOKED_AT = 2_000
"""Characters of a text that decide what it is."""

_LINK = re.compile(r"https?://[^\s\"<>\\^`{|}]+\Z", re.IGNORECASE)
_LONGEST_LINK = 8_192
_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,", re.IGNORECASE)
_HTML = re.compile(
    r"\s*(?:<!doctype\s+html|<(html|head|body|div|p|table|span|h[1-6]|ul|ol|section|article)\b)",
    re.IGNORECASE,
)
_TAG_ENDS = re.compile(r"</[a-z][a-z0-9]*\s*>|<br\s*/?>", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/\r\n]+={0,2}\s*\Z")
_SHORTEST_BASE64 = 64
# The first bytes of PNG, JPEG, GIF, WebP (RIFF) and BMP, written as base64.
_IMAGE_STARTS = ("iVBORw0KGgo", "/9j/", "R0lGODdh", "R0lGODlh", "UklGR")


class Special(StrEnum):
    """What else a text is; the value is the word for people."""

    LINK = "link"
    IMAGE = "image"
    HTML = "HTML"
    BASE64 = "base64"


def recognise(text: str, length: int | None = None) -> Special | None:
    """What ``text`` is. ``length`` is that of the whole where only its beginning is given."""
    whole = len(text) if length is None else length
    start = text[:LOOKED_AT]
    if whole <= min(_LONGEST_LINK, len(text)) and _LINK.match(text):
        return Special.LINK
    if _DATA.match(start):
        return Special.IMAGE
    if _HTML.match(start) and (whole > len(start) or _TAG_ENDS.search(start)):
        return Special.HTML
    if whole >= _SHORTEST_BASE64 and _is_base64(start):
        return Special.IMAGE if start.startswith(_IMAGE_STARTS) else Special.BASE64
    return None


def encoded_part(text: str) -> str:
    """The base64 in a text that was recognised: what follows ``base64,``, or all of it."""
    match = _DATA.match(text)
    return text[match.end() :] if match else text


def _is_base64(start: str) -> bool:
    # A long word, a hash or a row of digits is made of the same letters.
    kinds = (str.isupper, str.islower, str.isdigit)
    return bool(_BASE64.match(start)) and all(any(map(kind, start)) for kind in kinds)

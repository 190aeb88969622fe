"""JSON that may be hostile, taken apart one level at a time.

``Raw`` is a piece of a document that nobody has looked into yet, so a wrong value spoils only
itself. Nothing here raises anything but ``Unreadable``. Duplicate keys: the last one counts.
A UTF-8 byte order mark is skipped. NaN, Infinity and lone surrogates, which many servers write
although JSON has none, are tolerated: their values read as text.
"""

from __future__ import annotations

import json
import re
from typing import TypeVar

import msgspec

from zapdesk.errors import Unreadable

Raw = msgspec.Raw
NULL = Raw(b"null")

T = TypeVar("T")

_BOM = b"\xef\xbb\xbf"
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]|[^\s"\[\]{},:]++', re.DOTALL)
_SURROGATE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_CONSTANTS = {b"NaN", b"Infinity", b"-Infinity"}

_string = msgspec.json.Decoder(str)


def read(body: bytes) -> Raw:
    """The document in ``body``, mended where it is JSON but for NaN and lone surrogates.

    Raises Unreadable for everything else that is not one JSON document.
    """
    body = body.removeprefix(_BOM)
    try:
        return msgspec.json.decode(body, type=Raw)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        mended = _mended(body)
        if mended is None:
            raise Unreadable("The answer is not JSON.", str(error)) from None
        return Raw(mended)


def piece(raw: Raw, shape: type[T]) -> T | None:
    """A part of a document as ``shape``, ``None`` where it is something else."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def first(raw: Raw) -> bytes:
    """The first byte: it tells what kind of value this is."""
    return bytes(memoryview(raw)[:1])


def items(raw: Raw) -> list[Raw]:
    """The elements of an array; an object counts as an array of one, anything else as none."""
    match first(raw):
        case b"[":
            return piece(raw, list[Raw]) or []
        case b"{":
            return [raw]
    return []


def members(raw: Raw) -> dict[str, Raw]:
    """The members of an object, empty for anything else."""
    return piece(raw, dict[str, Raw]) or {}


def is_null(raw: Raw) -> bool:
    """Whether nothing is there."""
    return bytes(raw) == b"null"


def text(raw: Raw) -> str:
    """A value as text: strings as they are, null as nothing, all else as its JSON.

    What UTF-8 cannot hold becomes U+FFFD: neither Qt nor SQLite takes a lone surrogate.
    """
    data = bytes(raw)
    if data == b"null":
        return ""
    if data[:1] != b'"':
        return data.decode("utf-8", "replace")
    try:
        return _string.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return data[1:-1].decode("utf-8", "replace")


def identifier(raw: Raw) -> str | None:
    """An id: a string that is not empty, or a number with its digits as sent; else ``None``."""
    data = bytes(raw)
    if data[:1] == b'"':
        try:
            return _string.decode(data) or None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
    return data.decode("ascii") if data[:1] in b"-0123456789" and data else None


def flag(raw: Raw) -> bool:
    """A truth value, in the spellings that servers use."""
    return text(raw).strip().lower() in {"true", "1", "yes"}


def texts(raw: Raw) -> tuple[str, ...]:
    """A list of texts; a lone text counts as a list of one."""
    if first(raw) == b'"':
        return (text(raw),)
    return tuple(text(item) for item in items(raw) if first(item) != b"{")


def as_list(raw: Raw) -> bytes:
    """``raw`` as the bytes of a JSON array: null is ``[]``, anything but an array is wrapped."""
    data = bytes(raw)
    if data == b"null":
        return b"[]"
    return data if data[:1] == b"[" else b"[" + data + b"]"


def as_received(body: bytes, root: Raw, raw: Raw, *path: str) -> Raw:
    """``raw``, which stands at ``path`` in ``root``, as it was before ``read`` mended ``body``."""
    body = body.removeprefix(_BOM)
    if bytes(root) == body:
        return raw
    start, end = 0, len(body)
    for key in path:
        found = _member_span(body, start, end, key)
        if found is None:
            return raw
        start, end = found
    return Raw(body[start:end])


def _member_span(body: bytes, start: int, end: int, key: str) -> tuple[int, int] | None:
    """Where the value of ``key`` stands, in the first object from ``start`` on."""
    start = body.find(b"{", start, end)
    depth, name, value_start, last_end, found = 0, "", -1, start, None
    for token in _TOKEN.finditer(body, max(start, 0), end):
        mark = token.group()
        if depth == 1 and mark in (b",", b"}"):
            if name == key and value_start >= 0:
                found = (value_start, last_end)
            name, value_start = "", -1
        elif depth == 1 and not name:
            name = text(Raw(mark))
        elif depth == 1 and value_start < 0:
            value_start = token.start()
        depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(mark, 0)
        if depth == 0:
            break
        last_end = token.end()
    return found


def _too_deep() -> Unreadable:
    return Unreadable("The answer is nested too deeply to be read.")


def _mended(body: bytes) -> bytes | None:
    """``body`` with NaN, Infinity as null and lone surrogates as U+FFFD; ``None`` if not JSON."""
    try:
        json.loads(body.decode("utf-8"), parse_int=str)
    except (ValueError, RecursionError):
        return None

    def sound(token: re.Match[bytes]) -> bytes:
        mark = token.group()
        if mark in _CONSTANTS:
            return b"null"
        if mark[:1] == b'"':
            return _SURROGATE.sub(lambda m: b"\\ufffd" if m.group("lone") else m.group(), mark)
        return mark

    return _TOKEN.sub(sound, body)

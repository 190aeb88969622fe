"""How bytes, texts and JSON are written into columns, and read back without loss.

Nothing here knows a table. Packed bytes start with one byte that names their coding, so that a
better one can be added later beside these two.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any

from zapdesk.errors import StorageUnusable
from zapdesk.paths import resource

COMPRESS_ABOVE = 96
"""Bytes. Shorter bodies gain nothing."""

_AS_IS = b"\x00"
_ZLIB = b"\x01"
_WITH_WORDS = b"\x02"
_LEVEL = 1  # on JSON it saves nearly what level 6 does, in a third of the time

_WORDS = resource("packing-words.txt").read_bytes()
"""What bodies and headers of this API are full of, so that short ones can be packed too. They are a
part of every log, so this file never changes: other words would get a coding of their own."""
_PACKER = zlib.compressobj(_LEVEL, zlib.DEFLATED, 15, 8, zlib.Z_DEFAULT_STRATEGY, _WORDS)


def pack(raw: bytes) -> bytes:
    """``raw`` for a BLOB column: compressed where it is long and that makes it shorter."""
    if len(raw) > COMPRESS_ABOVE:
        packer = _PACKER.copy()
        shorter = packer.compress(raw) + packer.flush()
        if len(shorter) < len(raw):
            return _WITH_WORDS + shorter
    return _AS_IS + raw


def unpack(blob: bytes) -> bytes:
    """The bytes given to `pack`. Raises StorageUnusable where they were damaged on the disk."""
    coding, body = blob[:1], blob[1:]
    if coding == _AS_IS:
        return body
    try:
        if coding == _ZLIB:
            return zlib.decompress(body)
        if coding == _WITH_WORDS:
            unpacker = zlib.decompressobj(15, _WORDS)
            raw = unpacker.decompress(body)
            if unpacker.eof:
                return raw
            raise _damaged("it ends too soon")
    except zlib.error as error:
        raise _damaged(str(error)) from None
    raise _damaged(f"unknown coding {coding!r}")


def unpack_sound(blob: bytes, sha256: bytes | None) -> bytes:
    """The bytes given to `pack`, whose hash is told. Raises StorageUnusable where they are not
    the same any more: SQLite itself does not notice a bit that flipped in a value."""
    body = unpack(blob)
    if sha256 is not None and hashlib.sha256(body).digest() != sha256:
        raise _damaged("its hash is another")
    return body


def storable(text: str) -> str:
    r"""``text`` as a TEXT column can hold it: a lone surrogate becomes its escape, ``\ud800``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace").decode()
    return text


def dump(value: Any) -> str:
    """``value``, made of JSON's own kinds, as JSON in ASCII, which every column can hold."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def load(text: str | bytes) -> Any:
    """The value given to `dump`. Raises StorageUnusable where it was damaged on the disk."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise _damaged(str(error)) from None


def _damaged(technical: str) -> StorageUnusable:
    return StorageUnusable(
        "A part of the log was damaged on the disk and cannot be read.",
        hint="The rest of the log is not affected.",
        technical=technical,
    )

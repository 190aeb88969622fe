"""Secrets planted in every spelling, and where they are looked for."""

from __future__ import annotations

import base64
import html
import json
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import apsw

from zapdesk.errors import StorageUnusable
from zapdesk.storage.packing import unpack

SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "in a path": quote,
    "in an address": lambda s: quote(s, safe=""),
    "in a form": quote_plus,
    "in an address twice": lambda s: quote(quote(s, safe=""), safe=""),
    "with every byte in an address": lambda s: "".join(f"%{b:02X}" for b in s.encode()),
    "in JSON": lambda s: json.dumps(s)[1:-1],
    "in JSON inside JSON": lambda s: json.dumps(json.dumps(s))[3:-3],
    "in JSON with every sign escaped": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "in HTML": html.escape,
    "in HTML by numbers": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "in hexadecimal": lambda s: s.encode().hex(),
    "in large hexadecimal": lambda s: s.encode().hex().upper(),
    "in base64": lambda s: base64.b64encode(s.encode()).decode().rstrip("="),
    "in base64 behind one byte": lambda s: base64.b64encode(b"x" + s.encode() + b"yz").decode(),
    "in base64 behind two bytes": lambda s: base64.b64encode(b"xy" + s.encode() + b"z").decode(),
    "in base64 for addresses": lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "in base64 of UTF-16": lambda s: base64.b64encode(s.encode("utf-16-le")).decode().rstrip("="),
    "as Python shows it": lambda s: repr(s)[1:-1],
    "quoted for a shell": lambda s: shlex.quote(s).strip("'"),
    "in CSV": lambda s: s.replace('"', '""'),
}


def planted(secret: str) -> dict[str, str]:
    """``secret`` in every spelling, by the name of the spelling."""
    return {name: spell(secret) for name, spell in SPELLINGS.items()}


def core(name: str, spelt: str) -> str:
    """The part of a spelling that belongs to the secret alone."""
    return spelt[4:-4] if "behind" in name else spelt


def found(secret: str, where: Iterable[tuple[str, bytes]]) -> list[str]:
    """Where ``secret`` stands, and in which spelling."""
    needles = {name: core(name, spelt).encode() for name, spelt in planted(secret).items()}
    return [
        f"{place}: {name}"
        for place, data in where
        for name, needle in needles.items()
        if needle in data or json.dumps(needle.decode())[1:-1].encode() in data
    ]


def files(
    folder: Path, *, leave_out: Callable[[Path], bool] = lambda _: False
) -> Iterator[tuple[str, bytes]]:
    """Every file below ``folder``: its name and its bytes."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not leave_out(path):
            yield path.name, path.read_bytes()
            yield "a file's name", path.name.encode()


def values(database: Path) -> Iterator[tuple[str, bytes]]:
    """Every value in a database, unpacked: a page shows nothing of what is compressed in it."""
    connection = apsw.Connection(f"file:{database}?mode=ro", flags=_FLAGS)
    try:
        sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'run_text%'"
        tables: list[Any] = connection.execute(sql).fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    yield f"{database.name} {table}", _bytes(value)
        for (word,) in _words(connection):
            yield "the index of words", str(word).encode()
    finally:
        connection.close()


_FLAGS = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


def _words(connection: apsw.Connection) -> Iterator[Any]:
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, run_text, row)")
    yield from connection.execute("SELECT term FROM temp.words")


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        try:
            return unpack(value)
        except StorageUnusable:  # a hash
            return value
    return str(value).encode("utf-8", "surrogatepass")

"""How a connection to the database is opened, and that it stays on the thread that opened it.

No SQL of any table is here, and nothing that decides what is done with a damaged file.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import apsw

if TYPE_CHECKING:
    from pathlib import Path

BUSY_MS = 5000
"""How long a statement waits for another program's lock, in milliseconds."""

_READ_CACHE_KB = 16 * 1024  # of a log of a million runs the usual 2 MB hold next to nothing

_READ_WRITE = apsw.SQLITE_OPEN_READWRITE
_READ_ONLY = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


class Connection(apsw.Connection):
    """A connection that may be used on the thread that opened it, and raises on any other.

    apsw itself only notices two threads at the very same moment. `interrupt` is the one call
    that is meant for other threads.
    """

    _thread: int

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._thread = threading.get_ident()

    def execute(self, *arguments: Any, **keywords: Any) -> apsw.Cursor:
        self._check_thread()
        return super().execute(*arguments, **keywords)

    def executemany(self, *arguments: Any, **keywords: Any) -> apsw.Cursor:
        self._check_thread()
        return super().executemany(*arguments, **keywords)

    def cursor(self) -> apsw.Cursor:
        self._check_thread()
        return super().cursor()

    def _check_thread(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("a database connection was used on a thread that does not own it")


def writing(path: Path, *, busy_ms: int = BUSY_MS) -> Connection:
    """A connection that writes to the existing file ``path``. Raises what apsw raises."""
    connection = Connection(str(path), flags=_READ_WRITE)
    connection.set_busy_timeout(busy_ms)
    _protect(connection)
    connection.execute("PRAGMA synchronous = FULL")
    # What was deleted or replaced must not be found in the file's gaps later.
    connection.execute("PRAGMA secure_delete = ON")
    if sys.platform == "darwin":  # elsewhere fsync itself reaches the disk
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
    connection.execute("PRAGMA schema_version")  # the first to look into the file
    return connection


def reading(path: Path, *, immutable: bool = False, damaged: bool = False) -> Connection:
    """A connection that only reads. ``immutable`` is for a folder in which SQLite cannot keep
    its side files: nothing that is still in the write-ahead file is seen then.
    ``damaged`` goes past what is wrong with the schema and the size. Raises what apsw raises."""
    uri = f"file:{quote(str(path))}" + ("?immutable=1" if immutable else "")
    connection = Connection(uri, flags=_READ_ONLY)
    connection.set_busy_timeout(BUSY_MS)
    _protect(connection)
    connection.execute("PRAGMA query_only = ON")
    if damaged:  # before anything that reads the schema
        connection.execute("PRAGMA writable_schema = ON")
    connection.execute(f"PRAGMA cache_size = -{_READ_CACHE_KB}")
    connection.execute("PRAGMA schema_version")
    return connection


def close(connection: apsw.Connection) -> None:
    """Close whatever state it is in: errors at the end of a broken connection tell nothing new."""
    try:
        connection.close()
    except apsw.Error:
        connection.close(True)


def _protect(connection: apsw.Connection) -> None:
    """Memory maps can turn a stray write into a damaged file, so there are none."""
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")

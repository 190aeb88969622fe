"""Writer: the one connection of this process that writes, as the writing thread sees it.

Knows transactions and when the connection itself can no longer be trusted; no table.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from zapdesk.storage import connections
from zapdesk.storage.connections import Connection

T = TypeVar("T")


class Writer:
    """Every method is called on the thread that opened ``connection``."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self._path = path
        self._connection = connection
        self._is_dead = False
        self._file = path.stat()
        self._data_version = connection.pragma("data_version")

    def transaction(self, work: Callable[[apsw.Connection], T]) -> T:
        """What ``work`` gives, all of it on the disk or none. Raises what it or apsw raises."""
        connection = self._living()
        connection.execute("BEGIN IMMEDIATE")
        try:
            value = work(connection)
            connection.execute("COMMIT")
        except BaseException as error:  # raised again, with nothing left half done
            # After a failed fsync nothing that this connection believes can be relied on.
            self._is_dead = isinstance(error, apsw.IOError)
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return value

    def alone(self, work: Callable[[apsw.Connection], T]) -> T:
        """What ``work`` gives, outside any transaction. Raises what it or apsw raises."""
        return work(self._living())

    def changed_elsewhere(self) -> bool:
        """Whether another process has written since the last call."""
        before, self._data_version = self._data_version, self._living().pragma("data_version")
        return bool(before != self._data_version)

    def close(self) -> None:
        """Close the connection; where it is the last one, the write-ahead file is merged."""
        connections.close(self._connection)

    def _living(self) -> Connection:
        """The connection, opened anew where it has died.

        Raises CantOpenError where the file is no longer the one that was opened: what is written
        into a file without a name is gone with the process.
        """
        try:
            now = self._path.stat()
        except OSError as error:
            raise apsw.CantOpenError(f"the file is gone: {error}") from error
        if (now.st_dev, now.st_ino) != (self._file.st_dev, self._file.st_ino):
            raise apsw.CantOpenError("the file was replaced while it was in use")
        if self._is_dead:
            fresh = connections.writing(self._path)
            connections.close(self._connection)
            self._connection = fresh
            self._is_dead = False
        return self._connection

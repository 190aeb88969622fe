"""Reader: a thread with one connection that only reads, each question seeing one moment of the log.

Its connection is opened when it is first asked, or anew after `let_go`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import apsw

from zapdesk.storage import connections
from zapdesk.storage.connections import Connection
from zapdesk.storage.threads import ConnectionThread

T = TypeVar("T")


class Reader:
    """``open_connection`` is called on the thread. Every method raises what apsw raises."""

    def __init__(self, name: str, open_connection: Callable[[], Connection]) -> None:
        self._open_connection = open_connection
        self._connection: Connection | None = None
        self._thread = ConnectionThread(name)

    async def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """What ``work`` gives, after everything that was asked before."""
        return await self._thread.run(lambda: self._moment(work))

    async def reopen(self) -> None:
        """Open the connection, anew where there is one."""

        def work() -> None:
            self._close()
            self._connection = self._open_connection()

        await self._thread.run(work)

    async def let_go(self) -> None:
        """Close the connection; the next question opens it anew."""
        await self._thread.run(self._close)

    def interrupt(self) -> None:
        """Have the question that is being answered raise InterruptError."""
        connection = self._connection
        if connection is not None:
            with suppress(apsw.Error):  # it may be closed by now
                connection.interrupt()

    async def close(self) -> None:
        """Answer what was asked, then close the connection. May be called twice."""
        await self._thread.close(self._close)

    # On the thread

    def _moment(self, work: Callable[[apsw.Connection], T]) -> T:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._open_connection()
        connection.execute("BEGIN")
        try:
            return work(connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _close(self) -> None:
        if self._connection is not None:
            connections.close(self._connection)
            self._connection = None

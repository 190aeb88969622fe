"""Database: a connection that writes, one that reads and one that surveys, each on its own thread.

All SQL of the program runs inside `write` and `read`. A write that the disk did not take makes
the log read-only, says so to everybody who listens, and nothing is sent until one works again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import apsw

from zapdesk.broadcast import Broadcast
from zapdesk.errors import StorageUnusable
from zapdesk.paths import resource
from zapdesk.storage import connections
from zapdesk.storage.checks import CheckNotes, problems
from zapdesk.storage.connections import Connection
from zapdesk.storage.faults import BUSY, DAMAGE, DAMAGED_HINT, ENVIRONMENT, in_words
from zapdesk.storage.migrations import version
from zapdesk.storage.opening import Opened, open_database
from zapdesk.storage.reader import Reader
from zapdesk.storage.threads import ConnectionThread
from zapdesk.storage.writer import Writer

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Database:
    """The open database. Made by `open`, ended by `close`; a kill at any time loses nothing.

    ``notices`` are sentences for the person about what opening it took. ``read_only_reason``
    is empty while writing works; ``trouble`` announces every change of it.
    """

    def __init__(
        self,
        path: Path,
        opened: Opened,
        open_again: Callable[[], Opened],
        writer: ConnectionThread,
    ) -> None:
        self.notices = tuple(opened.notices)
        self.read_only_reason = opened.read_only_reason
        self.trouble: Broadcast[str] = Broadcast()
        self._path = path
        self._open_again = open_again
        self._opened = opened
        self._is_damaged = False
        self._checking: Connection | None = None
        self._writer = writer
        self._reader = Reader("zapdesk log reader", lambda: self._opened.open_reader())
        self._surveyor = Reader("zapdesk log surveyor", lambda: self._opened.open_reader())

    @classmethod
    async def open(cls, path: Path, backups: Path, scripts: Path | None = None) -> Database:
        """The database at ``path``, created, upgraded or repaired as needed; copies made on the
        way go to ``backups``. ``scripts`` is the folder of migrations.

        Raises StorageUnusable where it can neither be written nor read.
        """
        folder = scripts or resource("migrations")
        writer = ConnectionThread("zapdesk log writer")
        made: list[Opened] = []

        def open_file() -> Opened:
            made.append(open_database(path, backups, folder))
            return made[-1]

        try:
            opened = await writer.run(open_file)
        except BaseException:  # raised again; a cancelled start leaves nothing open either
            await writer.close(lambda: made[-1].close() if made else None)
            raise
        database = cls(path, opened, open_file, writer)
        try:
            await database._start_reading()
        except BaseException:  # raised again, as above
            await database.close()
            raise
        return database

    async def write(self, work: Callable[[apsw.Connection], T]) -> T:
        """What ``work`` gives, in one transaction: all of it is on the disk when this returns,
        or none of it is. Whatever ``work`` raises undoes it.

        A caller that is cancelled does not stop it. Raises StorageUnusable, after which
        ``read_only_reason`` says why, unless another program only held the file too long.
        """
        return await self._written(lambda writing: writing.transaction(work))

    async def maintain(self, work: Callable[[apsw.Connection], T]) -> T:
        """As `write`, for what cannot be done inside a transaction. Everything else waits."""
        return await self._written(lambda writing: writing.alone(work))

    async def _written(self, work: Callable[[Writer], T]) -> T:
        writing = self._opened.writer
        if writing is None or self._is_damaged:
            raise StorageUnusable(self.read_only_reason, hint="Reading goes on; nothing is sent.")
        try:
            value = await self._writer.run(lambda: work(writing))
        except ENVIRONMENT as error:
            words = in_words(error, self._path)
            if not isinstance(error, BUSY):
                self._note_fault(error, words)
            raise words from error
        if not self._is_damaged:
            self._set_reason("")
        return value

    async def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """What ``work`` gives, seeing one moment of the database. Raises StorageUnusable."""
        return await self._read(self._reader, work)

    async def survey(self, work: Callable[[apsw.Connection], T]) -> T:
        """As `read`, for what may take a second in a long log: nothing that is read waits for it,
        but other surveys do."""
        return await self._read(self._surveyor, work)

    async def _read(self, reader: Reader, work: Callable[[apsw.Connection], T]) -> T:
        try:
            return await reader.read(work)
        except apsw.InterruptError as error:
            raise StorageUnusable("The log is closed.", "zapdesk is being closed.") from error
        except ENVIRONMENT as error:
            words = in_words(error, self._path)
            if isinstance(error, DAMAGE):
                self._note_fault(error, words)
            raise words from error
        except apsw.SQLError as error:
            if self._opened.writer is not None:
                raise
            # A log of another version, which could neither be upgraded nor read as it is.
            raise StorageUnusable(self.read_only_reason, technical=str(error)) from error

    async def try_again(self) -> bool:
        """Whether writing works now; ``read_only_reason`` is brought up to date. A log that was
        opened for reading only is opened anew."""
        try:
            if self._opened.writer is None:
                self._opened = await self._writer.run(self._open_again)
                await self._start_reading()
                self._set_reason(self._opened.read_only_reason)
            await self.write(_probe)
        except StorageUnusable:
            return False
        return True

    async def changed_elsewhere(self) -> bool:
        """Whether another process has written since this was last asked. Raises StorageUnusable."""
        writing = self._opened.writer
        try:
            return writing is not None and await self._writer.run(writing.changed_elsewhere)
        except ENVIRONMENT as error:
            raise in_words(error, self._path) from error

    async def inspect(self) -> bool:
        """Look through the whole file for damage, on a thread of its own; False where there is.

        The check is a full one after a process died with the file open, and once a week. What it
        finds disables writing, and the next start repairs it. Meant for some seconds after the
        start; a large log takes a while. Raises StorageUnusable.
        """
        if self._opened.writer is None:
            return True  # nothing is written to it anyway
        notes = CheckNotes(self._path)
        full = notes.is_full_check_due
        thread = ConnectionThread("zapdesk log check")

        def work() -> list[str]:
            self._checking = connections.reading(self._path)
            try:
                return problems(self._checking, full=full)
            finally:
                checking, self._checking = self._checking, None
                connections.close(checking)

        try:
            found = await thread.run(work)
        except apsw.InterruptError:
            return True
        except ENVIRONMENT as error:
            raise in_words(error, self._path) from error
        finally:
            self._stop_checking()
            await thread.close(lambda: None)
        if found:
            self._note_damage("; ".join(found[:3]))
        elif full:
            with suppress(OSError):  # a full disk: it is checked again next time
                notes.was_checked()
        return not found

    async def close(self) -> None:
        """Finish what was handed over but for surveys, then close every connection. May be called
        twice."""
        self._stop_checking()
        self._surveyor.interrupt()
        await self._surveyor.close()
        await self._reader.close()
        await self._writer.close(lambda: self._opened.close())

    def _stop_checking(self) -> None:
        """A check that nobody waits for ends at once."""
        checking = self._checking
        if checking is not None:
            with suppress(apsw.Error):  # it may be closed by now
                checking.interrupt()

    async def _start_reading(self) -> None:
        try:
            await self._reader.reopen()
            await self._surveyor.let_go()
        except ENVIRONMENT as error:
            raise in_words(error, self._path) from error

    def _note_fault(self, error: apsw.Error, words: StorageUnusable) -> None:
        if isinstance(error, DAMAGE):
            self._note_damage(str(error))
        else:
            self._set_reason(f"{words.title} {words.hint}")

    def _note_damage(self, technical: str) -> None:
        """Write nothing more into a damaged file, and have the next start repair it."""
        _logger.error("the log is damaged: %s", technical)
        self._is_damaged = True
        with suppress(OSError):  # a folder that takes no file: the next start finds out by itself
            CheckNotes(self._path).found_damage()
        self._set_reason(f"The log is damaged. {DAMAGED_HINT}")

    def _set_reason(self, reason: str) -> None:
        if reason != self.read_only_reason:
            self.read_only_reason = reason
            self.trouble.announce(reason)


def _probe(connection: apsw.Connection) -> None:
    """Write something that changes nothing."""
    connection.execute(f"PRAGMA user_version = {version(connection)}")

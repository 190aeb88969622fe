"""How the database file is made ready: created, upgraded, repaired, or opened for reading only.

Processes do this one after the other. Nothing that was in a file is ever deleted: a file that
cannot be used is moved aside, and what can be read of it is carried over.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from zapdesk.errors import StorageUnusable
from zapdesk.file_lock import Turn
from zapdesk.paths import private_folder
from zapdesk.storage import connections, migrations
from zapdesk.storage.backups import waiting_restore
from zapdesk.storage.checks import CheckNotes, only_indexes, problems
from zapdesk.storage.connections import Connection
from zapdesk.storage.faults import DAMAGE, ENVIRONMENT, in_words
from zapdesk.storage.file_systems import doubt
from zapdesk.storage.owners import Owner, census
from zapdesk.storage.salvage import salvage
from zapdesk.storage.writer import Writer

_logger = logging.getLogger(__name__)

CHECKED_AT_ONCE = 4 * 1024 * 1024
"""Bytes. A file up to this size is checked before it is used (3 ms), a larger one behind."""

READ_IN_MEMORY = 256 * 1024 * 1024
"""Bytes. A log that could not be upgraded is upgraded in memory for reading, up to this size."""

TURN_SECONDS = 60.0
_SMALLEST = 512  # bytes of the smallest page; SQLite writes over a shorter file
_SIDE_FILES = ("-wal", "-shm", "-journal")


@dataclass(slots=True)
class Opened:
    """The database, ready. ``writer`` is ``None`` where it can only be read, for the reason in
    ``read_only_reason``; ``open_reader`` is called on the thread that will read."""

    writer: Writer | None
    open_reader: Callable[[], Connection]
    session: Owner | None = None
    read_only_reason: str = ""
    notices: list[str] = field(default_factory=list)

    def close(self) -> None:
        """Close the writer, on its thread, and note that this process ended as it should."""
        if self.writer is not None:
            self.writer.close()
        if self.session is not None:
            self.session.release()


def open_database(path: Path, backups: Path, scripts: Path) -> Opened:
    """Make the database at ``path`` ready, whatever is there.

    Raises StorageUnusable where neither writing nor reading is possible.
    """
    _refuse_links(path)
    with ExitStack() as turn:
        try:
            private_folder(path.parent)
            turn.enter_context(Turn(path.with_name(path.name + ".turn"), TURN_SECONDS))
        except TimeoutError:
            raise StorageUnusable(
                "Another zapdesk is still preparing the log.",
                hint="It may be upgrading it. Try again in a minute.",
            ) from None
        except OSError as error:
            return _read_only(path, f"The folder of the log cannot be written: {error.strerror}.")
        try:
            return _Preparation(path, backups, scripts).opened()
        except ENVIRONMENT as error:
            return _read_only(path, str(in_words(error, path)))
        except OSError as error:
            return _read_only(path, f"The log's file cannot be prepared: {error.strerror}.")


class _Preparation:
    """One attempt to make the file ready, while it is this process's turn."""

    def __init__(self, path: Path, backups: Path, scripts: Path) -> None:
        self._path = path
        self._backups = backups
        self._scripts = scripts
        self._notes = CheckNotes(path)
        self._notices: list[str] = []

    def opened(self) -> Opened:
        sessions = self._path.with_name(self._path.stem + "-open")
        others = census(sessions)
        if others.dead:
            self._notes.ask_for_full_check()
        if not others.living:
            self._bring_back()
        if not self._path.exists():
            # SQLite would replay the write-ahead file of another database into the new one.
            _move_aside(self._path, self._path.with_name(self._path.name + ".lost"), _SIDE_FILES)
            self._create(None)
        elif self._path.stat().st_mode & 0o077:
            self._path.chmod(0o600)
        try:
            opened = self._open_existing()
        except DAMAGE as error:
            _logger.warning("the log is replaced: %s", error)
            opened = self._replace()
        opened.notices += self._notices
        if doubtful := doubt(self._path.parent):
            opened.notices.append(doubtful)
        if opened.writer is not None:
            with suppress(StorageUnusable):  # on a full disk: only the note of a death is missed
                opened.session = Owner.acquire(sessions)
        return opened

    def _bring_back(self) -> None:
        """Put the backup that waits in the place of the log, and keep the log. A kill at any
        moment leaves both, and the next start goes on."""
        waiting = waiting_restore(self._path)
        if not waiting.exists():
            return
        aside = self._path.with_name(f"{self._path.name}.before-restore-{migrations.stamp()}")
        if self._path.exists():
            with suppress(*ENVIRONMENT):  # a damaged one is kept as it is
                last = connections.writing(self._path)
                try:
                    last.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    connections.close(last)
            _move_aside(self._path, aside, _SIDE_FILES)
            _keep_as(self._path, aside)
        waiting.replace(self._path)
        _sync_folder(self._path.parent)
        self._notices.append(
            f"The log was brought back from a backup. The log that was there is kept as {aside}."
        )

    def _open_existing(self) -> Opened:
        """Raises what apsw raises; DAMAGE means that the file has to be replaced."""
        if self._path.stat().st_size < _SMALLEST:
            raise apsw.NotADBError("the file is empty or next to it")
        writer = connections.writing(self._path)
        try:
            return self._examined(writer)
        except BaseException:  # raised again, with nothing left open
            connections.close(writer)
            raise

    def _examined(self, writer: Connection) -> Opened:
        if writer.readonly("main"):
            raise apsw.ReadOnlyError("the file is write-protected")
        newest, number = migrations.latest(self._scripts), migrations.version(writer)
        if writer.pragma("application_id") != migrations.APPLICATION_ID or number < 1:
            raise apsw.NotADBError("the file was not made by zapdesk")
        if number > newest:
            connections.close(writer)
            return _read_only(self._path, "The log was made by a newer zapdesk: it is only read.")
        writer.execute("PRAGMA journal_mode = WAL")  # a copy put back by hand is in another mode
        self._check(writer)
        if number < newest:
            try:
                migrations.back_up(writer, self._path, self._backups)
                migrations.migrate(writer, self._scripts)
            except DAMAGE:
                raise
            except (StorageUnusable, apsw.Error) as error:
                words = error if isinstance(error, StorageUnusable) else in_words(error, self._path)
                connections.close(writer)
                return self._old_version(words)
        return Opened(Writer(self._path, writer), lambda: connections.reading(self._path))

    def _check(self, writer: Connection) -> None:
        """Find damage where that is quick or known to be due; mend indexes. Raises CorruptError."""
        full = self._notes.is_damaged
        if not full and self._path.stat().st_size > CHECKED_AT_ONCE:
            return
        found = problems(writer, full=full)
        if found and only_indexes(found):
            migrations.back_up(writer, self._path, self._backups, check=False)
            writer.execute("REINDEX")
            found = problems(writer, full=True)
            self._notices.append(
                "An index of the log was damaged. It was made anew; nothing was lost."
            )
        if found:
            raise apsw.CorruptError("; ".join(found[:3]))
        if full:
            self._notes.was_checked()

    def _old_version(self, error: StorageUnusable) -> Opened:
        """The log as it is, for reading: upgraded in memory where it is small enough."""
        reason = f"The log could not be upgraded and is only read. {error}"

        def open_reader() -> Connection:
            reader = connections.reading(self._path)
            if self._path.stat().st_size > READ_IN_MEMORY:
                return reader
            copy = Connection(":memory:")
            with copy.backup("main", reader, "main") as backup:
                backup.step()
            try:
                migrations.migrate(copy, self._scripts)
            except apsw.Error:
                connections.close(copy)
                return reader
            connections.close(reader)
            copy.execute("PRAGMA query_only = ON")
            return copy

        return Opened(None, open_reader, read_only_reason=reason)

    def _replace(self) -> Opened:
        """Put a sound file with everything that can be read in the place of a damaged one."""
        aside = self._path.with_name(f"{self._path.name}.corrupt-{migrations.stamp()}")
        self._create(aside)
        writer = Writer(self._path, connections.writing(self._path))
        return Opened(writer, lambda: connections.reading(self._path))

    def _create(self, aside: Path | None) -> None:
        """Make a new database, complete before it gets its name: a kill leaves none or all.

        With ``aside`` the file that is there now is carried over as far as it can be read, and
        kept under that name.
        """
        new = self._path.with_name(self._path.name + ".new")
        for suffix in ("", *_SIDE_FILES):
            new.with_name(new.name + suffix).unlink(missing_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        os.close(os.open(new, flags, 0o600))
        connection = Connection(str(new), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            # It cannot be chosen later without writing the whole file again.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            migrations.migrate(connection, self._scripts)
            saved = salvage(self._path, connection) if aside else None
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connections.close(connection)
        if aside and saved:
            _move_aside(self._path, aside, _SIDE_FILES)
            _keep_as(self._path, aside)
            self._notices.append(
                f"The log was damaged: {saved.rows:,} of {saved.of:,} rows were saved."
                f" The old file is kept as {aside}."
                if saved.of
                else "The log was damaged or not made by zapdesk, and nothing in it can be read."
                f" A new one was begun; the old file is kept as {aside}."
            )
        new.replace(self._path)
        _sync_folder(self._path.parent)
        self._notes.was_checked()


def _read_only(path: Path, reason: str) -> Opened:
    """The database for reading only. Raises StorageUnusable where even that does not work."""

    def open_reader() -> Connection:
        try:
            return connections.reading(path)
        except (apsw.CantOpenError, apsw.ReadOnlyError):
            # In a folder that cannot be written SQLite cannot make its side files.
            return connections.reading(path, immutable=True)

    try:
        connections.close(open_reader())
    except ENVIRONMENT as error:
        words = in_words(error, path)
        raise StorageUnusable(
            reason, words.title, hint=words.hint, technical=words.technical
        ) from error
    return Opened(None, open_reader, read_only_reason=reason)


def _refuse_links(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return  # not there, or not to be looked at: opening it will tell
    if not stat.S_ISREG(mode):
        raise StorageUnusable(
            f"{path} is not a file of its own.",
            "It is a link, a folder or a device; zapdesk does not write through those.",
            hint="Move it away, or set ZAPDESK_HOME to another folder.",
        )


def _move_aside(path: Path, aside: Path, suffixes: tuple[str, ...]) -> None:
    for suffix in suffixes:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))


def _keep_as(path: Path, aside: Path) -> None:
    """Give a file its second name before it loses its first: a kill leaves no moment without."""
    try:
        aside.hardlink_to(path)
    except OSError:  # not every file system can
        path.replace(aside)


def _sync_folder(folder: Path) -> None:
    """Have the new name survive a power cut; Windows does that by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Backups that a person asks for, and bringing one back.

A backup that is brought back waits beside the log, checked, until no process has the log open;
the next one to start puts it in its place and keeps the log that was there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import apsw

from zapdesk.errors import InvalidInput, StorageUnusable
from zapdesk.storage import connections, migrations
from zapdesk.storage.checks import problems
from zapdesk.storage.copying import copy_database
from zapdesk.storage.faults import ENVIRONMENT, in_words
from zapdesk.storage.threads import on_own_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_WAITING = ".restore"


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A copy of the log. ``runs`` and ``version`` are ``None`` where nobody looked inside."""

    path: Path
    made_ms: int
    size: int
    runs: int | None = None
    version: int | None = None


def waiting_restore(path: Path) -> Path:
    """Where a backup waits that is to take the place of the log ``path``."""
    return path.with_name(path.name + _WAITING)


class Backups:
    """Backups of the log ``path``; ``folder`` is where copies from before an upgrade lie, and
    ``scripts`` are the migrations. Everything is done on a thread of its own."""

    def __init__(self, path: Path, folder: Path, scripts: Path) -> None:
        self._path = path
        self._folder = folder
        self._scripts = scripts

    async def back_up(self, target: Path) -> BackupFile:
        """Copy the log into the new file ``target``; it may be in use meanwhile.

        Raises InvalidInput where there is such a file already, and StorageUnusable.
        """

        def work() -> BackupFile:
            part = target.with_name(f"{target.name}.{os.getpid()}.part")
            try:
                if target.exists():
                    raise InvalidInput(f"There is a file {target} already.", hint="Name another.")
                reader = connections.reading(self._path)
                try:
                    copy_database(reader, part)
                finally:
                    connections.close(reader)
                try:
                    os.link(part, target)  # fails where somebody else was faster
                    part.unlink()
                except FileExistsError:
                    part.unlink()
                    raise InvalidInput(f"There is a file {target} already.") from None
                except OSError:  # not every file system can
                    part.replace(target)
                return _looked_into(target)
            except OSError as error:
                raise StorageUnusable(
                    "The backup could not be made.",
                    f"{target}: {error.strerror}.",
                    hint="Choose a folder that you can write to.",
                ) from error

        return await self._alone(work, target)

    async def restore(self, source: Path) -> BackupFile:
        """Check a backup and have it take the place of the log at the next start.

        Raises InvalidInput for a file that is not a sound backup, or of a newer zapdesk.
        """

        def work() -> BackupFile:
            waiting = waiting_restore(self._path)
            part = waiting.with_name(f"{waiting.name}.{os.getpid()}.part")
            found = self._checked(source)
            try:
                reader = connections.reading(source, immutable=True)
                try:
                    copy_database(reader, part)
                finally:
                    connections.close(reader)
                part.replace(waiting)
            except OSError as error:
                raise StorageUnusable(
                    "The backup could not be brought back.", str(error.strerror)
                ) from error
            return found

        return await self._alone(work, self._path)

    async def forget_restore(self) -> bool:
        """Leave the log as it is after all; False where nothing was waiting."""

        def work() -> bool:
            try:
                waiting_restore(self._path).unlink()
            except FileNotFoundError:
                return False
            return True

        return await self._alone(work, self._path)

    @property
    def is_restore_waiting(self) -> bool:
        """Whether a backup takes the place of the log at the next start."""
        return waiting_restore(self._path).exists()

    def all(self) -> tuple[BackupFile, ...]:
        """Every older copy beside the log, the newest first: from before upgrades and restores,
        and damaged logs. What was deleted may still be in them."""
        beside = self._path.parent.glob(f"{self._path.name}.*Z")
        inside = self._folder.glob(f"{self._path.stem}-v*.db")
        found = []
        for path in (*beside, *inside):
            with suppress(OSError):  # gone meanwhile
                facts = path.stat()
                found.append(BackupFile(path, int(facts.st_mtime * 1000), facts.st_size))
        return tuple(sorted(found, key=lambda copy: copy.made_ms, reverse=True))

    def _checked(self, source: Path) -> BackupFile:
        if not source.is_file():
            raise InvalidInput(f"There is no file {source}.")
        try:
            found = _looked_into(source)
        except ENVIRONMENT as error:
            raise InvalidInput(
                f"{source} is not a backup of zapdesk's log.", technical=str(error)
            ) from error
        if found.version is None or found.version < 1:
            raise InvalidInput(f"{source} is not a backup of zapdesk's log.")
        if found.version > migrations.latest(self._scripts):
            raise InvalidInput(
                f"{source} was made by a newer zapdesk.", hint="Use that version to bring it back."
            )
        return found

    async def _alone(self, work: Callable[[], T], path: Path) -> T:
        try:
            return await on_own_thread("zapdesk log copy", work)
        except ENVIRONMENT as error:
            raise in_words(error, path) from error


def _looked_into(path: Path) -> BackupFile:
    """Raises what apsw raises where it is damaged."""
    facts = path.stat()
    reader = connections.reading(path, immutable=True)
    try:
        found = problems(reader, full=True)
        if found:
            raise apsw.CorruptError(found[0])
        is_ours = reader.pragma("application_id") == migrations.APPLICATION_ID
        version = migrations.version(reader) if is_ours else None
        runs = reader.execute("SELECT count(*) FROM runs").get if is_ours else None
    finally:
        connections.close(reader)
    return BackupFile(path, int(facts.st_mtime * 1000), facts.st_size, runs, version)

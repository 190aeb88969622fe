"""Migrations: numbered SQL files, each applied once, together with its number, or not at all.

A released file is never edited. A copy of the database is made and checked before the first one
is applied to a file that has something in it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import apsw

from zapdesk.errors import StorageUnusable
from zapdesk.paths import private_folder
from zapdesk.storage.copying import copy_database
from zapdesk.storage.faults import DAMAGE, ENVIRONMENT, in_words
from zapdesk.storage.run_text import index_all

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION_ID = 0x5A415044
"""``ZAPD`` in the header of the file: what `file` and other programs know it by."""

KEPT_BACKUPS = 5

_SIGNS_SINCE = 9  # the first version whose index of words holds the status and place of a run


def latest(folder: Path) -> int:
    """The number of the newest migration. Raises StorageUnusable where there are none."""
    scripts = _scripts(folder)
    if not scripts:
        raise StorageUnusable(
            "zapdesk is not installed completely.",
            f"There are no migrations in {folder}.",
            hint="Install zapdesk again.",
        )
    return max(scripts)


def version(connection: apsw.Connection) -> int:
    """The number of the last migration that was applied to this file."""
    number = connection.pragma("user_version")
    assert isinstance(number, int)  # what SQLite keeps in those four bytes
    return number


def migrate(connection: apsw.Connection, folder: Path) -> None:
    """Apply what is missing, in one transaction. Raises what apsw raises; the file is then as
    it was. Whoever comes second waits for the first and finds nothing left to do."""
    scripts = _scripts(folder)
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = version(connection)
        for number in sorted(number for number in scripts if number > done):
            # To its end: apsw pauses a script at every row that it gives.
            connection.execute(scripts[number].read_text(encoding="utf-8")).fetchall()
            connection.execute(f"PRAGMA user_version = {number}")
        if done < _SIGNS_SINCE <= version(connection):
            index_all(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise apsw.ConstraintError(f"a migration left rows without their run: {broken}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def back_up(connection: apsw.Connection, path: Path, backups: Path, *, check: bool = True) -> Path:
    """A checked copy of the database in ``backups``; older copies but the newest few go.

    Raises StorageUnusable where it cannot be made, CorruptError where it does not pass its
    check; what was made is removed then. ``check`` is off for a file known to be damaged.
    """
    name = f"{path.stem}-v{version(connection)}-{stamp()}.db"
    copy = backups / name
    try:
        private_folder(backups)
        copy_database(connection, copy, check=check)
    except (OSError, *ENVIRONMENT) as error:
        if isinstance(error, DAMAGE):
            raise
        words = in_words(error, copy) if isinstance(error, apsw.Error) else None
        raise StorageUnusable(
            "No copy of the log could be made before changing it.",
            words.title if words else str(error),
            hint=words.hint if words else "Give yourself write access to the folder.",
            technical=str(error),
        ) from error
    for old in sorted(backups.glob(f"{path.stem}-v*.db"), key=_age)[:-KEPT_BACKUPS]:
        old.unlink(missing_ok=True)
    return copy


def stamp() -> str:
    """The time as a part of file names, in UTC and fine enough not to come twice."""
    now = time.time()
    fraction = int(now * 1000) % 1000
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f"{fraction:03d}Z"


def _age(path: Path) -> float:
    return path.stat().st_mtime


def _scripts(folder: Path) -> dict[int, Path]:
    return {int(path.name[:4]): path for path in folder.glob("[0-9][0-9][0-9][0-9]_*.sql")}

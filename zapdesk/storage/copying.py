"""Copies of the database: consistent while it is in use, checked before anybody relies on them."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import apsw

from zapdesk.storage.checks import problems
from zapdesk.storage.connections import Connection, close

if TYPE_CHECKING:
    from pathlib import Path


def copy_database(connection: apsw.Connection, target: Path, *, check: bool = True) -> None:
    """Write the database that ``connection`` reads into the new file ``target``: one file that
    can be moved about, for its owner only. Raises FileExistsError, other OSErrors and what apsw
    raises, CorruptError where the copy is not sound; nothing is left behind then."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        copy = Connection(str(target))
        try:
            # One step: beside a busy writer a stepped copy starts again for ever.
            with copy.backup("main", connection, "main") as backup:
                backup.step()
            copy.execute("PRAGMA journal_mode = DELETE")
            found = problems(copy, full=True) if check else []
        finally:
            close(copy)
        if found:
            raise apsw.CorruptError(f"the copy did not pass its check: {found[0]}")
    except BaseException:  # raised again, with nothing half done left behind
        with suppress(OSError):
            target.unlink()
        raise

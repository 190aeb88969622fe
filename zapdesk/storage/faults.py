"""SQLite's errors in words. Foreign exceptions of the store are translated here, nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import apsw

from zapdesk.errors import StorageUnusable

if TYPE_CHECKING:
    from pathlib import Path

DAMAGE = (apsw.CorruptError, apsw.NotADBError)
"""The file itself is damaged: nothing is written to it again before it was repaired."""

BUSY = (apsw.BusyError, apsw.LockedError)
"""Somebody else writes: waiting helps, nothing is wrong with the file."""

ENVIRONMENT = (
    *DAMAGE,
    *BUSY,
    apsw.FullError,
    apsw.IOError,
    apsw.ReadOnlyError,
    apsw.CantOpenError,
    apsw.PermissionsError,
    apsw.NoMemError,
    apsw.NoLFSError,
    apsw.ProtocolError,
)
"""What a sound program can meet. Any other error of apsw is a bug and is not caught."""

DAMAGED_HINT = "Close every zapdesk and start it again: it repairs the log and keeps the old file."


def in_words(error: apsw.Error, path: Path) -> StorageUnusable:
    """What ``error`` means for a person; ``path`` is the database."""
    code = getattr(error, "extendedresult", "")  # names the very operation, such as fsync
    technical = f"{type(error).__name__} {code}: {error}"
    match error:
        case apsw.FullError():
            title, hint = "The disk is full: the log cannot be written.", "Free some space."
        case apsw.BusyError() | apsw.LockedError():
            title = "Another program holds the log."
            hint = "Try again in a moment; close the other program if this goes on."
        case apsw.CorruptError():
            title, hint = "The log is damaged.", DAMAGED_HINT
        case apsw.NotADBError():
            title, hint = "The log is no longer a database.", DAMAGED_HINT
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            title = "The log cannot be written: its file or folder is read-only."
            hint = "Give yourself write access to the folder."
        case apsw.CantOpenError():
            title = "The log cannot be opened."
            hint = "Look whether its folder is there and is yours, then start zapdesk again."
        case apsw.NoMemError():
            title, hint = "There is not enough memory to use the log.", "Close other programs."
        case _:
            title = "The disk did not take what was to be written to the log."
            hint = "Look whether the disk is full, over its quota, unplugged or failing."
    return StorageUnusable(title, f"The file is {path}.", hint=hint, technical=technical)

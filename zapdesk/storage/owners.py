"""Owner: which living process a row or an open file belongs to, by locks the system gives back.

A lock file that can be locked belongs to a dead process, however it died; process numbers, which
are used again, play no part.
"""

from __future__ import annotations

import os
import sys
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zapdesk.errors import StorageUnusable
from zapdesk.file_lock import FLAGS, lock
from zapdesk.paths import private_folder

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = ".lock"


class Owner:
    """This process's lock in a folder: alive while it is held, and it is let go by any death."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.id = path.name.removesuffix(_SUFFIX)
        self._path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, folder: Path) -> Owner:
        """A new owner. Raises StorageUnusable where no lock can be made in ``folder``."""
        try:
            private_folder(folder)
            while True:
                path = folder / f"{uuid.uuid4().hex}{_SUFFIX}"
                descriptor = os.open(path, FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
                # Somebody may clear the file away between its making and its locking.
                if lock(descriptor) and _is_at(path, descriptor):
                    return cls(path, descriptor)
                os.close(descriptor)
        except OSError as error:
            raise StorageUnusable(
                "zapdesk cannot mark its runs as its own.",
                f"No lock file can be made in {folder}.",
                hint="Give yourself write access to the folder.",
                technical=str(error),
            ) from error

    def release(self) -> None:
        """Let go, leaving no file behind. May be called twice."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            _remove(self._path, descriptor)

    @staticmethod
    def living(folder: Path) -> set[str]:
        """The ids of the owners that live; the files of dead ones are removed."""
        return census(folder).living


@dataclass(frozen=True, slots=True)
class Census:
    """Who lives in a folder of locks, and who was found dead; those files are gone now."""

    living: set[str]
    dead: set[str]


def census(folder: Path) -> Census:
    """Look at every lock in ``folder``."""
    result = Census(set(), set())
    for path in folder.glob(f"*{_SUFFIX}"):
        owner_id = path.name.removesuffix(_SUFFIX)
        try:
            descriptor = os.open(path, FLAGS)
        except FileNotFoundError:
            continue  # released since the folder was listed
        except OSError:
            result.living.add(owner_id)  # cannot be told, and the living must not be declared dead
            continue
        if lock(descriptor):
            _remove(path, descriptor)
            result.dead.add(owner_id)
        else:
            os.close(descriptor)
            result.living.add(owner_id)
    return result


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether ``path`` still names the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _remove(path: Path, descriptor: int) -> None:
    """Remove a lock file that is held here. Windows removes no open file, so it is closed first
    there; elsewhere it goes while it is held, and nobody can take it in between."""
    if sys.platform == "win32":
        os.close(descriptor)
        path.unlink(missing_ok=True)
    else:
        path.unlink(missing_ok=True)
        os.close(descriptor)

"""Owner: which living process a row or an open file belongs to, by locks the system gives back.

A lock file that can be locked belongs to a dead process, however it died; process numbers, which
are used again, play no part.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zapdesk.errors import StorageUnusable
from zapdesk.paths import private_folder

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = ".lock"
_LOOK_S = 0.01
_FLAGS = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        """Lock the first byte; False where somebody else has it."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        """Lock the open file; False where somebody else has it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


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
                descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
                # Somebody may clear the file away between its making and its locking.
                if _lock(descriptor) and _is_at(path, descriptor):
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
    """Look at every lock in ``folder``. A lock that is held is never taken, not for a moment:
    a failed attempt leaves it as it was."""
    result = Census(set(), set())
    for path in folder.glob(f"*{_SUFFIX}"):
        owner_id = path.name.removesuffix(_SUFFIX)
        try:
            descriptor = os.open(path, _FLAGS)
        except FileNotFoundError:
            continue  # released since the folder was listed
        except OSError:
            result.living.add(owner_id)  # cannot be told, and the living must not be declared dead
            continue
        if _lock(descriptor):
            _remove(path, descriptor)
            result.dead.add(owner_id)
        else:
            os.close(descriptor)
            result.living.add(owner_id)
    return result


class Turn:
    """A lock that processes hold one after the other, for the length of a ``with``."""

    def __init__(self, path: Path, wait_s: float) -> None:
        self._path = path
        self._wait_s = wait_s
        self._descriptor = -1

    def __enter__(self) -> Turn:
        """Raises OSError where the file cannot be made, TimeoutError after ``wait_s`` seconds."""
        deadline = time.monotonic() + self._wait_s
        while not self._take():
            self._give_up_after(deadline)
            time.sleep(_LOOK_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    async def __aenter__(self) -> Turn:
        """As ``with``, for code on an event loop, which goes on turning meanwhile."""
        deadline = time.monotonic() + self._wait_s
        try:
            while not self._take():
                self._give_up_after(deadline)
                await asyncio.sleep(_LOOK_S)
        except asyncio.CancelledError:
            self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _take(self) -> bool:
        if self._descriptor < 0:
            self._descriptor = os.open(self._path, _FLAGS | os.O_CREAT, 0o600)
        return _lock(self._descriptor)

    def _give_up_after(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            self._close()
            raise TimeoutError(f"{self._path} is held by another process")

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


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

"""Locks on open files, which the system takes back however a process dies.

A lock that is held is never taken, not for a moment: a failed attempt leaves it as it was.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

FLAGS = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
"""How a lock file is opened: for this process alone, and not where a link leads."""

_LOOK_S = 0.01

if sys.platform == "win32":
    import msvcrt

    def lock(descriptor: int) -> bool:
        """Lock the first byte; False where somebody else has it."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def lock(descriptor: int) -> bool:
        """Lock the open file; False where somebody else has it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Turn:
    """A lock that processes hold one after the other, for the length of a ``with``."""

    def __init__(self, path: Path, wait_s: float) -> None:
        self._path = path
        self._wait_s = wait_s
        self._descriptor = -1

    def __enter__(self) -> Turn:
        """Raises OSError where the file cannot be made, TimeoutError after ``wait_s`` seconds."""
        deadline = time.monotonic() + self._wait_s
        try:
            while not self._take():
                self._give_up_after(deadline)
                time.sleep(_LOOK_S)
        except BaseException:  # whatever it is, it goes on; the file must not stay open
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    async def __aenter__(self) -> Turn:
        """As ``with``, for code on an event loop, which goes on turning meanwhile."""
        import asyncio  # takes longer to import than a window has before its first paint

        deadline = time.monotonic() + self._wait_s
        try:
            while not self._take():
                self._give_up_after(deadline)
                await asyncio.sleep(_LOOK_S)
        except BaseException:  # as above
            self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _take(self) -> bool:
        if self._descriptor < 0:
            self._descriptor = os.open(self._path, FLAGS | os.O_CREAT, 0o600)
        return lock(self._descriptor)

    def _give_up_after(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{self._path} is held by another process")

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

"""Marks: that a secret was written or removed, and when anew, for every process to see.

A mark is a small file beside the note of the store, with no secret in it: whoever wrote or removed
one leaves another word there. Nobody counts, so that marks need no lock. What has to be one step,
a look at the mark and the write after it, is done in a turn.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from zapdesk.file_lock import Turn
from zapdesk.paths import private_folder

_logger = logging.getLogger(__name__)

_KEPT = "kept"
_REMOVED = "removed"
_LONGEST = 64


class Marks:
    """The marks in ``folder``; without one nothing is marked, and nobody else is there."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def of(self, name: str) -> str:
        """The mark of a secret: another one whenever it was written or removed. Empty where it
        never was."""
        if self._folder is None:
            return ""
        try:
            with self._file(self._folder, name).open("rb") as file:
                return file.read(_LONGEST).decode("ascii", "replace")
        except OSError:
            return ""

    def is_removed(self, name: str) -> bool:
        """Whether the last thing done to a secret was to remove it."""
        return self.of(name).startswith(_REMOVED)

    def written(self, name: str) -> None:
        """Note that a secret was written to the store."""
        self._set(name, _KEPT)

    def removed(self, *names: str) -> None:
        """Note that secrets are not to be used any more."""
        for name in names:
            self._set(name, _REMOVED)

    @asynccontextmanager
    async def turn(self, wait_s: float) -> AsyncIterator[bool]:
        """Write while no other process does; False where its turn did not come in time."""
        if self._folder is None:
            yield True
            return
        async with AsyncExitStack() as stack:
            try:
                private_folder(self._folder)
                await stack.enter_async_context(Turn(self._folder / "secrets.turn", wait_s))
            except (OSError, TimeoutError) as error:
                _logger.info("a secret is not written in turn: %s", error)
                is_ours = False
            else:
                is_ours = True
            yield is_ours

    def _set(self, name: str, word: str) -> None:
        if self._folder is None:
            return
        try:
            private_folder(self._folder)
            path = self._file(self._folder, name)
            draft = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{word} {secrets.token_hex(8)}")
            draft.replace(path)
        except OSError as error:
            _logger.info("other processes are not told of a secret: %s", error)

    @staticmethod
    def _file(folder: Path, name: str) -> Path:
        # A name has an address in it; a file's name shall tell nobody where one has accounts.
        digest = hashlib.sha256(f"mark\0{name}".encode("utf-8", "surrogatepass"))
        return folder / f"{digest.hexdigest()[:40]}.mark"

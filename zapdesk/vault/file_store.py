"""FileStore: secrets as files that only their owner can read. Used where a person chose so.

One file for each entry, replaced whole, so that several processes may write at the same time.
What is wider than it should be is tightened; a link in the place of a file is not followed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

from zapdesk.paths import private_folder

_logger = logging.getLogger(__name__)

_NOT_THROUGH_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_LARGEST = 1 << 20


class FileStore:
    """A folder of entries, as one of keyring's backends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_password(self, service: str, username: str) -> str | None:
        """The entry; ``None`` where there is none, or where it is damaged."""
        path = self._file(service, username)
        try:
            descriptor = os.open(path, os.O_RDONLY | _NOT_THROUGH_LINKS)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                _logger.warning("%s is a link to another file and is not read", path.name)
                return None
            raise
        with os.fdopen(descriptor, "rb") as file:
            if os.name == "posix" and os.fstat(descriptor).st_mode & 0o077:
                _logger.warning("%s could be read by others; it is private again", path.name)
                os.fchmod(descriptor, 0o600)
            data = file.read(_LARGEST)
        try:
            kept = json.loads(data)
        except ValueError:
            return None
        secret = kept.get("secret") if isinstance(kept, dict) else None
        return secret if isinstance(secret, str) else None

    def set_password(self, service: str, username: str, password: str) -> None:
        private_folder(self._folder)
        path = self._file(service, username)
        draft = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOT_THROUGH_LINKS
        descriptor = os.open(draft, flags, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                json.dump({"service": service, "name": username, "secret": password}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:  # a secret must not stay in a file that nobody knows of
            draft.unlink(missing_ok=True)
            raise
        self._sync()

    def delete_password(self, service: str, username: str) -> None:
        self._file(service, username).unlink()
        self._sync()

    def names(self) -> list[str]:
        """The names of all entries."""
        found = []
        for path in self._folder.glob("*.secret"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                found.append(str(json.loads(path.read_bytes())["name"]))
        return found

    def _file(self, service: str, username: str) -> Path:
        # A name has an address in it; a file's name shall tell nobody where one has accounts.
        digest = hashlib.sha256(f"{service}\0{username}".encode("utf-8", "surrogatepass"))
        return self._folder / f"{digest.hexdigest()[:40]}.secret"

    def _sync(self) -> None:
        if os.name != "posix":
            return
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

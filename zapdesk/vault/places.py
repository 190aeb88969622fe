"""Place: a store that can be spoken to, and the note of which one has the secrets."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zapdesk.domain.secret_store import Condition, SecretStore
from zapdesk.paths import private_folder
from zapdesk.vault.file_store import FileStore
from zapdesk.vault.finding import CREDENTIAL_MANAGER, SECRET_SERVICE, find
from zapdesk.vault.parts import LARGE_PART, PART, Entries
from zapdesk.vault.troubles import CLOSED_QUESTION, Unusable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

FILE = "file"
_FILE_NAME = "a file that only you can read"
_NOTE = "store"
_LONGEST_NOTE = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A store. ``id`` is what is noted of it, ``part`` how much it takes in one entry."""

    id: str
    name: str
    entries: Entries
    part: int = LARGE_PART

    def look(self, *, asks: bool) -> None:
        """Raises Unusable where it is locked; ``asks`` lets it ask for its password."""
        if self.id != SECRET_SERVICE:
            return
        from zapdesk.vault.secret_service import Lock, look

        details = {
            Lock.LOCKED: "",
            Lock.CLOSED_QUESTION: CLOSED_QUESTION,
            Lock.NONE_YET: "It has not been set up yet: unlocking it does that.",
        }
        lock = look(asks=asks)
        if lock is not Lock.OPEN:
            raise Unusable(SecretStore(Condition.LOCKED, self.name, details[lock]))


class Places:
    """Finds the place for secrets. Everything here may block, and runs on a thread of its own.

    ``folder`` has the note and the file; without it nothing is noted. ``given`` is for tests.
    """

    def __init__(self, folder: Path | None, given: KeyringBackend | None) -> None:
        self._folder = folder
        self._given = given

    @property
    def file(self) -> FileStore:
        """The file, whether it is in use or not."""
        assert self._folder is not None, "who offers the file has a folder for it"
        return FileStore(self._folder)

    def find(self) -> Place:
        """The place that has the secrets, or the best there is. Raises Unusable."""
        noted = self.noted()
        if noted == FILE:
            return Place(FILE, _FILE_NAME, self.file)
        if self._given is not None:
            return Place("given", str(self._given.name), self._given, PART)
        found = find(noted)
        part = PART if found.id == CREDENTIAL_MANAGER else LARGE_PART
        return Place(found.id, found.name, found.backend, part)

    def noted(self) -> str:
        """The id of the place that has the secrets; empty where none has."""
        if self._folder is None:
            return ""
        try:
            return (self._folder / _NOTE).read_text("ascii")[:_LONGEST_NOTE].strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def note(self, id: str) -> None:
        """Note which place has the secrets; an empty id takes the note away. Raises OSError."""
        if self._folder is None or self.noted() == id:
            return
        private_folder(self._folder)
        path = self._folder / _NOTE
        if not id:
            path.unlink(missing_ok=True)
            return
        draft = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{id}\n")
        draft.replace(path)

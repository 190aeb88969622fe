"""Where zapdesk keeps its files and where its resources lie; the folders it makes are private."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

IS_BUNDLED = bool(getattr(sys, "frozen", False))
"""Whether this is the bundle: one folder with a Python in it that runs nothing but zapdesk."""


def own_command(*arguments: str) -> tuple[str, ...]:
    """What starts this zapdesk with ``arguments`` as a process of its own."""
    start = (sys.executable,) if IS_BUNDLED else (sys.executable, "-m", "zapdesk")
    return (*start, *arguments)


@dataclass(frozen=True, slots=True)
class Paths:
    """The three folders of one state directory.

    ``ZAPDESK_HOME`` puts all of them in one place (portable use, tests); otherwise they are
    where the platform wants them.
    """

    data: Path
    cache: Path
    logs: Path

    @classmethod
    def find(cls) -> Paths:
        """The folders for this process, by ``ZAPDESK_HOME`` or the platform's custom."""
        home = os.environ.get("ZAPDESK_HOME")
        if home:
            root = Path(home).expanduser().absolute()
            return cls(root / "data", root / "cache", root / "logs")
        # platformdirs costs a few milliseconds that a portable start need not pay.
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("zapdesk", appauthor=False)
        return cls(dirs.user_data_path, dirs.user_cache_path, dirs.user_log_path)

    def create(self) -> Paths:
        """Make the folders, owner-only (0700), and tighten them where they are wider.

        Raises ``OSError`` where a folder cannot be made.
        """
        for folder in (self.data, self.cache, self.logs, self.owners):
            private_folder(folder)
        return self

    @property
    def database(self) -> Path:
        """The run log and everything else that is kept in SQLite."""
        return self.data / "zapdesk.db"

    @property
    def settings(self) -> Path:
        """The settings file (TOML)."""
        return self.data / "settings.toml"

    @property
    def window_state(self) -> Path:
        """Window geometry; nothing private."""
        return self.data / "window.ini"

    @property
    def owners(self) -> Path:
        """One lock file for each living process that sends or watches runs."""
        return self.data / "owners"

    @property
    def backups(self) -> Path:
        """Copies of the database made before migrations."""
        return self.data / "backups"

    @property
    def secrets(self) -> Path:
        """The note of which store has the secrets, and their file for those who chose one."""
        return self.data / "secrets"

    @property
    def sandbox(self) -> Path:
        """The sandbox's own folder: its address, its locks and its data."""
        return self.data / "sandbox"


def private_folder(folder: Path) -> Path:
    """Make ``folder`` (and what is above it) and let only its owner in."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def resource(*parts: str) -> Path:
    """A file of ``resources/``: inside the package in a wheel, beside it in a checkout."""
    inside = _PACKAGE / "resources"
    root = inside if inside.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*parts)

"""Whether a database file is sound, and when that was last looked at in full.

Two small files beside the database remember it between starts: ``.checked`` (its age is that of
the last full check) and ``.damaged`` (a check found damage; the next start repairs).
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import apsw

from zapdesk.storage.faults import DAMAGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FULL_CHECK_DAYS = 7

_MOST_PROBLEMS = 100
_OF_AN_INDEX = re.compile(r"row \d+ missing from index |wrong # of entries in index ")


def problems(connection: apsw.Connection, *, full: bool) -> list[str]:
    """What SQLite finds wrong; empty where nothing is. A full check also compares each index
    with its table, and takes some five times as long."""
    pragma = "integrity_check" if full else "quick_check"
    try:
        rows = connection.execute(f"PRAGMA {pragma}({_MOST_PROBLEMS})").fetchall()
    except DAMAGE as error:
        return [str(error)]
    return [str(text) for (text,) in rows if text != "ok"]


def only_indexes(found: Sequence[str]) -> bool:
    """Whether every problem goes away when the indexes are made anew."""
    return all(_OF_AN_INDEX.match(problem) for problem in found)


class CheckNotes:
    """The two files beside the database ``path``. A folder that cannot be written keeps none."""

    def __init__(self, path: Path) -> None:
        self._checked = path.with_name(path.name + ".checked")
        self._damaged = path.with_name(path.name + ".damaged")

    @property
    def is_full_check_due(self) -> bool:
        """Whether the last full check is long ago, or was before a process died."""
        try:
            age_s = time.time() - self._checked.stat().st_mtime
        except OSError:
            return True
        return not 0 <= age_s <= FULL_CHECK_DAYS * 86_400

    @property
    def checked_ms(self) -> int | None:
        """When the last full check found nothing; ``None`` where it is due."""
        try:
            return int(self._checked.stat().st_mtime * 1000)
        except OSError:
            return None

    @property
    def is_damaged(self) -> bool:
        """Whether a check of an earlier process found damage that was not repaired yet."""
        return self._damaged.exists()

    def was_checked(self) -> None:
        """Remember that a full check found nothing."""
        self._damaged.unlink(missing_ok=True)
        self._checked.touch(mode=0o600)

    def ask_for_full_check(self) -> None:
        """Make one due: a process died with the file open."""
        self._checked.unlink(missing_ok=True)

    def found_damage(self) -> None:
        """Have the next start repair the file."""
        self._damaged.touch(mode=0o600)

"""What the first screen shows, read at once, before any thread, loop or library of the network.

Only the window's start uses this. It imports nothing that waits, and never creates, repairs or
upgrades anything: where the file is not as expected, the window starts empty and fills later.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import apsw

from zapdesk.domain.runs import RunFilter
from zapdesk.errors import StorageUnusable
from zapdesk.storage.run_queries import page_query
from zapdesk.storage.run_rows import run_of

if TYPE_CHECKING:
    from pathlib import Path

    from zapdesk.domain.runs import ActionRun

_WAIT_MS = 20


@dataclass(frozen=True, slots=True)
class AppGlimpse:
    """What a row in the list of apps shows."""

    id: str
    title: str
    hex_color: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The top of both lists."""

    apps: tuple[AppGlimpse, ...]
    runs: tuple[ActionRun, ...]


def read_snapshot(path: Path, profile_id: str, runs: int = 60, apps: int = 200) -> Snapshot | None:
    """The most popular ``apps`` and the newest ``runs``; ``None`` where they cannot be read as
    they are. Every run counts as another process's: who owns what is not known yet."""
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            connection.set_busy_timeout(_WAIT_MS)
            connection.execute("PRAGMA query_only = ON; BEGIN")
            query = page_query(connection, RunFilter(profile_id), None, runs)
            assert query is not None  # only a search for words can be hopeless
            return Snapshot(
                tuple(
                    AppGlimpse(*row)
                    for row in connection.execute(
                        "SELECT id, title, hex_color FROM apps WHERE profile_id = ?"
                        " ORDER BY rank, rowid LIMIT ?",
                        (profile_id, apps),
                    )
                ),
                tuple(run_of(row, "") for row in connection.execute(query.sql, query.bindings)),
            )
    except (apsw.Error, StorageUnusable):
        return None

"""The top of both lists as plain values: all that the very first frame shows.

Read before anything else is imported, so that a window stands on the screen at once: no domain,
no objects. What is read here is read again, whole, by ``snapshot`` behind that frame.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import apsw

if TYPE_CHECKING:
    from pathlib import Path

_WAIT_MS = 20


class RunGlimpse(NamedTuple):
    """What a row of the history shows; times are Unix milliseconds."""

    status: str
    kind: str
    app_title: str
    action_title: str
    authentication_title: str
    created_ms: int
    ended_ms: int | None
    headline: str


class Glance(NamedTuple):
    """``apps`` are pairs of title and colour, most popular first; ``runs`` are newest first."""

    apps: list[tuple[str, str]]
    runs: list[RunGlimpse]


def read_glance(path: Path, profile_id: str, apps: int = 80, runs: int = 40) -> Glance:
    """At most so many rows of each; nothing where the file cannot be read as it is."""
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            connection.set_busy_timeout(_WAIT_MS)
            connection.execute("PRAGMA query_only = ON; BEGIN")
            return Glance(
                [
                    (str(title), str(color))
                    for title, color in connection.execute(
                        "SELECT title, hex_color FROM apps WHERE profile_id = ?"
                        " ORDER BY rank, rowid LIMIT ?",
                        (profile_id, apps),
                    )
                ],
                [
                    RunGlimpse(*row)
                    for row in connection.execute(
                        f"SELECT {', '.join(RunGlimpse._fields)} FROM runs WHERE profile_id = ?"
                        " ORDER BY created_ms DESC, number DESC LIMIT ?",
                        (profile_id, runs),
                    )
                ],
            )
    except apsw.Error:
        return Glance([], [])

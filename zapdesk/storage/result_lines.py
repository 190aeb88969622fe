"""The line about a result, for successes that an earlier version wrote down without one: worked out
when they are read. The log itself stays as it was written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zapdesk.domain.result_line import result_line
from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.errors import StorageUnusable
from zapdesk.storage.hiding import hidden
from zapdesk.storage.packing import unpack

if TYPE_CHECKING:
    import apsw

_LARGEST = 64 * 1024  # packed; a page of larger ones would take too long


def with_line(connection: apsw.Connection, run: ActionRun) -> ActionRun:
    """``run`` with the line that it would have today, where it has none and its result is small."""
    if run.headline or run.status is not RunStatus.SUCCESS:
        return run
    sql = "SELECT results FROM run_bodies WHERE run = ? AND coalesce(length(results), 0) <= ?"
    row = connection.execute(sql, (run.number, _LARGEST)).fetchone()
    if row is None:
        return run
    try:
        line = result_line(None if row[0] is None else unpack(row[0]))
    except StorageUnusable:  # a damaged result; its detail says so
        return run
    return replace(run, headline=hidden(line))

"""Which statement answers a question about many runs, so that each walks an index.

Pages continue below a cursor; nothing is skipped by counting (OFFSET) and nothing is sorted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zapdesk.domain.runs import Resolution, RunCursor, RunFilter, RunOrder, RunStatus
from zapdesk.storage.packing import storable
from zapdesk.storage.run_rows import RUN_COLUMNS
from zapdesk.storage.run_text import query as text_query

if TYPE_CHECKING:
    import apsw

_MOST_BRANCHES = 200  # SQLite takes 500 SELECTs in one statement

_LONGEST_RUN_MS = 3_600_000
"""How long a run took that is looked for by the time of its end: bounds the walk over an index."""

_PROFILES = """
WITH RECURSIVE known(id) AS (
    SELECT min(profile_id) FROM runs
    UNION ALL
    SELECT (SELECT min(profile_id) FROM runs WHERE profile_id > known.id)
    FROM known WHERE known.id IS NOT NULL
)
SELECT id FROM known WHERE id IS NOT NULL
"""


@dataclass(slots=True)
class Query:
    """A statement and its bindings."""

    sql: str
    bindings: list[Any] = field(default_factory=list)


def page_query(
    connection: apsw.Connection, wanted: RunFilter, after: RunCursor | None, limit: int
) -> Query | None:
    """The statement for one page, newest first; ``None`` where nothing can be found.

    Runs found by text come in the order in which they were recorded, which is that of the
    index and, but for a clock that was set back, the order of their times.
    """
    if wanted.text.strip():
        return _found_by_text(connection, wanted, after, limit)
    branches: list[Query] = []
    for profile_id, status in _places(connection, wanted):
        branch = _where(wanted, profile_id, [status] if status else [])
        if after is not None:
            branch.sql += " AND (created_ms, number) < (?, ?)"
            branch.bindings += [after.created_ms, after.number]
        branches.append(branch)
    # Each branch walks its index in order, and SQLite merges them without sorting.
    return Query(
        " UNION ALL ".join(f"SELECT {RUN_COLUMNS} FROM runs{branch.sql}" for branch in branches)
        + " ORDER BY created_ms DESC, number DESC LIMIT ?",
        [value for branch in branches for value in branch.bindings] + [limit],
    )


def count_query(connection: apsw.Connection, wanted: RunFilter) -> Query | None:
    """The statement for ``status, count`` of all that fit, whatever statuses are wanted."""
    where = _where(wanted, wanted.profile_id, [])
    if wanted.text.strip():
        match = text_query(connection, wanted.text)
        if not match:
            return None
        where.sql += " AND number IN (SELECT rowid FROM run_text WHERE run_text MATCH ?)"
        where.bindings.append(match)
    return Query(f"SELECT status, count(*) FROM runs{where.sql} GROUP BY status", where.bindings)


def like_query(order: RunOrder, body: bytes, since_ms: int) -> Query:
    """The statement for the newest run with these very inputs, to the same action over the same
    connection, that began or ended since ``since_ms`` and may have had effects. One that a person
    found not to have happened does not count."""
    harmless = [status.value for status in RunStatus if not status.may_have_run]
    return Query(
        f"SELECT {RUN_COLUMNS} FROM runs JOIN run_bodies ON run = number"
        " WHERE profile_id = ? AND app_id = ? AND created_ms >= ?"
        " AND max(created_ms, coalesce(ended_ms, 0)) >= ?"
        " AND action_type = ? AND action_key = ? AND authentication_id IS ?"
        f" AND status NOT IN ({', '.join('?' * len(harmless))}) AND resolution IS NOT ?"
        " AND inputs_sha256 = ? ORDER BY created_ms DESC, number DESC LIMIT 1",
        [
            storable(order.profile_id),
            storable(order.action.app_id),
            since_ms - _LONGEST_RUN_MS,
            since_ms,
            storable(order.action.action_type),
            storable(order.action.key),
            None if order.authentication_id is None else storable(order.authentication_id),
            *harmless,
            Resolution.DID_NOT.value,
            hashlib.sha256(body).digest(),
        ],
    )


def _found_by_text(
    connection: apsw.Connection, wanted: RunFilter, after: RunCursor | None, limit: int
) -> Query | None:
    match = text_query(connection, wanted.text)
    if not match:
        return None
    where = _where(wanted, wanted.profile_id, sorted(wanted.statuses))
    where.sql += " AND run_text MATCH ?"
    where.bindings.append(match)
    if after is not None:
        where.sql += " AND run_text.rowid < ?"
        where.bindings.append(after.number)
    return Query(
        f"SELECT {RUN_COLUMNS} FROM run_text CROSS JOIN runs ON number = run_text.rowid"
        f"{where.sql} ORDER BY run_text.rowid DESC LIMIT ?",
        [*where.bindings, limit],
    )


def _places(connection: apsw.Connection, wanted: RunFilter) -> list[tuple[str, RunStatus | None]]:
    """The stretches of an index that together hold what is wanted."""
    statuses: list[RunStatus | None] = [*sorted(wanted.statuses)] or [None]
    profiles = [wanted.profile_id]
    if not wanted.profile_id and (wanted.statuses or wanted.app_id or wanted.action):
        profiles = [row[0] for row in connection.execute(_PROFILES)] or [""]
        profiles = profiles if len(profiles) * len(statuses) <= _MOST_BRANCHES else [""]
    return [(profile_id, status) for profile_id in profiles for status in statuses]


def _where(wanted: RunFilter, profile_id: str, statuses: list[RunStatus]) -> Query:
    where = Query(" WHERE TRUE")
    if profile_id:
        where.sql += " AND profile_id = ?"
        where.bindings.append(profile_id)
    if len(statuses) == 1:
        where.sql += " AND status = ?"
        where.bindings.append(statuses[0].value)
    elif statuses:
        where.sql += f" AND status IN ({', '.join('?' * len(statuses))})"
        where.bindings += [status.value for status in statuses]
    app_id = wanted.app_id or (wanted.action.app_id if wanted.action else "")
    if app_id:
        where.sql += " AND app_id = ?"
        where.bindings.append(app_id)
    if wanted.action:
        where.sql += " AND action_type = ? AND action_key = ?"
        where.bindings += [wanted.action.action_type, wanted.action.key]
    return where

"""Which statement answers a question about many runs, so that each walks an index.

Pages continue below a cursor; nothing is skipped by counting (OFFSET) and nothing is sorted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from zapdesk.domain.runs import Resolution, RunCursor, RunFilter, RunOrder, RunStatus
from zapdesk.storage import run_places
from zapdesk.storage.packing import storable
from zapdesk.storage.run_rows import RUN_COLUMNS
from zapdesk.storage.run_text import query as text_query
from zapdesk.storage.run_text import within, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import apsw

_MOST_BRANCHES = 200  # SQLite takes 500 SELECTs in one statement
_MOST_SIGNS = 50  # each is a list that is opened before the first run is found
_NOT_DELETED = " AND number NOT IN (SELECT run FROM deleted_runs)"

_LONGEST_RUN_MS = 3_600_000
"""How long a run took that is looked for by the time of its end: bounds the walk over an index."""


@dataclass(slots=True)
class Query:
    """A statement, or the end of one, and its bindings."""

    sql: str
    bindings: list[Any] = field(default_factory=list)

    def add(self, sql: str, *bindings: Any) -> None:
        """Append to both."""
        self.sql += sql
        self.bindings += bindings


def page_query(
    connection: apsw.Connection,
    wanted: RunFilter,
    after: RunCursor | None,
    limit: int,
    match: str = "",
) -> Query | None:
    """The statement for one page, newest first, or from the cursor up where it leads up; ``None``
    where nothing can be found.

    Runs found by text come in the order in which they were recorded, which is that of the
    index and, but for a clock that was set back, the order of their times. ``match`` takes the
    place of the query that their words make; a negative ``limit`` is none.
    """
    found = selection(connection, wanted, RUN_COLUMNS, after, match=match)
    if found is not None:
        in_order(found, wanted, limit, is_up=after is not None and after.is_up)
    return found


def in_order(found: Query, wanted: RunFilter, limit: int, *, is_up: bool = False) -> None:
    """Have a selection give the newest first (``is_up``: the oldest), which is how its indexes
    are walked. Its columns need ``created_ms`` and ``number`` among them."""
    way = "ASC" if is_up else "DESC"
    if wanted.label:
        order = f"run_labels.at_ms {way}, run_labels.run {way}"
    elif wanted.text.strip() and not wanted.pinned:
        order = f"run_text.rowid {way}"
    else:
        order = f"created_ms {way}, number {way}"
    found.add(f" ORDER BY {order} LIMIT ?", limit)


def count_query(connection: apsw.Connection, wanted: RunFilter) -> Query | None:
    """The statement for ``status, count`` of all that fit, whatever statuses are wanted."""
    wanted = replace(wanted, statuses=frozenset())
    by_signs = _counts_of_words(connection, wanted)
    if by_signs is not None:
        return by_signs
    return selection(connection, wanted, "status, count(*)", grouped="status")


def _counts_of_words(connection: apsw.Connection, wanted: RunFilter) -> Query | None:
    """Where words and places are all that is asked for, the index of words counts alone."""
    match = text_query(words(connection, wanted.text))
    in_rows = RunFilter(wanted.profile_id, frozenset(), wanted.app_id, wanted.action, wanted.text,
                        wanted.connection_id, up_to=wanted.up_to)  # fmt: skip
    places = run_places.fitting(connection, wanted)
    if len(places) == run_places.count(connection):
        places = []
    elif not 0 < len(places) <= _MOST_BRANCHES:
        return None
    if not match or wanted != in_rows:
        return None
    unseen = is_anything_deleted(connection)
    counts = Query("")
    for status in RunStatus:
        if not _occurs(connection, wanted.profile_id, status):
            continue  # each costs as much as the search itself
        counts.add(
            (" UNION ALL " if counts.sql else "")
            + "SELECT ?, count(*) FROM run_text WHERE run_text MATCH ?",
            status.value,
            within(match, [status], places),
        )
        if unseen:
            counts.add(" AND rowid NOT IN (SELECT run FROM deleted_runs)")
        if wanted.up_to is not None:
            counts.add(" AND rowid <= ?", wanted.up_to)
    return counts if counts.sql else None


def _occurs(connection: apsw.Connection, profile_id: str, status: RunStatus) -> bool:
    among = [profile_id] if profile_id else run_places.profiles(connection)
    sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE profile_id = ? AND status = ?)"
    return any(connection.execute(sql, (one, status.value)).get for one in among)


def selection(
    connection: apsw.Connection,
    wanted: RunFilter,
    columns: str,
    after: RunCursor | None = None,
    grouped: str = "",
    one_in: int = 1,
    match: str = "",
) -> Query | None:
    """The statement for ``columns`` of all that fit, below ``after``, in no order of its own.

    ``None`` where nothing can be found. With ``grouped`` each of its branches is grouped so;
    ``one_in`` takes but one of so many, evenly spread.
    """
    if run_places.narrows(wanted) and not run_places.fitting(connection, wanted):
        return None
    tail = Query("")
    if one_in > 1:
        tail.add(" AND number % ? = 0", one_in)
    if wanted.up_to is not None:
        tail.add(" AND number <= ?", wanted.up_to)
    if is_anything_deleted(connection):
        tail.add(_NOT_DELETED)
    if grouped:
        tail.add(f" GROUP BY {grouped}")
    if wanted.text.strip():
        branches = _by_text(connection, wanted, after, match)
    elif wanted.pinned or wanted.label:
        branches = [_by_person(connection, wanted, after)]
    else:
        branches = list(_by_facts(connection, wanted, after))
    if not branches:
        return None
    # Each branch walks its index in order, and SQLite merges them without sorting.
    return Query(
        " UNION ALL ".join(f"SELECT {columns} FROM {branch.sql}{tail.sql}" for branch in branches),
        [value for branch in branches for value in (*branch.bindings, *tail.bindings)],
    )


def is_anything_deleted(connection: apsw.Connection) -> bool:
    """Whether there are runs that are out of sight."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM deleted_runs)").get)


def _by_facts(
    connection: apsw.Connection, wanted: RunFilter, after: RunCursor | None
) -> Iterable[Query]:
    """Stretches of an index that together hold what is wanted."""
    statuses: list[RunStatus | None] = [*sorted(wanted.statuses)] or [None]
    column, places = "profile_id", list[Any]([wanted.profile_id])
    if run_places.narrows(wanted):
        column, places = "place", list[Any](run_places.fitting(connection, wanted))
    elif not wanted.profile_id and wanted.statuses:
        places = list[Any](run_places.profiles(connection))
    if len(places) * len(statuses) > _MOST_BRANCHES:
        # So many of them are most of what there is, and are met soon on the way down.
        branch = Query("runs WHERE TRUE")
        _narrow(connection, branch, wanted)
        _between(branch, wanted, after, "created_ms", "number")
        yield branch
        return
    for place in places:
        for status in statuses:
            branch = Query("runs WHERE TRUE")
            if place != "":
                branch.add(f" AND {column} = ?", place)
            if status is not None:
                branch.add(" AND status = ?", status.value)
            _between(branch, wanted, after, "created_ms", "number")
            yield branch


def _by_person(connection: apsw.Connection, wanted: RunFilter, after: RunCursor | None) -> Query:
    """Along the few that somebody marked, looking at each for everything else."""
    if wanted.label:
        branch = Query("run_labels CROSS JOIN runs ON number = run_labels.run WHERE label = ?")
        branch.bindings.append(wanted.label)
        _between(branch, wanted, after, "run_labels.at_ms", "run_labels.run")
        if wanted.pinned:
            branch.add(" AND pinned")
    else:
        branch = Query("runs INDEXED BY runs_pinned WHERE pinned")
        _between(branch, wanted, after, "created_ms", "number")
    _narrow(connection, branch, wanted)
    if wanted.text.strip():
        match = text_query(words(connection, wanted.text))
        branch.add(
            " AND EXISTS (SELECT 1 FROM run_text WHERE run_text MATCH ? AND rowid = number)", match
        ) if match else branch.add(" AND FALSE")
    return branch


def _by_text(
    connection: apsw.Connection, wanted: RunFilter, after: RunCursor | None, match: str
) -> list[Query]:
    """Along the index of words; nothing where the text has no words."""
    match = match or text_query(words(connection, wanted.text))
    if not match:
        return []
    if wanted.pinned or wanted.label:
        return [_by_person(connection, wanted, after)]
    branch = Query("run_text CROSS JOIN runs ON number = run_text.rowid WHERE run_text MATCH ?")
    places = run_places.fitting(connection, wanted)
    if not places:
        return []
    if len(places) > _MOST_SIGNS or len(places) == run_places.count(connection):
        places = []  # the rows tell, and are met soon where so many fit
    branch.bindings.append(within(match, sorted(wanted.statuses), places))
    _narrow(connection, branch, wanted)
    _between(branch, wanted, None, "created_ms", "number")
    if wanted.since_ms is not None or wanted.before_ms is not None:
        low, high = _numbers_between(connection, wanted)
        branch.add(" AND run_text.rowid BETWEEN ? AND ?", low, high)
    if after is not None:
        branch.add(f" AND run_text.rowid {_side(after)} ?", after.number)
    return [branch]


def _numbers_between(connection: apsw.Connection, wanted: RunFilter) -> tuple[int, int]:
    """The lowest and the highest number of all runs in the time that is wanted."""
    stretch = Query("SELECT min(number), max(number) FROM runs WHERE TRUE")
    _between(stretch, RunFilter(since_ms=wanted.since_ms, before_ms=wanted.before_ms), None,
             "created_ms", "number")  # fmt: skip
    low, high = next(connection.execute(stretch.sql, stretch.bindings))
    return (low, high) if low is not None else (1, 0)


def _between(
    branch: Query, wanted: RunFilter, after: RunCursor | None, time: str, number: str
) -> None:
    if wanted.since_ms is not None:
        branch.add(f" AND {time} >= ?", wanted.since_ms)
    if wanted.before_ms is not None:
        branch.add(f" AND {time} < ?", wanted.before_ms)
    if after is not None:
        words = f" AND ({time}, {number}) {_side(after)} (?, ?)"
        branch.add(words, after.created_ms, after.number)


def _side(cursor: RunCursor) -> str:
    return ">" if cursor.is_up else "<"


def _narrow(connection: apsw.Connection, branch: Query, wanted: RunFilter) -> None:
    """By rows: the status, and the place or the profile."""
    if wanted.statuses:
        statuses = sorted(status.value for status in wanted.statuses)
        branch.add(f" AND status IN ({', '.join('?' * len(statuses))})", *statuses)
    if run_places.narrows(wanted):
        places = ", ".join(map(str, run_places.fitting(connection, wanted)))
        branch.add(f" AND +place IN ({places})")
    elif wanted.profile_id:
        branch.add(" AND +profile_id = ?", wanted.profile_id)


def like_query(order: RunOrder, body: bytes, since_ms: int) -> Query:
    """The statement for the newest run with these very inputs, to the same action over the same
    connection, that began or ended since ``since_ms`` and may have had effects. One that a person
    found not to have happened does not count."""
    harmless = [status.value for status in RunStatus if not status.may_have_run]
    return Query(
        f"SELECT {RUN_COLUMNS} FROM runs"
        " WHERE place = (SELECT number FROM run_places WHERE profile_id = ? AND app_id = ?"
        " AND action_type = ? AND action_key = ? AND authentication_id = ?)"
        " AND NOT is_foreign AND created_ms >= ? AND max(created_ms, coalesce(ended_ms, 0)) >= ?"
        f" AND status NOT IN ({', '.join('?' * len(harmless))}) AND resolution IS NOT ?"
        " AND (SELECT inputs_sha256 FROM run_bodies WHERE run = number) = ?"
        " ORDER BY created_ms DESC, number DESC LIMIT 1",
        [
            storable(order.profile_id),
            storable(order.action.app_id),
            storable(order.action.action_type),
            storable(order.action.key),
            storable(order.authentication_id or ""),
            since_ms - _LONGEST_RUN_MS,
            since_ms,
            *harmless,
            Resolution.DID_NOT.value,
            hashlib.sha256(body).digest(),
        ],
    )

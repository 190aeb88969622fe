"""Which process looks after which run, in its caller's transaction.

A row names its owner; a living owner's rows are never touched. A waiting run without a living
owner is anybody's, and of several processes that take it one gets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.domain.runs import RunStatus
from zapdesk.storage import run_text
from zapdesk.storage.packing import dump
from zapdesk.storage.run_changes import tell, update

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    import apsw

_NOBODY = ""
_DEAD = "owner_id NOT IN (SELECT value FROM json_each(?))"


def settle(connection: apsw.Connection, alive: AbstractSet[str], now_ms: int) -> list[int]:
    """What dead processes were sending has an unknown outcome from now on; the rows' numbers."""
    found: list[Any] = connection.execute(
        f"SELECT number FROM runs WHERE status = 'submitting' AND NOT is_foreign AND {_DEAD}",
        (dump(sorted(alive)),),
    ).fetchall()
    numbers = [row[0] for row in found]
    for number in numbers:
        ended = {"status": RunStatus.UNKNOWN.value, "ended_ms": now_ms}
        update(connection, "runs", "number", number, ended)
        line = "zapdesk ended while this was being sent: it may have run."
        tell(connection, number, now_ms, RunStatus.UNKNOWN, line)
        run_text.index(connection, number)
    return numbers


def take_over(
    connection: apsw.Connection,
    owner_id: str,
    alive: AbstractSet[str],
    profile_id: str,
    *,
    only: str | None,
    skip: Iterable[str],
) -> list[int]:
    """Make the waiting runs of the dead ours; their rows' numbers, those first that the server
    forgets first."""
    found: list[Any] = connection.execute(
        f"SELECT number FROM runs WHERE status = 'waiting' AND NOT is_foreign AND {_DEAD}"
        " AND profile_id = ?"
        " AND (? IS NULL OR id = ?) AND id NOT IN (SELECT value FROM json_each(?))"
        " ORDER BY coalesce(accepted_ms, created_ms), number",
        (dump(sorted(alive)), profile_id, only, only, dump(sorted(skip))),
    ).fetchall()
    numbers = [row[0] for row in found]
    for number in numbers:
        update(connection, "runs", "number", number, {"owner_id": owner_id})
    return numbers


def release(connection: apsw.Connection, owner_id: str, ids: Iterable[str]) -> None:
    """Leave waiting runs of ours to whoever wants to look after them."""
    connection.execute(
        "UPDATE runs SET owner_id = ? WHERE owner_id = ? AND status = 'waiting'"
        " AND id IN (SELECT value FROM json_each(?))",
        (_NOBODY, owner_id, dump(sorted(ids))),
    )

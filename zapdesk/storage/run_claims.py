"""Which process looks after which run, in its caller's transaction.

A row names its owner; a living owner's rows are never touched. A waiting run without a living
owner is anybody's, and of several processes that take it one gets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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


def _settle(connection: apsw.Connection, alive: AbstractSet[str], now_ms: int) -> list[int]:
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


class Claim(NamedTuple):
    """Which waiting runs somebody wants to look after: those of a profile and, where it is known,
    of an account; ``only`` narrows it to one run, ``skip`` leaves runs out."""

    profile_id: str
    account: str = ""
    only: str | None = None
    skip: frozenset[str] = frozenset()


def recover(
    connection: apsw.Connection,
    owner_id: str,
    alive: AbstractSet[str],
    now_ms: int,
    claim: Claim,
) -> tuple[list[int], list[int], list[int]]:
    """What dead processes left, as the rows' numbers: runs of unknown outcome, those that are
    ours now, and those of another account, which are left: our token cannot see them."""
    unknown = _settle(connection, alive, now_ms)
    mine = _take_over(connection, owner_id, alive, claim)
    return unknown, mine, _of_others(connection, alive, claim) if claim.account else []


def _take_over(
    connection: apsw.Connection, owner_id: str, alive: AbstractSet[str], claim: Claim
) -> list[int]:
    """Those first that the server forgets first."""
    found: list[Any] = connection.execute(
        f"SELECT number FROM runs WHERE status = 'waiting' AND NOT is_foreign AND {_DEAD}"
        " AND profile_id = ? AND (account IN ('', ?) OR ? = '')"
        " AND (? IS NULL OR id = ?) AND id NOT IN (SELECT value FROM json_each(?))"
        " ORDER BY coalesce(accepted_ms, created_ms), number",
        (
            dump(sorted(alive)),
            claim.profile_id,
            claim.account,
            claim.account,
            claim.only,
            claim.only,
            dump(sorted(claim.skip)),
        ),
    ).fetchall()
    numbers = [row[0] for row in found]
    for number in numbers:
        update(connection, "runs", "number", number, {"owner_id": owner_id})
    return numbers


def _of_others(connection: apsw.Connection, alive: AbstractSet[str], claim: Claim) -> list[int]:
    found: list[Any] = connection.execute(
        f"SELECT number FROM runs WHERE status = 'waiting' AND NOT is_foreign AND {_DEAD}"
        " AND profile_id = ? AND account NOT IN ('', ?)",
        (dump(sorted(alive)), claim.profile_id, claim.account),
    ).fetchall()
    return [row[0] for row in found]


def release(connection: apsw.Connection, owner_id: str, ids: Iterable[str]) -> None:
    """Leave waiting runs of ours to whoever wants to look after them."""
    connection.execute(
        "UPDATE runs SET owner_id = ? WHERE owner_id = ? AND status = 'waiting'"
        " AND id IN (SELECT value FROM json_each(?))",
        (_NOBODY, owner_id, dump(sorted(ids))),
    )

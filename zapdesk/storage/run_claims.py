"""Which process looks after which run, in its caller's transaction.

A row names its owner; a living owner's rows are never touched. A waiting run without a living
owner is anybody's, and of several processes that take it one gets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from zapdesk.domain.profiles import SANDBOX_ID
from zapdesk.domain.runs import RunStatus
from zapdesk.storage import run_text
from zapdesk.storage.packing import dump
from zapdesk.storage.run_changes import tell, update

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    import apsw

_NOBODY = ""
_API = "/v2/"
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
    """Which waiting runs somebody wants to look after: those of a profile and, where they are
    known, of an account and of the ``server`` at an address, which is empty for the sandbox;
    ``only`` narrows it to one run, ``skip`` leaves runs out."""

    profile_id: str
    account: str = ""
    only: str | None = None
    skip: frozenset[str] = frozenset()
    server: str | None = None


class Found(NamedTuple):
    """What dead processes left, as the rows' numbers: runs of unknown outcome, those that are
    ours now, and those that are left: of another account, or sent to another server. Our token
    cannot see them."""

    unknown: list[int]
    mine: list[int]
    of_others: list[int]
    at_others: list[int]


def recover(
    connection: apsw.Connection,
    owner_id: str,
    alive: AbstractSet[str],
    now_ms: int,
    claim: Claim,
) -> Found:
    """Take over what dead processes left; those come first that the server forgets first."""
    found = Found(_settle(connection, alive, now_ms), [], [], [])
    waiting: list[Any] = connection.execute(
        "SELECT number, id, account, in_sandbox OR profile_id = ?,"
        " (SELECT url FROM exchanges WHERE run = runs.number ORDER BY exchanges.number LIMIT 1)"
        f" FROM runs WHERE status = 'waiting' AND NOT is_foreign AND {_DEAD} AND profile_id = ?"
        " ORDER BY coalesce(accepted_ms, created_ms), number",
        (SANDBOX_ID, dump(sorted(alive)), claim.profile_id),
    ).fetchall()
    for number, id_, account, is_in_sandbox, url in waiting:
        if not _is_there(claim.server, url or "", is_in_sandbox=bool(is_in_sandbox)):
            found.at_others.append(number)
        elif claim.account and account not in ("", claim.account):
            found.of_others.append(number)
        elif claim.only in (None, id_) and id_ not in claim.skip:
            update(connection, "runs", "number", number, {"owner_id": owner_id})
            found.mine.append(number)
    return found


def _is_there(server: str | None, url: str, *, is_in_sandbox: bool) -> bool:
    """Whether a run was sent to ``server``, by what was asked there; where nothing is on record,
    it is believed."""
    if server is None:
        return True
    if is_in_sandbox or not server:
        # Early versions did not write down that it was the sandbox, which has no name.
        return not server and (is_in_sandbox or not url.startswith("https:"))
    return _API not in url or url.startswith(server + _API)


def release(connection: apsw.Connection, owner_id: str, ids: Iterable[str]) -> None:
    """Leave waiting runs of ours to whoever wants to look after them."""
    connection.execute(
        "UPDATE runs SET owner_id = ? WHERE owner_id = ? AND status = 'waiting'"
        " AND id IN (SELECT value FROM json_each(?))",
        (_NOBODY, owner_id, dump(sorted(ids))),
    )

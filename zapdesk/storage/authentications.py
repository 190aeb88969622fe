"""Which connection was used last, and attempts at making one. No credential ever comes here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.domain.connections import AttemptStatus, ConnectionAttempt
from zapdesk.storage.packing import dump, load, storable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import apsw

    from zapdesk.storage.database import Database

_COLUMNS = "id, app_id, title, names, created_ms, status, known_ids"
_KEPT = 200
"""Attempts that are kept for each profile, beside those that are open."""


class AuthenticationStore:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self, profile_id: str, app_id: str) -> str | None:
        """The id of the connection that was used last with an app."""
        row: Any = await self._database.read(
            lambda connection: connection.execute(
                "SELECT authentication_id FROM last_connections"
                " WHERE profile_id = ? AND app_id = ?",
                (profile_id, storable(app_id)),
            ).fetchone()
        )
        return None if row is None else row[0]

    async def note_last(
        self, profile_id: str, app_id: str, authentication_id: str, at_ms: int
    ) -> None:
        """Remember which connection was used."""
        row = (profile_id, storable(app_id), storable(authentication_id), at_ms)
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO last_connections VALUES (?, ?, ?, ?)", row
            )
        )

    async def add(self, profile_id: str, owner_id: str, attempt: ConnectionAttempt) -> None:
        """Write down an attempt before anything of it is sent."""
        row = (
            attempt.id,
            profile_id,
            owner_id,
            storable(attempt.app_id),
            storable(attempt.title),
            dump(list(attempt.names)),
            dump(None if attempt.known_ids is None else list(attempt.known_ids)),
            attempt.status.value,
            attempt.created_ms,
        )

        def work(connection: apsw.Connection) -> None:
            connection.execute(
                "INSERT INTO connection_attempts (id, profile_id, owner_id, app_id, title, names,"
                " known_ids, status, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            connection.execute(
                "DELETE FROM connection_attempts WHERE number IN (SELECT number FROM"
                " connection_attempts WHERE profile_id = ? AND status NOT IN (?, ?)"
                " ORDER BY created_ms DESC LIMIT -1 OFFSET ?)",
                (profile_id, AttemptStatus.SUBMITTING, AttemptStatus.UNKNOWN, _KEPT),
            )

        await self._database.write(work)

    async def end(self, attempt_id: str, status: AttemptStatus) -> None:
        """Write down what became of an attempt."""
        sql = "UPDATE connection_attempts SET status = ? WHERE id = ?"
        await self._database.write(lambda c: c.execute(sql, (status.value, attempt_id)))

    async def forget(self, attempt_id: str) -> None:
        """A person has settled what became of an attempt."""
        sql = "DELETE FROM connection_attempts WHERE id = ?"
        await self._database.write(lambda c: c.execute(sql, (attempt_id,)))

    async def unknown(self, profile_id: str) -> tuple[ConnectionAttempt, ...]:
        """The attempts of a profile of which nobody knows what became, the oldest first."""
        rows: list[Any] = await self._database.read(
            lambda connection: connection.execute(
                f"SELECT {_COLUMNS} FROM connection_attempts"
                " WHERE profile_id = ? AND status = ? ORDER BY number",
                (profile_id, AttemptStatus.UNKNOWN.value),
            ).fetchall()
        )
        return tuple(map(_attempt, rows))

    async def names(self, profile_id: str, app_id: str) -> tuple[str, ...]:
        """The names of the fields with which a connection to an app was made last."""
        row: Any = await self._database.read(
            lambda connection: connection.execute(
                "SELECT names FROM connection_attempts WHERE profile_id = ? AND app_id = ?"
                " AND status = ? ORDER BY created_ms DESC LIMIT 1",
                (profile_id, storable(app_id), AttemptStatus.MADE.value),
            ).fetchone()
        )
        return () if row is None else tuple(load(row[0]))

    async def recover(self, living: Callable[[], Collection[str]]) -> None:
        """Call *unknown* what processes that have ended were sending."""

        def work(connection: apsw.Connection) -> None:
            rows = connection.execute(
                "SELECT DISTINCT owner_id FROM connection_attempts WHERE status = ?",
                (AttemptStatus.SUBMITTING.value,),
            ).fetchall()
            alive = set(living()) if rows else set()
            for (owner,) in rows:
                if owner not in alive:
                    connection.execute(
                        "UPDATE connection_attempts SET status = ?"
                        " WHERE status = ? AND owner_id = ?",
                        (AttemptStatus.UNKNOWN.value, AttemptStatus.SUBMITTING.value, owner),
                    )

        await self._database.write(work)


def _attempt(row: Any) -> ConnectionAttempt:
    id, app_id, title, names, created_ms, status, known_ids = row
    known = load(known_ids)
    return ConnectionAttempt(
        id=id,
        app_id=app_id,
        title=title,
        names=tuple(load(names)),
        created_ms=created_ms,
        status=AttemptStatus(status),
        known_ids=None if known is None else tuple(known),
    )

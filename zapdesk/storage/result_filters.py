"""Filters that were used on results, by action, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.storage.packing import storable

if TYPE_CHECKING:
    import apsw

    from zapdesk.domain.catalog import ActionKey
    from zapdesk.storage.database import Database

_KEPT = 200
_TOLD = 30


class ResultFilters:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, action: ActionKey, expression: str, at_ms: int) -> None:
        """Note that ``expression`` was used; the oldest beyond a few hundred are let go."""
        row = (*_of(action), storable(expression), at_ms)

        def work(connection: apsw.Connection) -> None:
            connection.execute(
                "INSERT INTO result_filters (app_id, action_type, action_key, expression, used_ms)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (app_id, action_type, action_key, expression)"
                " DO UPDATE SET used_ms = excluded.used_ms",
                row,
            )
            connection.execute(
                "DELETE FROM result_filters WHERE number NOT IN"
                " (SELECT number FROM result_filters ORDER BY used_ms DESC LIMIT ?)",
                (_KEPT,),
            )

        await self._database.write(work)

    async def used(self, action: ActionKey) -> tuple[str, ...]:
        """Those of this action first, then others, each once."""
        rows: list[Any] = await self._database.read(
            lambda connection: connection.execute(
                "SELECT expression FROM result_filters GROUP BY expression"
                " ORDER BY max((app_id, action_type, action_key) = (?, ?, ?)) DESC,"
                " max(used_ms) DESC LIMIT ?",
                (*_of(action), _TOLD),
            ).fetchall()
        )
        return tuple(row[0] for row in rows)


def _of(action: ActionKey) -> tuple[str, str, str]:
    return storable(action.app_id), storable(action.action_type), storable(action.key)

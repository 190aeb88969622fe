"""Which fields of which actions a person marked as sensitive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.storage.packing import storable

if TYPE_CHECKING:
    import apsw

    from zapdesk.storage.database import Database


class SensitiveFields:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[ActionKey, frozenset[str]]:
        """Every mark there is, by action."""
        sql = "SELECT app_id, action_type, action_key, field_id FROM sensitive_fields"
        rows: list[Any] = await self._database.read(lambda c: c.execute(sql).fetchall())
        found: dict[ActionKey, frozenset[str]] = {}
        for *action, field_id in rows:
            key = ActionKey(*action)
            found[key] = found.get(key, frozenset()) | {field_id}
        return found

    async def put(self, action: ActionKey, field_id: str, is_sensitive: bool) -> None:
        """Mark a field, or take its mark away."""
        row = tuple(map(storable, (action.app_id, action.action_type, action.key, field_id)))

        def work(connection: apsw.Connection) -> None:
            connection.execute(
                "INSERT OR IGNORE INTO sensitive_fields VALUES (?, ?, ?, ?)"
                if is_sensitive
                else "DELETE FROM sensitive_fields WHERE (app_id, action_type, action_key,"
                " field_id) = (?, ?, ?, ?)",
                row,
            )

        await self._database.write(work)

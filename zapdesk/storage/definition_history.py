"""Every form definition that was fetched, by its hash, and when which one was seen."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.definitions import Sighting
from zapdesk.storage.packing import pack, storable, unpack

if TYPE_CHECKING:
    import apsw

    from zapdesk.storage.database import Database

_BY_HASH = b"\x02"  # beside the codings of packed bytes: what follows is a hash


class DefinitionHistory:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def see(
        self,
        profile_id: str,
        action: ActionKey,
        definition: str,
        at_ms: int,
        *,
        authentication_id: str | None = None,
        variant: str = "",
    ) -> Sighting | None:
        """Note that this is the action's form now; what it was before, if it was different.

        Forms of different connections, and different ``variant`` names of what brought the
        form, have nothing to do with each other.
        """
        digest = _digest(definition)
        key = (
            profile_id,
            *(storable(part) for part in _parts(action)),
            storable(authentication_id or ""),
            variant,
        )

        def work(connection: apsw.Connection) -> Any:
            keep_definition(connection, definition)
            last: Any = connection.execute(
                "SELECT number, hash, document, first_ms, last_ms FROM definition_sightings"
                " JOIN definitions USING (hash)"
                " WHERE profile_id = ? AND app_id = ? AND action_type = ? AND action_key = ?"
                " AND authentication_id = ? AND variant = ? ORDER BY number DESC LIMIT 1",
                key,
            ).fetchone()
            if last is not None and last[1] == digest:
                connection.execute(
                    "UPDATE definition_sightings SET last_ms = ? WHERE number = ?",
                    (at_ms, last[0]),
                )
                return None
            connection.execute(
                "INSERT INTO definition_sightings (profile_id, app_id, action_type, action_key,"
                " authentication_id, variant, hash, first_ms, last_ms)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*key, digest, at_ms, at_ms),
            )
            return last

        row = await self._database.write(work)
        return None if row is None else Sighting(unpack(row[2]).decode(), row[3], row[4])

    async def history(self, profile_id: str, action: ActionKey) -> tuple[Sighting, ...]:
        """Every form the action was seen with, newest first."""
        rows: list[Any] = await self._database.read(
            lambda connection: connection.execute(
                "SELECT document, first_ms, last_ms FROM definition_sightings"
                " JOIN definitions USING (hash)"
                " WHERE profile_id = ? AND app_id = ? AND action_type = ? AND action_key = ?"
                " ORDER BY number DESC",
                (profile_id, *(storable(part) for part in _parts(action))),
            ).fetchall()
        )
        return tuple(Sighting(unpack(blob).decode(), first, last) for blob, first, last in rows)


def keep_definition(connection: apsw.Connection, definition: str) -> bytes | None:
    """Keep a definition once, and give what stands for it in a row: ``None`` for an empty one."""
    if not definition:
        return None
    digest = _digest(definition)
    connection.execute(
        "INSERT OR IGNORE INTO definitions (hash, document) VALUES (?, ?)",
        (digest, pack(definition.encode())),
    )
    return _BY_HASH + digest


def definition_of(connection: apsw.Connection, kept: bytes | None) -> str:
    """The definition that `keep_definition` gave ``kept`` for."""
    if kept is None:
        return ""
    if not kept.startswith(_BY_HASH):
        return unpack(kept).decode()
    row: Any = connection.execute(
        "SELECT document FROM definitions WHERE hash = ?", (kept[len(_BY_HASH) :],)
    ).fetchone()
    return "" if row is None else unpack(row[0]).decode()


def _digest(definition: str) -> bytes:
    return sha256(definition.encode()).digest()


def _parts(action: ActionKey) -> tuple[str, str, str]:
    return action.app_id, action.action_type, action.key

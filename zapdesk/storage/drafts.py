"""Drafts and presets: what was put into forms and not sent yet. Never a PASSWORD value.

A draft is kept for each open form and goes with it; a preset has a name and stays until somebody
deletes it, which can be undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.drafts import Draft, Preset, free_name
from zapdesk.domain.filling import Filling
from zapdesk.errors import InvalidInput
from zapdesk.storage.packing import pack, storable, unpack

if TYPE_CHECKING:
    import apsw

    from zapdesk.storage.database import Database

MOST_NAME = 200
"""Characters of a preset's name."""

_OF_ACTION = "profile_id = ? AND app_id = ? AND action_type = ? AND action_key = ?"


class Drafts:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, profile_id: str, draft: Draft) -> None:
        """Keep a draft in the place of the one before; an empty one is removed."""
        key = (profile_id, draft.place, *_stored(draft.action))

        def work(connection: apsw.Connection) -> None:
            connection.execute(f"DELETE FROM drafts WHERE place = ?2 AND {_DRAFT_KEY}", key)
            if not draft.filling.is_empty or draft.authentication_id is not None:
                connection.execute(
                    "INSERT INTO drafts (profile_id, place, app_id, action_type, action_key,"
                    " authentication_id, filling, saved_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*key, draft.authentication_id, pack(draft.filling.write()), draft.saved_ms),
                )

        await self._database.write(work)

    async def find(self, profile_id: str, place: str, action: ActionKey) -> Draft | None:
        """The draft of an action at a place."""
        key = (profile_id, place, *_stored(action))
        row: Any = await self._database.read(
            lambda connection: connection.execute(
                f"SELECT authentication_id, filling, saved_ms FROM drafts"
                f" WHERE place = ?2 AND {_DRAFT_KEY}",
                key,
            ).fetchone()
        )
        return None if row is None else Draft(place, action, row[0], _filling(row[1]), row[2])

    async def drop_place(self, profile_id: str, place: str) -> None:
        """Forget every draft of a place, for example of a tab that was closed."""
        await self._database.write(
            lambda connection: _none(
                connection.execute(
                    "DELETE FROM drafts WHERE profile_id = ? AND place = ?", (profile_id, place)
                )
            )
        )

    async def presets(self, profile_id: str, action: ActionKey) -> tuple[Preset, ...]:
        """The presets of an action, by name."""
        rows: list[Any] = await self._database.read(
            lambda connection: connection.execute(
                "SELECT number, name, filling, definition, saved_ms FROM presets"
                f" WHERE {_OF_ACTION} AND deleted_ms IS NULL ORDER BY name COLLATE NOCASE",
                (profile_id, *_stored(action)),
            ).fetchall()
        )
        return tuple(
            Preset(number, action, name, _filling(filling), unpack(form).decode(), saved_ms)
            for number, name, filling, form, saved_ms in rows
        )

    async def save_preset(
        self,
        profile_id: str,
        action: ActionKey,
        name: str,
        filling: Filling,
        definition: str,
        saved_ms: int,
        *,
        replace: bool = False,
    ) -> None:
        """Save a preset. Raises InvalidInput where the name is taken, unless ``replace``."""
        name = checked_name(name)
        key = (profile_id, *_stored(action), name)
        body = (pack(filling.write()), pack(definition.encode()), saved_ms)

        def work(connection: apsw.Connection) -> bool:
            found = connection.execute(
                f"SELECT number FROM presets WHERE {_OF_ACTION} AND name = ?"
                " AND deleted_ms IS NULL",
                key,
            ).fetchone()
            if found is None:
                connection.execute(
                    "INSERT INTO presets (profile_id, app_id, action_type, action_key, name,"
                    " filling, definition, saved_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*key, *body),
                )
            elif replace:
                connection.execute(
                    "UPDATE presets SET filling = ?, definition = ?, saved_ms = ? WHERE number = ?",
                    (*body, found[0]),
                )
            return found is None or replace

        if not await self._database.write(work):
            raise InvalidInput(f"There is a preset called '{name}' already.")

    async def rename_preset(self, number: int, name: str) -> None:
        """Give a preset another name. Raises InvalidInput where that is taken."""
        name = checked_name(name)

        def work(connection: apsw.Connection) -> bool:
            taken = connection.execute(
                "SELECT 1 FROM presets AS other JOIN presets AS mine ON mine.number = ?1"
                " WHERE other.number <> ?1 AND other.deleted_ms IS NULL AND other.name = ?2"
                " AND (other.profile_id, other.app_id, other.action_type, other.action_key)"
                " = (mine.profile_id, mine.app_id, mine.action_type, mine.action_key)",
                (number, name),
            ).fetchone()
            if taken is None:
                connection.execute("UPDATE presets SET name = ? WHERE number = ?", (name, number))
            return taken is None

        if not await self._database.write(work):
            raise InvalidInput(f"There is a preset called '{name}' already.")

    async def delete_preset(self, number: int, at_ms: int) -> None:
        """Delete a preset; ``restore_preset`` brings it back."""
        await self._database.write(
            lambda connection: _none(
                connection.execute(
                    "UPDATE presets SET deleted_ms = ? WHERE number = ?", (at_ms, number)
                )
            )
        )

    async def restore_preset(self, number: int) -> None:
        """Bring a deleted preset back, under its name or, where that is taken, one like it."""

        def work(connection: apsw.Connection) -> None:
            row: Any = connection.execute(
                "SELECT profile_id, app_id, action_type, action_key, name FROM presets"
                " WHERE number = ?",
                (number,),
            ).fetchone()
            if row is None:
                return
            taken = {
                name
                for (name,) in connection.execute(
                    f"SELECT name FROM presets WHERE {_OF_ACTION} AND deleted_ms IS NULL", row[:4]
                )
            }
            connection.execute(
                "UPDATE presets SET deleted_ms = NULL, name = ? WHERE number = ?",
                (free_name(row[4], taken), number),
            )

        await self._database.write(work)

    async def sweep(self, before_ms: int) -> None:
        """Remove for good what was deleted before that time."""
        await self._database.write(
            lambda connection: _none(
                connection.execute("DELETE FROM presets WHERE deleted_ms < ?", (before_ms,))
            )
        )


_DRAFT_KEY = "profile_id = ?1 AND app_id = ?3 AND action_type = ?4 AND action_key = ?5"


def checked_name(name: str) -> str:
    """A preset's name as it is kept. Raises InvalidInput where it is none."""
    shown = " ".join(storable(name).split())
    if not shown:
        raise InvalidInput("A preset needs a name.")
    if len(shown) > MOST_NAME:
        raise InvalidInput(f"The name is longer than {MOST_NAME} characters.")
    return shown


def _stored(action: ActionKey) -> tuple[str, str, str]:
    return storable(action.app_id), storable(action.action_type), storable(action.key)


def _filling(blob: bytes) -> Filling:
    return Filling.read(unpack(blob))


def _none(cursor: object) -> None:
    # The cursor must not leave the thread of its connection.
    return None

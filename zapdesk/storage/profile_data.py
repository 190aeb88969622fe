"""What the store keeps for a profile besides its runs, and how that goes when the profile does.

Runs stay, with everything that was said of them; so does the name that they are called after.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from zapdesk.storage.packing import storable

if TYPE_CHECKING:
    import apsw

    from zapdesk.storage.database import Database

GOES = (
    *("apps", "catalogue_progress", "action_lists", "answers", "last_connections"),
    *("drafts", "presets", "open_tabs", "saved_filters"),
)
"""The tables whose rows are of no use without their profile."""
STAYS = (
    *("runs", "run_places", "definition_sightings", "ignored_places", "connection_attempts"),
    "former_profiles",
)
"""Those that tell of its runs, and what else was sent."""


class ProfileData:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, profile_id: str, name: str) -> None:
        """Remove what was kept for a profile, but for its runs and its name."""

        def work(connection: apsw.Connection) -> None:
            _clear(connection, profile_id)
            connection.execute(
                "INSERT OR REPLACE INTO former_profiles (profile_id, name) VALUES (?, ?)",
                (profile_id, storable(name)),
            )

        await self._database.write(work)

    async def sweep(self, living: Container[str]) -> None:
        """Remove what a window that was open wrote for profiles after they were removed: all but
        the ``living`` ones have nothing but their runs."""
        left = [profile_id for profile_id in await self.former_names() if profile_id not in living]

        def work(connection: apsw.Connection) -> None:
            for profile_id in left:
                _clear(connection, profile_id)

        if left:
            await self._database.write(work)

    async def former_names(self) -> Mapping[str, str]:
        """The names of removed profiles, by id."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                "SELECT profile_id, name FROM former_profiles"
            ).fetchall()
        )
        return {str(profile_id): str(name) for profile_id, name in rows}


def _clear(connection: apsw.Connection, profile_id: str) -> None:
    for table in GOES:
        connection.execute(f"DELETE FROM {table} WHERE profile_id = ?", (profile_id,))

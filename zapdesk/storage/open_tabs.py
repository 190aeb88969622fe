"""The tabs of the window: which action each one shows. What was typed there is in the drafts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.storage.packing import storable

if TYPE_CHECKING:
    import apsw

    from zapdesk.storage.database import Database

PLACES = "tab-"
"""Every tab's place begins with it, so that no other draft is taken for that of a closed tab."""


@dataclass(frozen=True, slots=True)
class OpenTab:
    """One tab. ``action`` is ``None`` where none was chosen yet; the titles are what it showed."""

    place: str
    action: ActionKey | None = None
    app_title: str = ""
    hex_color: str = ""
    action_title: str = ""
    authentication_id: str | None = None
    is_current: bool = False


class OpenTabs:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, profile_id: str) -> tuple[OpenTab, ...]:
        """The tabs that were open, in their order."""
        rows: list[Any] = await self._database.read(
            lambda connection: connection.execute(
                "SELECT place, app_id, action_type, action_key, app_title, hex_color, action_title,"
                " authentication_id, is_current FROM open_tabs WHERE profile_id = ?"
                " ORDER BY position",
                (profile_id,),
            ).fetchall()
        )
        return tuple(
            OpenTab(
                place,
                ActionKey(app_id, kind, key) if key else None,
                app_title,
                hex_color,
                action_title,
                authentication_id,
                bool(is_current),
            )
            for (
                place,
                app_id,
                kind,
                key,
                app_title,
                hex_color,
                action_title,
                authentication_id,
                is_current,
            ) in rows
        )

    async def keep(
        self, profile_id: str, tabs: Sequence[OpenTab], closing: Collection[str] = ()
    ) -> None:
        """These are the open tabs now.

        The drafts of other tabs are forgotten, but for those at the places in ``closing``.
        """
        kept = {tab.place for tab in tabs} | set(closing)
        rows = [
            (
                profile_id,
                tab.place,
                position,
                tab.is_current,
                *map(storable, _names(tab.action)),
                storable(tab.app_title),
                storable(tab.hex_color),
                storable(tab.action_title),
                tab.authentication_id,
            )
            for position, tab in enumerate(tabs)
        ]

        def work(connection: apsw.Connection) -> None:
            connection.execute("DELETE FROM open_tabs WHERE profile_id = ?", (profile_id,))
            connection.executemany(
                "INSERT INTO open_tabs (profile_id, place, position, is_current, app_id,"
                " action_type, action_key, app_title, hex_color, action_title, authentication_id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            drafts: list[Any] = connection.execute(
                "SELECT DISTINCT place FROM drafts WHERE profile_id = ? AND place GLOB ?",
                (profile_id, f"{PLACES}*"),
            ).fetchall()
            connection.executemany(
                "DELETE FROM drafts WHERE profile_id = ? AND place = ?",
                [(profile_id, place) for (place,) in drafts if place not in kept],
            )

        await self._database.write(work)


def _names(action: ActionKey | None) -> tuple[str, str, str]:
    return ("", "", "") if action is None else (action.app_id, action.action_type, action.key)

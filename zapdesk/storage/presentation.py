"""What a person keeps about how runs are shown: filters under a name.

A filter's own profile is not written down: it is that of whoever asks for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.history import SavedFilter
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.storage.packing import dump, load, storable

if TYPE_CHECKING:
    import apsw

    from zapdesk.storage.database import Database


class Presentation:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def filters(self, profile_id: str) -> tuple[SavedFilter, ...]:
        """The saved filters of a profile, in the order in which they were first saved."""
        rows: list[Any] = await self._database.read(
            lambda connection: connection.execute(
                "SELECT name, filter FROM saved_filters WHERE profile_id = ? ORDER BY number",
                (profile_id,),
            ).fetchall()
        )
        return tuple(SavedFilter(name, _filter_of(text)) for name, text in rows)

    async def save_filter(self, profile_id: str, saved: SavedFilter) -> None:
        """Keep a filter; one of the same name is replaced."""
        text = _text_of(saved.filter)

        def work(connection: apsw.Connection) -> None:
            connection.execute(
                "INSERT INTO saved_filters (profile_id, name, filter) VALUES (?, ?, ?)"
                " ON CONFLICT (profile_id, name) DO UPDATE SET filter = excluded.filter",
                (profile_id, storable(saved.name), text),
            )

        await self._database.write(work)

    async def delete_filter(self, profile_id: str, name: str) -> None:
        """Forget a filter."""
        sql = "DELETE FROM saved_filters WHERE profile_id = ? AND name = ?"
        await self._database.write(lambda c: c.execute(sql, (profile_id, storable(name))))


def _text_of(wanted: RunFilter) -> str:
    facts: dict[str, Any] = {
        "statuses": sorted(status.value for status in wanted.statuses),
        "app": wanted.app_id,
        "action": _parts(wanted.action),
        "connection": wanted.connection_id,
        "text": wanted.text,
        "since": wanted.since_ms,
        "before": wanted.before_ms,
        "pinned": wanted.pinned,
        "label": wanted.label,
    }
    return dump({name: value for name, value in facts.items() if value not in (None, "", [])})


def _parts(action: ActionKey | None) -> list[str] | None:
    return None if action is None else [action.app_id, action.action_type, action.key]


def _filter_of(text: str) -> RunFilter:
    facts: dict[str, Any] = load(text)
    known = {status.value for status in RunStatus}
    wanted = RunFilter(
        statuses=frozenset(RunStatus(word) for word in facts.get("statuses", ()) if word in known),
        app_id=facts.get("app", ""),
        connection_id=facts.get("connection", ""),
        text=facts.get("text", ""),
        since_ms=facts.get("since"),
        before_ms=facts.get("before"),
        pinned=facts.get("pinned", False),
        label=facts.get("label", ""),
    )
    return replace(wanted, action=ActionKey(*facts["action"])) if "action" in facts else wanted

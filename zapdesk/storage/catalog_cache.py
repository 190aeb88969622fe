"""CatalogCache: what was fetched from a server, with the time it was fetched, for use offline.

Everything belongs to a profile's id. Nothing here decides what is stale or fetches anything.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from zapdesk.domain.catalog import Action, ActionKey, App, Authentication
from zapdesk.domain.fields import Choice
from zapdesk.storage.catalog_rows import (
    ACTION_COLUMNS,
    APP_COLUMNS,
    action_of,
    apps_of,
    row_of_action,
    row_of_app,
)
from zapdesk.storage.packing import dump, load, pack, storable, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from zapdesk.storage.database import Database

T = TypeVar("T")

UNRANKED = 2**31 - 1
"""The rank of an app that only a search has found: behind everything the directory listed."""

KEPT_CHOICES = 2_000
"""Lists of choices that are kept for each profile; the oldest go first."""


@dataclass(frozen=True, slots=True)
class CatalogProgress:
    """How far the directory of apps has been fetched.

    ``next_url`` is where it goes on, ``total`` what the server says there are in all,
    ``fetched_ms`` Unix milliseconds of the last page.
    """

    next_url: str | None = None
    loaded: int = 0
    total: int | None = None
    fetched_ms: int = 0
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class Cached(Generic[T]):
    """Something fetched, and when (Unix milliseconds)."""

    value: T
    fetched_ms: int


class CatalogCache:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_apps(self, profile_id: str, apps: Sequence[App], first_rank: int | None) -> None:
        """Keep apps in the order given, the first at ``first_rank``.

        0 begins a new pass over the directory: what it does not bring again is dropped when
        `set_progress` says it is complete. ``None`` is for apps found by a search: they keep
        the rank they have, or come last.
        """
        rows = [
            (UNRANKED if first_rank is None else first_rank + place, *row_of_app(app))
            for place, app in enumerate(apps)
        ]
        rank = "rank = excluded.rank," if first_rank is not None else ""

        def work(connection: apsw.Connection) -> None:
            _ensure_progress(connection, profile_id)
            if first_rank == 0:
                connection.execute(
                    "UPDATE catalogue_progress SET round = round + 1 WHERE profile_id = ?",
                    (profile_id,),
                )
            (current,) = _one(
                connection, "SELECT round FROM catalogue_progress WHERE profile_id = ?", profile_id
            )
            connection.executemany(
                f"INSERT INTO apps (profile_id, round, rank, {APP_COLUMNS})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                f" ON CONFLICT (profile_id, id) DO UPDATE SET {rank} round = excluded.round,"
                " title = excluded.title, description = excluded.description,"
                " hex_color = excluded.hex_color, image = excluded.image,"
                " categories = excluded.categories, action_types = excluded.action_types,"
                " connect_url = excluded.connect_url, links_filled = excluded.links_filled",
                ((profile_id, current, *row) for row in rows),
            )

        await self._database.write(work)

    async def apps(self, profile_id: str) -> tuple[App, ...]:
        """Every app, by popularity."""
        return await self._database.read(
            lambda connection: apps_of(
                connection.execute(
                    f"SELECT {APP_COLUMNS} FROM apps WHERE profile_id = ? ORDER BY rank, rowid",
                    (profile_id,),
                )
            )
        )

    async def app(self, profile_id: str, app_id: str) -> App | None:
        """One app, if it is known."""
        found = await self._database.read(
            lambda connection: apps_of(
                connection.execute(
                    f"SELECT {APP_COLUMNS} FROM apps WHERE profile_id = ? AND id = ?",
                    (profile_id, storable(app_id)),
                )
            )
        )
        return found[0] if found else None

    async def progress(self, profile_id: str) -> CatalogProgress:
        """How far the directory has been fetched; all zero where it never was."""
        row: Any = await self._database.read(
            lambda connection: connection.execute(
                "SELECT next_url, loaded, total, fetched_ms, is_complete"
                " FROM catalogue_progress WHERE profile_id = ?",
                (profile_id,),
            ).fetchone()
        )
        if row is None:
            return CatalogProgress()
        next_url, loaded, total, fetched_ms, is_complete = row
        return CatalogProgress(next_url, loaded, total, fetched_ms, bool(is_complete))

    async def set_progress(self, profile_id: str, progress: CatalogProgress) -> None:
        """Remember how far it is. Where that is the end, apps that the directory no longer lists
        are dropped."""

        def work(connection: apsw.Connection) -> None:
            _ensure_progress(connection, profile_id)
            connection.execute(
                "UPDATE catalogue_progress SET next_url = ?, loaded = ?, total = ?,"
                " fetched_ms = ?, is_complete = ? WHERE profile_id = ?",
                (*astuple(progress), profile_id),
            )
            if progress.is_complete:
                connection.execute(
                    "DELETE FROM apps WHERE profile_id = ?1 AND round <"
                    " (SELECT round FROM catalogue_progress WHERE profile_id = ?1)",
                    (profile_id,),
                )

        await self._database.write(work)

    async def put_actions(
        self, profile_id: str, app_id: str, actions: Sequence[Action], fetched_ms: int
    ) -> None:
        """Keep the actions of an app in the place of those known before."""
        rows = [(place, *row_of_action(action)) for place, action in enumerate(actions)]

        def work(connection: apsw.Connection) -> None:
            key = (profile_id, storable(app_id))
            connection.execute("DELETE FROM action_lists WHERE profile_id = ? AND app_id = ?", key)
            connection.execute(
                "INSERT INTO action_lists (profile_id, app_id, fetched_ms) VALUES (?, ?, ?)",
                (*key, fetched_ms),
            )
            number = connection.last_insert_rowid()
            connection.executemany(
                f"INSERT INTO actions (list, position, {ACTION_COLUMNS})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((number, *row) for row in rows),
            )

        await self._database.write(work)

    async def actions(self, profile_id: str, app_id: str) -> Cached[tuple[Action, ...]] | None:
        """The actions of an app in the server's order; ``None`` where they were never fetched."""

        def work(connection: apsw.Connection) -> Cached[tuple[Action, ...]] | None:
            known = connection.execute(
                "SELECT number, fetched_ms FROM action_lists WHERE profile_id = ? AND app_id = ?",
                (profile_id, storable(app_id)),
            ).fetchone()
            if known is None:
                return None
            rows = connection.execute(
                f"SELECT {ACTION_COLUMNS} FROM actions WHERE list = ? ORDER BY position",
                (known[0],),
            )
            return Cached(tuple(action_of(row) for row in rows), known[1])

        return await self._database.read(work)

    async def all_actions(self, profile_id: str) -> tuple[Action, ...]:
        """The actions of every app whose actions were ever fetched."""
        columns = ", ".join(f"actions.{name}" for name in ACTION_COLUMNS.split(", "))
        return await self._database.read(
            lambda connection: tuple(
                action_of(row)
                for row in connection.execute(
                    f"SELECT {columns} FROM action_lists JOIN actions ON list = number"
                    " WHERE profile_id = ? ORDER BY number, position",
                    (profile_id,),
                )
            )
        )

    async def put_authentications(
        self,
        profile_id: str,
        app_id: str,
        authentications: Sequence[Authentication],
        fetched_ms: int,
    ) -> None:
        """Keep a person's connections with an app."""
        body = [[a.id, a.app_id, a.title, a.is_expired] for a in authentications]
        await self._put(profile_id, "authentications", [app_id], dump(body), fetched_ms)

    async def authentications(
        self, profile_id: str, app_id: str
    ) -> Cached[tuple[Authentication, ...]] | None:
        """The connections with an app as they were; ``None`` where they were never fetched."""
        row = await self._row(profile_id, "authentications", [app_id])
        return None if row is None else _authentications(*row)

    async def all_authentications(
        self, profile_id: str
    ) -> dict[str, Cached[tuple[Authentication, ...]]]:
        """By app, every list of connections that was ever fetched."""
        rows: list[Any] = await self._database.read(
            lambda connection: connection.execute(
                "SELECT question, body, fetched_ms FROM answers"
                " WHERE profile_id = ? AND kind = 'authentications' ORDER BY number",
                (profile_id,),
            ).fetchall()
        )
        return {load(question)[0]: _authentications(body, at) for question, body, at in rows}

    async def forget_person(self, profile_id: str) -> None:
        """Drop what was fetched for whoever used a profile: connections, and what forms looked
        like and offered with them."""

        def work(connection: apsw.Connection) -> None:
            for table in ("answers", "last_connections"):
                connection.execute(f"DELETE FROM {table} WHERE profile_id = ?", (profile_id,))

        await self._database.write(work)

    async def put_fields(
        self,
        profile_id: str,
        action: ActionKey,
        authentication_id: str | None,
        fields: str,
        fetched_ms: int,
    ) -> None:
        """Keep the definition of a form, as JSON text."""
        question = [*astuple(action), authentication_id]
        await self._put(profile_id, "fields", question, fields, fetched_ms)

    async def fields(
        self, profile_id: str, action: ActionKey, authentication_id: str | None
    ) -> Cached[str] | None:
        """The definition of a form as JSON text; ``None`` where it was never fetched."""
        return await self._get(profile_id, "fields", [*astuple(action), authentication_id])

    async def put_choices(
        self,
        profile_id: str,
        action: ActionKey,
        authentication_id: str | None,
        field_id: str,
        depends_on: str,
        choices: Sequence[Choice],
        fetched_ms: int,
    ) -> None:
        """Keep the choices of a field. ``depends_on`` is the JSON of the values they go with."""
        question = [*astuple(action), authentication_id, field_id, depends_on]
        body = dump([[choice.id, choice.label, choice.value] for choice in choices])
        await self._put(profile_id, "choices", question, body, fetched_ms, KEPT_CHOICES)

    async def choices(
        self,
        profile_id: str,
        action: ActionKey,
        authentication_id: str | None,
        field_id: str,
        depends_on: str,
    ) -> Cached[tuple[Choice, ...]] | None:
        """The choices of a field as they were; ``None`` where they were never fetched."""
        question = [*astuple(action), authentication_id, field_id, depends_on]
        cached = await self._get(profile_id, "choices", question)
        if cached is None:
            return None
        return Cached(tuple(Choice(*row) for row in load(cached.value)), cached.fetched_ms)

    async def _put(
        self,
        profile_id: str,
        kind: str,
        question: list[str | None],
        body: str,
        fetched_ms: int,
        kept: int | None = None,
    ) -> None:
        row = (profile_id, kind, dump(question), fetched_ms, pack(body.encode()))

        def work(connection: apsw.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO answers (profile_id, kind, question, fetched_ms, body)"
                " VALUES (?, ?, ?, ?, ?)",
                row,
            )
            if kept is not None:
                connection.execute(
                    "DELETE FROM answers WHERE number IN (SELECT number FROM answers WHERE"
                    " profile_id = ? AND kind = ? ORDER BY fetched_ms DESC LIMIT -1 OFFSET ?)",
                    (profile_id, kind, kept),
                )

        await self._database.write(work)

    async def _get(
        self, profile_id: str, kind: str, question: list[str | None]
    ) -> Cached[str] | None:
        row = await self._row(profile_id, kind, question)
        return None if row is None else Cached(unpack(row[0]).decode(), row[1])

    async def _row(
        self, profile_id: str, kind: str, question: list[str | None]
    ) -> tuple[bytes, int] | None:
        row: Any = await self._database.read(
            lambda connection: connection.execute(
                "SELECT body, fetched_ms FROM answers"
                " WHERE profile_id = ? AND kind = ? AND question = ?",
                (profile_id, kind, dump(question)),
            ).fetchone()
        )
        return None if row is None else (row[0], row[1])


def _authentications(body: bytes, fetched_ms: int) -> Cached[tuple[Authentication, ...]]:
    rows = load(unpack(body).decode())
    return Cached(tuple(Authentication(*row) for row in rows), fetched_ms)


def _one(connection: apsw.Connection, sql: str, *bindings: Any) -> Any:
    return connection.execute(sql, bindings).fetchone()


def _ensure_progress(connection: apsw.Connection, profile_id: str) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO catalogue_progress"
        " (profile_id, round, loaded, fetched_ms, is_complete) VALUES (?, 0, 0, 0, FALSE)",
        (profile_id,),
    )

"""What comparing needs of the log: repetitions of a run, and what is left out.

Every method is one transaction and raises StorageUnusable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.storage.packing import dump, load, storable, unpack
from zapdesk.storage.run_changes import marks

if TYPE_CHECKING:
    import apsw

    from zapdesk.domain.catalog import ActionKey
    from zapdesk.domain.comparison import Pattern
    from zapdesk.domain.runs import ActionRun
    from zapdesk.storage.database import Database

_LOOKED_AT = 500
"""The newest successes of an action among which repetitions are looked for."""


class ComparisonStore:
    """Repetitions and what is ignored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def repetitions(self, run: ActionRun, most: int) -> tuple[bytes, ...]:
        """Results of the newest successes with the same action, connection and inputs, newest
        first."""

        def work(connection: apsw.Connection) -> tuple[bytes, ...]:
            # A place is one profile, app, action and connection.
            rows = connection.execute(
                "SELECT results FROM (SELECT number FROM runs"
                " WHERE place = (SELECT place FROM runs WHERE number = ?) AND status = 'success'"
                " AND number NOT IN (SELECT run FROM deleted_runs)"
                " ORDER BY created_ms DESC LIMIT ?) JOIN run_bodies ON run = number"
                " WHERE results IS NOT NULL AND inputs_sha256 ="
                " (SELECT inputs_sha256 FROM run_bodies WHERE run = ?) LIMIT ?",
                (run.number, _LOOKED_AT, run.number, most),
            )
            return tuple(unpack(row[0]) for row in rows)

        return await self._database.read(work)

    async def is_repetition(self, one: ActionRun, other: ActionRun) -> bool:
        """Whether two runs have the same action, connection and inputs."""
        sql = (
            "SELECT count(*) FROM (SELECT DISTINCT place, inputs_sha256 FROM runs"
            " JOIN run_bodies ON run = number WHERE number IN (?, ?))"
        )
        bindings = (one.number, other.number)
        return await self._database.read(lambda c: c.execute(sql, bindings).get == 1)

    async def ignored(self, profile_id: str, action: ActionKey) -> frozenset[Pattern]:
        """The places that are left out when results of this action are compared."""
        sql = (
            "SELECT pattern FROM ignored_places"
            " WHERE profile_id = ? AND app_id = ? AND action_type = ? AND action_key = ?"
        )
        rows: list[Any] = await self._database.read(
            lambda c: c.execute(sql, _of(profile_id, action)).fetchall()
        )
        return frozenset(tuple(load(row[0])) for row in rows)

    async def ignore(
        self, profile_id: str, action: ActionKey, patterns: frozenset[Pattern]
    ) -> None:
        """Leave out exactly these places from now on."""
        key = _of(profile_id, action)

        def work(connection: apsw.Connection) -> None:
            connection.execute(
                "DELETE FROM ignored_places WHERE profile_id = ? AND app_id = ?"
                " AND action_type = ? AND action_key = ?",
                key,
            )
            for pattern in sorted(patterns):
                row = (*key, dump(list(pattern)))
                connection.execute(
                    "INSERT INTO ignored_places (profile_id, app_id, action_type, action_key,"
                    f" pattern) VALUES ({marks(row)})",
                    row,
                )

        await self._database.write(work)


def _of(profile_id: str, action: ActionKey) -> tuple[str, str, str, str]:
    return (
        storable(profile_id),
        storable(action.app_id),
        storable(action.action_type),
        storable(action.key),
    )

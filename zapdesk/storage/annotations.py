"""What a person adds to runs: pins, labels, notes, and which run of an action is known good.

None of it changes what is known of a run, so it may be changed at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from zapdesk.domain.runs import RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.storage import run_text
from zapdesk.storage.packing import dump, load, storable
from zapdesk.storage.run_rows import RUN_COLUMNS, run_of

if TYPE_CHECKING:
    import apsw

    from zapdesk.domain.catalog import ActionKey
    from zapdesk.domain.runs import ActionRun
    from zapdesk.storage.database import Database


class Annotations:
    """Every method is one transaction, gives the runs as they are then, and raises
    StorageUnusable. Many runs are named by their ids or numbers; what nobody knows is passed over.
    """

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    async def pin(self, runs: Iterable[str | int], pinned: bool) -> tuple[ActionRun, ...]:
        """Pinned runs stay when everything is cleared or old runs are dropped."""
        sql = "UPDATE runs SET pinned = ? WHERE number = ?"
        return await self._change(runs, lambda c, number: c.execute(sql, (int(pinned), number)))

    async def label(
        self, runs: Iterable[str | int], add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> tuple[ActionRun, ...]:
        """Put labels on runs and take others off; those in both are put on."""
        added, removed = [storable(label) for label in add], {storable(label) for label in remove}

        def change(connection: apsw.Connection, number: int) -> None:
            known, at_ms = next(
                connection.execute(
                    "SELECT labels, created_ms FROM runs WHERE number = ?", (number,)
                )
            )
            labels = list(dict.fromkeys([*(x for x in load(known) if x not in removed), *added]))
            connection.execute(
                "UPDATE runs SET labels = ? WHERE number = ?", (dump(labels), number)
            )
            connection.execute("DELETE FROM run_labels WHERE run = ?", (number,))
            connection.executemany(
                "INSERT INTO run_labels (label, at_ms, run) VALUES (?, ?, ?)",
                [(label, at_ms, number) for label in labels],
            )
            run_text.index(connection, number)

        return await self._change(runs, change)

    async def write_note(self, id_: str, note: str) -> ActionRun:
        """Keep a note with a run, none where it is empty. Raises InvalidInput for no known run."""

        def change(connection: apsw.Connection, number: int) -> None:
            sql = "UPDATE runs SET note = ? WHERE number = ?"
            connection.execute(sql, (storable(note), number))
            run_text.index(connection, number)

        return _only(await self._change([id_], change), id_)

    async def set_baseline(self, id_: str, is_baseline: bool) -> ActionRun:
        """Mark a run as known good. No other run of its action in its profile is, then.

        Raises InvalidInput for an unknown run, and for one that has not succeeded.
        """

        def change(connection: apsw.Connection, number: int) -> None:
            sql = "SELECT status FROM runs WHERE number = ?"
            if is_baseline and connection.execute(sql, (number,)).get != RunStatus.SUCCESS.value:
                raise InvalidInput("Only a run that succeeded can be known as good.")
            connection.execute(
                "UPDATE runs SET is_baseline = 0 WHERE is_baseline AND"
                " (profile_id, app_id, action_type, action_key) = (SELECT profile_id, app_id,"
                " action_type, action_key FROM runs WHERE number = ?)",
                (number,),
            )
            sql = "UPDATE runs SET is_baseline = ? WHERE number = ?"
            connection.execute(sql, (int(is_baseline), number))

        return _only(await self._change([id_], change), id_)

    async def baseline(self, profile_id: str, action: ActionKey) -> ActionRun | None:
        """The run of an action that is known good."""

        def work(connection: apsw.Connection) -> ActionRun | None:
            row = connection.execute(
                f"SELECT {RUN_COLUMNS} FROM runs WHERE is_baseline AND"
                " (profile_id, app_id, action_type, action_key) = (?, ?, ?, ?)"
                " AND number NOT IN (SELECT run FROM deleted_runs)",
                (profile_id, action.app_id, action.action_type, action.key),
            ).fetchone()
            return None if row is None else run_of(row, self._owner_id)

        return await self._database.read(work)

    async def _change(
        self, runs: Iterable[str | int], change: Callable[[apsw.Connection, int], object]
    ) -> tuple[ActionRun, ...]:
        named = list(runs)
        ids = dump([storable(run) for run in named if isinstance(run, str)])
        numbers = dump([run for run in named if isinstance(run, int)])

        def work(connection: apsw.Connection) -> tuple[ActionRun, ...]:
            found: list[Any] = connection.execute(
                "SELECT number FROM runs WHERE id IN (SELECT value FROM json_each(?))"
                " OR number IN (SELECT value FROM json_each(?)) ORDER BY number",
                (ids, numbers),
            ).fetchall()
            for (number,) in found:
                change(connection, number)
            sql = f"SELECT {RUN_COLUMNS} FROM runs WHERE number = ?"
            rows = (connection.execute(sql, number).fetchone() for number in found)
            return tuple(run_of(row, self._owner_id) for row in rows)

        return await self._database.write(work)


def _only(found: tuple[ActionRun, ...], id_: str) -> ActionRun:
    if not found:
        raise InvalidInput(f"There is no run {id_}.")
    return found[0]

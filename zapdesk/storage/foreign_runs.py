"""Runs that came out of capsules: in the history for reading, with the file that they came from."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

from zapdesk.storage import run_places, run_rows, run_text
from zapdesk.storage.definition_history import keep_definition
from zapdesk.storage.packing import dump, pack, storable, unpack
from zapdesk.storage.run_changes import marks, tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    import apsw

    from zapdesk.domain.exchanges import Exchange
    from zapdesk.domain.runs import ActionRun, RunRecord
    from zapdesk.storage.database import Database

_CAPSULES = uuid.UUID("5b2f2c1a-7c43-4f4e-9c0a-63617073756c")
_COLUMNS = (
    f"{run_rows.NEW_RUN_COLUMNS}, sent_ms, accepted_ms, ended_ms, run_id, server_status, headline,"
    " resolution, resolution_note, is_foreign"
)


class ForeignRuns:
    """Every method is one transaction and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, record: RunRecord, exchanges: Iterable[Exchange], file: bytes, now_ms: int
    ) -> tuple[str, bool]:
        """Take the run of a capsule into the history: its local id here, and whether it is new.
        The same ``file`` twice is one run."""
        id_ = uuid.uuid5(_CAPSULES, hashlib.sha256(file).hexdigest()).hex
        run = record.run
        row = (
            id_,
            storable(run.profile_id),
            "",  # no process looks after it
            run.kind.value,
            run.status.value,
            storable(run.action.app_id),
            storable(run.action.action_type),
            storable(run.action.key),
            storable(run.app_title),
            storable(run.action_title),
            None if run.authentication_id is None else storable(run.authentication_id),
            storable(run.authentication_title),
            run.created_ms,
            None,  # what it was sent again for is not here
            "",  # nor whose account sent it
            int(run.in_sandbox),
            run.sent_ms,
            run.accepted_ms,
            run.ended_ms,
            None if run.run_id is None else storable(run.run_id),
            storable(run.server_status),
            storable(run.headline),
            None if run.resolution is None else run.resolution.value,
            storable(run.resolution_note),
            1,
        )
        kept = tuple(exchanges)

        def work(connection: apsw.Connection) -> tuple[str, bool]:
            known: Any = connection.execute("SELECT number FROM runs WHERE id = ?", (id_,)).get
            if known is not None:
                connection.execute("DELETE FROM deleted_runs WHERE run = ?", (known,))
                return id_, connection.changes() == 1  # it had been deleted
            connection.execute(f"INSERT INTO runs ({_COLUMNS}) VALUES ({marks(row)})", row)
            number = connection.last_insert_rowid()
            body = _body(connection, record)
            connection.execute(
                "INSERT INTO run_bodies (run, inputs, inputs_sha256, fields, labels, results,"
                f" results_sha256, errors, report) VALUES (?, {marks(body)})",
                (number, *body),
            )
            for event in record.events:
                tell(connection, number, event.at_ms, event.status, event.text)
            for exchange in kept:
                *values, last_ms = run_rows.row_of_exchange(number, exchange)
                connection.execute(
                    f"INSERT INTO exchanges ({run_rows.NEW_EXCHANGE_COLUMNS}, repeated)"
                    f" VALUES ({marks(values)}, ?, ?)",
                    (*values, exchange.last_ms or last_ms, exchange.repeated),
                )
            connection.execute(
                "INSERT INTO capsules (run, imported_ms, file) VALUES (?, ?, ?)",
                (number, now_ms, pack(file)),
            )
            run_places.assign(connection, number)
            run_text.index(connection, number)
            return id_, True

        return await self._database.write(work)

    async def file(self, run: ActionRun) -> bytes | None:
        """The capsule that a run came from, byte for byte; ``None`` for a run of this log."""

        def work(connection: apsw.Connection) -> bytes | None:
            row: Any = connection.execute(
                "SELECT file FROM capsules WHERE run = ?", (run.number,)
            ).fetchone()
            return None if row is None else unpack(row[0])

        return await self._database.read(work)


def _body(connection: apsw.Connection, record: RunRecord) -> tuple[Any, ...]:
    results = record.results
    return (
        pack(record.inputs),
        hashlib.sha256(record.inputs).digest(),
        keep_definition(connection, record.definition),
        dump(dict(record.labels)),
        None if results is None else pack(results),
        None if results is None else hashlib.sha256(results).digest(),
        run_rows.errors_text(record.errors),
        None if record.report is None else run_rows.report_text(record.report),
    )

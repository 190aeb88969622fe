"""RunLog: every run that was ever ordered, what became of it, and the evidence.

Each method is one transaction. An ended run never changes; nothing here sends, polls or decides
what an answer means.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zapdesk.domain.runs import (
    ActionRun,
    Resolution,
    RunCursor,
    RunError,
    RunFilter,
    RunOrder,
    RunRecord,
    RunStatus,
    may_move,
)
from zapdesk.errors import ErrorReport, InvalidInput
from zapdesk.storage import run_claims, run_places, run_rows, run_search, run_text
from zapdesk.storage.definition_history import definition_of, keep_definition
from zapdesk.storage.hiding import hidden
from zapdesk.storage.packing import dump, load, pack, storable, unpack_sound
from zapdesk.storage.result_lines import with_line
from zapdesk.storage.run_changes import count_repeat, marks, new_bodies, tell, update
from zapdesk.storage.run_queries import count_query, like_query, page_query
from zapdesk.storage.run_rows import (
    EXCHANGE_COLUMNS,
    NEW_EXCHANGE_COLUMNS,
    NEW_RUN_COLUMNS,
    RUN_COLUMNS,
    run_of,
    status_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import apsw

    from zapdesk.domain.exchanges import Exchange
    from zapdesk.domain.history import Occurring
    from zapdesk.storage.database import Database

_NONCES = uuid.UUID("0c6f3f0e-54a0-4b59-9d5c-5a6170646573")
_LAST = "last"
_SHOWN_CANDIDATES = 8
_RESOLVED = {
    Resolution.HAPPENED: "Closed by a person: it happened.",
    Resolution.DID_NOT: "Closed by a person: it did not happen.",
    Resolution.LEFT: "Left open by a person.",
}


@dataclass(frozen=True, slots=True)
class Recovery:
    """What dead processes left behind: runs whose outcome is unknown now, and runs to watch.

    ``others`` wait too, and were sent with another account; ``elsewhere`` those that were sent to
    another server.
    """

    unknown: tuple[ActionRun, ...]
    waiting: tuple[ActionRun, ...]
    others: tuple[ActionRun, ...] = ()
    elsewhere: tuple[ActionRun, ...] = ()


class RunLog:
    """``owner_id`` is this process's `Owner.id`: it is written into the rows that it watches."""

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    async def add(self, order: RunOrder, created_ms: int, body: bytes) -> tuple[ActionRun, bool]:
        """Write the intent to run, and say whether it is new: the same nonce is the same run.

        ``body`` is the inputs as JSON without PASSWORD values.
        Raises StorageUnusable; then nothing may be sent.
        """
        id_ = uuid.uuid5(_NONCES, storable(order.nonce)).hex
        row = run_rows.row_of_order(order, id_, self._owner_id, created_ms)
        kept = (pack(body), hashlib.sha256(body).digest())
        labels = dump(dict(order.labels))

        def work(connection: apsw.Connection) -> tuple[ActionRun, bool]:
            known = self._run(connection, id_)
            if known is not None:
                return known, False
            connection.execute(f"INSERT INTO runs ({NEW_RUN_COLUMNS}) VALUES ({marks(row)})", row)
            number = connection.last_insert_rowid()
            connection.execute(
                "INSERT INTO run_bodies (run, inputs, inputs_sha256, fields, labels)"
                " VALUES (?, ?, ?, ?, ?)",
                (number, *kept, keep_definition(connection, order.definition), labels),
            )
            tell(connection, number, created_ms, RunStatus.SUBMITTING, "")
            run_places.assign(connection, number)
            run_text.index(connection, number)
            return self._known(connection, id_), True

        return await self._database.write(work)

    async def move(
        self,
        id_: str,
        status: RunStatus,
        *,
        at_ms: int,
        text: str = "",
        run_id: str | None = None,
        server_status: str | None = None,
        headline: str | None = None,
        results: bytes | None = None,
        errors: Sequence[RunError] = (),
        report: ErrorReport | None = None,
        sent_ms: int | None = None,
        accepted_ms: int | None = None,
        ended_ms: int | None = None,
        forgotten_ms: int | None = None,
    ) -> ActionRun | None:
        """Bring a run to ``status`` with a line in its history; what is ``None`` stays as it is.

        ``None`` and nothing changed where the move is not legal: the run has ended, or is not
        known. A run that ends without ``ended_ms`` ended at ``at_ms``. Waiting that goes on
        with the same word of the server and no ``text`` writes no line.
        """
        if not status.is_open and ended_ms is None:
            ended_ms = at_ms
        facts = {
            "run_id": run_id if run_id is None else storable(run_id),
            "server_status": server_status
            if server_status is None
            else storable(hidden(server_status)),
            "headline": headline if headline is None else storable(hidden(headline)),
            "sent_ms": sent_ms,
            "accepted_ms": accepted_ms,
            "ended_ms": ended_ms,
            "forgotten_ms": forgotten_ms,
        }

        def work(connection: apsw.Connection) -> ActionRun | None:
            run = self._run(connection, id_)
            if run is None or run.is_foreign or not may_move(run.status, status):
                return None
            bodies = new_bodies(results, errors, report)
            changes = {name: value for name, value in facts.items() if value is not None}
            update(connection, "runs", "number", run.number, {"status": status.value, **changes})
            if bodies:
                update(connection, "run_bodies", "run", run.number, bodies)
            word = changes.get("server_status", run.server_status)
            if text or status is not run.status or word != run.server_status:
                tell(connection, run.number, at_ms, status, hidden(text))
            if bodies or status is not run.status or {"headline", "run_id"} & changes.keys():
                run_text.index(connection, run.number)
            return self._known(connection, id_)

        return await self._database.write(work)

    async def resolve(self, id_: str, resolution: Resolution, note: str, at_ms: int) -> ActionRun:
        """Note how a person closed a run whose outcome is not known. The status stays.

        Raises InvalidInput where the run is not known or its outcome is.
        """

        def work(connection: apsw.Connection) -> ActionRun:
            run = self._run(connection, id_)
            if run is None:
                raise InvalidInput(f"There is no run {id_}.")
            if run.is_foreign:
                raise InvalidInput("This run was imported; it is closed by whoever sent it.")
            if not run.status.is_resolvable:
                raise InvalidInput("The outcome of this run is known; there is nothing to resolve.")
            changes = {"resolution": resolution.value, "resolution_note": storable(note)}
            update(connection, "runs", "number", run.number, changes)
            line = f"{_RESOLVED[resolution]} {note}".strip()
            tell(connection, run.number, at_ms, run.status, line)
            return self._known(connection, id_)

        return await self._database.write(work)

    async def add_exchange(self, id_: str, exchange: Exchange) -> None:
        """Keep an exchange of a run. A read that brought the same answer as the one before it
        is counted there, so that a run watched for days stays small."""

        def work(connection: apsw.Connection) -> None:
            run = self._known(connection, id_)
            if exchange.method == "GET" and count_repeat(connection, run.number, exchange):
                return
            row = run_rows.row_of_exchange(run.number, exchange)
            connection.execute(
                f"INSERT INTO exchanges ({NEW_EXCHANGE_COLUMNS}) VALUES ({marks(row)})", row
            )

        await self._database.write(work)

    async def exchanges(self, id_: str, purpose: str = "") -> tuple[Exchange, ...]:
        """What was sent and received for a run, for one purpose where it is given; oldest first."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                f"SELECT {EXCHANGE_COLUMNS} FROM exchanges"
                " WHERE run = (SELECT number FROM runs WHERE id = ?) AND ? IN ('', purpose)"
                " ORDER BY number",
                (id_, purpose),
            ).fetchall()
        )
        return tuple(run_rows.exchange_of(row) for row in rows)

    async def page(
        self, wanted: RunFilter, after: RunCursor | None = None, limit: int = 100
    ) -> tuple[ActionRun, ...]:
        """Runs that fit, newest first, next to the cursor. ``text`` means all of its words, each
        as the beginning of a word in titles, inputs, results or errors."""

        def work(connection: apsw.Connection) -> tuple[ActionRun, ...]:
            rows = run_search.rows(connection, wanted, after, limit)
            found = tuple(with_line(connection, run_of(row, self._owner_id)) for row in rows)
            return found[::-1] if after is not None and after.is_up else found

        return await self._database.read(work)

    async def counts(self, wanted: RunFilter) -> Mapping[RunStatus, int]:
        """How many runs fit, by status; the statuses that are wanted do not narrow this."""

        def work(connection: apsw.Connection) -> Mapping[RunStatus, int]:
            query = count_query(connection, wanted)
            if query is None:
                return Counter()
            found: Counter[RunStatus] = Counter()
            for word, count in connection.execute(query.sql, query.bindings):
                found[status_of(word)] += count
            return found

        return await self._database.survey(work)

    async def apps(self) -> tuple[tuple[str, str], ...]:
        """Id and title of every app that there is a run of."""
        return await self._database.read(lambda c: run_places.occurring(c, "").apps)

    async def occurring(self, profile_id: str) -> Occurring:
        """What there is to filter by in a profile; in all of them where it is empty."""
        return await self._database.read(lambda c: run_places.occurring(c, profile_id))

    async def like(self, order: RunOrder, body: bytes, since_ms: int) -> ActionRun | None:
        """The newest run that ``order`` would repeat, if one began or ended since ``since_ms``.
        ``body`` is as in `add`: PASSWORD values are no part of it, so they make no difference."""
        query = like_query(order, body, since_ms)

        def work(connection: apsw.Connection) -> ActionRun | None:
            row = connection.execute(query.sql, query.bindings).fetchone()
            return None if row is None else run_of(row, self._owner_id)

        return await self._database.read(work)

    async def sent_again_as(self, id_: str) -> tuple[ActionRun, ...]:
        """The runs that were made by sending this one again, oldest first."""
        sql = f"SELECT {RUN_COLUMNS} FROM runs WHERE again_of = ? ORDER BY number"
        return await self._database.read(
            lambda c: tuple(run_of(row, self._owner_id) for row in c.execute(sql, (id_,)))
        )

    async def get(self, id_: str) -> ActionRun | None:
        """The run with this local id, if there is one."""
        return await self._database.read(lambda connection: self._shown(connection, id_))

    async def find(self, text: str, profile_id: str = "") -> ActionRun:
        """The run a person means: a local id, a beginning that only one has, or ``last``.

        Raises InvalidInput, with the candidates where there are several.
        """
        text = text.strip().lower()

        def work(connection: apsw.Connection) -> list[ActionRun]:
            if text == _LAST:
                newest = page_query(connection, RunFilter(profile_id), None, 1)
                assert newest is not None  # only a search for words can be hopeless
                rows = connection.execute(newest.sql, newest.bindings)
            else:
                rows = connection.execute(
                    f"SELECT {RUN_COLUMNS} FROM runs WHERE id >= ? AND id < ?"
                    " AND number NOT IN (SELECT run FROM deleted_runs) ORDER BY id LIMIT ?",
                    (storable(text), storable(text) + "g", _SHOWN_CANDIDATES + 1),
                )
            return [run_of(row, self._owner_id) for row in rows]

        found = await self._database.read(work) if text else []
        if len(found) == 1:
            return found[0]
        if not found:
            raise InvalidInput(
                "There are no runs yet." if text == _LAST else f"There is no run '{text}'.",
                hint="'zapdesk runs' lists them.",
            )
        shown = ", ".join(f"{run.id[:12]} ({run.action_title})" for run in found)
        raise InvalidInput(f"Several runs begin with '{text}'.", f"Which one: {shown}?")

    async def record(self, id_: str) -> RunRecord | None:
        """A run with everything that is kept of it; ``None`` where it is not known.

        Raises StorageUnusable where its bodies were damaged on the disk.
        """

        def work(connection: apsw.Connection) -> RunRecord | None:
            run = self._shown(connection, id_)
            if run is None:
                return None
            body: Any = connection.execute(
                "SELECT inputs, inputs_sha256, fields, results, results_sha256, errors, report,"
                " labels FROM run_bodies WHERE run = ?",
                (run.number,),
            ).fetchone()
            inputs, inputs_hash, fields, results, results_hash, errors, report, labels = body
            events = connection.execute(
                "SELECT at_ms, status, text FROM run_events WHERE run = ? ORDER BY number",
                (run.number,),
            )
            return RunRecord(
                run=run,
                inputs=unpack_sound(inputs, inputs_hash),
                results=None if results is None else unpack_sound(results, results_hash),
                errors=run_rows.errors_of(errors),
                report=run_rows.report_of(report),
                labels=load(labels),
                events=tuple(run_rows.event_of(row) for row in events),
                definition=definition_of(connection, fields),
            )

        return await self._database.read(work)

    async def recover(
        self,
        living: Callable[[], AbstractSet[str]],
        now_ms: int,
        profile_id: str,
        *,
        account: str = "",
        only: str | None = None,
        skip: Iterable[str] = (),
        server: str | None = None,
    ) -> Recovery:
        """Take over from processes that are not among the ``living``.

        What they were sending has an unknown outcome from now on, in every profile; what they
        were watching for ``profile_id`` (``only`` narrows it to one run, ``skip`` leaves runs
        out) is ours to watch, but for runs that are known to be of another ``account`` or sent to
        another ``server``, which is empty for the sandbox. Of several processes that try, one gets
        a run.
        """

        def work(connection: apsw.Connection) -> Recovery:
            # Looked up in here: whoever wrote a row that is visible now was alive before, while
            # somebody may have come to life since this was handed over.
            alive = living() | {self._owner_id}
            claim = run_claims.Claim(profile_id, account, only, frozenset(skip), server)
            found = run_claims.recover(connection, self._owner_id, alive, now_ms, claim)
            return Recovery(*(self._numbered(connection, numbers) for numbers in found))

        return await self._database.write(work)

    async def release(self, ids: Iterable[str]) -> None:
        """Let other processes watch these waiting runs; this one does not any more."""
        await self._database.write(
            lambda connection: run_claims.release(connection, self._owner_id, ids)
        )

    def _run(self, connection: apsw.Connection, id_: str) -> ActionRun | None:
        row = connection.execute(
            f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", (storable(id_),)
        ).fetchone()
        return None if row is None else with_line(connection, run_of(row, self._owner_id))

    def _shown(self, connection: apsw.Connection, id_: str) -> ActionRun | None:
        """As `_run`, but for runs that were deleted and are still there to be brought back."""
        run = self._run(connection, id_)
        gone = "SELECT 1 FROM deleted_runs WHERE run = ?"
        return None if run is None or connection.execute(gone, (run.number,)).get else run

    def _known(self, connection: apsw.Connection, id_: str) -> ActionRun:
        run = self._run(connection, id_)
        if run is None:
            raise InvalidInput(f"There is no run {id_}.")
        return run

    def _numbered(
        self, connection: apsw.Connection, numbers: Sequence[int]
    ) -> tuple[ActionRun, ...]:
        sql = f"SELECT {RUN_COLUMNS} FROM runs WHERE number = ?"
        rows = (connection.execute(sql, (number,)).fetchone() for number in numbers)
        return tuple(run_of(row, self._owner_id) for row in rows)

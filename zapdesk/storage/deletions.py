"""Deleting runs: out of sight at once, gone for good a little later, with nothing left on the disk.

The writing connection overwrites what it deletes; here the index of words and the journal follow.
Runs that have not ended are never deleted: somebody is sending or watching them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from zapdesk.domain.history import UNDO_MS, Deletion
from zapdesk.storage import run_places
from zapdesk.storage.packing import dump, storable
from zapdesk.storage.run_queries import Query, selection

if TYPE_CHECKING:
    import apsw

    from zapdesk.domain.runs import RunFilter
    from zapdesk.storage.database import Database

AT_A_TIME = 200
"""Runs removed in one transaction: it takes some 20 ms, and an intent may have to wait for it."""

_OPEN = "status IN ('submitting', 'waiting') AND NOT is_foreign"
_KEPT_BY_CLEARING = f"{_OPEN} OR pinned OR is_baseline"
_KEPT_FOR_EVER = f"{_KEPT_BY_CLEARING} OR status IN ('unknown', 'lost') AND resolution IS NULL"
_EXPIRED_AT_ONCE = 10_000
_MERGED_PAGES, _FREED_PAGES = 32, 200  # a step of either takes some 20 ms
_REWRITTEN_PAGES = 8_000  # 32 MB take 0.2 s
_BEGUN = 0  # as a deletion's time: it is being carried out


class Deletions:
    """Every method is one transaction, and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def delete(self, ids: Iterable[str], now_ms: int) -> Deletion:
        """Put these runs out of sight, pinned ones too."""
        chosen = Query(
            "SELECT number FROM runs WHERE id IN (SELECT value FROM json_each(?))"
            " AND number NOT IN (SELECT run FROM deleted_runs)",
            [dump(list(map(storable, ids)))],
        )
        return await self._hide(lambda _: chosen, _OPEN, now_ms + UNDO_MS)

    async def clear(self, wanted: RunFilter, now_ms: int) -> Deletion:
        """Put every run that fits out of sight, but pinned and known good ones."""
        return await self._hide(
            lambda connection: selection(connection, wanted, "number"),
            _KEPT_BY_CLEARING,
            now_ms + UNDO_MS,
        )

    async def expire(self, before_ms: int) -> int:
        """Delete older runs for good, with no way back; how many. `purge` carries it out.

        Those stay that are pinned or known good, and those whose outcome nobody knows yet.
        """
        old = Query(
            f"SELECT number FROM runs WHERE created_ms < ? AND NOT ({_KEPT_FOR_EVER})"
            " AND number NOT IN (SELECT run FROM deleted_runs) ORDER BY created_ms LIMIT ?",
            [before_ms, _EXPIRED_AT_ONCE],
        )
        return (await self._hide(lambda _: old, _KEPT_FOR_EVER, _BEGUN)).runs

    async def expire_above(self, size: int) -> int:
        """As `expire`: the oldest runs, so many that all runs would take about ``size`` bytes.
        What else is in the file does not count: no deletion of runs would make it smaller."""

        def too_many(connection: apsw.Connection) -> Query | None:
            used = _size_of_runs(connection)
            runs = connection.execute("SELECT count(*) FROM runs").get
            most = min(_EXPIRED_AT_ONCE, -(-runs * (used - size) // used))
            return Query(
                f"SELECT number FROM runs WHERE NOT ({_KEPT_FOR_EVER})"
                " AND number NOT IN (SELECT run FROM deleted_runs) ORDER BY created_ms LIMIT ?",
                [max(0, most)],
            )

        return (await self._hide(too_many, _KEPT_FOR_EVER, _BEGUN)).runs

    async def expected(self, before_ms: int, size: int) -> int:
        """About how many runs `expire` and `expire_above` would delete; 0 for either: not asked."""

        def work(connection: apsw.Connection) -> int:
            def ask(more: str, *bindings: Any) -> int:
                sql = (
                    f"SELECT count(*) FROM runs WHERE NOT ({_KEPT_FOR_EVER})"
                    " AND number NOT IN (SELECT run FROM deleted_runs)"
                )
                return int(connection.execute(sql + more, bindings).get or 0)

            by_age = ask(" AND created_ms < ?", before_ms) if before_ms else 0
            used = _size_of_runs(connection) if size else 0
            if used <= size:
                return by_age
            runs = int(connection.execute("SELECT count(*) FROM runs").get or 0)
            # Both begin with the oldest, so that the larger number holds the smaller one.
            return max(by_age, min(ask(""), -(-runs * (used - size) // used)))

        return await self._database.read(work)

    async def undo(self, number: int) -> bool:
        """Bring a deletion's runs back; False where it is too late."""

        def work(connection: apsw.Connection) -> bool:
            undo = "DELETE FROM deletions WHERE number = ? AND final_ms <> ?"
            connection.execute(undo, (number, _BEGUN))
            if connection.changes() != 1:
                return False
            connection.execute("DELETE FROM deleted_runs WHERE deletion = ?", (number,))
            return True

        return await self._database.write(work)

    async def purge(self, now_ms: int) -> int:
        """Remove a few runs whose deletion can no longer be undone; how many, 0 at the end."""

        def work(connection: apsw.Connection) -> int:
            # One that lies too far ahead was ordered before the clock was set back.
            connection.execute(
                "UPDATE deletions SET final_ms = ? WHERE final_ms NOT BETWEEN ? AND ?",
                (_BEGUN, now_ms + 1, now_ms + UNDO_MS),
            )
            due: list[Any] = connection.execute(
                "SELECT run FROM deleted_runs JOIN deletions ON deletion = deletions.number"
                " WHERE final_ms = ? LIMIT ?",
                (_BEGUN, AT_A_TIME),
            ).fetchall()
            for sql in (
                "DELETE FROM run_text WHERE rowid = ?",
                "DELETE FROM runs WHERE number = ?",  # and what belongs to it
                "DELETE FROM deleted_runs WHERE run = ?",
            ):
                connection.executemany(sql, due)
            if not due:
                connection.execute("DELETE FROM deletions WHERE final_ms = ?", (_BEGUN,))
                run_places.forget_empty(connection)
            return len(due)

        return await self._database.write(work)

    async def scrub(self) -> bool:
        """After `purge`: a step of taking its words out of the index and of making the file
        smaller; False at the end."""

        def work(connection: apsw.Connection) -> bool:
            before = connection.total_changes()
            merge = "INSERT INTO run_text (run_text, rank) VALUES ('merge', ?)"
            connection.execute(merge, (-_MERGED_PAGES,))
            merges = connection.total_changes() - before > 1
            free = connection.execute("PRAGMA freelist_count").get
            connection.execute(f"PRAGMA incremental_vacuum({_FREED_PAGES})").fetchall()
            left = connection.execute("PRAGMA freelist_count").get
            return merges or 0 < left < free

        return await self._database.write(work)

    async def settle(self) -> bool:
        """After `scrub`: write the journal, which still holds what was deleted, into the log and
        cut it off; False where somebody else is using it just now.

        A small log is written anew before that, as SQLite leaves remains in the gaps of pages
        whose rows were moved about.
        """

        def work(connection: apsw.Connection) -> bool:
            if connection.execute("PRAGMA page_count").get <= _REWRITTEN_PAGES:
                connection.execute("VACUUM")
            return bool(next(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))[0] == 0)

        return await self._database.maintain(work)

    async def _hide(
        self,
        choose: Callable[[apsw.Connection], Query | None],
        kept: str,
        final_ms: int,
    ) -> Deletion:
        def work(connection: apsw.Connection) -> Deletion:
            chosen = choose(connection)
            if chosen is None:
                return Deletion(0, 0, 0, final_ms)
            connection.execute("INSERT INTO deletions (final_ms) VALUES (?)", (final_ms,))
            number = connection.last_insert_rowid()
            asked = connection.execute(f"SELECT count(*) FROM ({chosen.sql})", chosen.bindings).get
            connection.execute(
                f"INSERT INTO deleted_runs (run, deletion) SELECT number, ? FROM ({chosen.sql})"
                f" JOIN runs USING (number) WHERE NOT ({kept})",
                (number, *chosen.bindings),
            )
            hidden = connection.changes()
            if not hidden:
                connection.execute("DELETE FROM deletions WHERE number = ?", (number,))
            return Deletion(number, hidden, int(asked) - hidden, final_ms)

        return await self._database.write(work)


def _size_of_runs(connection: apsw.Connection) -> int:
    """Bytes of everything but the tables that have nothing to do with runs, which are small."""

    def ask(sql: str, *bindings: Any) -> int:
        return int(connection.execute(sql, bindings).get or 0)

    used = ask("PRAGMA page_count") - ask("PRAGMA freelist_count")
    others: list[Any] = connection.execute(
        "SELECT name FROM sqlite_schema WHERE rootpage > 0 AND tbl_name NOT GLOB 'run*'"
        " AND tbl_name NOT IN ('exchanges', 'capsules')"
    ).fetchall()
    sql = "SELECT pgsize FROM dbstat WHERE aggregate = TRUE AND name = ?"
    return used * ask("PRAGMA page_size") - sum(ask(sql, name) for (name,) in others)

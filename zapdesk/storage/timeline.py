"""Runs over time: how many by outcome, and how long they took, in equal stretches of time.

Stretches are counted along an index, at some 50 ns for a run; durations are those of a sample.
Where neither is possible, runs are looked at one by one, the newest first, up to a limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from zapdesk.domain.history import Bucket, Timeline
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.storage import run_places
from zapdesk.storage.run_queries import Query, in_order, selection
from zapdesk.storage.run_rows import status_of

if TYPE_CHECKING:
    import apsw

    from zapdesk.storage.database import Database

MOST_RUNS = 20_000
"""So many of the newest are counted where runs have to be looked at one by one."""

SAMPLE = 120
"""So many runs of a stretch, evenly spread, say how long its runs took; of fewer it is exact."""

_MOST_COUNTS = 8_000  # statements for one timeline
_SINCE, _BEFORE, _EVERY = 2**62, 2**62 + 1, 2**62 + 2  # stand for what each stretch binds
_TIMED = frozenset({RunStatus.SUCCESS, RunStatus.ERROR})


class Timelines:
    """Every method reads one moment of the log and raises StorageUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def timeline(self, wanted: RunFilter, buckets: int) -> Timeline:
        """The filter's runs in at most so many stretches of time.

        They fill the filter's times; where it has none, the time from the oldest run of its
        profile to the newest.
        """

        def work(connection: apsw.Connection) -> Timeline:
            start, end = _span(connection, wanted)
            width = max(1, -(-(end - start) // max(1, buckets)))
            within = replace(wanted, since_ms=start, before_ms=end)
            if _can_be_counted(connection, wanted, buckets):
                counter = _Counter(connection, wanted)
                edges = range(start, end, width)
                found = [counter.bucket(edge, min(edge + width, end)) for edge in edges]
                return Timeline(start, end, width, tuple(b for b in found if b.counts))
            rows = _newest(connection, within)
            is_partial = len(rows) > MOST_RUNS
            return Timeline(
                start, end, width, tuple(_sorted_in(rows[:MOST_RUNS], start, width)), is_partial
            )

        return await self._database.survey(work)

    async def newest_number(self) -> int:
        """The number of the run that was written down last; 0 where there is none."""
        sql = "SELECT coalesce(max(number), 0) FROM runs"
        return int(await self._database.read(lambda connection: connection.execute(sql).get))

    async def counts_between(self, wanted: RunFilter, edges_ms: Sequence[int]) -> tuple[int, ...]:
        """How many runs fit between each two neighbours of ``edges_ms``, which descend: the
        first number is that of the newest stretch. So days are counted, whatever a day is."""
        since = wanted.since_ms if wanted.since_ms is not None else edges_ms[-1]
        before = wanted.before_ms if wanted.before_ms is not None else edges_ms[0]

        def work(connection: apsw.Connection) -> tuple[int, ...]:
            counts = []
            for end, start in pairwise(edges_ms):
                stretch = replace(
                    _of_each_status(wanted), since_ms=max(start, since), before_ms=min(end, before)
                )
                query = selection(connection, stretch, "count(*)")
                rows = connection.execute(query.sql, query.bindings) if query else ()
                counts.append(sum(count for (count,) in rows))
            return tuple(counts)

        return await self._database.survey(work)


def _span(connection: apsw.Connection, wanted: RunFilter) -> tuple[int, int]:
    sql = "SELECT {}(created_ms) FROM runs WHERE "
    sql += "profile_id = ?" if wanted.profile_id else "? = ''"
    low, high = (
        connection.execute(sql.format(end), (wanted.profile_id,)).get for end in ("min", "max")
    )
    start = wanted.since_ms if wanted.since_ms is not None else low or 0
    end = wanted.before_ms if wanted.before_ms is not None else (high or 0) + 1
    return start, max(start, end)


def _can_be_counted(connection: apsw.Connection, wanted: RunFilter, buckets: int) -> bool:
    if wanted.text.strip() or wanted.pinned or wanted.label:
        return False
    places = len(run_places.fitting(connection, wanted)) if run_places.narrows(wanted) else 1
    return places * len(wanted.statuses or RunStatus) * buckets <= _MOST_COUNTS


def _of_each_status(wanted: RunFilter) -> RunFilter:
    """The same, so that each status is a stretch of an index of its own."""
    if wanted.text.strip():
        return wanted
    return replace(wanted, statuses=wanted.statuses or frozenset(RunStatus))


class _Counter:
    """Counts stretches with two statements, made once for all of them."""

    def __init__(self, connection: apsw.Connection, wanted: RunFilter) -> None:
        self._connection = connection
        within = replace(_of_each_status(wanted), since_ms=_SINCE, before_ms=_BEFORE)
        self._counts = selection(connection, within, "status, count(*)", grouped="status")
        timed = replace(within, statuses=within.statuses & _TIMED)
        self._durations = (
            selection(connection, timed, "ended_ms - created_ms", one_in=_EVERY)
            if timed.statuses
            else None
        )

    def bucket(self, start: int, end: int) -> Bucket:
        counts: Counter[RunStatus] = Counter()
        for word, count in self._rows(self._counts, start, end):
            counts[status_of(word)] += count
        total = sum(counts[status] for status in _TIMED)
        durations: list[int] = []
        if total:
            rows = self._rows(self._durations, start, end, -(-total // SAMPLE))
            durations = [duration for (duration,) in rows if duration is not None]
        return Bucket(start, {s: n for s, n in counts.items() if n}, *_percentiles(durations))

    def _rows(self, query: Query | None, start: int, end: int, every: int = 1) -> Iterable[Any]:
        if query is None:
            return ()
        values = {_SINCE: start, _BEFORE: end, _EVERY: every}
        return self._connection.execute(query.sql, [values.get(b, b) for b in query.bindings])


def _newest(connection: apsw.Connection, wanted: RunFilter) -> list[Any]:
    query = selection(connection, wanted, "created_ms, number, status, ended_ms - created_ms")
    if query is None:
        return []
    in_order(query, wanted, MOST_RUNS + 1)
    return connection.execute(query.sql, query.bindings).fetchall()


def _sorted_in(rows: Iterable[Any], start: int, width: int) -> Iterable[Bucket]:
    counts: dict[int, Counter[RunStatus]] = {}
    durations: dict[int, list[int]] = {}
    for created_ms, _, word, duration in rows:
        place = (created_ms - start) // width
        status = status_of(word)
        counts.setdefault(place, Counter())[status] += 1
        if status in _TIMED and duration is not None:
            durations.setdefault(place, []).append(duration)
    for place in sorted(counts):
        times = _percentiles(durations.get(place, []))
        yield Bucket(start + place * width, dict(counts[place]), *times)


def _percentiles(durations: list[int]) -> tuple[int | None, int | None]:
    """The value below which half lie, and that below which 19 of 20 lie."""
    if not durations:
        return None, None
    durations.sort()
    last = len(durations) - 1
    return durations[round(last * 0.5)], durations[round(last * 0.95)]

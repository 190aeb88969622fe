"""A million runs: filters, searches, the detail and the strip are about as quick as their floors.

ZAPDESK_RUNS makes it fewer; at least 100,000 are needed. Making them takes ten minutes:
ZAPDESK_RUNS_IN names a folder that keeps the log for the next time.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import apsw
import pytest

from tests.benchmarks import run_generator
from tests.benchmarks.measuring import Measured, report_turns, take_turns
from tests.conftest import ReportFigure
from tests.storage.making import OWNER, opened
from zapdesk.domain.catalog import WRITE, ActionKey
from zapdesk.domain.runs import ActionRun, RunCursor, RunFilter, RunStatus
from zapdesk.storage.annotations import Annotations
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog
from zapdesk.storage.timeline import Timelines

RUNS = int(os.environ.get("ZAPDESK_RUNS", "1000000"))
PAGE = 200
FAR = RUNS // 10  # the oldest tenth begins here
DEEP = RunCursor(run_generator.FIRST_MS + FAR * run_generator.STEP_MS, FAR)
PROFILE = run_generator.PROFILE
ACTION = ActionKey("app-7", WRITE, "action-3")
MIDDLE_MS = run_generator.FIRST_MS + RUNS // 2 * run_generator.STEP_MS


@dataclass(slots=True)
class Million:
    """The log, open on a loop of its own, and a connection that shares nothing with it."""

    runner: asyncio.Runner
    database: Database
    log: RunLog
    raw_bytes: int
    file: Path
    bare: apsw.Connection

    def timed(self, ask: Callable[[], Awaitable[Any]]) -> Measured:
        async def once() -> float:
            begin = perf_counter()
            await ask()
            return perf_counter() - begin

        return lambda: self.runner.run(once())

    def page(self, wanted: RunFilter, after: RunCursor | None = None) -> Measured:
        return self.timed(lambda: self.log.page(wanted, after, PAGE))

    def found(self, wanted: RunFilter) -> tuple[ActionRun, ...]:
        return self.runner.run(self.log.page(wanted, None, PAGE))

    def statement(self, sql: str, *bindings: Any) -> Measured:
        """The floor: this alone, on the thread that asks."""

        def once() -> float:
            begin = perf_counter()
            self.bare.execute(sql, bindings).fetchall()
            return perf_counter() - begin

        return once


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Million]:
    kept = os.environ.get("ZAPDESK_RUNS_IN", "")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("million")
    folder.mkdir(exist_ok=True)
    with asyncio.Runner() as runner:
        context = opened(folder)
        database = runner.run(context.__aenter__())
        raw_file = folder / "raw-bytes"
        if not raw_file.exists():
            raw_file.write_text(str(runner.run(run_generator.generate(database, RUNS))))
        raw_bytes = int(raw_file.read_text())
        file = folder / "zapdesk.db"
        bare = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
        log = RunLog(database, OWNER)
        marks = Annotations(database, OWNER)
        chosen = [run.id for run in runner.run(log.page(RunFilter(PROFILE), DEEP, 300))]
        runner.run(marks.pin(chosen, True))
        runner.run(marks.label(chosen, ["checked"]))
        yield Million(runner, database, log, raw_bytes, file, bare)
        bare.close()
        runner.run(context.__aexit__(None, None, None))


FILTERS = [
    ("one status", RunFilter(PROFILE, frozenset({RunStatus.ERROR}))),
    ("a status that nobody has", RunFilter(PROFILE, frozenset({RunStatus.LOST}))),
    ("one app", RunFilter(PROFILE, app_id="app-7")),
    ("one action, one status", RunFilter(PROFILE, frozenset({RunStatus.REFUSED}), action=ACTION)),
    ("a time in the middle", RunFilter(PROFILE, since_ms=MIDDLE_MS, before_ms=MIDDLE_MS + 10**8)),
    ("pinned, all far down", RunFilter(PROFILE, pinned=True)),
    ("a label, all far down", RunFilter(PROFILE, label="checked")),
    ("an app and a status, every profile", RunFilter("", frozenset({RunStatus.UNKNOWN}), "app-3")),
]


@pytest.mark.parametrize(("name", "wanted"), FILTERS, ids=[name for name, _ in FILTERS])
def test_a_filter_costs_what_no_filter_costs(
    million: Million, report_figure: ReportFigure, name: str, wanted: RunFilter
) -> None:
    turns = take_turns(million.page(wanted), million.page(RunFilter(PROFILE)), rounds=31)
    assert report_turns(report_figure, f"first page, {name}, vs no filter", turns, 2.0) < 4
    if len(million.found(wanted)) == PAGE:
        deep = take_turns(million.page(wanted, DEEP), million.page(wanted), rounds=31)
        assert report_turns(report_figure, f"    page below 90 %, {name}, vs first", deep, 2.0) < 4


SEARCHES = [
    ("a word of one run", f"z{RUNS // 3}"),
    ("a word of every run", "message"),
    ("the first letter of a word", "m"),
    ("two words", "invoice weekly"),
    ("a word of no run", "nonesuch"),
]


@pytest.mark.parametrize(("name", "text"), SEARCHES, ids=[name for name, _ in SEARCHES])
def test_a_search_costs_what_the_index_and_a_page_cost(
    million: Million, report_figure: ReportFigure, name: str, text: str
) -> None:
    # Whole words, and beginnings of them that have a list of their own: no way is faster.
    match = " ".join(f'"{word}"' if len(word) > 3 else f'"{word}"*' for word in text.split())
    floor = million.statement(
        "SELECT rowid FROM run_text WHERE run_text MATCH ? ORDER BY rowid DESC LIMIT ?", match, PAGE
    )
    first_page = million.page(RunFilter(PROFILE))

    def both() -> float:
        return floor() + first_page()

    turns = take_turns(million.page(RunFilter(PROFILE, text=text)), both, rounds=15)
    ratio = report_turns(report_figure, f"search, {name}, vs index and page", turns, 2.0)
    assert ratio < 10
    rare = RunFilter(PROFILE, frozenset({RunStatus.REFUSED}), action=ACTION, text=text)
    turns = take_turns(million.page(rare), both, rounds=15)
    report_turns(report_figure, f"    of one action and status, {name}", turns, 2.0)
    asked = million.page(RunFilter(PROFILE, text=text))
    report_figure(
        f"    {name}, the middle of nine pages", sorted(asked() for _ in range(9))[4] * 1_000, "ms"
    )


def test_counting_and_the_strip_cost_about_what_walking_an_index_costs(
    million: Million, report_figure: ReportFigure
) -> None:
    walk = million.statement(
        "SELECT status, count(*) FROM runs WHERE profile_id = ? GROUP BY status", PROFILE
    )
    counts = million.timed(lambda: million.log.counts(RunFilter(PROFILE)))
    turns = take_turns(counts, walk, rounds=7)
    assert report_turns(report_figure, "counts by status, vs walking the index", turns, 1.1) < 3
    strip = Timelines(million.database)
    for name, wanted in (
        ("everything", RunFilter(PROFILE)),
        ("one app", RunFilter(PROFILE, app_id="app-7")),
        ("words of every run", RunFilter(PROFILE, text="message")),
    ):
        asked = million.timed(partial(strip.timeline, wanted, 120))
        turns = take_turns(asked, walk, rounds=5)
        report_turns(report_figure, f"strip of 120 stretches, {name}", turns, 4.0)


def test_a_detail_is_opened_as_fast_as_its_rows_are_read(
    million: Million, report_figure: ReportFigure
) -> None:
    run = million.found(RunFilter(PROFILE, app_id="app-7"))[-1]
    floor = million.statement(
        "SELECT * FROM runs JOIN run_bodies ON run = number WHERE id = ?", run.id
    )
    turns = take_turns(million.timed(lambda: million.log.record(run.id)), floor, rounds=51)
    assert report_turns(report_figure, "detail of a run, vs its two rows", turns, 6.0) < 20


def test_what_a_run_takes_on_the_disk(million: Million, report_figure: ReportFigure) -> None:
    raw = apsw.Connection("")  # a table of raw rows, as a log without any thought would be
    raw.execute("CREATE TABLE runs (id TEXT PRIMARY KEY, status TEXT, created INTEGER, body TEXT)")
    count = 20_000
    for order, status, inputs, results in run_generator.orders(count):
        body = json.dumps({"inputs": inputs.decode(), "results": results.decode()})
        raw.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", (order.nonce, status.value, 1, body))
    raw_row = raw.execute("PRAGMA page_count").get * raw.execute("PRAGMA page_size").get / count
    per_run = million.file.stat().st_size / RUNS
    words = million.bare.execute("SELECT sum(pgsize) FROM dbstat WHERE name GLOB 'run_text*'").get
    report_figure("bytes of a run, all indexes counted in", per_run, "bytes")
    report_figure("    of these for the index of words", words / RUNS, "bytes")
    report_figure("    a raw row of the same run", raw_row, "bytes")
    report_figure("log vs raw rows (goal 0.25)", per_run / raw_row, "x raw rows")
    bare = per_run - words / RUNS
    report_figure("    without the index of words", bare / raw_row, "x raw rows")
    assert per_run < raw_row * 0.6
    raw.close()

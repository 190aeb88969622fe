"""A long history: pages at any depth, painting one, and what a run takes on the disk.

200,000 runs of 2 KB; ZAPDESK_RUNS=1000000 makes it a million. At least 100,000 are needed.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from tests.benchmarks import run_generator
from tests.benchmarks.measuring import report_turns, take_turns
from tests.conftest import ReportFigure, RunOnQt
from tests.storage.making import OWNER, opened
from zapdesk.domain.runs import RUNS_END, ActionRun, RunCursor, RunFilter, RunStatus
from zapdesk.storage.run_log import RunLog

RUNS = int(os.environ.get("ZAPDESK_RUNS", "200000"))
PAGE = 200
ROWS = 30


class History:
    """A long log, open on a loop of its own."""

    def __init__(self, runner: asyncio.Runner, log: RunLog, raw_bytes: int, file: Path) -> None:
        self._runner, self.log = runner, log
        self.raw_bytes, self.file = raw_bytes, file

    def page(self, wanted: RunFilter, after: RunCursor | None) -> tuple[ActionRun, ...]:
        return self._runner.run(self.log.page(wanted, after, PAGE))

    def timed(self, wanted: RunFilter, after: RunCursor | None = None) -> Callable[[], float]:
        def read() -> float:
            begin = perf_counter()
            page = self.page(wanted, after)
            took = perf_counter() - begin
            assert len(page) == PAGE
            return took

        return read


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    folder = tmp_path_factory.mktemp("history")
    with asyncio.Runner() as runner:
        context = opened(folder)
        database = runner.run(context.__aenter__())
        raw_bytes = runner.run(run_generator.generate(database, RUNS))
        yield History(runner, RunLog(database, OWNER), raw_bytes, folder / "zapdesk.db")
        runner.run(context.__aexit__(None, None, None))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("every run", RunFilter(run_generator.PROFILE)),
        ("one status", RunFilter(run_generator.PROFILE, frozenset({RunStatus.SUCCESS}))),
        ("one app", RunFilter(run_generator.PROFILE, app_id="app-7")),
    ],
)
def test_a_page_far_down_is_read_like_the_first(
    history: History, report_figure: ReportFigure, name: str, wanted: RunFilter
) -> None:
    far = RUNS // 10  # the oldest tenth begins here
    deep = RunCursor(run_generator.FIRST_MS + far * run_generator.STEP_MS, far)
    turns = take_turns(history.timed(wanted, deep), history.timed(wanted), rounds=41)
    ratio = report_turns(
        report_figure, f"page below 90 % of {RUNS:,} runs, {name}, vs first", turns, 2.0
    )
    assert ratio < 3


def test_a_run_takes_little_room_on_the_disk(history: History, report_figure: ReportFigure) -> None:
    ratio = history.file.stat().st_size / history.raw_bytes
    report_figure("log with its index, per byte of JSON (goal 0.25)", ratio, "x raw")
    assert ratio < 1.1


@pytest.mark.qt
@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_painting_a_page_costs_what_it_costs_a_model_of_c_plus_plus(
    qapp: Any, history: History, report_figure: ReportFigure
) -> None:
    from PySide6.QtGui import QStandardItem, QStandardItemModel
    from PySide6.QtWidgets import QHeaderView, QTableView

    from tests.ui.placeholders import destroy
    from zapdesk.ui.late_tasks import LateTasks
    from zapdesk.ui.look.metrics import ROW_DENSE
    from zapdesk.ui.look.theme import Theme
    from zapdesk.ui.runs.model import RunModel
    from zapdesk.ui.runs.table import RunTable

    if qapp.findChild(Theme) is None:
        Theme(qapp, "light")
    runs = history.page(RunFilter(run_generator.PROFILE), None)
    model = RunModel(LateTasks())
    table = RunTable(model)
    model.show_items(runs)
    plain_model = QStandardItemModel()
    for row in range(len(runs)):
        texts = [model.data(model.index(row, column)) for column in range(model.columnCount())]
        plain_model.appendRow([QStandardItem(text) for text in texts])
    plain = QTableView()
    plain.setModel(plain_model)
    plain.setShowGrid(False)
    plain.setWordWrap(False)
    plain.verticalHeader().hide()
    plain.verticalHeader().setMinimumSectionSize(ROW_DENSE)
    plain.verticalHeader().setDefaultSectionSize(ROW_DENSE)
    plain.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def painted(view: QTableView) -> Callable[[], float]:
        view.resize(1_280, ROWS * ROW_DENSE + view.horizontalHeader().height())
        view.show()
        qapp.processEvents()

        def paint() -> float:
            bar = view.verticalScrollBar()
            bar.setValue(0 if bar.value() else bar.maximum() // 2)
            begin = perf_counter()
            view.viewport().repaint()
            return perf_counter() - begin

        return paint

    gc.collect()
    turns = take_turns(painted(table), painted(plain), rounds=101)
    ratio = report_turns(report_figure, "painting a page of the history", turns, 1.2)
    destroy(table)
    destroy(plain)
    assert ratio < 2.5


@pytest.mark.qt
@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_the_whole_length_of_the_history_is_at_hand_at_once(
    qapp: Any, qt_run: RunOnQt, history: History, report_figure: ReportFigure
) -> None:
    """Scrolling on and on, and leaping to the ends, to another state and to words: what a person
    waits for is a page of the log, and the window never stands still."""
    from tests.ui.placeholders import destroy
    from tests.ui.run_history import LoopMeter, until
    from zapdesk.ui.late_tasks import LateTasks
    from zapdesk.ui.look.theme import Theme
    from zapdesk.ui.paged_model import MOST_HELD, Start
    from zapdesk.ui.runs.model import RunModel
    from zapdesk.ui.runs.table import RunTable

    if qapp.findChild(Theme) is None:
        Theme(qapp, "light")
    tasks = LateTasks()
    model = RunModel(tasks)
    table = RunTable(model)
    table.resize(1_280, 900)
    table.show()
    everything = RunFilter(run_generator.PROFILE)
    waits: dict[str, float] = {}

    async def read(name: str, wanted: RunFilter, start: Start = Start.TOP) -> None:
        first = RUNS_END if start is Start.END else None

        async def load(edge: ActionRun | None, limit: int, is_above: bool) -> tuple[ActionRun, ...]:
            cursor = RunCursor(edge.created_ms, edge.number, is_above) if edge else first
            return await history.log.page(wanted, cursor, limit)

        begin = perf_counter()
        model.read_from(load, 0, start)
        await until(lambda: not model.is_loading, 30)
        table.viewport().repaint()
        waits[name] = perf_counter() - begin

    async def scenario() -> float:
        await read("open", everything)
        await asyncio.sleep(0.1)
        with LoopMeter() as meter:
            for _ in range(MOST_HELD // PAGE + 10):
                oldest = model.items[-1].number
                bar = table.verticalScrollBar()
                bar.setValue(bar.maximum())
                await until(lambda n=oldest: model.items[-1].number < n and not model.is_loading)
            await read("leap to the oldest", everything, Start.END)
            await read("leap to the newest", everything)
            failed = RunFilter(run_generator.PROFILE, frozenset({RunStatus.ERROR}))
            await read("another state", failed)
            await read("two words", RunFilter(run_generator.PROFILE, text="invoice mon"))
        return meter.longest_ms

    longest = qt_run(scenario())
    destroy(table)
    for name, seconds in waits.items():
        report_figure(f"history of {RUNS:,} runs: {name}, painted", seconds * 1_000, "ms")
    report_figure("    longest gap of the event loop (goal 50)", longest, "ms")
    assert longest < 500

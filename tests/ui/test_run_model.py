"""The history's model: pages, live changes, and what its cells say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from tests.conftest import ReportFigure, RunOnQt
from tests.ui.run_history import LoopMeter, some_run, until
from zapdesk.domain.facts import DAY_MS
from zapdesk.domain.runs import ActionRun, Resolution, RunFilter, RunKind, RunStatus
from zapdesk.errors import StorageUnusable
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.paged_model import ITEM_ROLE
from zapdesk.ui.runs.model import CELL_LIMIT, RunColumn, RunModel
from zapdesk.ui.runs.table import RunTable
from zapdesk.ui.times import now_ms

ROOT = QModelIndex()


class Source:
    """Pages of runs, newest first; ``asked`` is what was read from where."""

    def __init__(self, count: int) -> None:
        self.runs = [some_run(number) for number in range(count, 0, -1)]
        self.asked: list[int | None] = []
        self.gate: asyncio.Event | None = None
        self.error: StorageUnusable | None = None

    async def load(self, edge: ActionRun | None, limit: int, is_above: bool) -> Sequence[ActionRun]:
        self.asked.append(edge.number if edge else None)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        if is_above:
            return [run for run in self.runs if edge is None or run.number > edge.number][-limit:]
        return [run for run in self.runs if edge is None or run.number < edge.number][:limit]


def checked(tasks: LateTasks) -> RunModel:
    model = RunModel(tasks)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)
    return model


def text(model: RunModel, row: int, column: RunColumn) -> str:
    return str(model.index(row, column).data())


def test_a_row_tells_the_four_facts_and_processed_is_no_tick(qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        tasks, source = LateTasks(), Source(2)
        source.runs[0] = some_run(2, headline='The result says "ok": false')
        source.runs[1] = some_run(1, RunStatus.UNKNOWN)
        model = checked(tasks)
        model.read_from(source.load)
        await until(lambda: model.rowCount() == 2)
        told = [
            str(model.index(row, RunColumn.STATUS).data(Qt.ItemDataRole.AccessibleTextRole))
            for row in (0, 1)
        ]
        assert told[0].startswith(
            "Status: Processed. Sent: accepted. Processed: success. "
            'Result: it says "ok": false. Saved: here'
        )
        assert "Sent: cannot know. Processed: cannot know. Result: none. Saved: here" in told[1]
        assert model.line(0).look.icon == "warning"
        tip = str(model.index(0, RunColumn.STATUS).data(Qt.ItemDataRole.ToolTipRole))
        assert "Sent: accepted" in tip
        await tasks.close()

    qt_run(scenario())


def test_pages_are_read_as_they_are_needed_and_never_twice(qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        tasks, source = LateTasks(), Source(450)
        model = checked(tasks)
        model.read_from(source.load)
        await until(lambda: model.rowCount() >= 200)
        for _ in range(3):
            model.fetchMore(ROOT)
        await until(lambda: model.rowCount() >= 400)
        model.fetchMore(ROOT)
        await until(lambda: model.is_complete)
        assert not model.canFetchMore(ROOT)
        assert [run.number for run in model.items] == list(range(450, 0, -1))
        assert source.asked == [None, 251, 51]
        await tasks.close()

    qt_run(scenario())


def test_an_answer_that_comes_after_a_new_question_is_dropped(qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        tasks, slow, quick = LateTasks(), Source(5), Source(2)
        slow.gate = asyncio.Event()
        model = checked(tasks)
        model.read_from(slow.load)
        await until(lambda: slow.asked)
        model.read_from(quick.load)
        await until(lambda: model.rowCount() == 2)
        slow.gate.set()
        await until(lambda: not len(tasks))
        assert model.rowCount() == 2
        await tasks.close()

    qt_run(scenario())


def test_nothing_is_read_or_shown_after_close(qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        tasks, source = LateTasks(), Source(500)
        source.gate = asyncio.Event()
        model = checked(tasks)
        model.read_from(source.load)
        await until(lambda: source.asked)
        model.close()
        source.gate.set()
        await until(lambda: not len(tasks))
        assert model.rowCount() == 0
        assert not model.canFetchMore(ROOT)
        await tasks.close()
        model.read_from(source.load)
        assert not model.is_loading

    qt_run(scenario())


def test_a_page_that_cannot_be_read_is_told_once_and_not_asked_for_again(qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        tasks, source = LateTasks(), Source(500)
        model, errors = checked(tasks), list[object]()
        model.failed.connect(errors.append)
        source.error = StorageUnusable("The log cannot be read.")
        model.read_from(source.load)
        await until(lambda: errors)
        assert errors == [source.error]
        assert not model.canFetchMore(ROOT)
        source.error = None
        model.read_from(source.load)
        await until(lambda: model.rowCount() >= 200)
        await tasks.close()

    qt_run(scenario())


def test_a_changed_run_replaces_its_row_and_nothing_else(qapp: Any) -> None:
    model = checked(LateTasks())
    model.show_items([some_run(3), some_run(2, RunStatus.WAITING), some_run(1)])
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b, _: changed.append((a.row(), b.row())))
    assert text(model, 1, RunColumn.STATUS) == "Waiting"
    assert model.take(some_run(2, RunStatus.SUCCESS, headline="1 item"))
    assert changed == [(1, 1)]
    assert text(model, 1, RunColumn.STATUS) == "Success"
    assert text(model, 1, RunColumn.OUTCOME) == "1 item"
    assert text(model, 1, RunColumn.DURATION) == "1.8 s"


def test_a_new_run_goes_where_its_time_puts_it(qapp: Any) -> None:
    model = checked(LateTasks())
    model.show_items([some_run(5), some_run(3)])
    for number in (6, 4, 1):
        assert model.take(some_run(number))
    assert [run.number for run in model.items] == [6, 5, 4, 3, 1]


def test_a_run_that_the_filter_no_longer_lets_through_leaves(qapp: Any) -> None:
    model = checked(LateTasks())
    model.show_items([some_run(2, RunStatus.WAITING), some_run(1, RunStatus.WAITING)])
    model.filter = RunFilter(statuses=frozenset({RunStatus.WAITING}))
    assert model.take(some_run(2, RunStatus.SUCCESS))
    assert model.take(some_run(3, RunStatus.SUCCESS))
    assert [run.number for run in model.items] == [1]


def test_with_a_text_to_search_for_only_the_log_can_tell(qapp: Any) -> None:
    model = checked(LateTasks())
    model.filter = RunFilter(text="ada")
    assert not model.take(some_run(1))
    assert model.rowCount() == 0


def test_rows_give_out_their_runs_and_days_begin_where_they_do(qapp: Any) -> None:
    model = checked(LateTasks())
    now = now_ms()
    runs = [
        some_run(4, created_ms=now),
        some_run(3, created_ms=now - 1),
        some_run(2, created_ms=now - 3 * DAY_MS),
        some_run(1, created_ms=now - 9 * DAY_MS),
    ]
    model.show_items(runs)
    assert [model.index(row, 0).data(ITEM_ROLE) for row in range(4)] == runs
    assert model.is_day_start(0)
    assert model.is_day_start(2)
    assert model.is_day_start(3)


def test_hostile_text_is_visible_plain_and_capped(qapp: Any) -> None:
    model = checked(LateTasks())
    model.show_items(
        [
            some_run(
                1,
                app_title="\u202egnp.exe\x00 <b>x</b>",
                action_title="w" * 1_000_000,
                headline="two\nlines",
                kind=RunKind.TEST,
            )
        ]
    )
    assert text(model, 0, RunColumn.APP) == "⟨U+202E⟩gnp.exe⟨U+0000⟩ <b>x</b>"
    assert len(text(model, 0, RunColumn.ACTION)) <= CELL_LIMIT
    assert text(model, 0, RunColumn.OUTCOME) == "two lines"
    tip = model.index(0, RunColumn.APP).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip


def test_what_was_added_to_a_run_and_where_it_comes_from_is_shown_and_spoken(qapp: Any) -> None:
    model = checked(LateTasks())
    model.show_items(
        [some_run(1, is_foreign=True, is_baseline=True, note="n", labels=("a", "b" * 90))]
    )
    assert model.line(0).tags[:4] == ("from a file", "known good", "note", "a")
    assert len(model.line(0).tags[4]) <= 24
    spoken = model.index(0, RunColumn.OUTCOME).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "from a file, known good, note, a" in spoken


@pytest.mark.parametrize(
    ("status", "facts", "outcome"),
    [
        (RunStatus.WAITING, {"server_status": "queued"}, "The sandbox says: queued"),
        (RunStatus.SUBMITTING, {}, "Sending"),
        (RunStatus.UNKNOWN, {}, "We cannot tell whether this ran"),
        (
            RunStatus.UNKNOWN,
            {"resolution": Resolution.HAPPENED, "resolution_note": "Seen."},
            "It happened. Seen.",
        ),
        (RunStatus.NOT_SENT, {}, "Nothing was sent"),
        (RunStatus.LOST, {}, "The sandbox no longer knows this run"),
        (RunStatus.ERROR, {"headline": "Invalid address"}, "Invalid address"),
    ],
)
def test_every_state_says_what_came_of_it(
    qapp: Any, status: RunStatus, facts: dict[str, Any], outcome: str
) -> None:
    model = checked(LateTasks())
    model.show_items([some_run(1, status, **facts)])
    assert text(model, 0, RunColumn.OUTCOME) == outcome
    spoken = model.index(0, RunColumn.OUTCOME).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == f"Outcome: {outcome}"


def test_what_is_being_read_stays_in_place_when_a_run_comes_in_above(
    qtbot: QtBot, theme: Theme
) -> None:
    model = checked(LateTasks())
    model.show_items([some_run(number) for number in range(300, 0, -1)])
    table = RunTable(model)
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.show()
    table.select("run150")
    table.scrollTo(table.currentIndex())
    place = table.visualRect(table.currentIndex()).top()
    selected: list[object] = []
    table.run_selected.connect(selected.append)
    model.take(some_run(301))
    assert table.current_run is not None
    assert table.current_run.number == 150
    assert table.visualRect(table.currentIndex()).top() == place
    assert selected == []
    table.verticalScrollBar().setValue(0)
    model.take(some_run(302))
    assert table.verticalScrollBar().value() == 0
    assert table.rowAt(40) == 0
    table.hide()


@pytest.mark.alone
def test_a_table_of_100000_runs_scrolls_without_a_pause(
    qt_run: RunOnQt, qtbot: QtBot, theme: Theme, report_figure: ReportFigure
) -> None:
    model = RunModel(LateTasks())
    model.show_items([some_run(number) for number in range(100_000, 0, -1)])
    table = RunTable(model)
    qtbot.addWidget(table)
    table.resize(1_280, 840)
    table.show()

    async def scenario() -> tuple[float, list[float]]:
        await asyncio.sleep(0.05)
        times = []
        with LoopMeter() as meter:
            for page in range(1, 120):
                table.verticalScrollBar().setValue(page * 22_000)
                start = time.perf_counter()
                table.viewport().repaint()
                times.append((time.perf_counter() - start) * 1_000)
                await asyncio.sleep(0)
        return meter.longest_ms, times

    longest, times = qt_run(scenario())
    table.hide()
    report_figure("history: one page painted, median", sorted(times)[60], "ms")
    report_figure("history: longest pause while scrolling 100,000 runs", longest, "ms")
    assert longest < 200  # the goal is 100 ms; the rest is room for a noisy machine

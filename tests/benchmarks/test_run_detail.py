"""The detail of a run with a result of 50 MB: until its first rows are painted, and meanwhile."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from tests.benchmarks.measuring import Turns, report_turns
from tests.conftest import ReportFigure, RunOnQt

pytestmark = [pytest.mark.qt, pytest.mark.qt_log_ignore("does not support propagateSizeHints")]

MEGABYTES = 50
ROUNDS = 5


def document() -> bytes:
    """A list of objects, as an app sends it."""
    record = {"id": 4711, "name": "Ada Lovelace", "tags": ["a", "b"], "note": "A sentence. " * 20}
    one = json.dumps(record).encode() + b","
    return b"[" + one * (MEGABYTES * 1_000_000 // len(one)) + b'{"last":true}]'


def test_a_run_with_a_large_result_is_opened_without_a_stop(
    qapp: Any, qt_run: RunOnQt, tmp_path: Path, report_figure: ReportFigure
) -> None:
    from tests.stall_meter import StallMeter
    from tests.ui.placeholders import destroy
    from tests.ui.run_history import opened_desk, until
    from zapdesk.ui.look.theme import Theme
    from zapdesk.ui.runs.detail import RunDetail

    data = document()
    detail = RunDetail(qapp.findChild(Theme) or Theme(qapp, "light"))
    detail.resize(900, 800)
    detail.show()
    seen: list[float] = []
    floor: list[float] = []

    async def show() -> StallMeter:
        async with opened_desk(tmp_path) as desk:
            detail.set_session(desk.session)
            small = await desk.add()
            large = await desk.add(results=data)
            tree = detail.content.tree.tree
            for _ in range(ROUNDS):
                detail.show_run(small.id)
                await until(lambda: tree.json.rowCount() == 1, 30)
                begin = perf_counter()
                await desk.log.record(large.id)
                floor.append(perf_counter() - begin)
                begin = perf_counter()
                detail.show_run(large.id)
                await until(lambda: tree.json.rowCount() > 1, 30)
                tree.viewport().repaint()
                seen.append(perf_counter() - begin)
            with StallMeter(50) as meter:
                detail.show_run(small.id)
                await until(lambda: tree.json.rowCount() == 1, 30)
                detail.show_run(large.id)
                await until(lambda: detail.record is not None and len(tree.json.document) > 1e6, 30)
                for tab in (detail.content.table, detail.content.raw, detail.content.result):
                    detail.content.tabs.setCurrentWidget(tab)
                    await asyncio.sleep(0.5)
            await detail.close_tasks()
        return meter

    meter = qt_run(show())
    destroy(detail)
    name = f"a run with {MEGABYTES} MB to its first rows, vs reading it from the log"
    ratio = report_turns(report_figure, name, Turns(tuple(seen), tuple(floor)), 1.5)
    report_figure("    longest gap while its tabs are opened (goal 50)", meter.longest.own_ms, "ms")
    assert ratio < 4
    assert meter.longest.own_ms < 200

"""A result of 50 MB until it can be read, against a text edit."""

from __future__ import annotations

import asyncio
import gc
import json
from time import perf_counter
from typing import Any

import pytest

from tests.benchmarks.measuring import Turns, report_turns
from tests.conftest import ReportFigure, RunOnQt

pytestmark = [pytest.mark.qt, pytest.mark.qt_log_ignore("does not support propagateSizeHints")]

MEGABYTES = 50


def document() -> bytes:
    """Indented JSON, as it is copied from a server's pages."""
    record = {"id": 4711, "name": "Ada Lovelace", "tags": ["a", "b"], "note": "A short sentence."}
    one = json.dumps(record, indent=2).encode() + b",\n"
    return b"[" + one * (MEGABYTES * 1_000_000 // len(one)) + b"0]"


def test_a_large_result_can_be_read_at_once(
    qapp: Any, qt_run: RunOnQt, report_figure: ReportFigure
) -> None:
    from PySide6.QtWidgets import QPlainTextEdit

    from tests.stall_meter import StallMeter
    from tests.ui.placeholders import destroy
    from zapdesk.ui.late_tasks import LateTasks
    from zapdesk.ui.look.theme import Theme
    from zapdesk.ui.viewers.raw_view import RawView

    if qapp.findChild(Theme) is None:
        Theme(qapp, "light")
    data = document()
    tasks = LateTasks()
    view = RawView("Raw", tasks)
    view.resize(800, 600)
    view.show()
    seen: list[float] = []

    async def show() -> tuple[StallMeter, float]:
        with StallMeter(50) as meter:
            for _ in range(5):
                begin = perf_counter()
                view.show_document(data, 0)
                view.view.viewport().repaint()
                seen.append(perf_counter() - begin)
                await asyncio.sleep(0.05)
            while not view.view.lines.is_done:
                await asyncio.sleep(0.005)
            whole = perf_counter() - begin - 0.05
            assert "4711" in view.view._shown(2)
        await tasks.close()
        return meter, whole

    meter, whole = qt_run(show())
    destroy(view)
    plain = QPlainTextEdit()
    plain.resize(800, 600)
    plain.show()
    qapp.processEvents()
    text = data.decode()
    begin = perf_counter()
    plain.setPlainText(text)
    plain.repaint()
    floor = perf_counter() - begin
    destroy(plain)
    gc.collect()

    name = f"{MEGABYTES} MB"
    first_screen = Turns(tuple(seen), (floor,) * len(seen))
    ratio = report_turns(
        report_figure, f"{name} to its first screen, vs QPlainTextEdit", first_screen, 0.05
    )
    report_figure("    until every line is known", whole / floor, "x the floor")
    report_figure("    longest gap meanwhile (goal 16)", meter.longest.own_ms, "ms")
    assert ratio < 0.05
    assert meter.longest.own_ms < 100

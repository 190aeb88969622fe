"""From starting the process to the first frame, against an empty window without anything."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from tests.benchmarks.first_paint import (
    EMPTY_WINDOW,
    ZAPDESK,
    fill_state,
    seconds_to_first_frame,
)
from tests.benchmarks.measuring import report_turns, take_turns
from tests.conftest import ROOT, ReportFigure
from zapdesk.paths import Paths

pytestmark = pytest.mark.qt

GOAL, FAR_OFF = 1.3, 3.5


def test_the_first_frame_comes_soon_after_that_of_an_empty_window(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report_figure: ReportFigure
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    fill_state(Paths.find())
    programs = []
    for name, source in (("full.py", ZAPDESK), ("empty.py", EMPTY_WINDOW)):
        program = tmp_path / name
        program.write_text(source, encoding="utf-8")
        programs.append(functools.partial(seconds_to_first_frame, program, tmp_path / "compiled"))
    ours, floor = programs
    turns = take_turns(ours, floor, rounds=15)
    ratio = report_turns(report_figure, "start to first frame, 8,000 apps", turns, GOAL)
    assert ratio < FAR_OFF

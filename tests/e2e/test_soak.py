"""The window used for hours on end: memory, file descriptors and threads stay what they were."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import FULL, ROOT, ReportFigure
from zapdesk.paths import Paths

pytestmark = [
    pytest.mark.qt,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux"),
]

HOURS = 2.0 if FULL else 0.06
WARM_UP = 0.25
"""This share of the time fills caches and pools."""
MOST_MB = 16.0
"""May come after the warm-up, while caches still fill."""
MINUTES = 15

DRIVER = """
import zapdesk.ui.shell.life as module
from tests.e2e.soak import soak

begin = module.Life._begin

def begin_and_soak(life):
    begin(life)
    life._closer.start(soak(life, {hours}))

module.Life._begin = begin_and_soak
from zapdesk.ui.shell.application import run_window
run_window(["--sandbox"])
"""


@pytest.fixture
def sandbox_ends(home: Path) -> Iterator[None]:
    """The sandbox that a window started outlives it by half a minute: end it with the test."""
    yield
    told = Paths.find().sandbox / "address.json"
    if told.exists():
        os.kill(json.loads(told.read_text())["pid"], signal.SIGTERM)


@pytest.mark.usefixtures("sandbox_ends")
def test_hours_of_polls_and_of_use_leave_memory_descriptors_and_threads_as_they_were(
    home: Path, report_figure: ReportFigure
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER.format(hours=HOURS)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=MINUTES * 60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    samples = [tuple(one) for one in json.loads(done.stdout.splitlines()[-1])]
    later = [one for one in samples if one[0] >= WARM_UP * HOURS]
    hours, resident, descriptors, threads = zip(*later, strict=True)
    slope = statistics.linear_regression(hours, resident).slope
    report_figure("memory of the window, an hour of polls and use", slope, "MB/h")
    report_figure("memory of the window, in the end", resident[-1], "MB")
    assert max(threads) == min(threads), threads
    assert max(descriptors) - min(descriptors) <= 2, descriptors  # a connection may be open
    assert resident[-1] - resident[0] < MOST_MB, list(zip(hours, resident, strict=True))

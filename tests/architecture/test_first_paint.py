"""The first frame is on the screen before anything slow is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {"asyncio", "httpx", "keyring", "qasync", "ssl"}

# The one processEvents of the program is what paints the first frame.
WATCH_THE_FIRST_FRAME = """
import sys
import PySide6.QtCore
from PySide6.QtCore import QCoreApplication

paint = QCoreApplication.processEvents

def painted(*arguments):
    early = set(sys.argv[2].split()) & sys.modules.keys()
    # Naming Qt makes all of its enums, which takes a sixth of the start.
    early |= {"Qt"} & vars(PySide6.QtCore).keys()
    print("painted", *sorted(early), flush=True)
    QCoreApplication.processEvents = paint
    return paint(*arguments)

QCoreApplication.processEvents = painted
from zapdesk.__main__ import main
sys.exit(main(["--sandbox", "--screenshot", sys.argv[1]]))
"""


@pytest.mark.qt
def test_the_first_frame_is_painted_before_slow_imports(home: Path, tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    run = subprocess.run(
        [sys.executable, "-c", WATCH_THE_FIRST_FRAME, str(picture), " ".join(SLOW)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    first_line = run.stdout.splitlines()[0]
    assert first_line == "painted", "imported too early: " + first_line.removeprefix("painted ")
    assert picture.read_bytes().startswith(b"\x89PNG")

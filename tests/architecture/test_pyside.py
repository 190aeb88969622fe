"""The pinned Qt keeps its hands off Python's reference counts; 6.12.0 did not."""

from __future__ import annotations

import subprocess
import sys

import pytest

EMITS = 20_000
# 6.12.0 takes one reference of True at every emit and one of None at every processEvents, and the
# process aborts after some 600. Since Python 3.12 these objects are immortal and cannot be lost.
CANARY = f"""
import sys
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Emitter(QObject):
    flagged = Signal(bool)
    spoke = Signal()

app = QCoreApplication([])
emitter = Emitter()
emitter.flagged.connect(lambda flag: None)
emitter.spoke.connect(lambda: None)
before = [sys.getrefcount(thing) for thing in (True, False, None)]
for number in range({EMITS}):
    emitter.flagged.emit(number % 2 == 0)
    emitter.spoke.emit()
    app.processEvents()
after = [sys.getrefcount(thing) for thing in (True, False, None)]
print(*(b - a for a, b in zip(before, after)))
"""


@pytest.mark.qt
def test_true_false_and_none_keep_their_references_over_many_signals() -> None:
    run = subprocess.run(
        [sys.executable, "-c", CANARY], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    assert all(abs(int(change)) <= 10 for change in run.stdout.split()), run.stdout
    assert len(run.stdout.split()) == 3

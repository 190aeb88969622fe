"""What goes wrong inside the window: it is written down, told of, and survived."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.window_process import (
    ROOT,
    SECRET,
    START_SECONDS,
    ended,
    session_file,
    start,
)
from zapdesk.ui.shell.crash_log import CrashLog

BUGS = {
    "in a slot": "after(0.3, lambda: 1 / 0)",
    "in a slot of Qt": "from PySide6.QtCore import QTimer\n"
    "def fail(): raise RuntimeError({secret!r})\nQTimer.singleShot(300, fail)",
    "in a task": "async def fail(): raise RuntimeError({secret!r})\nlife._owner.start(fail())",
    "in a task nobody awaits": "async def fail(): raise RuntimeError({secret!r})\n"
    "def forget(): life._loop.create_task(fail())\nafter(0.1, forget)",
    "in a thread": "def fail(): raise RuntimeError({secret!r})\n"
    "threading.Thread(target=fail).start()",
    "in __del__": "class Thing:\n    def __del__(self): raise RuntimeError({secret!r})\nThing()",
    "in paintEvent": "from PySide6.QtWidgets import QWidget\nclass Thing(QWidget):\n"
    "    def paintEvent(self, event): raise RuntimeError({secret!r})\n"
    "life.thing = Thing(window)\nlife.thing.resize(50, 50)\nlife.thing.show()",
    "in model.data": "from PySide6.QtCore import QAbstractListModel\n"
    "from PySide6.QtWidgets import QListView\nclass Model(QAbstractListModel):\n"
    "    is_broken = False\n"
    "    def rowCount(self, parent=None): return 3\n"
    "    def data(self, index, role=0):\n"
    "        if self.is_broken: raise RuntimeError({secret!r})\n"
    "def breaks():\n    life.model.is_broken = True\n    life.view.viewport().update()\n"
    "life.model = Model()\nlife.view = QListView(window)\nlife.view.setModel(life.model)\n"
    "life.view.show()\nafter(0.3, breaks)",
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_written_down_once_without_secrets_and_the_window_lives_on(
    home: Path, bug: str
) -> None:
    action = BUGS[bug].format(secret=f"token={SECRET}")
    survived = "after(1.5, lambda: print('alive', window.notices.texts, flush=True))"
    process = start(f"{action}\n{survived}\nafter(2, gc.collect)\nafter(2.2, window.close)")
    output, errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0, errors
    assert "alive" in output
    assert "Something went wrong inside zapdesk" in output
    report = session_file(home).read_text()
    assert report.count("Traceback (most recent call last)") == 1
    assert "Error" in report
    log_text = (home / "logs" / "zapdesk.log").read_text()
    assert SECRET not in report + log_text + output + errors


def test_after_a_crash_of_the_process_the_next_start_offers_the_report(home: Path) -> None:
    crashed = start("after(0.5, faulthandler._sigsegv)")
    assert ended(crashed) == -signal.SIGSEGV
    told = "after(0.5, lambda: print(window.notices.texts, flush=True))\nafter(1, window.close)"
    output, errors = start(told).communicate(timeout=START_SECONDS)
    assert "met a fault" in output, errors
    output, _ = start(told).communicate(timeout=START_SECONDS)
    assert "met a fault" not in output


def test_after_a_kill_that_left_nothing_unclear_the_next_start_says_nothing(home: Path) -> None:
    process = start()
    process.kill()
    process.communicate()
    told = "after(0.5, lambda: print(window.notices.texts, flush=True))\nafter(1, window.close)"
    output, _ = start(told).communicate(timeout=START_SECONDS)
    assert output == "[]\n"


def test_a_gui_thread_that_is_stuck_leaves_its_stacks_behind(home: Path) -> None:
    process = start("def stuck(): time.sleep(3.5)\nafter(0.5, stuck)\nafter(4.5, window.close)")
    assert ended(process) == 0
    assert "stuck" in (home / "logs" / "stalls.txt").read_text()
    assert not session_file(home).exists()


def test_garbage_is_collected_on_the_gui_thread_only(home: Path) -> None:
    action = """
threads = set()
gc.callbacks.append(lambda *_: threads.add(threading.current_thread().name))
def litter():
    for _ in range(200_000):
        cycle = []
        cycle.append(cycle)
after(0.2, lambda: threading.Thread(target=litter).start())
after(3.5, lambda: print(gc.isenabled(), sorted(threads), flush=True))
after(4, window.close)
"""
    output, errors = start(action).communicate(timeout=START_SECONDS)
    assert output.strip() == "False ['MainThread']", errors


def test_the_crash_log_keeps_what_repeats_once_and_stops_at_twenty(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from zapdesk.ui.shell.crash_log import CrashLog
log = CrashLog(Path({str(tmp_path)!r}))
for number in range(30):
    for _ in range(1_000):
        try:
            raise ValueError(number)
        except ValueError as error:
            log.record("in a test", error)
log.close()
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    report = (tmp_path / "session.txt").read_text()
    assert report.count("Traceback") == 20
    assert (tmp_path / "session.txt").stat().st_mode & 0o077 == 0


def test_a_crash_log_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        CrashLog(tmp_path / "missing")

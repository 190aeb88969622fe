"""The suite notices errors that nobody fetches: each fault planted here must fail its own test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTED = """
    import asyncio
    import logging
    import threading

    import hypothesis
    import hypothesis.strategies as st
    from PySide6.QtCore import QObject, QTimer, Signal
    from PySide6.QtGui import QColor, QPixmap
    from PySide6.QtWidgets import QWidget


    class Emitter(QObject):
        happened = Signal()


    def test_calm_scenario(leaves_nothing_behind, qt_run, expected_log):
        expected_log("spoken of", logger="zapdesk")

        async def scenario():
            await asyncio.sleep(0)
            logging.getLogger("zapdesk.calm").warning("spoken of")
            return 7

        assert qt_run(scenario()) == 7


    @hypothesis.given(st.integers())
    def test_calm_property(number):
        assert number == number


    def test_fault_in_a_slot(qapp):
        emitter = Emitter()
        emitter.happened.connect(lambda: 1 / 0)
        emitter.happened.emit()


    def test_fault_in_a_virtual_method(qtbot):
        class Broken(QWidget):
            def resizeEvent(self, event):
                raise ValueError("in a virtual method")

        widget = Broken()
        qtbot.addWidget(widget)
        widget.resize(50, 50)
        widget.show()
        qtbot.wait(20)


    def test_fault_in_a_message_of_qt(qapp):
        QPixmap("/no/such/picture.png").scaled(10, 10)


    def test_fault_in_a_task_never_fetched():
        async def broken():
            raise ValueError("in a task")

        async def scenario():
            task = asyncio.create_task(broken())
            await asyncio.sleep(0.01)

        asyncio.run(scenario())


    def test_fault_in_a_task_on_qt_never_fetched(qt_run):
        async def broken():
            raise ValueError("in a task")

        async def scenario():
            task = asyncio.create_task(broken())
            await asyncio.sleep(0.01)

        qt_run(scenario())


    def test_fault_in_a_finaliser():
        class Broken:
            def __del__(self):
                raise ValueError("in a finaliser")

        Broken()


    def test_fault_in_a_thread():
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()


    def test_fault_logged():
        logging.getLogger("zapdesk.somewhere").error("went wrong")


    def test_fault_expected_that_never_came(expected_log):
        expected_log("never")


    def test_fault_task_left(qt_run):
        async def scenario():
            asyncio.get_running_loop().create_task(asyncio.sleep(60), name="left")

        qt_run(scenario())


    def test_fault_timer_left(leaves_nothing_behind, qapp):
        timer = QTimer(qapp)
        timer.start(60_000)


    def test_fault_widget_left(leaves_nothing_behind, qapp):
        QWidget.left = QWidget()


    def test_fault_thread_left():
        threading.Timer(5, print).start()
"""


@pytest.mark.qt
def test_every_planted_fault_fails_its_test_and_a_calm_test_passes(tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(textwrap.dedent(PLANTED), encoding="utf-8")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml")),
            *("-p", "tests.conftest", "-p", "no:cacheprovider", "-q", "-rA", str(planted)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        check=False,
    )
    summary = run.stdout[run.stdout.index("short test summary info") :]
    tests = set(re.findall(r"^def (test_\w+)", textwrap.dedent(PLANTED), re.MULTILINE))
    complained = set(re.findall(r"^(?:FAILED|ERROR) \S+::(test_\w+)", summary, re.MULTILINE))
    assert complained == {name for name in tests if name.startswith("test_fault_")}, run.stdout

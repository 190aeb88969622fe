"""What every test may count on: silence, a state directory of its own, one kind of loop with Qt.

A record of WARNING or above, an exception nobody fetched, a Qt message and anything left behind
fail the test that caused them. Nothing here imports Qt before a test asks for it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import hypothesis
import pytest

from zapdesk.redaction import REDACTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator

    from PySide6.QtWidgets import QApplication

ROOT = Path(__file__).resolve().parents[1]
WINDOW_TESTS = ROOT / "tests" / "ui"
BENCHMARKS = ROOT / "tests" / "benchmarks"
FULL = os.environ.get("ZAPDESK_FULL") == "1"
# Set by tests/run.sh where the system lacks Qt's libraries and may not be given them.
WITHOUT_QT = os.environ.get("ZAPDESK_WITHOUT_QT") == "1"
NEEDS_QT = "needs Qt's system libraries"
WATCHED_LOGGERS = ("asyncio", "qasync", "zapdesk")
THREADS_MAY_TAKE_SECONDS = 2.0

# Qt reads these once, when its application object is made. The screen of the offscreen platform
# is 800 x 800 otherwise, and a restored window is clipped to it.
os.environ.setdefault(
    "QT_QPA_PLATFORM", f"offscreen:configfile={ROOT / 'packaging' / 'offscreen-screen.json'}"
)
os.environ.setdefault("QT_API", "pyside6")

# A failing example is printed, so nothing is kept between runs; two cores are shared by all, so
# no example has a deadline.
hypothesis.settings.register_profile(
    "sample", derandomize=True, max_examples=100, deadline=None, database=None
)
hypothesis.settings.register_profile(
    "full", max_examples=5_000, deadline=None, database=None, print_blob=True
)
hypothesis.settings.load_profile("full" if FULL else "sample")

T = TypeVar("T")


class ExpectLog(Protocol):
    """Announces a record: `expected_log(pattern, logger="zapdesk")` before it is written."""

    def __call__(self, pattern: str, logger: str = "") -> None: ...


class RunOnQt(Protocol):
    """Runs one coroutine to its end on a loop that Qt turns, and gives back its result."""

    def __call__(self, scenario: Coroutine[Any, Any, T], /) -> T: ...


class ReportFigure(Protocol):
    """Prints a measured figure under the tests: `report_figure("first paint", 81.5, "ms")`."""

    def __call__(self, name: str, value: float, unit: str) -> None: ...


FIGURE = "figure"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Knows the settings of pytest-qt where it cannot be loaded."""
    if WITHOUT_QT:
        for name in ("qt_api", "qt_log_level_fail"):
            parser.addini(name, NEEDS_QT)


class _ModuleWithoutQt(pytest.Module):
    """A module that imports Qt, skipped by its name."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        pytest.skip(f"{self.path.name} {NEEDS_QT}", allow_module_level=True)


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """Keeps the tests of the window from being imported where Qt cannot be."""
    if WITHOUT_QT and WINDOW_TESTS in module_path.parents:
        module: pytest.Module = _ModuleWithoutQt.from_parent(parent, path=module_path)
        return module
    return None


def pytest_collection_finish() -> None:
    """Keeps what was imported so far out of every later collection, which then takes 1 ms."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what belongs to a full run; puts the leak check around every test of the window.

    The leak check becomes the outermost fixture, so it looks after all others have cleaned up.
    """
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        if BENCHMARKS in item.path.parents:
            item.add_marker("alone")
        is_long = item.get_closest_marker("long") or BENCHMARKS in item.path.parents
        (left_out if is_long and not FULL else kept).append(item)
        if isinstance(item, pytest.Function) and WINDOW_TESTS in item.path.parents:
            item.fixturenames.insert(0, "leaves_nothing_behind")
        if WITHOUT_QT and item.get_closest_marker("qt"):
            item.add_marker(pytest.mark.skip(reason=NEEDS_QT))
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Spells what UTF-8 cannot hold, as tests of hostile text log it: a report is sent as UTF-8."""
    report = yield
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    if report.longrepr is not None and _sendable(text := str(report.longrepr)) != text:
        report.longrepr = _sendable(text)
    return report


def _sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows the figures that tests measured, in whichever process they did."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if getattr(report, "when", "") == "call" or outcome == "failed"
    ]
    figures = [
        value for report in reports for key, value in report.user_properties if key == FIGURE
    ]
    if figures:
        terminalreporter.section("figures")
        for name, value, unit in figures:
            terminalreporter.write_line(f"{name:<64} {value:>12,.2f} {unit}")


@pytest.fixture
def report_figure(record_property: Callable[[str, object], None]) -> ReportFigure:
    """Adds a figure to the list printed under the tests."""

    def report(name: str, value: float, unit: str) -> None:
        record_property(FIGURE, (name, value, unit))

    return report


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own, used by this process and every one it starts."""
    folder = tmp_path / "home"
    monkeypatch.setenv("ZAPDESK_HOME", str(folder))
    monkeypatch.delenv("ZAPDESK_TOKEN", raising=False)
    monkeypatch.delenv("ZAPDESK_BASE_URL", raising=False)
    return folder


class _Records(logging.Handler):
    """Keeps what was logged at WARNING or above, and what was announced."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.expected: list[tuple[str, re.Pattern[str]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def complaints(self) -> list[str]:
        """One line for each record nobody announced and each announced one that never came."""
        came: set[int] = set()
        lines = []
        for record in self.records:
            text = record.getMessage()
            fitting = [
                number
                for number, (logger, pattern) in enumerate(self.expected)
                if record.name.startswith(logger) and pattern.search(text)
            ]
            came.update(fitting)
            if not fitting:
                reason = f": {record.exc_info[1]!r}" if record.exc_info else ""
                lines.append(f"unexpected {record.levelname} of {record.name}: {text}{reason}")
        lines += [
            f"expected a record of {logger or 'any logger'} like {pattern.pattern!r}; none came"
            for number, (logger, pattern) in enumerate(self.expected)
            if number not in came
        ]
        return lines


@pytest.fixture(autouse=True)
def _silence() -> Iterator[_Records]:
    """Fails a test after which a warning was logged, or a task's error was never fetched."""
    records = _Records()
    loggers = [logging.getLogger(name) for name in WATCHED_LOGGERS]
    for logger in loggers:
        logger.addHandler(records)
    yield records
    # asyncio reports a lost error when the task is destroyed, and most such tasks are in a cycle.
    gc.collect()
    for logger in loggers:
        logger.removeHandler(records)
    complaints = records.complaints()
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
def expected_log(_silence: _Records) -> ExpectLog:
    """Announces records of WARNING or above by a pattern; each must then come at least once."""

    def expect(pattern: str, logger: str = "") -> None:
        _silence.expected.append((logger, re.compile(pattern)))

    return expect


@pytest.fixture(autouse=True)
def _own_secrets() -> Iterator[None]:
    """Lets a test's secrets, which are words like any other, be hidden in that test only."""
    before = REDACTOR._secrets
    yield
    REDACTOR._secrets = before


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    """Fails a test that leaves a thread running which would keep the process alive."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.daemon]
    for thread in left:
        thread.join(THREADS_MAY_TAKE_SECONDS / len(left))
    names = [thread.name for thread in left if thread.is_alive()]
    if names:
        pytest.fail(f"threads left running: {', '.join(names)}", pytrace=False)


@pytest.fixture
def qt_run(qapp: QApplication) -> Iterator[RunOnQt]:
    """Runs coroutines on a loop that Qt turns; fails the test when a task is left in it."""
    from qasync import QEventLoop

    def loop_factory() -> asyncio.AbstractEventLoop:
        loop: asyncio.AbstractEventLoop = QEventLoop(qapp)
        return loop

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        yield runner.run
        left = [task.get_name() for task in asyncio.all_tasks(runner.get_loop())]
    if left:
        pytest.fail(f"tasks left in the loop: {', '.join(left)}", pytrace=False)


@pytest.fixture
def leaves_nothing_behind(qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a top-level widget, a running QTimer or a running QThread."""
    from PySide6.QtCore import QEvent, QThread, QTimer
    from shiboken6 import isValid

    def alive() -> list[object]:
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        found: list[object] = [widget for widget in qapp.topLevelWidgets() if isValid(widget)]
        things = [thing for thing in gc.get_objects() if isinstance(thing, QTimer | QThread)]
        for thing in things:
            if isValid(thing) and (
                thing.isActive() if isinstance(thing, QTimer) else thing.isRunning()
            ):
                found.append(thing)
        return found

    before = alive()
    yield
    # Offscreen, what was copied last outlives the interpreter, which crashes on freeing it.
    qapp.clipboard().clear()
    left = [repr(thing) for thing in alive() if not any(thing is known for known in before)]
    if left:
        pytest.fail("left behind: " + ", ".join(left), pytrace=False)

"""What the window tells and asks: notices, questions, sheets."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from tests.conftest import RunOnQt
from tests.ui.placeholders import destroy, make_window, texts
from zapdesk.errors import StorageUnusable
from zapdesk.paths import Paths
from zapdesk.tasks import TaskOwner
from zapdesk.ui.fitting import FittingScroller
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import ConfirmDialog, Notice, NoticeArea, confirm
from zapdesk.ui.parts import Button
from zapdesk.ui.sheets import shortcuts_sheet
from zapdesk.ui.shell.about import DIRECT, about_sheet, components
from zapdesk.ui.shell.commands import COMMANDS
from zapdesk.ui.shell.crash_log import LastSession
from zapdesk.ui.shell.crash_report import offer_report, report_sheet
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.panels import Panels

pytest_plugins = ["tests.ui.window_fixtures"]

# The offscreen platform says so for every dialog.
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def area(look: Theme) -> Iterator[NoticeArea]:
    ground = QWidget()
    found = NoticeArea()
    found.setParent(ground)
    yield found
    destroy(ground)


def test_a_notice_has_one_line_one_action_and_a_way_to_dismiss_it(area: NoticeArea) -> None:
    acted: list[bool] = []
    area.show_notice("a", "info", "First\nline", "Do it", lambda: acted.append(True))
    area.show_notice("b", "error", "Second")
    area.show_notice("a", "warning", "Instead of the first", "Do it", lambda: acted.append(True))
    assert area.texts == ["Second", "Instead of the first"]
    notice = area.findChildren(Notice)[-1]
    button = notice.findChild(Button)
    assert isinstance(button, Button)
    button.click()
    assert acted == [True]
    assert area.texts == ["Second"]
    area.clear("b")
    assert area.isHidden()


def test_at_most_three_notices_are_shown(area: NoticeArea) -> None:
    for number in range(10):
        area.show_notice(str(number), "info", f"{number}")
    assert area.texts == ["7", "8", "9"]


def test_an_error_is_shown_in_its_own_words_and_its_markup_as_text(area: NoticeArea) -> None:
    notice = area.show_error(StorageUnusable("The disk is <b>full</b>.", hint="Make room."))
    assert area.texts == ["The disk is <b>full</b>. Make room."]
    assert all(
        label.textFormat() is Qt.TextFormat.PlainText for label in notice.findChildren(QLabel)
    )


@pytest.mark.parametrize(("answer", "wanted"), [("action_button", True), ("cancel_button", False)])
def test_a_question_is_awaited_while_other_tasks_go_on(
    window: MainWindow, qt_run: RunOnQt, answer: str, wanted: bool
) -> None:
    async def scenario() -> tuple[bool, int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        async def click() -> None:
            await asyncio.sleep(0.1)
            getattr(window.findChild(ConfirmDialog), answer).click()

        async with asyncio.TaskGroup() as group:
            ticking = group.create_task(tick())
            group.create_task(click())
            result = await confirm(window, "Run?", "It runs for real.", "Run")
            ticking.cancel()
        return result, ticks

    result, ticks = qt_run(scenario())
    assert result is wanted
    assert ticks >= 3


def test_a_question_ends_with_no_when_its_window_is_closed_and_closes_when_its_task_is_cancelled(
    look: Theme, panels: Panels, paths: Paths, qt_run: RunOnQt
) -> None:
    window = make_window(look, panels, paths)
    window.show()

    async def destroyed() -> bool:
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(confirm(window, "Run?", "It runs.", "Run"))
            await asyncio.sleep(0.02)
            dialog = window.findChild(ConfirmDialog)
            assert dialog is not None
            dialog.deleteLater()
        return asked.result()

    async def cancelled() -> None:
        owner = TaskOwner()
        owner.start(confirm(window, "Run?", "It runs.", "Run"))
        await asyncio.sleep(0.02)
        assert window.findChild(ConfirmDialog) is not None
        await owner.close()

    assert qt_run(destroyed()) is False
    qt_run(cancelled())
    destroy(window)


def test_the_list_of_shortcuts_names_every_key(window: MainWindow) -> None:
    for command in COMMANDS:  # also those that the program binds, which a bare window is without
        if window.commands.action(command.id) not in window.commands.bound():
            window.commands.bind(command.id, lambda: None)
    sheet = shortcuts_sheet(window, window.commands)
    shown = texts(sheet)
    for_the_program = {"profiles", "settings"}  # there is none yet
    works = [c for c in COMMANDS if c.keys and c.id not in for_the_program]
    assert {command.text for command in works} <= set(shown)
    assert shown.count("Ctrl+Enter") == 3  # it runs, and what it does in two areas
    assert {"In the history", "Pin", "Space", "{{"} <= set(shown)
    sheet.show()
    area = sheet.findChild(FittingScroller)
    assert area is not None
    assert area.verticalScrollBar().maximum() > 0
    for key, place in ((Qt.Key.Key_End, area.verticalScrollBar().maximum()), (Qt.Key.Key_Home, 0)):
        QTest.keyClick(area, key)
        assert area.verticalScrollBar().value() == place
    destroy(sheet)
    window.commands.set_keys({"run": ("F9",), "history": ()})
    sheet = shortcuts_sheet(window, window.commands)
    shown = texts(sheet)
    assert (shown.count("F9"), shown.count("Ctrl+Enter")) == (3, 0)
    assert "Go to the history" not in shown  # it has no key any more
    destroy(sheet)


def test_about_names_the_licences_of_everything_zapdesk_asks_for(window: MainWindow) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked_for = {name.split(">")[0].split("=")[0].lower() for name in project["dependencies"]}
    assert {name.lower() for name in DIRECT} == asked_for
    found = {component.name.lower().replace("_", "-"): component for component in components()}
    assert asked_for <= set(found)
    assert found["pyside6-essentials"].licence == "LGPL-3.0-only"
    assert all(component.licence and "\n" not in component.licence for component in found.values())
    sheet = about_sheet(window, lambda _: None)
    shown = " ".join(texts(sheet))
    assert "Lesser General Public License" in shown
    assert all(component.version in shown for component in found.values())
    destroy(sheet)


def test_a_fault_report_is_offered_shown_and_copied_without_secrets(window: MainWindow) -> None:
    last = LastSession("2026-11-23 14:02", "Traceback\nAuthorization: Bearer abcdef0123456789")
    offer_report(window.notices, window, last)
    assert "met a fault" in window.notices.texts[0]
    sheet = report_sheet(window, last)
    copy = next(b for b in sheet.findChildren(Button) if b.accessibleName() == "Copy")
    copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("Traceback")
    assert "abcdef0123456789" not in copied
    destroy(sheet)

"""What the window does with the log as a whole: trouble, the page about it, backups, notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from tests.conftest import RunOnQt
from tests.ui.placeholders import texts
from tests.ui.run_history import Desk, opened_desk, until
from zapdesk.broadcast import Broadcast
from zapdesk.domain.history import LogHealth
from zapdesk.domain.runs import RunStatus
from zapdesk.settings import Settings
from zapdesk.tasks import TaskOwner
from zapdesk.ui.form.run_bar import RunBar
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import ConfirmDialog, Notice
from zapdesk.ui.parts import Button
from zapdesk.ui.shell.about_log import AboutLogSheet, rows
from zapdesk.ui.shell.log_keeping import LogKeeping
from zapdesk.ui.shell.main_window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

FULL = "The disk is full. Make room on it, then try again."


@asynccontextmanager
async def kept(
    window: MainWindow, folder: Path, *, notifications: bool = True
) -> AsyncIterator[tuple[LogKeeping, Desk]]:
    async with opened_desk(folder) as desk:
        owner = TaskOwner()
        keeping = LogKeeping(window, owner.start)
        program: Any = SimpleNamespace(
            database=desk.database,
            history=desk.history,
            settings=Settings(notifications=notifications),
        )
        keeping.set_program(program)
        try:
            yield keeping, desk
        finally:
            await keeping.close()
            await owner.close()


def button(parent: Any, text: str) -> Button:
    found: Button = next(b for b in parent.findChildren(Button) if b.text() == text)
    return found


def test_a_log_that_cannot_be_written_is_told_until_it_can_and_reading_goes_on(
    window: MainWindow, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with kept(window, tmp_path) as (_, desk):
            await desk.add()
            desk.database._set_reason(FULL)
            assert window.notices.texts == [
                f"Nothing can be sent now: {FULL} What is in the log can be read."
            ]
            strip = window.notices.findChild(Notice)
            assert isinstance(strip, Notice)
            assert [b.text() for b in strip.findChildren(Button)] == ["Try again"], "no cross"
            for number in range(4):
                window.notices.show_notice(f"other {number}", "info", "Passing")
            assert window.notices.texts[0].startswith("Nothing can be sent now"), "it stays"
            assert len(await desk.runs.page(_all())) == 1
            button(strip, "Try again").click()
            await until(lambda: not any("sent now" in text for text in window.notices.texts))
            await until(lambda: desk.database.read_only_reason == "")
            assert not window.notices.texts or "Passing" in window.notices.texts[0]

    qt_run(scenario())


def test_run_is_disabled_with_the_reason_and_enabled_again(look: Theme, qtbot: Any) -> None:
    bar = RunBar()
    qtbot.addWidget(bar)
    reason: Broadcast[str] = Broadcast()
    reason.subscribe(bar.set_blocked)
    reason.announce(FULL)
    bar.show_note("Refreshing the form…")
    assert not bar.run_button.isEnabled()
    assert bar.run_button.accessibleDescription() == FULL
    assert f"Nothing can be sent: {FULL}" in [label.whole_text for label in _labels(bar)]
    assert not bar.ask_button.isVisibleTo(bar)  # nobody has to be asked for room on a disk
    reason.announce("")
    assert bar.run_button.isEnabled()
    assert not bar.blocked.isVisibleTo(bar)


def test_the_page_about_the_log_tells_how_it_is_and_checks_it_in_full(
    window: MainWindow, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with kept(window, tmp_path) as (_, desk):
            await desk.add()
            await desk.add(RunStatus.ERROR)
            window.commands.refresh()
            window.commands.action("about_log").trigger()
            sheet = window.findChild(AboutLogSheet)
            assert isinstance(sheet, AboutLogSheet)
            await until(lambda: "Integrity" in texts(sheet))
            said = " ".join(texts(sheet))
            assert str(tmp_path / "zapdesk.db") in said
            assert "Runs 2" in said
            QTest.mouseClick(sheet.check_button, Qt.MouseButton.LeftButton)
            await until(lambda: "Sound. Looked through in full" in " ".join(texts(sheet)))
            sheet.close()
            await asyncio.sleep(0)

    qt_run(scenario())


def test_a_backup_is_made_and_waits_to_take_the_place_of_the_log(
    window: MainWindow, qt_run: RunOnQt, tmp_path: Path
) -> None:
    target = tmp_path / "mine.db"

    async def scenario() -> None:
        async with kept(window, tmp_path) as (keeping, desk):
            await desk.add()
            keeping.ask_where_to_back_up()
            dialog = window.findChild(QFileDialog)
            assert isinstance(dialog, QFileDialog)
            dialog.fileSelected.emit(str(target))
            dialog.done(0)
            await until(lambda: window.notices.texts == [f"Backed up 1 run to {target}."])
            await desk.add()
            for answer in ("cancel_button", "action_button"):
                keeping.ask_to_restore(target)
                await until(lambda: window.findChildren(ConfirmDialog))
                getattr(window.findChildren(ConfirmDialog)[-1], answer).click()
                await until(lambda: not window.findChildren(ConfirmDialog))
            await until(lambda: desk.history.is_restore_waiting)
            await until(lambda: "when zapdesk is started again" in window.notices.texts[0])
            button(window.notices, "Leave the log as it is").click()
            await until(lambda: not desk.history.is_restore_waiting)
            keeping.ask_to_restore(tmp_path / "missing.db")
            await until(lambda: window.findChildren(ConfirmDialog))
            window.findChildren(ConfirmDialog)[-1].action_button.click()
            await until(lambda: "There is no file" in " ".join(window.notices.texts))

    qt_run(scenario())


def test_notices_are_switched_off_in_the_menu_and_by_the_setting(
    window: MainWindow, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with kept(window, tmp_path, notifications=False) as (keeping, _):
            chosen: list[bool] = []
            keeping.notify_chosen.connect(chosen.append)
            action = window.commands.action("notify")
            assert not action.isChecked()
            assert not keeping.notifications.is_on
            action.trigger()
            assert chosen == [True]
            assert keeping.notifications.is_on

    qt_run(scenario())


def test_damage_and_little_room_are_told_in_their_own_colours() -> None:
    health = LogHealth(
        path="/log.db", size=10_000, journal_size=0, unused=0, disk_free=1_000_000, runs=2,
        deleted=1, oldest_ms=1_700_000_000_000, newest_ms=1_700_000_000_000,
        problems=("row 3 missing from index x", "more"), checked_ms=None, version=10,
        sqlite_version="3.51", journal_mode="wal", packing=0.31,
    )  # fmt: skip
    told = {name: (text, token) for name, text, token in rows(health)}
    assert told["Disk"] == ("1.0 MB free", "error")
    assert told["Integrity"][1] == "error"
    assert "row 3 missing from index x and 1 more" in told["Integrity"][0]
    assert told["Runs"][0] == "2, 1 deleted ones not yet removed"
    assert "packed to 31%" in told["Per run"][0]


def _all() -> Any:
    from zapdesk.domain.runs import RunFilter

    return RunFilter()


def _labels(parent: Any) -> list[Any]:
    from zapdesk.ui.parts import PlainLabel

    return list(parent.findChildren(PlainLabel))

"""The window of settings over a program that has started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from zapdesk.bootstrap import Program
from zapdesk.domain.profiles import SANDBOX
from zapdesk.paths import Paths
from zapdesk.services.access import Access
from zapdesk.settings import Settings
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.settings.window import SettingsWindow
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.settings_opening import SettingsOpening


@asynccontextmanager
async def opened(window: MainWindow, paths: Paths) -> AsyncIterator[tuple[SettingsWindow, Program]]:
    program = await Program.start(paths, Settings.load(paths.settings), Access(SANDBOX))
    tasks = LateTasks()
    opening = SettingsOpening(window, tasks.start, paths, lambda: QWidget())
    opening.set_program(program)
    window.commands.action("settings").trigger()
    found = opening._open
    assert found is not None
    try:
        yield found, program
    finally:
        await opening.close()
        await tasks.close()
        await program.close()


def type_into(edit: Any, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)

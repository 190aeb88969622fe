"""Searching in the window of settings: for settings, and for the keys of commands."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.conftest import RunOnQt
from tests.ui.placeholders import texts
from tests.ui.run_history import until
from tests.ui.settings_desk import opened, type_into
from zapdesk.paths import Paths
from zapdesk.ui.form.tab_order import tab_stops
from zapdesk.ui.shell.main_window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")


def test_a_search_finds_settings_of_every_page(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.search.setText("give up seconds")
            names = [shown.setting.name for shown in settings.found.rows]
            assert names == ["connect_seconds", "read_seconds", "send_seconds"]
            found: Any = settings.found.row("send_seconds")
            type_into(found.editor.edit, "90")
            await until(lambda: program.settings.send_seconds == 90)
            settings.search.setText("no such thing")
            assert "No setting and no command has these words." in texts(settings.stack)
            QTest.keyClick(settings.search, Qt.Key.Key_Escape)
            assert settings.stack.currentWidget() is settings.page("general")

    qt_run(scenario())


def test_a_search_finds_commands_by_their_words_and_keys_and_they_can_be_bound_there(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            for text, first in (
                ("history", "history"),
                ("ctrl+h", "history"),
                ("shortcuts.quit", "quit"),
            ):
                settings.search.setText(text)
                assert settings.stack.currentWidget() is settings.found
                assert settings.found.shortcuts.rows[0].command.id == first
            settings.search.setText("history")
            assert "keep_days" in [shown.setting.name for shown in settings.found.rows]
            row = settings.found.shortcuts.rows[0]
            row.edit.pressed.emit("Ctrl+G")
            await until(lambda: row.edit.text() == "Ctrl+G")
            assert program.settings.shortcuts == {"history": ("Ctrl+G",)}
            assert row.reset.isVisible()
            settings.search.setText("clipboard")
            assert not settings.found.shortcuts.isVisible()
            settings.search.setText("restore")  # it is not there: nobody has bound it
            assert settings.found.shortcuts.rows == []

    qt_run(scenario())


def test_what_is_found_again_is_the_same_row_and_tab_goes_through_rows_as_they_are_seen(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, _program):
            found = settings.found
            settings.search.setText("history")
            before = [*found.rows, *found.shortcuts.rows]
            settings.search.setText("h")
            found.shortcuts.make_all()
            rows = [*found.rows, *found.shortcuts.rows]
            assert len(rows) > len(before) > 1
            assert set(before) <= set(rows)
            wanted = [stop for row in rows for stop in tab_stops(row)]
            visited: list[QWidget] = []
            stop: QWidget | None = wanted[0]
            while stop is not None and stop not in visited:
                visited.append(stop)
                stop = stop.nextInFocusChain()
            assert [widget for widget in visited if widget in wanted] == wanted

    qt_run(scenario())

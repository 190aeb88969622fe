"""Tabs in the window: their keys, the ways to open one from the browser, and a killed process."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.placeholders import Panel
from tests.ui.test_shell import as_panel
from tests.ui.window_process import ended, start
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.panels import Panels

pytest_plugins = ["tests.ui.window_fixtures"]
pytestmark = pytest.mark.qt_log_ignore("does not support")

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.mark.parametrize(
    ("key", "modifiers", "call"),
    [
        (Qt.Key.Key_T, CTRL, "new tab"),
        (Qt.Key.Key_W, CTRL, "close tab"),
        (Qt.Key.Key_Tab, CTRL, ("next tab", 1)),
        (Qt.Key.Key_Backtab, CTRL | SHIFT, ("next tab", -1)),
    ],
    ids=["Ctrl+T", "Ctrl+W", "Ctrl+Tab", "Ctrl+Shift+Tab"],
)
def test_keys_of_tabs_work_from_inside_a_field(
    window: MainWindow, panels: Panels, key: Qt.Key, modifiers: Qt.KeyboardModifier, call: object
) -> None:
    panel: Panel = as_panel(panels.action)
    panel.field.setFocus()
    QTest.keyClick(panel.field, key, modifiers)
    assert panel.calls.count(call) == 1


def test_ctrl_t_leads_to_the_search_and_an_action_chosen_beside_goes_to_a_tab_of_its_own(
    window: MainWindow, panels: Panels
) -> None:
    as_panel(panels.action).field.setFocus()
    QTest.keyClick(window, Qt.Key.Key_T, CTRL)
    assert as_panel(panels.catalog).search_box.hasFocus()
    panels.catalog.new_tab_wanted.emit("app", "action")
    assert ("open apart", "app", "action") in as_panel(panels.action).calls


# Opens the two actions, types into the first, and says so once; or says what came back.
OPEN = """
async def act_in_tabs():
    import asyncio
    tabs = window._panels.action
    async def until(condition):
        while not condition():
            await asyncio.sleep(0.05)
    window.profile_chosen.emit('sandbox')
    await until(lambda: tabs._is_back)
    catalog = tabs._session.catalog
    await until(lambda: catalog.apps)
    app = next(a for a in catalog.apps if a.title == 'Contacts')
    actions = await catalog.actions(app.id)
    connection = (await catalog.connections(app.id)).usable[0].id
    tabs.open_action(app, actions[0], None, connection)
    await until(lambda: tabs.form_session.is_loaded)
    tabs.open_action(app, actions[1], None, connection, in_new_tab=True)
    await until(lambda: tabs.form_session.is_loaded)
    tabs.go_to(0)
    await asyncio.sleep(0.5)
    rows = (tabs.form.row(name) for name in tabs.form.field_ids)
    row = next(row for row in rows if hasattr(row.editor, 'text'))
    row.editor.text.setFocus()
    from PySide6.QtTest import QTest
    QTest.keyClicks(row.editor.text, 'typed before the end')
    print('typed', flush=True)
life._owner.start(act_in_tabs())
"""
LOOK = """
async def look():
    import asyncio, json
    tabs = window._panels.action
    while tabs.form_session is None or not tabs.form_session.is_loaded:
        await asyncio.sleep(0.05)
    values = list(tabs.form_session.state.filling().values.values())
    notices = tabs.panel.notices.texts
    print(json.dumps([tabs.strip.bar.count(), tabs.strip.bar.currentIndex(), values, notices]))
    window.close()
life._owner.start(look())
"""


def said(process: subprocess.Popen[str]) -> str:
    """The next line of a process; empty where it says none for a minute."""
    assert process.stdout is not None
    patience = threading.Timer(60, process.kill)
    patience.start()
    line = process.stdout.readline()
    patience.cancel()
    patience.join()
    return line


def test_a_killed_window_comes_back_with_its_tabs_and_what_was_typed_two_seconds_before(
    home: Path,
) -> None:
    first = start(OPEN)
    assert said(first) == "typed\n"
    time.sleep(2)
    first.kill()
    first.communicate()
    second = start(LOOK)
    line = said(second)
    assert ended(second) == 0
    count, current, values, notices = json.loads(line)
    assert (count, current, values) == (2, 0, ["typed before the end"])
    assert any(text.startswith("Restored what you typed today at") for text in notices)

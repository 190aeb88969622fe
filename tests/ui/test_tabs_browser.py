"""The ways from the browser to a tab of its own: Ctrl+click, Ctrl+Enter in the list or the box."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.conftest import RunOnQt
from tests.ui.browser import Browse, Browser, browsing, until
from tests.ui.catalogue import Catalogue


@pytest.fixture
def browse(qapp: QApplication, qt_run: RunOnQt) -> Browse:
    return browsing(qapp, qt_run)


def apart(browser: Browser) -> list[str]:
    """The actions that are to be opened beside what is open, filled in as they are chosen."""
    found: list[str] = []

    def take(_app: Any, action: Any) -> None:
        found.append(action.key)

    browser.panel.new_tab_wanted.connect(take)
    return found


def test_a_click_with_ctrl_opens_an_action_beside_what_is_open(browse: Browse) -> None:
    async def scenario(browser: Browser) -> None:
        found = apart(browser)
        browser.click("Mail")
        await until(lambda: "  Send Mail" in browser.lines)
        view = browser.panel.list
        row = browser.lines.index("  Find Mail")
        where = view.visualRect(browser.panel.model.index(row)).center()
        ctrl = Qt.KeyboardModifier.ControlModifier
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, ctrl, where)
        assert (found, browser.chosen) == (["find_mail"], [])

    browse(scenario, Catalogue())


def test_ctrl_enter_opens_the_row_in_use_or_the_best_of_a_search(browse: Browse) -> None:
    async def scenario(browser: Browser) -> None:
        panel, found = browser.panel, apart(browser)
        browser.click("Mail")
        await until(lambda: "  Send Mail" in browser.lines)
        assert panel.list.hasFocus()
        assert panel.open_in_new_tab()
        assert found == [], "an app is no action"
        browser.press(Qt.Key.Key_Down)
        assert panel.open_in_new_tab()
        assert found == ["send_mail"]
        panel.focus_search()
        assert not panel.open_in_new_tab(), "an empty box leaves Ctrl+Enter to the form"
        await browser.search("find mail")
        assert panel.open_in_new_tab()
        assert found == ["send_mail", "find_mail"]
        assert browser.chosen == []

    browse(scenario, Catalogue())

"""A browser on screen with what a person sees and does there, for the tests of the browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.conftest import RunOnQt
from tests.ui.catalogue import Catalogue
from zapdesk.domain.catalog import Action, App
from zapdesk.services.catalog import CatalogProgress
from zapdesk.ui.catalog.model import RowKind
from zapdesk.ui.catalog.panel import CatalogPanel
from zapdesk.ui.look.theme import Theme

Scenario = Callable[["Browser"], Awaitable[None]]
Browse = Callable[..., None]
"""Runs a scenario: ``browse(scenario, catalogue)``."""

INCOMPLETE = CatalogProgress(3, 8120, is_loading=True)


class Browser:
    """The panel on screen, with what a person sees and does."""

    def __init__(self, theme: Theme) -> None:
        # In a window of its own without a layout: offscreen windows complain of size hints.
        self.window = QWidget()
        self.panel = CatalogPanel(theme, self.window)
        self.chosen: list[tuple[App, Action]] = []
        self.panel.action_chosen.connect(lambda a, b: self.chosen.append((a, b)))
        self.window.resize(264, 560)
        self.panel.resize(264, 560)
        self.window.show()
        self.window.activateWindow()

    @property
    def lines(self) -> list[str]:
        model = self.panel.model
        rows = [model.row(number) for number in range(model.rowCount())]
        return [("" if row.kind is RowKind.APP else "  ") + row.title for row in rows]

    @property
    def current(self) -> str:
        number = self.panel.list.current
        return self.lines[number].strip() if number >= 0 else ""

    @property
    def foot(self) -> str:
        return self.panel.foot.label.whole_text

    @property
    def empty(self) -> str:
        is_empty = self.panel.pages.currentWidget() is self.panel.nothing
        return self.panel.nothing.empty.accessibleName() if is_empty else ""

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.panel, key)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget() or self.panel, text)

    def click(self, line: str) -> None:
        view = self.panel.list
        where = view.visualRect(self.panel.model.index(self.lines.index(line))).center()
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where
        )

    async def search(self, text: str) -> None:
        self.panel.search_box.setText(text)
        await until(lambda: not self.panel._typing.isActive())


def snapshot_of_mail() -> Any:
    return SimpleNamespace(apps=[SimpleNamespace(id="mail", title="Mail", hex_color="#157A3E")])


async def until(is_so: Callable[[], bool], seconds: float = 3.0) -> None:
    """Waits until something is so; fails the test when it never is."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "this never came to be"
        await asyncio.sleep(0.01)


def browsing(qapp: QApplication, qt_run: RunOnQt) -> Browse:
    """What runs a scenario in a browser over a catalogue."""
    theme = qapp.findChild(Theme) or Theme(qapp)

    def run(
        scenario: Scenario, catalogue: Catalogue | None = None, *, is_checked: bool = True
    ) -> None:
        async def whole() -> None:
            browser = Browser(theme)
            model = browser.panel.model
            if is_checked:
                fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
                QAbstractItemModelTester(model, fatal, model)
            await until(browser.window.isActiveWindow)
            if catalogue is not None:
                browser.panel.set_session(catalogue.session)
            try:
                await scenario(browser)
            finally:
                await browser.panel.close_tasks()
                browser.window.deleteLater()

        qt_run(whole())

    return run

"""A history panel over a real log with some runs in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.run_history import Desk, opened_desk, until
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.runs.panel import RunPanel


def history_panel(qtbot: QtBot) -> RunPanel:
    """A panel of 1,100 x 400 pixels that belongs to the test."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    panel = RunPanel(application.findChild(Theme) or Theme(application, "light"))
    qtbot.addWidget(panel)
    panel.resize(1_100, 400)
    return panel


@asynccontextmanager
async def filled(panel: RunPanel, folder: Path, count: int) -> AsyncIterator[Desk]:
    """The panel shows ``count`` ended runs; the newest has the highest number as its headline."""
    async with opened_desk(folder) as desk:
        for number in range(count):
            await desk.add(headline=str(number), ago_ms=1_000 * (count - number), announce=False)
        panel.show()
        panel.activateWindow()
        panel.set_session(desk.session)
        try:
            await until(lambda: panel.model.rowCount() == min(count, 200))
            yield desk
        finally:
            await panel.close_tasks()
            panel.hide()

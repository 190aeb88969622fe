"""The table of the history: what of it can be picked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.run_history import some_run
from zapdesk.domain.runs import ActionRun
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.runs.panel import RunPanel

# Offscreen windows complain of size hints.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def test_the_heading_of_a_day_is_no_part_of_the_row_under_it(
    qapp: QApplication, qtbot: QtBot
) -> None:
    panel = RunPanel(qapp.findChild(Theme) or Theme(qapp, "light"))
    qtbot.addWidget(panel)
    panel.resize(1_100, 400)
    panel.show_runs([some_run(2), some_run(1)])
    panel.show()
    table = panel.table
    where = table.visualRect(panel.model.index(0, 1))
    heading = QPoint(where.center().x(), where.top() + 8)
    row = QPoint(where.center().x(), where.bottom() - 4)
    opened: list[ActionRun] = []
    panel.detail_requested.connect(opened.append)

    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=heading)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=heading)
    assert panel.current_run is None
    assert opened == []
    ground = table.grab().toImage()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert panel.current_run is not None
    QTest.mouseMove(table.viewport(), heading)
    picked = table.grab().toImage()
    offset = table.viewport().mapTo(table, QPoint(where.right() - 8, 0))
    above, below = offset + QPoint(0, where.top() + 8), offset + QPoint(0, where.bottom() - 4)
    assert picked.pixelColor(above) == ground.pixelColor(above)
    assert picked.pixelColor(below) != ground.pixelColor(below)
    panel.hide()

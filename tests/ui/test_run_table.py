"""The table of the history: what of it can be picked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.run_history import some_run
from zapdesk.domain.runs import ActionRun
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.runs.panel import RunPanel

# Offscreen windows complain of size hints.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def panel(theme: Theme, qtbot: QtBot) -> RunPanel:
    panel = RunPanel(theme)
    qtbot.addWidget(panel)
    return panel


def test_the_heading_of_a_day_is_no_part_of_the_row_under_it(
    panel: RunPanel,
) -> None:
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


def test_a_run_that_is_shown_while_ctrl_is_held_is_picked_alone(
    panel: RunPanel,
) -> None:
    """Ctrl+Enter sends a run, and its row comes while the key is still down."""
    panel.show_runs([some_run(2), some_run(1)])
    panel.show()
    panel.select(some_run(1).id)
    for held in (Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier):
        QTest.keyPress(panel, Qt.Key.Key_F12, held)
        try:
            panel.select(some_run(2).id)
            assert [run.id for run in panel.table.picked_runs] == [some_run(2).id]
            panel.select(some_run(1).id)
            assert [run.id for run in panel.table.picked_runs] == [some_run(1).id]
        finally:
            QTest.keyRelease(panel, Qt.Key.Key_F12)
    panel.hide()


def test_shift_with_an_arrow_picks_the_next_row_too(panel: RunPanel) -> None:
    panel.show_runs([some_run(3), some_run(2), some_run(1)])
    panel.show()
    panel.focus_list()
    QTest.keyClick(panel.table, Qt.Key.Key_Home)
    for picked in (2, 3):
        QTest.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        assert len(panel.table.picked_runs) == picked
    panel.hide()

"""The live guard in the window: held or typed, by the mouse, by keys and by a screen reader; one
key for what only looks; put off with a countdown in sight."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.conftest import RunOnQt
from tests.ui.form_desk import Desk, at, until
from tests.ui.form_session import ACTION, APP
from tests.ui.placeholders import destroy, session
from zapdesk.domain.profiles import SANDBOX, ZAPIER
from zapdesk.services import network
from zapdesk.services.catalog import Connections
from zapdesk.services.live_guard import LiveGuard
from zapdesk.ui.accounts.guard_countdown import GuardCountdown
from zapdesk.ui.accounts.live_dialog import LiveDialog
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.parts import hold_button
from zapdesk.ui.parts.hold_button import HoldButton

# Offscreen windows complain of size hints.
pytestmark = pytest.mark.qt_log_ignore("does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def _short_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold_button, "HOLD_MS", 120)


@pytest.fixture
def look(qapp: QApplication) -> Theme:
    return qapp.findChild(Theme) or Theme(qapp)


@pytest.fixture
def panel(look: Theme) -> Iterator[ActionPanel]:
    panel = ActionPanel(look)
    panel.resize(700, 600)
    panel.show()
    yield panel
    destroy(panel)


def live_desk() -> Desk:
    desk = Desk(Connections((), False), profile=ZAPIER)
    desk.form.edit("a", "x")
    return desk


def dialog_of(panel: ActionPanel) -> LiveDialog | None:
    found = QApplication.activeModalWidget()
    return found if isinstance(found, LiveDialog) else None


async def asked(panel: ActionPanel) -> LiveDialog:
    await until(lambda: dialog_of(panel), "the question")
    dialog = dialog_of(panel)
    assert dialog is not None
    return dialog


def texts(widget: Any) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


@pytest.mark.parametrize("by", ["mouse", "Space", "Enter"])
def test_run_that_is_held_is_sent_once_and_asks_nothing(
    panel: ActionPanel, qt_run: RunOnQt, by: str
) -> None:
    async def scenario() -> None:
        async with at(panel, live_desk()) as desk:
            button = panel.bar.run_button
            assert button.text() == "Hold to run"
            button.setFocus()
            key = Qt.Key.Key_Space if by == "Space" else Qt.Key.Key_Return
            if by == "mouse":
                QTest.mousePress(button, LEFT)
            else:
                QTest.keyPress(button, key)
            await until(lambda: button.share > 0.3, "the bar")
            assert desk.orders == []
            await until(lambda: desk.orders, "the run")
            if by == "mouse":
                QTest.mouseRelease(button, LEFT)
            else:
                QTest.keyRelease(button, key)
            await asyncio.sleep(0.2)
            assert len(desk.orders) == 1
            assert dialog_of(panel) is None

    qt_run(scenario())


def test_offline_it_says_so_and_asks_nothing(panel: ActionPanel, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(panel, live_desk()) as desk:
            network.switch(True)
            panel.run()
            await until(lambda: panel.notices.texts, "the notice")
            assert panel.notices.texts[0].startswith("zapdesk is offline")
            assert dialog_of(panel) is None
            assert desk.orders == []

    try:
        qt_run(scenario())
    finally:
        network.switch(False)


@pytest.mark.parametrize("how", ["let go", "moved off", "focus lost"])
def test_run_that_is_not_held_long_enough_sends_nothing(
    panel: ActionPanel, qt_run: RunOnQt, how: str
) -> None:
    async def scenario() -> None:
        async with at(panel, live_desk()) as desk:
            button = panel.bar.run_button
            button.setFocus()
            QTest.mousePress(button, LEFT)
            await until(lambda: button.share > 0, "the bar")
            if how == "let go":
                QTest.mouseRelease(button, LEFT)
                (await asked(panel)).reject()
            elif how == "moved off":
                QTest.mouseMove(button, QPoint(-40, -40))
                assert button.share == 0
                QTest.mouseRelease(button, LEFT, pos=QPoint(-40, -40))
            else:
                panel.bar.body_button.setFocus()
                assert button.share == 0
                QTest.mouseRelease(button, LEFT, pos=QPoint(-40, -40))
            await asyncio.sleep(0.25)
            assert desk.orders == []

    qt_run(scenario())


def test_pressed_once_it_asks_and_the_apps_name_runs_it(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, live_desk()) as desk:
            panel.run()
            dialog = await asked(panel)
            told = texts(dialog)
            assert "Run this for real?" in told
            assert "What it does there is real, and counts as a task." in told
            assert dialog.focusWidget() is dialog.hold_button
            QTest.keyClicks(dialog.line, "tab")
            QTest.keyClick(dialog.line, Qt.Key.Key_Return)
            assert "The app is called Tables." in texts(dialog)
            assert desk.orders == []
            QTest.keyClicks(dialog.line, " LES")
            QTest.keyClick(dialog.line, Qt.Key.Key_Return)
            await until(lambda: desk.orders, "the run")
            await asyncio.sleep(0.5)  # a second press within a double click would be the same one
            panel.run()
            (await asked(panel)).cancel_button.click()
            await asyncio.sleep(0.05)
            assert len(desk.orders) == 1

    qt_run(scenario())


def test_a_press_of_a_screen_reader_leads_to_the_line_for_the_name(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, live_desk()) as desk:
            panel.bar.run_button.click()
            dialog = await asked(panel)
            assert dialog.line.accessibleName() == "Type Tables and press Enter to run it"
            dialog.hold_button.click()
            assert "Hold it for a second." in texts(dialog)
            assert desk.orders == []
            QTest.keyPress(dialog.hold_button, Qt.Key.Key_Space)
            await until(lambda: desk.orders, "the run")

    qt_run(scenario())


def test_what_only_looks_takes_one_key_and_so_does_a_profile_that_is_not_live(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        for profile, kind in ((ZAPIER, "SEARCH"), (SANDBOX, "WRITE")):
            desk = Desk(Connections((), False), profile=profile)
            desk.form.edit("a", "x")
            async with at(panel, desk):
                panel.open_action(APP, replace(ACTION, action_type=kind))
                await asyncio.sleep(0.05)
                desk.form.edit("a", "x")
                assert panel.bar.run_button.text() == "Run"
                QTest.keyClick(panel.bar.run_button, Qt.Key.Key_Return)
                await until(lambda d=desk: d.orders, "the run")
            await asyncio.sleep(0.5)

    qt_run(scenario())


def test_put_off_in_the_dialog_it_asks_no_more_until_its_time_is_over(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, live_desk()) as desk:
            now = [0.0]
            desk.guard._clock = lambda: now[0]
            panel.run()
            dialog = await asked(panel)
            dialog.pause_box.setChecked(True)
            QTest.keyClicks(dialog.hold_button, "Tables")  # letters find their place
            QTest.keyClick(dialog.line, Qt.Key.Key_Return)
            await until(lambda: len(desk.orders) == 1, "the run")
            assert panel.bar.run_button.text().startswith("Run")
            assert desk.guard.off_s(ZAPIER.id) == 15 * 60
            await asyncio.sleep(0.5)
            panel.run()
            await until(lambda: len(desk.orders) == 2, "the second run")
            now[0] = 15 * 60
            await asyncio.sleep(0.5)
            panel.run()
            (await asked(panel)).reject()

    qt_run(scenario())


def test_the_countdown_is_in_the_top_bar_and_a_press_ends_it(look: Theme, qtbot: Any) -> None:
    given = session()
    now = [0.0]
    given.guard = LiveGuard(clock=lambda: now[0])
    chip = GuardCountdown()
    qtbot.addWidget(chip)
    chip.set_session(given)
    assert chip.isHidden()
    given.guard.pause(ZAPIER.id, 5)
    assert not chip.isHidden()
    assert chip.text() == "Live guard off · 5:00"
    now[0] = 61.5
    chip._ticks.timeout.emit()
    assert chip.text() == "Live guard off · 3:59"
    chip.click()
    assert chip.isHidden()
    assert given.guard.asks(ZAPIER, "WRITE")
    told: list[str] = []
    given.guard.pause(ZAPIER.id, 5)
    given.guard.changed.subscribe(told.append)
    now[0] = 1_000
    chip._ticks.timeout.emit()
    assert chip.isHidden()
    assert told == [ZAPIER.id]  # its time is over
    given.profile = replace(ZAPIER, id="other")
    given.guard.pause(ZAPIER.id, 5)
    assert chip.isHidden()  # it is another profile's
    chip.set_session(None)


def test_a_hold_button_that_needs_none_is_pressed_as_any_other(look: Theme, qtbot: Any) -> None:
    button = HoldButton("Go")
    qtbot.addWidget(button)
    button.show()
    pressed: list[str] = []
    button.held.connect(lambda: pressed.append("held"))
    button.clicked.connect(lambda: pressed.append("clicked"))
    button.needs_hold = False
    QTest.keyClick(button, Qt.Key.Key_Space)
    QTest.mouseClick(button, LEFT)
    button.needs_hold = True
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert pressed == ["clicked"] * 3
    QTest.mousePress(button, LEFT)
    button.hide()
    QTest.qWait(200)
    assert pressed == ["clicked"] * 3

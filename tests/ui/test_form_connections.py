"""With which connection an action runs: found, chosen, missing, expired."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.conftest import RunOnQt
from tests.ui.form_desk import GOOD, OLD, THIRD, Desk, at, shown
from zapdesk.errors import NotSignedIn, Unreachable
from zapdesk.services.catalog import Connections
from zapdesk.ui.form.action_panel import ActionPanel

pytestmark = pytest.mark.qt_log_ignore("does not support")


def test_the_only_usable_connection_is_taken_and_expired_ones_cannot_be(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((OLD, GOOD), True))) as desk:
            assert desk.opened_with == [GOOD]
            combo = panel.picker.combo
            assert combo.currentText() == "Work"
            assert not combo.model().flags(combo.model().index(0, 0)) & Qt.ItemFlag.ItemIsEnabled
            assert "expired" in combo.itemText(0)

    qt_run(scenario())


def test_of_several_connections_one_is_chosen_by_keyboard(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((OLD, GOOD, THIRD), True))) as desk:
            assert desk.opened_with == []
            assert "Choose a connection." in shown(panel)
            panel.picker.combo.setFocus()
            QTest.keyClick(panel.picker.combo, Qt.Key.Key_Down)
            await asyncio.sleep(0.05)
            assert desk.opened_with == [GOOD]
            assert "Name" in shown(panel)

    qt_run(scenario())


def test_an_app_that_needs_no_connection_says_so(panel: ActionPanel, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((), False))) as desk:
            assert panel.picker.note == "Tables needs no connection."
            assert desk.opened_with == [None]

    qt_run(scenario())


def test_last_connection_of_the_app_is_taken_where_there_are_several(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = Desk(Connections((OLD, GOOD, THIRD), True))
        desk.connections.ids[GOOD.app_id] = THIRD.id
        async with at(panel, desk):
            assert desk.opened_with == [THIRD]
            assert panel.picker.combo.currentText() == "Home"

    qt_run(scenario())


def test_what_is_chosen_is_remembered_for_the_app(panel: ActionPanel, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD, THIRD), True))) as desk:
            panel.picker.chosen.emit(THIRD)
            await asyncio.sleep(0.05)
            assert desk.connections.ids == {THIRD.app_id: THIRD.id}

    qt_run(scenario())


def test_connection_made_elsewhere_changes_a_form_only_where_it_asked_or_waits(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.given = Connections((GOOD, THIRD), True)
            panel.take_connection(THIRD, is_asked=False)
            await asyncio.sleep(0.05)
            assert desk.opened_with == [GOOD]
            panel.take_connection(GOOD, is_asked=False)  # it works again
            await asyncio.sleep(0.05)
            assert desk.opened_with == [GOOD, GOOD]
            panel.take_connection(THIRD, is_asked=True)
            await asyncio.sleep(0.05)
            assert desk.opened_with == [GOOD, GOOD, THIRD]

    qt_run(scenario())


def test_form_that_waits_takes_a_connection_that_is_made_elsewhere(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((OLD,), True))) as desk:
            assert desk.opened_with == []
            assert panel.picker.connect_button.text() == "Reconnect…"
            assert "have expired" in shown(panel)
            other = replace(GOOD, app_id="another app")
            panel.take_connection(other, is_asked=False)
            await asyncio.sleep(0.05)
            assert desk.opened_with == []
            desk.given = Connections((OLD, GOOD), True)
            panel.picker.connect_button.setFocus()
            panel.take_connection(GOOD, is_asked=False)
            await asyncio.sleep(0.05)
            assert desk.opened_with == [GOOD]
            assert panel.picker.combo.hasFocus()

    qt_run(scenario())


def test_what_an_app_needs_is_never_guessed_where_nobody_is_signed_in(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    """With a client id alone a missing link does not mean that no connection is needed."""

    async def scenario() -> None:
        trouble = NotSignedIn("You are not signed in.", status=0, hint="Sign in.")
        async with at(panel, Desk(Connections((), None, trouble=trouble))) as desk:
            assert desk.opened_with == []
            assert "You are not signed in. Sign in." in panel.picker.note
            assert "needs no connection" not in shown(panel)

    qt_run(scenario())


def test_new_connections_are_looked_for_again(panel: ActionPanel, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((), True))) as desk:
            assert "No connection to Tables yet." in panel.picker.note
            assert "Connect Tables first." in shown(panel)
            desk.given = Connections((GOOD,), True)
            QTest.mouseClick(panel.picker.refresh_button, Qt.MouseButton.LeftButton)
            await asyncio.sleep(0.05)
            assert desk.asked == [False, True]
            assert desk.opened_with == [GOOD]

    qt_run(scenario())


def test_connections_that_cannot_be_loaded_are_said_and_the_arrow_stays(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Unreachable("There is no network."))) as desk:
            assert "There is no network." in shown(panel)
            desk.given = Connections((GOOD,), True)
            QTest.mouseClick(panel.picker.refresh_button, Qt.MouseButton.LeftButton)
            await asyncio.sleep(0.05)
            assert desk.opened_with == [GOOD]

    qt_run(scenario())

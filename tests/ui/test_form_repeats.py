"""Run in the form, where the same was sent a short while ago: it asks, and Cancel has the keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.conftest import RunOnQt
from tests.ui.form_desk import GOOD, Desk, at, shown, until
from tests.ui.run_history import some_run
from zapdesk.domain.attempts import EarlierAttempt
from zapdesk.domain.runs import RunStatus
from zapdesk.services.catalog import Connections
from zapdesk.services.watching import RunsChange
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.runs.attempt_dialog import AttemptDialog

pytestmark = pytest.mark.qt_log_ignore("does not support")


async def asked() -> AttemptDialog:
    await until(lambda: isinstance(QApplication.activeModalWidget(), AttemptDialog), "the question")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, AttemptDialog)
    return dialog


def test_the_same_again_is_asked_about_and_enter_sends_nothing(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.state.set("a", "Ada")
            desk.earlier = EarlierAttempt(some_run(1, RunStatus.SUCCESS))
            panel.run()
            dialog = await asked()
            assert dialog.windowTitle() == "Send the same again?"
            assert dialog.cancel_button.hasFocus()
            assert not dialog.edit_button.isVisible()
            QTest.keyClick(dialog.cancel_button, Qt.Key.Key_Return)
            await until(lambda: panel.bar.run_button.isEnabled(), "the button")
            assert desk.orders == []

    qt_run(scenario())


def test_the_same_again_is_sent_once_when_a_person_says_so(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.state.set("a", "Ada")
            desk.earlier = EarlierAttempt(some_run(1, RunStatus.UNKNOWN))
            panel.run()
            dialog = await asked()
            QTest.mouseClick(dialog.send_button, Qt.MouseButton.LeftButton)
            await until(lambda: len(desk.orders) == 1, "the run")
            await until(lambda: QApplication.activeModalWidget() is None, "its end")

    qt_run(scenario())


def test_a_first_run_that_ends_behind_the_question_is_told_in_it(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.state.set("a", "Ada")
            desk.earlier = EarlierAttempt(some_run(1, RunStatus.WAITING))
            panel.run()
            dialog = await asked()
            assert "the first is still on its way" in shown(dialog)
            desk.runs.changed.announce(RunsChange(some_run(2, RunStatus.ERROR)))  # another one
            assert "the first is still on its way" in shown(dialog)
            desk.runs.changed.announce(RunsChange(some_run(1, RunStatus.REFUSED)))
            assert "That attempt did nothing as far as is known." in shown(dialog)
            assert "still on its way" not in shown(dialog)
            assert "did nothing" in dialog.accessibleDescription()
            assert dialog.cancel_button.hasFocus()
            dialog.reject()

    qt_run(scenario())


def test_a_form_that_is_closed_takes_the_question_with_it(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.state.set("a", "Ada")
            desk.earlier = EarlierAttempt(some_run(1, RunStatus.SUCCESS))
            panel.run()
            await asked()
        assert QApplication.activeModalWidget() is None
        assert desk.orders == []

    qt_run(scenario())

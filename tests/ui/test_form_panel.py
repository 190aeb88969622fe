"""The middle area over the real services and the real sandbox: choose, fill, run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.conftest import RunOnQt
from tests.sandbox_server import running_sandbox
from tests.ui.form_desk import GOOD, Desk, at, shown, text_of, until
from tests.ui.form_session import ACTION, APP, LocalForm
from zapdesk.bootstrap import Program, Session
from zapdesk.domain.catalog import Action, App
from zapdesk.domain.fields import FieldFormat, InputField
from zapdesk.domain.profiles import SANDBOX, ZAPIER
from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.errors import Unreachable
from zapdesk.paths import Paths
from zapdesk.services.access import Access
from zapdesk.services.catalog import Connections
from zapdesk.settings import Settings
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.form.choice_popup import ChoicePopup
from zapdesk.ui.form.editors import ChoiceEditor
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.notices import ConfirmDialog, confirm

pytestmark = pytest.mark.qt_log_ignore("does not support")


# Over the real sandbox


@asynccontextmanager
async def opened(panel: ActionPanel) -> AsyncIterator[Session]:
    program = await Program.start(Paths.find(), Settings(), Access(SANDBOX))
    session = await program.open_session(watch=True)
    panel.set_session(session)
    try:
        yield session
    finally:
        panel.set_session(None)
        await panel.close_tasks()
        await program.close()


async def find(session: Session, app: str, action: str) -> tuple[App, Action]:
    await session.catalog.look_up(app)
    found = next(hit.app for hit in session.catalog.search(app) if hit.app.title == app)
    actions = await session.catalog.actions(found.id)
    return found, next(a for a in actions if a.title == action)


def test_a_row_is_created_in_a_table_from_choosing_the_action_to_the_result(
    panel: ActionPanel, home: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with opened(panel) as session:
            await choose_table(panel, session)
            for field_id, _problem in panel.form.problems():
                QTest.keyClicks(text_of(panel, field_id), "7")
            started: list[ActionRun] = []
            panel.run_started.connect(started.append)
            panel.bar.body_button.click()
            await asyncio.sleep(0.2)
            QTest.mouseClick(panel.bar.run_button, Qt.MouseButton.LeftButton)
            await until(lambda: started, "the run")
            body = json.loads(panel.bar.body.text.exact_text())
            await session.runs.wait(started[0].id, 20)
            record = await session.runs.record(started[0].id)
            assert record is not None
            assert json.loads(record.inputs) == body
            assert record.run.status is RunStatus.SUCCESS

    with running_sandbox(home):
        qt_run(scenario())


def test_a_dialog_that_is_open_does_not_hold_up_the_polls_of_a_run(
    panel: ActionPanel, home: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with opened(panel) as session:
            panel.open_action(*await find(session, "Fault Lab", "Slow"))
            await until(lambda: "seconds" in panel.form.field_ids, "the form")
            assert panel.form_session is not None
            panel.form_session.edit("seconds", "1")
            started: list[ActionRun] = []
            panel.run_started.connect(started.append)
            panel.run()
            await until(lambda: started, "the run")
            asked = asyncio.ensure_future(confirm(panel, "Sure?", "It is only a test.", "Go on"))
            await session.runs.wait(started[0].id, 20)
            record = await session.runs.record(started[0].id)
            assert record is not None
            assert record.run.status is RunStatus.SUCCESS
            dialog = panel.findChild(ConfirmDialog)
            assert dialog is not None
            assert dialog.isVisible()
            assert not asked.done()
            QTest.mouseClick(dialog.action_button, Qt.MouseButton.LeftButton)
            assert await asked

    with running_sandbox(home):
        qt_run(scenario())


async def choose_table(panel: ActionPanel, session: Session) -> None:
    panel.open_action(*await find(session, "Tables", "Create Row"))
    await until(lambda: "table" in panel.form.field_ids, "the form")
    await pick(panel, "workspace", "Home")
    await until(lambda: panel._form is not None and not panel._form.is_loading, "the other form")
    await pick(panel, "table", "")
    await until(lambda: len(panel.form.field_ids) > 2, "the columns")


def test_inputs_that_are_edited_as_json_are_what_is_sent_and_logged(
    panel: ActionPanel, home: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with opened(panel) as session:
            await choose_table(panel, session)
            assert panel.form_session is not None
            wanted = json.loads(panel.form_session.preview())
            wanted |= {i: "7" for i, _problem in panel.form.problems()} | {"extra": [1, "0.10"]}
            started: list[ActionRun] = []
            panel.run_started.connect(started.append)
            panel.bar.body_button.click()
            panel.bar.body.edit_button.click()
            text = panel.bar.body.text
            text.selectAll()
            QTest.keyClicks(text, json.dumps(wanted))
            panel.run()  # before the pause in typing is over
            await until(lambda: started or "changed with" in str(panel.notices.texts), "the run")
            if not started:
                await asyncio.sleep(QApplication.doubleClickInterval() / 1_000)
                panel.run()
            await until(lambda: started, "the run")
            await session.runs.wait(started[0].id, 20)
            record = await session.runs.record(started[0].id)
            assert record is not None
            assert json.loads(record.inputs) == wanted

    with running_sandbox(home):
        qt_run(scenario())


async def pick(panel: ActionPanel, field_id: str, typed: str) -> None:
    row = panel.form.row(field_id)
    assert isinstance(row, FieldRow)
    assert isinstance(row.editor, ChoiceEditor)
    QTest.keyClick(row.editor.button, Qt.Key.Key_Space)
    popup = row.editor.findChild(ChoicePopup)
    assert popup is not None
    await until(lambda: popup.model.rowCount() > 0, "the choices")
    QTest.keyClicks(popup.search, typed)
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    await asyncio.sleep(0.3)  # longer than the pause before a refetch


def hold(panel: ActionPanel, key: Qt.Key, repeats: int) -> None:
    for n in range(repeats):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", n > 0)
        QApplication.sendEvent(panel.bar.run_button, event)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_key_that_is_held_down_runs_once(
    panel: ActionPanel, qt_run: RunOnQt, key: Qt.Key
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.edit("a", "x")
            hold(panel, key, 30)
            await asyncio.sleep(0.05)
            hold(panel, key, 0)
            assert len(desk.orders) == 1

    qt_run(scenario())


def test_a_double_click_and_a_shower_of_commands_run_once(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.edit("a", "x")
            QTest.mouseClick(panel.bar.run_button, Qt.MouseButton.LeftButton)
            await asyncio.sleep(0.02)
            QTest.mouseDClick(panel.bar.run_button, Qt.MouseButton.LeftButton)
            for _ in range(20):
                panel.run()
                await asyncio.sleep(0.03)
            assert len(desk.orders) == 1

    qt_run(scenario())


def test_while_an_intent_is_not_committed_a_second_press_does_nothing(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.edit("a", "x")
            desk.may_commit.clear()
            panel.run()
            await asyncio.sleep(QApplication.doubleClickInterval() / 1_000 + 0.1)
            panel.run()
            assert not panel.bar.run_button.isEnabled()
            desk.may_commit.set()
            await asyncio.sleep(QApplication.doubleClickInterval() / 1_000 + 0.1)
            assert len(desk.orders) == 1
            assert panel.bar.run_button.text() == "Run again"
            panel.run()
            await asyncio.sleep(0.05)
            assert len(desk.orders) == 2
            assert desk.orders[0].nonce != desk.orders[1].nonce

    qt_run(scenario())


def test_a_form_with_problems_is_not_sent_and_its_first_problem_has_the_focus(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            assert panel.bar.problems_button.text() == "1 problem"
            panel.run()
            await asyncio.sleep(0.05)
            assert desk.orders == []
            assert "Name is required." in shown(panel)
            assert text_of(panel, "a").hasFocus()

    qt_run(scenario())


def test_the_first_write_on_a_real_server_asks_once_and_sends_nothing_by_itself(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        understood: list[str] = []
        panel.understood.connect(understood.append)
        real = replace(ZAPIER, is_live=False)
        async with at(panel, Desk(Connections((), False), profile=real)) as desk:
            desk.form.edit("a", "x")
            panel.run()
            await asyncio.sleep(0.05)
            assert desk.orders == []
            assert panel.notices.texts == ["Runs have real effects and count as tasks."]
            notice = panel.notices._notices["effects"]
            notice.action_requested.emit()
            assert understood == [ZAPIER.id]
            assert desk.orders == []
            panel.run()
            await until(lambda: desk.orders, "the run")

    qt_run(scenario())


def test_reading_asks_for_no_consent(panel: ActionPanel, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        desk = Desk(Connections((), False), profile=ZAPIER)
        async with at(panel, desk):
            panel.open_action(APP, replace(ACTION, action_type="SEARCH"))
            await asyncio.sleep(0.05)
            desk.form.edit("a", "x")
            panel.run()
            await until(lambda: desk.orders, "the run")

    qt_run(scenario())


def test_why_nothing_can_be_sent_is_said(panel: ActionPanel, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.edit("a", "x")
            desk.runs.blocked = "The log cannot be written: the disk is full."
            panel.run()
            await asyncio.sleep(0.05)
            assert desk.orders == []
            assert panel.notices.texts == [desk.runs.blocked]

    qt_run(scenario())


# What is shown of it


def test_the_body_is_what_is_sent_but_for_passwords(panel: ActionPanel, qt_run: RunOnQt) -> None:
    nodes = (
        InputField("a", is_required=True),
        InputField("n", default_value="0.10"),
        InputField("p", format=FieldFormat.PASSWORD),
    )

    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True), nodes)) as desk:
            panel.bar.body_button.click()
            desk.form.edit("a", "x\r\ny")
            desk.form.edit("p", "hunter2")
            await asyncio.sleep(0.3)
            body = json.loads(panel.bar.body.text.exact_text())
            assert body == {"a": "x\r\ny", "n": "0.10", "p": {"$hidden": "password"}}
            panel.run()
            await until(lambda: desk.orders, "the run")
            assert desk.orders[0].inputs == {**body, "p": "hunter2"}

    qt_run(scenario())


def test_a_form_that_cannot_be_loaded_offers_to_try_again(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = Desk(Connections((GOOD,), True), ())
        desk.form.is_loaded = False
        desk.form.trouble = Unreachable("There is no network.")
        async with at(panel, desk):
            assert "There is no network." in shown(panel)
            desk.form.trouble, desk.form.is_loaded = None, True
            panel.notices._notices["form"].action_requested.emit()
            await asyncio.sleep(0.05)
            assert "This action takes no input." in shown(panel)
            panel.run()
            await until(lambda: desk.orders, "the run")

    qt_run(scenario())


def test_before_anything_is_chosen_it_says_what_to_do(panel: ActionPanel) -> None:
    assert "Choose an action on the left." in shown(panel)
    panel.run()
    assert not panel.bar.isVisible()


def test_another_action_takes_the_place_of_the_form(panel: ActionPanel, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.edit("a", "x")
            desk.form = LocalForm([InputField("b", "Other", is_required=True)])
            panel.open_action(APP, replace(ACTION, title="Find Row", key="find_row"))
            await asyncio.sleep(0.05)
            assert "Tables › Find Row" in shown(panel)
            assert panel.form.field_ids == ["b"]

    qt_run(scenario())


def test_a_form_that_could_not_be_refetched_is_not_sent(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, Desk(Connections((GOOD,), True))) as desk:
            desk.form.edit("a", "x")
            desk.form.trouble = Unreachable("There is no network.")
            panel.run()
            await asyncio.sleep(0.05)
            assert desk.orders == []
            assert panel.notices.texts == ["There is no network."]
            assert panel.bar.run_button.isEnabled()

    qt_run(scenario())

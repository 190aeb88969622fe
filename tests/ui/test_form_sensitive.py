"""A field is marked as sensitive where it is filled in: masked and kept nowhere from then on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QMenu

from tests.conftest import RunOnQt
from tests.sandbox_server import running_sandbox
from tests.ui.form_desk import until
from tests.ui.test_form_panel import find, opened
from zapdesk.domain.payload import HIDDEN_PASSWORD
from zapdesk.domain.runs import ActionRun
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.form.editors import PasswordEditor
from zapdesk.ui.form.editors.row import FieldRow

pytestmark = pytest.mark.qt_log_ignore("does not support")


def _row(panel: ActionPanel, field_id: str) -> FieldRow:
    row = panel.form.row(field_id)
    assert isinstance(row, FieldRow)
    return row


def _choose(row: FieldRow, start: str) -> None:
    row._state.open_menu()
    menu = row._state.findChildren(QMenu)[-1]
    next(action for action in menu.actions() if action.text().startswith(start)).trigger()
    menu.close()


def test_a_field_that_is_marked_is_masked_and_its_value_is_not_stored(
    panel: ActionPanel, home: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with opened(panel) as session:
            panel.open_action(*await find(session, "Field Zoo", "Find Animal"))
            await until(lambda: "animal" in panel.form.field_ids, "the form")
            assert panel.form_session is not None
            _choose(_row(panel, "animal"), "Sensitive")

            def masked() -> bool:
                return isinstance(_row(panel, "animal").editor, PasswordEditor)

            await until(masked, "the mask")
            panel.form_session.edit("animal", "a secret cat")
            line = _row(panel, "animal").editor.findChild(QLineEdit)
            assert line is not None
            assert line.echoMode() is QLineEdit.EchoMode.Password
            started: list[ActionRun] = []
            panel.run_started.connect(started.append)
            panel.run()
            await until(lambda: started, "the run")
            await session.runs.wait(started[0].id, 20)
            record = await session.runs.record(started[0].id)
            assert record is not None
            assert json.loads(record.inputs)["animal"] == HIDDEN_PASSWORD
            assert b"secret cat" not in (record.results or b"")
            _choose(_row(panel, "animal"), "Sensitive")
            await until(lambda: not masked(), "the editor as it was")

    with running_sandbox(home):
        qt_run(scenario())

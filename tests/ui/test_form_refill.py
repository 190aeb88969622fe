"""Forms that open filled: from an earlier run, from a draft."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.conftest import RunOnQt
from tests.ui.form_desk import GOOD, NODES, THIRD, EmptyForm, desk_of, press, until
from tests.ui.form_session import ACTION, APP, LocalForm
from tests.ui.run_history import some_run
from zapdesk.domain.attempts import EarlierAttempt
from zapdesk.domain.filling import Filling
from zapdesk.domain.payload import HIDDEN_PASSWORD
from zapdesk.errors import StorageUnusable
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.form.drawers import Parked
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.runs.attempt_dialog import AttemptDialog

pytestmark = pytest.mark.qt_log_ignore("does not support")


# From an earlier run


def test_the_inputs_of_a_run_are_in_the_form_when_it_comes(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = desk_of(GOOD, THIRD)
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION, Filling({"a": "x\r\ny", "b": "red"}), THIRD.id)
        await until(lambda: panel.form.field_ids, "the form")
        assert desk.form.state.payload() == {"a": "x\r\ny", "b": "red"}
        assert desk.form.authentication == THIRD
        assert panel.notices.texts == []
        await panel.close_tasks()

    qt_run(scenario())


@pytest.mark.parametrize("edited", [False, True], ids=["as it was", "edited"])
def test_a_run_that_is_sent_from_an_earlier_one_is_linked_to_it_once(
    panel: ActionPanel, qt_run: RunOnQt, edited: bool
) -> None:
    async def scenario() -> None:
        desk = desk_of(GOOD)
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION, Filling({"a": "x"}, again_of="earlier"), GOOD.id)
        await until(lambda: panel.form.field_ids, "the form")
        if edited:
            desk.form.edit("a", "y")
        panel.run()
        await until(lambda: len(desk.orders) == 1, "the run")
        assert desk.orders[0].again_of == "earlier"
        await until(lambda: desk.form.filling().again_of == "", "the draft without it")
        desk.earlier = EarlierAttempt(some_run(7))
        await asyncio.sleep(QApplication.doubleClickInterval() / 1_000 + 0.05)
        panel.run()
        await until(lambda: isinstance(QApplication.activeModalWidget(), AttemptDialog))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, AttemptDialog)
        dialog.send_button.click()
        await until(lambda: len(desk.orders) == 2, "the run")
        assert desk.orders[1].again_of == "run7", "the one that was asked about"
        await panel.close_tasks()

    qt_run(scenario())


def test_old_inputs_without_a_field_are_told_and_lie_in_the_drawer(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = desk_of()
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION, Filling({"a": "x", "gone": "1", "old": [2]}))
        await until(lambda: panel.notices.texts, "the notice")
        assert panel.notices.texts == ["2 values have no field any more: gone, old"]
        press(panel, "Show")
        drawer = panel.findChild(Parked)
        assert drawer is not None
        assert tuple(drawer.values) == ("gone", "old")
        assert drawer.button.hasFocus()
        assert desk.form.state.payload() == {"a": "x"}
        await panel.close_tasks()

    qt_run(scenario())


def test_passwords_of_a_run_have_to_be_typed_again_and_are_never_their_marker(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = desk_of()
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION, Filling({"a": "x", "secret": dict(HIDDEN_PASSWORD)}))
        await until(lambda: panel.notices.texts, "the notice")
        assert panel.notices.texts == ["Passwords are never kept. Type again: Key"]
        assert desk.form.state.payload() == {"a": "x"}
        press(panel, "Type")
        row = panel.form.row("secret")
        assert isinstance(row, FieldRow)
        assert row.editor.inputs()[0].hasFocus()
        await panel.close_tasks()

    qt_run(scenario())


def test_a_connection_that_is_gone_is_not_replaced_by_another_by_itself(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = desk_of(GOOD)
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION, Filling({"a": "x"}), "deleted")
        await asyncio.sleep(0.1)
        assert desk.opened_with == []
        panel.picker.combo.setFocus()
        QTest.keyClick(panel.picker.combo, Qt.Key.Key_Down)
        await until(lambda: panel.form.field_ids, "the form")
        assert desk.form.state.payload() == {"a": "x"}
        await panel.close_tasks()

    qt_run(scenario())


# From a draft


@dataclass
class LocalDrafts:
    """What DraftService does for a panel, with one draft in it."""

    filling: Filling
    connection: str | None = None
    events: list[str] = field(default_factory=list)
    fails: bool = False

    async def restore(self, place: str, session: LocalForm) -> Any:
        if self.fails:
            raise StorageUnusable("The drafts cannot be read.")
        self.events.append(f"restore {place}")
        session.prefill(self.filling)
        return SimpleNamespace(authentication_id=self.connection, filling=self.filling)

    def keep(self, place: str, session: LocalForm) -> Any:
        self.events.append(f"keep {place}")

        async def close() -> None:
            await asyncio.sleep(0.05)
            self.events.append(f"saved {session.state.payload()}")

        return SimpleNamespace(close=close)


def test_a_draft_is_in_the_form_with_its_connection_and_is_saved_on_leaving(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = desk_of(GOOD, THIRD)
        desk.drafts = drafts = LocalDrafts(Filling({"a": "draft"}), THIRD.id)  # type: ignore[attr-defined]  # only here
        restored: list[Any] = []
        panel.draft_restored.connect(restored.append)
        panel.place = "tab-1"
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION)
        await until(lambda: panel.form.field_ids, "the form")
        assert desk.form.authentication == THIRD
        assert [draft.filling.values for draft in restored] == [{"a": "draft"}]
        desk.form.edit("a", "typed")
        await panel.close_tasks()
        assert drafts.events == ["restore tab-1", "keep tab-1", "saved {'a': 'typed'}"]

    qt_run(scenario())


def test_the_last_save_of_a_form_survives_that_another_is_opened_and_the_panel_closed(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = desk_of()
        desk.drafts = drafts = LocalDrafts(Filling())  # type: ignore[attr-defined]  # only here
        panel.place = "tab-1"
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION)
        await until(lambda: panel.form.field_ids, "the form")
        desk.form.edit("a", "typed")
        desk.form = EmptyForm(NODES)
        panel.open_action(APP, ACTION, Filling({"b": "of a run"}))
        await panel.close_tasks()
        assert "saved {'a': 'typed'}" in drafts.events

    qt_run(scenario())


def test_drafts_that_cannot_be_read_are_told_and_the_form_opens_all_the_same(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = desk_of()
        desk.drafts = LocalDrafts(Filling(), fails=True)  # type: ignore[attr-defined]  # only here
        panel.place = "tab-1"
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION)
        await until(lambda: panel.form.field_ids, "the form")
        assert panel.notices.texts == ["The drafts cannot be read."]
        await panel.close_tasks()

    qt_run(scenario())

"""Forms that open filled: from an earlier run, from a draft; and how refusals come back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.conftest import RunOnQt
from tests.ui.form_desk import GOOD, THIRD, Desk, at, until
from tests.ui.form_session import ACTION, APP, LocalForm, Stage
from zapdesk.domain.definitions import FieldDifference
from zapdesk.domain.fields import FieldFormat, FormNode, InputField
from zapdesk.domain.filling import Filling
from zapdesk.domain.payload import HIDDEN_PASSWORD
from zapdesk.domain.runs import RunStatus
from zapdesk.errors import ErrorItem, ErrorReport, StorageUnusable
from zapdesk.services.catalog import Connections
from zapdesk.services.watching import RunsChange
from zapdesk.storage.definition_history import Sighting
from zapdesk.ui.action_panel import ActionPanel
from zapdesk.ui.field_editors.row import FieldRow
from zapdesk.ui.form_drawers import ExtraInputs, Parked
from zapdesk.ui.sheets import Sheet
from zapdesk.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support")

NODES: tuple[FormNode, ...] = (
    InputField("a", "Name", is_required=True),
    InputField("b", "Colour"),
    InputField("secret", "Key", format=FieldFormat.PASSWORD),
)


@pytest.fixture
def panel(qapp: Any) -> Iterator[ActionPanel]:
    theme = qapp.findChild(Theme) or Theme(qapp, "light")
    stage = Stage()
    panel = ActionPanel(theme)
    stage.show(panel)
    panel.setGeometry(0, 0, 600, 600)
    yield panel
    stage.close()


class EmptyForm(LocalForm):
    """A form whose fields come with ``load``, as they do from a server."""

    def __init__(self, nodes: tuple[FormNode, ...]) -> None:
        super().__init__(())
        self.is_loaded = False
        self._coming = nodes

    async def load(self) -> None:
        await asyncio.sleep(0.01)
        self.is_loaded = True
        self.replace(self._coming)
        await super().load()


def desk_of(*connections: Any, nodes: tuple[FormNode, ...] = NODES) -> Desk:
    desk = Desk(Connections(connections or (GOOD,), True), ())
    desk.form = EmptyForm(nodes)
    return desk


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
        assert drawer.names == ("gone", "old")
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


def press(panel: ActionPanel, text: str) -> None:
    button = next(b for b in panel.notices.findChildren(QPushButton) if b.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


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
        session.state.fill(self.filling)
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


# What came back


def refused(desk: Desk, *items: ErrorItem) -> Any:
    """The run of the last order, ended by a refusal."""
    report = ErrorReport("Zapier refused this run.", items=items)

    async def record(_run_id: str) -> Any:
        return SimpleNamespace(report=report)

    desk.runs.record = record
    run = SimpleNamespace(id=desk.orders[-1].nonce, status=RunStatus.REFUSED)
    return RunsChange(run)  # type: ignore[arg-type]  # the part of a run that is looked at


BAD_B = ErrorItem(detail="This colour is not known.", pointer="/data/inputs/b")


def test_a_refusal_with_a_pointer_lands_on_its_field_even_in_a_folded_group(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, desk_of()) as desk:
            await until(lambda: panel.form.field_ids, "the form")
            desk.form.edit("a", "x")
            panel.bar.run_button.setFocus()
            panel.run()
            await until(lambda: desk.orders, "the run")
            desk.runs.changed.announce(refused(desk, BAD_B))
            await until(lambda: "b" in desk.form.state.server_problems, "the refusal")
            row = panel.form.row("b")
            assert isinstance(row, FieldRow)
            assert row.isVisible()
            assert row.editor.inputs()[0].hasFocus()
            assert "This colour is not known." in row.editor.inputs()[0].accessibleDescription()
            assert panel.notices.texts == ["Zapier refused this run. It is about Colour."]

    qt_run(scenario())


def test_a_refusal_does_not_take_the_keys_from_someone_who_types(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, desk_of()) as desk:
            await until(lambda: panel.form.field_ids, "the form")
            desk.form.edit("a", "x")
            panel.run()
            await until(lambda: desk.orders, "the run")
            row = panel.form.row("a")
            assert isinstance(row, FieldRow)
            row.focus_editor()
            desk.runs.changed.announce(refused(desk, BAD_B))
            await until(lambda: panel.notices.texts, "the notice")
            assert row.editor.inputs()[0].hasFocus()
            press(panel, "Show the field")
            other = panel.form.row("b")
            assert isinstance(other, FieldRow)
            assert other.editor.inputs()[0].hasFocus()

    qt_run(scenario())


def test_what_the_server_said_goes_when_the_field_is_changed(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, desk_of()) as desk:
            await until(lambda: panel.form.field_ids, "the form")
            desk.form.edit("a", "x")
            desk.form.apply_refusal((BAD_B,))
            assert dict(panel.form.problems()) == {"b": "This colour is not known."}
            desk.form.edit("b", "blue")
            assert panel.form.problems() == []

    qt_run(scenario())


# Beside the fields


def test_extra_inputs_are_shown_and_can_be_taken_away_by_keyboard(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(panel, desk_of()) as desk:
            await until(lambda: panel.form.field_ids, "the form")
            desk.form.edit_payload({"a": "x", "colour": "red", "n": 1})
            drawer = panel.findChild(ExtraInputs)
            assert drawer is not None
            assert drawer.names == ("colour", "n")
            remove = next(
                b for b in drawer.findChildren(QPushButton.__mro__[1])
                if b.accessibleName() == "Do not send colour"
            )  # fmt: skip
            remove.setFocus()
            QTest.keyClick(remove, Qt.Key.Key_Space)
            assert desk.form.state.payload() == {"a": "x", "n": 1}
            await asyncio.sleep(0)
            assert [d.names for d in panel.findChildren(ExtraInputs) if d.isVisible()] == [("n",)]

    qt_run(scenario())


def test_a_parked_password_is_not_shown(panel: ActionPanel, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(panel, desk_of()) as desk:
            await until(lambda: panel.form.field_ids, "the form")
            desk.form.edit("secret", "hunter2")
            desk.form.edit("b", "red")
            desk.form.replace(NODES[:1])
            drawer = panel.findChild(Parked)
            assert drawer is not None
            assert sorted(drawer.names) == ["b", "secret"]
            from PySide6.QtWidgets import QLabel

            words = [label.text() for label in drawer.findChildren(QLabel)]
            assert "red" in words
            assert "hunter2" not in "".join(words)

    qt_run(scenario())


def test_a_form_that_has_changed_says_so_and_shows_how_by_keyboard(
    panel: ActionPanel, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk = desk_of()
        desk.form.definition_change = (
            Sighting("[]", 0, 1_763_900_000_000),
            [
                FieldDifference("a", "Name", "changed", (("is_required", "false", "true"),)),
                FieldDifference("b", "<b>Colour</b>", "added"),
                FieldDifference("z", "Zone", "removed"),
            ],
        )
        async with at(panel, desk):
            await until(lambda: panel.notices.texts, "the strip")
            assert panel.notices.texts == [
                "Changed since you last used it: 1 added, 1 removed, 1 newly required."
            ]
            show = next(b for b in panel.notices.findChildren(QPushButton) if b.text() == "Show")
            show.setFocus()
            QTest.keyClick(show, Qt.Key.Key_Space)
            sheet = panel.findChild(Sheet)
            assert sheet is not None
            from PySide6.QtWidgets import QTreeWidget

            tree = sheet.findChild(QTreeWidget)
            assert tree is not None
            assert tree.hasFocus()
            seen = [tree.currentItem().text(0)]
            for _ in range(3):
                QTest.keyClick(tree, Qt.Key.Key_Down)
                seen.append(tree.currentItem().text(0))
            assert seen == ["Name", "required", "<b>Colour</b>", "Zone"]
            assert [tree.topLevelItem(0).child(0).text(n) for n in (1, 2)] == ["no", "yes"]
            QTest.keyClick(sheet, Qt.Key.Key_Escape)
            await asyncio.sleep(0)
            assert not sheet.isVisible()

    qt_run(scenario())

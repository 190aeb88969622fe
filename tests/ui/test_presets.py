"""Presets of a form: saved, loaded after telling what changes, looked after, shared as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from shiboken6 import isValid

from tests.conftest import RunOnQt
from tests.ui.form_desk import shown, until
from tests.ui.form_session import ACTION, APP
from tests.ui.tab_desk import FIND, NODES, TabDesk, at, settled, store, values
from zapdesk.domain.fields import FieldFormat, InputField
from zapdesk.domain.pieces import Piece, mapped
from zapdesk.errors import Unreachable
from zapdesk.ui.form.presets.button import Presets
from zapdesk.ui.form.presets.report import ReportDialog
from zapdesk.ui.form.presets.sheet import PresetsSheet
from zapdesk.ui.form.tabs.action_tabs import ActionTabs
from zapdesk.ui.name_dialog import NameDialog

pytestmark = pytest.mark.qt_log_ignore("does not support")


class At:
    """A form in a tab, and what a person does about its presets."""

    def __init__(self, tabs: ActionTabs, desk: TabDesk) -> None:
        self.tabs, self.desk = tabs, desk
        assert tabs.panel is not None
        self.panel = tabs.panel
        found = self.panel.findChild(Presets)
        assert found is not None
        self.presets = found

    @property
    def form(self) -> Any:
        return self.panel.form_session

    async def menu(self) -> QMenu:
        self.presets.menu = None
        QTest.mouseClick(self.presets.button, Qt.MouseButton.LeftButton)
        await until(lambda: self.presets.menu is not None, "the menu")
        assert self.presets.menu is not None
        return self.presets.menu

    async def choose(self, text: str) -> None:
        menu = await self.menu()
        next(a for a in menu.actions() if a.text() == text).trigger()
        menu.close()
        await settled(self.tabs)

    async def entries(self) -> list[str]:
        menu = await self.menu()
        found = [action.text() for action in menu.actions() if action.text()]
        menu.close()
        return found

    async def dialog(self, kind: type[Any]) -> Any:
        await until(lambda: self._open(kind), kind.__name__)
        return self._open(kind)[-1]

    def _open(self, kind: type[Any]) -> list[Any]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    async def save_as(self, name: str) -> None:
        await self.choose("Save as a preset…")
        dialog = await self.dialog(NameDialog)
        QTest.keyClicks(dialog.line, name)
        QTest.keyClick(dialog.line, Qt.Key.Key_Return)
        await settled(self.tabs)
        assert not is_open(dialog)

    async def sheet(self) -> PresetsSheet:
        await self.choose("Manage presets…")
        sheet: PresetsSheet = await self.dialog(PresetsSheet)
        await settled(self.tabs)
        return sheet

    def undo(self) -> None:
        self.panel.notices._notices["preset"].action_requested.emit()


def is_open(dialog: Any) -> bool:
    return isValid(dialog) and bool(dialog.isVisible())


def names(sheet: PresetsSheet) -> list[str]:
    return [sheet.list.item(n).text() for n in range(sheet.list.count())]


def scenario_at(
    tabs: ActionTabs, folder: Path, qt_run: RunOnQt, play: Any, nodes: Any = NODES
) -> None:
    async def scenario() -> None:
        async with store(folder) as database, at(tabs, TabDesk(database, nodes=nodes)) as desk:
            tabs.open_action(APP, ACTION)
            await settled(tabs)
            await play(At(tabs, desk))
            for widget in QApplication.topLevelWidgets():
                if isinstance(widget, (PresetsSheet, NameDialog, ReportDialog)):
                    widget.close()

    qt_run(scenario())


def test_a_preset_is_saved_and_loaded_and_loading_is_undone(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def play(here: At) -> None:
        value = mapped("at ", Piece("now"))
        here.form.edit("a", value)
        await here.save_as("First")
        assert "Saved as “First”. Passwords are not in it." in shown(here.panel)
        here.form.edit("a", "other")
        here.form.edit("b", "kept by undo")
        await here.choose("First")
        assert values(here.form) == {"a": value}
        assert here.form.why("a") == "mapped"
        here.undo()
        await settled(tabs)
        assert values(here.form) == {"a": "other", "b": "kept by undo"}

    scenario_at(tabs, tmp_path, qt_run, play)


def test_a_password_is_in_no_preset_and_stays_when_one_is_loaded_and_undone(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    nodes = (*NODES, InputField("p", format=FieldFormat.PASSWORD))

    async def play(here: At) -> None:
        here.form.edit("p", "hunter2")
        here.form.edit("a", "x")
        await here.save_as("One")
        sheet = await here.sheet()
        assert sheet.current is not None
        assert sheet.current.filling.values == {"a": "x"}
        sheet.close()
        here.form.edit("a", "y")
        await here.choose("One")
        assert here.form.state.payload() == {"a": "x", "p": "hunter2"}
        here.undo()
        await settled(tabs)
        assert here.form.state.payload() == {"a": "y", "p": "hunter2"}

    scenario_at(tabs, tmp_path, qt_run, play, nodes)


def test_a_name_that_is_none_or_taken_is_said_under_it_and_nothing_is_saved(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def play(here: At) -> None:
        here.form.edit("a", "x")
        await here.save_as("Mine")
        here.form.edit("a", "y")
        await here.choose("Save as a preset…")
        dialog = await here.dialog(NameDialog)
        for typed, said in (
            ("", "A preset needs a name."),
            ("Mine", "There is a preset called 'Mine' already."),
            ("x" * 300, "The name is longer than 200 characters."),
        ):
            dialog.line.clear()
            QTest.keyClicks(dialog.line, typed)
            QTest.keyClick(dialog.line, Qt.Key.Key_Return)
            await settled(tabs)
            assert dialog.isVisible()
            assert dialog.problem.text() == said
            assert dialog.line.accessibleDescription() == said
            assert dialog.replace_button.isVisible() is (typed == "Mine")
        dialog.reject()
        await here.choose("Mine")
        assert values(here.form) == {"a": "x"}

    scenario_at(tabs, tmp_path, qt_run, play)


@pytest.mark.parametrize("way", ["menu", "dialog"])
def test_a_preset_that_is_saved_over_can_be_had_back(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt, way: str
) -> None:
    async def play(here: At) -> None:
        here.form.edit("a", "old")
        await here.save_as("Mine")
        here.form.edit("a", "new")
        if way == "menu":
            await here.choose("Save into “Mine”")
        else:
            await here.choose("Save as a preset…")
            dialog = await here.dialog(NameDialog)
            QTest.keyClicks(dialog.line, "Mine")
            QTest.keyClick(dialog.line, Qt.Key.Key_Return)
            await settled(tabs)
            QTest.mouseClick(dialog.replace_button, Qt.MouseButton.LeftButton)
            await settled(tabs)
        sheet = await here.sheet()
        assert [(p.name, p.filling.values) for p in sheet._presets] == [("Mine", {"a": "new"})]
        sheet.close()
        here.undo()
        await settled(tabs)
        sheet = await here.sheet()
        assert [(p.name, p.filling.values) for p in sheet._presets] == [("Mine", {"a": "old"})]

    scenario_at(tabs, tmp_path, qt_run, play)


def test_what_a_preset_would_change_is_told_before_it_changes_anything(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    nodes = (InputField("a", "Name"), InputField("c", "Old column"))

    async def play(here: At) -> None:
        here.form.edit("a", "x")
        here.form.edit("c", "gone soon")
        await here.save_as("Mine")
        here.form.edit("a", "now")
        here.form.replace((InputField("a", "Name"), InputField("n", "New one", is_required=True)))
        before = here.form.state.payload()
        await here.choose("Mine")
        dialog = await here.dialog(ReportDialog)
        for text in ("Old column", "New one", "1 value has no field any more and is dropped"):
            assert text in shown(dialog)
        assert "1 field without a value is required now: New one." in dialog.accessibleDescription()
        assert dialog.cancel_button.hasFocus()
        assert here.form.state.payload() == before
        QTest.keyClick(dialog.cancel_button, Qt.Key.Key_Return)
        await settled(tabs)
        assert not is_open(dialog)
        assert here.form.state.payload() == before
        await here.choose("Mine")
        dialog = await here.dialog(ReportDialog)
        dialog.load_button.click()
        await settled(tabs)
        assert here.form.state.payload() == {"a": "x"}
        here.undo()
        await settled(tabs)
        assert here.form.state.payload() == before

    scenario_at(tabs, tmp_path, qt_run, play, nodes)


def test_without_a_network_loading_says_what_cannot_be_known(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    nodes = (InputField("a", "Name", invalidates_input_fields=True), InputField("b"))

    async def play(here: At) -> None:
        here.form.edit("a", "x")
        await here.save_as("Mine")
        opening = here.desk.forms.open

        def open_without_network(*things: Any) -> Any:
            trial = opening(*things)
            trial.trouble = Unreachable("There is no network.")
            return trial

        here.desk.forms.open = open_without_network
        await here.choose("Mine")
        dialog = await here.dialog(ReportDialog)
        assert "There is no network." in shown(dialog)
        dialog.reject()

    scenario_at(tabs, tmp_path, qt_run, play, nodes)


def test_presets_belong_to_their_action(tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt) -> None:
    async def play(here: At) -> None:
        here.form.edit("a", "x")
        await here.save_as("Mine")
        assert (await here.entries())[0] == "Mine"
        tabs.open_action(APP, FIND)
        await settled(tabs)
        assert await here.entries() == ["Save as a preset…", "Manage presets…"]

    scenario_at(tabs, tmp_path, qt_run, play)


def test_by_keys_alone_presets_are_renamed_copied_deleted_and_brought_back(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def play(here: At) -> None:
        here.form.edit("a", "x")
        await here.save_as("Mine")
        sheet = await here.sheet()
        assert sheet.list.hasFocus()
        sheet.copy_button.setFocus()
        QTest.keyClick(sheet.copy_button, Qt.Key.Key_Space)
        await settled(tabs)
        assert names(sheet) == ["Mine", "Mine (2)"]
        QTest.keyClick(sheet.list, Qt.Key.Key_F2)
        dialog = await here.dialog(NameDialog)
        dialog.line.setText("Mine")
        QTest.keyClick(dialog.line, Qt.Key.Key_Return)
        await settled(tabs)
        assert dialog.problem.text() == "There is a preset called 'Mine' already."
        dialog.line.setText("Your & < own")
        QTest.keyClick(dialog.line, Qt.Key.Key_Return)
        await settled(tabs)
        assert names(sheet) == ["Mine", "Your & < own"]
        QTest.keyClick(sheet.list, Qt.Key.Key_Delete)
        await settled(tabs)
        assert names(sheet) == ["Mine"]
        assert sheet.notices.texts == ["Deleted “Your & < own”."]
        sheet.notices._notices["presets"].action_requested.emit()
        await settled(tabs)
        assert names(sheet) == ["Mine", "Your & < own"]
        sheet.list.setCurrentRow(1)
        here.form.edit("a", "y")
        QTest.keyClick(sheet.list, Qt.Key.Key_Return)
        await settled(tabs)
        assert values(here.form) == {"a": "x"}

    scenario_at(tabs, tmp_path, qt_run, play)


def test_a_preset_goes_through_a_file_without_loss(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def play(here: At) -> None:
        value = mapped("\ufeff a\r\n", Piece("env.X"), "\ud800")
        here.form.edit("a", value)
        await here.save_as("Mine: one/two")
        sheet = await here.sheet()
        file = tmp_path / "preset.json"
        assert sheet.current is not None
        sheet.export_to(sheet.current, file)
        await settled(tabs)
        assert sheet.notices.texts == [f"Exported to {file}."]
        assert json.loads(file.read_text())["name"] == "Mine: one/two"
        sheet.import_from(file)
        await settled(tabs)
        assert names(sheet) == ["Mine: one/two", "Mine: one/two (2)"]
        assert sheet.current is not None
        assert sheet.current.name == "Mine: one/two (2)"
        assert sheet.current.filling.values == {"a": value}

    scenario_at(tabs, tmp_path, qt_run, play)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "JSON"),
        (b"\xff\xfe\x00", "JSON"),
        (b"{}", "This file is not a preset of zapdesk."),
        (b'{"format": "zapdesk preset", "name": 7}', "This file is not a preset of zapdesk."),
        (None, "cannot be read"),
    ],
    ids=["empty", "bytes", "other JSON", "damaged", "no file"],
)
def test_a_file_that_is_no_preset_is_refused_in_words(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt, content: bytes | None, said: str
) -> None:
    async def play(here: At) -> None:
        sheet = await here.sheet()
        assert "No presets yet." in shown(sheet)
        file = tmp_path / "file.json"
        if content is not None:
            file.write_bytes(content)
        sheet.import_from(file)
        await settled(tabs)
        assert len(sheet.notices.texts) == 1
        assert said in sheet.notices.texts[0]
        assert names(sheet) == []

    scenario_at(tabs, tmp_path, qt_run, play)


def test_a_folder_that_cannot_be_written_to_is_said(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def play(here: At) -> None:
        here.form.edit("a", "x")
        await here.save_as("Mine")
        sheet = await here.sheet()
        assert sheet.current is not None
        sheet.export_to(sheet.current, tmp_path / "no" / "folder.json")
        await settled(tabs)
        assert sheet.notices.texts == ["folder.json was not written: No such file or directory."]

    scenario_at(tabs, tmp_path, qt_run, play)


def test_a_preset_deleted_elsewhere_meanwhile_is_not_loaded_over_another_form(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def play(here: At) -> None:
        here.form.edit("a", "x")
        await here.save_as("Mine")
        sheet = await here.sheet()
        preset = sheet.current
        assert preset is not None
        sheet.close()
        here.presets.load(preset)
        tabs.open_action(APP, FIND)
        await settled(tabs)
        assert values(here.form) == {}

    scenario_at(tabs, tmp_path, qt_run, play)

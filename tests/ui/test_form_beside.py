"""What stands beside the fields: what a server said of them, drawers, how the form changed."""

from __future__ import annotations

import asyncio
import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QTreeWidget

from tests.conftest import RunOnQt
from tests.ui.form_desk import NODES, Desk, at, desk_of, press, until
from tests.ui.form_session import ACTION, APP
from zapdesk.domain.definitions import FieldDifference, Sighting
from zapdesk.domain.runs import RunStatus
from zapdesk.errors import ErrorItem, ErrorReport
from zapdesk.services.watching import RunsChange
from zapdesk.ui.form.action_header import ActionHeader
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.form.drawers import ExtraInputs, Parked
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.sheets import Sheet

pytestmark = pytest.mark.qt_log_ignore("does not support")


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
            assert "This colour is not known" in row.editor.inputs()[0].accessibleDescription()
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
            assert tuple(drawer.values) == ("colour", "n")
            remove = next(
                b
                for b in drawer.findChildren(QAbstractButton)
                if b.accessibleName() == "Do not send colour"
            )
            remove.setFocus()
            QTest.keyClick(remove, Qt.Key.Key_Space)
            assert desk.form.state.payload() == {"a": "x", "n": 1}
            await asyncio.sleep(0)
            shown = [d.values for d in panel.findChildren(ExtraInputs) if d.isVisible()]
            assert shown == [{"n": 1}]

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
            assert sorted(drawer.values) == ["b", "secret"]
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
            tree = sheet.findChild(QTreeWidget)
            assert tree is not None
            await until(tree.hasFocus, "the keys")
            seen = []
            for _ in range(4):
                place = tree.currentIndex()
                seen.append([place.siblingAtColumn(n).data() for n in range(3)])
                QTest.keyClick(tree, Qt.Key.Key_Down)
            assert seen == [
                ["Name", "", "changed"],
                ["required", "no", "yes"],
                ["<b>Colour</b>", "–", "added"],
                ["Zone", "", "removed"],
            ]
            QTest.keyClick(sheet, Qt.Key.Key_Escape)
            await until(lambda: panel.findChild(Sheet) is None, "the end of the sheet")

    qt_run(scenario())


def test_a_long_title_is_written_smaller_before_it_is_cut(panel: ActionPanel) -> None:
    header = ActionHeader(lambda _: None)
    header.setParent(panel)
    header.show_action(APP, dataclasses.replace(ACTION, title="Every Type and Format of Rows"))
    header.show()
    title = header.findChild(QLabel)
    assert title is not None
    sizes = []
    for width in (900, 470):
        header.resize(width, 160)
        QTest.qWait(10)
        assert title.text() == header.title
        sizes.append((title.font().pixelSize(), title.height()))
    (large, height), (small, same) = sizes
    assert (small < large, same) == (True, height)

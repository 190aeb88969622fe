"""What a person does to runs of the history: pick many, pin, label, note, delete and undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.ui.history_desk import filled, history_panel
from tests.ui.run_history import until
from zapdesk.domain.runs import RunStatus
from zapdesk.ui.name_dialog import NameDialog
from zapdesk.ui.notices import ConfirmDialog
from zapdesk.ui.parts import Button
from zapdesk.ui.runs.compare_view import CompareView
from zapdesk.ui.runs.panel import RunPanel

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def panel(qtbot: QtBot) -> RunPanel:
    return history_panel(qtbot)


def click(panel: RunPanel, row: int, modifier: Qt.KeyboardModifier | None = None) -> None:
    rect = panel.table.visualRect(panel.model.index(row, 1))
    spot = QPoint(rect.center().x(), rect.bottom() - 6)
    QTest.mouseClick(
        panel.table.viewport(),
        Qt.MouseButton.LeftButton,
        modifier or Qt.KeyboardModifier.NoModifier,
        spot,
    )


def picked(panel: RunPanel) -> list[str]:
    return [run.headline for run in panel.table.picked_runs]


def notice_button(panel: RunPanel, text: str) -> Button:
    return next(b for b in panel.notices.findChildren(Button) if b.text() == text)


def test_shift_control_and_select_all_pick_many_rows(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 6):
            click(panel, 1)
            click(panel, 3, SHIFT)
            assert picked(panel) == ["4", "3", "2"]
            click(panel, 2, CONTROL)
            assert picked(panel) == ["4", "2"]
            assert "2 runs picked" in panel.selection_bar.accessibleName()
            QTest.keyClick(panel.table, Qt.Key.Key_A, CONTROL)
            assert picked(panel) == ["5", "4", "3", "2", "1", "0"]
            QTest.keyClick(panel.table, Qt.Key.Key_Home)
            QTest.keyClick(panel.table, Qt.Key.Key_End, SHIFT)
            assert len(picked(panel)) == 6
            click(panel, 0)
            assert not panel.selection_bar.isVisible()

    qt_run(scenario())


def test_what_is_picked_stays_picked_when_the_log_is_read_again(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 6) as desk:
            click(panel, 1)
            click(panel, 4, CONTROL)
            await desk.add(headline="new", announce=False)
            desk.announce(None)
            await until(lambda: panel.model.rowCount() == 7)
            assert picked(panel) == ["4", "1"]

    qt_run(scenario())


def test_space_pins_and_unpins_and_the_row_says_so(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 3):
            click(panel, 0)
            click(panel, 1, CONTROL)
            QTest.keyClick(panel.table, Qt.Key.Key_Space)
            await until(lambda: [r.pinned for r in panel.model.items] == [True, True, False])
            spoken = panel.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
            assert spoken.startswith("Status: Success. Sent: accepted.")
            assert spoken.endswith(" Pinned.")
            QTest.keyClick(panel.table, Qt.Key.Key_Space)
            await until(lambda: not any(r.pinned for r in panel.model.items))

    qt_run(scenario())


def test_delete_removes_and_undo_brings_back(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 5):
            click(panel, 1)
            click(panel, 2, SHIFT)
            QTest.keyClick(panel.table, Qt.Key.Key_Delete)
            await until(lambda: panel.model.rowCount() == 3)
            assert panel.notices.texts == ["2 runs deleted."]
            assert picked(panel) == ["1"], "the next row goes on from there"
            notice_button(panel, "Undo").click()
            await until(lambda: panel.model.rowCount() == 5)
            assert panel.notices.texts == []
            click(panel, 0)
            QTest.keyClick(panel.table, Qt.Key.Key_Delete)
            await until(lambda: panel.model.rowCount() == 4)
            QTest.keyClick(panel.table, Qt.Key.Key_Z, CONTROL)
            await until(lambda: panel.model.rowCount() == 5)

    qt_run(scenario())


def test_a_run_that_has_not_ended_is_not_deleted_and_it_is_said(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 1) as desk:
            await desk.add(RunStatus.WAITING)
            QTest.keyClick(panel.table, Qt.Key.Key_A, CONTROL)
            QTest.keyClick(panel.table, Qt.Key.Key_Delete)
            await until(lambda: panel.notices.texts)
            assert panel.notices.texts == ["1 run deleted. 1 run has not ended and stays."]

    qt_run(scenario())


def test_clearing_asks_first_and_keeps_what_is_pinned(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 4) as desk:
            await desk.history.pin([panel.model.items[2].id])
            await until(lambda: panel.reading.matching == 4)
            for answer in ("cancel_button", "action_button"):
                panel.clear_history()
                await until(lambda: panel.findChildren(ConfirmDialog))
                dialog = panel.findChildren(ConfirmDialog)[-1]
                assert "4 runs of this profile will be deleted" in words_of(dialog)
                assert dialog.cancel_button.hasFocus() or not dialog.isActiveWindow()
                getattr(dialog, answer).click()
                await until(lambda: not panel.findChildren(ConfirmDialog))
            await until(lambda: panel.model.rowCount() == 1)
            assert panel.model.items[0].pinned
            await until(lambda: panel.notices.texts)
            assert panel.notices.texts[0].startswith("3 runs deleted. 1 run is pinned")

    qt_run(scenario())


def test_labels_and_notes_are_asked_for_and_seen(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 2):
            click(panel, 0)
            await choose(panel, "New label…")
            dialog = await name_dialog(panel)
            QTest.keyClick(dialog.line, Qt.Key.Key_Return)
            await until(lambda: dialog.problem.text())
            QTest.keyClicks(dialog.line, "for Ada")
            QTest.keyClick(dialog.line, Qt.Key.Key_Return)
            await until(lambda: panel.model.items[0].labels == ("for Ada",))
            await until(lambda: panel.reading.labels == ("for Ada",))
            await choose(panel, "Remove label “for Ada”")
            await until(lambda: panel.model.items[0].labels == ())
            await choose(panel, "Label “for Ada”")
            await until(lambda: panel.model.items[0].labels == ("for Ada",))
            await choose(panel, "Note…")
            dialog = await name_dialog(panel)
            QTest.keyClicks(dialog.line, "asked support")
            dialog.verb_button.click()
            await until(lambda: panel.model.items[0].note == "asked support")
            assert panel.model.line(0).tags == ("note", "for Ada")

    qt_run(scenario())


def test_two_runs_can_be_compared_the_earlier_one_on_the_left(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 3):
            click(panel, 0)
            click(panel, 2, CONTROL)
            await until(lambda: "Compare" in offered(panel))
            button = next(
                b for b in panel.selection_bar.findChildren(Button) if b.text() == "Compare"
            )
            button.click()
            await until(lambda: panel.findChildren(CompareView))
            runs = panel.model.items
            (view,) = panel.findChildren(CompareView)
            shown = view.comparison
            assert (shown.before.id, shown.after.id) == (runs[2].id, runs[0].id)
            view.close()
            click(panel, 1, CONTROL)
            await until(lambda: offered(panel) == ["Pin", "New label…", "Export…", "Delete"])

    qt_run(scenario())


@pytest.mark.parametrize(
    ("count", "kind", "suffix"),
    [(3, "JSON lines", ".jsonl"), (2, "CSV table", ".csv")],
)
def test_what_is_picked_is_exported_into_one_file(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path, count: int, kind: str, suffix: str
) -> None:
    file = tmp_path / f"runs{suffix}"

    async def scenario() -> None:
        async with filled(panel, tmp_path, 4):
            click(panel, 0)
            click(panel, count - 1, SHIFT)
            await choose(panel, "Export…")
            dialog = panel.findChild(QFileDialog)
            assert isinstance(dialog, QFileDialog)
            name = next(f for f in dialog.nameFilters() if f.startswith(kind))
            dialog.selectNameFilter(name)
            dialog.fileSelected.emit(str(file))
            dialog.done(0)
            await until(lambda: panel.notices.texts)
            assert panel.notices.texts == [f"{count} runs were saved to {file}."]
            assert len(file.read_text().splitlines()) == count + (suffix == ".csv")
            assert "Create Row" in file.read_text()

    qt_run(scenario())


def offered(panel: RunPanel) -> list[str]:
    return [b.text() for b in panel.selection_bar.findChildren(Button) if b.isVisible()]


async def choose(panel: RunPanel, text: str) -> None:
    panel.table.menu_requested.emit(panel.table.mapToGlobal(QPoint(40, 60)))
    menu = panel.findChildren(QMenu)[-1]
    actions = {a.text().partition("\t")[0]: a for a in menu.actions()}
    actions[text].trigger()
    menu.close()
    QApplication.sendPostedEvents()


async def name_dialog(panel: RunPanel) -> NameDialog:
    await until(lambda: [d for d in panel.findChildren(NameDialog) if d.isVisible()])
    return [d for d in panel.findChildren(NameDialog) if d.isVisible()][-1]


def words_of(dialog: ConfirmDialog) -> str:
    from tests.ui.placeholders import texts

    return " ".join(texts(dialog))

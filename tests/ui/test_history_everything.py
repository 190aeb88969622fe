"""All runs that a filter lets through, far more than the table holds: picked, marked, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.benchmarks import run_generator
from tests.conftest import RunOnQt
from tests.ui.history_desk import history_panel
from tests.ui.run_history import Desk, opened_desk, until
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.services import many_runs
from zapdesk.services.many_runs import Change
from zapdesk.ui.name_dialog import NameDialog
from zapdesk.ui.notices import ConfirmDialog
from zapdesk.ui.parts import Button
from zapdesk.ui.runs import everything
from zapdesk.ui.runs.panel import RunPanel

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

MANY = 600
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(qtbot: QtBot) -> RunPanel:
    return history_panel(qtbot)


@asynccontextmanager
async def long_history(panel: RunPanel, folder: Path) -> AsyncIterator[Desk]:
    """The panel shows the first page of many runs."""
    async with opened_desk(folder) as desk:
        await run_generator.generate(desk.database, MANY)
        panel.show()
        panel.activateWindow()
        panel.set_session(desk.session)
        try:
            await until(lambda: panel.reading.matching == MANY)
            assert panel.model.rowCount() < MANY
            yield desk
        finally:
            await panel.close_tasks()
            panel.hide()


async def pick_all(panel: RunPanel, count: int = MANY) -> None:
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_A, CONTROL)
    await until(lambda: panel.selection_bar.accessibleName() == f"{count:,} runs picked")


async def count(desk: Desk, wanted: RunFilter) -> int:
    return sum((await desk.log.counts(wanted)).values())


def press(panel: RunPanel, text: str) -> None:
    for area in (panel.selection_bar, panel.notices):
        for button in area.findChildren(Button):
            if button.text() == text and button.isVisible():
                button.click()
                return
    raise AssertionError(text)


def test_select_all_picks_what_is_not_held_too_until_something_else_is_picked(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with long_history(panel, tmp_path) as desk:
            await pick_all(panel)
            held = panel.model.rowCount()
            panel.model.fetchMore(panel.table.rootIndex())
            await until(lambda: panel.model.rowCount() > held)
            assert len(panel.table.picked_runs) == panel.model.rowCount(), "read on, and picked"
            await desk.add(headline="new")
            await until(lambda: panel.model.items[0].headline == "new")
            assert not panel.table.selectionModel().isRowSelected(0), "it came later"
            assert "600 runs" in panel.selection_bar.accessibleName()
            desk.announce(None)
            await until(lambda: panel.model.is_loading)
            await until(lambda: not panel.model.is_loading)
            assert not panel.table.selectionModel().isRowSelected(0)
            assert "600 runs" in panel.selection_bar.accessibleName()
            QTest.keyClick(panel.table, Qt.Key.Key_Down, SHIFT)
            assert "600" not in panel.selection_bar.accessibleName()
            await pick_all(panel, MANY + 1)
            QTest.keyClick(panel.table, Qt.Key.Key_Home)
            assert not panel.selection_bar.isVisible()
            errors = await count(desk, RunFilter("sandbox"))
            assert errors == MANY + 1

    qt_run(scenario())


def test_a_label_reaches_all_of_them_and_is_taken_back(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    labelled = RunFilter("sandbox", label="checked")

    async def scenario() -> None:
        async with long_history(panel, tmp_path) as desk:
            before = [run.id for run in panel.model.items[:3]]
            await desk.history.label(before, ["checked"])
            await pick_all(panel)
            press(panel, "New label…")
            await until(lambda: panel.findChildren(NameDialog))
            dialog = panel.findChildren(NameDialog)[-1]
            dialog.line.setText("checked")
            QTest.keyClick(dialog.line, Qt.Key.Key_Return)
            await until(lambda: panel.notices.texts == ["597 runs labelled “checked”."], 20)
            assert await count(desk, labelled) == MANY
            press(panel, "Undo")
            async with asyncio.timeout(10):
                while await count(desk, labelled) != 3:
                    await asyncio.sleep(0.01)
            await until(lambda: not panel.notices.texts)

    qt_run(scenario())


def test_what_takes_long_can_be_stopped_and_the_part_that_is_done_taken_back(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everything, "_TELL_AGAIN_S", 0)
    monkeypatch.setattr(many_runs, "AT_A_TIME", 3)

    async def scenario() -> None:
        async with long_history(panel, tmp_path) as desk:
            await pick_all(panel)
            QTest.keyClick(panel.table, Qt.Key.Key_Space)
            await until(lambda: any("of 600 runs" in text for text in panel.notices.texts), 20)
            press(panel, "Stop")
            await until(lambda: any("runs pinned." in text for text in panel.notices.texts), 20)
            pinned = await count(desk, RunFilter("sandbox", pinned=True))
            assert 0 < pinned < MANY
            press(panel, "Undo")
            async with asyncio.timeout(10):
                while await count(desk, RunFilter("sandbox", pinned=True)):
                    await asyncio.sleep(0.01)

    qt_run(scenario())


def test_deleting_all_asks_keeps_what_is_pinned_and_is_undone(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with long_history(panel, tmp_path) as desk:
            await desk.history.pin([panel.model.items[5].id])
            wanted = RunFilter("sandbox", frozenset({RunStatus.SUCCESS}))
            panel.bar.use(wanted)
            found = await desk.history.many.all_of(wanted)
            await until(lambda: panel.reading.matching == found.count)
            await pick_all(panel, found.count)
            QTest.keyClick(panel.table, Qt.Key.Key_Delete)
            await until(lambda: panel.findChildren(ConfirmDialog))
            dialog = panel.findChildren(ConfirmDialog)[-1]
            assert dialog.cancel_button.hasFocus() or not dialog.isActiveWindow()
            dialog.action_button.click()
            await until(lambda: panel.model.rowCount() < 2)
            left = await count(desk, RunFilter("sandbox"))
            assert left in (MANY - found.count, MANY - found.count + 1)
            await until(lambda: panel.reading.matching < 2)
            press(panel, "Undo")
            await until(lambda: panel.reading.matching == found.count)

    qt_run(scenario())


def test_all_of_them_are_exported_into_one_file(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    file = tmp_path / "runs.csv"

    async def scenario() -> None:
        async with long_history(panel, tmp_path) as desk:
            panel.bar.use(RunFilter("sandbox", frozenset({RunStatus.SUCCESS})))
            many = (await desk.history.many.all_of(panel.bar.wanted)).count
            await until(lambda: panel.reading.matching == many)
            await pick_all(panel, many)
            press(panel, "Export…")
            dialog = panel.findChild(QFileDialog)
            assert isinstance(dialog, QFileDialog)
            dialog.selectNameFilter(next(f for f in dialog.nameFilters() if f.startswith("CSV")))
            dialog.fileSelected.emit(str(file))
            dialog.done(0)
            saved = f"{many} runs were saved to {file}."
            await until(lambda: saved in panel.notices.texts, seconds=20)
            assert len(file.read_text().splitlines()) == many + 1

    qt_run(scenario())


def test_a_change_reaches_no_run_that_was_written_down_later(
    qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened_desk(tmp_path) as desk:
            await run_generator.generate(desk.database, 120)
            many = desk.history.many
            for text in ("", "message"):
                runs = await many.all_of(RunFilter("sandbox", text=text))
                later = await desk.add(inputs=b'{"text":"message"}')
                change = Change("mine", True)
                await many.change(runs, change, lambda _: True)
                assert len(change.numbers) == runs.count
                told = await desk.log.get(later.id)
                assert told is not None
                assert told.labels == ()
                await many.take_back(change, lambda _: True)
                assert await count(desk, RunFilter("sandbox", label="mine")) == 0

    qt_run(scenario())

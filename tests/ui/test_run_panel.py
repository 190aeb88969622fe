"""The history as people use it: by keyboard and mouse, over a real log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.ui.run_history import Desk, opened_desk, some_run, until
from zapdesk.domain.facts import DAY_MS
from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.errors import StorageUnusable
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.parts import Button, EmptyState
from zapdesk.ui.runs.copying import CLIPBOARD_LIMIT
from zapdesk.ui.runs.panel import RunPanel

# Offscreen windows complain of size hints.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> RunPanel:
    panel = RunPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(1_100, 400)
    return panel


@asynccontextmanager
async def opened(panel: RunPanel, folder: Path, *, show: bool = True) -> AsyncIterator[Desk]:
    async with opened_desk(folder) as desk:
        if show:
            panel.show()
            panel.activateWindow()
        try:
            yield desk
        finally:
            await panel.close_tasks()
            panel.hide()


def numbers(panel: RunPanel) -> list[str]:
    return [run.headline for run in panel.model.items]


def chip(panel: RunPanel, word: str) -> Button:
    found = panel.findChild(Button, word)
    assert isinstance(found, Button)
    return found


def empty_words(panel: RunPanel) -> str:
    empty = panel.findChild(EmptyState)
    assert isinstance(empty, EmptyState)
    assert empty.isVisible()
    return empty.accessibleName()


def test_without_any_run_it_says_so_and_offers_nothing(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            panel.set_session(desk.session)
            await until(lambda: panel.model.is_complete)
            assert empty_words(panel).startswith("No runs yet")
            panel.focus_list()
            assert panel.search.hasFocus()

    qt_run(scenario())


def test_runs_appear_newest_first_and_change_while_one_looks(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            for number in (1, 2, 3):
                await desk.add(headline=f"h{number}", ago_ms=(9 - number) * 1_000)
            panel.set_session(desk.session)
            await until(lambda: panel.model.rowCount() == 3)
            assert numbers(panel) == ["h3", "h2", "h1"]
            panel.focus_list()
            waiting = await desk.add(RunStatus.WAITING)
            assert panel.model.rowCount() == 4
            current = panel.table.current_run
            assert current is not None
            assert current.headline == "h3"
            await until(lambda: chip(panel, "Waiting").text() == "Waiting 1")
            await desk.end(waiting)
            assert panel.model.items[0].status is RunStatus.SUCCESS
            await until(lambda: chip(panel, "Waiting").text() == "Waiting")
            assert chip(panel, "Success").text() == "Success 4"

    qt_run(scenario())


def test_typing_searches_plain_words_and_clear_brings_all_back(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            await desk.add(headline="one", inputs=b'{"name":"Lovelace"}')
            await desk.add(headline="two", results=b'[{"name":"Grace Hopper"}]')
            panel.set_session(desk.session)
            await until(lambda: panel.model.rowCount() == 2)
            panel.focus_search()
            QTest.keyClicks(panel.search, "hopper")
            await until(lambda: numbers(panel) == ["two"])
            QTest.keyClicks(panel.search, "zebra")
            await until(lambda: panel.model.rowCount() == 0 and not panel.model.is_loading)
            assert "No run matches “hopperzebra”." in empty_words(panel)
            clear = next(b for b in panel.findChildren(Button) if b.text() == "Clear")
            QTest.mouseClick(clear, Qt.MouseButton.LeftButton)
            await until(lambda: panel.model.rowCount() == 2)
            assert panel.search.text() == ""

    qt_run(scenario())


def test_chips_filter_by_state_and_say_how_many(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    states = {
        RunStatus.SUCCESS: "Success",
        RunStatus.ERROR: "Error",
        RunStatus.UNKNOWN: "Unknown",
        RunStatus.LOST: "Unknown",
        RunStatus.REFUSED: "Refused",
        RunStatus.NOT_SENT: "Not sent",
        RunStatus.WAITING: "Waiting",
        RunStatus.SUBMITTING: "Waiting",
    }

    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            for status in states:
                await desk.add(status)
            panel.set_session(desk.session)
            await until(lambda: panel.model.rowCount() == 8)
            for word in set(states.values()):
                wanted = {status for status, name in states.items() if name == word}
                QTest.mouseClick(chip(panel, word), Qt.MouseButton.LeftButton)
                await until(lambda w=wanted: {r.status for r in panel.model.items} == w)
                label = f"{word} {len(wanted)}"
                await until(lambda w=word, t=label: chip(panel, w).text() == t)
            QTest.mouseClick(chip(panel, "All"), Qt.MouseButton.LeftButton)
            await until(lambda: panel.model.rowCount() == 8)

    qt_run(scenario())


def test_everything_is_done_by_keyboard(panel: RunPanel, qt_run: RunOnQt, tmp_path: Path) -> None:
    async def scenario() -> None:
        picked: list[ActionRun] = []
        opened_runs: list[ActionRun] = []
        again: list[ActionRun] = []
        panel.run_selected.connect(picked.append)
        panel.detail_requested.connect(opened_runs.append)
        panel.run_again_requested.connect(again.append)
        async with opened(panel, tmp_path) as desk:
            for number in range(5):
                await desk.add(headline=str(number), ago_ms=10_000 - number)
            panel.set_session(desk.session)
            await until(lambda: panel.model.rowCount() == 5)
            assert picked == []
            panel.focus_search()
            QTest.keyClick(panel.search, Qt.Key.Key_Return)
            assert panel.table.hasFocus()
            QTest.keyClick(panel.table, Qt.Key.Key_Down)
            QTest.keyClick(panel.table, Qt.Key.Key_End)
            QTest.keyClick(panel.table, Qt.Key.Key_Home)
            assert [run.headline for run in picked] == ["4", "3", "0", "4"]
            QTest.keyClick(panel.table, Qt.Key.Key_Return)
            assert [run.headline for run in opened_runs] == ["4"]
            panel.run_again()
            assert [run.headline for run in again] == ["4"]

    qt_run(scenario())


@pytest.mark.qt_log_ignore("does not support (raise|grabbing the keyboard|propagateSizeHints)")
def test_a_double_click_opens_and_the_menu_offers_what_can_be_done(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        opened_runs: list[ActionRun] = []
        again: list[ActionRun] = []
        panel.detail_requested.connect(opened_runs.append)
        panel.run_again_requested.connect(again.append)
        async with opened(panel, tmp_path) as desk:
            run = await desk.add()
            panel.set_session(desk.session)
            await until(lambda: panel.model.rowCount() == 1)
            spot = panel.table.visualRect(panel.model.index(0, 2)).center() + QPoint(0, 10)
            QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
            QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
            assert [r.id for r in opened_runs] == [run.id]
            panel.table.menu_requested.emit(panel.table.mapToGlobal(spot))
            menu = panel.findChild(QMenu)
            assert isinstance(menu, QMenu)
            actions = {
                action.text().partition("\t")[0]: action
                for action in menu.actions()
                if action.text()
            }
            assert list(actions) == [
                "Show details",
                "Run again…",
                "Pin",
                "New label…",
                "Note…",
                "Mark as known good",
                "Copy the server's run id",
                "Copy result",
                "Export or copy as…",
                "Support ticket…",
                "Delete",
            ]
            actions["Run again…"].trigger()
            assert [r.id for r in again] == [run.id]
            actions["Copy the server's run id"].trigger()
            assert QApplication.clipboard().text() == run.run_id
            actions["Copy result"].trigger()
            await until(lambda: QApplication.clipboard().text().startswith("[{"))
            menu.close()

    qt_run(scenario())


def test_a_result_too_large_for_the_clipboard_is_not_copied_silently(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            large = await desk.add(results=b'["' + b"x" * CLIPBOARD_LIMIT + b'"]')
            none = await desk.add(RunStatus.REFUSED)
            panel.set_session(desk.session)
            QApplication.clipboard().setText("before")
            panel.copying.copy_result(large)
            await until(lambda: panel.notices.texts)
            assert "too large for the clipboard" in panel.notices.texts[0]
            panel.copying.copy_result(none)
            await until(lambda: panel.notices.texts == ["This run has no result to copy."])
            assert QApplication.clipboard().text() == "before"

    qt_run(scenario())


def test_what_another_process_wrote_appears_and_nothing_moves(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            for number in range(300):
                await desk.add(headline=str(number), ago_ms=400_000 - number)
            panel.set_session(desk.session)
            await until(lambda: panel.model.rowCount() == 200)
            panel.model.fetchMore(panel.model.index(-1, -1))
            await until(lambda: panel.model.rowCount() == 300)
            panel.table.setCurrentIndex(panel.model.index(250, 0))
            scroll = panel.table.verticalScrollBar().value()
            assert scroll > 0
            picked: list[object] = []
            panel.run_selected.connect(picked.append)
            await desk.add(RunStatus.ERROR, headline="elsewhere", announce=False)
            desk.announce(None)
            await until(lambda: panel.model.items[0].headline == "elsewhere")
            current = panel.table.current_run
            assert current is not None
            assert current.headline == "49"
            assert panel.table.verticalScrollBar().value() == scroll
            assert picked == []

    qt_run(scenario())


def test_a_run_is_selected_as_soon_as_it_is_there(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            await desk.add()
            panel.set_session(desk.session)
            await until(lambda: panel.model.rowCount() == 1)
            run = await desk.add(RunStatus.SUBMITTING, announce=False)
            panel.select(run.id)
            assert panel.table.current_run is None
            desk.announce(run)
            assert panel.table.current_run == run

    qt_run(scenario())


def test_runs_of_another_profile_are_not_shown(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            panel.set_session(desk.session)
            await until(lambda: panel.model.is_complete)
            await desk.add(profile_id="another")
            assert panel.model.rowCount() == 0
            await asyncio.sleep(0.3)
            assert chip(panel, "Success").text() == "Success"

    qt_run(scenario())


def test_the_last_session_is_shown_before_there_are_services(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    panel.show_runs([some_run(2), some_run(1)])
    panel.show()
    assert panel.table.isVisible()
    assert panel.model.rowCount() == 2

    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            await desk.add(headline="stored")
            panel.set_session(desk.session)
            assert panel.model.rowCount() == 2
            await until(lambda: numbers(panel) == ["stored"])

    qt_run(scenario())


def test_after_the_session_has_gone_nothing_is_heard_or_read(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            panel.set_session(desk.session)
            await until(lambda: panel.model.is_complete)
            panel.set_session(None)
            await desk.add()
            assert panel.model.rowCount() == 0

    qt_run(scenario())


def test_a_log_that_cannot_be_read_says_so_and_offers_another_try(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:

            async def unreadable(*_: object) -> tuple[ActionRun, ...]:
                raise StorageUnusable("The run log cannot be read.")

            await desk.add(headline="back")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(desk.log, "page", unreadable)
                panel.set_session(desk.session)
                await until(lambda: panel.notices.texts)
            assert panel.notices.texts == ["The run log cannot be read."]
            again = next(b for b in panel.findChildren(Button) if b.text() == "Try again")
            again.click()
            await until(lambda: numbers(panel) == ["back"])
            assert not panel.notices.texts

    qt_run(scenario())


def test_days_have_headings_and_rows_of_one_height(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(panel, tmp_path) as desk:
            for days in (0, 0, 2, 2, 40):
                await desk.add(ago_ms=days * DAY_MS)
            panel.set_session(desk.session)
            await until(lambda: panel.model.rowCount() == 5)
            heights = [panel.table.rowHeight(row) for row in range(5)]
            assert heights == [60, 28, 60, 28, 60]
            await desk.add()
            heights = [panel.table.rowHeight(row) for row in range(3)]
            assert heights == [60, 28, 28]
            image = panel.grab().toImage()
            assert not image.isNull()

    qt_run(scenario())

"""Narrowing the history: by its menu, by chips, by the strip; and a long one, read both ways."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.ui.history_desk import filled, history_panel
from tests.ui.run_history import CREATE_ROW, some_run, until
from zapdesk.domain.catalog import WRITE, ActionKey
from zapdesk.domain.history import Bucket, Timeline
from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.ui import paged_model
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.paged_model import ACCESSIBLE_TEXT_ROLE, MOST_HELD, PAGE, Start
from zapdesk.ui.parts import Button
from zapdesk.ui.runs.days import DaysDialog
from zapdesk.ui.runs.filter_bar import FilterChip
from zapdesk.ui.runs.filters import stretch_words, time_words
from zapdesk.ui.runs.model import RunColumn, RunModel
from zapdesk.ui.runs.panel import RunPanel
from zapdesk.ui.runs.strip import Strip
from zapdesk.ui.runs.table import RunTable

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

DAY_MS = 86_400_000


@pytest.fixture
def panel(qtbot: QtBot) -> RunPanel:
    return history_panel(qtbot)


def headlines(panel: RunPanel) -> list[str]:
    return [run.headline for run in panel.model.items]


def chips(panel: RunPanel) -> list[FilterChip]:
    return [chip for chip in panel.bar.findChildren(FilterChip) if not chip.isHidden()]


def menu_of(panel: RunPanel) -> QMenu:
    menu = panel.bar.filter_button.menu()
    menu.aboutToShow.emit()
    return menu


def choose(panel: RunPanel, part: str, text: str) -> None:
    submenu = next(a.menu() for a in menu_of(panel).actions() if a.text() == part)
    assert isinstance(submenu, QMenu)
    next(a for a in submenu.actions() if a.text() == text).trigger()


def test_the_menu_is_filled_once_and_stays_while_keys_are_in_it(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 2):
            asked: list[bool] = []
            panel.bar.menu_wanted.connect(lambda: asked.append(True))
            menu = panel.bar.filter_button.menu()
            menu.popup(panel.mapToGlobal(panel.rect().center()))
            await until(lambda: len(menu.actions()) > 6)
            QTest.keyClick(menu, Qt.Key.Key_Down)
            chosen = menu.activeAction()
            assert chosen is not None
            await asyncio.sleep(0.3)
            assert asked == [True]
            assert menu.activeAction() is chosen
            menu.close()

    qt_run(scenario())


def test_every_part_of_the_menu_narrows_and_its_chip_takes_it_off(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    mail = ActionKey("mail", WRITE, "send_email")

    async def scenario() -> None:
        async with filled(panel, tmp_path, 2) as desk:
            sent = await desk.add(
                headline="sent", action=mail, app_title="Mail", action_title="Send Email",
                authentication_id="m1", authentication_title="Ada's mail",
            )  # fmt: skip
            await desk.add(headline="old", ago_ms=40 * DAY_MS)
            await desk.history.label([sent.id], ["vip"])
            await desk.history.pin([sent.id])
            await until(lambda: panel.model.rowCount() == 4 and panel.reading.labels == ("vip",))
            for part, text, chip, left in (
                ("App", "Mail", "App: Mail", ["sent"]),
                ("Action", "Tables › Create Row", "Action: Create Row", ["1", "0", "old"]),
                ("Connection", "Ada's mail", "Connection: Ada's mail", ["sent"]),
                ("Label", "vip", "Label: vip", ["sent"]),
                ("Time", "Last 7 days", "", ["sent", "1", "0"]),
                ("Profile", "All profiles", "All profiles", ["sent", "1", "0", "old"]),
            ):
                choose(panel, part, text)
                await until(lambda left=left: sorted(headlines(panel)) == sorted(left))
                assert [c.text() for c in chips(panel)] == [chip] or not chip
                assert panel.bar.filter_button.text() == "Filter 1"
                chips(panel)[0].setFocus()
                QTest.keyClick(chips(panel)[0], Qt.Key.Key_Delete)
                await until(lambda: panel.model.rowCount() == 4)
                assert panel.bar.filter_button.hasFocus()
            next(a for a in menu_of(panel).actions() if a.text() == "Pinned only").trigger()
            await until(lambda: headlines(panel) == ["sent"])
            panel.clear_filters()
            await until(lambda: panel.model.rowCount() == 4)

    qt_run(scenario())


def test_rows_of_all_profiles_name_theirs_and_a_removed_one_too(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 1) as desk:
            own = desk.session.profile.id
            await until(lambda: panel.model.rowCount() == 1)
            assert panel.model.line(0).tags == ()
            panel.set_profiles({own: "Mine", "gone-1234": "Gone"})
            choose(panel, "Profile", "All profiles")
            await until(lambda: panel.model.line(0).tags == ("Mine",))
            panel.set_profiles({own: "Yours"})
            assert panel.model.line(0).tags == ("Yours",)
            outcome = panel.model.index(0, int(RunColumn.OUTCOME))
            assert str(outcome.data(ACCESSIBLE_TEXT_ROLE)).endswith(", Yours")
            panel.clear_filters()
            await until(lambda: panel.model.line(0).tags == ())

    qt_run(scenario())


def test_a_filter_is_saved_used_again_and_forgotten(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 2) as desk:
            await desk.add(RunStatus.ERROR, headline="bad")
            await until(lambda: panel.model.rowCount() == 3)
            wanted = replace(
                panel.bar.wanted, statuses=frozenset({RunStatus.ERROR}), action=CREATE_ROW
            )
            await desk.history.save_filter("sandbox", "Broken rows", wanted)
            panel.reading.find_choices()
            await until(lambda: "Broken rows" in [a.text() for a in menu_of(panel).actions()])
            next(a for a in menu_of(panel).actions() if a.text() == "Broken rows").trigger()
            await until(lambda: headlines(panel) == ["bad"])
            assert panel.findChild(type(panel.bar)) is panel.bar
            choose(panel, "Forget a saved filter", "Broken rows")
            await until(lambda: "Broken rows" not in [a.text() for a in menu_of(panel).actions()])

    qt_run(scenario())


def test_two_days_are_asked_for_and_the_whole_of_both_is_shown(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 2) as desk:
            await desk.add(headline="long ago", ago_ms=90 * DAY_MS)
            await until(lambda: panel.model.rowCount() == 3)
            panel.bar.days_wanted.emit()
            dialog = panel.findChild(DaysDialog)
            assert isinstance(dialog, DaysDialog)
            QTest.keyClick(dialog.edits[0], Qt.Key.Key_Return)
            await until(lambda: panel.model.rowCount() == 2)
            assert (panel.bar.wanted.before_ms or 0) - (panel.bar.wanted.since_ms or 0) > 6 * DAY_MS

    qt_run(scenario())


def a_strip(qtbot: QtBot) -> Strip:
    strip = Strip()
    qtbot.addWidget(strip)
    strip.resize(300, 32)
    buckets = (
        Bucket(1_700_000_000_000, {RunStatus.SUCCESS: 8, RunStatus.ERROR: 2}, 900, 4_000),
        Bucket(1_700_000_000_000 + 7 * 3_600_000, {RunStatus.UNKNOWN: 1}),
    )
    start = 1_700_000_000_000
    strip.show_timeline(Timeline(start, start + 10 * 3_600_000, 3_600_000, buckets))
    strip.show()
    return strip


def test_the_strip_tells_its_numbers_and_a_drag_chooses_a_time(qtbot: QtBot, look: Theme) -> None:
    strip = a_strip(qtbot)
    assert "11 runs (8 success, 1 unknown, 2 error)" in strip.summary
    assert "10 runs (8 success, 2 error)" in strip.told(0)
    assert "Half took up to 900 ms, 19 of 20 up to 4.0 s" in strip.told(0)
    assert strip.told(3).endswith("no runs")
    chosen: list[tuple[int, int]] = []
    strip.chosen.connect(lambda since, before: chosen.append((since, before)))
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(5, 10))
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(65, 10))
    QTest.mouseMove(strip, QPoint(215, 10))
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(215, 10))
    start, hour = 1_700_000_000_000, 3_600_000
    assert chosen == [(start, start + hour), (start + 2 * hour, start + 8 * hour)]
    assert not strip.grab().toImage().isNull()


def test_a_single_run_is_a_bar_and_no_flood(qtbot: QtBot, look: Theme) -> None:
    strip = a_strip(qtbot)
    start = 1_700_000_000_000
    alone = Timeline(start, start + 1, 1, (Bucket(start, {RunStatus.SUCCESS: 1}, 900, 900),))
    strip.show_timeline(alone)
    image = strip.grab().toImage()
    assert image.pixelColor(5, 28) == look.color("success")
    assert image.pixelColor(100, 28) != look.color("success")


def test_the_strip_is_used_by_keyboard_and_speaks(qtbot: QtBot, look: Theme) -> None:
    strip = a_strip(qtbot)
    chosen: list[tuple[int, int]] = []
    strip.chosen.connect(lambda since, before: chosen.append((since, before)))
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Home)
    assert strip.accessibleDescription().startswith(strip.told(0).split("\n")[0])
    QTest.keyClick(strip, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(strip, Qt.Key.Key_Return)
    start = 1_700_000_000_000
    assert chosen == [(start, start + 2 * 3_600_000)]
    QTest.keyClick(strip, Qt.Key.Key_Escape)
    assert strip.accessibleDescription() == strip.summary


def test_choosing_in_the_strip_filters_the_history(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 3) as desk:
            await desk.add(headline="old", ago_ms=50 * DAY_MS)
            await until(lambda: panel.strip.isEnabled() and panel.reading.matching == 4)
            panel.strip.setFocus()
            QTest.keyClick(panel.strip, Qt.Key.Key_Home)
            QTest.keyClick(panel.strip, Qt.Key.Key_Return)
            await until(lambda: headlines(panel) == ["old"])
            assert len(chips(panel)) == 1

    qt_run(scenario())


@pytest.fixture
def look(qapp: QApplication) -> Theme:
    return qapp.findChild(Theme) or Theme(qapp, "light")


class Endless:
    """A list of runs too long to be held, by number."""

    def __init__(self, count: int) -> None:
        self.count = count

    async def load(self, edge: ActionRun | None, limit: int, is_above: bool) -> list[ActionRun]:
        await asyncio.sleep(0)
        if is_above:
            low = edge.number + 1 if edge else 1
            return [some_run(n) for n in range(min(low + limit, self.count + 1) - 1, low - 1, -1)]
        high = edge.number - 1 if edge else self.count
        return [some_run(n) for n in range(high, max(high - limit, 0), -1)]


def test_a_list_without_end_is_held_in_part_and_nothing_in_sight_moves(
    qtbot: QtBot, qt_run: RunOnQt, look: Theme
) -> None:
    async def scenario() -> None:
        tasks, source = LateTasks(), Endless(1_000_000)
        model = RunModel(tasks)
        table = RunTable(model)
        qtbot.addWidget(table)
        table.resize(900, 300)
        table.show()
        model.read_from(source.load)
        await until(lambda: model.rowCount() == PAGE)
        bar = table.verticalScrollBar()
        for _ in range(MOST_HELD // PAGE + 3):
            lowest = model.items[-1].number
            run = model.items[-5]
            table.scrollTo(model.index(model.rowCount() - 5, 0))
            place = table.rowViewportPosition(model.row_of(run.id))
            bar.setValue(bar.maximum())
            shift = place - table.rowViewportPosition(model.row_of(run.id))
            await until(lambda n=lowest: model.items[-1].number < n and not model.is_loading)
            assert table.rowViewportPosition(model.row_of(run.id)) == place - shift
            assert model.rowCount() <= MOST_HELD
        assert not model.is_top
        bar.setValue(0)
        highest = model.items[0].number
        await until(lambda: model.items[0].number > highest)
        assert table.rowAt(0) >= PAGE - 2, "what was in sight still is"
        model.read_from(source.load, start=Start.END)
        await until(lambda: model.is_complete and model.items[-1].number == 1)
        assert not model.is_top
        table.hide()
        await tasks.close()

    qt_run(scenario())


def test_letting_go_of_rows_keeps_to_the_rules_of_a_model(
    qapp: QApplication, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paged_model, "PAGE", 10)
    monkeypatch.setattr(paged_model, "MOST_HELD", 35)

    async def scenario() -> None:
        tasks, source = LateTasks(), Endless(200)
        model = RunModel(tasks)
        mode = QAbstractItemModelTester.FailureReportingMode.Warning
        QAbstractItemModelTester(model, mode, model)
        model.read_from(source.load)
        while not model.is_complete:
            await until(lambda: not model.is_loading)
            model.fetchMore(QModelIndex())
        assert [run.number for run in model.items] == list(range(35, 0, -1))
        while not model.is_top:
            await until(lambda: not model.is_loading)
            model.fetch_above()
        assert [run.number for run in model.items] == list(range(200, 165, -1))
        assert model.take(some_run(201))
        assert model.take(some_run(3))
        assert [run.number for run in model.items] == list(range(201, 166, -1))
        await tasks.close()

    qt_run(scenario())


def test_end_goes_to_the_oldest_run_and_home_to_the_newest(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with filled(panel, tmp_path, 220):
            panel.focus_list()
            QTest.keyClick(panel.table, Qt.Key.Key_End)
            await until(lambda: panel.current_run is not None and panel.current_run.headline == "0")
            assert panel.model.is_complete
            assert not panel.model.is_top
            QTest.keyClick(panel.table, Qt.Key.Key_Home)
            await until(lambda: headlines(panel)[0] == "219")
            panel.go_to_day()
            dialog = panel.findChild(DaysDialog)
            assert isinstance(dialog, DaysDialog)
            dialog.edits[0].setDate(dialog.edits[0].date().addDays(-5))
            dialog.accept()
            await until(lambda: panel.model.rowCount() == 0)

    qt_run(scenario())


def test_times_are_told_by_days_and_hours() -> None:
    midnight = 1_700_006_400_000  # 15 November 2023, in UTC
    assert time_words(midnight, midnight + DAY_MS) == "15 Nov 2023"
    assert time_words(midnight, midnight + 3 * DAY_MS) == "15 Nov 2023 – 17 Nov 2023"
    assert time_words(midnight + 3_600_000, None) == "Since 15 Nov 2023 01:00"
    assert time_words(None, midnight) == "Before 15 Nov 2023"
    hour = stretch_words(midnight + 3_600_000, midnight + 7_200_000, midnight + DAY_MS)
    assert hour == "Yesterday, 01:00 – 02:00"


def test_in_a_narrow_window_rare_states_are_in_the_menu_and_nothing_overlaps(
    panel: RunPanel, qt_run: RunOnQt, tmp_path: Path
) -> None:
    panel.resize(900, 300)

    async def scenario() -> None:
        async with filled(panel, tmp_path, 2) as desk:
            await desk.add(RunStatus.REFUSED, headline="refused")
            await until(lambda: panel.reading.matching == 3)
            row = [panel.search, *panel.bar.findChildren(Button), panel.bar.filter_button]
            shown = sorted((w for w in row if w.isVisible()), key=lambda w: w.x())
            assert panel.strip.isHidden()
            for left, right in pairwise(shown):
                assert left.geometry().right() < right.x()
            choose(panel, "State", "Refused")
            await until(lambda: headlines(panel) == ["refused"])
            chip = panel.findChild(Button, "Refused")
            assert isinstance(chip, Button)
            assert chip.isChecked()
            assert chip.isVisible()

    qt_run(scenario())

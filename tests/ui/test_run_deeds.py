"""What is done with the run that is shown: sent again, compared, filtered, marked, copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTreeWidget
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.ui.detail_desk import opened, shown
from tests.ui.run_history import AN_EXCHANGE, PROFILE, Desk, until
from zapdesk.domain.attempts import EarlierAttempt, InputChange
from zapdesk.domain.runs import ActionRun, RunOrder, RunStatus
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.runs.attempt_dialog import AttemptDialog
from zapdesk.ui.runs.compare_view import CompareView
from zapdesk.ui.runs.detail import RunDetail
from zapdesk.ui.runs.detail_deeds import comparable
from zapdesk.ui.runs.export_sheet import ExportSheet

# Offscreen windows complain of size hints, and of what popups ask for.
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

ITEMS = (
    b'[{"id":"row_1a2b3c4d5e","n":%d,"at":"2026-11-28T03:54:%02d+00:00","rows":[{"x":1},{"x":%d}]}]'
)


class Sent:
    """Takes orders in the place of the engine, and writes them down."""

    def __init__(self, desk: Desk, patch: pytest.MonkeyPatch) -> None:
        self.orders: list[RunOrder] = []
        self._desk = desk
        patch.setattr(desk.runs, "start", self.start)

    async def start(self, order: RunOrder) -> ActionRun:
        self.orders.append(order)
        run, _ = await self._desk.log.add(order, 1_900_000_000_000, b'{"table":"t1","name":"Ada"}')
        return run


async def dialog() -> AttemptDialog:
    await until(lambda: isinstance(QApplication.activeModalWidget(), AttemptDialog))
    found = QApplication.activeModalWidget()
    assert isinstance(found, AttemptDialog)
    return found


def said(widget: Any) -> str:
    labels = widget.findChildren(PlainLabel)
    return "\n".join(label.whole_text for label in labels if label.isVisible())


def comparison() -> CompareView | None:
    return next((w for w in QApplication.topLevelWidgets() if isinstance(w, CompareView)), None)


# Sending again


def test_send_again_shows_the_first_attempt_and_cancel_has_the_keys(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            sent = Sent(desk, monkeypatch)
            run = await desk.add(RunStatus.UNKNOWN, ago_ms=125_000)
            await shown(detail, run)
            QTest.mouseClick(detail.content.header.outcome.again_button, Qt.MouseButton.LeftButton)
            asked = await dialog()
            assert "This was sent to Tables 2 minutes ago" in said(asked)
            assert "sending it again may make it happen twice" in said(asked)
            assert "What would be sent is the same as then." in said(asked)
            assert asked.cancel_button.hasFocus()
            QTest.keyClick(asked.cancel_button, Qt.Key.Key_Return)
            await until(lambda: QApplication.activeModalWidget() is None)
            assert sent.orders == []

    qt_run(scenario())


def test_what_is_sent_again_is_a_run_of_its_own_that_is_linked_to_the_first(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            sent = Sent(desk, monkeypatch)
            started: list[ActionRun] = []
            detail.run_started.connect(started.append)
            first = await desk.add(RunStatus.UNKNOWN, labels={"table": "Customers"})
            await shown(detail, first)
            QTest.keyClick(detail.content.header.outcome.again_button, Qt.Key.Key_Return)
            asked = await dialog()
            QTest.keyClick(asked.send_button, Qt.Key.Key_Return)
            await until(lambda: started)
            (order,) = sent.orders
            assert (order.again_of, order.inputs) == (first.id, {"table": "t1", "name": "Ada"})
            assert order.labels == {"table": "Customers"}
            assert started[0].id != first.id
            await shown(detail, started[0])
            line = detail.content.header.attempts
            assert line.text.whole_text.startswith("Sent again for the run of ")
            QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
            await until(lambda: detail.record is not None and detail.record.run.id == first.id)
            assert line.text.whole_text.startswith("Sent again, last at")

    qt_run(scenario())


def test_passwords_are_asked_anew_in_the_form(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            sent = Sent(desk, monkeypatch)
            edited: list[ActionRun] = []
            detail.edit_wanted.connect(edited.append)
            run = await desk.add(RunStatus.UNKNOWN, inputs=b'{"key":{"$hidden":"password"}}')
            await shown(detail, run)
            detail.content.header.outcome.again_button.click()
            await until(lambda: edited)
            assert edited[0].id == run.id
            assert sent.orders == []
            detail.content.header.outcome.edit_button.click()
            assert len(edited) == 2

    qt_run(scenario())


def test_a_value_that_was_marked_as_sensitive_since_is_hidden_and_asked_anew(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            sent = Sent(desk, monkeypatch)
            edited: list[ActionRun] = []
            detail.edit_wanted.connect(edited.append)
            run = await desk.add(RunStatus.UNKNOWN, inputs=b'{"name":"Ada","key":"old-secret"}')
            await shown(detail, run)
            content = detail.content
            content.tabs.setCurrentWidget(content.inputs)
            assert b"old-secret" in content.inputs.tree.json.document
            await desk.session.sensitive.mark(run.action, "key", True)
            await until(lambda: b"old-secret" not in content.inputs.tree.json.document)
            content.header.outcome.again_button.click()
            await until(lambda: edited)
            assert sent.orders == []

    qt_run(scenario())


def test_what_differs_is_listed_field_by_field(qtbot: QtBot, detail: RunDetail) -> None:
    from tests.ui.run_history import some_run

    changes = (InputChange("name", '"Ada"', '"Bo"'), InputChange("note", None, '"new"'))
    earlier = EarlierAttempt(some_run(1, RunStatus.SUCCESS), changes, is_asked_for=True)
    asked = AttemptDialog(detail, earlier, {"name": "Name of the row"}, can_edit=True)
    qtbot.addWidget(asked)
    asked.open()
    (tree,) = asked.findChildren(QTreeWidget)
    rows = [[tree.topLevelItem(n).text(c) for c in range(3)] for n in range(2)]  # type: ignore[union-attr]  # counted
    assert rows == [["Name of the row", '"Ada"', '"Bo"'], ["note", "not sent", '"new"']]
    assert "do it a second time" in asked.accessibleDescription()
    asked.reject()


# Large results


def test_a_large_result_waits_for_a_person_at_the_start(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            run = await desk.add(results=b'["' + b"x" * 2_000_000 + b'"]')
            detail.show_run(run.id, by_itself=True)
            await until(lambda: detail.record is not None)
            content = detail.content
            assert "The result is 2.0 MB" in said(content)
            assert content.tree.tree.json.document == b""
            QTest.mouseClick(content.result.nothing._button, Qt.MouseButton.LeftButton)
            await until(lambda: content.tree.tree.json.rowCount() == 1)
            small = await desk.add()
            detail.show_run(small.id, by_itself=True)
            await until(lambda: detail.record is not None and detail.record.run.id == small.id)
            assert content.result.has_result
            detail.show_run(run.id, by_itself=True)
            await until(lambda: detail.record is not None and detail.record.run.id == run.id)
            assert not content.result.has_result
            detail.show_run(run.id)
            assert content.result.has_result

    qt_run(scenario())


def test_rows_follow_the_theme(detail: RunDetail, qt_run: RunOnQt, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            await shown(detail, await desk.add())
            timeline = detail.content.timeline
            detail.content.tabs.setCurrentWidget(timeline)
            before = timeline.topLevelItem(1).foreground(1).color()  # type: ignore[union-attr]  # it is there
            theme().choose("dark")
            try:
                after = timeline.topLevelItem(1).foreground(1).color()  # type: ignore[union-attr]  # it is there
                assert after == theme().color("muted") != before
            finally:
                theme().choose("light")

    qt_run(scenario())


# The filter


def test_a_filter_narrows_tree_and_table_and_its_trouble_stands_under_it(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            await shown(detail, await desk.add(results=ITEMS % (1, 1, 2)))
            content = detail.content
            line = content.filtered.filter
            QTest.keyClicks(line.line, "[0].rows")
            await until(lambda: content.tree.tree.json.document == b'[{"x":1},{"x":2}]')
            assert line.said.whole_text.startswith("Filtered: 2 items")
            QTest.keyClick(line.line, Qt.Key.Key_Return)
            content.tabs.setCurrentWidget(content.table)
            assert (content.rows.rows.columns, content.rows.rows.rowCount()) == (("x",), 2)
            content.tabs.setCurrentWidget(content.result)
            QTest.keyClick(line.line, Qt.Key.Key_Escape)
            content.tabs.setCurrentWidget(content.table)
            lists = content.rows.lists
            await until(lambda: lists.count() == 2)
            assert [lists.itemText(n) for n in range(2)] == ["Whole result", "[0].rows"]
            lists.setCurrentIndex(1)
            lists.activated.emit(1)
            await until(lambda: content.rows.rows.columns == ("x",))
            content.tabs.setCurrentWidget(content.result)
            QTest.keyClicks(line.line, "[0].rows")
            await until(lambda: content.tree.tree.json.document == b'[{"x":1},{"x":2}]')
            QTest.keyClicks(line.line, "[")
            await until(lambda: line.said.property("tone") == "error")
            assert "filter" in line.said.whole_text.lower()
            assert content.tree.tree.json.document == b'[{"x":1},{"x":2}]'
            QTest.keyClick(line.line, Qt.Key.Key_Escape)
            await until(lambda: content.tree.tree.json.document == ITEMS % (1, 1, 2))
            assert not line.said.isVisible()
            action = detail.record.run.action  # type: ignore[union-attr]  # it is shown
            used = await desk.session.results.used_filters(action)
            assert used == ("[0].rows",)
            other = await desk.add(app_title="Another")
            await shown(detail, other)
            assert line.expression == ""

    qt_run(scenario())


# Comparing


def test_two_runs_are_compared_and_noise_is_left_out_when_ticked(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            runs = [
                await desk.add(ago_ms=9_000 - n * 1_000, results=ITEMS % (n, n, 2))
                for n in range(4)
            ]
            await shown(detail, runs[-1])
            others = await comparable(desk.session, runs[-1])
            assert [words for words, _ in others] == ["Previous run", "Earlier", "Earlier"]
            menu = detail._deeds.menu  # type: ignore[union-attr]  # the content is there
            await until(lambda: len(menu.compare.actions()) == 3)
            menu.compare.actions()[0].trigger()
            await until(lambda: comparison() is not None)
            view = comparison()
            assert view is not None
            assert view.summary.whole_text == "Differences: 2 in the result"
            assert view.tabs.tabText(0) == "Result · 2"
            item = view.results.list.topLevelItem(0)
            assert item is not None
            assert [item.text(n) for n in range(4)] == ["changed", "[0].n", "2", "3"]
            box = view.noise.boxes[("*", "at")]
            QTest.mouseClick(view.noise.fold, Qt.MouseButton.LeftButton)
            QTest.keyClick(box, Qt.Key.Key_Space)
            await until(lambda: view.summary.whole_text == "Differences: 1 in the result")
            ignored = view.comparison.ignored
            assert ignored == {("*", "at")}
            view.close()

    qt_run(scenario())


def test_a_known_good_run_is_marked_and_offered_first(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            good = await desk.add(ago_ms=50_000)
            await desk.add(ago_ms=40_000)
            last = await desk.add()
            await shown(detail, good)
            menu = detail._deeds.menu  # type: ignore[union-attr]  # the content is there
            await until(lambda: menu.compare.isEnabled() is False)
            menu.good.trigger()
            await until(lambda: detail.record is not None and detail.record.run.is_baseline)
            others = await comparable(desk.session, last)
            assert next((words, run.id) for words, run in others) == ("Known good", good.id)

    qt_run(scenario())


def test_run_and_compare_opens_the_comparison_when_the_run_has_ended(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            sent = Sent(desk, monkeypatch)
            started: list[ActionRun] = []
            detail.run_started.connect(started.append)
            good = await desk.add(ago_ms=50_000, results=ITEMS % (1, 1, 2))
            await shown(detail, good)
            detail._deeds.run_and_compare()  # type: ignore[union-attr]  # the content is there
            asked = await dialog()
            QTest.mouseClick(asked.send_button, Qt.MouseButton.LeftButton)
            await until(lambda: started)
            assert sent.orders[0].profile_id == PROFILE
            moved = await desk.log.move(
                started[0].id, RunStatus.WAITING, at_ms=1_900_000_000_100, run_id="z9"
            )
            assert moved is not None
            await desk.end(moved, ITEMS % (1, 1, 3))
            await until(lambda: comparison() is not None)
            view = comparison()
            assert view is not None
            assert (view.comparison.before.id, view.comparison.after.id) == (good.id, moved.id)
            view.close()

    qt_run(scenario())


# Exporting


def test_a_run_is_looked_at_before_it_is_copied_or_saved(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with opened(detail, tmp_path) as desk:
            run = await desk.add()
            await desk.log.add_exchange(run.id, AN_EXCHANGE)
            await shown(detail, run)
            menu = detail._deeds.menu  # type: ignore[union-attr]  # the content is there
            for words, seen in (
                ("Export or copy as…", "$ZAPIER_TOKEN"),
                ("Support ticket…", "Run in zapdesk"),
            ):
                next(entry for entry in menu.actions() if entry.text() == words).trigger()
                await until(lambda: isinstance(QApplication.activeModalWidget(), ExportSheet))
                sheet = QApplication.activeModalWidget()
                assert isinstance(sheet, ExportSheet)
                await until(lambda sheet=sheet, seen=seen: seen in sheet.text.toPlainText())
                sheet.close()

    qt_run(scenario())

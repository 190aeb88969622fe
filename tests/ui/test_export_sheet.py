"""What leaves the computer is seen before it does: every hidden place is marked, and what is shown
is what is copied and saved."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.ui.run_history import Desk, opened_desk, until
from zapdesk.domain.runs import ActionRun
from zapdesk.redaction import HIDDEN
from zapdesk.services.exports.formats import Format
from zapdesk.services.exports.service import ExportService
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.runs.deeds import fill_deeds
from zapdesk.ui.runs.export_sheet import ExportSheet
from zapdesk.ui.runs.panel import RunPanel

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

INPUTS = b'{"name":"Ada \xf0\x9f\xa6\x8a","api_key":"k-123456","password":{"$hidden":"password"}}'


@pytest.fixture
def panel(qtbot: QtBot, qapp: Any) -> RunPanel:
    panel = RunPanel(qapp.findChild(Theme) or Theme(qapp, "light"))
    qtbot.addWidget(panel)
    panel.resize(1_100, 600)
    return panel


async def _opened(panel: RunPanel, desk: Desk, words: str) -> tuple[ExportSheet, ActionRun]:
    run = await desk.add(inputs=INPUTS)
    panel.set_session(desk.session)
    panel.show()
    deed = next(
        d for d in panel.exporting.deeds() if d.fits([run]) and d.words([run]).startswith(words)
    )
    deed.perform([run])
    sheet = panel.window().findChild(ExportSheet)
    assert isinstance(sheet, ExportSheet)
    await until(lambda: sheet.copy.isEnabled() or bool(sheet.hidden.text()))
    return sheet, run


async def _pick(sheet: ExportSheet, format: str) -> None:
    sheet.format.setCurrentIndex(sheet.format.findData(format))
    await until(lambda: sheet.copy.isEnabled() or bool(sheet.hidden.text()))


async def _closed(panel: RunPanel, sheet: ExportSheet) -> None:
    sheet.close()
    await panel.close_tasks()
    panel.hide()


def _marked(sheet: ExportSheet) -> list[str]:
    """The pieces of the text that have the ground of hidden places."""
    found = []
    block = sheet.text.document().firstBlock()
    while block.isValid():
        raw = block.text().encode("utf-16-le")
        found += [
            raw[2 * part.start : 2 * (part.start + part.length)].decode("utf-16-le")
            for part in block.layout().formats()
        ]
        block = block.next()
    return found


def test_every_hidden_place_is_marked_and_told_with_its_reason(
    panel: RunPanel, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with opened_desk(tmp_path) as desk:
            sheet, _ = await _opened(panel, desk, "Export")
            await _pick(sheet, "jsonl")
            assert "k-123456" not in sheet.text.toPlainText()
            assert _marked(sheet) == [HIDDEN, '"$hidden":"password"']
            assert "the value of a PASSWORD field (1)" in sheet.hidden.text()
            assert "a value whose name says that it is secret (1)" in sheet.hidden.text()
            await _closed(panel, sheet)

    qt_run(scenario())


def test_what_is_shown_is_what_is_copied_and_saved(
    panel: RunPanel, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with opened_desk(tmp_path) as desk:
            sheet, run = await _opened(panel, desk, "Export")
            await _pick(sheet, "json")
            shown = sheet.text.toPlainText()
            sheet.copy.click()
            assert QApplication.clipboard().text() == shown
            files = await desk.session.exports.files(run.id, Format.JSON)
            sheet.save_to(tmp_path / "run.json", files)
            await until((tmp_path / "run.json").exists)
            assert (tmp_path / "run.json").read_text("utf-8") == shown
            assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == 0o600
            assert json.loads(shown)["run"]["id"] == run.id
            sheet.save_to(tmp_path / "nowhere" / "run.json", files)
            await until(lambda: any("cannot be written" in t for t in _texts(sheet)))
            await _closed(panel, sheet)

    qt_run(scenario())


def _texts(sheet: ExportSheet) -> list[str]:
    return [label.text() for label in sheet.findChildren(QLabel)]


def test_a_command_that_would_lack_a_part_says_so_and_offers_nothing(
    panel: RunPanel, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with opened_desk(tmp_path) as desk:
            sheet, _ = await _opened(panel, desk, "Export")
            await _pick(sheet, "curl")
            assert "a part of its inputs is hidden" in sheet.hidden.text()
            assert not sheet.copy.isEnabled()
            assert not sheet.save.isEnabled()
            await _closed(panel, sheet)

    qt_run(scenario())


def test_a_ticket_is_two_files_and_its_capsule_can_be_imported(
    panel: RunPanel, tmp_path: Path, qt_run: RunOnQt
) -> None:
    shown: list[ActionRun] = []

    async def scenario() -> None:
        async with opened_desk(tmp_path) as desk:
            sheet, run = await _opened(panel, desk, "Support ticket")
            assert sheet.text.toPlainText().startswith("Subject: Tables, Create Row")
            assert [sheet.file.itemText(n) for n in range(sheet.file.count())] == [
                "ticket.md",
                f"run-{run.id[:12]}.zapdesk",
            ]
            sheet.file.setCurrentIndex(1)
            assert '"about": "A run capsule' in sheet.text.toPlainText()
            assert _marked(sheet)[0] == HIDDEN
            files = await desk.session.exports.files(run.id, Format.TICKET)
            sheet.save_to(tmp_path, files)
            capsule = tmp_path / files[1][0]
            await until(capsule.exists)
            assert (tmp_path / "ticket.md").exists()
            panel.detail_requested.connect(shown.append)
            panel.exporting.take_in(capsule)
            await until(lambda: bool(shown))
            assert shown[0].is_foreign
            panel.exporting.take_in(tmp_path / "ticket.md")
            await until(lambda: any("not a run capsule" in t for t in panel.notices.texts))
            await _closed(panel, sheet)

    qt_run(scenario())


def test_the_menu_of_a_run_offers_export_and_ticket(panel: RunPanel) -> None:
    menu = QMenu(panel)
    run: Any = object()
    panel.exporting.exports = cast(ExportService, object())
    fill_deeds(menu, panel.exporting.deeds(), [run])
    assert [action.text() for action in menu.actions()] == [
        "Export or copy as…",
        "Support ticket…",
    ]
    assert "Import a run capsule…" in [action.text() for action in panel.more_menu.actions()]

"""Run capsules in the window: dropped on it, named at the start, handed over by a second start."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.services.dossiers import exchanges, record
from tests.ui.placeholders import texts
from tests.ui.run_history import until
from tests.ui.window_process import CLOSING_SECONDS, ROOT, ended, start
from zapdesk.__main__ import _is_for_window
from zapdesk.services import capsules
from zapdesk.services.dossiers import dossier
from zapdesk.tasks import TaskOwner
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import Button
from zapdesk.ui.shell.application import window_options
from zapdesk.ui.shell.capsule_opening import CapsuleOpening, CapsuleSheet

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")


@pytest.fixture
def capsule(tmp_path: Path) -> Path:
    file = tmp_path / "a run, with spaces & ümlauts.zapdesk"
    file.write_bytes(capsules.write(dossier(record(), exchanges())))
    return file


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot) -> QWidget:
    qapp.findChild(Theme) or Theme(qapp, "light")
    found = QWidget()
    qtbot.addWidget(found)
    found.resize(900, 600)
    found.show()
    return found


@asynccontextmanager
async def opening(window: QWidget) -> AsyncIterator[tuple[CapsuleOpening, NoticeArea, list[str]]]:
    owner, notices, shown = TaskOwner(), NoticeArea(), list[str]()
    notices.setParent(window)
    made = CapsuleOpening(window, notices, owner.start, shown.append)
    try:
        yield made, notices, shown
    finally:
        for sheet in window.findChildren(CapsuleSheet):
            sheet.close()
        await asyncio.sleep(0)
        await owner.close()


def dragged(files: list[Path]) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    return data


def drop(window: QWidget, data: QMimeData) -> bool:
    """Drag over the window and let go; says whether the window took it."""
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    no_keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, left, no_keys)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(window, QDropEvent(QPointF(50, 50), copy, data, left, no_keys))
    return True


def test_a_dropped_capsule_is_shown_for_reading_and_kept_only_when_asked(
    window: QWidget, qt_run: RunOnQt, capsule: Path
) -> None:
    taken: list[bytes] = []

    async def take_in(raw: bytes) -> tuple[Any, bool]:
        taken.append(raw)
        return SimpleNamespace(id="r7"), True

    async def scenario() -> None:
        async with opening(window) as (made, notices, shown):
            made.exports = SimpleNamespace(take_in=take_in)  # type: ignore[assignment]  # its one use
            assert drop(window, dragged([capsule]))
            await until(lambda: window.findChildren(CapsuleSheet))
            sheet = window.findChildren(CapsuleSheet)[0]
            said = " ".join(texts(sheet))
            assert capsule.name in said
            assert "nothing here is sent" in said
            assert record().run.action_title in said
            assert "in this file" in said
            buttons = [b.text() for b in sheet.findChildren(Button) if b.isVisible()]
            assert not {"Send again…", "Edit and run…", "Look again"} & set(buttons)
            assert taken == []
            keep = next(b for b in sheet.findChildren(Button) if "Keep it" in b.text())
            keep.click()
            await until(lambda: shown == ["r7"])
            assert taken == [capsule.read_bytes()]
            assert "in the history now, marked" in notices.texts[0]

    qt_run(scenario())


def test_other_files_are_not_taken_and_what_is_no_capsule_is_said(
    window: QWidget, qt_run: RunOnQt, capsule: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.zapdesk"
    broken.write_bytes(b"PK\x03\x04")

    async def scenario() -> None:
        async with opening(window) as (made, notices, _):
            assert not drop(window, dragged([tmp_path / "a.txt"]))
            assert not drop(window, dragged([capsule, tmp_path / "a.txt"]))
            assert drop(window, dragged([broken]))
            await until(lambda: notices.texts)
            assert "This is a ZIP archive, not a run capsule." in notices.texts[0]
            made.open(tmp_path / "missing.zapdesk")
            await until(lambda: "missing.zapdesk cannot be opened" in "".join(notices.texts))
            made.open(capsule)
            await until(lambda: window.findChildren(CapsuleSheet))
            sheet = window.findChildren(CapsuleSheet)[0]
            offered = [b.text() for b in sheet.findChildren(Button) if b.isVisible()]
            assert "Keep it in the history" not in offered, "there is no log yet"

    qt_run(scenario())


def test_a_capsule_as_the_only_argument_is_for_the_window(capsule: Path) -> None:
    assert _is_for_window(["run.zapdesk"])
    assert _is_for_window(["--sandbox", str(capsule)])
    assert not _is_for_window(["show", "run.zapdesk"])
    assert window_options([str(capsule)]).capsule == capsule


def test_a_second_start_hands_its_capsule_to_the_first_window(home: Path, capsule: Path) -> None:
    action = """
        life._capsules.open = lambda path: print(path.read_bytes()[:1], path.name, flush=True)
        life._lock._server.close()
        life._lock.listen(application, window.raise_window, life._capsules.open)
    """
    first = start("\n".join(line.strip() for line in action.strip().splitlines()))
    second = subprocess.run(
        [sys.executable, "-m", "zapdesk", str(capsule)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 0, second.stderr
    assert first.stdout is not None
    assert first.stdout.readline() == f"b'{{' {capsule.name}\n"
    first.send_signal(signal.SIGTERM)
    assert ended(first, CLOSING_SECONDS + 1) == 0

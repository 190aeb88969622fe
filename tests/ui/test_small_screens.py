"""Dialogs on a screen with little room: every button is in reach, and what is too high scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from tests.conftest import RunOnQt
from tests.ui.placeholders import destroy, make_window, placeholder_panels
from tests.vault.stores import Memory
from zapdesk.domain.profile_editing import fresh
from zapdesk.domain.profiles import ZAPIER, ServerKind
from zapdesk.paths import Paths
from zapdesk.services.accounts import Accounts
from zapdesk.ui import fitting
from zapdesk.ui.accounts.consent_way import ConsentWay
from zapdesk.ui.accounts.partner_way import PartnerWay
from zapdesk.ui.accounts.profile_editor import ProfileEditor
from zapdesk.ui.accounts.sign_in_dialog import SignInDialog
from zapdesk.ui.diagnosis.self_test import SelfTestSheet
from zapdesk.ui.fitting import FittingScroller
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.parts import EmptyState, IconLabel, PlainLabel
from zapdesk.ui.sheets import shortcuts_sheet
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.vault import Vault

pytest_plugins = ["tests.ui.window_fixtures"]
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

SCREEN = QRect(0, 0, 960, 480)


@pytest.fixture
def parent(look: Theme, monkeypatch: pytest.MonkeyPatch) -> Iterator[QWidget]:
    monkeypatch.setattr(fitting, "room_of", lambda window: SCREEN)
    parent = QWidget()
    yield parent
    destroy(parent)


async def _nothing(*_: object) -> None: ...


async def shown(dialog: QDialog) -> None:
    """Let the layouts come to rest."""
    from asyncio import sleep

    dialog.show()
    for _ in range(20):
        await sleep(0)


def fits(dialog: QDialog) -> bool:
    return SCREEN.contains(dialog.frameGeometry())


def scrolls(dialog: QDialog) -> bool:
    return dialog.findChildren(FittingScroller)[0].verticalScrollBar().maximum() > 0


def test_signing_in_grows_with_what_is_unfolded_until_the_screen_ends(
    parent: QWidget, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        accounts = Accounts(Vault(Memory()), tmp_path / "settings.toml", tmp_path)
        dialog = SignInDialog(parent, accounts, ZAPIER, ConsentWay)
        await shown(dialog)
        dialog.move(200, 200)
        before = dialog.height()
        way = dialog.way
        assert isinstance(way, ConsentWay)
        assert not scrolls(dialog)
        way.scopes_button.click()
        await shown(dialog)
        assert dialog.height() > before
        assert fits(dialog)
        assert scrolls(dialog)
        dialog.show_way(PartnerWay)
        await shown(dialog)
        assert fits(dialog)
        dialog.show_way(ConsentWay)
        way.scopes_button.click()
        await shown(dialog)
        assert dialog.height() == before
        dialog.reject()
        await dialog.close_tasks()

    qt_run(scenario())


def test_a_profile_is_edited_on_a_screen_that_is_too_low_for_all_of_it(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        tasks = LateTasks()
        profile = fresh("Work", ServerKind.ZAPIER, ())
        dialog = ProfileEditor(parent, tasks, profile, (), _nothing)
        await shown(dialog)
        dialog.move(100, 300)
        dialog.fields.more_button.click()
        await shown(dialog)
        dialog._fit()
        assert fits(dialog)
        assert scrolls(dialog)
        dialog.reject()
        await tasks.close()

    qt_run(scenario())


def test_sheets_are_no_higher_than_the_screen(
    parent: QWidget, look: Theme, paths: Paths, qt_run: RunOnQt
) -> None:
    window = make_window(look, placeholder_panels(), paths)

    async def scenario() -> None:
        sheets = (
            shortcuts_sheet(parent, window.commands),
            SelfTestSheet(parent, "Work", lambda _: None, lambda _: ""),
        )
        for sheet in sheets:
            await shown(sheet)
            assert fits(sheet), type(sheet)
            sheet.accept()

    qt_run(scenario())
    destroy(window)


def test_a_window_that_has_no_frame_yet_leaves_room_for_its_title(parent: QWidget) -> None:
    dialog = QDialog(parent)
    dialog.resize(2_000, 2_000)
    fitting.keep_on_screen(dialog)
    assert dialog.size() == QSize(960, 452)
    assert not dialog.testAttribute(Qt.WidgetAttribute.WA_Moved), "it can still be centred"
    dialog.show()
    dialog.move(-50, -50)
    fitting.keep_on_screen(dialog)
    assert fits(dialog)
    dialog.close()


def test_an_empty_area_with_little_room_shows_its_words_whole(look: Theme) -> None:
    empty = EmptyState("No runs yet", "Every run is kept here.", icon="history")
    icon = empty.findChildren(IconLabel)[0]
    empty.resize(600, 300)
    empty.show()
    assert icon.isVisible()
    empty.resize(600, 88)
    assert not icon.isVisible()
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    for label in empty.findChildren(PlainLabel):
        assert label.height() >= label.fontMetrics().height(), label.text()
    destroy(empty)


def test_the_window_fits_on_a_screen_that_is_lower_than_it_likes_to_be(
    look: Theme, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = SimpleNamespace(availableSize=lambda: QSize(960, 540))
    monkeypatch.setattr(MainWindow, "screen", lambda _: screen)
    window = MainWindow(paths)
    assert window.minimumSize() == QSize(900, 512)  # a title bar has room above it
    assert window.size() == QSize(960, 512)
    destroy(window)

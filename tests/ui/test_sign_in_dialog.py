"""The sign-in dialog: each way signs in or says what is wrong, and forgets what was typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from tests.conftest import RunOnQt
from tests.ui.placeholders import destroy
from tests.vault.stores import Memory
from zapdesk.domain.profiles import ZAPIER, SignInKind
from zapdesk.services.accounts import Accounts, SignedIn
from zapdesk.settings import Settings
from zapdesk.ui.accounts.client_id_way import ClientIdWay
from zapdesk.ui.accounts.consent_way import ConsentWay
from zapdesk.ui.accounts.partner_way import PartnerWay
from zapdesk.ui.accounts.sign_in_dialog import SignInDialog, sign_in
from zapdesk.ui.accounts.token_way import TokenWay
from zapdesk.ui.accounts.vault_dialog import VaultDialog
from zapdesk.ui.accounts.way import Way
from zapdesk.ui.look.theme import Theme
from zapdesk.vault import Vault

pytestmark = pytest.mark.qt_log_ignore("does not support")


class Desk:
    """A dialog over real accounts with a store in memory."""

    def __init__(self, folder: Path) -> None:
        self.backend = Memory()
        self.settings = folder / "settings.toml"
        self.accounts = Accounts(Vault(self.backend), self.settings, folder)
        self.parent = QWidget()

    async def run(self, person: Callable[[SignInDialog], None]) -> SignedIn | None:
        """Open the dialog, let ``person`` act, and say what came of it."""
        attempt = asyncio.ensure_future(sign_in(self.parent, self.accounts, ZAPIER))
        await asyncio.sleep(0)
        (dialog,) = self.parent.findChildren(SignInDialog)
        person(dialog)
        async with asyncio.timeout(5):
            return await attempt


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    _look = qapp.findChild(Theme) or Theme(qapp)
    desk = Desk(tmp_path)
    yield desk
    destroy(desk.parent)


def line(dialog: SignInDialog) -> QLineEdit:
    return dialog.way.findChildren(QLineEdit)[0]


def test_a_pasted_token_is_kept_for_the_server_and_the_profile_signs_in_with_it(
    desk: Desk, qt_run: RunOnQt
) -> None:
    def person(dialog: SignInDialog) -> None:
        dialog.show_way(TokenWay)
        assert line(dialog).echoMode() is QLineEdit.EchoMode.Password
        line(dialog).setText("  tok-123 ")
        QTest.keyClick(line(dialog), Qt.Key.Key_Return)

    outcome = qt_run(desk.run(person))
    assert outcome is not None
    assert (outcome.profile.sign_in, outcome.is_kept) == (SignInKind.TOKEN, True)
    assert desk.backend.kept == {("zapdesk", "token zapier https://api.zapier.com"): "tok-123"}
    assert Settings.load(desk.settings).profiles["zapier"]["sign_in"] == "token"


@pytest.mark.parametrize(
    "pasted",
    ["", "   ", "two words", "line one\nline two", "tökèn", "zero\u200bwidth", "a\x07bell"],
)
def test_a_text_that_is_no_token_is_refused_in_words_and_the_dialog_stays(
    desk: Desk, qt_run: RunOnQt, pasted: str
) -> None:
    async def scenario() -> None:
        dialogs: list[SignInDialog] = []

        def person(dialog: SignInDialog) -> None:
            dialogs.append(dialog)
            dialog.show_way(TokenWay)
            QGuiApplication.clipboard().setText(pasted)
            line(dialog).paste()
            dialog.go_button.click()

        waiting = asyncio.ensure_future(desk.run(person))
        while not (dialogs and dialogs[0].problem.text()):
            await asyncio.sleep(0)
        assert dialogs[0].problem.text().endswith(".")
        assert not pasted.strip() or pasted not in dialogs[0].problem.text()
        QTest.keyClick(dialogs[0], Qt.Key.Key_Escape)
        assert await waiting is None

    qt_run(scenario())
    assert desk.backend.kept == {}
    assert not desk.settings.exists()


def test_a_client_id_alone_is_no_secret_and_is_stored_with_the_profile(
    desk: Desk, qt_run: RunOnQt
) -> None:
    def person(dialog: SignInDialog) -> None:
        dialog.show_way(ClientIdWay)
        line(dialog).setText(" my-client ")
        dialog.go_button.click()

    outcome = qt_run(desk.run(person))
    assert outcome is not None
    assert (outcome.profile.sign_in, outcome.profile.client_id) == (
        SignInKind.CLIENT_ID,
        "my-client",
    )
    assert desk.backend.kept == {}


@pytest.mark.parametrize("way", [TokenWay, ConsentWay, PartnerWay, ClientIdWay])
def test_what_is_missing_is_said_before_anything_is_asked_about_the_keyring(
    desk: Desk, qt_run: RunOnQt, way: type[Way]
) -> None:
    def fails() -> None:
        raise KeyringLocked

    desk.backend.fault = fails

    async def scenario() -> None:
        dialogs: list[SignInDialog] = []

        def person(dialog: SignInDialog) -> None:
            dialogs.append(dialog)
            dialog.show_way(way)
            dialog.go_button.click()

        waiting = asyncio.ensure_future(desk.run(person))
        while not (dialogs and dialogs[0].problem.text()):
            await asyncio.sleep(0)
        assert dialogs[0].problem.text().endswith(" is needed.")
        assert dialogs[0].tabs.isEnabled()
        assert not dialogs[0].findChildren(VaultDialog)
        dialogs[0].reject()
        assert await waiting is None

    qt_run(scenario())


def test_it_has_its_height_before_it_is_shown_which_is_when_it_is_centred(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        dialog = SignInDialog(desk.parent, desk.accounts, ZAPIER, TokenWay)
        before = dialog.height()
        QApplication.sendPostedEvents(dialog)
        assert not dialog.testAttribute(Qt.WidgetAttribute.WA_Moved)
        dialog.show()
        await asyncio.sleep(0.05)
        assert dialog.height() == before
        dialog.reject()
        await dialog.close_tasks()

    qt_run(scenario())

"""Where secrets have no home: what is said, what can be chosen; nothing is kept unasked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from tests.conftest import RunOnQt
from tests.ui.placeholders import destroy
from tests.vault.stores import Memory
from zapdesk.domain.secret_store import FILE_WARNING, Condition, Remedy
from zapdesk.services.accounts import Accounts
from zapdesk.ui.accounts.vault_dialog import VaultDialog, ask_for_home, change_home, find_home
from zapdesk.ui.accounts.vault_group import VaultGroup
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import Theme
from zapdesk.vault import Vault

pytestmark = pytest.mark.qt_log_ignore("does not support")


class Desk:
    """A question over a store whose faults are switched on."""

    def __init__(self, folder: Path) -> None:
        self.backend = Memory()
        self.folder = folder / "secrets"
        self.vault = Vault(self.backend, self.folder, deadline_s=0.3, unlock_deadline_s=5)
        self.accounts = Accounts(self.vault, folder / "settings.toml", folder)
        self.parent = QWidget()

    def breaks(self, error: Exception) -> None:
        def fails() -> None:
            raise error

        self.backend.fault = fails

    async def dialog(self) -> VaultDialog:
        """The dialog, once it is there."""
        async with asyncio.timeout(5):
            while not (found := self.parent.findChildren(VaultDialog)):
                await asyncio.sleep(0.01)
        return found[0]

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not is_so():
                await asyncio.sleep(0.01)


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    _look = qapp.findChild(Theme) or Theme(qapp)
    desk = Desk(tmp_path)
    yield desk
    destroy(desk.parent)


class KeyringLocked(Exception):
    """Named as keyring's own."""


def test_a_keyring_that_works_is_not_asked_about_and_keeps_nothing_of_the_probe(
    desk: Desk, qt_run: RunOnQt
) -> None:
    assert qt_run(find_home(desk.parent, desk.accounts))
    assert desk.backend.kept == {}
    assert not desk.parent.findChildren(VaultDialog)


def test_this_session_only_comes_first_and_stores_nothing(desk: Desk, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        desk.breaks(KeyringLocked())
        answer = asyncio.ensure_future(find_home(desk.parent, desk.accounts))
        dialog = await desk.dialog()
        assert list(dialog.choices) == [Remedy.SESSION, Remedy.UNLOCK, Remedy.FILE]
        assert dialog.texts[0] == "Stores Memory is locked."
        dialog.choices[Remedy.SESSION].click()
        assert await answer
        assert desk.vault.state.condition is Condition.SESSION
        assert not await desk.vault.put("token", "s3cret")
        assert not desk.folder.exists()
        assert await find_home(desk.parent, desk.accounts)  # a choice is not asked for twice

    qt_run(scenario())


def test_a_file_is_written_only_after_its_warning(desk: Desk, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        desk.breaks(OSError())
        await desk.vault.put("token", "s3cret")
        answer = asyncio.ensure_future(find_home(desk.parent, desk.accounts))
        dialog = await desk.dialog()
        assert not dialog.file_button.isVisible()
        dialog.choices[Remedy.FILE].click()
        assert FILE_WARNING in dialog.texts
        dialog.back_button.click()
        assert not list(desk.folder.glob("*.secret"))
        dialog.choices[Remedy.FILE].click()
        dialog.file_button.click()
        assert await answer
        assert desk.vault.store_name == "A file that only you can read"
        assert await Vault(desk.backend, desk.folder).get("token") == "s3cret"

    qt_run(scenario())


def test_cancelling_leaves_everything_and_the_sign_in(desk: Desk, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        desk.breaks(OSError())
        answer = asyncio.ensure_future(find_home(desk.parent, desk.accounts))
        (await desk.dialog()).cancel_button.click()
        assert not await answer
        assert desk.vault.state.condition is Condition.FAILED

    qt_run(scenario())


def test_unlocking_accepts_by_itself_and_keeps_what_was_in_memory(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk.breaks(KeyringLocked())
        await desk.vault.put("token", "s3cret", asks=False)
        desk.backend.fault = lambda: None
        assert await ask_for_home(desk.parent, desk.accounts, unlocks=True)
        assert desk.backend.kept == {("zapdesk", "token"): "s3cret"}

    qt_run(scenario())


def test_an_unlocking_that_nobody_answers_is_counted_down_and_can_be_cancelled(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk.backend.fault = lambda: time.sleep(3)
        answer = asyncio.ensure_future(ask_for_home(desk.parent, desk.accounts, unlocks=True))
        dialog = await desk.dialog()
        assert dialog.texts[0] == "Waiting for the keyring"
        assert "5 seconds" in dialog.texts[-1]
        began = time.monotonic()
        dialog.cancel_button.click()
        assert time.monotonic() - began < 0.2
        assert not dialog.choices or Remedy.SESSION in dialog.choices
        dialog.cancel_button.click()
        assert not await answer

    qt_run(scenario())


def test_a_prompt_that_was_dismissed_is_said_and_the_choices_come_again(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        desk.breaks(KeyringLocked())
        answer = asyncio.ensure_future(find_home(desk.parent, desk.accounts))
        dialog = await desk.dialog()
        dialog.choices[Remedy.UNLOCK].click()
        await desk.until(lambda: "was closed" in dialog.texts[1])
        assert Remedy.SESSION in dialog.choices
        dialog.choices[Remedy.SESSION].click()
        assert await answer

    qt_run(scenario())


@pytest.mark.parametrize("condition", [c for c in Condition if c not in ("ready", "untried")])
def test_every_state_has_words_and_a_way_on(condition: Condition, desk: Desk) -> None:
    from zapdesk.domain.secret_store import SecretStore

    desk.vault.state = SecretStore(condition, "KWallet", "A detail.")
    dialog = VaultDialog(desk.parent, desk.accounts)
    title, text, *rest = dialog.texts
    assert title.endswith(".")
    assert "A detail." in text
    assert Remedy.SESSION in dialog.choices
    assert next(iter(dialog.choices)) is Remedy.SESSION
    assert rest
    assert not {"{", "None"} & set(f"{title} {text}")


def test_settings_tell_the_place_as_it_is_and_offer_what_can_be_changed(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        tasks = LateTasks()
        group = VaultGroup(desk.accounts, tasks)
        group.setParent(desk.parent)
        assert group.text.text() == "No secret was needed yet."
        desk.parent.show()
        await desk.until(lambda: group.text.text() == "They are kept in stores Memory.")
        assert group.button.isHidden()
        await desk.vault.use_file()
        await desk.vault.put("token", "s3cret")
        assert group.text.text() == "They are kept in a file that only you can read."
        group.button.click()
        dialog = await desk.dialog()
        assert list(dialog.choices) == [Remedy.USE_SYSTEM]
        dialog.choices[Remedy.USE_SYSTEM].click()
        await desk.until(lambda: desk.backend.kept)
        await desk.until(lambda: not desk.parent.findChildren(VaultDialog))
        assert desk.backend.kept == {("zapdesk", "token"): "s3cret"}
        assert group.text.text() == "They are kept in stores Memory."
        await tasks.close()

    qt_run(scenario())


def test_a_keyring_that_takes_nothing_leaves_the_secrets_in_the_file_and_says_why(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        await desk.vault.use_file()
        await desk.vault.put("token", "s3cret")
        desk.breaks(OSError())
        task = asyncio.ensure_future(change_home(desk.parent, desk.accounts))
        dialog = await desk.dialog()
        dialog.choices[Remedy.USE_SYSTEM].click()
        await desk.until(lambda: "did not work" in dialog.texts[1])
        dialog.cancel_button.click()
        await task
        assert await desk.vault.get("token") == "s3cret"
        assert desk.vault.state.is_file

    qt_run(scenario())

"""Acting for an end user from the sign-in dialog, over a server that checks what is signed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from tests.conftest import RunOnQt
from tests.sandbox_server import Address, running_sandbox
from tests.ui.placeholders import destroy
from tests.vault.stores import Memory
from zapdesk.domain.partner import Partner
from zapdesk.domain.profiles import SANDBOX, Profile, SignInKind, custom
from zapdesk.services.accounts import Accounts, SignedIn
from zapdesk.ui.accounts.partner_way import PartnerWay
from zapdesk.ui.accounts.sign_in_dialog import SignInDialog, sign_in
from zapdesk.ui.look.theme import Theme
from zapdesk.vault import Vault

pytestmark = pytest.mark.qt_log_ignore("does not support")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with running_sandbox(tmp_path_factory.mktemp("server")) as address:
        yield address


class Desk:
    """A dialog over real accounts with a store in memory."""

    def __init__(self, folder: Path, server: Address) -> None:
        self.accounts = Accounts(Vault(Memory()), folder / "settings.toml", folder)
        self.server = server
        self.parent = QWidget()
        self.dialog: SignInDialog

    @property
    def way(self) -> PartnerWay:
        assert isinstance(self.dialog.way, PartnerWay)
        return self.dialog.way

    def fill(self, **texts: str) -> None:
        for place, text in texts.items():
            line = self.way.lines[place]
            line.setText(text)
            line.textEdited.emit(text)

    async def run(self, profile: Profile, person: Callable[[], None]) -> SignedIn | None:
        """Open the dialog, let ``person`` act, and say what came of it or why nothing did."""
        attempt = asyncio.ensure_future(sign_in(self.parent, self.accounts, profile, PartnerWay))
        await asyncio.sleep(0)
        (self.dialog,) = self.parent.findChildren(SignInDialog)
        person()
        async with asyncio.timeout(10):
            return await attempt

    async def refused(self) -> str:
        """Press the button; what the dialog says then."""
        self.dialog.problem.setText("")
        self.dialog.go_button.click()
        async with asyncio.timeout(10):
            while not self.dialog.problem.text() or self.dialog._attempt is not None:
                await asyncio.sleep(0.01)
        return self.dialog.problem.text()


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path, server: Address) -> Iterator[Desk]:
    _look = qapp.findChild(Theme) or Theme(qapp)
    desk = Desk(tmp_path, server)
    yield desk
    destroy(desk.parent)


def test_a_new_partner_fills_in_everything_once_and_acts_for_the_person(
    desk: Desk, qt_run: RunOnQt
) -> None:
    server = desk.server

    def person() -> None:
        assert desk.way.registered_button.isChecked()
        assert desk.way.lines["secret"].echoMode() is QLineEdit.EchoMode.Password
        desk.fill(
            user="u-42", user_name="Marina Holt", tenant="crew",
            issuer=server.partner["issuer"], key_id=server.partner["key_id"],
            client_id=f" {server.client_id} ", secret=server.client_secret,
        )  # fmt: skip
        desk.way.take_key(Path(server.partner["key_file"]))
        assert desk.way.key.text() == "key.pem"
        desk.dialog.go_button.click()

    outcome = qt_run(desk.run(custom(server.url), person))
    assert outcome is not None
    profile = outcome.profile
    assert (profile.sign_in, profile.acts_for) == (SignInKind.PARTNER, "Marina Holt")
    assert profile.partner.tenant == "crew"

    def another() -> None:
        assert not desk.way.registered_button.isChecked()
        desk.fill(user="u-43", user_name="")
        desk.dialog.go_button.click()

    again = qt_run(desk.run(profile, another))
    assert again is not None
    assert again.profile.acts_for == "u-43"


def test_what_is_missing_or_wrong_is_said_on_the_page(
    desk: Desk, qt_run: RunOnQt, tmp_path: Path
) -> None:
    server = desk.server
    no_key = tmp_path / "letter.pem"
    no_key.write_text("Dear Marina")

    async def scenario() -> None:
        known = replace(custom(server.url), client_id=server.client_id, partner=Partner("i", "k"))
        waiting = asyncio.ensure_future(desk.run(known, lambda: None))
        await asyncio.sleep(0.05)
        assert "end user is needed" in await desk.refused()
        desk.fill(user="u-42", tenant="crew", secret=server.client_secret)
        assert "key is missing" in await desk.refused()
        desk.way.take_key(no_key)
        assert "not a private key" in await desk.refused()
        desk.way.take_key(tmp_path / "gone.pem")
        assert "No such file" in await desk.refused()
        desk.way.take_key(Path(server.partner["key_file"]))
        assert "signed with the partner's key" in await desk.refused()
        desk.dialog.reject()
        assert await waiting is None

    qt_run(scenario())


def test_in_the_sandbox_a_name_is_enough_and_nobody_is_a_choice(
    desk: Desk, qt_run: RunOnQt, tmp_path: Path
) -> None:
    asked: list[Profile] = []

    async def use_partner(profile: Profile, **_: str) -> SignedIn:
        asked.append(profile)
        return SignedIn(profile)

    async def enter_sandbox(profile: Profile) -> SignedIn:
        asked.append(profile)
        return SignedIn(replace(profile, sign_in=SignInKind.TOKEN))

    desk.accounts.use_partner = use_partner  # type: ignore[method-assign]  # no sandbox runs here
    desk.accounts.enter_sandbox = enter_sandbox  # type: ignore[method-assign]  # as above

    def person() -> None:
        assert [desk.dialog.tabs.count(), sorted(desk.way.lines)] == [1, ["user", "user_name"]]
        desk.fill(user="marina")
        desk.dialog.go_button.click()

    outcome = qt_run(desk.run(SANDBOX, person))
    assert outcome is not None
    assert asked[0].partner.user == "marina"
    acting = replace(outcome.profile, sign_in=SignInKind.PARTNER)

    def nobody() -> None:
        desk.fill(user="")
        assert desk.dialog.go_button.text() == "Be yourself again"
        desk.dialog.go_button.click()

    back = qt_run(desk.run(acting, nobody))
    assert back is not None
    assert back.profile.acts_for == ""

"""Signing in by consent, from the dialog: over a real sandbox, with a browser that a test plays."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.conftest import ExpectLog, RunOnQt
from tests.sandbox_server import Address, running_sandbox
from tests.services.test_sign_in import browse
from tests.ui.form_desk import until
from tests.ui.placeholders import destroy
from tests.vault.stores import Memory
from zapdesk.domain.profiles import Profile, SignInKind, custom
from zapdesk.domain.redirects import redirect_address
from zapdesk.domain.scopes import SCOPES, USUAL
from zapdesk.services.accounts import Accounts, SignedIn
from zapdesk.services.entries import Entries
from zapdesk.services.sign_in import PATIENCE_S
from zapdesk.ui.accounts.consent_way import ConsentWay
from zapdesk.ui.accounts.sign_in_dialog import SignInDialog, sign_in
from zapdesk.ui.look.theme import Theme
from zapdesk.vault import Vault

pytestmark = pytest.mark.qt_log_ignore("does not support")
CANCELLED_WITHIN_S = 0.2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A sandbox that is spoken to as a server of one's own."""
    with running_sandbox(tmp_path_factory.mktemp("server")) as address:
        yield address


class Desk:
    """A dialog in front of a server; ``opened`` are the links that a browser was given."""

    def __init__(self, folder: Path, server: Address) -> None:
        self.server = server
        self.backend = Memory()
        self.profile: Profile = custom(server.url)
        self.accounts = Accounts(Vault(self.backend), folder / "settings.toml", folder)
        self.parent = QWidget()
        self.has_browser = True
        self.opened: list[str] = []
        self.waiting: asyncio.Future[SignedIn | None] | None = None

    def open_url(self, url: QUrl) -> bool:
        self.opened.append(bytes(url.toEncoded().data()).decode())
        return self.has_browser

    async def begin(self, secret: str = "") -> SignInDialog:
        """Fill in the page, and go to the browser."""
        self.waiting = asyncio.ensure_future(
            sign_in(self.parent, self.accounts, self.profile, ConsentWay)
        )
        await asyncio.sleep(0)
        (dialog,) = self.parent.findChildren(SignInDialog)
        way = self.way(dialog)
        way.client_id.setText(self.server.client_id)
        way.secret.setText(secret or self.server.client_secret)
        QTest.mouseClick(dialog.go_button, Qt.MouseButton.LeftButton)
        await until(lambda: self.opened, "the browser")
        return dialog

    @staticmethod
    def way(dialog: SignInDialog) -> ConsentWay:
        assert isinstance(dialog.way, ConsentWay)
        return dialog.way

    async def outcome(self) -> SignedIn | None:
        assert self.waiting is not None
        async with asyncio.timeout(10):
            return await self.waiting

    def stored(self, name: str) -> str | None:
        return self.backend.kept.get(("zapdesk", name))

    @property
    def port(self) -> int:
        query = QUrl(self.opened[-1]).query()
        return int(query.split("127.0.0.1%3A")[1].split("%2F")[0].split("/")[0])


@pytest.fixture
def desk(
    qapp: QApplication, tmp_path: Path, server: Address, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    _look = qapp.findChild(Theme) or Theme(qapp)
    desk = Desk(tmp_path, server)
    monkeypatch.setattr(QDesktopServices, "openUrl", desk.open_url)
    yield desk
    destroy(desk.parent)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_consent_signs_in_keeps_tokens_and_secret_and_closes_the_port(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        await desk.begin()
        await browse(desk.opened[0], "allow")
        outcome = await desk.outcome()
        assert outcome is not None
        assert outcome.profile.sign_in is SignInKind.OAUTH
        entries = Entries.of(outcome.profile)
        assert desk.stored(entries.client_secret) == desk.server.client_secret
        assert desk.stored(entries.refresh)
        assert not is_open(desk.port)
        keeper = await desk.accounts.keeper(outcome.profile)
        assert await keeper.token() == desk.stored(entries.access)

    qt_run(scenario())


def test_what_was_not_allowed_is_asked_for_again_and_what_was_signed_in_to_stays_until_then(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        dialog = await desk.begin()
        way = desk.way(dialog)
        runs = next(scope for scope in way.scopes.boxes if scope.name == "action:run")
        await browse(desk.opened[0], "allow", ("profile", "zap", "zap:write"))
        await until(dialog.granted.isVisible, "what is missing")
        assert dialog.again_button.isVisible()
        way.scopes.boxes[runs].setChecked(False)  # as where it was not asked for at first
        QTest.mouseClick(dialog.again_button, Qt.MouseButton.LeftButton)
        await until(lambda: len(desk.opened) == 2, "the browser")
        assert not dialog.granted.isVisible()
        assert dialog.cancel_button.isVisible()
        assert "action%3Arun" in desk.opened[1]
        await browse(desk.opened[1], "allow", ("profile", "zap", "zap:write", "action:run"))
        await until(dialog.granted.isVisible, "what is still missing")
        QTest.mouseClick(dialog.again_button, Qt.MouseButton.LeftButton)
        await until(lambda: len(desk.opened) == 3, "the browser")
        QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
        outcome = await desk.outcome()
        assert outcome is not None
        assert outcome.profile.granted == ("profile", "zap", "zap:write", "action:run")
        assert not outcome.goes_on  # the keeper before the first sign-in gives nothing any more
        keeper = await desk.accounts.keeper(outcome.profile)
        assert await keeper.token() == desk.stored(Entries.of(outcome.profile).access)

    qt_run(scenario())


def test_asked_for_what_is_missing_the_browser_opens_at_once(desk: Desk, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        await desk.begin()
        await browse(desk.opened[0], "allow")
        signed_in = await desk.outcome()
        assert signed_in is not None
        asked = USUAL[:-1]
        profile = replace(signed_in.profile, scopes=asked, granted=asked)
        runs = next(scope for scope in SCOPES if scope.name == "action:run")
        desk.waiting = asyncio.ensure_future(
            sign_in(desk.parent, desk.accounts, profile, ask_for=(runs,))
        )
        await until(lambda: len(desk.opened) == 2, "the browser")
        await browse(desk.opened[1], "allow")
        outcome = await desk.outcome()
        assert outcome is not None
        assert outcome.profile.granted == outcome.profile.scopes == USUAL

    qt_run(scenario())


def test_where_no_browser_opens_the_link_is_shown_and_copied_whole_and_the_wait_goes_on(
    desk: Desk, qt_run: RunOnQt
) -> None:
    desk.has_browser = False

    async def scenario() -> None:
        dialog = await desk.begin()
        page = desk.way(dialog).waiting
        assert page.said.text().startswith("No browser could be opened.")
        assert page.left.text().startswith(f"zapdesk waits for {int(PATIENCE_S) // 60}:00")
        QTest.mouseClick(page.copy_button, Qt.MouseButton.LeftButton)
        copied = QGuiApplication.clipboard().text()
        assert copied == page.link.text()
        await browse(copied, "allow")
        assert await desk.outcome() is not None

    qt_run(scenario())


def test_cancel_closes_the_port_within_200_ms_and_stores_nothing(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        dialog = await desk.begin()
        assert is_open(desk.port)
        began = time.monotonic()
        QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
        assert await desk.outcome() is None
        assert time.monotonic() - began < CANCELLED_WITHIN_S
        assert not is_open(desk.port)
        assert desk.backend.kept == {}

    qt_run(scenario())


def test_going_back_ends_the_attempt_and_leaves_what_was_filled_in(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        dialog = await desk.begin()
        way = desk.way(dialog)
        QTest.mouseClick(dialog.back_button, Qt.MouseButton.LeftButton)
        await until(lambda: not way.is_waiting, "the form")
        assert (way.client_id.text(), way.secret.text()) == (
            desk.server.client_id,
            desk.server.client_secret,
        )
        await until(lambda: not is_open(desk.port), "the port to be closed")
        dialog.reject()
        assert way.secret.text() == ""
        assert await desk.outcome() is None

    qt_run(scenario())


def test_a_token_endpoint_that_refuses_leaves_the_sign_in_before_as_it_was(
    desk: Desk, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        entries = Entries.of(desk.profile)
        desk.backend.kept["zapdesk", entries.access] = "before"
        dialog = await desk.begin(secret="another-secret")
        await browse(desk.opened[0], "allow")
        await until(dialog.problem.text, "the problem")
        assert "client id with this secret" in dialog.problem.text()
        assert desk.backend.kept == {("zapdesk", entries.access): "before"}
        dialog.reject()
        assert await desk.outcome() is None

    qt_run(scenario())


def test_where_no_port_can_be_opened_the_address_is_pasted(
    desk: Desk, qt_run: RunOnQt, expected_log: ExpectLog
) -> None:
    expected_log("no loopback port")

    async def scenario() -> None:
        taken = [
            socket.create_server(("127.0.0.1", 0)),
            socket.create_server(("::1", 0), family=socket.AF_INET6),
        ]
        ports = [place.getsockname()[1] for place in taken]
        also = [
            socket.create_server(("::1", ports[0]), family=socket.AF_INET6),
            socket.create_server(("127.0.0.1", ports[1])),
        ]
        try:
            desk.profile = replace(desk.profile, redirect_ports=tuple(ports))
            dialog = await desk.begin()
            page = desk.way(dialog).waiting
            assert "No port could be opened here" in page.said.text()
            assert page.address.isVisible()
            page.address.setText("http://127.0.0.1:1/oauth/callback?code=a&state=b")
            QTest.keyClick(page.address, Qt.Key.Key_Return)
            assert page.problem.text().startswith("This is not the address")
            back = await browse(desk.opened[0], "allow", follows_back=False)
            page.address.setText(back.headers["location"])
            QTest.mouseClick(page.paste_button, Qt.MouseButton.LeftButton)
            assert await desk.outcome() is not None
        finally:
            for place in (*taken, *also):
                place.close()

    qt_run(scenario())


def test_a_registration_of_exact_addresses_is_explained_and_met_by_fixed_ports(
    qapp: QApplication, tmp_path: Path, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    _look = qapp.findChild(Theme) or Theme(qapp)
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    address = redirect_address(port)
    with running_sandbox(tmp_path / "server", redirect_uris=[address]) as server:
        desk = Desk(tmp_path, server)
        monkeypatch.setattr(QDesktopServices, "openUrl", desk.open_url)

        async def scenario() -> None:
            dialog = await desk.begin()
            way = desk.way(dialog)
            page = await browse(desk.opened[0], "allow")
            assert "Address not registered" in page.text
            way.waiting.refused.click()
            assert way.waiting.redirect.isVisible()
            assert way.waiting.redirect.text() == redirect_address(desk.port)
            dialog.reject()
            assert await desk.outcome() is None
            desk.opened.clear()
            desk.profile = replace(desk.profile, redirect_ports=(port,))
            await desk.begin()
            await browse(desk.opened[0], "allow")
            outcome = await desk.outcome()
            assert outcome is not None
            assert outcome.profile.redirect_ports == (port,)

        qt_run(scenario())
        destroy(desk.parent)

"""Connecting in the browser, from the connections window: the page, the waiting, what comes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.conftest import RunOnQt
from tests.ui.connections_session import EXPIRED, MAIL, WORKS, at, mail, rows, shown
from tests.ui.form_desk import until
from zapdesk.domain.catalog import Authentication
from zapdesk.errors import Unreachable
from zapdesk.tasks import TaskOwner
from zapdesk.ui.connections.window import ConnectionsWindow
from zapdesk.ui.notices import ConfirmDialog

pytest_plugins = ["tests.ui.connections_fixtures"]
pytestmark = pytest.mark.qt_log_ignore("does not support")


def test_an_expired_one_is_explained_and_renewed_by_enter(
    parent: QWidget, qt_run: RunOnQt, opened: list[str]
) -> None:
    async def scenario() -> None:
        session = mail()
        made: list[Authentication] = []
        async with at(parent, session) as window:
            window.made.connect(made.append)
            QTest.keyClick(window.search, Qt.Key.Key_Down)
            QTest.keyClick(window.search, Qt.Key.Key_Down)
            assert "This account cannot be used any more" in shown(window.detail)
            assert "is renewed keeps its id" in shown(window.detail)
            QTest.keyClick(window.search, Qt.Key.Key_Return)
            await until(lambda: opened, "the page")
            assert opened == [session.link]
            assert "Sign in as old@harbour.example" in window.browser.strip.text
            session.known(MAIL, (WORKS, replace(EXPIRED, is_expired=False)))
            await until(lambda: made, "the renewed connection")
            await asyncio.sleep(0.05)
            assert window.browser.strip.text == "old@harbour.example works again."
            assert rows(window)[2] == "old@harbour.example, works, Mail"
            marked = window.list.marked
            assert marked is not None
            assert marked.connection == made[0]

    qt_run(scenario())


def test_another_account_than_the_expired_one_is_said_to_be_another(
    parent: QWidget, qt_run: RunOnQt, opened: list[str]
) -> None:
    async def scenario() -> None:
        session = mail()
        async with at(parent, session) as window:
            window.connect_app(MAIL, EXPIRED)
            await until(lambda: opened)
            other = Authentication("9", MAIL.id, "new@harbour.example")
            session.known(MAIL, (WORKS, EXPIRED, other))
            await until(lambda: "is connected" in window.browser.strip.text)
            assert window.browser.strip.text == (
                "new@harbour.example is connected. old@harbour.example is still expired."
            )

    qt_run(scenario())


def test_without_a_browser_the_link_is_there_to_copy(
    parent: QWidget, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)

    async def scenario() -> None:
        session = mail()
        async with at(parent, session) as window:
            window.connect_app(MAIL)
            strip = window.browser.strip
            await until(lambda: "No browser could be opened" in strip.text)
            QTest.mouseClick(strip.copy_button, Qt.MouseButton.LeftButton)
            await until(lambda: QGuiApplication.clipboard().text() == session.link)
            session.known(MAIL, (WORKS, EXPIRED, Authentication("9", MAIL.id, "Nine")))
            await until(lambda: strip.text == "Nine is connected.")

    qt_run(scenario())


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "http://zapier.com"])
def test_link_of_a_server_that_is_no_web_page_is_never_opened(
    parent: QWidget, qt_run: RunOnQt, opened: list[str], link: str
) -> None:
    async def scenario() -> None:
        session = mail()
        session.link = link
        async with at(parent, session) as window:
            window.connect_app(MAIL)
            await until(lambda: "was not opened" in window.browser.strip.text)
            assert opened == []

    qt_run(scenario())


def test_page_on_a_strange_host_is_asked_about_and_one_on_the_profiles_server_is_not(
    parent: QWidget, qt_run: RunOnQt, opened: list[str]
) -> None:
    async def scenario() -> None:
        session = mail()
        session.link = "https://elsewhere.example/connect"
        async with at(parent, session) as window:
            window.connect_app(MAIL)
            await until(lambda: window.findChildren(ConfirmDialog))
            (dialog,) = window.findChildren(ConfirmDialog)
            assert "elsewhere.example" in shown(dialog)
            dialog.cancel_button.click()
            await until(lambda: window.browser.strip.isHidden())
            assert opened == []
            session.transport.base_url = "http://127.0.0.1:4711"
            session.link = "http://127.0.0.1:4711/connect/x"
            window.connect_app(MAIL)
            await until(lambda: opened)
            assert opened == [session.link]

    qt_run(scenario())


def test_trouble_with_looking_is_said_and_looking_goes_on(
    parent: QWidget, qt_run: RunOnQt, opened: list[str]
) -> None:
    async def scenario() -> None:
        session = mail()
        async with at(parent, session) as window:
            window.connect_app(MAIL)
            await until(lambda: opened)
            session.troubles[MAIL.id] = Unreachable("There is no network.")
            strip = window.browser.strip
            await until(lambda: "There is no network." in strip.text)
            assert "goes on" in strip.text
            del session.troubles[MAIL.id]
            session.known(MAIL, (WORKS, replace(EXPIRED, is_expired=False)))
            await until(lambda: "is connected" in strip.text)

    qt_run(scenario())


def test_link_that_holds_a_token_is_copied_as_a_secret(
    parent: QWidget, qt_run: RunOnQt, opened: list[str]
) -> None:
    from zapdesk.redaction import REDACTOR
    from zapdesk.ui.clipboard import HINT

    REDACTOR.register("ct-made-up-88211")

    async def scenario() -> None:
        session = mail()
        session.link = "https://connect.zapier.com/to/Mail?token=ct-made-up-88211"
        async with at(parent, session) as window:
            window.connect_app(MAIL)
            await until(lambda: opened)
            clipboard = QGuiApplication.clipboard()
            session.link = session.link.replace("Mail", "Another")  # each is good for once
            QTest.mouseClick(window.browser.strip.copy_button, Qt.MouseButton.LeftButton)
            await until(lambda: clipboard.text() == session.link)
            assert clipboard.mimeData().hasFormat(HINT)

    try:
        qt_run(scenario())
    finally:
        REDACTOR.forget("ct-made-up-88211")


def test_closing_stops_the_looking(parent: QWidget, qt_run: RunOnQt, opened: list[str]) -> None:
    async def scenario() -> None:
        session: Any = mail()
        owner = TaskOwner()
        window = ConnectionsWindow(parent, session, owner.start)
        window.show()
        window.connect_app(MAIL)
        await until(lambda: opened)
        window.close()
        await until(lambda: len(owner) == 0, "the end of every task")

    qt_run(scenario())

"""The connections window: states in words, the search, checking, connecting, by keyboard too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from tests.conftest import RunOnQt
from tests.ui.connections_session import EXPIRED, MAIL, TABLES, WORKS, Session
from tests.ui.form_desk import until
from zapdesk.domain.catalog import ActionKey, Authentication
from zapdesk.domain.connections import AttemptStatus, ConnectionAttempt
from zapdesk.domain.profiles import ZAPIER, SignInKind
from zapdesk.domain.runs import ActionRun, RunKind, RunStatus
from zapdesk.errors import Forbidden, NotSignedIn, Unreachable
from zapdesk.services.connections import ConnectionUse
from zapdesk.tasks import TaskOwner
from zapdesk.ui.connections.window import ConnectionsWindow
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import ConfirmDialog
from zapdesk.ui.times import now_ms

pytestmark = pytest.mark.qt_log_ignore("does not support")


@pytest.fixture
def parent(qapp: QApplication) -> Iterator[QWidget]:
    theme = qapp.findChild(Theme) or Theme(qapp, "light")
    assert theme is not None
    widget = QWidget()
    widget.resize(1000, 700)
    widget.show()
    yield widget
    widget.close()
    widget.deleteLater()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser was asked to open; it takes all of them."""
    found: list[str] = []

    def take(url: QUrl) -> bool:
        found.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", take)
    return found


def mail(*items: Authentication) -> Session:
    session = Session()
    session.known(MAIL, items or (WORKS, EXPIRED))
    return session


@asynccontextmanager
async def at(parent: QWidget, session: Session) -> AsyncIterator[ConnectionsWindow]:
    owner = TaskOwner()
    window = ConnectionsWindow(parent, session, owner.start)  # type: ignore[arg-type]  # the parts of a session that are used
    window.show()
    await asyncio.sleep(0.05)
    try:
        yield window
    finally:
        window.close()
        await owner.close()


def shown(widget: QWidget) -> str:
    labels = [w for w in widget.findChildren(QLabel) if w.isVisible()]
    return "\n".join(getattr(w, "whole_text", w.text()) for w in labels)


def rows(window: ConnectionsWindow) -> list[str]:
    """What a screen reader says of each row."""
    model = window.list.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [model.data(model.index(n, 0), role) for n in range(model.rowCount())]


def press(widget: QWidget, text: str) -> None:
    button = next(b for b in widget.findChildren(QPushButton) if b.text() == text and b.isVisible())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_every_connection_says_whether_it_works(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(parent, mail()) as window:
            assert rows(window) == [
                "Mail, 2 connections",
                "crew@harbour.example, works, Mail",
                "old@harbour.example, expired, Mail",
            ]
            assert "You have 2 connections with it, 1 of them expired." in shown(window)

    qt_run(scenario())


def test_an_old_list_is_not_taken_for_the_present(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        session = mail()
        session.age_ms = 3 * 3_600_000
        async with at(parent, session) as window:
            assert rows(window)[1] == "crew@harbour.example, not checked, Mail"
            QTest.keyClick(window.search, Qt.Key.Key_Down)
            assert "It worked when it was looked at" in shown(window.detail)
            press(window.detail, "Check again")
            await asyncio.sleep(0.05)
            assert session.looked_at == [MAIL.id]
            assert rows(window)[1] == "crew@harbour.example, works, Mail"

    qt_run(scenario())


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
            assert "it keeps its id" in shown(window.detail)
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


def test_missing_scope_is_the_reason_that_is_given(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        session = Session()
        hint = "The token needs the scope connection:read."
        session.troubles[MAIL.id] = Forbidden("Zapier does not allow this.", status=403, hint=hint)
        async with at(parent, session) as window:
            window.show_app(MAIL)
            await until(lambda: window.notices.texts)
            assert hint in window.notices.texts[0]
            window.connect_app(MAIL)
            await until(lambda: hint in window.browser.strip.text)

    qt_run(scenario())


def test_nothing_looked_at_yet_says_how_to_begin_and_the_search_finds_apps(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = Session()
        async with at(parent, session) as window:
            assert "No connections were looked at yet." in shown(window)
            assert not window.check_button.isEnabled()
            QTest.keyClicks(window.search, "table")
            await until(lambda: rows(window) == ["Tables, not looked at yet"])
            session.known(TABLES, (Authentication("7", TABLES.id, "Sandbox tables"),))
            QTest.keyClick(window.search, Qt.Key.Key_Return)
            await until(lambda: len(rows(window)) == 2)
            assert session.looked_at == [TABLES.id]
            QTest.keyClicks(window.search, "xyz")
            await until(lambda: "Nothing matches “tablexyz”." in shown(window))
            press(window, "Clear the search")
            await until(lambda: len(rows(window)) == 2)

    qt_run(scenario())


def test_app_that_needs_no_connection_offers_none(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with at(parent, Session()) as window:
            QTest.keyClicks(window.search, "formatter")
            await until(lambda: rows(window) == ["Formatter, needs none"])
            assert "Its actions need no connection." in shown(window.detail)
            assert not [b for b in window.detail.findChildren(QPushButton) if b.isVisible()]

    qt_run(scenario())


def test_with_a_client_id_alone_the_window_says_what_is_missing(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        profile = replace(ZAPIER, sign_in=SignInKind.CLIENT_ID)
        async with at(parent, Session(profile)) as window:
            assert "Your connections cannot be seen." in shown(window)
            assert "client id" in shown(window)

    qt_run(scenario())


def test_sign_in_that_may_not_add_connections_says_so_and_offers_no_key(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = mail()
        granted = ("zap", "zap:write", "connection:read", "action:run", "profile")
        session.profile = replace(ZAPIER, granted=granted)
        async with at(parent, session) as window:
            buttons = {b.text(): b for b in window.detail.findChildren(QPushButton)}
            assert not buttons["Enter a key…"].isEnabled()
            assert buttons["Connect new…"].isEnabled()
            assert "does not include connection:write" in shown(window.detail)

    qt_run(scenario())


def test_offline_what_was_seen_stays_with_a_word_about_it(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        session = mail()
        session.troubles[MAIL.id] = Unreachable("There is no network.")
        async with at(parent, session) as window:
            QTest.keyClick(window, Qt.Key.Key_F5)
            await until(lambda: session.looked_at == [MAIL.id])
            await asyncio.sleep(0.05)
            assert window.notices.texts == ["There is no network. What was seen before is shown."]
            assert rows(window)[1] == "crew@harbour.example, not checked, Mail"

    qt_run(scenario())


def test_checking_all_stops_where_nobody_is_signed_in(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        session = mail()
        session.known(TABLES, ())
        for app in (MAIL, TABLES):
            session.troubles[app.id] = NotSignedIn("You are not signed in.", status=401)
        async with at(parent, session) as window:
            press(window, "Check all")
            await until(lambda: window.check_button.text() == "Check all" and session.looked_at)
            assert len(session.looked_at) == 1

    qt_run(scenario())


def test_last_use_is_told_and_an_account_that_the_app_refused(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = mail()
        run = ActionRun(
            "r", "p", RunKind.RUN, RunStatus.ERROR, ActionKey(MAIL.id, "WRITE", "send"),
            "Mail", "Send Email", WORKS.id, WORKS.title, now_ms(),
        )  # fmt: skip
        session.uses[WORKS.id] = ConnectionUse(run, was_refused=True)
        async with at(parent, session) as window:
            QTest.keyClick(window.search, Qt.Key.Key_Down)
            await until(lambda: "Send Email · Error" in shown(window.detail))
            assert "did not accept this account at its last run" in shown(window.detail)
            QTest.keyClick(window.search, Qt.Key.Key_Down)
            await until(lambda: "Not from here" in shown(window.detail))

    qt_run(scenario())


def test_attempt_of_unknown_outcome_is_told_until_a_person_has_looked(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = mail()
        lost = ConnectionAttempt("a", MAIL.id, "By key", (), now_ms(), AttemptStatus.UNKNOWN)
        session.unknown.append(lost)
        async with at(parent, session) as window:
            assert "We cannot tell whether “By key” was made" in shown(window.detail)
            press(window.detail, "I have looked")
            await until(lambda: "By key" not in shown(window.detail))
            assert session.unknown == []

    qt_run(scenario())


def test_connection_of_a_run_comes_to_the_front(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        session = mail()
        async with at(parent, session) as window:
            window.show_app(MAIL, EXPIRED.id)
            await until(lambda: session.looked_at == [MAIL.id])
            await asyncio.sleep(0.05)
            marked = window.list.marked
            assert marked is not None
            assert marked.connection == EXPIRED

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


def test_what_changes_elsewhere_is_seen_here(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        from zapdesk.services.catalog import CatalogChange

        session = mail()
        async with at(parent, session) as window:
            session.known(MAIL, (WORKS,))
            session.catalog.changed.announce(CatalogChange("connections", MAIL.id))
            await until(lambda: len(rows(window)) == 2)

    qt_run(scenario())


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

"""The connections window: states in words, the search, checking, connecting, by keyboard too."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QLineEdit,
    QPushButton,
    QWidget,
)

from tests.conftest import RunOnQt
from tests.ui.connections_session import (
    EXPIRED,
    MAIL,
    TABLES,
    WORKS,
    Session,
    at,
    mail,
    press,
    rows,
    shown,
)
from tests.ui.form_desk import until
from zapdesk.domain.catalog import ActionKey, Authentication
from zapdesk.domain.connections import AttemptStatus, ConnectionAttempt
from zapdesk.domain.profiles import SANDBOX, ZAPIER, SignInKind
from zapdesk.domain.runs import ActionRun, RunKind, RunStatus
from zapdesk.errors import Forbidden, NotSignedIn, Unreachable
from zapdesk.services.connections import ConnectionUse
from zapdesk.ui.times import now_ms

pytest_plugins = ["tests.ui.connections_fixtures"]
pytestmark = pytest.mark.qt_log_ignore("does not support")


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
            again = next(
                button
                for button in window.detail.findChildren(QPushButton)
                if button.text() == "Check again" and button.isVisible()
            )
            again.setFocus()
            QTest.keyClick(again, Qt.Key.Key_Space)
            await asyncio.sleep(0.05)
            assert session.looked_at == [MAIL.id]
            assert rows(window)[1] == "crew@harbour.example, works, Mail"
            focused = window.focusWidget()  # the page is another, its button the same
            assert isinstance(focused, QPushButton)
            assert focused.text() == "Check again"

    qt_run(scenario())


def test_an_old_list_is_looked_up_by_itself_where_a_person_stays_on_it(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = mail()
        session.age_ms = 3 * 3_600_000
        async with at(parent, session) as window:
            await until(lambda: session.looked_at == [MAIL.id])
            await until(lambda: rows(window)[1] == "crew@harbour.example, works, Mail")
            await asyncio.sleep(0.8)
            assert session.looked_at == [MAIL.id]

    qt_run(scenario())


def test_for_an_end_user_it_says_whose_connections_they_are(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = mail()
        partner = replace(SANDBOX.partner, user="u-42", user_name="Marina Holt")
        session.profile = replace(SANDBOX, sign_in=SignInKind.PARTNER, partner=partner)
        async with at(parent, session) as window:
            QTest.keyClick(window.search, Qt.Key.Key_Down)
            assert "Marina Holt (u-42), for whom you act." in shown(window.detail)

    qt_run(scenario())


def test_every_control_has_a_name_for_those_who_cannot_see_it(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(parent, mail()) as window:
            controls = [
                *window.findChildren(QAbstractButton),
                *window.findChildren(QLineEdit),
                *window.findChildren(QAbstractItemView),
            ]
            assert [
                c
                for c in controls
                if not (c.accessibleName() or c.isHidden() or isinstance(c.parent(), QLineEdit))
            ] == []

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
            assert "Ask again" not in buttons  # a pasted token can do what it can
            window.close()
        session.profile = replace(session.profile, sign_in=SignInKind.OAUTH)
        async with at(parent, session) as window:
            wanted: list[bool] = []
            window.more_wanted.connect(lambda: wanted.append(True))
            press(window.detail, "Ask again")
            assert wanted

    qt_run(scenario())


def test_sign_in_that_may_not_list_connections_can_be_asked_for_again(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = Session(replace(ZAPIER, sign_in=SignInKind.OAUTH, granted=("zap", "profile")))
        async with at(parent, session) as window:
            wanted: list[bool] = []
            window.more_wanted.connect(lambda: wanted.append(True))
            assert "does not include connection:read" in shown(window)
            press(window, "Ask again")
            assert wanted

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


def test_what_changes_elsewhere_is_seen_here(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        from zapdesk.services.catalog import CatalogChange

        session = mail()
        async with at(parent, session) as window:
            session.known(MAIL, (WORKS,))
            session.catalog.changed.announce(CatalogChange("connections", MAIL.id))
            await until(lambda: len(rows(window)) == 2)

    qt_run(scenario())

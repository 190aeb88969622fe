"""Entering a key: masked, sent once, refused under its field, never guessed where it is unknown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid

from tests.conftest import RunOnQt
from tests.ui.connections_session import MAIL, Session
from tests.ui.form_desk import until
from zapdesk.domain.catalog import Authentication
from zapdesk.domain.connections import AttemptStatus, ConnectionAttempt
from zapdesk.errors import ErrorItem, OutcomeUnknown, Refused
from zapdesk.tasks import TaskOwner
from zapdesk.ui.connections.credentials_dialog import CredentialsDialog
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.times import now_ms

pytestmark = pytest.mark.qt_log_ignore("does not support")

KEY = "sk-canary-7121-aa"  # made up
MADE = Authentication("9", MAIL.id, "By key")


@pytest.fixture
def parent(qapp: QApplication) -> Iterator[QWidget]:
    theme = qapp.findChild(Theme) or Theme(qapp, "light")
    assert theme is not None
    widget = QWidget()
    widget.resize(900, 700)
    widget.show()
    yield widget
    widget.close()
    widget.deleteLater()


@asynccontextmanager
async def at(parent: QWidget, session: Session) -> AsyncIterator[CredentialsDialog]:
    owner = TaskOwner()
    dialog = CredentialsDialog(parent, session, MAIL, owner.start)  # type: ignore[arg-type]  # the parts of a session that are used
    dialog.open()
    await asyncio.sleep(0.03)
    try:
        yield dialog
    finally:
        if isValid(dialog):
            dialog.close()
        await owner.close()


def refusal(*items: ErrorItem) -> Refused:
    return Refused("Zapier did not accept this request.", "Look.", status=400, items=items)


def test_key_is_masked_and_goes_out_once(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        session = Session()
        session.answers = [MADE]
        made: list[Authentication] = []
        async with at(parent, session) as dialog:
            dialog.made.connect(made.append)
            line = dialog.rows[0].value
            assert line.hasFocus()
            assert line.echoMode() is QLineEdit.EchoMode.Password
            QTest.keyClicks(line, KEY)
            QTest.keyClick(line, Qt.Key.Key_Return)
            QTest.mouseClick(dialog.make_button, Qt.MouseButton.LeftButton)
            await until(lambda: made)
            assert session.making == [("Mail", {"api_key": KEY})]
            assert not isValid(dialog) or line.text() == ""

    qt_run(scenario())


def test_only_names_that_hold_no_secret_are_shown_as_they_are_typed(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with at(parent, Session()) as dialog:
            row = dialog.add_row("Subdomain")
            assert row.value.echoMode() is QLineEdit.EchoMode.Normal
            row.name.setText("subdomain_secret")
            assert row.value.echoMode() is QLineEdit.EchoMode.Password

    qt_run(scenario())


def test_refusals_stand_under_the_fields_they_name_and_a_missing_field_is_added(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = Session()
        start = "/data/authentication_fields/"
        session.answers = [
            refusal(
                ErrorItem("invalid", detail="This key is wrong.", pointer=f"{start}api_key"),
                ErrorItem("required", detail="subdomain: required.", pointer=f"{start}subdomain"),
                ErrorItem("invalid", detail="This name is taken.", pointer="/data/title"),
            ),
            refusal(ErrorItem("invalid", detail="Not this app.", pointer="/data/app")),
        ]
        async with at(parent, session) as dialog:
            dialog.rows[0].value.setText(KEY)
            dialog.make_button.click()
            await until(lambda: len(dialog.rows) == 2)
            first, second = dialog.rows
            assert first.problem.text == "This key is wrong."
            assert (second.name.text(), second.problem.text) == (
                "subdomain",
                "subdomain: required.",
            )
            assert dialog.title_problem.text == "This name is taken."
            assert dialog.problem.text == ""
            assert first.value.text() == KEY  # nothing typed is lost
            second.value.setText("harbour")
            dialog.make_button.click()
            await until(lambda: dialog.problem.text)
            assert "Look." in dialog.problem.text

    qt_run(scenario())


def test_nothing_is_sent_without_a_name_and_a_value(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        session = Session()
        async with at(parent, session) as dialog:
            dialog.make_button.click()
            assert dialog.rows[0].problem.text == "A value is needed; or remove the field."
            dialog.rows[0].value.setText(KEY)
            twin = dialog.add_row("api_key")
            twin.value.setText("x")
            dialog.make_button.click()
            assert twin.problem.text == "Give this field another name."
            twin.remove_button.click()
            assert len(dialog.rows) == 1
            dialog.title_line.setText("  ")
            dialog.make_button.click()
            assert dialog.title_problem.text.startswith("A connection needs a name.")
            await asyncio.sleep(0.03)
            assert session.making == []

    qt_run(scenario())


def test_unknown_outcome_is_looked_up_and_only_sent_again_by_a_person(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = Session()
        session.answers = [OutcomeUnknown("We cannot tell whether the connection was made.")]
        made: list[Authentication] = []
        async with at(parent, session) as dialog:
            dialog.made.connect(made.append)
            dialog.title_line.setText("By key")
            dialog.rows[0].value.setText(KEY)
            dialog.make_button.click()
            await until(lambda: dialog.look_button.isVisible())
            assert not dialog.make_button.isVisible()
            assert dialog.look_button.hasFocus()
            attempt = ConnectionAttempt(
                "a", MAIL.id, "By key", ("api_key",), now_ms(), AttemptStatus.UNKNOWN
            )
            session.unknown = [attempt]
            dialog.look_button.click()
            await until(lambda: "not in the list" in dialog.problem.text)
            session.unknown = []
            session.known(MAIL, (MADE,))
            dialog.look_button.click()
            await until(lambda: made)
            assert made == [MADE]
            assert len(session.making) == 1

    qt_run(scenario())


def test_names_that_worked_the_last_time_are_offered(parent: QWidget, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        session = Session()
        session.names_used = ("username", "password")
        async with at(parent, session) as dialog:
            assert [row.name.text() for row in dialog.rows] == ["username", "password"]
            assert dialog.rows[0].value.echoMode() is QLineEdit.EchoMode.Normal

    qt_run(scenario())


def test_closing_while_it_is_sent_leaves_the_sending_alone(
    parent: QWidget, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        session = Session()
        session.answers = [MADE]
        async with at(parent, session) as dialog:
            dialog.rows[0].value.setText(KEY)
            dialog.make_button.click()
            dialog.cancel_button.click()
            await until(lambda: session.lists.get(MAIL.id) == (MADE,))

    qt_run(scenario())

"""A secret on the clipboard: only where it was revealed, marked, and for a minute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QClipboard
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.ui.form_session import LocalForm, Stage, context_of
from tests.ui.test_body_pane import NODES, pane_of
from zapdesk.domain.fields import FieldFormat, InputField
from zapdesk.redaction import HIDDEN, REDACTOR
from zapdesk.ui import clipboard as clipboard_module
from zapdesk.ui.clipboard import HINT, copy_text
from zapdesk.ui.form.editors import PasswordEditor
from zapdesk.ui.look.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support")

SECRET = "hunter2-and-more"


@pytest.fixture
def stage(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    assert qapp.findChild(Theme) or Theme(qapp, "light")
    monkeypatch.setattr(clipboard_module, "SECRET_STAYS_MS", 60)
    QApplication.clipboard().clear()
    stage = Stage()
    yield stage
    stage.close()


def on_clipboard() -> str:
    return QApplication.clipboard().text(QClipboard.Mode.Clipboard)


def is_marked() -> bool:
    mime = QApplication.clipboard().mimeData(QClipboard.Mode.Clipboard)
    return mime.hasFormat(HINT) and bytes(mime.data(HINT).data()) == b"secret"


def password_line(stage: Stage) -> QLineEdit:
    field = InputField("p", "P", format=FieldFormat.PASSWORD)
    editor = PasswordEditor(field, context_of(LocalForm([field])))
    stage.show(editor)
    editor.show_value(SECRET)
    line = editor.line
    line.setFocus()
    line.selectAll()
    return line


def test_a_revealed_body_is_copied_as_a_secret_that_goes_after_a_minute(stage: Stage) -> None:
    form = LocalForm(NODES)
    form.state.set("secret", SECRET)
    pane = pane_of(stage, form)
    pane.copy()
    assert SECRET not in on_clipboard()
    assert not is_marked()
    QTest.mouseClick(pane.reveal_button, Qt.MouseButton.LeftButton)
    pane.text.selectAll()
    for copy in (pane.copy, pane.text.copy):
        copy()
        assert SECRET in on_clipboard()
        assert is_marked()
        QTest.qWait(120)
        assert on_clipboard() == ""
    QTest.mouseClick(pane.reveal_button, Qt.MouseButton.LeftButton)
    pane.text.selectAll()
    pane.text.copy()
    assert SECRET not in on_clipboard()
    assert not is_marked()


def test_what_was_copied_since_then_stays_on_the_clipboard(stage: Stage) -> None:
    form = LocalForm(NODES)
    form.state.set("secret", SECRET)
    pane = pane_of(stage, form)
    QTest.mouseClick(pane.reveal_button, Qt.MouseButton.LeftButton)
    pane.copy()
    copy_text("something else")
    QTest.qWait(120)
    assert on_clipboard() == "something else"


def test_a_masked_password_cannot_be_copied_and_a_revealed_one_is_marked(stage: Stage) -> None:
    line = password_line(stage)
    QTest.keyClick(line, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert on_clipboard() == ""
    line.actions()[0].trigger()
    for key in (Qt.Key.Key_C, Qt.Key.Key_X):
        line.selectAll()
        QTest.keyClick(line, key, Qt.KeyboardModifier.ControlModifier)
        assert on_clipboard() == SECRET
        assert is_marked()
        QTest.qWait(120)
        assert on_clipboard() == ""


def test_a_live_token_is_hidden_in_everything_that_is_copied(stage: Stage) -> None:
    REDACTOR.register("tok-live-and-secret")
    try:
        copy_text("x tok-live-and-secret y")
    finally:
        REDACTOR.forget("tok-live-and-secret")
    assert on_clipboard() == f"x {HIDDEN} y"

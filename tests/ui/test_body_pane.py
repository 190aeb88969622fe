"""The body pane: what is sent, why, and the form filled in by editing JSON."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.form_session import LocalForm, Stage
from zapdesk.domain.fields import FieldFormat, InputField, ValueType
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.pieces import Piece, mapped
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.body.keys import merged, top_level_keys
from zapdesk.ui.form.body.pane import BodyPane

pytestmark = pytest.mark.qt_log_ignore("does not support")

NODES = (
    InputField("name", "Name"),
    InputField("size", "Size", default_value="0.10", value_type=ValueType.NUMBER),
    InputField("secret", "Secret", format=FieldFormat.PASSWORD),
    InputField("tags", "Tags", value_type=ValueType.ARRAY),
)
HIDDEN = {"$hidden": "password"}


def pane_of(stage: Stage, form: LocalForm) -> BodyPane:
    pane = BodyPane()
    stage.show(pane)
    form.changed.subscribe(lambda _change: pane.refresh_soon())
    pane.set_session(form)  # type: ignore[arg-type]  # the part of a FormSession that is used
    return pane


def edit(pane: BodyPane, text: str) -> None:
    """Put a text in the place of the whole body, as someone who pastes it."""
    if not pane.is_editing:
        QTest.mouseClick(pane.edit_button, Qt.MouseButton.LeftButton)
    pane.text.setFocus()
    pane.text.selectAll()
    QApplication.clipboard().setText(text)
    pane.text.paste()


def settle() -> None:
    QTest.qWait(500)  # longer than the pause in typing


def test_the_body_is_what_would_be_sent_character_for_character(stage: Stage) -> None:
    form = LocalForm(NODES)
    pane = pane_of(stage, form)
    form.edit("name", 'a\r\n"b"\u2028\ufeff\U0001f600')
    QTest.qWait(200)
    assert json.loads(pane.text.exact_text()) == form.state.payload()
    assert '"0.10"' in pane.text.exact_text()


def test_every_key_says_why_it_is_there(stage: Stage) -> None:
    form = LocalForm(NODES)
    pane = pane_of(stage, form)
    form.state.set("name", mapped("x ", Piece("now")))
    form.state.resolver = lambda _piece: "2026"
    form.state.set("tags", ["a"], Origin.PRESET)
    form.state.set("secret", "s")
    form.state.set_extra("colour", "red")
    pane.refresh()
    lines = pane.text.exact_text().split("\n")
    reasons = {lines[n].split('"')[1]: word for n, word in pane.text.reasons.items()}
    assert reasons == {
        "name": "mapped",
        "size": "default",
        "secret": "typed",
        "tags": "preset",
        "colour": "extra input",
    }


def test_the_line_with_the_cursor_is_explained_in_a_sentence(stage: Stage) -> None:
    form = LocalForm(NODES)
    pane = pane_of(stage, form)
    pane.text.setFocus()
    QTest.keyClick(pane.text, Qt.Key.Key_Down)
    assert pane.note.startswith("“size”: It is the app's default.")
    assert pane.note in pane.text.accessibleDescription()


def test_json_that_is_typed_flows_into_the_form_and_the_cursor_stays(stage: Stage) -> None:
    form = LocalForm(NODES)
    pane = pane_of(stage, form)
    edit(pane, '{"name": "Ada", "tags": ["x"]}')
    position = pane.text.textCursor().position()
    settle()
    assert form.state.payload() == {"name": "Ada", "tags": ["x"]}
    assert form.state.value("size") is UNSET  # it was taken out of the JSON
    assert pane.text.textCursor().position() == position
    QTest.keyClick(pane.text, Qt.Key.Key_Left)
    QTest.keyClicks(pane.text, ', "size": 12.50')
    settle()
    assert form.state.payload()["size"] == "12.50"
    assert pane.text.hasFocus()


def test_what_was_typed_is_taken_over_at_once_when_the_form_is_run(stage: Stage) -> None:
    form = LocalForm(NODES)
    pane = pane_of(stage, form)
    edit(pane, '{"name": "Ada"}')
    pane.flush()
    assert form.state.payload() == {"name": "Ada"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"name": "Ada"', "not valid JSON"),
        ('["name"]', "one JSON object"),
        ('{"name": "a", "name": "b"}', "stands here twice"),
        ('{"name": NaN}', "not valid JSON"),
        ('{"name": ' + "[" * 5_000 + "]" * 5_000 + "}", "nested too deeply"),
    ],
)
def test_text_that_is_no_json_object_is_told_and_changes_nothing(
    stage: Stage, text: str, words: str
) -> None:
    form = LocalForm(NODES)
    form.state.set("name", "before")
    pane = pane_of(stage, form)
    edit(pane, text)
    settle()
    assert words in pane.note
    assert "The form keeps the values it has." in pane.note
    assert form.state.value("name") == "before"
    assert pane.text.exact_text() == text
    edit(pane, '{"name": "after"}')
    settle()
    assert form.state.value("name") == "after"
    assert words not in pane.note


def test_unknown_keys_become_extra_inputs_and_are_said_to_be_so(stage: Stage) -> None:
    form = LocalForm(NODES)
    pane = pane_of(stage, form)
    edit(pane, '{"name": "Ada", "colour": {"deep": [1, 0.10]}}')
    settle()
    assert set(form.state.extra) == {"colour"}
    assert "“colour” is an extra input: no field asks for it." in pane.note
    assert form.preview() == b'{"name":"Ada","colour":{"deep":[1,0.10]}}'


def test_a_password_is_hidden_stays_what_it_is_and_is_not_copied(stage: Stage) -> None:
    form = LocalForm(NODES)
    form.state.set("secret", "hunter2")
    pane = pane_of(stage, form)
    assert "hunter2" not in pane.text.exact_text()
    QTest.mouseClick(pane.copy_button, Qt.MouseButton.LeftButton)
    assert json.loads(QApplication.clipboard().text())["secret"] == HIDDEN
    assert "Passwords are hidden in it." in pane.note
    edit(pane, json.dumps({"name": "Ada", "secret": HIDDEN}))
    settle()
    assert form.state.payload() == {"name": "Ada", "secret": "hunter2"}


def test_a_revealed_password_is_shown_and_copied_and_hidden_again_with_another_form(
    stage: Stage,
) -> None:
    form = LocalForm(NODES)
    form.state.set("secret", "hunter2")
    pane = pane_of(stage, form)
    QTest.mouseClick(pane.reveal_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(pane.copy_button, Qt.MouseButton.LeftButton)
    assert json.loads(QApplication.clipboard().text())["secret"] == "hunter2"
    assert "The clipboard is cleared in a minute." in pane.note
    QTest.mouseClick(pane.request_button, Qt.MouseButton.LeftButton)
    assert json.loads(pane.text.exact_text())["data"]["inputs"]["secret"] == "hunter2"
    pane.set_session(form)  # type: ignore[arg-type]  # the part of a FormSession that is used
    assert "hunter2" not in pane.text.exact_text()
    QTest.mouseClick(pane.request_button, Qt.MouseButton.LeftButton)
    assert "hunter2" not in pane.text.exact_text()


def test_what_changes_in_the_form_does_not_touch_text_that_is_being_edited(stage: Stage) -> None:
    form = LocalForm(NODES)
    pane = pane_of(stage, form)
    edit(pane, '{ "name" : "half')
    settle()
    form.edit("tags", ["x"])
    QTest.qWait(200)
    assert pane.text.exact_text() == '{ "name" : "half'
    QTest.mouseClick(pane.edit_button, Qt.MouseButton.LeftButton)
    assert json.loads(pane.text.exact_text()) == {"size": "0.10", "tags": ["x"]}
    assert pane.text.isReadOnly()


def test_a_body_of_a_million_characters_is_shown_in_part_and_copied_whole(stage: Stage) -> None:
    form = LocalForm(NODES)
    form.state.set("name", "x" * 1_000_000)
    pane = pane_of(stage, form)
    assert len(pane.text.exact_text()) < 100_000
    assert "characters more" in pane.text.exact_text()
    assert not pane.edit_button.isEnabled()
    QTest.mouseClick(pane.copy_button, Qt.MouseButton.LeftButton)
    assert json.loads(QApplication.clipboard().text())["name"] == "x" * 1_000_000


def test_keys_are_found_with_their_lines_even_in_half_a_document() -> None:
    text = '{\n "a": {"inner": 1},\n "b\\"c": ["x"],\n "\\ud83d\\ude00": 1,\n "d": {'
    assert list(top_level_keys(text)) == [(1, "a"), (2, 'b"c'), (3, "\U0001f600"), (4, "d")]
    assert list(top_level_keys("[1]")) == []


def test_a_default_that_a_refetch_brings_while_json_is_typed_is_not_taken_away(
    stage: Stage,
) -> None:
    brought = (*NODES, InputField("column", "Column", default_value="A"))
    form = LocalForm(NODES)
    pane = pane_of(stage, form)
    edit(pane, '{"name": "Ada"}')
    settle()
    form.replace(brought)
    QTest.qWait(200)
    QTest.keyClick(pane.text, Qt.Key.Key_Left)
    QTest.keyClicks(pane.text, ', "tags": ["x"]')
    settle()
    assert form.state.payload() == {"name": "Ada", "tags": ["x"], "column": "A"}
    pane.text.clearFocus()
    QTest.qWait(200)
    assert json.loads(pane.text.exact_text()) == form.state.payload()


def test_of_two_who_change_a_body_each_keeps_what_only_they_changed() -> None:
    base = {"same": 1, "mine": 1, "theirs": 1, "both": 1, "i_drop": 1, "they_drop": 1}
    mine = {"same": 1, "mine": 2, "theirs": 1, "both": 2, "they_drop": 1, "i_add": 1}
    theirs = {"same": 1, "mine": 1, "theirs": 3, "both": 3, "i_drop": 1, "they_add": 1}
    assert merged(base, mine, theirs) == {
        "same": 1,
        "mine": 2,
        "theirs": 3,
        "both": 2,
        "i_add": 1,
        "they_add": 1,
    }
    assert merged({"a": 1}, {"a": True}, {"a": 1}) == {"a": True}

"""Every text editor gives back what was typed, pasted and shown, character for character."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from tests.ui.form_session import LocalForm, Stage, context_of
from zapdesk.domain.fields import FieldFormat, InputField, ValueType
from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.editors import Editor, JsonEditor, editor_class
from zapdesk.ui.form.editors.clipboard import pasted_text
from zapdesk.ui.form.editors.exact_text import ExactText, into_qt, out_of_qt
from zapdesk.ui.form.editors.text import TextEditor

pytestmark = [pytest.mark.qt_log_ignore("does not support"), pytest.mark.usefixtures("theme")]

TEXT_FIELDS = {
    "line": InputField("f"),
    "several lines": InputField("f", format=FieldFormat.MULTILINE),
    "number": InputField("f", value_type=ValueType.NUMBER),
    "integer": InputField("f", value_type=ValueType.INTEGER),
    "date": InputField("f", format=FieldFormat.DATETIME),
    "file": InputField("f", format=FieldFormat.FILE),
    "code": InputField("f", format=FieldFormat.CODE),
}
AWKWARD = {
    "CRLF": "a\r\nb\r\n",
    "mixed line ends": "a\r\nb\rc\nd\u2029e\r\n\r\n\n",
    "no-break space": "a\u00a0b\u202fc",
    "line separator": "a\u2028b\u2028",
    "byte order mark": "\ufeffa\ufeff",
    "emoji": "👩‍👩‍👧 🇩🇪 e\u0301",
    "lone surrogates": "a\ud800b\udfff😀\udc00\ud83d",
    "noncharacters": "\ufdd0a\ufdd1\uffff\ufffc\ufffd",
    "controls": "\0a\tb\x0b\x0c\x1c\x7f\x85",
    "trailing space": "  a  \n ",
    "40,000 characters": "x" * 40_000,
    "40,000 lines": "y\r\n" * 40_000,
    "stand-ins of its own": "a\U0010feff\r\nb\U0010d800",
    "a million characters": "z " * 500_000,
}

ANY_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=[]),
        st.sampled_from("\r\n\u2028\u2029\u00a0\ufeff\ud800\udfff\ufdd0\ufdd1\U0010feff\0\tab"),
    ),
    max_size=60,
)


def make(field: InputField) -> Editor:
    return editor_class(field)(field, context_of(LocalForm([field])))


def mime(text: str) -> QMimeData:
    data = QMimeData()
    data.setText("what another program would get")
    data.setData("application/x-zapdesk-text", text.encode("utf-8", "surrogatepass"))
    return data


def text_of(editor: Editor) -> ExactText:
    assert isinstance(editor, TextEditor)
    return editor.text


@pytest.mark.parametrize("kind", TEXT_FIELDS)
@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_a_pasted_text_arrives_byte_for_byte(kind: str, text: str) -> None:
    editor = make(TEXT_FIELDS[kind])
    text_of(editor).insertFromMimeData(mime(text))
    assert editor.value() == text


@pytest.mark.parametrize("kind", TEXT_FIELDS)
@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_a_shown_text_that_is_edited_changes_only_where_it_was_edited(kind: str, text: str) -> None:
    editor = make(TEXT_FIELDS[kind])
    editor.show_value(text)
    assert text_of(editor).exact_text() == text
    if not text_of(editor).is_held:
        text_of(editor).insertPlainText("+")
        assert editor.value() == "+" + text
        text_of(editor).undo()
        assert editor.value() == text


@given(before=ANY_TEXT, pasted=ANY_TEXT, data=st.data())
def test_a_paste_into_a_text_puts_exactly_that_text_there_and_undo_takes_it_away(
    qapp: QApplication, before: str, pasted: str, data: st.DataObject
) -> None:
    text = ExactText()
    text.show_text(before)
    if text.is_held:
        assert text.exact_text() == before
        return
    # Places in the document, which counts a CRLF as one and a pair of surrogates as two.
    characters = text.document().characterCount() - 1
    place = data.draw(st.integers(0, characters))
    cursor = text.textCursor()
    cursor.setPosition(place)
    if len(text.document().findBlock(place).text().encode("utf-16-le")) != 2 * len(
        text.document().findBlock(place).text()
    ):
        cursor.movePosition(cursor.MoveOperation.EndOfBlock)
    text.setTextCursor(cursor)
    head = text._read(0, text.textCursor().position())
    text.insertFromMimeData(mime(pasted))
    assert text.exact_text() == head + pasted + before[len(head) :]
    if pasted and not text.is_held:
        text.undo()
        assert text.exact_text() == before
        text.redo()
        assert text.exact_text() == head + pasted + before[len(head) :]


@given(text=ANY_TEXT)
def test_what_is_copied_in_one_editor_is_pasted_the_same_in_another(
    qapp: QApplication, text: str
) -> None:
    one, other = ExactText(), ExactText(is_line=True)
    one.show_text(text)
    if one.is_held:
        return
    one.selectAll()
    other.insertFromMimeData(one.createMimeDataFromSelection())
    assert other.exact_text() == text


@given(text=st.text(st.characters(exclude_categories=[])))
def test_stand_ins_are_undone_by_their_reverse(text: str) -> None:
    if "\U0010d7ff" < max(text, default="") <= "\U0010feff":
        return
    assert out_of_qt(into_qt(text)) == text


def test_the_mark_at_the_start_of_what_another_program_copied_is_kept(qapp: QApplication) -> None:
    data = QMimeData()
    data.setData("text/plain", "\ufeffa\ufeff".encode())
    assert pasted_text(data) == "\ufeffa\ufeff"


@pytest.mark.parametrize("text", ["a\r\nb\u00a0c\u2028d", "\ufeffa", "x" * 40_000, "a\ud800b"])
def test_a_password_is_what_was_pasted(stage: Stage, text: str) -> None:
    field = InputField("f", format=FieldFormat.PASSWORD)
    editor = make(field)
    stage.show(editor)
    line = editor.findChild(QLineEdit)
    assert line is not None
    edits: list[Any] = []
    editor.edited.connect(lambda: edits.append(editor.value()))
    QApplication.clipboard().setMimeData(mime(text))
    QTest.keyClick(line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert edits == [text]
    other = make(field)
    stage.show(other)
    other.show_value(text)
    assert other.value() == text


def test_a_password_is_masked_again_when_it_is_left(stage: Stage) -> None:
    editor = make(InputField("f", format=FieldFormat.PASSWORD))
    stage.show(editor, QLineEdit())
    line = editor.findChild(QLineEdit)
    assert line is not None
    line.setFocus()
    line.actions()[0].trigger()
    assert line.echoMode() is QLineEdit.EchoMode.Normal
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert line.echoMode() is QLineEdit.EchoMode.Password


@pytest.mark.parametrize("kind", TEXT_FIELDS)
def test_showing_a_value_announces_nothing(kind: str) -> None:
    editor = make(TEXT_FIELDS[kind])
    editor.edited.connect(lambda: pytest.fail("announced"))
    for value in ("a", "", None, UNSET, "a\r\nb", 7, True):
        editor.show_value(value)


def test_text_that_is_deleted_is_not_sent() -> None:
    editor = make(TEXT_FIELDS["line"])
    editor.show_value("a")
    QTest.keyClick(text_of(editor), Qt.Key.Key_Delete)
    assert editor.value() is UNSET


def test_enter_ends_a_line_and_shift_enter_begins_another(stage: Stage) -> None:
    editor = make(TEXT_FIELDS["line"])
    ends: list[bool] = []
    editor.finished.connect(lambda: ends.append(True))
    text = text_of(editor)
    QTest.keyClicks(text, "ab")
    height = text.height()
    QTest.keyClick(text, Qt.Key.Key_Enter)
    assert ends == [True]
    assert editor.value() == "ab"
    QTest.keyClick(text, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(text, "c")
    assert editor.value() == "ab\nc"
    assert text.height() > height


def test_enter_goes_on_with_the_line_ends_that_are_used(stage: Stage) -> None:
    editor = make(TEXT_FIELDS["several lines"])
    editor.show_value("a\r\nb")
    text = text_of(editor)
    text.moveCursor(text.textCursor().MoveOperation.End)
    QTest.keyClick(text, Qt.Key.Key_Return)
    assert editor.value() == "a\r\nb\r\n"


@pytest.mark.parametrize(
    "leave",
    [
        lambda w: QTest.keyClick(w, Qt.Key.Key_Escape),
        lambda w: QTest.keyClick(w, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier),
    ],
    ids=["Esc", "Ctrl+M"],
)
def test_tab_types_a_tab_in_code_and_the_documented_keys_leave_it(
    stage: Stage, leave: Callable[[QWidget], None]
) -> None:
    editor = make(TEXT_FIELDS["code"])
    after = QLineEdit()
    stage.show(editor, after)
    text = text_of(editor)
    text.setFocus()
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert editor.value() == "\t"
    assert text.hasFocus()
    leave(text)
    assert after.hasFocus()
    editor.describe("required")
    assert "Esc or Ctrl+M" in text.accessibleDescription()


def test_json_keeps_numbers_as_they_were_written() -> None:
    editor = make(InputField("f", value_type=ValueType.OBJECT))
    editor = JsonEditor(editor.field, editor.context)
    editor.text.insertFromMimeData(mime('{"a": 0.10, "b": 9223372036854775808, "c": null}'))
    assert write_json(editor.value()) == b'{"a":0.10,"b":9223372036854775808,"c":null}'
    assert editor.trouble == ""


@pytest.mark.parametrize("text", ["{", "NaN", "[1,]", "nul", "[" * 100_000])
def test_what_is_no_json_is_kept_and_said_to_be_none(text: str) -> None:
    editor = JsonEditor(InputField("f"), context_of(LocalForm([InputField("f")])))
    editor.show_value({"a": "1"})
    editor.text.selectAll()
    editor.text.insertFromMimeData(mime(text))
    assert editor.trouble
    assert editor.text.exact_text() == text
    assert editor.value() == {"a": "1"}


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.text(st.characters(exclude_categories=[])) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_any_value_can_be_shown_and_read_back_as_json(qapp: QApplication, value: Any) -> None:
    editor = JsonEditor(InputField("f"), context_of(LocalForm([InputField("f")])))
    editor.show_value(value)
    assert write_json(read_json(editor.text.exact_text())) == write_json(value)


def test_a_field_that_was_left_shows_no_selection(stage: Stage) -> None:
    first, second = ExactText(is_line=True), ExactText(is_line=True)
    both = QWidget()
    column = QVBoxLayout(both)
    for text in (first, second):
        text.show_text("Ada")
        column.addWidget(text)
    stage.show(both)
    first.setFocus()
    first.selectAll()
    assert first.textCursor().hasSelection()
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert second.textCursor().hasSelection()
    assert not first.textCursor().hasSelection()

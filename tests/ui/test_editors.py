"""The editors of everything but plain text, by keyboard and mouse."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from tests.ui.form_session import LocalForm, Stage, context_of, focused
from tests.ui.local_editor import MULTI, SELECT, make
from zapdesk.domain.fields import FieldFormat, Fieldset, InputField, ValueType
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.editors import (
    BooleanEditor,
    ChoiceEditor,
    CodeEditor,
    DateEditor,
    Editor,
    FileEditor,
    JsonEditor,
    LineItemsEditor,
    ListEditor,
    MappingEditor,
    MultiChoiceEditor,
    MultiLineEditor,
    ObjectRowsEditor,
    PasswordEditor,
    TextEditor,
    editor_class,
)
from zapdesk.ui.form.editors.exact_text import ExactText
from zapdesk.ui.form.editors.items_row import line_item_fields

pytestmark = [pytest.mark.qt_log_ignore("does not support"), pytest.mark.usefixtures("theme")]

V, F = ValueType, FieldFormat
LIST = InputField("f", "Tags", value_type=V.ARRAY)
MAP = InputField("f", "Headers", value_type=V.OBJECT)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (InputField("f"), TextEditor),
        (InputField("f", format=F.MULTILINE), MultiLineEditor),
        (InputField("f", format=F.PASSWORD), PasswordEditor),
        (InputField("f", format=F.CODE), CodeEditor),
        (InputField("f", format=F.FILE), FileEditor),
        (InputField("f", format=F.DATETIME), DateEditor),
        (InputField("f", value_type=V.INTEGER), TextEditor),
        (InputField("f", value_type=V.BOOLEAN), BooleanEditor),
        (InputField("f", value_type=V.BOOLEAN, format=F.SELECT), ChoiceEditor),
        (InputField("f", value_type=V.INTEGER, format=F.SELECT), ChoiceEditor),
        (SELECT, ChoiceEditor),
        (MULTI, MultiChoiceEditor),
        (LIST, ListEditor),
        (InputField("f", value_type=V.ARRAY, format=F.FILE), ListEditor),
        (InputField("f", value_type=V.ARRAY, items=V.OBJECT), ObjectRowsEditor),
        (InputField("f", value_type=V.ARRAY, items=V.OBJECT, format=F.SELECT), ObjectRowsEditor),
        (MAP, MappingEditor),
    ],
    ids=str,
)
def test_the_table_has_an_editor_for_every_kind(field: InputField, expected: type[Editor]) -> None:
    assert editor_class(field) is expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (InputField("f"), ["a"], JsonEditor),
        (InputField("f"), 7, TextEditor),
        (InputField("f", value_type=V.BOOLEAN), "perhaps", TextEditor),
        (InputField("f", value_type=V.BOOLEAN), True, BooleanEditor),
        (LIST, "no list", JsonEditor),
        (LIST, [["nested"]], JsonEditor),
        (MAP, {"a": {"b": 1}}, JsonEditor),
        (MULTI, ["a", {"b": 1}], JsonEditor),
        (SELECT, {"id": 1}, JsonEditor),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_edited_as_what_it_is(
    field: InputField, value: Any, expected: type[Editor]
) -> None:
    editor = make(field, value)
    assert type(editor) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("yes", 1), ("False", 2), (True, 1), (UNSET, 0), (None, 0)]
)
def test_every_spelling_of_a_truth_value_is_shown(text: Any, expected: int) -> None:
    editor = make(InputField("f", value_type=V.BOOLEAN), text)
    buttons = editor.findChildren(QPushButton)
    assert [button.isChecked() for button in buttons] == [n == expected for n in range(3)]


def test_a_truth_value_is_chosen_with_the_arrow_keys(stage: Stage) -> None:
    editor = make(InputField("f", value_type=V.BOOLEAN))
    stage.show(editor)
    values: list[Any] = []
    editor.edited.connect(lambda: values.append(editor.value()))
    editor.focus_first()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(focused(), key)
    assert values == ["true", "false", "true"]


def test_values_are_added_to_a_list_by_keyboard(stage: Stage) -> None:
    editor = make(LIST)
    assert isinstance(editor, ListEditor)
    stage.show(editor)
    editor.focus_first()
    assert editor.value() is UNSET  # a list that was only looked at is not sent
    QTest.keyClick(focused(), Qt.Key.Key_Space)
    for word in ("red", "green"):
        cell = QApplication.focusWidget()
        assert isinstance(cell, ExactText)
        QTest.keyClicks(cell, word)
        QTest.keyClick(cell, Qt.Key.Key_Return)
        QTest.keyClick(editor.grid.view, Qt.Key.Key_Insert)
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert editor.value() == ["red", "green", ""]
    QTest.keyClick(editor.grid.view, Qt.Key.Key_Delete)
    editor.grid.view.selectRow(1)
    QTest.keyClick(editor.grid.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert editor.value() == ["green", "red"]


def test_many_lines_are_pasted_into_a_list_at_once(stage: Stage) -> None:
    editor = make(LIST, ["first"])
    assert isinstance(editor, ListEditor)
    stage.show(editor)
    data = QMimeData()
    data.setText("a\r\n\r\n b \u00a0\nc\u2028d\n")
    QApplication.clipboard().setMimeData(data)
    QTest.keyClick(editor.grid.view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert editor.value() == ["first", "a", "", " b \u00a0", "c\u2028d"]


def test_a_cell_that_was_only_opened_keeps_its_value(stage: Stage) -> None:
    value = [7, "a\r\nb", "\ufeffx"]
    editor = make(LIST, value)
    assert isinstance(editor, ListEditor)
    stage.show(editor)
    editor.edited.connect(lambda: pytest.fail("edited"))
    for row in range(3):
        editor.grid.view.edit_cell(row)
        QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert editor.value() == value


def test_names_and_values_of_a_map_are_typed_in_cells(stage: Stage) -> None:
    editor = make(MAP, {"a": "1"})
    assert isinstance(editor, MappingEditor)
    stage.show(editor)
    editor._add()
    QTest.keyClicks(focused(), "a")
    QTest.keyClick(focused(), Qt.Key.Key_Tab)
    assert editor.trouble == "The name 'a' is there twice."
    QTest.keyClicks(focused(), "2")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    editor.grid.view.edit_cell(1, 0)
    QTest.keyClicks(focused(), "b")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert editor.trouble == ""
    assert editor.value() == {"a": "1", "b": "2"}


def test_rows_of_objects_keep_what_they_do_not_have_apart_from_what_is_empty(
    stage: Stage,
) -> None:
    value = [{"a": "1"}, {"b": "", "a": None}]
    editor = make(InputField("f", value_type=V.ARRAY, items=V.OBJECT), value)
    assert isinstance(editor, ObjectRowsEditor)
    assert editor.value() == value
    stage.show(editor)
    editor.grid.ask_for_column()
    QTest.keyClicks(focused(), "c d")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    QTest.keyClicks(focused(), "x")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert editor.value() == [{"a": "1", "c d": "x"}, {"a": None, "b": ""}]


def test_line_items_are_lists_of_one_length(stage: Stage) -> None:
    fields = (
        InputField("sku", "SKU", value_type=V.ARRAY),
        InputField("qty", "Quantity", value_type=V.ARRAY, items=V.INTEGER),
        InputField("note", "Note", value_type=V.ARRAY),
    )
    assert line_item_fields(Fieldset("i", "Items", fields)) == fields
    assert line_item_fields(Fieldset("i", "Items", (*fields, InputField("x")))) == ()
    editor = LineItemsEditor(fields, context_of(LocalForm(list(fields))))
    editor.show_value({"sku": ["A", "B"], "qty": ["1"], "note": UNSET})
    assert editor.value() == {"sku": ["A", "B"], "qty": ["1", ""], "note": UNSET}
    stage.show(editor)
    editor.grid.view.edit_cell(1, 1)
    QTest.keyClicks(focused(), "2")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert editor.value() == {"sku": ["A", "B"], "qty": ["1", "2"], "note": UNSET}


def test_what_is_typed_in_a_cell_counts_before_the_cell_is_left(stage: Stage) -> None:
    editor = make(LIST, ["a"])
    assert isinstance(editor, ListEditor)
    stage.show(editor)
    values: list[Any] = []
    editor.edited.connect(lambda: values.append(editor.value()))
    editor.grid.view.edit_cell(0)
    QTest.keyClicks(focused(), "xy")
    assert values == [["x"], ["xy"]]
    assert isinstance(focused(), ExactText)

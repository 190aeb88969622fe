"""The form as a whole: what is shown, folded, rebuilt, and what must survive."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.spec import real_field_files
from tests.ui.form_session import LocalForm, context_of, focused
from tests.ui.whole_form import field, finish, required, row, show, shown_text, text_of, titles
from zapdesk.domain.fields import FieldFormat, Fieldset, FormNode, InfoField, ValueType
from zapdesk.domain.values import UNSET
from zapdesk.services.form_changes import FormChange
from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.form.field_menu import open_field_menu
from zapdesk.ui.parts import DisclosureButton

pytestmark = [pytest.mark.qt_log_ignore("does not support"), pytest.mark.usefixtures("theme")]

V, F = ValueType, FieldFormat
FILES = real_field_files()


# Order and folding


def test_what_must_be_filled_stands_first_and_the_rest_is_folded(form: ActionForm) -> None:
    nodes: list[FormNode] = [field("a"), required("b"), field("c"), InfoField("i", "A note.")]
    session = show(form, nodes)
    assert titles(form) == ["b"]
    fold = form.findChild(DisclosureButton)
    assert fold is not None
    assert fold.text() == "2 optional fields"
    QTest.mouseClick(fold, Qt.MouseButton.LeftButton)
    finish(form)
    assert titles(form) == ["b", "a", "c"]
    session.edit("c", "x")
    assert fold.text() == "2 optional fields, 1 filled"
    QTest.mouseClick(fold, Qt.MouseButton.LeftButton)
    finish(form)
    assert titles(form) == ["b", "c"]


def test_a_form_of_optional_fields_only_is_not_folded(form: ActionForm) -> None:
    show(form, [field("a"), field("b")])
    assert titles(form) == ["a", "b"]


def test_a_field_that_others_hang_on_is_not_folded_away(form: ActionForm) -> None:
    show(form, [field("a"), field("b"), required("c", depends_on=("b",))])
    assert titles(form) == ["b", "c"]


def test_a_group_folds_by_itself(form: ActionForm) -> None:
    group = Fieldset("g", "Group", (required("x"), field("y")))
    show(form, [required("a"), group, Fieldset("h", "Other", (field("z"),)), field("b")])
    assert titles(form) == ["a", "x"]
    folds = form.findChildren(DisclosureButton)
    assert sorted(fold.text() for fold in folds) == ["1 optional field", "2 optional fields"]


def test_of_two_fields_with_one_id_one_is_shown_and_the_form_says_so(form: ActionForm) -> None:
    show(form, [required("a"), required("a"), InfoField("", "x"), InfoField("", "y")])
    assert titles(form) == ["a"]
    texts = [label.text() for label in form.findChildren(QLabel)]
    assert "The form has 2 fields called 'a'; the first is shown." in texts
    assert {"x", "y"} <= set(texts)


def test_an_action_without_fields_says_so(form: ActionForm) -> None:
    show(form, [])
    assert "This action takes no input." in [
        label.text() for label in form.findChildren(QLabel) if label.isVisible()
    ]


# Editing


def test_what_is_typed_is_in_the_state_at_once_and_refetched_when_the_field_is_left(
    form: ActionForm,
) -> None:
    session = show(form, [required("a", invalidates_input_fields=True), required("b")])
    text = text_of(form, "a")
    text.setFocus()
    QTest.keyClicks(text, "xy")
    assert session.edits == [("a", "x"), ("a", "xy")]
    assert session.finished == []
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert session.finished == ["a"]
    assert text_of(form, "b").hasFocus()


def test_tab_goes_through_the_fields_from_top_to_bottom(form: ActionForm) -> None:
    ids = [f"f{n}" for n in range(40)]
    show(form, [required(id) for id in ids])
    text_of(form, "f0").setFocus()
    visited = []
    for _ in ids:
        widget: QWidget | None = focused()
        while widget is not None and not isinstance(widget, FieldRow):
            widget = widget.parentWidget()
        assert widget is not None
        visited.append(widget.field.id)
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
    assert visited == ids


def test_rows_that_are_made_late_are_still_visited_in_order(form: ActionForm) -> None:
    session = LocalForm([required(f"f{n}") for n in range(60)])
    form.set_context(context_of(session))
    form.go_to("f50")
    finish(form)
    text_of(form, "f30").setFocus()
    for _ in range(25):
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
    assert text_of(form, "f55").hasFocus()


def test_a_field_is_made_empty_null_or_not_sent_by_keyboard(form: ActionForm) -> None:
    session = show(form, [required("a")])
    text = text_of(form, "a")
    text.setFocus()
    for word, value in (("Empty text", ""), ("Null", None), ("Not sent", UNSET)):
        open_field_menu()  # what the window does for its key
        menu: Any = QApplication.activePopupWidget()
        assert menu is not None
        action = next(action for action in menu.actions() if action.text() == word)
        menu.setActiveAction(action)
        QTest.keyClick(menu, Qt.Key.Key_Return)
        assert session.state.value("a") is value or session.state.value("a") == value
    assert [value for _, value in session.edits] == ["", None, UNSET]


def test_a_map_can_be_edited_as_json_and_back(form: ActionForm) -> None:
    session = show(form, [required("a", value_type=V.OBJECT)])
    session.edit("a", {"x": "1"})
    the_row = row(form, "a")
    the_row._state.json_wanted.emit(True)
    text = text_of(form, "a")
    assert json.loads(text.exact_text()) == {"x": "1"}
    text.selectAll()
    QTest.keyClicks(text, '{"x": {"deep": 1')
    assert form.problems()[0][0] == "a"
    assert session.state.value("a") == {"x": "1"}
    QTest.keyClicks(text, "}}")
    assert session.state.value("a") == {"x": {"deep": 1}}


# Problems


def test_a_problem_is_told_when_its_field_is_left_and_goes_when_it_is_mended(
    form: ActionForm,
) -> None:
    show(form, [required("n", value_type=V.INTEGER), required("b")])
    text = text_of(form, "n")
    text.setFocus()
    QTest.keyClicks(text, "1.5")
    assert "whole number" not in shown_text(form)
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert "'1.5' is not a whole number." in shown_text(form)
    assert text.property("problem")
    assert "not a whole number" in text.accessibleDescription()
    text.setFocus()
    QTest.keyClick(text, Qt.Key.Key_Backspace)
    QTest.keyClick(text, Qt.Key.Key_Backspace)
    assert "whole number" not in shown_text(form)
    assert not text.property("problem")


def test_judging_goes_to_the_first_problem_even_if_it_is_folded_away(form: ActionForm) -> None:
    nodes = [required(f"f{n}") for n in range(30)] + [field("o", value_type=V.NUMBER)]
    session = show(form, nodes)
    for n in range(30):
        session.edit(f"f{n}", "x")
    session.edit("o", "no number")
    counts: list[int] = []
    form.problems_changed.connect(counts.append)
    assert form.judge() is False
    finish(form)
    assert counts[-1] == 1
    assert text_of(form, "o").hasFocus()
    assert "is not a number" in shown_text(form)
    session.edit("o", "1")
    QApplication.processEvents()
    assert counts[-1] == 0
    assert form.judge() is True


def test_a_refusal_of_the_server_is_shown_at_its_field(form: ActionForm) -> None:
    session = show(form, [required("a")])
    session.edit("a", "x")
    session.state.server_problems["a"] = "This table is full."
    session.changed.announce(FormChange("problems", ("a",)))
    assert "This table is full." in shown_text(form)


# A new definition


def test_a_refetch_leaves_the_other_fields_as_they_are(form: ActionForm) -> None:
    nodes: list[FormNode] = [required(f"f{n}") for n in range(30)]
    session = show(form, nodes)
    text = text_of(form, "f20")
    form.go_to("f20")
    QTest.keyClicks(text, "hello world")
    cursor = text.textCursor()
    cursor.setPosition(2)
    cursor.setPosition(5, cursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)
    top = text.mapTo(form, text.rect().topLeft()).y()
    changed = [
        required("new"),
        *(required(f"f{n}", description="more help " * 30) for n in range(5)),
        *nodes[5:20],
        required("f20", description="now with help"),
        *nodes[21:],
    ]
    session.replace(changed)
    finish(form)
    assert text_of(form, "f20") is text
    assert text.hasFocus()
    assert text.textCursor().selectedText() == "llo"
    assert text.mapTo(form, text.rect().topLeft()).y() == top
    assert "now with help" in shown_text(form)
    while text.document().isUndoAvailable():
        text.undo()
    assert session.state.value("f20") is UNSET


def test_a_field_that_becomes_another_kind_gets_another_editor_and_keeps_its_value(
    form: ActionForm,
) -> None:
    session = show(form, [required("a"), required("b")])
    session.edit("a", "x")
    before = row(form, "a")
    session.replace([required("a", format=F.MULTILINE), required("b")])
    finish(form)
    assert row(form, "a") is not before
    assert text_of(form, "a").exact_text() == "x"


def test_a_value_whose_field_is_gone_is_parked_in_sight_and_comes_back(form: ActionForm) -> None:
    session = show(form, [required("a"), required("b")])
    session.edit("b", "precious")
    session.replace([required("a")])
    finish(form)
    assert "precious" in shown_text(form)
    assert "1 value is parked" in [w.text() for w in form.findChildren(DisclosureButton)]
    session.replace([required("a"), required("b")])
    finish(form)
    assert text_of(form, "b").exact_text() == "precious"
    assert not any(
        "parked" in w.text() for w in form.findChildren(DisclosureButton) if w.isVisible()
    )


def test_dependants_are_cleared_on_screen_too(form: ActionForm) -> None:
    session = show(form, [required("a"), required("b", depends_on=("a",))])
    session.edit("a", "1")
    session.edit("b", "2")
    assert text_of(form, "b").exact_text() == "2"
    session.edit("a", "3")
    assert text_of(form, "b").exact_text() == ""

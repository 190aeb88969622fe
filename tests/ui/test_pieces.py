"""Pieces: chosen from a list that `{{` opens, one mark in the text, exact in the value."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from tests.ui.form_session import LocalForm, Stage, context_of
from tests.ui.local_pieces import OTHER_RUN, VALUES, LocalPieces
from zapdesk.domain.fields import FieldFormat, InputField, ValueType
from zapdesk.domain.pieces import Mapped, Piece, mapped
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.editors import Editor, JsonEditor, editor_class
from zapdesk.ui.form.editors.exact_text import ExactText
from zapdesk.ui.form.editors.lists import GridEditor
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.form.editors.text import TextEditor
from zapdesk.ui.form.pieces.chip import piece_words
from zapdesk.ui.form.pieces.popup import PiecePopup
from zapdesk.ui.form.pieces.source import PieceSource

pytestmark = [pytest.mark.qt_log_ignore("does not support"), pytest.mark.usefixtures("theme")]

NOW, BASE, ID = Piece("now"), Piece("env.BASE"), Piece("run:last.results[0].id")
TYPED_IN = {
    "line": InputField("f"),
    "several lines": InputField("f", format=FieldFormat.MULTILINE),
    "number": InputField("f", value_type=ValueType.NUMBER),
    "date": InputField("f", format=FieldFormat.DATETIME),
    "file": InputField("f", format=FieldFormat.FILE),
    "code": InputField("f", format=FieldFormat.CODE),
}
PARTS = st.lists(
    st.one_of(
        st.text(
            st.one_of(
                st.characters(exclude_categories=[]),
                st.sampled_from("\r\n\u2028\u2029\u00a0\ufeff\ud800\udfff\ufdd0\ufffc{}\0\tab"),
            ),
            max_size=12,
        ),
        st.sampled_from([NOW, BASE, ID, Piece("env.a\ufeff\ud800\ufffc")]),
    ),
    max_size=8,
)


def settle(coroutine: Any) -> None:
    """Runs what the editors start to its end, at once: nothing in it waits."""
    asyncio.run(coroutine)


def make(field: InputField) -> Editor:
    form = LocalForm([field])
    form.pieces = LocalPieces()  # type: ignore[assignment]  # the part that editors use
    return editor_class(field)(field, context_of(form, settle))


def shown(stage: Stage, kind: str = "line") -> tuple[TextEditor, ExactText]:
    editor = make(TYPED_IN[kind])
    assert isinstance(editor, TextEditor)
    stage.show(editor)
    editor.text.setFocus()
    return editor, editor.text


def popup_of(text: ExactText) -> PiecePopup:
    assert text._typing is not None
    popup = text._typing.popup
    assert popup is not None
    return popup


def press(text: ExactText, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(text, key)


def names(popup: PiecePopup) -> list[str]:
    return [row.text for row in popup.model.rows]


@pytest.mark.parametrize("kind", TYPED_IN)
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab], ids=["Enter", "Tab"])
def test_two_braces_offer_pieces_and_a_key_inserts_one(
    stage: Stage, kind: str, key: Qt.Key
) -> None:
    editor, text = shown(stage, kind)
    QTest.keyClicks(text, "at {{no")
    assert popup_of(text).isVisible()
    press(text, key)
    assert editor.value() == Mapped(("at ", NOW))
    assert not text.is_offering
    assert text.hasFocus()
    QTest.keyClicks(text, "!")
    assert editor.value() == Mapped(("at ", NOW, "!"))


def test_escape_keeps_the_braces_as_text_and_stays_in_the_editor(stage: Stage) -> None:
    editor, text = shown(stage, "code")
    QTest.keyClicks(text, "{{no")
    press(text, Qt.Key.Key_Escape)
    assert not text.is_offering
    assert text.hasFocus()
    QTest.keyClicks(text, "w}}")
    assert not text.is_offering
    assert editor.value() == "{{now}}"


def test_arrows_choose_among_the_rows_and_pass_over_headings(stage: Stage) -> None:
    editor, text = shown(stage)
    QTest.keyClicks(text, "{{")
    assert names(popup_of(text))[:4] == [
        "Values of this profile",
        "BASE",
        "Made anew for every run",
        "now",
    ]
    press(text, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return)
    assert editor.value() == Mapped((NOW,))


def test_the_mouse_inserts_a_piece_and_the_editor_keeps_the_focus(stage: Stage) -> None:
    editor, text = shown(stage)
    QTest.keyClicks(text, "{{")
    popup = popup_of(text)
    place = popup.list.visualRect(popup.model.index(names(popup).index("uuid"))).center()
    QTest.mouseClick(popup.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert editor.value() == Mapped((Piece("uuid"),))
    assert text.hasFocus()


def test_fields_of_the_last_run_are_offered_and_of_another_one_after_choosing_it(
    stage: Stage,
) -> None:
    editor, text = shown(stage)
    QTest.keyClicks(text, "{{[0].i")
    assert names(popup_of(text)) == ["Fields of the last run", "[0].id", "Fields of another run…"]
    press(text, Qt.Key.Key_Return)
    QTest.keyClicks(text, " {{")
    press(text, Qt.Key.Key_Up)
    assert names(popup_of(text))[-1] == "Fields of another run…"
    press(text, Qt.Key.Key_Return)
    assert names(popup_of(text)) == ["Choose a run", "Tables › Create Row"]
    press(text, Qt.Key.Key_Return)
    QTest.keyClicks(text, "tot")
    press(text, Qt.Key.Key_Return)
    assert editor.value() == Mapped((ID, " ", Piece(f"run:{OTHER_RUN}.results[0].total")))


def test_escape_on_a_page_behind_the_first_goes_back_one_page(stage: Stage) -> None:
    editor, text = shown(stage)
    QTest.keyClicks(text, "{{")
    press(text, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Escape)
    assert "now" in names(popup_of(text))
    press(text, Qt.Key.Key_Escape)
    assert not text.is_offering
    assert editor.value() == "{{"


@pytest.mark.parametrize("typed", ["{{zzzz", "{{a}", "{{now  "], ids=["no match", "brace", "space"])
def test_what_is_no_piece_closes_the_list_and_stays_text(stage: Stage, typed: str) -> None:
    editor, text = shown(stage)
    QTest.keyClicks(text, typed)
    assert not text.is_offering
    assert editor.value() == typed


def test_one_brace_a_paste_and_an_undo_offer_nothing(stage: Stage) -> None:
    editor, text = shown(stage)
    QTest.keyClicks(text, "{ {")
    assert not text.is_offering
    data = QMimeData()
    data.setText("{{now}}{{")
    text.insertFromMimeData(data)
    text.undo()
    text.redo()
    assert not text.is_offering
    assert editor.value() == "{ {{{now}}{{"


def test_leaving_the_field_closes_the_list(stage: Stage) -> None:
    _editor, text = shown(stage)
    other = QLineEdit()
    stage.show(other)
    other.move(0, 400)
    QTest.keyClicks(text, "{{")
    other.setFocus()
    assert not text.is_offering


def test_a_click_elsewhere_closes_the_list(stage: Stage) -> None:
    _editor, text = shown(stage)
    QTest.keyClicks(text, "{{")
    QTest.mouseClick(stage.window, Qt.MouseButton.LeftButton, pos=QPoint(5, 595))
    assert not text.is_offering


# A piece in the text


def test_a_piece_is_passed_and_deleted_as_one_and_undo_brings_it_back(stage: Stage) -> None:
    editor, text = shown(stage)
    editor.show_value(mapped("a", NOW, "b"))
    press(text, Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Right)
    QTest.keyClicks(text, "x")
    assert editor.value() == mapped("a", NOW, "xb")
    press(text, Qt.Key.Key_Backspace, Qt.Key.Key_Backspace)
    assert editor.value() == "ab"
    text.undo()
    assert editor.value() in (mapped("a", NOW, "b"), mapped("a", NOW, "xb"))
    press(text, Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Delete)
    assert NOW not in getattr(editor.value(), "parts", ())


def test_text_typed_beside_a_piece_is_text_even_the_character_that_stands_for_one(
    stage: Stage,
) -> None:
    editor, text = shown(stage)
    editor.show_value(mapped(NOW))
    press(text, Qt.Key.Key_End)
    QTest.keyClicks(text, "a")
    QTest.sendKeyEvent(
        QTest.KeyAction.Click, text, Qt.Key.Key_unknown, "\ufffc", Qt.KeyboardModifier.NoModifier
    )
    assert editor.value() == mapped(NOW, "a\ufffc")


def test_copy_and_paste_keep_a_piece_in_zapdesk_and_are_text_elsewhere(stage: Stage) -> None:
    one, text = shown(stage)
    one.show_value(mapped("a", NOW))
    text.selectAll()
    text.copy()
    assert QApplication.clipboard().text() == "a{{now}}"
    other = make(TYPED_IN["several lines"])
    assert isinstance(other, TextEditor)
    other.text.paste()
    assert other.value() == mapped("a", NOW)
    json = JsonEditor(one.field, one.context)
    json.text.paste()
    assert json.text.exact_text() == "a{{now}}"
    assert json.text.value() == "a{{now}}"


def test_a_clipboard_of_another_version_is_pasted_as_text(stage: Stage) -> None:
    editor, text = shown(stage)
    for content in (b'{"$mapped": [7]}', b"\xff", b"[]"):
        data = QMimeData()
        data.setText("plain")
        data.setData("application/x-zapdesk-value", content)
        text.selectAll()
        text.insertFromMimeData(data)
        assert editor.value() == "plain"


@given(parts=PARTS)
def test_any_text_with_pieces_is_read_back_as_it_was_shown(qapp: Any, parts: list[Any]) -> None:
    value = mapped(*parts)
    text = ExactText()
    text.show_text(value)
    assert text.value() == value


@given(before=PARTS, pasted=PARTS, data=st.data())
def test_pieces_pasted_anywhere_stand_there_and_undo_takes_them_away(
    qapp: Any, before: list[Any], pasted: list[Any], data: st.DataObject
) -> None:
    source, target = ExactText(), ExactText()
    target.offer_pieces(PieceSource(make(TYPED_IN["line"]).context))
    source.show_text(mapped(*pasted))
    target.show_text(mapped(*before))
    if source.is_held or target.is_held:
        assert target.value() == mapped(*before)
        return
    cursor = target.textCursor()
    for _ in range(data.draw(st.integers(0, 12))):
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
    target.setTextCursor(cursor)
    place, last = cursor.position(), target.document().characterCount() - 1
    head, tail = target._parts(0, place), target._parts(place, last)
    source.selectAll()
    target.insertFromMimeData(source.createMimeDataFromSelection())
    assert target.value() == mapped(*head, *mapped_parts(mapped(*pasted)), *tail)
    if mapped(*pasted) and not target.is_held:
        target.undo()
        assert target.value() == mapped(*before)


def mapped_parts(value: Mapped | str) -> tuple[Any, ...]:
    return value.parts if isinstance(value, Mapped) else (value,)


def test_a_long_text_with_pieces_is_held_with_them(stage: Stage) -> None:
    editor, text = shown(stage)
    value = mapped("x" * 60_000, NOW, "y")
    editor.show_value(value)
    assert text.is_held
    assert editor.value() == value


def test_showing_a_value_with_pieces_announces_nothing(stage: Stage) -> None:
    editor, _text = shown(stage)
    editor.edited.connect(lambda: pytest.fail("announced"))
    editor.show_value(mapped("a", NOW))
    editor.show_value("a{{now}}")
    assert editor.value() == "a{{now}}"
    editor.show_value(UNSET)


def test_a_line_with_a_piece_is_as_high_as_one_without(stage: Stage) -> None:
    editor, text = shown(stage)
    editor.show_value("now")
    height = text.height()
    editor.show_value(mapped(NOW))
    assert text.height() == height
    assert text.document().size().height() == 1


def test_a_screen_reader_is_told_of_the_pieces(stage: Stage) -> None:
    editor, text = shown(stage)
    editor.show_value(mapped("at ", NOW, " for ", ID))
    editor.describe("required")
    described = text.accessibleDescription()
    assert described == "required Reads: at, now, piece, for, last run › [0].id, piece."
    text.selectAll()
    press(text, Qt.Key.Key_Delete)
    assert text.accessibleDescription() == "required"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("now", "now"),
        ("random.email", "random email"),
        ("env.API_BASE", "API_BASE"),
        ("run:last.results[0].id", "last run › [0].id"),
        ("run:0123456789abcdef.results[0].id", "run 01234567 › [0].id"),
        ("run:last.inputs.name", "last run › inputs.name"),
        ("run:last", "last run › whole"),
    ],
)
def test_a_piece_has_a_short_name(expression: str, words: str) -> None:
    assert piece_words(expression) == words


# Cells


@pytest.mark.parametrize(
    ("field", "empty", "value"),
    [
        (InputField("f", value_type=ValueType.ARRAY), ["a"], [mapped("a", NOW)]),
        (InputField("f", value_type=ValueType.OBJECT), {"n": "a"}, {"n": mapped("a", NOW)}),
        (
            InputField("f", value_type=ValueType.ARRAY, items=ValueType.OBJECT),
            [{"n": "a"}],
            [{"n": mapped("a", NOW)}],
        ),
    ],
    ids=["list", "map", "rows"],
)
def test_a_cell_takes_pieces_and_enter_in_the_list_does_not_leave_it(
    stage: Stage, field: InputField, empty: Any, value: Any
) -> None:
    editor = make(field)
    assert isinstance(editor, GridEditor)
    stage.show(editor)
    editor.show_value(empty)
    column = editor.grid.model.columnCount() - 1
    editor.grid.view.edit_cell(0, column)
    cell = editor.grid.view.findChild(ExactText)
    assert cell is not None
    press(cell, Qt.Key.Key_End)
    QTest.keyClicks(cell, "{{no")
    press(cell, Qt.Key.Key_Return)
    assert cell.isVisible()
    assert editor.value() == value
    press(cell, Qt.Key.Key_Return)
    assert editor.value() == value
    editor.grid.grab()
    editor.grid.view.edit_cell(0, column)
    again = next(c for c in editor.grid.view.findChildren(ExactText) if c.isVisible())
    assert again.value() == mapped("a", NOW)


def test_a_value_that_is_no_longer_offered_says_why_where_it_is_pointed_at(stage: Stage) -> None:
    form = LocalForm([TYPED_IN["line"]])
    form.pieces = LocalPieces()  # type: ignore[assignment]  # the part that editors use
    source = PieceSource(context_of(form, settle))
    assert source.meaning(NOW) == VALUES["now"]
    assert "not a piece" in source.meaning(Piece("env.GONE"))


# The menu of a field


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        (InputField("f"), "a", mapped(NOW, "a")),
        (InputField("f", format=FieldFormat.SELECT), "a", mapped(NOW)),
        (InputField("f", value_type=ValueType.BOOLEAN), "true", mapped(NOW)),
        (InputField("f", value_type=ValueType.ARRAY), UNSET, [mapped(NOW)]),
    ],
    ids=["text", "choice", "boolean", "list"],
)
def test_the_menu_of_a_field_offers_pieces(
    stage: Stage, field: InputField, before: Any, after: Any
) -> None:
    form = LocalForm([field])
    form.pieces = LocalPieces()  # type: ignore[assignment]  # the part that editors use
    form.state.set("f", before)
    row = FieldRow(field, context_of(form, settle))
    row.edited.connect(form.edit)
    stage.show(row)
    row._state.open_menu()
    menu = row._state.findChild(QMenu)
    assert menu is not None
    next(a for a in menu.actions() if a.text() == "Insert a piece…").trigger()
    menu.close()
    text = next(t for t in row.findChildren(ExactText) if t.is_offering)
    QTest.keyClicks(text, "now")
    press(text, Qt.Key.Key_Return)
    assert form.state.value("f") == after


def test_a_password_takes_no_pieces(stage: Stage) -> None:
    field = InputField("f", format=FieldFormat.PASSWORD)
    row = FieldRow(field, context_of(LocalForm([field]), settle))
    stage.show(row)
    row._state.open_menu()
    menu = row._state.findChild(QMenu)
    assert menu is not None
    assert "Insert a piece…" not in [action.text() for action in menu.actions()]
    menu.close()


def test_a_list_with_pieces_is_not_offered_as_json(stage: Stage) -> None:
    field = InputField("f", value_type=ValueType.ARRAY)
    form = LocalForm([field])
    form.state.set("f", [mapped(NOW)])
    row = FieldRow(field, context_of(form, settle))
    stage.show(row)
    row._state.open_menu()
    menu = row._state.findChild(QMenu)
    assert menu is not None
    assert "Edit as JSON" not in [action.text() for action in menu.actions()]
    menu.close()

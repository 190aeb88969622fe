"""Colours of JSON and code: they are drawn, and never become part of the text."""

from __future__ import annotations

from time import process_time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.form_session import LocalForm, Stage, context_of
from zapdesk.domain.fields import FieldFormat, InputField
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.editors import CodeEditor
from zapdesk.ui.form.editors.code import CodeText
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.viewers.highlight import JsonHighlighter

pytestmark = pytest.mark.qt_log_ignore("does not support")


def colours(text: CodeText, theme: Theme) -> list[tuple[str, str]]:
    """Every coloured stretch with the token of its colour."""
    names = {theme.color(t).name(): t for t in ("muted", "text", "success", "accent", "unknown")}
    found = []
    block = text.document().begin()
    while block.isValid():
        for part in block.layout().formats():
            colour = part.format.foreground().color().name()
            found.append((block.text()[part.start : part.start + part.length], names[colour]))
        block = block.next()
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "if x: return 'a\\'b'  # why",
            [
                ("if", "unknown"),
                ("return", "unknown"),
                ("'a\\'b'", "success"),
                ("# why", "muted"),
            ],
        ),
        ("https://a.example/x", []),
        ("let y = 0x1F + 1.5e3; // z", [
            ("let", "unknown"), ("0x1F", "accent"), ("1.5e3", "accent"), ("// z", "muted"),
        ]),
        ("/* one\ntwo */ const", [("/* one", "muted"), ("two */", "muted"), ("const", "unknown")]),
        ('"""a\n# no\n""" 1', [
            ('"""a', "success"), ("# no", "success"), ('"""', "success"), ("1", "accent"),
        ]),
        ("<!-- <b> -->&#39;", [("<!-- <b> -->", "muted")]),
        ("iffy x1 returned", []),
    ],
)  # fmt: skip
def test_strings_numbers_comments_and_keywords_are_told_apart(
    theme: Theme, code: str, expected: list[tuple[str, str]]
) -> None:
    text = CodeText()
    text.show_text(code)
    assert colours(text, theme) == expected


def test_json_keys_are_told_from_texts(theme: Theme) -> None:
    text = CodeText((3, 9), JsonHighlighter)
    text.show_text('{"a": ["b", -0.10, true] }')
    assert colours(text, theme) == [
        ("{", "muted"), ('"a"', "text"), (":", "muted"), ("[", "muted"), ('"b"', "success"),
        (",", "muted"), ("-0.10", "accent"), (",", "muted"), ("true", "unknown"), ("]", "muted"),
        ("}", "muted"),
    ]  # fmt: skip


def test_typing_closes_a_comment_that_goes_over_lines(stage: Stage, theme: Theme) -> None:
    text = CodeText()
    stage.show(text)
    text.show_text("/* a\nreturn")
    assert ("return", "muted") in colours(text, theme)
    text.moveCursor(text.textCursor().MoveOperation.EndOfBlock)
    QTest.keyClicks(text, " */")
    assert ("return", "unknown") in colours(text, theme)


def test_another_theme_recolours_and_is_no_edit(stage: Stage, theme: Theme) -> None:
    field = InputField("f", "Code", format=FieldFormat.CODE)
    form = LocalForm([field])
    editor = CodeEditor(field, context_of(form))
    edits: list[None] = []
    editor.edited.connect(lambda: edits.append(None))
    code = "a\r\nreturn '\u2028\xa0'\n\ufeff# c\r"
    editor.show_value(code)
    stage.show(editor)
    before = theme.choice
    try:
        for scheme in ("dark", "light", "dark"):
            theme.choose(scheme)
            text = editor.text
            assert isinstance(text, CodeText)
            assert ("return", "unknown") in colours(text, theme)
    finally:
        theme.choose(before)
    assert edits == []
    assert editor.value() == code
    assert form.state.value("f") is UNSET


def test_code_in_an_editor_that_is_disabled_has_one_colour_and_is_no_edit(
    stage: Stage, theme: Theme
) -> None:
    text = CodeText()
    edits: list[None] = []
    text.edited.connect(lambda: edits.append(None))
    stage.show(text)
    text.show_text("return 1")
    text.setEnabled(False)
    assert colours(text, theme) == []
    text.setEnabled(True)
    assert colours(text, theme) == [("return", "unknown"), ("1", "accent")]
    assert edits == []


def test_tab_types_a_tab_and_the_documented_keys_leave(stage: Stage) -> None:
    field = InputField("f", "Code", format=FieldFormat.CODE)
    first, second = (CodeEditor(field, context_of(LocalForm([field]))) for _ in range(2))
    stage.show(first, second)
    first.describe("Help")
    said = first.text.accessibleDescription()
    for key, modifier, word in (
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, "Esc"),
        (Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier, "Ctrl+M"),
    ):
        first.text.setFocus()
        QTest.keyClick(first.text, Qt.Key.Key_Tab)
        assert first.text.hasFocus()
        QTest.keyClick(first.text, key, modifier)
        assert second.text.hasFocus()
        assert word in said
    assert first.value() == "\t\t"


@pytest.mark.parametrize("code", ['"' * 200_000, "/*" * 100_000, "a'\\" * 60_000, "\n" * 20_000])
def test_hostile_code_is_coloured_in_no_time(theme: Theme, code: str) -> None:
    text = CodeText()
    begin = process_time()
    text.show_text(code)
    assert process_time() - begin < 1.0
    assert text.exact_text() == code

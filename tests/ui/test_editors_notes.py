"""Dates, and notes from a server: text that is explained, never interpreted."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from tests.ui.form_session import LocalForm, Stage, context_of
from zapdesk.domain.fields import Choice, FieldFormat, InputField, ValueType
from zapdesk.domain.values import UNSET
from zapdesk.services.choices import ChoiceList
from zapdesk.ui.field_editors import (
    DateEditor,
    Editor,
    editor_class,
)
from zapdesk.ui.field_editors.date import meaning
from zapdesk.ui.field_editors.info import FoldedText, MarkdownText, plain_markdown
from zapdesk.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support")

V, F = ValueType, FieldFormat
LIST = InputField("f", "Tags", value_type=V.ARRAY)
MAP = InputField("f", "Headers", value_type=V.OBJECT)
SELECT = InputField("f", "Table", format=F.SELECT)
MULTI = InputField("f", "Members", value_type=V.ARRAY, format=F.SELECT)
FOUR = ChoiceList(
    (Choice("t1", "Customers"), Choice("t2", "Orders"), Choice("", "Nothing"), Choice("t4")),
    has_more=True,
)


@pytest.fixture(autouse=True)
def theme(qapp: Any) -> Theme:
    return qapp.findChild(Theme) or Theme(qapp, "light")


@pytest.fixture
def stage(theme: Theme) -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.close()


def make(field: InputField, value: Any = UNSET, choices: ChoiceList | None = None) -> Editor:
    form = LocalForm([field], {field.id: choices} if choices else None)
    if value is not UNSET:
        form.state.set(field.id, value)
    editor = editor_class(field, value)(field, context_of(form))
    editor.show_value(value)
    return editor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T18:00:00+01:00", "Monday, 23 November 2026, 17:00:00 UTC"),
        ("2026-11-23T18:00:00Z", "Monday, 23 November 2026, 18:00:00 UTC"),
        ("2026-11-23 18:00", "Sent as typed. Zapier decides what this means."),
        ("tomorrow 9am", "Sent as typed. Zapier decides what this means."),
        ("0001-01-01T00:00:00+14:00", "Sent as typed. Zapier decides what this means."),
    ],
)
def test_a_date_is_explained_only_where_it_is_certain(text: str, expected: str) -> None:
    assert meaning(text) == expected


def test_a_day_of_the_calendar_replaces_the_day_and_keeps_the_time(stage: Stage) -> None:
    editor = make(InputField("f", format=F.DATETIME), "2026-11-23T18:00Z")
    assert isinstance(editor, DateEditor)
    stage.show(editor)
    QTest.mouseClick(editor._button, Qt.MouseButton.LeftButton)
    calendar = QApplication.activePopupWidget()
    assert calendar is not None
    days = calendar.days  # type: ignore[attr-defined]  # the private popup of this editor
    QTest.keyClick(
        days.focusProxy() or days.findChild(QWidget, "qt_calendar_calendarview"), Qt.Key.Key_Right
    )
    QTest.keyClick(days.findChild(QWidget, "qt_calendar_calendarview"), Qt.Key.Key_Return)
    assert editor.value() == "2026-11-24T18:00Z"


@pytest.mark.parametrize(
    ("source", "text", "addresses"),
    [
        ("**bold** and *slanted* `code`", "bold and slanted code", []),
        ("see [the guide](https://a.example/x?y=1)", "see the guide", ["https://a.example/x?y=1"]),
        ("at https://a.example/x.", "at https://a.example/x.", ["https://a.example/x"]),
        (
            "<b>not bold</b> &amp; <img src=file:///x>",
            "<b>not bold</b> &amp; <img src=file:///x>",
            [],
        ),
        ("![logo](file:///etc/passwd)", "logo", []),
        ("snake_case_name * 2 * 3", "snake_case_name * 2 * 3", []),
        ("# Title\n\n\n- one\n* two", "Title\n• one\n• two", []),
        ("[run](javascript:alert(1))", "run)", ["javascript:alert(1"]),
    ],
)
def test_markdown_is_read_as_plain_text(source: str, text: str, addresses: list[str]) -> None:
    plain, links = plain_markdown(source)
    assert plain == text
    assert [link.address for link in links] == addresses


def test_a_link_of_a_note_goes_to_the_shell_only(stage: Stage) -> None:
    asked: list[str] = []
    note = MarkdownText(asked.append)
    note.set_markdown("[click](javascript:alert) <a href='file:///x'>x</a>")
    stage.show(note)
    for button in note.findChildren(QPushButton):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == ["javascript:alert"]
    for label in note.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_long_text_shows_three_lines_and_the_rest_on_demand(stage: Stage) -> None:
    text = FoldedText("word " * 400)
    stage.show(text)
    layout, more = text.layout(), text.findChild(QPushButton)
    assert layout is not None
    assert more is not None
    text.resize(400, layout.totalHeightForWidth(400))
    assert text.is_folded
    folded = layout.totalHeightForWidth(400)
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    assert layout.totalHeightForWidth(400) > 3 * folded
    assert text.text.count("word") == 400


@pytest.mark.parametrize("text", ["x" * 1_000_000, "[" * 100_000, "**a" * 50_000, "<b>" * 100_000])
def test_a_hostile_description_takes_no_time(stage: Stage, text: str) -> None:
    begin = process_time()
    note = MarkdownText(lambda _address: None)
    note.set_markdown(text)
    stage.show(note)
    note.grab()
    assert process_time() - begin < 0.5

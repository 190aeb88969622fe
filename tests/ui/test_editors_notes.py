"""Notes from a server: text that is read, never interpreted."""

from __future__ import annotations

from time import process_time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from tests.ui.form_session import Stage
from zapdesk.ui.form.editors.info import (
    FoldedText,
    Link,
    MarkdownText,
    link_words,
    plain_markdown,
)

pytestmark = [pytest.mark.qt_log_ignore("does not support"), pytest.mark.usefixtures("theme")]


def test_a_link_names_the_host_it_leads_to() -> None:
    guide = Link("the guide", "https://help.example.com/x")
    assert link_words(guide) == "the guide · help.example.com"
    assert link_words(Link("https://a.example/x", "https://a.example/x")) == "https://a.example/x"
    assert link_words(Link("zapier.com", "https://evil.example/")) == "zapier.com · evil.example"
    assert link_words(Link("odd", "https://[")) == "odd"


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

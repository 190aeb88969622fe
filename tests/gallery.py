"""Every part of the interface on one page, to be looked at: tests/tour.py saves a picture."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from zapdesk.paths import resource
from zapdesk.ui.look.metrics import XL, L, M, S
from zapdesk.ui.notices import Notice
from zapdesk.ui.parts import (
    KIND_WORDS,
    STATUS_LOOKS,
    Button,
    CheckBox,
    ComboBox,
    DisclosureButton,
    EmptyState,
    HLine,
    IconButton,
    IconLabel,
    KindTag,
    Monogram,
    PlainLabel,
    SearchBox,
    SectionHeader,
    SkeletonRows,
    StatusMark,
    ThinProgress,
)


def _row(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(S)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return holder


def _disabled(widget: QWidget) -> QWidget:
    widget.setEnabled(False)
    return widget


def _combo(*texts: str) -> ComboBox:
    combo = ComboBox("Table")
    combo.addItems(texts)
    return combo


def _check(text: str, *, on: bool = False) -> CheckBox:
    box = CheckBox(text)
    box.setChecked(on)
    return box


def _text(cls: type[QLineEdit | QPlainTextEdit], text: str, *, problem: bool = False) -> QWidget:
    editor = cls(text)
    editor.setProperty("problem", problem)
    if cls is QPlainTextEdit:
        editor.setFixedHeight(60)
    return editor


def _left() -> list[QWidget]:
    progress = ThinProgress("Loading apps")
    progress.set_progress(2, 5)
    return [
        PlainLabel("Tables › Create Row", size="title"),
        PlainLabel("Adds a row to a table.", tone="muted"),
        SectionHeader("BUTTONS", IconButton("refresh", "Refresh"), IconButton("more", "More")),
        _row(
            Button("Run", look="primary", icon="run"),
            Button("Body", icon="braces"),
            Button("Cancel", look="quiet"),
            Button("more", look="link"),
        ),
        _row(
            _disabled(Button("Run", look="primary", icon="run")),
            _disabled(Button("Body", icon="braces")),
            _disabled(Button("Cancel", look="quiet")),
        ),
        DisclosureButton("3 optional fields, 1 filled"),
        DisclosureButton("Technical detail", is_open=True),
        HLine(),
        SectionHeader("EDITORS"),
        SearchBox("Find an app or action…"),
        _text(QLineEdit, "Ada Lovelace"),
        _text(QLineEdit, "not a number", problem=True),
        _disabled(_text(QLineEdit, "cannot be changed")),
        _combo("Customers", "Orders"),
        _disabled(_combo("Expired connection")),
        _text(QPlainTextEdit, "Several lines\nof text"),
        _row(_check("Send now", on=True), _check("Quietly"), _disabled(_check("Fixed", on=True))),
        progress,
    ]


def _right() -> list[QWidget]:
    names = sorted(path.stem for path in resource("icons").glob("*.svg"))
    small, large = QWidget(), QWidget()
    for holder, size in ((small, 16), (large, 20)):
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(M)
        for number, name in enumerate(names):
            grid.addWidget(IconLabel(name, "text", size), number // 18, number % 18)
    apps = (("Tables", "#3F51D9"), ("mail", "#FFC83D"), ("Ünïcode", "#157A3E"), ("⚡", "bad"))
    return [
        SectionHeader("STATUS"),
        _row(*(StatusMark(status) for status in STATUS_LOOKS if status not in ("lost",))),
        _row(*(KindTag(kind) for kind in KIND_WORDS)),
        _row(*(Monogram(title, color, 24) for title, color in apps)),
        SectionHeader("ICONS"),
        small,
        large,
        SectionHeader("TEXT"),
        PlainLabel("Small, muted: a row id of 18 figures", size="small", tone="muted"),
        PlainLabel("rec_01HZX9 {'id': 42}", mono=True),
        PlainLabel("Hidden: \u202egnp.exe and \x07 bell"),
        PlainLabel("A text too long for the room there is " * 4, elide=True),
        Notice("info", "Showing what was saved 2 h ago.", "Refresh"),
        Notice("warning", "This runs for real and counts as a task."),
        Notice("error", "Slack refused the message: the channel is archived.", "Show"),
        EmptyState("No app matches 'xyz'.", "Check the spelling.", "Clear search", icon="search"),
        SkeletonRows(),
    ]


def gallery() -> QWidget:
    """All parts, in two columns."""
    page = QWidget()
    page.setProperty("ground", "surface")
    page.setWindowTitle("Parts")
    columns = QHBoxLayout(page)
    columns.setContentsMargins(XL, XL, XL, XL)
    columns.setSpacing(XL + L)
    for widgets in (_left(), _right()):
        column = QVBoxLayout()
        column.setSpacing(M)
        for widget in widgets:
            column.addWidget(widget)
        column.addStretch(1)
        columns.addLayout(column, 1)
    return page

"""The ground for dialogs that only tell something: title, text that can be read, Close."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from zapdesk.ui.bound_keys import BOUND, shown
from zapdesk.ui.fitting import FittingScroller, keep_on_screen
from zapdesk.ui.look.metrics import XL, XS, L, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, HLine, PlainLabel
from zapdesk.ui.shell.commands import Commands

_SHORTCUTS_WIDTH, _MOST_HEIGHT = 440, 560
_RUN = "run"
_IN_PLACE = {
    "In the browser": (
        ("Open the action in a new tab", _RUN),
        ("Back to the search", "Esc"),
    ),
    "In a form": (
        ("Find a field", "Ctrl+F"),
        ("Insert a piece, such as the time", "{{"),
        ("Open a list of choices", "Space"),
        ("Add a row", "Insert"),
        ("Move a row", "Alt+Up"),
    ),
    "In the history": (
        ("Show the run", "Enter"),
        ("Run again", _RUN),
        ("Pick several", "Shift+Down"),
        ("Pick all that the filter lets through", "Ctrl+A"),
        ("Pin", "Space"),
        ("Delete", "Del"),
        ("Undo", "Ctrl+Z"),
    ),
    "In the run detail": (
        ("Find", "Ctrl+F"),
        ("Next match", "F3"),
        ("Copy the value", "Ctrl+C"),
        ("Copy the path to it", "Ctrl+Shift+C"),
    ),
}
"""What keys do where they are pressed, beside the commands of the window; _RUN is one that does
something else there, by whatever keys it has."""


class Sheet(QDialog):
    """A dialog that is opened and closed, and deletes itself. It is never waited for in place."""

    def __init__(self, parent: QWidget, title: str, width: int) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{title} — zapdesk")
        self.setMinimumWidth(width)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(XL, XL, XL, L)
        self.column.setSpacing(S)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(S)
        self._buttons.addStretch(1)

    def add_button(self, button: Button) -> Button:
        self._buttons.insertWidget(0, button)
        return button

    def finish(self) -> None:
        """Put the row of buttons under what was added, and give Close the focus."""
        self.column.addSpacing(M)
        close = Button("Close")
        close.clicked.connect(self.accept)
        self._buttons.addWidget(close)
        self.column.addLayout(self._buttons)
        close.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for scroller in self.findChildren(FittingScroller):
            scroller.fit()
            self.adjustSize()
        keep_on_screen(self)


def scrolling(content: QWidget, height: int, name: str = "") -> QScrollArea:
    """``content`` with a scroll bar where it is higher than ``height`` pixels."""
    area = QScrollArea()
    area.setAccessibleName(name)
    area.setProperty("reads", bool(name))
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    area.setFixedHeight(min(height, content.sizeHint().height() + S))
    return area


def text_view(text: str, name: str) -> QPlainTextEdit:
    """Text to read and copy, in the monospaced font."""
    view = QPlainTextEdit(text)
    view.setReadOnly(True)
    view.setFont(theme().font("small", mono=True))
    view.setAccessibleName(name)
    view.setTabChangesFocus(True)
    return view


def shortcuts_sheet(parent: QWidget, commands: Commands) -> Sheet:
    """Every command that has a key and works, and what keys do in the areas of the window."""
    sheet = Sheet(parent, "Keyboard shortcuts", _SHORTCUTS_WIDTH)
    sheet.column.addWidget(PlainLabel("Keyboard shortcuts", size="title", bold=True))
    sheet.column.addSpacing(S)
    table = QWidget()
    column = QVBoxLayout(table)
    column.setContentsMargins(XS, XS, M, XS)  # clear of the ring of the focus
    column.setSpacing(M)
    everywhere = [(action.text(), BOUND.words(action.objectName())) for action in commands.bound()]
    column.addLayout(_key_grid(everywhere))
    for title, keys in _IN_PLACE.items():
        column.addSpacing(M)
        column.addWidget(PlainLabel(title, bold=True))
        column.addLayout(_key_grid([(text, _words(key)) for text, key in keys]))
    width = _SHORTCUTS_WIDTH - 2 * XL
    sheet.column.addWidget(FittingScroller(table, width, most=_MOST_HEIGHT, name="Shortcuts"))
    sheet.finish()
    return sheet


def _words(key: str) -> str:
    return BOUND.words(_RUN) if key == _RUN else shown((key,)) or key


def _key_grid(rows: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(XL)
    grid.setVerticalSpacing(M)
    grid.setColumnStretch(0, 1)
    for row, (text, keys) in enumerate((text, keys) for text, keys in rows if keys):
        if row:
            grid.addWidget(HLine(), 2 * row - 1, 0, 1, 2)
        grid.addWidget(PlainLabel(text), 2 * row, 0)
        key_label = PlainLabel(keys, tone="muted", mono=True)
        grid.addWidget(key_label, 2 * row, 1, Qt.AlignmentFlag.AlignRight)
    return grid

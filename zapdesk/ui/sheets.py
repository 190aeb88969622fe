"""The ground for dialogs that only tell something: title, text that can be read, Close."""

from __future__ import annotations

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

from zapdesk.ui.fitting import FittingScroller, keep_on_screen
from zapdesk.ui.look.metrics import XL, L, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import Button, HLine, PlainLabel
from zapdesk.ui.shell.commands import Commands

_SHORTCUTS_WIDTH, _MOST_HEIGHT = 440, 560


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
    """Every command that has a key and works."""
    sheet = Sheet(parent, "Keyboard shortcuts", _SHORTCUTS_WIDTH)
    sheet.column.addWidget(PlainLabel("Keyboard shortcuts", size="title", bold=True))
    sheet.column.addSpacing(S)
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, M, 0)
    grid.setHorizontalSpacing(XL)
    grid.setVerticalSpacing(M)
    grid.setColumnStretch(0, 1)
    right = Qt.AlignmentFlag.AlignRight
    row = 0
    for action in commands.bound():
        if action.shortcuts():
            if row:
                grid.addWidget(HLine(), 2 * row - 1, 0, 1, 2)
            keys = action.shortcuts()[0].toString(action.shortcut().SequenceFormat.NativeText)
            grid.addWidget(PlainLabel(action.text()), 2 * row, 0)
            key_label = PlainLabel(keys.replace("Return", "Enter"), tone="muted", mono=True)
            grid.addWidget(key_label, 2 * row, 1, right)
            row += 1
    width = _SHORTCUTS_WIDTH - 2 * XL
    sheet.column.addWidget(FittingScroller(table, width, most=_MOST_HEIGHT, name="Shortcuts"))
    sheet.finish()
    return sheet

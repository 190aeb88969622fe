"""CommandKeys: a key of a command works wherever the focus is in the window.

Text boxes take some keys for editing before any shortcut gets them, on X11 Ctrl+E, Ctrl+K, Ctrl+U
and Ctrl+D too. The keys that every system edits with stay theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from zapdesk.ui.shell.commands import Commands

_EDITING = {
    Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_X, Qt.Key.Key_Y, Qt.Key.Key_Z,
}  # fmt: skip


class CommandKeys(QObject):
    """Watches the text box of ``window`` that has the focus, and no other object."""

    def __init__(self, window: QWidget, commands: Commands) -> None:
        super().__init__(window)
        self._window, self._commands = window, commands
        self._box: QWidget | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication), "a window has one"
        app.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ShortcutOverride or not self._is_command(event):
            return False
        event.ignore()  # the box does not want it: it is a shortcut
        return True

    def _follow(self, _before: QWidget | None, box: QWidget | None) -> None:
        if self._box is not None and isValid(self._box):
            self._box.removeEventFilter(self)
        is_text = isinstance(box, QLineEdit | QTextEdit | QPlainTextEdit)
        self._box = box if is_text and box is not None and box.window() is self._window else None
        if self._box is not None:
            self._box.installEventFilter(self)

    def _is_command(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() in _EDITING:
            return False
        is_letter = Qt.Key.Key_A <= event.key() <= Qt.Key.Key_Z
        if not is_letter or event.modifiers() != Qt.KeyboardModifier.ControlModifier:
            return False
        key = QKeySequence(event.keyCombination())
        return any(a.isEnabled() and key in a.shortcuts() for a in self._commands.bound())

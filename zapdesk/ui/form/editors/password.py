"""PasswordLine: a masked line; the eye shows it until the focus leaves."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QClipboard, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit

from zapdesk.ui.clipboard import HINT, copy_secret
from zapdesk.ui.form.editors.clipboard import pasted_text
from zapdesk.ui.form.editors.exact_text import has_stand_ins, into_qt, out_of_qt
from zapdesk.ui.look.theme import theme

_NO_LIMIT = 2**31 - 1  # QLineEdit cuts at 32,767 characters unless told otherwise


class PasswordLine(QLineEdit):
    """One line, masked; every character is kept as it was typed or pasted."""

    def __init__(self) -> None:
        super().__init__()
        self._lends = False
        self.setMaxLength(_NO_LIMIT)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = self.addAction(theme().icon("eye"), QLineEdit.ActionPosition.TrailingPosition)
        self._eye.setText("Show the password")
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._reveal)
        self._reveal(False)

    def exact_text(self) -> str:
        """What was typed."""
        return out_of_qt(self.text()) if self._lends else self.text()

    def show_text(self, text: str) -> None:
        """Hold ``text`` from now on."""
        if text != self.exact_text():
            self._lends = not has_stand_ins(text)
            self.setText(into_qt(text) if self._lends else text)

    def set_open(self, is_open: bool) -> None:
        """Let what is typed be seen, because it is no secret, or mask it again."""
        self._eye.setChecked(False)
        self._eye.setVisible(not is_open)
        self.setEchoMode(QLineEdit.EchoMode.Normal if is_open else QLineEdit.EchoMode.Password)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            text = pasted_text(QApplication.clipboard().mimeData())
            self._lends = not has_stand_ins(self.text() + text)
            self.insert(into_qt(text) if self._lends else text)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self._eye.setChecked(False)

    def _reveal(self, is_shown: bool) -> None:
        mode = QLineEdit.EchoMode
        clipboard = QApplication.clipboard()
        if is_shown:
            clipboard.changed.connect(self._on_copied)
        elif self.echoMode() is mode.Normal:
            clipboard.changed.disconnect(self._on_copied)
        self.setEchoMode(mode.Normal if is_shown else mode.Password)
        self._eye.setIcon(theme().icon("eye-off" if is_shown else "eye"))
        self._eye.setToolTip("Hide" if is_shown else "Show until this field is left")

    def _on_copied(self, mode: QClipboard.Mode) -> None:
        # Keys, menu and mouse all copy; while it is masked Qt lets none of them do it.
        clipboard, text = QApplication.clipboard(), self.selectedText()
        if text and clipboard.text(mode) == text and not clipboard.mimeData(mode).hasFormat(HINT):
            copy_secret(text, mode)

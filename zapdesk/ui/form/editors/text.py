"""Text: a line, several lines, numbers, passwords. Every one keeps the exact text."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QClipboard, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from zapdesk.domain.fields import InputField
from zapdesk.domain.pieces import Mapped
from zapdesk.domain.values import UNSET, as_text
from zapdesk.ui.clipboard import HINT, copy_secret
from zapdesk.ui.form.editors.base import Editor, FormContext
from zapdesk.ui.form.editors.clipboard import pasted_text
from zapdesk.ui.form.editors.exact_text import (
    ExactText,
    has_stand_ins,
    into_qt,
    out_of_qt,
)
from zapdesk.ui.form.pieces.source import PieceSource
from zapdesk.ui.look.theme import theme
from zapdesk.ui.plain_text import one_line

_NO_LIMIT = 2**31 - 1  # QLineEdit cuts at 32,767 characters unless told otherwise


def is_single(value: Any) -> bool:
    """Whether a value is one text, number or truth value."""
    return not isinstance(value, (list, dict))


def shown(value: Any) -> Mapped | str:
    """A single value as a text editor shows it."""
    if value is UNSET or value is None:
        return ""
    return value if isinstance(value, Mapped) else as_text(value)


def placeholder(field: InputField, value: Any) -> str:
    """What an empty editor says of its value."""
    if value is None:
        return "null"
    return one_line(field.placeholder, 200) if value is UNSET else "empty text"


class TextEditor(Editor):
    """One line; it grows when a text with line ends is pasted."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self.text = self._make_text()
        self.text.offer_pieces(PieceSource(context))
        self.text.edited.connect(self.edited)
        self.text.finished.connect(self.finished)
        self._column.addWidget(self.text)
        self._value: Any = UNSET
        self.set_field(field)

    def _make_text(self) -> ExactText:
        return ExactText(is_line=True)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return is_single(value)

    def value(self) -> Any:
        # Text that was deleted is not sent; empty text is sent where it was asked for.
        return self.text.value() or UNSET

    def show_value(self, value: Any) -> None:
        self._value = value
        self.text.show_text(shown(value))
        self.text.setPlaceholderText(placeholder(self.field, value))

    def set_field(self, field: InputField) -> None:
        super().set_field(field)
        self.text.setPlaceholderText(placeholder(field, self._value))

    def inputs(self) -> list[QWidget]:
        return [self.text]

    @property
    def takes_pieces(self) -> bool:
        return not self.text.is_held

    def choose_piece(self, *, instead: bool = False) -> None:
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.text.choose_piece(instead=instead)


class MultiLineEditor(TextEditor):
    """Several lines."""

    def _make_text(self) -> ExactText:
        return ExactText(lines=(3, 12))


class PasswordEditor(Editor):
    """Masked; the eye shows it until the focus leaves."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self.line = _PasswordLine()
        self.line.textEdited.connect(self._on_edited)
        self.line.editingFinished.connect(self.finished)
        self._column.addWidget(self.line)
        self.set_field(field)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        # A piece among dots could not be told from what it is not.
        return is_single(value) and not isinstance(value, Mapped)

    def value(self) -> Any:
        return self.line.exact_text() or UNSET

    def _on_edited(self) -> None:
        self.edited.emit()

    def show_value(self, value: Any) -> None:
        self.line.show_text("" if value is UNSET or value is None else as_text(value))
        self.line.setPlaceholderText(placeholder(self.field, value))

    def inputs(self) -> list[QWidget]:
        return [self.line]


class _PasswordLine(QLineEdit):
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
        return out_of_qt(self.text()) if self._lends else self.text()

    def show_text(self, text: str) -> None:
        if text != self.exact_text():
            self._lends = not has_stand_ins(text)
            self.setText(into_qt(text) if self._lends else text)

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

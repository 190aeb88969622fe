"""Text: a line, several lines, numbers, passwords. Every one keeps the exact text."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from zapdesk.domain.fields import InputField
from zapdesk.domain.pieces import Mapped
from zapdesk.domain.values import UNSET, as_text
from zapdesk.ui.form.editors.base import Editor, FormContext
from zapdesk.ui.form.editors.exact_text import (
    ExactText,
)
from zapdesk.ui.form.editors.password import PasswordLine
from zapdesk.ui.form.pieces.source import PieceSource
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
        self.line = PasswordLine()
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

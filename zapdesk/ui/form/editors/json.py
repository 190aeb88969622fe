"""JSON: the floor. Whatever nothing else can edit is edited here."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from zapdesk.domain.fields import InputField
from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.pieces import resolved
from zapdesk.domain.values import UNSET
from zapdesk.errors import InvalidInput
from zapdesk.ui.form.editors.base import Editor, FormContext
from zapdesk.ui.form.editors.code import CodeText
from zapdesk.ui.viewers.highlight import JsonHighlighter


class JsonEditor(Editor):
    """Any value as JSON. Text that is no JSON is kept and said to be none."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self.text = CodeText((3, 16), JsonHighlighter)
        self.text.edited.connect(self._on_edited)
        self.text.finished.connect(self.finished)
        self._value: Any = UNSET
        self._column.addWidget(self.text)
        self.set_field(field)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return True

    def value(self) -> Any:
        return self._value

    def show_value(self, value: Any) -> None:
        self._value = value
        self.trouble = ""
        self.text.show_text("" if value is UNSET else written(value))

    def inputs(self) -> list[QWidget]:
        return [self.text]

    def _on_edited(self) -> None:
        text = self.text.exact_text()
        try:
            self._value = read_json(text) if text.strip() else UNSET
            self.trouble = ""
        except InvalidInput as error:
            self.trouble = f"{error.title} {error.detail}".strip()
        self.edited.emit()


def written(value: Any) -> str:
    """The text that stands for a value that is sent."""
    # Pieces come here only where no editor can mark them; they are then seen as they are written.
    return write_json(resolved(value, lambda piece: piece.text), 2).decode()

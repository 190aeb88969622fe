"""The editors of fields, and the table from which they are picked.

Looked up by (value type, format, type of the items); ``None`` stands for any. A value that the
editor of its field cannot show without loss is edited as text or as JSON, so no definition and no
value can break a form.
"""

from __future__ import annotations

from typing import Any

from zapdesk.domain.fields import FieldFormat, InputField, ValueType
from zapdesk.domain.pieces import pieces_in
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.editors.base import Editor, FormContext
from zapdesk.ui.form.editors.boolean import BooleanEditor
from zapdesk.ui.form.editors.choice import ChoiceEditor, MultiChoiceEditor
from zapdesk.ui.form.editors.code import CodeEditor
from zapdesk.ui.form.editors.date import DateEditor
from zapdesk.ui.form.editors.file import FileEditor
from zapdesk.ui.form.editors.json import JsonEditor
from zapdesk.ui.form.editors.lists import ListEditor
from zapdesk.ui.form.editors.mapping import LineItemsEditor, MappingEditor, ObjectRowsEditor
from zapdesk.ui.form.editors.text import MultiLineEditor, PasswordEditor, TextEditor

__all__ = [
    "EDITORS",
    "BooleanEditor",
    "ChoiceEditor",
    "CodeEditor",
    "DateEditor",
    "Editor",
    "FileEditor",
    "FormContext",
    "JsonEditor",
    "LineItemsEditor",
    "ListEditor",
    "MappingEditor",
    "MultiChoiceEditor",
    "MultiLineEditor",
    "ObjectRowsEditor",
    "PasswordEditor",
    "TextEditor",
    "editor_class",
]

_PLAIN = frozenset({TextEditor, MultiLineEditor, CodeEditor, DateEditor})
"""What shows a sensitive value to whoever looks on."""

_Key = tuple[ValueType | None, FieldFormat | None, ValueType | None]

EDITORS: tuple[tuple[_Key, type[Editor]], ...] = (
    ((ValueType.ARRAY, None, ValueType.OBJECT), ObjectRowsEditor),
    ((ValueType.ARRAY, FieldFormat.SELECT, None), MultiChoiceEditor),
    ((ValueType.ARRAY, None, None), ListEditor),
    ((ValueType.OBJECT, None, None), MappingEditor),
    ((None, FieldFormat.SELECT, None), ChoiceEditor),
    ((None, FieldFormat.PASSWORD, None), PasswordEditor),
    ((ValueType.BOOLEAN, None, None), BooleanEditor),
    ((None, FieldFormat.CODE, None), CodeEditor),
    ((None, FieldFormat.MULTILINE, None), MultiLineEditor),
    ((None, FieldFormat.DATETIME, None), DateEditor),
    ((None, FieldFormat.FILE, None), FileEditor),
    ((None, None, None), TextEditor),
)
"""The first row that fits wins."""


def editor_class(field: InputField, value: Any = UNSET) -> type[Editor]:
    """The editor for a field that holds ``value``."""
    fitting = next(editor for key, editor in EDITORS if _is_for(key, field))
    if field.is_sensitive and fitting in _PLAIN:
        fitting = PasswordEditor
    if value is UNSET or value is None or fitting.can_show(value):
        return fitting
    takes_text = field.value_type not in {ValueType.ARRAY, ValueType.OBJECT}
    if takes_text and TextEditor.can_show(value):
        return TextEditor
    # JSON cannot mark a piece, so a list with some is edited as a list.
    has_pieces = any(True for _ in pieces_in(value))
    return ListEditor if has_pieces and ListEditor.can_show(value) else JsonEditor


def _is_for(key: _Key, field: InputField) -> bool:
    wanted = (field.value_type, field.format, field.items)
    return all(part is None or part is own for part, own in zip(key, wanted, strict=True))

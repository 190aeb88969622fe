"""An editor of one field, without a form around it, and fields with choices for it."""

from __future__ import annotations

from typing import Any

from tests.ui.form_session import LocalForm, context_of
from zapdesk.domain.fields import Choice, FieldFormat, InputField, ValueType
from zapdesk.domain.values import UNSET
from zapdesk.services.choices import ChoiceList
from zapdesk.ui.form.editors import Editor, editor_class

SELECT = InputField("f", "Table", format=FieldFormat.SELECT)
MULTI = InputField("f", "Members", value_type=ValueType.ARRAY, format=FieldFormat.SELECT)
FOUR = ChoiceList(
    (Choice("t1", "Customers"), Choice("t2", "Orders"), Choice("", "Nothing"), Choice("t4")),
    has_more=True,
)


def make(field: InputField, value: Any = UNSET, choices: ChoiceList | None = None) -> Editor:
    form = LocalForm([field], {field.id: choices} if choices else None)
    if value is not UNSET:
        form.state.set(field.id, value)
    editor = editor_class(field, value)(field, context_of(form))
    editor.show_value(value)
    return editor

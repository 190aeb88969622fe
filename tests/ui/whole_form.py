"""A whole form of fields that are given: shown, made to its last row, and looked into."""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time
from typing import Any

from PySide6.QtWidgets import QApplication, QLabel

from tests.ui.form_session import LocalForm, context_of
from zapdesk.domain.fields import FormNode, InputField
from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.editors.exact_text import ExactText
from zapdesk.ui.form.editors.row import FieldRow


def field(id: str, **changes: Any) -> InputField:
    return InputField(id, id.capitalize(), **changes)


def required(id: str, **changes: Any) -> InputField:
    return field(id, is_required=True, **changes)


def show(form: ActionForm, nodes: Sequence[FormNode], **options: Any) -> LocalForm:
    session = LocalForm(nodes, **options)
    form.set_context(context_of(session))
    finish(form)
    return session


def finish(form: ActionForm) -> float:
    """Let the form make all its rows; the longest step in seconds."""
    longest = 0.0
    for _ in range(20_000):
        begin = process_time()  # others use this machine too
        QApplication.processEvents()
        longest = max(longest, process_time() - begin)
        if form.is_complete:
            return longest
    raise AssertionError("the form is never done")


def row(form: ActionForm, field_id: str) -> FieldRow:
    found = form.row(field_id)
    assert isinstance(found, FieldRow)
    return found


def text_of(form: ActionForm, field_id: str) -> ExactText:
    found = row(form, field_id).editor.findChild(ExactText)
    assert found is not None
    return found


def titles(form: ActionForm) -> list[str]:
    rows = [w for w in form.findChildren(FieldRow) if w.isVisibleTo(form)]
    return [w.field.id for w in sorted(rows, key=lambda w: w.y())]


def shown_text(form: ActionForm) -> str:
    return "\n".join(w.text() for w in form.findChildren(QLabel) if w.isVisibleTo(form))

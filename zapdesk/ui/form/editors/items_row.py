"""A fieldset of lists, shown as one table of line items."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.domain.fields import Fieldset, InputField, ValueType
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.editors import FormContext, LineItemsEditor
from zapdesk.ui.form.editors.info import FoldedText
from zapdesk.ui.form.editors.problem_line import ProblemLine, announce
from zapdesk.ui.look.metrics import XS, L
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.plain_text import one_line

HINT = "Each row is one item; every column goes out as a list of the same length."


def line_item_fields(fieldset: Fieldset) -> tuple[InputField, ...]:
    """The columns of a fieldset that is offered as rows; empty where it is an ordinary group."""
    columns = tuple(node for node in fieldset.fields if isinstance(node, InputField))
    fits = len(columns) == len(fieldset.fields) and all(
        field.value_type is ValueType.ARRAY and field.items is not ValueType.OBJECT
        for field in columns
    )
    return columns if fits else ()


class LineItemsRow(QWidget):
    """The table with its title. ``edited`` gives the id of one list and its new value."""

    edited = Signal(str, object)
    finished = Signal(str)

    def __init__(self, fieldset: Fieldset, context: FormContext) -> None:
        super().__init__()
        self.fields = line_item_fields(fieldset)
        self._context = context
        self._problem = ProblemLine()
        self._problems: dict[str, str] = {}
        title = FoldedText(fieldset.title or fieldset.id, bold=True)
        self.editor = LineItemsEditor(self.fields, context)
        self.editor.edited.connect(self._on_edited)
        self.editor.finished.connect(self._on_finished)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, L)
        column.setSpacing(XS)
        for widget in (
            title,
            self.editor,
            self._problem,
            PlainLabel(HINT, size="small", tone="muted", wrap=True),
        ):
            column.addWidget(widget)
        self._shown: dict[str, Any] = {}
        self.refresh()

    @property
    def trouble(self) -> str:
        """Why what stands in the table is no value."""
        return self.editor.trouble

    def refresh(self) -> None:
        """Show the lists the form holds, where they are not those that were typed here."""
        held = {f.id: self._context.session.state.value(f.id) for f in self.fields}
        if held != self._shown:
            self._shown = held
            self.editor.show_value(held)
            # Values that are no lists stay as they are; the problem under the table says so.
            self.editor.setEnabled(self.editor.can_show(held))

    def show_choices(self) -> None:
        self.editor.show_choices()

    def show_problem_of(self, field_id: str, text: str) -> None:
        """Show what is wrong with one of the lists."""
        self._problems[field_id] = text
        names = {field.id: one_line(field.name, 60) for field in self.fields}
        lines = [
            told if told.startswith(names[i]) else f"{names[i]}: {told}"
            for i, told in self._problems.items()
            if told
        ]
        if self._problem.show_text("\n".join(lines)):
            self.editor.set_problem(bool(lines))
            self.editor.describe(" ".join(lines))
            if lines:
                announce(self.editor.inputs()[0], " ".join(lines))

    def focus_editor(self) -> None:
        self.editor.focus_first()

    def _on_edited(self) -> None:
        for field_id, value in self.editor.value().items():
            if self._shown.get(field_id, UNSET) != value:
                self._shown[field_id] = value
                self.edited.emit(field_id, value)

    def _on_finished(self) -> None:
        for field in self.fields:
            self.finished.emit(field.id)

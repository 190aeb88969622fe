"""ARRAY: a list of single values."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from zapdesk.domain.fields import InputField
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.editors.base import Editor, FormContext
from zapdesk.ui.form.editors.grid import Grid
from zapdesk.ui.form.editors.text import is_single
from zapdesk.ui.form.pieces.source import PieceSource

_LINE_END = re.compile("\r\n|[\n\r]")


def lines_of(text: str) -> list[str]:
    """The lines of a pasted text; a line end at its very end begins no further line."""
    lines = _LINE_END.split(text)
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


class GridEditor(Editor):
    """An editor whose value is a table of single values."""

    def __init__(self, field: InputField, context: FormContext, grid: Grid) -> None:
        super().__init__(field, context)
        self.grid = grid
        self._column.addWidget(grid)
        grid.view.offer_pieces(PieceSource(context))
        grid.model.edited.connect(self._on_edited)
        grid.rows_wanted.connect(self._add)
        grid.lines_pasted.connect(self._paste)
        self._finish_when_left(grid.view)
        self.set_field(field)

    def inputs(self) -> list[QWidget]:
        return [self.grid.view]

    def focus_first(self) -> None:
        if self.grid.model.rowCount():
            super().focus_first()
        else:  # a row is a value that is sent: only a person adds it
            self.grid.add_button.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def takes_pieces(self) -> bool:
        return bool(self.grid.model.columns)

    def choose_piece(self, *, instead: bool = False) -> None:
        if not self.grid.view.currentIndex().isValid():
            self._add()
        self.grid.view.choose_piece()

    def new_row(self) -> list[Any]:
        """What a row holds before anything is put there."""
        return [UNSET] * len(self.grid.model.columns)

    def pasted_rows(self, text: str) -> list[list[Any]]:
        """The rows that a pasted text stands for."""
        raise NotImplementedError

    def _add(self) -> None:
        model = self.grid.model
        model.insert(model.rowCount(), [self.new_row()])
        self.grid.view.setFocus()
        self.grid.view.edit_cell(model.rowCount() - 1)

    def _paste(self, text: str) -> None:
        if text:
            place = self.grid.view.currentIndex().row() + 1 or self.grid.model.rowCount()
            self.grid.model.insert(place, self.pasted_rows(text))
            self.finished.emit()

    def _on_edited(self) -> None:
        self.edited.emit()


class ListEditor(GridEditor):
    """A list of texts, numbers or truth values, one row each."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        grid = Grid("Add a value", has_lines=True)
        grid.model.show_rows(["Value"], [])
        grid.view.horizontalHeader().hide()
        super().__init__(field, context, grid)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return isinstance(value, list) and all(is_single(item) for item in value)

    def value(self) -> Any:
        return [row[0] for row in self.grid.model.rows] or UNSET

    def show_value(self, value: Any) -> None:
        items = value if isinstance(value, list) else []
        self.grid.model.show_rows(["Value"], [[item] for item in items])

    def new_row(self) -> list[Any]:
        return [""]

    def pasted_rows(self, text: str) -> list[list[Any]]:
        return [[line] for line in lines_of(text)]

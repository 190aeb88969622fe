"""OBJECT as names with values, ARRAY of OBJECT as rows, line items as lists side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zapdesk.domain.fields import InputField
from zapdesk.domain.values import UNSET, as_text
from zapdesk.ui.form.editors.base import FormContext
from zapdesk.ui.form.editors.grid import Grid
from zapdesk.ui.form.editors.lists import GridEditor, lines_of
from zapdesk.ui.form.editors.text import is_single
from zapdesk.ui.plain_text import one_line


def _cells(text: str, width: int) -> list[list[Any]]:
    # What spreadsheets put on the clipboard: lines of cells with tabs between them.
    rows = []
    for line in lines_of(text):
        cells: list[Any] = [*line.split("\t")]
        rows.append((cells + [UNSET] * width)[:width])
    return rows


class MappingEditor(GridEditor):
    """A map of names to single values."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        grid = Grid("Add a value")
        grid.model.show_rows(["Name", "Value"], [])
        super().__init__(field, context, grid)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return isinstance(value, dict) and all(is_single(item) for item in value.values())

    def value(self) -> Any:
        return {
            "" if name is UNSET else as_text(name): "" if value is UNSET else value
            for name, value in self._filled()
        } or UNSET

    def show_value(self, value: Any) -> None:
        pairs = value.items() if isinstance(value, dict) else ()
        self.trouble = ""
        self.grid.model.show_rows(["Name", "Value"], [list(pair) for pair in pairs])

    def pasted_rows(self, text: str) -> list[list[Any]]:
        return _cells(text, 2)

    def _filled(self) -> list[list[Any]]:
        return [row for row in self.grid.model.rows if row[0] is not UNSET or row[1] is not UNSET]

    def _on_edited(self) -> None:
        names = [row[0] for row in self._filled()]
        if UNSET in names:
            self.trouble = "A value has no name."
        else:
            twice = next((name for name in names if names.count(name) > 1), None)
            self.trouble = (
                ""
                if twice is None
                else f"The name '{one_line(as_text(twice), 60)}' is there twice."
            )
        super()._on_edited()


class ObjectRowsEditor(GridEditor):
    """A list of maps: a row for each, a column for every name that occurs."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context, Grid("Add a row", has_free_columns=True))
        self.grid.column_named.connect(self._add_column)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return isinstance(value, list) and all(MappingEditor.can_show(item) for item in value)

    def value(self) -> Any:
        model = self.grid.model
        return [
            {n: c for n, c in zip(model.columns, row, strict=True) if c is not UNSET}
            for row in model.rows
        ] or UNSET

    def show_value(self, value: Any) -> None:
        items: list[Mapping[str, Any]] = value if isinstance(value, list) else []
        names = list(dict.fromkeys(name for item in items for name in item))
        columns = names or self.grid.model.columns
        self.grid.model.show_rows(
            columns, [[item.get(name, UNSET) for name in columns] for item in items]
        )

    def pasted_rows(self, text: str) -> list[list[Any]]:
        return _cells(text, len(self.grid.model.columns))

    def _add(self) -> None:
        if self.grid.model.columns:
            super()._add()
        else:
            self.grid.ask_for_column()

    def _add_column(self, name: str) -> None:
        model = self.grid.model
        if name not in model.columns:
            model.add_column(name)
        if not model.rows:
            model.insert(0, [self.new_row()])
        self.grid.view.edit_cell(
            max(0, self.grid.view.currentIndex().row()), model.columns.index(name)
        )


class LineItemsEditor(GridEditor):
    """The lists of a fieldset side by side; every row is one item. Its value maps field ids."""

    def __init__(self, fields: Sequence[InputField], context: FormContext) -> None:
        self.fields = tuple(fields)
        super().__init__(self.fields[0], context, Grid("Add a row"))
        self.grid.model.show_rows([field.name for field in self.fields], [])

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return isinstance(value, dict) and all(
            isinstance(items, list) and all(is_single(item) for item in items)
            for items in value.values()
            if items is not UNSET and items is not None
        )

    def value(self) -> dict[str, Any]:
        """By field id: lists of one length, or UNSET where no row has anything."""
        found: dict[str, Any] = {}
        for number, field in enumerate(self.fields):
            cells = [row[number] for row in self.grid.model.rows]
            is_used = any(cell is not UNSET for cell in cells)
            found[field.id] = ["" if c is UNSET else c for c in cells] if is_used else UNSET
        return found

    def show_value(self, value: Any) -> None:
        lists = [
            items if isinstance(items := value.get(field.id), list) else [] for field in self.fields
        ]
        length = max(map(len, lists), default=0)
        rows = [[items[n] if n < len(items) else UNSET for items in lists] for n in range(length)]
        self.grid.model.show_rows([field.name for field in self.fields], rows)

    def pasted_rows(self, text: str) -> list[list[Any]]:
        return _cells(text, len(self.fields))

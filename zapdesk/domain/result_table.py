"""Results as tables: lists of objects with a column for each of their names.

Names of objects inside a row become columns of their own, two levels deep; columns come in the
order in which they are met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from zapdesk.domain.result_values import Path, path_text, value_text

MOST_COLUMNS = 400
_DEEPEST = 3
_MOST_TABLES = 50
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Missing:
    """What stands where a row has nothing."""

    _only: Missing | None = None

    def __new__(cls) -> Missing:
        """The one there is, in every process."""
        cls._only = cls._only or super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects at ``path``. Each row has a value or MISSING for each column.

    ``is_cut``: there are more columns than are told.
    """

    path: Path
    columns: tuple[Path, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool = False

    @property
    def titles(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(path_text(column) for column in self.columns)


def tables_in(value: Any) -> tuple[Path, ...]:
    """Where lists of objects stand, those nearest to the top first."""
    found: list[Path] = []
    level: list[tuple[Path, Any]] = [((), value)]
    while level and len(found) < _MOST_TABLES:
        below: list[tuple[Path, Any]] = []
        for path, item in level:
            if isinstance(item, list):
                if item and all(isinstance(row, dict) for row in item):
                    found.append(path)
                below += [((*path, n), row) for n, row in enumerate(item[:_MOST_TABLES])]
            elif isinstance(item, dict):
                below += [((*path, name), inner) for name, inner in item.items()]
        level = [(path, item) for path, item in below if isinstance(item, (dict, list))]
    return tuple(found[:_MOST_TABLES])


def make_table(value: Any, path: Path = ()) -> Table | None:
    """The list at ``path`` as a table; ``None`` where there is none."""
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return None
    columns: dict[Path, int] = {}
    cells: list[dict[Path, Any]] = []
    is_cut = False
    for row in value:
        found = dict(_cells(row, ()))
        for column in found:
            if column not in columns:
                if len(columns) == MOST_COLUMNS:
                    is_cut = True
                    continue
                columns[column] = len(columns)
        cells.append(found)
    rows = tuple(tuple(found.get(column, MISSING) for column in columns) for found in cells)
    return Table(path, tuple(columns), rows, is_cut)


def _cells(row: dict[str, Any], path: Path) -> Iterator[tuple[Path, Any]]:
    for name, value in row.items():
        if isinstance(value, dict) and value and len(path) < _DEEPEST - 1:
            yield from _cells(value, (*path, name))
        else:
            yield (*path, name), value


def cell_text(value: Any) -> str:
    """A cell as it is read: empty where there is nothing, ``null`` where null was sent."""
    return "" if value is MISSING else value_text(value)


def tab_separated(table: Table, columns: Sequence[int], rows: Iterable[int] | None = None) -> str:
    """Chosen columns and rows (``None``: all) with their titles, to be pasted into a spreadsheet.

    What a spreadsheet would take for a formula gets an apostrophe before it.
    """
    titles = table.titles
    lines = ["\t".join(_quoted(titles[n]) for n in columns)]
    for number in range(len(table.rows)) if rows is None else rows:
        row = table.rows[number]
        lines.append("\t".join(_quoted(_pasted(row[n])) for n in columns))
    return "\n".join(lines) + "\n"


def _pasted(value: Any) -> str:
    text = cell_text(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _quoted(text: str) -> str:
    if any(sign in text for sign in '\t\n\r"'):
        return '"' + text.replace('"', '""') + '"'
    return text

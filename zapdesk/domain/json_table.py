"""A list of objects as a table: which columns there are, what a cell says, and text for other
programs. Rows are ranges of bytes of the document; a row is read when it is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from zapdesk.domain.json_outline import (
    WINDOW,
    ChildScanner,
    JsonKind,
    Span,
    kind_of,
    root_span,
    scalar_text,
)

VALUE = ""
"""The column of what stands in the list and is no object."""
CELL_LIMIT = 500

_STEPS = 2
PART = _STEPS * WINDOW
"""Of a row so long, in bytes, no more is read for a look at it."""
_RISKY = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:[eE][-+]?\d+)?\Z")

Row = Mapping[str, Span]
"""Where each field of a row stands."""


def row_at(data: bytes, span: Span, *, is_whole: bool = False) -> Row:
    """The fields of the list's entry at ``span``; of repeated keys the last one holds.

    Of a row longer than PART it is those at its beginning, unless it is read as a whole.
    """
    if kind_of(data, span) is not JsonKind.OBJECT:
        return {VALUE: span}
    scanner = ChildScanner(data, span)
    while not scanner.is_done and (is_whole or scanner.read_bytes < PART):
        scanner.step()
    keys = zip(scanner.key_starts, scanner.key_ends, strict=True)
    row = {
        scalar_text(data, key, CELL_LIMIT): scanner.span(number) for number, key in enumerate(keys)
    }
    if scanner.begun is not None:
        key, value = scanner.begun
        row[scalar_text(data, key, CELL_LIMIT)] = value
    return row


def span_at(data: bytes, path: Sequence[str | int]) -> Span | None:
    """Where the value at ``path`` stands; of repeated keys the last one. It reads all that is
    before it."""
    span = root_span(data)
    for step in path:
        if not kind_of(data, span).has_children:
            return None
        scanner = ChildScanner(data, span)
        while not scanner.is_done and not (isinstance(step, int) and len(scanner) > step):
            scanner.step()
        if isinstance(step, int):
            number = step if step < len(scanner) else None
        else:
            keys = zip(scanner.key_starts, scanner.key_ends, strict=True)
            found = [n for n, key in enumerate(keys) if scalar_text(data, key) == step]
            number = found[-1] if found else None
        if number is None:
            return None
        span = scanner.span(number)
    return span


def columns_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Every field that occurs, in the order in which it first does."""
    return tuple(dict.fromkeys(name for row in rows for name in row))


def cell_text(data: bytes, row: Row, column: str, limit: int | None = CELL_LIMIT) -> str:
    """What a cell says: a text without quotes, anything else as its JSON; nothing for a gap."""
    span = row.get(column)
    return "" if span is None else scalar_text(data, span, limit)


def tsv(cells: Sequence[str]) -> str:
    """One line of tab-separated values, as spreadsheets take it from the clipboard.

    What a spreadsheet would take for a formula gets an apostrophe in front; numbers stay.
    """
    return "\t".join(_tsv_cell(cell) for cell in cells)


def _tsv_cell(text: str) -> str:
    if text[:1] in _RISKY and not _NUMBER.match(text):
        text = f"'{text}"
    if any(mark in text for mark in '\t\n\r"'):
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text

"""A list as a table: columns, cells, and text that a spreadsheet takes as text."""

from __future__ import annotations

import pytest

from zapdesk.domain.json_outline import ChildScanner, root_span
from zapdesk.domain.json_table import VALUE, Row, cell_text, columns_of, row_at, span_at, tsv


def rows(data: bytes) -> list[Row]:
    scanner = ChildScanner(data, root_span(data)).run()
    return [row_at(data, scanner.span(number)) for number in range(len(scanner))]


def test_columns_are_all_fields_in_the_order_in_which_they_come() -> None:
    data = b'[{"b":1,"a":2}, {"a":3,"c":4}, "alone", {}]'
    found = rows(data)
    assert columns_of(found) == ("b", "a", "c", VALUE)
    assert [cell_text(data, row, "a") for row in found] == ["2", "3", "", ""]
    assert cell_text(data, found[2], VALUE) == "alone"


def test_cells_say_what_stands_there() -> None:
    data = rb'[{"n":1.50,"t":"\u00e9\n","o":{"x":[1]},"z":null,"r":1,"r":2}]'
    (row,) = rows(data)
    assert [cell_text(data, row, name) for name in ("n", "t", "o", "z", "r")] == [
        "1.50", "é\n", '{"x":[1]}', "null", "2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ((), b'[{"a":{"b":[1,2]},"a":{"b":[3]}}]'),
        ((0, "a", "b"), b"[3]"),
        ((1,), None),
        ((0, "x"), None),
    ],
)
def test_a_place_in_a_document_is_found(path: tuple[str | int, ...], there: bytes | None) -> None:
    data = b' [{"a":{"b":[1,2]},"a":{"b":[3]}}] '
    span = span_at(data, path)
    assert (None if span is None else data[slice(*span)]) == there


def test_a_row_that_is_very_long_is_read_in_part() -> None:
    data = b'[{"first":1,"long":"' + b"x" * 1_000_000 + b'","last":2}]'
    (row,) = rows(data)
    assert cell_text(data, row, "first") == "1"
    assert cell_text(data, row, "long") == "x" * 499 + "…"
    assert cell_text(data, row, "last") == ""
    whole = row_at(data, (1, len(data) - 1), is_whole=True)
    assert cell_text(data, whole, "last") == "2"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Ada", "Ada"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd|x", "'-cmd|x"),
        ("-12.5", "-12.5"),
        ("+49 30 123", "'+49 30 123"),
        ("two\nlines", '"two\nlines"'),
        ('a "b"', '"a ""b"""'),
        ("\tx", '"\'\tx"'),
    ],
)
def test_nothing_becomes_a_formula(cell: str, written: str) -> None:
    assert tsv([cell, "z"]) == f"{written}\tz"

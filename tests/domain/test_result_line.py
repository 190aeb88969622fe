"""What a result says in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.result_line import result_line
from zapdesk.domain.result_words import NO_DATA


@pytest.mark.parametrize(
    ("results", "line"),
    [
        (None, NO_DATA),
        (b"", NO_DATA),
        (b"[{}]", NO_DATA),
        (b"[1, 2, 3]", "3 items"),
        (b'[{"id": 42, "name": "Ada", "tags": []}]', "id: 42, name: Ada"),
        (b'[{"id": 1, "at": "noon", "ok": true, "message": "Row made"}]',
         "message: Row made, id: 1, at: noon"),
        (b'[{"made": "2026-11-28T05:18:17+00:00", "id": 7}]',
         "id: 7, made: 2026-11-28T05:18:17+00:00"),
        (b'[{"ok": false, "id": 4}]', 'The result says "ok": false'),
        (b'{"output": "HELLO\\nYOU"}', "output: HELLO YOU"),
        (b'[{"row": {"id": 1}, "cells": []}]', "2 fields"),
        (b'[{"row": {"id": 1}}]', "1 field"),
        (b'"done"', "done"),
        (b"[[1, 2]]", "A list of 2"),
        (b"[0.10]", "0.10"),
        (b"not JSON", "not JSON"),
        (b'[{"price": 0.10, "none": null, "blank": " "}]', "price: 0.10"),
    ],
)  # fmt: skip
def test_a_result_is_told_by_its_first_values_or_counted(results: bytes | None, line: str) -> None:
    assert result_line(results) == line


def test_of_a_long_result_only_the_beginning_is_looked_at() -> None:
    line = result_line(b'[{"id": 1, "text": "' + b"x" * 5_000_000 + b'"}]')
    assert line.startswith('[{"id": 1')
    assert len(line) <= 160


@given(st.binary() | st.recursive(st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_no_result_is_too_odd_for_a_line(document: Any) -> None:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    assert len(result_line(raw)) <= 160

"""Lines are ranges of the text as received: nothing is lost, doubled or rewritten."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_json_outline import documents
from zapdesk.domain.json_lines import LONGEST, LineIndex


def indexed(data: bytes, json_from: int | None, window: int = 1_000) -> LineIndex:
    index = LineIndex(data, json_from)
    for _ in range(4 * len(data) + 4):
        index.step(window)
    assert index.is_done
    return index


def ranges(index: LineIndex) -> list[tuple[int, int]]:
    return [(index.line(n).start, index.line(n).end) for n in range(len(index))]


@given(st.binary(max_size=3_000), st.none() | st.integers(0, 3_000), st.integers(5, 400))
def test_the_lines_of_any_bytes_are_all_of_them_in_order(
    data: bytes, json_from: int | None, window: int
) -> None:
    index = indexed(data, None if json_from is None else min(json_from, len(data)), window)
    position = 0
    for start, end in ranges(index):
        assert start == position < end
        position = end
    assert position == len(data)
    for offset in range(0, len(data), 97):
        line = index.line(index.line_at(offset))
        assert line.start <= offset < line.end


@given(documents, st.integers(5, 60))
def test_laid_out_json_is_what_a_printer_prints(document: Any, window: int) -> None:
    data = json.dumps(document).encode()
    index = indexed(data, 0, window)
    lines = [index.line(n) for n in range(len(index))]
    if any(line.goes_on for line in lines) or any(line.depth > 50 for line in lines):
        return
    printed = json.dumps(document, indent=2)
    assert "\n".join("  " * line.depth + index.text(n) for n, line in enumerate(lines)) == printed


def test_a_line_of_five_megabytes_goes_on_in_the_next_ones() -> None:
    data = b'["' + "é".encode() * 2_500_000 + b'",1]'
    index = indexed(data, 0, 32 * 1024)
    assert max(end - start for start, end in ranges(index)) <= LONGEST
    assert "".join(index.text(n) for n in range(len(index))) == data.decode()


def test_text_before_the_json_is_left_as_it_is() -> None:
    data = b"HTTP 200\ncontent-type: a, b\n\n" + b'{"a":[1,2]}'
    index = indexed(data, data.index(b"{"))
    texts = ["  " * index.line(n).depth + index.text(n) for n in range(len(index))]
    assert texts == [
        "HTTP 200",
        "content-type: a, b",
        "",
        "{",
        '  "a":[',
        "    1,",
        "    2",
        "  ]",
        "}",
    ]

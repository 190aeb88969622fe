"""JSON by byte ranges: what is found is what a parser finds, however it is cut up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.json_outline import (
    ChildScanner,
    JsonKind,
    exact_text,
    is_empty,
    kind_of,
    preview,
    root_span,
    scalar_text,
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def value_at(data: bytes, span: tuple[int, int], window: int) -> Any:
    """The value at a place, put together from what the scanner finds."""
    if not kind_of(data, span).has_children:
        return json.loads(data[span[0] : span[1]])
    scanner = ChildScanner(data, span)
    while not scanner.is_done:
        scanner.step(window)
    values = [value_at(data, scanner.span(n), window) for n in range(len(scanner))]
    if not scanner.is_object:
        return values
    keys = [scalar_text(data, scanner.key_span(n) or (0, 0)) for n in range(len(scanner))]
    return dict(zip(keys, values, strict=True))


@given(documents, st.integers(3, 60), st.booleans(), st.sampled_from([None, 2]))
def test_children_are_those_a_parser_finds_however_the_text_is_cut(
    document: Any, window: int, escaped: bool, indent: int | None
) -> None:
    data = json.dumps(document, ensure_ascii=escaped, indent=indent)
    raw = data.encode("utf-8", "surrogatepass")
    assert value_at(raw, root_span(raw), window) == json.loads(data)


@given(st.text())
def test_the_text_of_a_string_is_its_text(text: str) -> None:
    raw = json.dumps(text).encode()
    assert scalar_text(raw, (0, len(raw))) == text


@given(st.binary(max_size=200), st.integers(1, 40))
def test_any_bytes_at_all_are_taken_apart_without_an_error(data: bytes, window: int) -> None:
    span = root_span(data)
    kind_of(data, span)
    scalar_text(data, span, 20)
    preview(data, span)
    exact_text(data, span)
    scanner = ChildScanner(data, span)
    for _ in range(2 * len(data) + 2):
        scanner.step(window)
    assert scanner.is_done
    for number in range(len(scanner)):
        start, end = scanner.span(number)
        assert 0 <= start <= end <= len(data)


def test_every_repeated_key_is_kept_and_marked() -> None:
    data = b'{"a":1,"b":2,"a":3}'
    scanner = ChildScanner(data, root_span(data)).run()
    assert [scalar_text(data, scanner.span(n)) for n in range(3)] == ["1", "2", "3"]
    assert scanner.repeated() == {0, 2}


def test_numbers_keep_every_digit() -> None:
    long = "9" * 5_000
    data = f"[{long}, 0.10, 1E400, -0]".encode()
    scanner = ChildScanner(data, root_span(data)).run()
    texts = [scalar_text(data, scanner.span(n)) for n in range(4)]
    assert texts == [long, "0.10", "1E400", "-0"]
    assert {kind_of(data, scanner.span(n)) for n in range(4)} == {JsonKind.NUMBER}


@pytest.mark.parametrize("word", ["NaN", "Infinity", "undefined", "1.2.3", "-", "01"])
def test_what_json_does_not_know_is_shown_as_it_stands(word: str) -> None:
    data = f"[{word}]".encode()
    span = ChildScanner(data, root_span(data)).run().span(0)
    assert (kind_of(data, span), scalar_text(data, span)) == (JsonKind.ODD, word)


def test_json_nested_200000_deep_costs_no_recursion() -> None:
    data = b"[" * 200_000 + b"]" * 200_000
    scanner = ChildScanner(data, root_span(data)).run()
    assert (len(scanner), scanner.is_damaged) == (1, False)


def test_a_document_that_ends_too_early_keeps_what_came() -> None:
    data = b'[{"id":1},{"id":2,"name":"Ad'
    scanner = ChildScanner(data, root_span(data)).run()
    assert scanner.is_damaged
    assert [exact_text(data, scanner.span(n)) for n in range(2)] == [
        '{"id":1}',
        '{"id":2,"name":"Ad',
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, True),
        (b"", True),
        (b" [ ] ", True),
        (b"{}", True),
        (b"[{}]", True),
        (b"null", True),
        (b"[null]", False),
        (b"[0]", False),
        (b'[""]', False),
        (b"[" + b" " * 100_000 + b"1]", False),
    ],
)
def test_what_counts_as_no_data(data: bytes | None, expected: bool) -> None:
    assert is_empty(data) is expected


def test_a_long_string_is_cut_between_characters_and_escapes() -> None:
    for text in ("é" * 100, "🙂" * 100, "\\n" * 100, "\\ud83d\\ude42" * 100):
        raw = f'"{text}"'.encode()
        cut = scalar_text(raw, (0, len(raw)), 10)
        assert len(cut) == 10
        assert cut.endswith("…")
        assert set(cut[:-1]) <= set("é🙂\n")


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    data = b"\xef\xbb\xbf [1]\n"
    assert data[slice(*root_span(data))] == b"[1]"

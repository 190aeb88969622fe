"""Mapped values: only what was chosen is a piece, and what is kept reads back the same."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.pieces import (
    Mapped,
    Piece,
    follow,
    from_document,
    interpreted,
    interpreted_within,
    mapped,
    no_pieces,
    pieces_in,
    resolved,
    to_document,
)
from zapdesk.errors import InvalidInput

pieces = st.builds(Piece, st.text(min_size=1, max_size=8))
mapped_values = st.lists(st.text(max_size=6) | pieces, max_size=5).map(lambda p: mapped(*p))
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6) | mapped_values,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "$mapped", "$plain"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
def test_a_value_is_kept_as_json_and_read_back_as_it_was(value: Any) -> None:
    assert from_document(read_json(write_json(to_document(value)))) == value


@given(st.text())
def test_text_is_a_piece_only_where_somebody_asked_for_that(text: str) -> None:
    assert resolved(text, no_pieces) == text
    assert list(pieces_in(text)) == []
    again = interpreted(text)
    if isinstance(again, str):
        assert again == text


@given(st.lists(st.text(max_size=6) | pieces, max_size=6))
def test_a_mapped_value_holds_no_empty_and_no_neighbouring_texts(
    parts: list[str | Piece],
) -> None:
    made = mapped(*parts)
    if isinstance(made, str):
        assert made == "".join(p for p in parts if isinstance(p, str))
        return
    assert any(isinstance(part, Piece) for part in made.parts)
    for one, other in zip(made.parts, made.parts[1:], strict=False):
        assert not (isinstance(one, str) and isinstance(other, str))
    assert "" not in made.parts
    assert [p for p in made.parts if isinstance(p, Piece)] == [
        p for p in parts if isinstance(p, Piece)
    ]


@pytest.mark.parametrize(
    ("text", "expressions"),
    [
        ("{{now}}", ["now"]),
        ("a {{ env.X }} b {{uuid}}", ["env.X", "uuid"]),
        ('{{run:last.results[0]["a.b"].id}}', ['run:last.results[0]["a.b"].id']),
        ("{{}}", []),
        ("{{ }}", []),
        ("{now}", []),
        ("{{a{b}}", []),
        ("{{" + "x" * 501 + "}}", []),
        ("{{{now}}}", ["now"]),
    ],
)
def test_braces_are_read_as_pieces(text: str, expressions: list[str]) -> None:
    value = interpreted(text)
    assert [piece.expression for piece in pieces_in(value)] == expressions
    shown = value.text if isinstance(value, Mapped) else value
    assert shown.replace(" ", "") == text.replace(" ", "")


def test_braces_are_read_in_every_text_within_but_not_in_names() -> None:
    value = interpreted_within({"{{now}}": ["{{uuid}}", 7, None, {"x": "a{{now}}"}]})
    assert list(value) == ["{{now}}"]
    assert [piece.expression for piece in pieces_in(value)] == ["uuid", "now"]


def test_a_piece_is_worked_out_wherever_it_stands() -> None:
    value = {"list": [mapped("a ", Piece("x"), " b"), "{{x}}"], "n": 1}
    told = resolved(value, lambda piece: piece.expression.upper())
    assert told == {"list": ["a X b", "{{x}}"], "n": 1}
    with pytest.raises(InvalidInput, match=r"'\{\{x\}\}' cannot be worked out"):
        resolved(value, no_pieces)


DOCUMENT = {"results": [{"id": 7, "a.b": {"": "empty"}, "deep": [[1, [2]]]}]}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", DOCUMENT),
        (".results[0].id", 7),
        ('.results[0]["a.b"][""]', "empty"),
        (".results[0].deep[0][1][0]", 2),
    ],
)
def test_a_path_leads_to_what_stands_there(path: str, found: Any) -> None:
    assert follow(DOCUMENT, path) == found


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (".results[1].id", "nothing at '.results[1]'"),
        (".results.id", "nothing at '.results.id'"),
        (".results[0].id.x", "nothing at '.results[0].id.x'"),
        (".results[0]id", "'id' is not a path"),
        ("results", "'results' is not a path"),
        (".results[-1]", "'[-1]' is not a path"),
        (".results[9999999999]", "is not a path"),
    ],
)
def test_a_path_that_leads_nowhere_says_which_step(path: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        follow(DOCUMENT, path)
    assert words in str(caught.value)


@given(st.text(max_size=30))
def test_no_path_breaks_anything(path: str) -> None:
    with suppress(InvalidInput):
        follow(DOCUMENT, path)


@pytest.mark.parametrize(
    "document", [{"$mapped": [7]}, {"$mapped": [{"piece": 7}]}, {"$mapped": [["a"]]}]
)
def test_a_kept_piece_that_was_tampered_with_is_refused(document: Any) -> None:
    with pytest.raises(InvalidInput):
        from_document(document)

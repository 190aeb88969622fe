"""How documents differ: every difference once, nothing else, and in good time."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zapdesk.domain.comparison import MOST, Change, Difference, compare, is_at
from zapdesk.domain.payload import ExactNumber
from zapdesk.domain.result_values import path_text, read_result

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["", "a", "1"])
    | st.sampled_from(["0.1", "0.10", "1", "NaN"]).map(ExactNumber)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from("abcd"), inner),
    max_leaves=20,
)


def told(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(d.change.value, path_text(d.path)) for d in compare(before, after).differences]


@given(values)
def test_a_document_does_not_differ_from_its_copy(value: Any) -> None:
    assert compare(value, copy.deepcopy(value)).is_same


@settings(max_examples=300)
@given(values, values)
def test_the_newer_document_can_be_made_from_the_older_one_by_what_is_told(
    before: Any, after: Any
) -> None:
    assert written(rebuilt(before, list(compare(before, after).differences))) == written(after)


def written(value: Any) -> Any:
    """Something that is equal exactly where two values are written alike."""
    match value:
        case dict():
            return {name: written(item) for name, item in value.items()}
        case list():
            return [written(item) for item in value]
        case ExactNumber():
            return ("number", value.text)
        case bool() | None:
            return value, "word"
        case int():
            return ("number", str(value))
    return value


def rebuilt(before: Any, differences: list[Difference]) -> Any:
    """``before`` with every difference made up for, one holder after the other."""
    whole = [d for d in differences if d.before_path == () and d.after_path == ()]
    if whole:
        return whole[0].after
    if isinstance(before, dict):
        return _object(before, differences)
    return _list(before, differences) if isinstance(before, list) else before


def _below(difference: Difference) -> Difference:
    return Difference(
        difference.change,
        difference.before_path[1:],
        difference.after_path[1:],
        difference.before,
        difference.after,
    )


def _object(before: dict[str, Any], differences: list[Difference]) -> dict[str, Any]:
    made = dict(before)
    for name in {str(d.path[0]) for d in differences}:
        here = [d for d in differences if d.path[0] == name]
        first = here[0]
        if len(first.path) == 1 and first.change is Change.ADDED:
            made[name] = first.after
        elif len(first.path) == 1 and first.change is Change.REMOVED:
            del made[name]
        else:
            made[name] = rebuilt(before[name], [_below(d) for d in here])
    return made


def _list(before: list[Any], differences: list[Difference]) -> list[Any]:
    own = [d for d in differences if len(d.path) == 1]
    removed = {int(d.path[0]) for d in own if d.change is Change.REMOVED}
    added = {int(d.path[0]): d.after for d in own if d.change is Change.ADDED}
    moved = {int(d.after_path[0]): int(d.before_path[0]) for d in own if d.change is Change.MOVED}
    stays = iter(n for n in range(len(before)) if n not in removed | set(moved.values()))
    made = []
    for place in range(len(before) - len(removed) + len(added)):
        if place in added:
            made.append(added[place])
            continue
        old = moved[place] if place in moved else next(stays)
        inside = [
            _below(d)
            for d in differences
            if d.change is not Change.MOVED
            and len(d.after_path) >= 1
            and d.after_path[0] == place
            and d not in own
        ] + [_below(d) for d in own if d.change is Change.CHANGED and d.after_path[0] == place]
        made.append(rebuilt(before[old], inside))
    return made


def test_numbers_differ_where_they_are_written_differently() -> None:
    before = read_result(b'{"a": 0.10, "b": 9007199254740993, "c": 1, "d": NaN, "e": 1}').value
    after = read_result(b'{"a": 0.1, "b": 9007199254740992, "c": true, "d": NaN, "e": 1}').value
    assert told(before, after) == [("changed", "a"), ("changed", "b"), ("changed", "c")]


ALIGNED: list[tuple[Any, Any, list[tuple[str, str]]]] = [
    ([1, 2, 3], [0, 1, 2, 3], [("added", "[0]")]),
    ([1, 2, 3], [1, 3], [("removed", "[1]")]),
    ([1, 2, 3], [3, 1, 2], [("moved", "[0]")]),
    ([{"id": 1, "a": 1}, {"id": 2, "a": 1}], [{"id": 2, "a": 5}], [
        ("removed", "[0]"), ("changed", "[0].a")]),
    ([{"id": 1, "a": 1}, {"id": 2, "a": 2}], [{"id": 2, "a": 2}, {"id": 1, "a": 3}], [
        ("moved", "[0]"), ("changed", "[1].a")]),
    ([{"x": 1, "y": 1, "z": 1}], [{"q": 0}, {"x": 1, "y": 1, "z": 2}], [
        ("added", "[0]"), ("changed", "[1].z")]),
    ({"odd name": [1]}, {"odd name": [{}]}, [("changed", '["odd name"][0]')]),
    ({"a": {}}, {"a": []}, [("changed", "a")]),
    ([], [], []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), ALIGNED)
def test_entries_of_lists_are_laid_side_by_side(
    before: Any, after: Any, expected: list[tuple[str, str]]
) -> None:
    assert sorted(told(before, after)) == sorted(expected)


def test_what_is_left_out_is_left_out_wherever_it_stands_and_counted() -> None:
    before = [{"id": n, "at": n, "meta": {"n": n}} for n in range(5)]
    after = [{"id": n, "at": n + 1, "meta": {"n": n + 1}} for n in range(5)]
    whole = compare(before, after)
    part = whole.without({("*", "at"), ("*", "meta")})
    assert (len(whole.differences), part.differences, part.ignored) == (10, (), 10)
    assert not is_at(("*", "att"), {("*", "at")})


def test_a_long_row_of_differences_is_cut_and_says_so() -> None:
    many = compare(list(range(3 * MOST)), ["x"] * (3 * MOST))
    assert (len(many.differences), many.is_cut) == (MOST, True)


HOSTILE = {
    "one megabyte of rows": [
        json.dumps([{"row": n, "name": f"name {n}", "at": n + add} for n in range(20_000)])
        for add in (0, 1)
    ],
    "ones and noughts": [json.dumps([(n * n + add) % 7 % 2 for n in range(100_000)])
                         for add in (0, 1)],
    "turned round": [json.dumps(list(range(50_000))[::step]) for step in (1, -1)],
    "deep": ["[" * 150 + str(n) + "]" * 150 for n in (1, 2)],
    "too deep": ["[" * 100_000 + str(n) + "]" * 100_000 for n in (1, 2)],
    "not JSON": ["<html>one", "<html>two"],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_large_and_hostile_documents_are_compared(name: str) -> None:
    before, after = (read_result(text.encode()).value for text in HOSTILE[name])
    assert not compare(before, after).is_same

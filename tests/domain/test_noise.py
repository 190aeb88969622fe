"""What differs although the inputs were the same: learned from repetitions, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.comparison import compare, pattern_text, read_pattern
from zapdesk.domain.noise import NoiseKind, learn
from zapdesk.domain.payload import ExactNumber
from zapdesk.errors import InvalidInput


def result(n: int, **more: Any) -> list[dict[str, Any]]:
    """A result as apps give it: an id and times that are new each time, and what stays."""
    return [
        {
            "id": f"3f2504e0-4f89-41d3-9a0c-0305e82c33{n:02}",
            "createdAt": f"2026-11-28T04:0{n}:00.{n}Z",
            "updated_at": 1_795_000_000 + n,
            "etag": f'W/"{n}a"',
            "request": {"trace_id": f"trace-{n}"},
            "total": 9,
            "row": 40 + n,
            "name": "Ada",
            "amount": ExactNumber("0.10"),
            **more,
        }
    ]


def told(*repetitions: list[Any]) -> dict[str, tuple[str, bool]]:
    return {
        pattern_text(noise.pattern): (noise.kind.value, noise.is_certain)
        for noise in learn(*repetitions)
    }


def test_three_repetitions_teach_ids_and_times_and_offer_the_rest() -> None:
    assert told([result(1), result(2), result(3)]) == {
        "[*].id": ("id", True),
        "[*].createdAt": ("time", True),
        "[*].updated_at": ("time", True),
        "[*].etag": ("id", True),
        "[*].request.trace_id": ("id", True),
        "[*].row": ("count", False),
    }


def test_learned_noise_leaves_out_nothing_that_was_meant() -> None:
    learned = {n.pattern for n in learn([result(1), result(2), result(3)]) if n.is_certain}
    whole = compare(result(3), result(4, name="Bo", amount=ExactNumber("0.1")))
    left = whole.without(learned)
    assert sorted(pattern_text(d.pattern) for d in left.differences) == [
        "[*].amount", "[*].name", "[*].row",
    ]  # fmt: skip
    assert left.ignored == 5


def test_one_repetition_is_not_enough_to_be_certain() -> None:
    assert not any(noise.is_certain for noise in learn([result(1), result(2)]))
    assert learn([result(1)]) == ()
    assert learn() == ()


def test_what_differs_only_now_and_then_is_not_certain() -> None:
    flaky = [result(1, token="abc-1234567"), result(1, token="abc-1234567"),
             result(1, token="abc-7654321")]  # fmt: skip
    (noise,) = learn(flaky)
    assert (noise.kind, noise.seen, noise.compared, noise.is_certain) == (
        NoiseKind.ID, 1, 2, False,
    )  # fmt: skip


def test_repetitions_with_other_inputs_teach_too_but_are_not_compared_across() -> None:
    other = [result(5, name="Bo"), result(6, name="Bo")]
    assert told([result(1), result(2)], other)["[*].id"] == ("id", True)
    assert "[*].name" not in told([result(1), result(2)], other)


def test_what_came_went_or_changed_its_shape_is_no_noise() -> None:
    assert told([[{"a": 1}], [{"a": [1]}], [{"a": [1], "b": 2}], []]) == {}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_equal_documents_teach_nothing(value: Any) -> None:
    assert learn([value, copy.deepcopy(value), value]) == ()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_a_place_is_read_as_it_is_written(steps: list[str]) -> None:
    assert read_pattern(pattern_text(tuple(steps))) == tuple(steps)


def test_a_place_in_a_list_is_any_place() -> None:
    assert read_pattern("[0].id") == read_pattern("[*].id") == ("*", "id")
    for wrong in ("", "[", "[x]", '["a]', "a..b["):
        with pytest.raises(InvalidInput, match="no place in a result"):
            read_pattern(wrong)

"""JSON in and out: nothing is lost, and nothing hostile gets further than a sentence."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.payload import MAX_DEPTH, ExactNumber, read_json, write_json
from zapdesk.errors import InvalidInput

digits = st.text("0123456789", min_size=1, max_size=40)
numbers = st.builds(
    lambda sign, whole, fraction, exponent: sign + (whole.lstrip("0") or "0") + fraction + exponent,
    st.sampled_from(["", "-"]),
    digits,
    st.just("") | digits.map(lambda text: "." + text),
    st.just("") | st.from_regex(r"[eE][+-]?[0-9]{1,3}", fullmatch=True),
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | numbers.map(ExactNumber)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(values, st.sampled_from([None, 2]))
def test_what_was_written_is_read_back_and_written_the_same(value: Any, indent: int | None) -> None:
    written = write_json(value, indent)
    read = read_json(written)
    assert read == value
    assert write_json(read, indent) == written


@given(numbers)
def test_a_number_keeps_its_digits(number: str) -> None:
    assert write_json(read_json(number)).decode() == number
    assert write_json({"a": [read_json(f"[{number}]")]}).decode() == f'{{"a":[[{number}]]}}'


@given(st.text())
def test_any_text_is_written_so_that_a_strict_parser_reads_it(text: str) -> None:
    written = write_json({text: text})
    # Two lone surrogates side by side are one character in JSON.
    meant = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    assert json.loads(written) == {meant: meant}
    assert "\n" not in written.decode("utf-8")


@given(st.binary())
def test_any_bytes_are_read_or_refused_in_words(body: bytes) -> None:
    try:
        value = read_json(body)
    except InvalidInput:
        return
    assert read_json(write_json(value)) == value


@given(values, st.sampled_from(["{", "[", ",", '"', "1", "nul", "\x00", "}"]))
def test_text_around_a_document_is_refused(value: Any, rest: str) -> None:
    if isinstance(value, (list, dict)):
        with pytest.raises(InvalidInput):
            read_json(write_json(value).decode() + rest)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": NaN}', "", " ", "\ufeff1"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_json(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": float("-inf")}, object(), {1}])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        write_json(value)


@pytest.mark.parametrize("pair", ["[]", '{"a":}'])
def test_a_document_of_the_greatest_depth_passes_and_a_deeper_one_is_refused(pair: str) -> None:
    opening, closing = pair[:-1], pair[-1]
    for depth in (MAX_DEPTH, MAX_DEPTH + 1):
        inner = "1" if pair != "[]" else ""
        text = opening * depth + inner + closing * depth
        if depth == MAX_DEPTH:
            assert write_json(read_json(text)).decode() == text
        else:
            with pytest.raises(InvalidInput, match="too deeply"):
                read_json(text)


def test_a_document_nested_200000_deep_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too deeply"):
        read_json("[" * 200_000)
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(InvalidInput, match="too deeply"):
        write_json(deep)
    while deep:  # taken apart level by level: destroying it in one go may be too deep as well
        deep = deep[0]


@pytest.mark.parametrize("number", ["1e9999999999999999999", "-1E+99999999999999999999"])
def test_a_number_beyond_every_computer_is_refused_in_words(number: str) -> None:
    with pytest.raises(InvalidInput, match="too large") as caught:
        read_json(number)
    assert "decimal" not in str(caught.value)


def test_the_last_of_two_equal_keys_counts() -> None:
    assert read_json('{"a": 1, "a": 2}') == {"a": 2}


def test_an_exact_number_survives_being_copied() -> None:
    number = ExactNumber("0.10")
    for other in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert (other, other.text) == (number, "0.10")

"""What a person put into a form, as it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.fields import InputField
from zapdesk.domain.filling import Filling
from zapdesk.domain.form import FormState
from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.pieces import Mapped, Piece
from zapdesk.errors import InvalidInput

names = st.text(max_size=4)
plain: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
values = plain | st.builds(lambda x: Mapped((Piece(x), "!")), names)
fillings = st.builds(
    Filling,
    st.dictionaries(names, values, max_size=4),
    st.frozensets(names, max_size=3),
    st.dictionaries(names, plain, max_size=3),
    st.dictionaries(names, st.dictionaries(names, st.text(max_size=5), max_size=2), max_size=2),
)


@given(fillings)
def test_a_filling_is_read_back_as_it_was_written(filling: Filling) -> None:
    read = Filling.read(filling.write())
    assert read == filling
    assert read.write() == filling.write()


@given(fillings, st.sets(names))
def test_nothing_of_a_field_is_left_without_it(filling: Filling, gone: set[str]) -> None:
    left = filling.without(gone)
    assert left.values == {n: v for n, v in filling.values.items() if n not in gone}
    assert not gone & (left.extra.keys() | left.labels.keys())


def test_exact_numbers_survive() -> None:
    text = b'{"values":{"n":[0.10,9223372036854775808,1E2]},"emptied":[],"extra":{"x":1.0}}'
    assert Filling.read(text).write() == text


def test_labels_that_are_none_are_left_out_and_those_of_a_filling_are_not_missed() -> None:
    raw = (
        b'{"values":{},"emptied":[],"extra":{},"labels":{"a":{"1":"One","2":3},"b":"Two","c":null}}'
    )
    filling = Filling.read(raw)
    assert filling.labels == {"a": {"1": "One"}}
    assert filling.is_empty


def test_a_piece_survives_and_what_only_looks_like_one_does_too() -> None:
    filling = Filling({"a": Mapped((Piece("now"),)), "b": {"$mapped": ["x"]}, "c": "{{now}}"})
    kept = read_json(filling.write())["values"]
    assert kept["a"] == {"$mapped": [{"piece": "now"}]}
    assert Filling.read(filling.write()).values == filling.values


def test_an_empty_filling_has_nothing_that_would_be_missed() -> None:
    assert Filling().is_empty
    assert not Filling(emptied=frozenset({"a"})).is_empty
    assert not Filling(extra={"a": 1}).is_empty


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"values":[],"emptied":[],"extra":{}}', write_json({"values": {}})]
)
def test_what_is_no_filling_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        Filling.read(raw)


def test_an_extra_input_of_a_filling_becomes_the_value_of_a_field_that_asks_for_it_now() -> None:
    state = FormState([InputField("a")])
    state.fill(Filling(values={"a": "1"}, extra={"team": "blue", "other": 1}))
    assert state.payload() == {"a": "1", "team": "blue", "other": 1}
    state = FormState([InputField("a"), InputField("team")])
    state.fill(Filling(values={"a": "1"}, extra={"team": "blue", "other": 1}))
    assert state.value("team") == "blue"
    assert state.extra == {"other": 1}
    assert state.payload() == {"a": "1", "team": "blue", "other": 1}

"""What one field's value may be, what is said about it, and the form in which it goes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.fields import Choice, FieldFormat, InputField, ValueType
from zapdesk.domain.payload import ExactNumber, write_json
from zapdesk.domain.values import UNSET, as_sent, is_missing, matching_choice, problem, truth

fields = st.builds(
    InputField,
    st.text(max_size=5),
    title=st.text(max_size=5),
    value_type=st.sampled_from(ValueType),
    format=st.sampled_from(FieldFormat),
    items=st.sampled_from(ValueType),
    is_required=st.booleans(),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
odd_texts = st.sampled_from(
    [
        "1٢",
        "١٢",
        "1e9999999999999999999",
        "0x1F",
        "1_000",
        "NaN",
        " 7 ",
        "--1",
        "1.",
        ".5",
        "\ud800",
    ]
)


def field(value_type: str = "STRING", **more: Any) -> InputField:
    return InputField("f", "Field", value_type=ValueType(value_type), **more)


@given(fields, values | odd_texts, st.booleans())
def test_any_value_of_any_field_has_words_and_goes_out_as_json(
    field: InputField, value: Any, native: bool
) -> None:
    assert isinstance(problem(field, value), str)
    json.loads(write_json(as_sent(field, value, native=native)))


@given(fields, st.lists(st.text() | st.none(), max_size=4) | st.text() | st.booleans())
def test_scalars_go_out_as_text_exactly_as_typed(field: InputField, value: Any) -> None:
    sent = as_sent(field, value)
    if field.value_type is ValueType.STRING and isinstance(value, str):
        assert sent == value
    if field.value_type is ValueType.ARRAY and isinstance(value, list):
        assert [x is None for x in sent] == [x is None for x in value] or field.items == "OBJECT"
        if field.items is ValueType.STRING:
            assert sent == value


@pytest.mark.parametrize("value", [UNSET, None, "", [], {}])
def test_nothing_counts_as_not_filled(value: Any) -> None:
    assert is_missing(value)
    assert problem(field(is_required=True), value) == "Field is required."
    assert problem(field(), value) == ""


@pytest.mark.parametrize("value", [False, 0, 0.0, "0", "false", " ", [""], {"": ""}])
def test_false_and_zero_are_values(value: Any) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("INTEGER", ["0", "-7", "+7", " 12 ", "9" * 400], ["1.0", "", "1e3", "x", "1_000", "١٢"]),
        ("NUMBER", ["1234.5", ".5", "5.", "-1e-9", "0.10"], ["1,5", "1.2.3", "NaN", "inf", "٫5"]),
        ("BOOLEAN", ["true", "No", "1", "OFF", "y"], ["maybe", "2", "truee"]),
    ],
)
def test_numbers_and_booleans_are_checked_by_their_text(
    kind: str, good: list[str], bad: list[str]
) -> None:
    assert [text for text in good if problem(field(kind), text)] == []
    assert [text for text in bad if text and not problem(field(kind), text)] == []


def test_a_choice_is_sent_as_it_is_whatever_it_looks_like() -> None:
    select = field("INTEGER", format=FieldFormat.SELECT)
    assert problem(select, "not a number") == ""
    assert as_sent(select, "007", native=True) == "007"
    yes_no = field("BOOLEAN", format=FieldFormat.SELECT)
    assert as_sent(yes_no, "yes", native=True) == "yes"


@pytest.mark.parametrize(
    ("kind", "value", "sent", "natively"),
    [
        ("BOOLEAN", "yes", "true", True),
        ("BOOLEAN", False, "false", False),
        ("BOOLEAN", "perhaps", "perhaps", "perhaps"),
        ("INTEGER", "007", "007", "007"),
        ("INTEGER", "12", "12", ExactNumber("12")),
        ("NUMBER", "0.10", "0.10", ExactNumber("0.10")),
        ("NUMBER", "1e9999999999999999999", "1e9999999999999999999", "1e9999999999999999999"),
        ("INTEGER", "1٢", "1٢", "1٢"),
        ("STRING", 12, "12", "12"),
        ("STRING", None, None, None),
        ("ARRAY", "one", ["one"], ["one"]),
        ("ARRAY", ["a", None, 3, True], ["a", None, "3", "true"], ["a", None, "3", "true"]),
        ("OBJECT", {"a": 1, "b": None}, {"a": "1", "b": None}, {"a": "1", "b": None}),
    ],
)
def test_values_go_out_as_text_and_natively_where_a_profile_asks_for_that(
    kind: str, value: Any, sent: Any, natively: Any
) -> None:
    assert as_sent(field(kind), value) == sent
    there = as_sent(field(kind), value, native=True)
    assert (type(there), there) == (type(natively), natively)


def test_a_list_of_objects_goes_out_as_a_list_of_objects() -> None:
    rows = field("ARRAY", items=ValueType.OBJECT)
    assert as_sent(rows, [{"a": 1}, {"b": "x"}]) == [{"a": "1"}, {"b": "x"}]
    assert problem(rows, [{"a": [1]}]) == "Value 1: The value of 'a' is not a single value."
    assert problem(rows, ["x"]) == "Value 1: This takes names with values."


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("https://example.com/a.pdf", True),
        ("papers/a.pdf", False),
        ("C:\\a.pdf", False),
        ("ftp://example.com/a", False),
        ("https://", False),
        ("http://[::1", False),
    ],
)
def test_a_file_is_the_address_of_a_file(text: str, is_good: bool) -> None:
    assert (problem(field(format=FieldFormat.FILE), text) == "") is is_good


def test_what_is_wrong_is_told_on_one_short_line() -> None:
    text = problem(field("INTEGER"), "x\n" * 1000)
    assert len(text) < 120
    assert "\n" not in text


CHOICES = (Choice("1", "Yes"), Choice("0", "No"), Choice("p", "Twice"), Choice("q", "Twice"))


@pytest.mark.parametrize(
    ("default", "kind", "meant"),
    [
        ("1", "STRING", "1"),
        ("No", "STRING", "0"),
        ("Twice", "STRING", None),
        ("true", "BOOLEAN", "1"),
        ("OFF", "BOOLEAN", "0"),
        ("true", "STRING", None),
        ("", "STRING", None),
    ],
)
def test_a_default_means_an_id_then_a_label_of_one_then_a_spelling(
    default: str, kind: str, meant: str | None
) -> None:
    assert matching_choice(default, field(kind), CHOICES) == meant


@given(st.text())
def test_truth_of_any_text_is_known_or_not(text: str) -> None:
    assert truth(text) in (True, False, None)
    assert truth(f" {text} ") == truth(text.strip())

"""Definitions as text, and what is said about the difference between two of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.definitions import (
    FieldDifference,
    differences,
    document,
    read_definition,
    write_definition,
)
from zapdesk.domain.fields import (
    FieldFormat,
    Fieldset,
    FormNode,
    InfoField,
    InputField,
    ValueType,
    input_fields,
)
from zapdesk.errors import InvalidInput

inputs = st.builds(
    InputField,
    st.text(max_size=4),
    title=st.text(max_size=5),
    description=st.text(max_size=5),
    placeholder=st.text(max_size=5),
    value_type=st.just(ValueType.STRING),
    format=st.sampled_from(FieldFormat),
    default_value=st.text(max_size=4),
    depends_on=st.lists(st.text(max_size=3), max_size=2).map(tuple),
    invalidates_input_fields=st.booleans(),
    is_required=st.booleans(),
) | st.builds(
    InputField,
    st.text(max_size=4),
    value_type=st.sampled_from(ValueType).filter(lambda t: t is not ValueType.ARRAY),
) | st.builds(
    InputField,
    st.text(max_size=4),
    value_type=st.just(ValueType.ARRAY),
    items=st.sampled_from(ValueType),
)  # fmt: skip
leaves = inputs | st.builds(InfoField, st.text(max_size=4), st.text(max_size=5))
nodes = leaves | st.builds(
    Fieldset, st.text(max_size=4), st.text(max_size=4), st.lists(leaves, max_size=3).map(tuple)
)
forms = st.lists(nodes, max_size=5).map(tuple)


@given(forms)
def test_a_form_is_read_back_as_it_was_written(form: tuple[FormNode, ...]) -> None:
    text = write_definition(form)
    assert read_definition(text) == form
    assert write_definition(read_definition(text)) == text


@given(forms)
def test_a_form_does_not_differ_from_itself(form: tuple[FormNode, ...]) -> None:
    assert differences(form, form) == []


@given(forms, forms)
def test_every_difference_is_told_once(
    before: tuple[FormNode, ...], after: tuple[FormNode, ...]
) -> None:
    old = {f.id: f for f in input_fields(before)}
    new = {f.id: f for f in input_fields(after)}
    found = differences(before, after)
    kinds = {
        kind: {d.field_id for d in found if d.kind == kind}
        for kind in ("added", "removed", "changed")
    }
    assert len(found) == len({d.field_id for d in found})
    assert kinds["added"] == new.keys() - old.keys()
    assert kinds["removed"] == old.keys() - new.keys()
    assert kinds["changed"] == {n for n in old.keys() & new.keys() if old[n] != new[n]}
    for told in found:
        assert told.kind != "changed" or told.changes
        for key, was, now in told.changes:
            assert key
            assert was != now


NAME = InputField("name", "Name")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"is_required": True}, ("is_required", "false", "true")),
        ({"title": "Full name"}, ("title", "Name", "Full name")),
        ({"format": FieldFormat.SELECT}, ("format", "", "SELECT")),
        ({"depends_on": ("a", "b")}, ("depends_on", "[]", '["a","b"]')),
        ({"default_value": "x"}, ("default_value", "", "x")),
        ({"value_type": ValueType.INTEGER}, ("value_type", "STRING", "INTEGER")),
    ],
)
def test_a_changed_field_says_what_changed(
    change: dict[str, Any], told: tuple[str, str, str]
) -> None:
    after = replace(NAME, **change)
    assert differences([NAME], [after]) == [FieldDifference("name", after.name, "changed", (told,))]


def test_what_is_newly_required_is_told_of_changed_and_of_new_fields() -> None:
    required = replace(NAME, is_required=True)
    assert differences([NAME], [required])[0].is_newly_required
    assert differences([], [required])[0].is_newly_required
    assert not differences([], [NAME])[0].is_newly_required
    assert not differences([required], [NAME])[0].is_newly_required


def test_a_field_in_a_group_is_compared_like_any_other() -> None:
    before: list[FormNode] = [Fieldset("g", "G", (NAME,))]
    after: list[FormNode] = [NAME, Fieldset("g", "G", (InputField("other"),))]
    assert [(d.field_id, d.kind) for d in differences(before, after)] == [("other", "added")]


@pytest.mark.parametrize("text", ["", "{", '[{"type":"input_field"}]', "[7]", "7"])
def test_text_that_is_no_definition_is_refused(text: str) -> None:
    with pytest.raises((InvalidInput, KeyError, ValueError, TypeError)):
        read_definition(text)


def test_a_format_that_means_nothing_is_left_out() -> None:
    assert "format" not in document(NAME)
    assert "items" not in document(NAME)

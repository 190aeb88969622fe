"""The state of a form: what a change voids, what is parked, what is sent."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.conftest import ReportFigure
from zapdesk.domain.fields import (
    Choice,
    FieldFormat,
    Fieldset,
    FormNode,
    InfoField,
    InputField,
    ValueType,
)
from zapdesk.domain.form import FormState
from zapdesk.domain.form_facts import Change, Origin
from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.values import UNSET, is_filled
from zapdesk.errors import InvalidInput


def field(field_id: str, *needs: str, **more: Any) -> InputField:
    return InputField(field_id, field_id.title(), depends_on=needs, **more)


def filled(fields: Sequence[FormNode], **values: Any) -> FormState:
    state = FormState(fields)
    for name, value in values.items():
        state.set(name, value)
    return state


TABLE = field("table", invalidates_input_fields=True, format=FieldFormat.SELECT)
VIEW = field("view", "table")
ROW = field("row", "view")
NOTE = field("note")


def test_a_change_voids_what_depends_on_it_over_any_number_of_steps() -> None:
    state = filled([TABLE, VIEW, ROW, NOTE], table="1", view="a", row="7", note="kept")
    assert state.set("table", "2") == Change(("view", "row"), needs_refetch=True)
    assert state.payload() == {"table": "2", "note": "kept"}


def test_the_same_value_again_voids_nothing() -> None:
    state = filled([TABLE, VIEW], table="1", view="a")
    before = state.revision
    assert state.set("table", "1") == Change()
    assert (state.revision, state.value("view")) == (before, "a")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "true"),
        ("[1]", "[true]"),
        ("0.10", "0.1"),
        ("[1]", "[1.0]"),
        ('{"a":[0]}', '{"a":[false]}'),
        ('{"a":1,"b":2}', '{"b":2,"a":1}'),
        ('""', "null"),
    ],
)
def test_what_is_alike_in_python_but_not_in_json_is_a_change(one: str, other: str) -> None:
    state = filled([TABLE, VIEW], table=read_json(one), view="a")
    assert state.set("table", read_json(other)).cleared == ("view",)
    assert write_json(state.value("table")).decode() == other


def test_what_is_no_json_is_refused_and_changes_nothing() -> None:
    state = filled([NOTE], note="kept")
    for value in (float("nan"), object()):
        with pytest.raises(InvalidInput):
            state.set("note", value)
    assert state.payload() == {"note": "kept"}


@pytest.mark.parametrize(
    ("fields", "odd"),
    [
        ([field("a", "a")], "'A' is said to depend on itself."),
        ([field("a", "nobody")], "'A' depends on 'nobody', which is not in the form."),
        ([field("a", "b"), field("b", "a")], "'A' depends on itself through other fields."),
        ([field("a"), field("a")], "The form has 2 fields called 'a'; the first is shown."),
    ],
)
def test_an_odd_definition_is_reported_and_works(fields: list[InputField], odd: str) -> None:
    state = filled(fields, a="1")
    assert odd in state.oddities()
    assert state.payload() == {"a": "1"}
    state.set("a", "2")
    assert state.value("a") == "2"


def test_a_cycle_clears_the_others_and_never_the_field_itself() -> None:
    ring = [field(f"f{n}", f"f{(n + 1) % 5}") for n in range(5)]
    state = FormState(ring)
    assert set(state.dependants("f2")) == {"f0", "f1", "f3", "f4"}
    state.set("f0", "x")
    assert state.set("f2", "y").cleared == ("f0",)
    assert state.payload() == {"f2": "y"}


def test_only_fields_in_a_cycle_are_said_to_be_in_one() -> None:
    state = FormState(
        [field("before"), field("a", "before", "b"), field("b", "a"), field("after", "b")]
    )
    assert sum("through other fields" in odd for odd in state.oddities()) == 2


def test_chains_of_a_thousand_fields_are_worked_through_at_once(
    report_figure: ReportFigure,
) -> None:
    chain = [field("f0"), *(field(f"f{n}", f"f{n - 1}") for n in range(1, 1000))]
    for order in (chain, chain[::-1]):
        started = time.perf_counter()
        state = FormState(order)
        for n in range(1, 1000):
            state.set(f"f{999 - n}", "x")
        assert len(state.set("f0", "y").cleared) == 0
        state.set("f999", "z")
        assert state.set("f0", "x").cleared == ("f999",)
        assert state.oddities() == ()
        taken = time.perf_counter() - started
        report_figure("form: 1,000 fields in one chain, 1,000 edits", 1000 * taken, "ms")
        assert taken < 10


def test_of_two_fields_with_one_id_the_first_counts() -> None:
    state = FormState([field("a", default_value="1"), field("a", default_value="2")])
    assert state.payload() == {"a": "1"}


def test_fields_of_groups_are_flat_and_notes_have_no_value() -> None:
    nodes: list[FormNode] = [
        InfoField("i", "Read this"),
        Fieldset("g", "Group", (NOTE, InfoField("j"))),
    ]
    state = filled(nodes, note="x")
    assert list(state.fields) == ["note"]
    assert state.payload() == {"note": "x"}


def test_a_field_for_reading_only_takes_nothing_and_sends_nothing() -> None:
    state = FormState(
        [field("a", format=FieldFormat.READONLY, default_value="x", is_required=True)]
    )
    with pytest.raises(InvalidInput, match="for reading only"):
        state.set("a", "1")
    assert state.payload() == {}
    assert state.problems() == ()


def test_an_unknown_field_is_named_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"no field 'x'.*table, view"):
        FormState([TABLE, VIEW]).set("x", 1)


def test_a_typed_value_is_parked_and_comes_back_with_its_field() -> None:
    state = filled([TABLE, NOTE], table="1", note="mine")
    assert state.replace_fields([TABLE]).parked == ("note",)
    assert (state.parked, state.payload()) == ({"note": "mine"}, {"table": "1"})
    assert state.replace_fields([NOTE, TABLE]).added == ("note",)
    assert state.payload() == {"note": "mine", "table": "1"}
    assert state.parked == {}


def test_a_default_is_not_parked_but_filled_in_anew() -> None:
    state = FormState([field("a", default_value="old")])
    state.replace_fields([])
    assert state.parked == {}
    state.replace_fields([field("a", default_value="new")])
    assert state.payload() == {"a": "new"}


def test_a_default_is_sent_until_it_is_removed_and_stays_removed() -> None:
    fields = [field("a", default_value="d"), field("b", default_value="", is_required=True)]
    state = FormState(fields)
    assert (state.payload(), state.origin("a")) == ({"a": "d"}, Origin.DEFAULT)
    state.set("a", UNSET)
    state.replace_fields([*fields, NOTE])
    assert state.payload() == {}
    state.set("a", None)
    assert state.payload() == {"a": None}


def test_a_default_of_a_list_is_a_list_and_of_a_map_is_nothing() -> None:
    state = FormState(
        [
            field("l", value_type=ValueType.ARRAY, default_value="x"),
            field("m", value_type=ValueType.OBJECT, default_value="x"),
        ]
    )
    assert state.payload() == {"l": ["x"]}


def test_a_default_that_is_a_label_becomes_the_id_of_its_choice_and_a_typed_one_does_not() -> None:
    choices = (Choice("7", "Customers"), Choice("8", "Orders"))
    state = FormState([field("a", default_value="Customers", format=FieldFormat.SELECT)])
    assert state.settle_default("a", choices)
    assert (state.payload(), state.origin("a")) == ({"a": "7"}, Origin.DEFAULT)
    state.set("a", "Orders")
    assert not state.settle_default("a", choices)
    assert state.payload() == {"a": "Orders"}


def test_a_voided_default_is_filled_in_by_the_next_definition() -> None:
    fields = [TABLE, field("view", "table", default_value="all")]
    state = FormState(fields)
    state.set("view", "mine")
    assert state.set("table", "1").cleared == ("view",)
    state.replace_fields(fields)
    assert state.value("view") == "all"


def test_false_and_zero_fill_a_required_field_and_nothing_does_not() -> None:
    fields = [field(name, is_required=True) for name in ("a", "b", "c")]
    state = filled(fields, a=False, b=0, c="")
    assert [found.field_id for found in state.problems()] == ["c"]
    assert state.payload() == {"a": "false", "b": "0", "c": ""}


def test_what_the_server_said_of_a_field_stays_until_the_field_is_changed() -> None:
    state = filled([TABLE, VIEW], table="1", view="a")
    state.server_problems["view"] = "No such view."
    assert state.problem("view") == "No such view."
    state.set("table", "2")
    assert state.problem("view") == ""


def test_inputs_that_no_field_asks_for_are_sent_last() -> None:
    state = filled([NOTE], note="x")
    state.extra = {"more": [1], "note": "never"}
    assert list(state.payload().items()) == [("note", "x"), ("more", [1])]


ids = st.sampled_from(["a", "b", "c", "d", "e", "", "é.[0]"])
definitions = st.lists(
    st.builds(
        InputField,
        ids,
        title=st.text(max_size=3),
        value_type=st.sampled_from(ValueType),
        format=st.sampled_from(FieldFormat),
        items=st.sampled_from(ValueType),
        default_value=st.sampled_from(["", "", "d", "1", "true"]),
        depends_on=st.lists(ids | st.just("unknown"), max_size=3).map(tuple),
        invalidates_input_fields=st.booleans(),
        is_required=st.booleans(),
    )
    | st.builds(InfoField, ids)
    | st.builds(
        Fieldset, ids, st.text(max_size=3), st.lists(st.builds(InputField, ids)).map(tuple)
    ),
    max_size=7,
)
given_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "x", "1", "0.10", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ids, inner, max_size=3),
    max_leaves=5,
)


@given(definitions)
def test_any_definition_makes_a_form(nodes: list[Any]) -> None:
    state = FormState(nodes)
    state.problems()
    state.oddities()
    json.loads(write_json(state.payload(native=True)))
    for name in state.fields:
        assert name not in state.dependants(name)
        state.missing_dependencies(name)
    assert sorted(state.in_order(state.fields)) == sorted(state.fields)


class FormMachine(RuleBasedStateMachine):
    """A person who types, and a server that changes its mind about the form."""

    def __init__(self) -> None:
        super().__init__()
        self.state = FormState()
        self.typed: dict[str, Any] = {}  # what the person has decided and nothing has voided

    @rule(nodes=definitions)
    def the_server_sends_a_definition(self, nodes: list[Any]) -> None:
        shown = self.state.payload()
        revision = self.state.revision
        self.state.replace_fields(nodes)
        assert self.state.revision > revision
        for name in set(shown) & set(self.typed):
            here = self.state.fields.get(name)
            if here is not None and here.takes_input:
                assert self.state.value(name) == self.typed[name]

    @precondition(lambda self: self.state.fields)
    @rule(data=st.data(), value=given_values | st.just(UNSET))
    def a_value_is_set(self, data: st.DataObject, value: Any) -> None:
        name = data.draw(st.sampled_from(list(self.state.fields)))
        if not self.state.field(name).takes_input:
            with pytest.raises(InvalidInput):
                self.state.set(name, value)
            return
        before = {n: self.state.value(n) for n in self.state.fields}
        change = self.state.set(name, value)
        assert write_or_unset(self.state.value(name)) == write_or_unset(value)
        assert name not in change.cleared
        assert set(change.cleared) <= set(self.state.dependants(name))
        for other in self.state.fields:
            if other in change.cleared:
                assert self.state.value(other) is UNSET
            elif other != name:
                assert self.state.value(other) is before[other]
        if write_or_unset(before[name]) != write_or_unset(value):
            assert not any(self.state.value(n) is not UNSET for n in self.state.dependants(name))
            for voided in self.state.dependants(name):
                self.typed.pop(voided, None)
            for outdated in self.state.outdated:
                self.typed.pop(outdated, None)
        self.typed[name] = value

    @rule(names=st.lists(ids, max_size=3))
    def the_server_finds_fault(self, names: list[str]) -> None:
        self.state.server_problems.update(dict.fromkeys(names, "The server refused this."))

    @invariant()
    def the_payload_is_what_has_a_value(self) -> None:
        payload = self.state.payload()
        json.loads(write_json(payload))
        taking = {n for n, f in self.state.fields.items() if f.takes_input}
        assert set(payload) == {n for n in taking if self.state.value(n) is not UNSET}
        assert list(payload) == [n for n in self.state.fields if n in payload]

    @invariant()
    def what_is_required_and_missing_is_a_problem(self) -> None:
        found = {problem.field_id: problem.text for problem in self.state.problems()}
        for name, here in self.state.fields.items():
            assert found.get(name, "") == self.state.problem(name)
            if (
                here.is_required
                and here.takes_input
                and not is_filled(here, self.state.value(name))
            ):
                assert name in found
        assert set(found) <= {n for n, f in self.state.fields.items() if f.takes_input}

    @invariant()
    def nothing_decided_is_replaced_by_a_default(self) -> None:
        for name, value in self.typed.items():
            if name in self.state.fields and self.state.field(name).takes_input:
                assert write_or_unset(self.state.value(name)) == write_or_unset(value)

    @invariant()
    def nothing_is_parked_that_is_shown(self) -> None:
        for name in set(self.state.parked) - self.state.outdated:
            here = self.state.fields.get(name)
            assert here is None or not here.takes_input


def write_or_unset(value: Any) -> bytes | None:
    return None if value is UNSET else write_json(value)


TestFormMachine = FormMachine.TestCase

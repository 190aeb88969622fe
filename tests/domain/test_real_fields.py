"""The forms of real integrations: every one can be filled in, checked and sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.spec import real_field_files
from zapdesk.api.wire.forms import form
from zapdesk.domain.definitions import read_definition, write_definition
from zapdesk.domain.fields import Choice, FormNode, InputField, ValueType
from zapdesk.domain.form import FormState
from zapdesk.domain.payload import write_json
from zapdesk.domain.values import UNSET

FILES = real_field_files()
pytestmark = pytest.mark.skipif(not FILES, reason="the collected definitions are not here")

ODD_VALUES: tuple[Any, ...] = (
    "",
    "text",
    "12",
    "maybe",
    None,
    True,
    0,
    [],
    ["a", None],
    [{"a": "b"}],
    {"a": "b"},
    {"a": ["b"]},
    "\ud800\x00",
    "1e9999999999999999999",
    UNSET,
)


def actions(path: Path) -> Iterator[tuple[str, list[tuple[FormNode, ...]], dict[str, Any]]]:
    """Each action's key, its forms (the first, then its variants) and its choices."""
    for shown in json.loads(path.read_text("utf-8"))["actions"]:
        definitions = [shown.get("fields", []), *(v["fields"] for v in shown.get("variants", ()))]
        forms = [form(json.dumps({"data": fields}).encode()) for fields in definitions]
        yield shown["key"], forms, shown.get("choices", {})


def likely(field: InputField, choices: Sequence[Choice] = ()) -> Any:
    """What a person would put in."""
    if choices:
        chosen = choices[0].id
        return [chosen] if field.value_type is ValueType.ARRAY else chosen
    scalar = {
        ValueType.INTEGER: "7",
        ValueType.NUMBER: "0.10",
        ValueType.BOOLEAN: "true",
    }
    match field.value_type:
        case ValueType.ARRAY if field.items is ValueType.OBJECT:
            return [{"name": "Ada"}]
        case ValueType.ARRAY:
            return [scalar.get(field.items, "https://example.com/x")]
        case ValueType.OBJECT:
            return {"name": "Ada"}
        case kind:
            return scalar.get(kind, "https://example.com/x")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_form_of_a_file_can_be_filled_in_and_sent(path: Path) -> None:
    for key, forms, choices in actions(path):
        state = FormState()
        for nodes in forms:
            state.replace_fields(nodes)
            state.oddities()
            for name, field in state.fields.items():
                items = choices.get(name, {}).get("items") or []
                known = [
                    Choice(str(c["id"]), c.get("label"), str(c.get("value", ""))) for c in items
                ]
                state.settle_default(name, known)
                if field.takes_input:
                    state.set(name, likely(field, known))
            # What depends on a later field was voided by it: the second round fills that in.
            for name in state.in_order(state.fields):
                if state.field(name).takes_input and state.value(name) is UNSET:
                    state.set(name, likely(state.field(name)))
            assert state.problems() == (), f"{path.stem}: {key}"
            for native in (False, True):
                sent = json.loads(write_json(state.payload(native=native)))
                assert list(sent) == [n for n, f in state.fields.items() if f.takes_input]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_value_breaks_any_form_of_a_file(path: Path) -> None:
    for _key, forms, _choices in actions(path):
        for nodes in forms:
            state = FormState(nodes)
            for turn, value in enumerate(ODD_VALUES):
                for number, name in enumerate(state.fields):
                    if state.field(name).takes_input:
                        state.set(name, ODD_VALUES[(turn + number) % len(ODD_VALUES)])
                for found in state.problems():
                    assert found.text
                json.loads(write_json(state.payload(native=value is None)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_definition_of_a_file_is_kept_and_read_back_as_it_was(path: Path) -> None:
    for _key, forms, _choices in actions(path):
        for nodes in forms:
            assert read_definition(write_definition(nodes)) == nodes

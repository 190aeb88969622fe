"""Form definitions as documents: the shape in which the API sends them, made from and into nodes.

What comes from the wire is read in api/, with all its tolerances; this reads back what was written
here, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from zapdesk.domain.fields import (
    FieldFormat,
    Fieldset,
    FormNode,
    InfoField,
    InputField,
    ValueType,
    input_fields,
)
from zapdesk.domain.payload import read_json, write_json


def document(node: FormNode) -> dict[str, Any]:
    """A node in the API's shape; ``format`` and ``items`` only where they mean something."""
    match node:
        case InputField():
            shown: dict[str, Any] = {
                "type": "input_field",
                "id": node.id,
                "title": node.title,
                "description": node.description,
                "placeholder": node.placeholder,
                "value_type": node.value_type.value,
                "default_value": node.default_value,
                "depends_on": list(node.depends_on),
                "invalidates_input_fields": node.invalidates_input_fields,
                "is_required": node.is_required,
            }
            if node.format is not FieldFormat.NONE:
                shown["format"] = node.format.value
            if node.value_type is ValueType.ARRAY:
                shown["items"] = {"type": node.items.value}
            return shown
        case InfoField():
            return {"type": "info_field", "id": node.id, "description": node.description}
        case Fieldset():
            children = [document(child) for child in node.fields]
            return {"type": "fieldset", "id": node.id, "title": node.title, "fields": children}


def write_definition(nodes: Iterable[FormNode]) -> str:
    """A form definition as JSON text; equal forms give equal text."""
    return write_json([document(node) for node in nodes]).decode()


def read_definition(text: str) -> tuple[FormNode, ...]:
    """What ``write_definition`` wrote; other text raises InvalidInput, KeyError or ValueError."""
    return tuple(_node(shown) for shown in read_json(text))


def _node(shown: Mapping[str, Any]) -> FormNode:
    if shown["type"] == "fieldset":
        return Fieldset(
            shown["id"], shown["title"], tuple(_leaf(child) for child in shown["fields"])
        )
    return _leaf(shown)


def _leaf(shown: Mapping[str, Any]) -> InputField | InfoField:
    if shown["type"] == "info_field":
        return InfoField(shown["id"], shown["description"])
    return InputField(
        id=shown["id"],
        title=shown["title"],
        description=shown["description"],
        placeholder=shown["placeholder"],
        value_type=ValueType(shown["value_type"]),
        format=FieldFormat(shown.get("format", "")),
        items=ValueType(shown.get("items", {}).get("type", "STRING")),
        default_value=shown["default_value"],
        depends_on=tuple(shown["depends_on"]),
        invalidates_input_fields=shown["invalidates_input_fields"],
        is_required=shown["is_required"],
    )


@dataclass(frozen=True, slots=True)
class Sighting:
    """A definition (JSON text), and from when to when it was seen (Unix milliseconds)."""

    definition: str
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """How one field differs between two definitions.

    ``kind`` is ``added``, ``removed`` or ``changed``; ``changes`` holds (attribute, before,
    after) as texts of the API's own words.
    """

    field_id: str
    title: str
    kind: Literal["added", "removed", "changed"]
    changes: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_newly_required(self) -> bool:
        """Whether a value is asked for now that was not asked for before."""
        return ("is_required", "false", "true") in self.changes


def differences(before: Iterable[FormNode], after: Iterable[FormNode]) -> list[FieldDifference]:
    """What became different, field by field, in drawing order; removed fields come last."""
    old = {f.id: f for f in input_fields(before)}
    new = {f.id: f for f in input_fields(after)}
    found = []
    for name, field in new.items():
        if name not in old:
            found.append(FieldDifference(name, field.name, "added", _required(field)))
        elif old[name] != field:
            found.append(FieldDifference(name, field.name, "changed", _changes(old[name], field)))
    found += [FieldDifference(n, f.name, "removed") for n, f in old.items() if n not in new]
    return found


def _required(field: InputField) -> tuple[tuple[str, str, str], ...]:
    return (("is_required", "false", "true"),) if field.is_required else ()


def _changes(before: InputField, after: InputField) -> tuple[tuple[str, str, str], ...]:
    old, new = document(before), document(after)
    return tuple(
        (key, _word(old.get(key)), _word(new.get(key)))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else write_json(value).decode()

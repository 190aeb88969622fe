"""Form definitions as documents: the shape in which the API sends them, made from and into nodes.

What comes from the wire is read in api/, with all its tolerances; this reads back what was written
here, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zapdesk.domain.fields import (
    FieldFormat,
    Fieldset,
    FormNode,
    InfoField,
    InputField,
    ValueType,
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

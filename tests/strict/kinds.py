"""Which values a field may hold on the wire.

Scalars are JSON strings, an ARRAY a list of them, an OBJECT a flat map of strings, an ARRAY of
OBJECT a list of objects; null only where the person said null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.strict.definitions import ActionDefinition, Node


@dataclass(slots=True)
class Said:
    """What a person did on purpose: fields set to null, choices typed (id and text)."""

    nulls: set[str] = field(default_factory=set)
    typed: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the action, all values beside it, and what the person said."""

    action: ActionDefinition
    inputs: Mapping[str, Any]
    said: Said = field(default_factory=Said)


def value_faults(place: Place, nodes: Sequence[Node], value: Any) -> list[str]:
    """What is wrong with a value; where an id occurs more than once, it fits one of the fields."""
    found: list[str] = []
    for node in nodes:
        wrong = _faults(place, node, value)
        if not wrong:
            return []
        found += wrong
    return found


def required_faults(place: Place) -> list[str]:
    """Required fields of the form for these values that have no value."""
    found = []
    for id, nodes in place.action.input_fields(place.inputs).items():
        if not all(node["is_required"] and node.get("format") != "READONLY" for node in nodes):
            continue
        value = place.inputs.get(id)
        may_be_empty = any(
            choice["id"] == "" for choice in place.action.choices_of(id, place.inputs) or ()
        )
        if id not in place.inputs:
            found.append(f"the required field {id!r} is missing")
        elif value in ("", [], {}) and not may_be_empty:
            found.append(f"the required field {id!r} is empty")
    return found


def _faults(place: Place, node: Node, value: Any) -> list[str]:
    id = node["id"]
    if node.get("format") == "READONLY":
        return [f"{id!r} takes no input but was sent"]
    if value is None:
        return [] if id in place.said.nulls else [f"{id!r} is null, which nobody said"]
    if node["value_type"] == "OBJECT":
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return []
        return [f"{id!r} is an OBJECT but its value is no flat map of strings"]
    if node["value_type"] == "ARRAY":
        if not isinstance(value, list):
            return [f"{id!r} is an ARRAY but its value is no list"]
        kind = (node.get("items") or {}).get("type", "STRING")
        if kind == "OBJECT":
            good = all(isinstance(item, dict) for item in value)
            return [] if good else [f"{id!r} is an ARRAY of OBJECT but holds other things"]
        return [fault for item in value for fault in _scalar_faults(place, node, kind, item)]
    return _scalar_faults(place, node, node["value_type"], value)


def _scalar_faults(place: Place, node: Node, kind: str, value: Any) -> list[str]:
    id = node["id"]
    if not isinstance(value, str):
        return [f"{id!r} holds {value!r}, which is no JSON string"]
    choices = place.action.choices_of(id, place.inputs)
    if choices is not None:
        ids = [choice["id"] for choice in choices]
        if value in ids or (id, value) in place.said.typed:
            return []
        named = [choice["id"] for choice in choices if choice["label"] == value]
        if value == node["default_value"] and len(named) != 1:
            return []
        return [f"{id!r} holds {value!r}, which is neither one of its choices nor was typed"]
    if value == node["default_value"] and kind != "BOOLEAN":
        return []
    if kind == "BOOLEAN" and value not in {"true", "false"}:
        return [f"{id!r} is a BOOLEAN but holds {value!r}"]
    if kind == "INTEGER" and not re.fullmatch(r"[+-]?[0-9]+", value):
        return [f"{id!r} is an INTEGER but holds {value!r}"]
    if kind == "NUMBER" and not _is_number(value):
        return [f"{id!r} is a NUMBER but holds {value!r}"]
    return []


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False

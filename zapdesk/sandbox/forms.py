"""The nodes of a form as the API shapes them, and the checks a run makes of what was filled in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from zapdesk.sandbox.definitions import Json, RunFailure


def text(
    field_id: str,
    title: str,
    *,
    kind: str = "STRING",
    form: str = "",
    items: str = "",
    required: bool = False,
    default: str = "",
    description: str = "",
    placeholder: str = "",
    depends_on: Sequence[str] = (),
    invalidates: bool = False,
) -> Json:
    """An input field. ``form`` is the contract's ``format`` and left out where empty;
    ``items`` is the type of the items of an ARRAY."""
    node: Json = {
        "type": "input_field",
        "id": field_id,
        "title": title,
        "description": description,
        "placeholder": placeholder,
        "value_type": kind,
        "default_value": default,
        "depends_on": list(depends_on),
        "invalidates_input_fields": invalidates,
        "is_required": required,
    }
    if form:
        node["format"] = form
    if items:
        node["items"] = {"type": items}
    return node


def select(field_id: str, title: str, **options: Any) -> Json:
    """A drop-down: its options come from the choices endpoint."""
    return text(field_id, title, form="SELECT", **options)


def info(field_id: str, description: str) -> Json:
    """A piece of Markdown in the form; it has no value."""
    return {"type": "info_field", "id": field_id, "description": description}


def fieldset(field_id: str, title: str, fields: Sequence[Json]) -> Json:
    """A titled group; its children's values stay flat in ``inputs``."""
    return {"type": "fieldset", "id": field_id, "title": title, "fields": list(fields)}


def leaves(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every node that is not a group, in the order of the form."""
    for node in nodes:
        if node["type"] == "fieldset":
            children = node["fields"]
            yield from leaves([children] if isinstance(children, Mapping) else children)
        else:
            yield node


def check_inputs(nodes: Iterable[Mapping[str, Any]], inputs: Mapping[str, Any]) -> None:
    """Raise ``RunFailure`` (code ``user``) where a required value is missing, where a value was
    sent for something that takes none, or where a number is not one."""
    for node in leaves(nodes):
        field_id = node["id"]
        value = inputs.get(field_id)
        takes_none = node["type"] == "info_field" or node.get("format") == "READONLY"
        if takes_none:
            if field_id in inputs:
                raise RunFailure("user", "Not an input", f"“{field_id}” only informs.")
            continue
        if node.get("is_required") and value in (None, "", [], {}):
            raise RunFailure("user", "Value missing", f"“{node['title']}” is required.")
        if node["value_type"].upper() in ("INTEGER", "NUMBER") and value not in (None, ""):
            _check_number(node, value)


def _check_number(node: Mapping[str, Any], value: Any) -> None:
    whole = node["value_type"].upper() == "INTEGER"
    try:
        if isinstance(value, list | dict | bool):
            raise ValueError
        number = int(value) if whole and not isinstance(value, float) else float(value)
        if not math.isfinite(number) or (whole and number != int(number)):
            raise ValueError
    except (ValueError, OverflowError):
        kind = "a whole number" if whole else "a number"
        raise RunFailure("user", "Not a number", f"“{node['title']}” must be {kind}.") from None


def output_fields(sample: Mapping[str, Any]) -> list[Json]:
    """The output fields that a sample result shows: ``__`` nests, ``[]`` goes into a list."""
    return [
        {"type": "output_field", "id": path, "title": _title(path), "sample": value}
        for path, value in _paths(sample, "")
    ]


def _title(path: str) -> str:
    return path.replace("[]", " ").replace("__", " ").replace("_", " ").strip().title()


def _paths(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, child in value.items():
            joint = "" if not path or path.endswith("[]") else "__"
            yield from _paths(child, f"{path}{joint}{key}")
    elif isinstance(value, list):
        for child in value[:1]:
            yield from _paths(child, f"{path}[]")
    else:
        yield path, "" if value is None else str(value)

"""What apps and actions there are, and which form belongs to which values.

The real definitions beside the checkout, where they are, and always one app of our own. Forms,
choices and variants are answered for the values given; nothing here knows of HTTP.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.spec import real_field_files
from tests.strict.own_apps import OWN_APPS

Node = Mapping[str, Any]
Choice = dict[str, Any]
NOT_PUBLIC = 5
"""How many choices are made up where the definition does not say how many there are."""


@dataclass(frozen=True, slots=True)
class ActionDefinition:
    """One action as its authors wrote it."""

    app_id: str
    key: str
    action_type: str
    title: str
    description: str
    is_instant: bool
    fields: Sequence[Node]
    choices: Mapping[str, Mapping[str, Any]]
    variants: Sequence[Mapping[str, Any]]
    outputs: Sequence[Node]
    sample: Any

    @property
    def name(self) -> str:
        """How a violation names the action."""
        return f"{self.action_type}:{self.key}"

    def form(self, inputs: Mapping[str, Any]) -> Sequence[Node]:
        """The nodes of the form for these values: of the variants that fit, the narrowest."""
        variant = self._variant(inputs)
        return self.fields if variant is None else variant["fields"]

    def input_fields(self, inputs: Mapping[str, Any]) -> dict[str, list[Node]]:
        """The input fields of that form by id; some forms use an id more than once."""
        found: dict[str, list[Node]] = {}
        for node in _leaves(self.form(inputs)):
            if node["type"] == "input_field":
                found.setdefault(node["id"], []).append(node)
        return found

    def choices_of(self, field_id: str, inputs: Mapping[str, Any]) -> list[Choice] | None:
        """All choices of a field for these values; None where the field has no choices.

        Made-up ids carry a mark of the values they depend on, so that a stale one is seen.
        """
        nodes = self.input_fields(inputs).get(field_id, [])
        variant = self._variant(inputs) or {}
        source = {**self.choices, **(variant.get("choices") or {})}.get(field_id)
        if not any(node.get("format") == "SELECT" for node in nodes) and source is None:
            return None
        source = source or {"dynamic": True, "count": NOT_PUBLIC}
        if "items" in source:
            return [
                {
                    "id": item["id"],
                    "type": "choice",
                    "value": item.get("value", item["id"]),
                    "label": item.get("label"),
                }
                for item in source["items"]
            ]
        mark = _mark({id: inputs.get(id) for node in nodes for id in node.get("depends_on") or ()})
        return [
            {
                "id": f"{field_id}{mark}-{number}",
                "type": "choice",
                "value": f"value of {number}",
                "label": f"{field_id} no. {number}" if number % 7 else None,
            }
            for number in range(1, int(source.get("count", NOT_PUBLIC)) + 1)
        ]

    def _variant(self, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        fitting = [
            variant
            for variant in self.variants
            if all(
                bool(inputs.get(id)) if variant.get("any_value") is True else inputs.get(id) == text
                for id, text in variant["when"].items()
            )
        ]
        return max(fitting, key=lambda variant: len(variant["when"])) if fitting else None


@dataclass(frozen=True, slots=True)
class AppDefinition:
    """One app and its actions."""

    id: str
    title: str
    needs_authentication: bool
    action_types: Sequence[str]
    actions: tuple[ActionDefinition, ...] = field(default_factory=tuple)

    @property
    def shares_keys(self) -> bool:
        """Whether two actions have the same key: only their type tells them apart."""
        return len({action.key for action in self.actions}) < len(self.actions)


@cache
def all_apps() -> tuple[AppDefinition, ...]:
    """Our own apps first, then the real ones by file name."""
    files = [json.loads(path.read_text("utf-8")) for path in real_field_files()]
    return tuple(_app(content) for content in (*OWN_APPS, *files))


def _app(content: Mapping[str, Any]) -> AppDefinition:
    app = content["app"]
    return AppDefinition(
        id=app["id"],
        title=app["title"],
        needs_authentication=app["needs_authentication"],
        action_types=app["action_types"],
        actions=tuple(
            ActionDefinition(
                app_id=app["id"],
                key=action["key"],
                action_type=action["action_type"],
                title=action["title"],
                description=action["description"],
                is_instant=action.get("is_instant", False),
                fields=action.get("fields") or (),
                choices=action.get("choices") or {},
                variants=action.get("variants") or (),
                outputs=action.get("outputs") or (),
                sample=action.get("sample"),
            )
            for action in content["actions"]
        ),
    )


def _leaves(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        if node["type"] == "fieldset":
            yield from _leaves(node["fields"])
        else:
            yield node


def _mark(dependencies: Mapping[str, Any]) -> str:
    if not dependencies:
        return ""
    text = json.dumps(dependencies, sort_keys=True)
    return f"@{hashlib.sha256(text.encode()).hexdigest()[:6]}"

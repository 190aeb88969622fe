"""In which order a form's parts stand, and which of them fold away. No widgets in here.

What must be filled, or what other fields hang on, stands first in its group; the optional rest
follows behind one line that opens it. Nothing moves when a value comes or goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from zapdesk.domain.fields import Fieldset, FormNode, InfoField, input_fields
from zapdesk.ui.form.editors.items_row import line_item_fields

Kind = Literal["field", "info", "heading", "items", "fold"]

_WITH_VALUES = frozenset({"field", "items"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form. ``fold`` names the group that must be open for it to be seen."""

    kind: Kind
    id: str
    node: FormNode | None = None
    depth: int = 0
    fold: str | None = None
    field_ids: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same part in another definition."""
        return (self.kind, self.id)


def plan(nodes: Sequence[FormNode]) -> list[Part]:
    """The parts of a form in drawing order; of two fields with one id the first counts."""
    return _Planner(_essential_ids(nodes)).group(nodes, "", 0)


def _essential_ids(nodes: Sequence[FormNode]) -> set[str]:
    fields = {field.id: field for field in input_fields(nodes)}
    waiting = [f.id for f in fields.values() if f.is_required or f.invalidates_input_fields]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in fields and name not in found:
            found.add(name)
            waiting.extend(fields[name].depends_on)
    return found


class _Planner:
    """Goes through the nodes once and remembers which names are taken."""

    def __init__(self, essential: set[str]) -> None:
        self._essential = essential
        self._seen: set[str] = set()
        self._names: dict[tuple[str, str], int] = {}

    def group(self, nodes: Iterable[FormNode], fold: str, depth: int) -> list[Part]:
        first: list[Part] = []
        rest: list[Part] = []
        for node in nodes:
            if isinstance(node, Fieldset):
                parts = self._fieldset(node, fold, depth)
                held = {i for part in parts for i in part.field_ids}
                (first if not held or held & self._essential else rest).extend(parts)
            elif isinstance(node, InfoField) or not node.takes_input:
                first.append(Part("info", self._name("info", node.id), node, depth))
            elif node.id not in self._seen:
                self._seen.add(node.id)
                part = Part("field", node.id, node, depth, field_ids=(node.id,))
                (first if node.id in self._essential else rest).append(part)
        if not any(part.field_ids for part in first) or not rest:
            return first + rest
        ids = tuple(i for part in rest if part.kind in _WITH_VALUES for i in part.field_ids)
        inside = [part if part.fold else replace(part, fold=fold) for part in rest]
        return [*first, Part("fold", fold, None, depth, field_ids=ids), *inside]

    def _fieldset(self, fieldset: Fieldset, fold: str, depth: int) -> list[Part]:
        columns = line_item_fields(fieldset)
        if columns and not any(field.id in self._seen for field in columns):
            ids = tuple(field.id for field in columns)
            self._seen.update(ids)
            return [Part("items", self._name("items", fieldset.id), fieldset, depth, field_ids=ids)]
        name = self._name("heading", fieldset.id)
        inside = self.group(fieldset.fields, f"{fold}/{name}", depth + 1)
        if fieldset.fields and not inside:
            return []  # all of its fields have stood above already
        ids = tuple(i for part in inside if part.kind in _WITH_VALUES for i in part.field_ids)
        return [Part("heading", name, fieldset, depth, field_ids=ids), *inside]

    def _name(self, kind: str, id: str) -> str:
        # Notes and groups may share an id; each needs one of its own here.
        count = self._names[kind, id] = self._names.get((kind, id), 0) + 1
        return id if count == 1 else f"{id}\0{count}"

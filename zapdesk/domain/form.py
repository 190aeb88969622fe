"""FormState: the values of one form, by field id, independent of any widget.

It knows what a change makes stale, parks what a new form no longer asks for, names what is wrong,
and makes the payload. It never fetches anything: services/forms.py does, and the window and the
command line both work on this one set of rules.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zapdesk.domain.fields import Choice, FormNode, InputField, ValueType, input_fields
from zapdesk.domain.payload import HIDDEN_PASSWORD
from zapdesk.domain.values import UNSET, as_sent, is_missing, matching_choice, problem
from zapdesk.errors import InvalidInput


class Origin(StrEnum):
    """Why a value is here."""

    TYPED = "typed"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, in words. An empty id speaks of the whole form."""

    field_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one edit made stale: fields that were cleared, and whether the form is out of date."""

    cleared: tuple[str, ...] = ()
    needs_refetch: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a new definition did to the form, by field id."""

    added: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class FormState:
    """The state of one form. ``revision`` grows with every change of a value or definition."""

    def __init__(self, nodes: Sequence[FormNode] = ()) -> None:
        self.nodes: tuple[FormNode, ...] = ()
        self.extra: dict[str, Any] = {}
        self.parked: dict[str, Any] = {}
        self.revision = 0
        self.server_problems: dict[str, str] = {}
        self._fields: dict[str, InputField] = {}
        self._values: dict[str, Any] = {}
        self._origins: dict[str, Origin] = {}
        self._emptied: set[str] = set()
        self._dependants: dict[str, list[str]] = {}
        if nodes:
            self.replace_fields(nodes)

    # Reading

    @property
    def fields(self) -> Mapping[str, InputField]:
        """Every input field by id, in drawing order. Of two with one id the first counts."""
        return self._fields

    def field(self, field_id: str) -> InputField:
        """The definition of a field. Raises InvalidInput where the form has none of that id."""
        try:
            return self._fields[field_id]
        except KeyError:
            known = ", ".join(self._fields) or "none"
            raise InvalidInput(
                f"This action has no field '{field_id}'.", f"Its fields: {known}."
            ) from None

    def value(self, field_id: str) -> Any:
        """The value as held: UNSET, ``None`` for null, or JSON."""
        return self._values.get(field_id, UNSET)

    def origin(self, field_id: str) -> Origin | None:
        """Why the field has a value; ``None`` where it has none."""
        return self._origins.get(field_id)

    def missing_dependencies(self, field_id: str) -> tuple[InputField, ...]:
        """The fields that must be filled before this one's choices can be asked for."""
        return tuple(
            self._fields[name]
            for name in self.field(field_id).depends_on
            if name in self._fields and name != field_id and is_missing(self.value(name))
        )

    def dependants(self, field_id: str) -> tuple[str, ...]:
        """Every field that a change of this one voids, however many steps away; never itself."""
        seen = {field_id}
        found: list[str] = []
        waiting = deque([field_id])
        while waiting:
            for name in self._dependants.get(waiting.popleft(), ()):
                if name not in seen:
                    seen.add(name)
                    found.append(name)
                    waiting.append(name)
        return tuple(found)

    def oddities(self) -> tuple[str, ...]:
        """What is wrong with the definition itself, as sentences; the form works all the same."""
        found: list[str] = []
        for field in self._fields.values():
            for name in field.depends_on:
                if name == field.id:
                    found.append(f"'{field.name}' is said to depend on itself.")
                elif name not in self._fields:
                    found.append(f"'{field.name}' depends on '{name}', which is not in the form.")
        found.extend(
            f"'{self._fields[name].name}' depends on itself through other fields."
            for name in self._in_cycles()
        )
        counts: dict[str, int] = {}
        for field in input_fields(self.nodes):
            counts[field.id] = counts.get(field.id, 0) + 1
        found.extend(f"The form has {n} fields called '{i}'." for i, n in counts.items() if n > 1)
        return tuple(found)

    def _in_cycles(self) -> list[str]:
        # What is left after taking away, again and again, every field that nothing depends on
        # and every field that depends on nothing: exactly the fields between and in cycles.
        edges = {
            field.id: {n for n in field.depends_on if n in self._fields and n != field.id}
            for field in self._fields.values()
        }
        users: dict[str, set[str]] = {name: set() for name in edges}
        for name, needs in edges.items():
            for need in needs:
                users[need].add(name)
        loose = deque(n for n in edges if not edges[n] or not users[n])
        gone: set[str] = set()
        while loose:
            name = loose.popleft()
            if name in gone:
                continue
            gone.add(name)
            for other in users[name]:
                edges[other].discard(name)
                if not edges[other]:
                    loose.append(other)
            for other in edges[name]:
                users[other].discard(name)
                if not users[other]:
                    loose.append(other)
        return [name for name in self._fields if name not in gone]

    # Editing

    def set(self, field_id: str, value: Any) -> Change:
        """Hold ``value`` (UNSET takes it away) and say what that makes stale.

        Raises InvalidInput for an unknown field or one that takes no input.
        """
        field = self.field(field_id)
        if not field.takes_input:
            raise InvalidInput(f"{field.name} cannot be filled in: it is for reading only.")
        self._emptied.add(field_id)  # from now on a default no longer fills it by itself
        if _same(self.value(field_id), value) and self.origin(field_id) is not Origin.DEFAULT:
            return Change()
        changed = not _same(self.value(field_id), value)
        self._put(field_id, value, Origin.TYPED)
        self.server_problems.pop(field_id, None)
        self.revision += 1
        if not changed:
            return Change()
        dependants = self.dependants(field_id)
        cleared = tuple(name for name in dependants if self.value(name) is not UNSET)
        for name in dependants:
            self._put(name, UNSET, Origin.TYPED)
            self._emptied.discard(name)
            self.server_problems.pop(name, None)
        return Change(cleared, field.invalidates_input_fields or bool(dependants))

    def _put(self, field_id: str, value: Any, origin: Origin) -> None:
        if value is UNSET:
            self._values.pop(field_id, None)
            self._origins.pop(field_id, None)
        else:
            self._values[field_id] = value
            self._origins[field_id] = origin

    # A new definition

    def replace_fields(self, nodes: Iterable[FormNode]) -> Replacement:
        """Take over a new definition. Values stay with their ids.

        A typed value whose field is gone is parked and comes back with the field; a default is
        filled in where a person has not decided otherwise.
        """
        self.nodes = tuple(nodes)
        before = self._fields
        self._fields = {}
        self._dependants = {}
        for field in input_fields(self.nodes):
            if field.id in self._fields:
                continue
            self._fields[field.id] = field
            for name in field.depends_on:
                self._dependants.setdefault(name, []).append(field.id)
        parked = tuple(name for name in before if name not in self._fields)
        for name in parked:
            value, origin = self.value(name), self.origin(name)
            self._put(name, UNSET, Origin.TYPED)
            if origin is Origin.TYPED:
                self.parked[name] = value
            self._emptied.discard(name)
        added = tuple(name for name in self._fields if name not in before)
        for name in added:
            if name in self.parked and self._fields[name].takes_input:
                self._put(name, self.parked.pop(name), Origin.TYPED)
                self._emptied.add(name)
        for field in self._fields.values():
            self._apply_default(field)
        self.revision += 1
        changed = tuple(n for n, f in self._fields.items() if n in before and before[n] != f)
        return Replacement(added, parked, changed)

    def _apply_default(self, field: InputField) -> None:
        if field.id in self._emptied or not field.takes_input:
            return
        if self.origin(field.id) is Origin.TYPED:
            return
        self._put(field.id, _default(field), Origin.DEFAULT)

    def settle_default(self, field_id: str, choices: Iterable[Choice]) -> bool:
        """Turn a default that is a label or a spelling into the id of the choice it means.

        True where the value changed.
        """
        if self.origin(field_id) is not Origin.DEFAULT:
            return False
        field, value = self.field(field_id), self.value(field_id)
        if not isinstance(value, str):
            return False
        meant = matching_choice(value, field, choices)
        if meant is None or meant == value:
            return False
        self._put(field_id, meant, Origin.DEFAULT)
        self.revision += 1
        return True

    # What comes of it

    def problems(self) -> tuple[Problem, ...]:
        """Everything that keeps this form from being sent, in drawing order."""
        found = []
        for field in self._fields.values():
            if field.takes_input:
                text = problem(field, self.value(field.id)) or self.server_problems.get(field.id)
                if text:
                    found.append(Problem(field.id, text))
        return tuple(found)

    def problem(self, field_id: str) -> str:
        """What is wrong with one field; empty where nothing is."""
        field = self.field(field_id)
        if not field.takes_input:
            return ""
        return problem(field, self.value(field_id)) or self.server_problems.get(field_id, "")

    def payload(self, *, native: bool = False) -> dict[str, Any]:
        """The ``inputs`` to send: what has a value, in drawing order, then extra inputs."""
        inputs = {
            field.id: as_sent(field, self._values[field.id], native=native)
            for field in self._fields.values()
            if field.takes_input and field.id in self._values
        }
        for name, value in self.extra.items():
            inputs.setdefault(name, value)
        return inputs

    @property
    def secret_ids(self) -> frozenset[str]:
        """The fields whose values are never stored."""
        return frozenset(field.id for field in self._fields.values() if field.is_secret)


def from_texts(field: InputField, texts: Sequence[str]) -> Any:
    """The value meant by text from outside a form: several, or one for an ARRAY, make a list.

    Raises InvalidInput where several are given for a field that takes one.
    """
    if field.value_type is ValueType.ARRAY:
        return list(texts)
    if len(texts) > 1:
        raise InvalidInput(f"{field.name} takes one value, {len(texts)} were given.")
    return texts[0]


def without_secrets(inputs: Mapping[str, Any], secret_ids: frozenset[str]) -> dict[str, Any]:
    """``inputs`` as they may be kept: every PASSWORD value replaced by a marker."""
    return {
        name: dict(HIDDEN_PASSWORD) if name in secret_ids and value is not None else value
        for name, value in inputs.items()
    }


def _default(field: InputField) -> Any:
    if not field.default_value:
        return UNSET
    if field.value_type is ValueType.ARRAY:
        return [field.default_value]
    if field.value_type is ValueType.OBJECT:
        return UNSET  # a default is always text, and text is no map
    return field.default_value


def _same(one: Any, other: Any) -> bool:
    # 1 == True == 1.0 in Python, but they are not the same JSON.
    return type(one) is type(other) and one == other

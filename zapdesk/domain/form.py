"""FormState: the values of one form, by field id, independent of any widget.

It knows what a change makes stale, parks what a new form no longer asks for, names what is wrong,
and makes the payload. It never fetches anything: services/forms.py does, and the window and the
command line both work on this one set of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zapdesk.domain.dependencies import Dependencies
from zapdesk.domain.fields import Choice, FormNode, InputField, ValueType
from zapdesk.domain.filling import Filling
from zapdesk.domain.payload import HIDDEN_PASSWORD, write_json
from zapdesk.domain.pieces import Resolver, no_pieces, pieces_in, resolved, to_document
from zapdesk.domain.values import UNSET, as_sent, is_missing, matching_choice, problem
from zapdesk.errors import InvalidInput


class Origin(StrEnum):
    """Why a value is here."""

    TYPED = "typed"
    DEFAULT = "default"
    PRESET = "preset"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, in words."""

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
    """The state of one form.

    ``parked`` are values whose fields are gone, ``extra`` inputs that no field asks for,
    ``server_problems`` what the server said about single fields. ``revision`` grows with every
    change of a value or of the definition. ``resolver`` works out mapped values.
    """

    def __init__(self, nodes: Sequence[FormNode] = ()) -> None:
        self.nodes: tuple[FormNode, ...] = ()
        self.extra: dict[str, Any] = {}
        self.parked: dict[str, Any] = {}
        self.revision = 0
        self.server_problems: dict[str, str] = {}
        self.resolver: Resolver = no_pieces
        self._dependencies = Dependencies(())
        self._values: dict[str, Any] = {}
        self._origins: dict[str, Origin] = {}
        self._decided: set[str] = set()  # a person has decided; a default no longer fills these
        self._decided_away: set[str] = set()  # the same, for fields that are not here now
        self._parked_fields: dict[str, InputField] = {}
        self._stale: set[str] = set()  # parked, and what they depend on has changed since
        if nodes:
            self.replace_fields(nodes)

    # Reading

    @property
    def fields(self) -> Mapping[str, InputField]:
        """Every input field by id, in drawing order. Of two with one id the first counts."""
        return self._dependencies.fields

    def field(self, field_id: str) -> InputField:
        """The definition of a field. Raises InvalidInput where the form has none of that id."""
        try:
            return self.fields[field_id]
        except KeyError:
            known = ", ".join(self.fields) or "none"
            raise InvalidInput(
                f"This action has no field '{field_id}'.", f"Its fields: {known}."
            ) from None

    def value(self, field_id: str) -> Any:
        """The value as held: UNSET, ``None`` for null, JSON, or text with pieces (Mapped)."""
        return self._values.get(field_id, UNSET)

    def origin(self, field_id: str) -> Origin | None:
        """Why the field has a value; ``None`` where it has none."""
        return self._origins.get(field_id)

    def is_mapped(self, field_id: str) -> bool:
        """Whether pieces are part of the field's value."""
        return any(True for _ in pieces_in(self.value(field_id)))

    def missing_dependencies(self, field_id: str) -> tuple[InputField, ...]:
        """The fields that must be filled before this one's choices can be asked for."""
        return tuple(
            self.fields[name]
            for name in self.field(field_id).depends_on
            if name in self.fields and name != field_id and is_missing(self.value(name))
        )

    def dependants(self, field_id: str) -> tuple[str, ...]:
        """Every field that a change of this one voids, however many steps away; never itself."""
        return self._dependencies.dependants(field_id)

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that the form has, each after the ones it depends on."""
        return self._dependencies.in_order(names)

    def oddities(self) -> tuple[str, ...]:
        """What is wrong with the definition itself, as sentences; the form works all the same."""
        return self._dependencies.oddities()

    # Editing

    def set(self, field_id: str, value: Any, origin: Origin = Origin.TYPED) -> Change:
        """Hold ``value`` (UNSET takes it away) and say what that makes stale.

        Raises InvalidInput for an unknown field or one that takes no input.
        """
        field = self.field(field_id)
        if not field.takes_input:
            raise InvalidInput(f"{field.name} cannot be filled in: it is for reading only.")
        self._decided.add(field_id)
        is_same = _same(self.value(field_id), value)
        if is_same and self.origin(field_id) in {None, origin}:
            return Change()
        self._put(field_id, value, origin)
        self.server_problems.pop(field_id, None)
        self.revision += 1
        if is_same:
            return Change()
        dependants = self.dependants(field_id)
        cleared = tuple(name for name in dependants if self.value(name) is not UNSET)
        for name in dependants:
            self._put(name, UNSET)
            self._decided.discard(name)
            self.server_problems.pop(name, None)
        for name, gone in self._parked_fields.items():
            if field_id in gone.depends_on or any(d in gone.depends_on for d in dependants):
                self._stale.add(name)
        return Change(cleared, field.invalidates_input_fields or bool(dependants))

    def set_extra(self, name: str, value: Any) -> None:
        """Send an input that no field asks for; UNSET takes it away."""
        self.revision += 1
        if value is UNSET:
            self.extra.pop(name, None)
        else:
            self.extra[name] = value

    def unpark(self, name: str) -> None:
        """Throw a parked value away."""
        self.revision += 1
        self._take_parked(name)

    def set_payload(self, inputs: Mapping[str, Any], *, native: bool = False) -> Change:
        """Take over edited JSON: what the payload is to be, unknown keys as extra inputs.

        A field whose JSON is what it sends already keeps its value and its origin.
        """
        before = self.payload(native=native)
        cleared: list[str] = []
        needs_refetch = False
        known = [name for name, field in self.fields.items() if field.takes_input]
        for name in self.in_order(known):
            wanted = inputs.get(name, UNSET)
            if not _same(before.get(name, UNSET), wanted) or name not in self._values:
                if wanted is UNSET and name not in self._values:
                    continue
                change = self.set(name, wanted)
                cleared += [n for n in change.cleared if n not in inputs]
                needs_refetch = needs_refetch or change.needs_refetch
            # A parent that was set just now may have cleared this one, which the JSON still has.
        self.extra = {n: v for n, v in inputs.items() if n not in known}
        self.revision += 1
        return Change(tuple(cleared), needs_refetch)

    def _put(self, field_id: str, value: Any, origin: Origin = Origin.TYPED) -> None:
        if value is UNSET:
            self._values.pop(field_id, None)
            self._origins.pop(field_id, None)
        else:
            self._values[field_id] = value
            self._origins[field_id] = origin

    # A new definition

    def replace_fields(self, nodes: Iterable[FormNode]) -> Replacement:
        """Take over a new definition. Values stay with their ids.

        A value whose field is gone is parked, unless it is a default, and comes back with the
        field, unless what it depends on has changed meanwhile: then it stays parked, for a person
        to decide. A default is filled in where a person has not decided otherwise.
        """
        self.nodes = tuple(nodes)
        before = self.fields
        self._dependencies = Dependencies(self.nodes)
        parked = tuple(name for name in before if name not in self.fields)
        for name in parked:
            if name in self._values and self.origin(name) is not Origin.DEFAULT:
                self.parked[name] = self._values[name]
                self._parked_fields[name] = before[name]
            elif name in self._decided:
                self._decided_away.add(name)
            self._put(name, UNSET)
            self._decided.discard(name)
            self.server_problems.pop(name, None)
        added = tuple(name for name in self.fields if name not in before)
        for name, field in self.fields.items():
            if not field.takes_input:
                if name in self._values:  # it became a field for reading only
                    if self.origin(name) is not Origin.DEFAULT:
                        self.parked[name] = self._values[name]
                    self._put(name, UNSET)
                continue
            if name in self.parked and name not in self._values and name not in self._stale:
                self._put(name, self._take_parked(name))
                self._decided.add(name)
            elif name in self._decided_away:
                self._decided.add(name)
            self._decided_away.discard(name)
            if name not in self._decided and self.origin(name) in {None, Origin.DEFAULT}:
                self._put(name, _default(field), Origin.DEFAULT)
        self.revision += 1
        changed = tuple(n for n, f in self.fields.items() if n in before and before[n] != f)
        return Replacement(added, parked, changed)

    def _take_parked(self, name: str) -> Any:
        self._parked_fields.pop(name, None)
        self._stale.discard(name)
        return self.parked.pop(name, UNSET)

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

    # Keeping and going back

    def filling(self) -> Filling:
        """What a person put into this form, without PASSWORD values: for drafts and presets."""
        secrets = self.secret_ids | {n for n, f in self._parked_fields.items() if f.is_secret}
        given = {n: v for n, v in self._values.items() if self._origins[n] is not Origin.DEFAULT}
        return Filling(
            values={n: v for n, v in (self.parked | given).items() if n not in secrets},
            emptied=frozenset(n for n in self._decided if n not in self._values)
            | self._decided_away,
            extra=dict(self.extra),
        )

    def fill(self, filling: Filling, origin: Origin = Origin.TYPED) -> None:
        """Put a filling in, in the place of everything there is but PASSWORD values.

        Values of fields that the form does not have are parked: a definition that brings the
        field brings the value back.
        """
        secrets = {n: self._values[n] for n in self.secret_ids if n in self._values}
        self._values, self._origins = dict(secrets), dict.fromkeys(secrets, Origin.TYPED)
        self._decided = set(secrets) | {n for n in filling.emptied if n in self.fields}
        self._decided_away = {n for n in filling.emptied if n not in self.fields}
        self.parked, self._parked_fields, self._stale = {}, {}, set()
        self.extra = dict(filling.extra)
        self.server_problems = {}
        for name, value in filling.values.items():
            field = self.fields.get(name)
            if field is not None and field.takes_input:
                self._put(name, value, origin)
                self._decided.add(name)
            else:
                self.parked[name] = value
        for name, field in self.fields.items():
            if name not in self._decided and field.takes_input:
                self._put(name, _default(field), Origin.DEFAULT)
        self.revision += 1

    # What comes of it

    def problems(self) -> tuple[Problem, ...]:
        """Everything that keeps this form from being sent, in drawing order."""
        found = ((name, self.problem(name)) for name in self.fields)
        return tuple(Problem(name, text) for name, text in found if text)

    def problem(self, field_id: str) -> str:
        """What is wrong with one field; empty where nothing is."""
        field = self.field(field_id)
        if not field.takes_input:
            return ""
        try:
            value = resolved(self.value(field_id), self.resolver)
        except InvalidInput as error:
            return str(error)
        return problem(field, value) or self.server_problems.get(field_id, "")

    def payload(self, *, native: bool = False) -> dict[str, Any]:
        """The ``inputs`` to send: what has a value, in drawing order, then extra inputs.

        A value with a piece that cannot be worked out is left out; it is among the problems.
        """
        inputs: dict[str, Any] = {}
        for name, field in self.fields.items():
            if field.takes_input and name in self._values:
                try:
                    value = resolved(self._values[name], self.resolver)
                except InvalidInput:
                    continue
                inputs[name] = as_sent(field, value, native=native)
        return inputs | {n: v for n, v in self.extra.items() if n not in self.fields}

    @property
    def secret_ids(self) -> frozenset[str]:
        """The fields whose values are never stored."""
        return frozenset(field.id for field in self.fields.values() if field.is_secret)


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
    if one is UNSET or other is UNSET:
        return one is other
    # 1 == True == 1.0 and 0.10 == 0.1 in Python, but they are not the same JSON.
    return write_json(to_document(one)) == write_json(to_document(other))

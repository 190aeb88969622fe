"""FormState: the values of one form, by field id, independent of any widget.

It knows what a change makes stale, parks what a new form no longer asks for, names what is wrong,
and makes the payload. It never fetches anything: services/forms.py does, and the window and the
command line both work on this one set of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zapdesk.domain.dependencies import Dependencies
from zapdesk.domain.fields import Choice, FormNode, InputField
from zapdesk.domain.filling import Filling
from zapdesk.domain.form_facts import Change, Origin, Problem, Replacement
from zapdesk.domain.parking import Parking
from zapdesk.domain.pieces import Piece, Resolver, no_pieces, pieces_in, resolved
from zapdesk.domain.values import (
    UNSET,
    as_json,
    as_sent,
    default_of,
    is_filled,
    matching_choice,
    problem,
    same_value,
)
from zapdesk.errors import InvalidInput


class FormState:
    """The state of one form.

    ``parked`` are values whose fields are gone, ``extra`` inputs that no field asks for,
    ``server_problems`` what the server said about single fields. ``revision`` grows with every
    change of a value or of the definition. ``resolver`` works out mapped values.
    """

    def __init__(self, nodes: Sequence[FormNode] = ()) -> None:
        self.nodes: tuple[FormNode, ...] = ()
        self.extra: dict[str, Any] = {}
        self.revision = 0
        self.server_problems: dict[str, str] = {}
        self.resolver: Resolver = no_pieces
        self._dependencies = Dependencies(())
        self._values: dict[str, Any] = {}
        self._origins: dict[str, Origin] = {}
        self._decided: set[str] = set()  # a person has decided; a default no longer fills these
        self._decided_away: set[str] = set()  # the same, for fields that are not here now
        self._parking = Parking()
        self._secret_ids: set[str] = set()  # once a PASSWORD, always one
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

    @property
    def parked(self) -> Mapping[str, Any]:
        """Values whose fields are gone, by field id."""
        return self._parking.values

    @property
    def outdated(self) -> frozenset[str]:
        """Parked values that what they depend on has left behind; they stay parked."""
        return self._parking.outdated

    def is_mapped(self, field_id: str) -> bool:
        """Whether pieces are part of the field's value."""
        return any(True for _ in pieces_in(self.value(field_id)))

    def mapped_ids(self) -> tuple[str, ...]:
        """The fields whose values have pieces in them."""
        return tuple(name for name in self._values if self.is_mapped(name))

    def pieces(self) -> tuple[Piece, ...]:
        """Every piece that there is in the values."""
        return tuple(piece for value in self._values.values() for piece in pieces_in(value))

    def worked_out(self, field_id: str) -> Any:
        """The value with its pieces worked out; UNSET where one of them cannot be."""
        try:
            return resolved(self.value(field_id), self.resolver)
        except InvalidInput:
            return UNSET

    def missing_dependencies(self, field_id: str) -> tuple[InputField, ...]:
        """The fields that must be filled before this one's choices can be asked for."""
        return tuple(
            self.fields[name]
            for name in self.field(field_id).depends_on
            if name in self.fields
            and name != field_id
            and not is_filled(self.fields[name], self.worked_out(name))
        )

    def dependants(self, field_id: str) -> tuple[str, ...]:
        """Every field that a change of this one voids, however many steps away; never itself."""
        return self._dependencies.dependants(field_id)

    def deciding(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Those of ``inputs`` on which it depends what the form is like."""
        return {n: v for n, v in inputs.items() if self._dependencies.is_deciding(n)}

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
        is_same = same_value(self.value(field_id), value)
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
        self._parking.changed({field_id, *dependants})
        return Change(cleared, field.invalidates_input_fields or bool(dependants))

    def set_extra(self, name: str, value: Any) -> None:
        """Send an input that no field asks for; UNSET takes it away."""
        if value is UNSET:
            self.extra.pop(name, None)
        else:
            as_json(value)  # what is no JSON is refused
            self.extra[name] = value
        self.revision += 1

    def unpark(self, name: str) -> None:
        """Throw a parked value away."""
        self._parking.take(name)
        self.revision += 1

    def put_back(self, name: str) -> Change:
        """Put a parked value into its field, in the place of what is there.

        Raises InvalidInput where the form has no such field that takes input.
        """
        if name not in self.parked:
            return Change()
        change = self.set(name, self.parked[name])
        self.unpark(name)
        return change

    def set_payload(self, inputs: Mapping[str, Any], *, native: bool = False) -> Change:
        """Take over edited JSON: what the payload is to be, unknown keys as extra inputs.

        A field whose JSON is what it sends already keeps its value and its origin. Raises
        InvalidInput for fields that take no input; nothing is changed then.
        """
        for name in inputs:
            if name in self.fields and not self.fields[name].takes_input:
                raise InvalidInput(f"{self.fields[name].name} is for reading only.")
        as_json(dict(inputs))
        before = self.payload(native=native)
        cleared: list[str] = []
        needs_refetch = False
        # A parent that is set here may clear a field that the JSON still has: it comes later.
        for name in self.in_order(n for n, f in self.fields.items() if f.takes_input):
            wanted = inputs.get(name, UNSET)
            if name in self._values and same_value(before.get(name, UNSET), wanted):
                continue
            if wanted is UNSET and name not in self._values:
                continue
            change = self.set(name, wanted)
            cleared += [n for n in change.cleared if n not in inputs]
            needs_refetch = needs_refetch or change.needs_refetch
        self.extra = {n: v for n, v in inputs.items() if n not in self.fields}
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
        self._secret_ids |= {name for name, field in self.fields.items() if field.is_secret}
        for name in (parked := tuple(name for name in before if name not in self.fields)):
            if name in self._decided and name not in self._values:
                self._decided_away.add(name)
            self._park(name, before[name])
            self._decided.discard(name)
            self.server_problems.pop(name, None)
        added = tuple(name for name in self.fields if name not in before)
        for name, field in self.fields.items():
            if not field.takes_input:  # it became one for reading only
                self._park(name, before.get(name, field))
            else:
                self._bring_back(name)
                if name not in self._decided and self.origin(name) in {None, Origin.DEFAULT}:
                    self._put(name, default_of(field), Origin.DEFAULT)
        self.revision += 1
        changed = (n for n, f in self.fields.items() if n in before and before[n] != f)
        return Replacement(added, parked, tuple(changed))

    def _park(self, name: str, field: InputField) -> None:
        extra = self.extra.pop(name, UNSET) if name in self.fields else UNSET
        value = self.value(name) if self.origin(name) is not Origin.DEFAULT else UNSET
        if extra is not UNSET or value is not UNSET:
            self._parking.put(name, extra if value is UNSET else value, field)
        self._put(name, UNSET)

    def _bring_back(self, name: str) -> None:
        typed = self.extra.pop(name, UNSET)  # what was typed as JSON, and is asked for now
        if typed is UNSET and name not in self._values and name not in self.outdated:
            typed = self._parking.take(name)
        if typed is not UNSET:
            self._put(name, typed)
        if typed is not UNSET or name in self._decided_away:
            self._decided.add(name)
        self._decided_away.discard(name)

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
        given = {n: v for n, v in self._values.items() if self._origins[n] is not Origin.DEFAULT}
        values = {**self.parked, **given}
        emptied = self._decided_away | {n for n in self._decided if n not in self._values}
        return Filling(values, frozenset(emptied), dict(self.extra)).without(self._secret_ids)

    def fill(self, filling: Filling, origin: Origin = Origin.TYPED) -> None:
        """Put a filling in, in the place of everything there is but PASSWORD values.

        Values of fields that the form does not have are parked: a definition that brings the
        field brings the value back.
        """
        secrets = {n: v for n, v in self._values.items() if n in self._secret_ids}
        self._values, self._origins = dict(secrets), dict.fromkeys(secrets, Origin.TYPED)
        self._decided = set(secrets) | {n for n in filling.emptied if n in self.fields}
        self._decided_away = {n for n in filling.emptied if n not in self.fields}
        self._parking.keep_only(self._secret_ids)
        self.extra, self.server_problems = dict(filling.extra), {}
        asked_for = {n: self.extra.pop(n) for n in filling.extra if n in self.fields}
        for name, value in {**asked_for, **filling.values}.items():
            field = self.fields.get(name)
            if field is not None and field.takes_input:
                self._put(name, value, origin)
                self._decided.add(name)
            else:
                self._parking.put(name, value, field)
        for name, field in self.fields.items():
            if name not in self._decided and field.takes_input:
                self._put(name, default_of(field), Origin.DEFAULT)
        self.revision += 1

    def typed_secrets(self) -> dict[str, Any]:
        """What a person put into PASSWORD fields: for a form that takes this one's place."""
        every, kept = {**self.extra, **self.parked, **self._values}, self._secret_ids
        return {n: v for n, v in every.items() if n in kept and self.origin(n) != Origin.DEFAULT}

    def park_secrets(self, values: Mapping[str, Any]) -> None:
        """Hold what was in PASSWORD fields; a definition that brings them brings it back."""
        self._secret_ids |= values.keys()
        for name, value in values.items():
            self._parking.put(name, value)

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
            if field.takes_input and (value := self.worked_out(name)) is not UNSET:
                inputs[name] = as_sent(field, value, native=native)
        return inputs | {n: v for n, v in self.extra.items() if n not in self.fields}

    @property
    def secret_ids(self) -> frozenset[str]:
        """The fields whose values are never stored, those among them that are gone included."""
        return frozenset(self._secret_ids)

"""Which field depends on which, over any number of steps, and what is odd about a definition."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from zapdesk.domain.fields import FormNode, InputField, input_fields


class Dependencies:
    """The ``depends_on`` of one definition. Cycles and unknown ids are reported, never followed."""

    def __init__(self, nodes: Iterable[FormNode]) -> None:
        self._fields: dict[str, InputField] = {}
        self._counts: Counter[str] = Counter()
        self._direct: dict[str, list[str]] = {}
        for field in input_fields(nodes):
            self._counts[field.id] += 1
            if field.id in self._fields:
                continue
            self._fields[field.id] = field
            for name in field.depends_on:
                self._direct.setdefault(name, []).append(field.id)

    @property
    def fields(self) -> Mapping[str, InputField]:
        """Every input field by id, in drawing order. Of two with one id the first counts."""
        return self._fields

    def dependants(self, field_id: str) -> tuple[str, ...]:
        """Every field that a change of this one voids, however many steps away; never itself."""
        seen = {field_id}
        found: list[str] = []
        waiting = deque([field_id])
        while waiting:
            for name in self._direct.get(waiting.popleft(), ()):
                if name not in seen:
                    seen.add(name)
                    found.append(name)
                    waiting.append(name)
        return tuple(found)

    def is_deciding(self, field_id: str) -> bool:
        """Whether what the form is like may depend on the value of this field."""
        field = self._fields.get(field_id)
        return field is not None and (
            field.invalidates_input_fields
            or any(name != field_id for name in self._direct.get(field_id, ()))
        )

    def in_order(self, names: Iterable[str]) -> list[str]:
        """``names`` of the form, each after the ones among them that it depends on."""
        wanted = set(names)
        order = [name for name in self._fields if name in wanted]
        place = {name: at for at, name in enumerate(order)}
        needs = {
            name: {d for d in self._fields[name].depends_on if d in place and d != name}
            for name in order
        }
        free = [place[name] for name in order if not needs[name]]
        ordered: dict[str, None] = {}
        first = 0
        while len(ordered) < len(order):
            if free:
                name = order[heappop(free)]
            else:  # in a cycle somebody has to be first
                while order[first] in ordered:
                    first += 1
                name = order[first]
            if name in ordered:
                continue
            ordered[name] = None
            for user in self._direct.get(name, ()):
                if user in needs and name in needs[user]:
                    needs[user].discard(name)
                    if not needs[user]:
                        heappush(free, place[user])
        return list(ordered)

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
        found.extend(
            f"The form has {count} fields called '{name}'; the first is shown."
            for name, count in self._counts.items()
            if count > 1
        )
        return tuple(found)

    def _in_cycles(self) -> list[str]:
        # Taking away, again and again, every field that depends on nothing and every field that
        # nothing depends on leaves exactly the fields in cycles and between them.
        needs = {
            field.id: {n for n in field.depends_on if n in self._fields and n != field.id}
            for field in self._fields.values()
            if field.depends_on
        }
        if not needs:
            return []
        for wanted in tuple(needs.values()):
            for name in wanted:
                needs.setdefault(name, set())
        users: dict[str, set[str]] = {name: set() for name in needs}
        for name, wanted in needs.items():
            for need in wanted:
                users[need].add(name)
        loose = deque(n for n in needs if not needs[n] or not users[n])
        gone: set[str] = set()
        while loose:
            name = loose.popleft()
            if name in gone:
                continue
            gone.add(name)
            for other in users[name]:
                needs[other].discard(name)
                if not needs[other]:
                    loose.append(other)
            for other in needs[name]:
                users[other].discard(name)
                if not users[other]:
                    loose.append(other)
        return [name for name in self._fields if name in needs and name not in gone]

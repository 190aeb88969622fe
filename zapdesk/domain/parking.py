"""Parked values: what was typed into fields that the form no longer asks for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from zapdesk.domain.fields import InputField
from zapdesk.domain.values import UNSET


class Parking:
    """``values`` by field id. A value comes back with its field, unless it is outdated: what it
    depends on has changed since, and a person has to decide."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._fields: dict[str, InputField] = {}
        self._outdated: set[str] = set()

    @property
    def outdated(self) -> frozenset[str]:
        """The values that stay here when their fields return."""
        return frozenset(self._outdated)

    def put(self, name: str, value: Any, field: InputField | None = None) -> None:
        """Park the value of a field that was ``field`` when it went, where that is known."""
        self.take(name)
        self.values[name] = value
        if field is not None:
            self._fields[name] = field

    def take(self, name: str) -> Any:
        """Give a value back, UNSET where none is parked under that name."""
        self._fields.pop(name, None)
        self._outdated.discard(name)
        return self.values.pop(name, UNSET)

    def changed(self, names: Collection[str]) -> None:
        """Fields of these names have other values now, or none any more."""
        for name, field in self._fields.items():
            if any(need in names for need in field.depends_on):
                self._outdated.add(name)

    def keep_only(self, names: Collection[str]) -> None:
        """Throw the values of all other names away."""
        for name in [name for name in self.values if name not in names]:
            self.take(name)

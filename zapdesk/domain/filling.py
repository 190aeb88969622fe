"""Filling: what a person has put into a form, apart from any definition; the stuff of drafts.

PASSWORD values are never in one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.pieces import from_document, to_document
from zapdesk.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Filling:
    """Values by field id, fields emptied on purpose, and inputs that no field asks for.

    ``labels`` tell, by field id, what the chosen ids among the values were called: words to show
    until the choices are loaded. They are never sent. ``again_of`` is the local id of the run that
    it was taken from, empty where it is from none or was sent since.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    emptied: frozenset[str] = frozenset()
    extra: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    again_of: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that would be missed."""
        return not (self.values or self.emptied or self.extra)

    def without(self, names: Collection[str]) -> Filling:
        """This filling with nothing of these fields in it."""
        return Filling(
            {name: value for name, value in self.values.items() if name not in names},
            self.emptied,
            {name: value for name, value in self.extra.items() if name not in names},
            {name: told for name, told in self.labels.items() if name not in names},
            self.again_of,
        )

    def write(self) -> bytes:
        """This filling as JSON."""
        labels = {name: dict(told) for name, told in self.labels.items()}
        return write_json(
            {
                "values": {name: to_document(value) for name, value in self.values.items()},
                "emptied": sorted(self.emptied),
                "extra": dict(self.extra),
            }
            | ({"labels": labels} if labels else {})
            | ({"again_of": self.again_of} if self.again_of else {})
        )

    @classmethod
    def read(cls, raw: bytes | str) -> Filling:
        """What ``write`` wrote. Raises InvalidInput where it is something else."""
        match read_json(raw):
            case {"values": dict(values), "emptied": list(emptied), "extra": dict(extra), **rest}:
                return cls(
                    {name: from_document(value) for name, value in values.items()},
                    frozenset(str(name) for name in emptied),
                    extra,
                    _labels(rest.get("labels")),
                    str(rest.get("again_of", "")),
                )
        raise InvalidInput("These form values cannot be read.")


def _labels(document: Any) -> dict[str, dict[str, str]]:
    if not isinstance(document, dict):
        return {}
    return {
        name: {id: text for id, text in told.items() if isinstance(text, str)}
        for name, told in document.items()
        if isinstance(told, dict)
    }

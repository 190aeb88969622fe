"""Reading a capsule field by field: each is of its kind, or the capsule cannot be read."""

from __future__ import annotations

import base64
import binascii
import builtins
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.explanation import Outcome
from zapdesk.domain.payload import ExactNumber
from zapdesk.domain.runs import (
    ActionRun,
    Labels,
    Resolution,
    RunEvent,
    RunKind,
    RunRecord,
    RunStatus,
)
from zapdesk.errors import InvalidInput

_LARGEST_INT = 2**53
_LAST_MOMENT_MS = 253_402_300_799_000
"""The end of the year 9999, the last that dates are written for."""
_LONGEST_NAME = 10_000

W = TypeVar("W", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Fields:
    """One object of a capsule; ``name`` is what it is called when something in it is wrong."""

    values: Mapping[str, Any]
    name: str

    def text(self, key: str) -> str:
        """A text."""
        value = self.values.get(key)
        if not isinstance(value, str):
            self._refuse(key, "no text")
        return value

    def optional_text(self, key: str) -> str | None:
        """A text, or null."""
        return None if self.values.get(key) is None else self.text(key)

    def address(self, key: str) -> str:
        """A web address, at least one that can be taken apart."""
        text = self.text(key)
        try:
            urlsplit(text)
        except ValueError:
            self._refuse(key, "no web address")
        return text

    def int(self, key: str) -> builtins.int:
        """A whole number of a size that any program can hold."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, builtins.int):
            self._refuse(key, "no whole number")
        if abs(value) > _LARGEST_INT:
            self._refuse(key, "too large a number")
        return value

    def optional_int(self, key: str) -> builtins.int | None:
        """A whole number, or null."""
        return None if self.values.get(key) is None else self.int(key)

    def time(self, key: str) -> builtins.int:
        """A moment in Unix milliseconds, from 1970 to 9999."""
        value = self.int(key)
        if not 0 <= value <= _LAST_MOMENT_MS:
            self._refuse(key, "no time that a calendar has")
        return value

    def optional_time(self, key: str) -> builtins.int | None:
        """A moment, or null."""
        return None if self.values.get(key) is None else self.time(key)

    def optional_float(self, key: str) -> float | None:
        """A number, or null."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, builtins.int | float | ExactNumber):
            self._refuse(key, "no number")
        number = float(value)
        if not math.isfinite(number) or abs(number) > _LARGEST_INT:
            self._refuse(key, "too large a number")
        return number

    def word(self, key: str, kind: type[W]) -> W:
        """One of the words that ``kind`` has."""
        text = self.text(key)
        try:
            return kind(text)
        except ValueError:
            self._refuse(key, f"a word that is not known ({text[:40]!r})")

    def part(self, key: str) -> Fields:
        """An object."""
        value = self.values.get(key)
        if not isinstance(value, Mapping):
            self._refuse(key, "no object")
        return Fields(value, key)

    def optional_part(self, key: str) -> Fields | None:
        """An object, or null."""
        return None if self.values.get(key) is None else self.part(key)

    def parts(self, key: str) -> list[Fields]:
        """A list of objects."""
        value = self.values.get(key)
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self._refuse(key, "no list of objects")
        return [Fields(item, key) for item in value]

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of texts."""
        value = self.values.get(key)
        found = []
        for pair in value if isinstance(value, list) else [None]:
            match pair:
                case [str(first), str(second)]:
                    found.append((first, second))
                case _:
                    self._refuse(key, "no list of pairs")
        return tuple(found)

    def body(self, key: str) -> bytes:
        """Bytes, as text or as base64."""
        match self.values.get(key):
            case str(text):
                try:
                    return text.encode()
                except UnicodeEncodeError:
                    self._refuse(key, "text that cannot be written")
            case {"base64": str(text)}:
                try:
                    return base64.b64decode(text, validate=True)
                except (binascii.Error, ValueError):
                    self._refuse(key, "no base64")
            case _:
                self._refuse(key, "no text")

    def optional_body(self, key: str) -> bytes | None:
        """Bytes, or null."""
        return None if self.values.get(key) is None else self.body(key)

    def labels(self, key: str) -> dict[str, Labels]:
        """What was chosen, by field id."""
        found: dict[str, Labels] = {}
        for name, label in self.part(key).values.items():
            if isinstance(label, str):
                found[name] = label
            elif isinstance(label, Mapping) and all(isinstance(v, str) for v in label.values()):
                found[name] = dict(label)
            else:
                self._refuse(key, "no labels")
        return found

    # The larger pieces

    def outcome(self) -> Outcome:
        """What was said about the outcome."""
        return Outcome(*(self.text(name) for name in ("title", "sentence", "side", "hint")))

    def event(self) -> RunEvent:
        """A line of the history."""
        return RunEvent(self.time("at_ms"), self.word("status", RunStatus), self.text("text"))

    def record(self, **bodies: Any) -> RunRecord:
        """The run, with ``bodies`` for the rest of its record."""
        run = ActionRun(
            id=self._name("id"),
            profile_id=self._name("profile"),
            kind=self.word("kind", RunKind),
            status=self.word("status", RunStatus),
            action=ActionKey(
                self._name("app"), self._name("action_type"), self._name("action_key")
            ),
            app_title=self._name("app_title"),
            action_title=self._name("action_title"),
            authentication_id=self.optional_text("connection"),
            authentication_title=self._name("connection_title"),
            created_ms=self.time("created_ms"),
            run_id=self.optional_text("run_id"),
            server_status=self._name("server_status"),
            headline=self.text("headline"),
            sent_ms=self.optional_time("sent_ms"),
            accepted_ms=self.optional_time("accepted_ms"),
            ended_ms=self.optional_time("ended_ms"),
            resolution=None
            if self.values.get("resolution") is None
            else self.word("resolution", Resolution),
            resolution_note=self.text("resolution_note"),
            is_mine=False,
            in_sandbox=self.values.get("in_sandbox") is True,  # early ones do not tell
        )
        return RunRecord(run, **bodies)

    def _name(self, key: str) -> str:
        text = self.text(key)
        if len(text) > _LONGEST_NAME:
            self._refuse(key, "too long a text")
        return text

    def _refuse(self, key: str, what: str) -> NoReturn:
        where = key if self.name == "the capsule" else f"{self.name}.{key}"
        raise InvalidInput(f"A part of this capsule cannot be read: {where} is {what}.")

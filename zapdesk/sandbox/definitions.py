"""What an app of the sandbox is made of. Plain values and callables, no HTTP and no SQL here."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object. Its values are whatever a client sent or a client shall get."""


class RunFailure(Exception):
    """An action came to an end that is not success.

    ``code`` is one of the run error codes of the contract (or an unknown one, on purpose);
    ``delay_s`` belongs to ``throttled`` and counts seconds.
    """

    def __init__(self, code: str, title: str, detail: str, delay_s: int | None = None) -> None:
        super().__init__(title)
        self.code = code
        self.title = title
        self.detail = detail
        self.delay_s = delay_s

    def as_json(self) -> Json:
        """The entry of a run's ``errors``."""
        error: Json = {
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "meta": None,
        }
        if self.delay_s is not None:
            error["delay"] = self.delay_s
        return error


@dataclass(frozen=True, slots=True)
class Call:
    """One use of an action: what it may look at and write to.

    ``run_id`` is empty while only a form is being built. ``base_url`` is this server's own
    address. ``answer`` is what the action's ``outside`` part brought back.
    """

    db: sqlite3.Connection
    folder: Path
    base_url: str
    inputs: Json
    authentication: str | None = None
    run_id: str = ""
    now: float = 0.0
    answer: Any = None

    def text(self, key: str) -> str:
        """The input ``key`` as text; empty where it was not sent."""
        value = self.inputs.get(key)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else str(value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a drop-down. ``label`` None and an empty ``id`` both occur in real lists."""

    id: str
    label: str | None
    value: str = ""

    def as_json(self) -> Json:
        return {
            "type": "choice",
            "id": self.id,
            "label": self.label,
            "value": self.value or self.id,
        }


Fields: TypeAlias = Callable[[Call], Sequence[Json]]
Choices: TypeAlias = Callable[[Call], Sequence[Choice]]
Perform: TypeAlias = Callable[[Call], Sequence[Json]]


def no_fields(_: Call) -> Sequence[Json]:
    """The form of an action that asks nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an app.

    ``perform`` runs inside one transaction together with the record of its outcome, so that it
    happens once however the process ends. What reaches beyond this machine's database is done by
    ``outside`` before it. ``more_choices`` serves fields that come and go. ``takes_s`` says how
    long a run takes, where it is not the usual time.
    """

    key: str
    title: str
    description: str
    action_type: str
    perform: Perform
    fields: Fields = no_fields
    choices: Mapping[str, Choices] = field(default_factory=dict)
    more_choices: Callable[[Call, str], Sequence[Choice] | None] | None = None
    sample: Mapping[str, Any] = field(default_factory=dict)
    outside: Callable[[Call], Awaitable[Any]] | None = None
    takes_s: Callable[[Call], float] | None = None
    is_instant: bool = False

    def choices_of(self, call: Call, input_id: str) -> Sequence[Choice] | None:
        """The options of a field, None where it has none."""
        source = self.choices.get(input_id)
        if source is not None:
            return source(call)
        return self.more_choices(call, input_id) if self.more_choices else None


@dataclass(frozen=True, slots=True)
class Connection:
    """A connected account that the sandbox ships with."""

    id: str
    title: str
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class App:
    """An app with its actions. ``connections`` None says that it needs none at all;
    ``credentials`` are what it asks for, where its accounts are opened by a key."""

    id: str
    key: str
    title: str
    description: str
    hex_color: str
    categories: tuple[str, ...]
    actions: tuple[Action, ...]
    connections: tuple[Connection, ...] | None = None
    schema: str = ""
    seed: Callable[[sqlite3.Connection, float], None] | None = None
    credentials: tuple[str, ...] = ()

    @property
    def needs_connection(self) -> bool:
        return self.connections is not None

    @property
    def action_types(self) -> list[str]:
        return sorted({action.action_type for action in self.actions})

    def action(self, action_type: str, key: str) -> Action | None:
        """The action with this type and key; two types may share a key."""
        for action in self.actions:
            if action.key == key and action.action_type == action_type:
                return action
        return None

"""What the server remembers of one access token: what it gave out, what it was asked, who may."""

from __future__ import annotations

import secrets
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.strict.definitions import ActionDefinition, AppDefinition, Node
from tests.strict.dialect import OPENAPI, Dialect
from tests.strict.kinds import Said
from tests.strict.requests import Request

EVERY_SCOPE = frozenset(
    {"profile", "zap", "zap:write", "connection:read", "connection:write", "action:run"}
)
SCOPES = {
    "apps": "zap",
    "actions": "zap",
    "inputs": "zap:write",
    "choices": "zap",
    "outputs": "zap:write",
    "test": "zap:write",
    "authentications": "connection:read",
    "create_authentication": "connection:write",
    "create_run": "action:run",
    "run": "action:run",
    "me": "profile",
    "categories": "",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer other than the right one; ``cut`` breaks the connection instead.

    ``after`` says that the request had its effect all the same. ``delay_s`` alone: a slow answer.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    cut: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """A person's account with an app."""

    id: str
    app_id: str
    title: str
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """An id for an action, given out by one answer of /v2/actions."""

    action: ActionDefinition
    at: float


@dataclass(frozen=True, slots=True)
class FormCall:
    """One call of /inputs."""

    authentication: str | None
    inputs: Mapping[str, Any]


@dataclass(slots=True)
class FormMemory:
    """What a token was told about the form of one action."""

    calls: list[FormCall] = field(default_factory=list)
    fields: dict[str, list[Node]] = field(default_factory=dict)
    last_at: float = 0.0
    choice_page: dict[str, dict[str, str]] = field(default_factory=dict)
    """By field, and by the body as JSON with which its pages are asked: the page that is due. A
    person may come back to values whose choices were begun before."""
    said: Said = field(default_factory=Said)


@dataclass(frozen=True, slots=True)
class Script:
    """How a run goes: so many answers *not yet*, then its end."""

    unfinished: int = 0
    is_success: bool = True
    results: tuple[Any, ...] = ({"ok": True},)
    errors: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True)
class Plan:
    """A run that a person is about to order: the server lets no other be sent."""

    action: ActionDefinition
    made_at: float
    inputs: Mapping[str, Any] | None
    script: Script
    is_test: bool = False
    posts: list[Request] = field(default_factory=list)
    run_id: str = ""
    is_ended: bool = False


@dataclass(slots=True)
class Run:
    """A run that was accepted."""

    id: str
    plan: Plan
    accepted_at: float
    answers: int = 0
    looked_at: float = 0.0
    is_failed_look: bool = False


@dataclass(slots=True)
class Token:
    """One person's access and everything that was done with it."""

    text: str
    scopes: frozenset[str] = EVERY_SCOPE
    dialect: Dialect = OPENAPI
    person: str = ""
    """Whose token it is, where one person has several."""
    is_rated: bool = True
    """Whether its calls must stay within 50 a minute, as those of every process must."""
    issued: dict[str, Issued] = field(default_factory=dict)
    used_ids: set[str] = field(default_factory=set)
    next_links: set[str] = field(default_factory=set)
    forms: dict[tuple[str, str], FormMemory] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    calls: deque[float] = field(default_factory=deque)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    not_before: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By request: when it was told to wait, and until when."""
    made: list[Connection] = field(default_factory=list)
    revived: set[str] = field(default_factory=set)
    """Ids of connections that a person has renewed in a browser."""
    accepted_shape: str = ""
    refused_shapes: set[str] = field(default_factory=set)

    def connections(self, app: AppDefinition) -> list[Connection]:
        """The accounts this person owns: an expired one between two that work, and new ones."""
        if not app.needs_authentication:
            return []
        mark = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.person or self.text} {app.id}")
        own = [
            Connection(str(mark.int % 10**6), app.id, f"{app.title} (crew@harbour.example)"),
            Connection(f"x{mark.hex[:7]}", app.id, f"{app.title} (old)", is_expired=True),
            Connection(f"q/{mark.hex[8:14]}+=", app.id, f"{app.title} (mate@harbour.example)"),
        ]
        own += [one for one in self.made if one.app_id == app.id]
        return [replace(one, is_expired=False) if one.id in self.revived else one for one in own]

    def issue(self, action: ActionDefinition, at: float) -> str:
        """A new id for an action."""
        mark = secrets.token_urlsafe(8)
        id = {
            "core": f"core:{mark}",
            "uag": f"uag:{uuid.uuid4()}",
            "odd": f"core:{mark}/a b?c#é%41",
        }[self.dialect.action_id]
        self.issued[id] = Issued(action, at)
        return id

    def new_run_id(self) -> str:
        return {
            "uuid": str(uuid.uuid4()),
            "arun": f"arun_{secrets.token_hex(8)}",
            "slashes": f"arun_{secrets.token_hex(4)}/1?x=2#3 %2F",
        }[self.dialect.run_id]

    def form(self, action: ActionDefinition) -> FormMemory:
        return self.forms.setdefault((action.app_id, action.name), FormMemory())

    def plan_for(self, action: ActionDefinition, is_test: bool) -> Plan | None:
        """The newest order for this action that has not ended."""
        fitting = [
            plan
            for plan in self.plans
            if plan.action is action and plan.is_test is is_test and not plan.is_ended
        ]
        return fitting[-1] if fitting else None

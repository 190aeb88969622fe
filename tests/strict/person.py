"""A scripted user: fills forms in as a person would, through the services the window uses.

It chooses with a seeded generator, follows the forms that its choices bring, changes its mind,
and orders what the server then judges.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.strict.definitions import ActionDefinition, AppDefinition
from tests.strict.dialect import OPENAPI, Dialect
from tests.strict.server import StrictZapier
from tests.strict.tokens import EVERY_SCOPE, Plan, Script, Token
from zapdesk.bootstrap import Program, Session, choose_access, read_settings
from zapdesk.domain.catalog import Action, Authentication
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.fields import FieldFormat, InputField, ValueType
from zapdesk.domain.payload import HIDDEN_PASSWORD
from zapdesk.domain.runs import ActionRun, RunRecord
from zapdesk.domain.values import UNSET
from zapdesk.paths import Paths
from zapdesk.services.forms import FormSession

_TEXTS = (
    "High water 06:12",
    "Grüße, 世界 🌊",
    "first\r\nsecond\tend ",
    "  around  ",
    "{{not a piece}}",
    '"quoted" \\ \u2028 \u202e </script>',
    "0",
    "null",
)
_LONG = "ebb and flöd 🌊\r\n" * 2_500  # 40,000 characters
_NUMBERS = ("3.50", "-0.1", "1e3", "007", "12345678901234567890.123456789")
_INTEGERS = ("0", "-7", "+5", "007", "123456789012345678901234567890")
_MOST_STEPS = 600
_MOST_TRIES = 5
_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Done:
    """One order from both sides: what the server got and what zapdesk kept."""

    plan: Plan
    ordered: dict[str, Any]
    secret_ids: frozenset[str]
    run: ActionRun
    record: RunRecord
    exchanges: tuple[Exchange, ...]

    def differences(self) -> list[str]:
        """Where the order, the request, and the log do not say the same."""
        name = self.plan.action.name
        if len(self.plan.posts) != 1:
            return [f"{name}: {len(self.plan.posts)} runs were sent for one order"]
        sent = _inputs_of(self.plan.posts[0].json)
        hidden = {
            id: dict(HIDDEN_PASSWORD) if id in self.secret_ids and value is not None else value
            for id, value in sent.items()
        }
        found = []
        if _text(sent) != _text(self.ordered):
            found.append(f"{name}: sent other inputs than were ordered")
        if _text(json.loads(self.record.inputs)) != _text(hidden):
            found.append(f"{name}: the log has other inputs than were sent")
        posts = [one for one in self.exchanges if one.method == "POST"]
        if [_text(_inputs_of(json.loads(one.request_body))) for one in posts] != [_text(hidden)]:
            found.append(f"{name}: the exchange has other inputs than were sent")
        if self.run.run_id != self.plan.run_id:
            found.append(f"{name}: the log has run id {self.run.run_id!r}")
        return found


@dataclass(slots=True)
class Person:
    """Fills in and orders with one session."""

    server: StrictZapier
    token: Token
    session: Session
    dice: random.Random

    async def order(
        self, app: AppDefinition, definition: ActionDefinition, script: Script | None = None
    ) -> Done:
        """Open the form of an action, fill it in, order a run and wait for its end."""
        form = await self.open(app, definition)
        try:
            await self.fill(form, definition)
            order = form.order(f"{self.dice.getrandbits(128):032x}")
        finally:
            await form.close()
        ordered = json.loads(json.dumps(dict(order.inputs)))
        plan = self.server.expect(
            self.token, app.id, definition.name, inputs=ordered, script=script
        )
        runs = self.session.runs
        started = await runs.start(order)
        run = await runs.wait(started.id, _WAIT_S)
        await runs.flush()
        record = await runs.record(run.id)
        assert record is not None
        exchanges = await runs.exchanges(run.id)
        return Done(plan, ordered, order.secret_ids, run, record, exchanges)

    async def open(self, app: AppDefinition, definition: ActionDefinition) -> FormSession:
        """The loaded form of an action, with a connection that works."""
        catalog = self.session.catalog
        known = await catalog.find_app(app.id)
        action = _same_action(await catalog.actions(app.id), definition, app)
        connections = await catalog.connections(app.id)
        assert connections.trouble is None, connections.trouble
        assert connections.needs_one is app.needs_authentication
        usable = connections.usable
        authentication: Authentication | None = self.dice.choice(usable) if usable else None
        form = self.session.forms.open(known, action, authentication)
        await form.load()
        await form.settle()
        assert form.trouble is None, form.trouble
        return form

    async def fill(self, form: FormSession, definition: ActionDefinition) -> None:
        """Give every required field a value and some of the others, whatever the form becomes."""
        left_out: set[str] = set()
        tries: Counter[str] = Counter()
        mind_changes = self.dice.choice((0, 0, 1, 2))
        for _ in range(_MOST_STEPS):
            name = self._next(form, left_out, tries)
            if name is None and mind_changes:
                mind_changes -= 1
                name = self._reconsidered(form)
            if name is None:
                # As a click on Run does: the edit has ended, and the form is to be right now.
                await form.settle()
                if self._next(form, left_out, tries) is None:
                    break
                continue
            before = form.state.revision
            await self._answer(form, definition, name)
            if form.state.revision == before:
                tries[name] += 1  # the form may just have changed under the person's hands
            if name in form.state.fields:
                form.finish_edit(name)
            if self.dice.random() < 0.3:
                await asyncio.sleep(self.dice.choice((0, 0.01, 0.2)))
            if self.dice.random() < 0.6:
                await form.settle()
        else:
            raise AssertionError(f"the form of {definition.name} never became complete")
        assert form.trouble is None, form.trouble
        assert not form.state.problems(), (definition.name, form.state.problems())

    def _next(self, form: FormSession, left_out: set[str], tries: Mapping[str, int]) -> str | None:
        """The field to fill in next: what it depends on comes first.

        An optional field that was left out, or is null, has to be filled in once it is required.
        """
        state = form.state
        for name in state.in_order(state.fields):
            known = state.fields[name]
            is_over = tries.get(name, 0) >= _MOST_TRIES
            value = state.value(name)
            is_answered = value is not UNSET and not (known.is_required and value is None)
            if not known.takes_input or is_over or is_answered:
                continue
            needed = state.missing_dependencies(name)
            if known.is_required:
                open_ones = (n.id for n in needed if tries.get(n.id, 0) < _MOST_TRIES)
                return next(open_ones, name)
            if name in left_out:
                continue
            if not needed and self.dice.random() < 0.25:
                return name
            left_out.add(name)
        return None

    def _reconsidered(self, form: FormSession) -> str | None:
        """A field that brings others or voids others, to be answered once more."""
        state = form.state
        candidates = [
            name
            for name, known in state.fields.items()
            if known.takes_input
            and state.value(name) is not UNSET
            and (known.invalidates_input_fields or state.dependants(name))
            and not state.missing_dependencies(name)
        ]
        return self.dice.choice(candidates) if candidates else None

    async def _answer(self, form: FormSession, definition: ActionDefinition, name: str) -> None:
        known = form.state.fields[name]
        said = self.server.said(self.token, definition.app_id, definition.name)
        if not known.is_required and self.dice.random() < 0.05:
            said.nulls.add(name)
            form.edit(name, None)
            return
        if not known.has_choices:
            form.edit(name, self._value(known))
            return
        choices = await form.choices(name, all=self.dice.random() < 0.3)
        if choices.has_more and self.dice.random() < 0.5:
            choices = await form.choices(name, more=True)
        assert choices.trouble is None, choices.trouble
        if name not in form.state.fields or form.state.missing_dependencies(name):
            return  # a form that was on its way has come meanwhile
        ids = [choice.id for choice in choices.choices if choice.id or not known.is_required]
        if not ids or self.dice.random() < 0.05:
            ids = [f"typed {self.dice.randint(1, 99)}"]
            said.typed.add((name, ids[0]))
        if known.value_type is ValueType.ARRAY:
            form.edit(name, self.dice.sample(ids, min(len(ids), self.dice.randint(1, 3))))
        else:
            form.edit(name, self.dice.choice(ids))

    def _value(self, known: InputField) -> Any:
        if known.value_type is ValueType.OBJECT:
            return self._map()
        if known.value_type is ValueType.ARRAY:  # two: line items need equal lengths
            return [self._map() if known.items is ValueType.OBJECT else t for t in self._two(known)]
        return self._text(known.value_type, known.format)

    def _two(self, known: InputField) -> list[str]:
        return [self._text(known.items, known.format) for _ in range(2)]

    def _map(self) -> dict[str, str]:
        return {"ключ": self.dice.choice(_TEXTS), "a.b[0]": ""}

    def _text(self, value_type: ValueType, form: FieldFormat) -> str:
        if form is FieldFormat.PASSWORD:  # one that nothing else holds: it is hidden everywhere
            return f"gehéim-{self.dice.getrandbits(64):016x}"
        if form is FieldFormat.FILE:
            return "https://drop.example/tide%20table.pdf?x=1&y=ü"
        if form is FieldFormat.DATETIME:
            return self.dice.choice(("2026-03-02T05:00:00+01:00", "tomorrow at noon"))
        if value_type is ValueType.INTEGER:
            return self.dice.choice(_INTEGERS)
        if value_type is ValueType.NUMBER:
            return self.dice.choice(_NUMBERS)
        if value_type is ValueType.BOOLEAN:
            return self.dice.choice(("true", "false"))
        return _LONG if self.dice.random() < 0.02 else self.dice.choice(_TEXTS)


@asynccontextmanager
async def person(
    server: StrictZapier,
    monkeypatch: pytest.MonkeyPatch,
    dialect: Dialect = OPENAPI,
    *,
    seed: int = 1,
    is_rated: bool = False,
    scopes: frozenset[str] = EVERY_SCOPE,
) -> AsyncIterator[Person]:
    """A person at a program of their own, whose calls are counted only where ``is_rated``."""
    token = server.add_token(f"Tq7xPd{seed}", dialect=dialect, is_rated=is_rated, scopes=scopes)
    monkeypatch.setenv("ZAPDESK_BASE_URL", server.base_url)
    monkeypatch.setenv("ZAPDESK_TOKEN", token.text)
    paths = Paths.find()
    settings = read_settings(paths)
    program = await Program.start(paths, settings, choose_access(settings, None, False))
    try:
        session = await program.open_session(watch=True)
        if not is_rated:
            session.budget.limit = None
        yield Person(server, token, session, random.Random(seed))
    finally:
        await program.close()


def _same_action(
    actions: tuple[Action, ...], definition: ActionDefinition, app: AppDefinition
) -> Action:
    (found,) = (
        action
        for action in actions
        if action.key == definition.key
        and (action.action_type == definition.action_type or not app.shares_keys)
    )
    return found


def _inputs_of(body: Any) -> dict[str, Any]:
    inner = body.get("data", body)
    inputs: dict[str, Any] = inner.get("inputs", inner.get("input"))
    return inputs


def _text(value: Any) -> str:
    return json.dumps(value)  # the order of keys counts: it is what was sent

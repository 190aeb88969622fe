"""One open form under everything that may happen to it, in any order: edits, answers that come
late and crossed, parking, drafts, presets, edited JSON, other connections."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.conftest import FULL, ReportFigure
from tests.services.held_server import HeldServer, held_forms, settled, turns
from tests.services.shifting_form import (
    definition,
    json_values,
    likely,
    numbers,
    offered,
    texts,
    values,
)
from zapdesk.api.wire.forms import form as read_form
from zapdesk.domain.catalog import Authentication
from zapdesk.domain.fields import Choice
from zapdesk.domain.filling import Filling
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.payload import HIDDEN_PASSWORD, read_json, without_secrets, write_json
from zapdesk.domain.pieces import Piece, to_document
from zapdesk.domain.values import UNSET, is_missing
from zapdesk.errors import InvalidInput
from zapdesk.services import forms
from zapdesk.services.forms import FormSession

SECRET = "pw-canary-7731"
STEPS = 80
EXAMPLES = 250 if FULL else 40

ONE, TWO = (Authentication(id, "app-1", id.title()) for id in ("one", "two"))


class FormSessionMachine(RuleBasedStateMachine):
    """``typed`` is what a person has put in and never took away, by field id."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.server = HeldServer(definition, offered)
        self.typed: dict[str, Any] = {}
        self.saved = Filling()
        self.before: list[tuple[Filling, Authentication | None]] = []
        self.tasks: list[asyncio.Task[Any]] = []

    def turn(self) -> None:
        type(self).steps += 1
        self.loop.run_until_complete(turns())

    def call(self, act: Callable[..., Any], *given: Any) -> Any:
        """Do something as the window does it: while the loop turns."""

        async def acting() -> Any:
            return act(*given)

        return self.loop.run_until_complete(acting())

    def start(self, coroutine: Any) -> None:
        self.tasks.append(self.loop.create_task(coroutine))
        self.turn()

    @initialize(native=st.booleans())
    def open(self, native: bool) -> None:
        self.native = native

        async def made() -> None:
            self.forms = held_forms(self.server, native=native)
            self.form: FormSession = self.forms.open()

        self.loop.run_until_complete(made())
        self.start(self.form.load())

    def teardown(self) -> None:
        async def close() -> None:
            await self.form.close()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await self.forms.transport.aclose()

        self.loop.run_until_complete(close())
        self.loop.close()

    # What a person does

    def name(self, number: int) -> str | None:
        names = [n for n, f in self.form.state.fields.items() if f.takes_input]
        return names[number % len(names)] if names else None

    def void(self, name: str) -> None:
        for dependant in self.form.state.dependants(name):
            self.typed.pop(dependant, None)

    @rule(number=numbers, value=values)
    def edit(self, number: int, value: Any) -> None:
        name = self.name(number)
        if name is None:
            return
        if self.form.state.field(name).is_secret and value is not UNSET:
            value = SECRET
        if held(self.form.state.value(name)) != held(value):
            self.void(name)
        self.call(self.form.edit, name, value)
        self.typed.pop(name, None) if value is UNSET else self.typed.update({name: value})
        self.turn()

    @rule(given=likely)
    def type_and_leave(self, given: tuple[str, Any]) -> None:
        name, value = given
        names = [n for n, f in self.form.state.fields.items() if f.takes_input]
        if name in names:
            self.edit(names.index(name), value)
            self.call(self.form.finish_edit, name)
            self.turn()

    @rule(number=numbers)
    def leave_the_field(self, number: int) -> None:
        if (name := self.name(number)) is not None:
            self.call(self.form.finish_edit, name)
        self.turn()

    @rule(
        gone=st.sets(numbers, max_size=2),
        number=numbers,
        value=json_values,
        extra=st.none() | st.tuples(st.sampled_from(["unasked", "team", "for_b"]), texts),
    )
    def edit_json(
        self, gone: set[int], number: int, value: Any, extra: tuple[str, str] | None
    ) -> None:
        inputs = read_json(self.form.preview())
        names = list(inputs)
        for place in gone:
            if names:
                inputs.pop(names[place % len(names)], None)
        name = self.name(number)
        if name is not None and not self.form.state.field(name).is_secret:
            inputs[name] = value
        if extra is not None:
            inputs[extra[0]] = extra[1]
        state = self.form.state
        was = {n: held(state.value(n)) for n in state.fields}
        shown = dict(read_json(self.form.preview()))
        self.call(self.form.edit_payload, inputs)
        now = {n: held(state.value(n)) for n in state.fields}
        for changed in [n for n in was if was[n] != now[n]]:
            self.void(changed)
            if changed not in inputs:
                assert changed in shown or state.value(changed) is UNSET
                self.typed.pop(changed, None)
        for known in state.fields:
            if known in inputs and known not in state.secret_ids:
                if state.origin(known) is not Origin.DEFAULT:
                    self.typed[known] = state.value(known)
            elif known in shown and known not in inputs:
                self.typed.pop(known, None)
        for key in set(self.typed) - set(state.fields):
            if key not in state.parked and key not in inputs:
                self.typed.pop(key)  # an extra input that was deleted in the JSON
        self.typed.update({n: v for n, v in inputs.items() if n not in state.fields})
        after = read_json(self.form.preview())
        assert after.keys() == inputs.keys()
        for key in inputs.keys() - state.fields.keys():
            assert held(after[key]) == held(inputs[key])
        self.turn()

    @rule()
    def use_another_connection(self) -> None:
        self.form.set_authentication(TWO if self.form.authentication is not TWO else ONE)
        self.start(self.form.load())

    @rule(number=numbers)
    def put_back_or_discard_a_parked_value(self, number: int) -> None:
        parked = list(self.form.state.parked)
        if not parked:
            return
        name = parked[number % len(parked)]
        value = self.form.state.parked[name]
        here = self.form.state.fields.get(name)
        if here is not None and here.takes_input:
            if held(self.form.state.value(name)) != held(value):
                self.void(name)
            self.call(self.form.put_back, name)
            self.typed[name] = value
        else:
            if here is not None:
                with pytest.raises(InvalidInput):
                    self.call(self.form.put_back, name)
            self.form.state.unpark(name)
            self.typed.pop(name, None)
        self.turn()

    @rule(kinds=st.permutations("abc"), view=st.sampled_from(["v1", "v2"]))
    def two_changes_are_answered_crosswise(self, kinds: list[str], view: str) -> None:
        for kind in kinds[:2]:
            self.open_the_choices("row", all=False)
            self.type_and_leave(("kind", kind))
            self.type_and_leave(("view", f"{view}{kind}"))
        while self.server.held:
            self.server.release(-1)
            self.turn()
            self.a_form_at_rest_is_the_one_for_its_values()

    # Drafts and presets

    @rule()
    def save_a_preset(self) -> None:
        self.saved = Filling.read(self.form.state.filling().write())

    @rule()
    def load_the_preset(self) -> None:
        self.before.append((self.form.state.filling(), self.form.authentication))
        self.fill(self.saved, self.form.authentication, Origin.PRESET)

    @rule()
    def undo_the_loading(self) -> None:
        if self.before:
            filling, authentication = self.before.pop()
            self.fill(filling, authentication, Origin.TYPED)
            assert self.form.state.filling().values.keys() >= filling.values.keys()

    def fill(self, filling: Filling, who: Authentication | None, origin: Origin) -> None:
        secrets = {n: v for n, v in self.typed.items() if n in self.form.state.secret_ids}
        self.call(self.form.fill, filling, who, origin)
        self.typed = {**filling.extra, **filling.values, **secrets}
        self.turn()

    @rule()
    def crash_and_restore_the_draft(self) -> None:
        kept = self.form.state.filling().write()
        assert SECRET.encode() not in kept
        draft, who = Filling.read(kept), self.form.authentication
        self.loop.run_until_complete(self.form.close())
        self.typed = {**draft.extra, **draft.values}

        async def made() -> None:
            self.form = self.forms.open()
            self.form.state.fill(draft)
            self.form.set_authentication(who)

        self.loop.run_until_complete(made())
        self.start(self.form.load())

    # What the server does

    @rule(number=numbers, status=st.sampled_from([200, 200, 200, 200, 500, 403]))
    def answer_one_of_the_requests(self, number: int, status: int) -> None:
        self.server.release(number, status)
        self.turn()

    @rule(name=st.sampled_from(["kind", "row"]), all=st.booleans())
    def open_the_choices(self, name: str, all: bool) -> None:
        async def told() -> None:
            form = self.form
            found = await form.choices(name, all=all)
            if form is self.form and found.choices and name == "row":
                self.belong_to_the_values(found.choices)

        self.start(told())

    @rule(view=st.sampled_from(["v1", "v2"]), pages=st.integers(1, 3))
    def choose_a_view_and_look_at_its_rows(self, view: str, pages: int) -> None:
        if "view" in self.form.state.fields:
            self.type_and_leave(("view", view))
            self.open_the_choices("row", all=True)
            for _ in range(pages):
                choices = [n for n, h in enumerate(self.server.held) if "choices" in h.path]
                if choices:
                    self.server.release(choices[-1])
                self.turn()

    @rule()
    def stop_loading_choices(self) -> None:
        self.form.stop_choices("row")

    @rule()
    def run(self) -> None:
        self.loop.run_until_complete(settled(self.form, self.server))
        if self.form.trouble is not None:
            with pytest.raises(type(self.form.trouble)):
                self.form.order("press")
            return
        problems, preview = self.form.state.problems(), self.form.preview()
        self.is_the_one_for_its_values()
        if problems:
            with pytest.raises(InvalidInput):
                self.form.order("press")
            return
        whole = self.form.body()
        once = self.form.pieces.resolve(Piece("uuid"))
        order = self.call(self.form.order, "press")
        assert write_json(without_secrets(order.inputs, order.secret_ids)) == preview
        assert preview in whole
        if self.form.state.mapped_ids():
            assert self.form.pieces.resolve(Piece("uuid")) != once
        assert order.authentication_id == self._who()
        self.turn()

    def _who(self) -> str | None:
        return self.form.authentication.id if self.form.authentication else None

    # What is always true

    @invariant()
    def nothing_that_was_typed_is_lost(self) -> None:
        state = self.form.state
        for name, value in self.typed.items():
            kept = [state.value(name), state.parked.get(name, UNSET), state.extra.get(name, UNSET)]
            assert held(value) in [held(one) for one in kept], name

    @invariant()
    def what_is_shown_is_what_is_sent(self) -> None:
        state = self.form.state
        inputs = state.payload(native=self.native)
        preview = self.form.preview()
        assert preview == write_json(without_secrets(inputs, state.secret_ids))
        assert preview in self.form.body()
        assert SECRET.encode() not in preview + self.form.body()
        for name in inputs:
            assert self.form.why(name) in {"typed", "default", "preset", "mapped", "extra input"}
        for name, value in inputs.items():
            if name in state.secret_ids:
                assert value == SECRET
                assert read_json(preview)[name] == HIDDEN_PASSWORD

    @invariant()
    def problems_are_those_of_the_values(self) -> None:
        state = self.form.state
        told = {problem.field_id: problem.text for problem in state.problems()}
        for name, here in state.fields.items():
            assert told.get(name, "") == state.problem(name)
            if here.is_required and here.takes_input and is_missing(state.value(name)):
                assert name in told
        assert all(state.fields[name].takes_input for name in told)

    @invariant()
    def choices_are_those_of_the_values_they_depend_on(self) -> None:
        if "row" in self.form.state.fields:
            known = self.form.known_choices("row")
            self.belong_to_the_values(known.choices if known else ())

    def belong_to_the_values(self, choices: Sequence[Choice]) -> None:
        view = self.form.state.payload(native=self.native).get("view")
        for one in choices:
            assert one.id.startswith(f"{view}|{self._who()}|")

    @invariant()
    def a_form_at_rest_is_the_one_for_its_values(self) -> None:
        form = self.form
        if form.is_loaded and not (form.is_loading or form.is_stale or form.trouble):
            self.is_the_one_for_its_values()

    def is_the_one_for_its_values(self) -> None:
        inputs = self.form.state.payload(native=self.native)
        asked = json.dumps({"data": definition(inputs, self._who())}).encode()
        assert self.form.state.nodes == read_form(asked)


def held(value: Any) -> bytes | None:
    """Exactly what a value is: 1, 1.0 and true are equal in Python."""
    return None if value is UNSET else write_json(to_document(value))


def test_no_order_of_events_loses_a_value_or_sends_another(
    monkeypatch: pytest.MonkeyPatch, report_figure: ReportFigure
) -> None:
    monkeypatch.setattr(forms, "DEBOUNCE_S", 0)
    monkeypatch.setattr(forms, "PAYLOAD_DEBOUNCE_S", 0)
    began = time.perf_counter()
    FormSessionMachine.steps = 0
    machine = FormSessionMachine.TestCase
    machine.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS)
    machine().runTest()
    report_figure("form: steps in any order", FormSessionMachine.steps, "steps")
    report_figure(
        "form: a step in any order",
        (time.perf_counter() - began) * 1_000 / max(1, FormSessionMachine.steps),
        "ms",
    )

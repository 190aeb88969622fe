"""Open forms: late answers, dependants, defaults, action ids, and the order that comes of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.fault_server import Wire, free_port
from tests.services.desk import at_once, desk
from tests.services.form_server import (
    SELECT,
    asked_inputs,
    choice,
    field,
    form,
    open_form,
    select_form,
)
from tests.services.script_server import (
    Asked,
    Behaviour,
    Reply,
    errors,
    reply_bytes,
    scripted,
)
from zapdesk.domain.definitions import read_definition
from zapdesk.errors import InvalidInput, Unreachable
from zapdesk.services import forms


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "DEBOUNCE_S", 0.02)


def test_first_call_is_empty_and_a_default_that_brings_fields_is_told_once(tmp_path: Path) -> None:
    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        found = [field("kind", default_value="a", invalidates_input_fields=True)]
        return [*found, field("extra")] if inputs.get("kind") == "a" else found

    async def scenario() -> None:
        async with scripted(routes=form(fields)) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            assert asked_inputs(script) == [{}, {"kind": "a"}]
            assert list(opened.state.fields) == ["kind", "extra"]
            await opened.close()

    asyncio.run(scenario())


def test_answer_that_was_overtaken_never_becomes_the_form(tmp_path: Path) -> None:
    gate = asyncio.Event()

    def answer(asked: Asked) -> Reply | Behaviour:
        kind = asked.json["data"]["inputs"].get("kind", "")
        body = {"data": [field("kind", invalidates_input_fields=True), field(f"for_{kind}")]}

        async def late(wire: Wire) -> None:
            await gate.wait()
            await wire.send(reply_bytes(200, json.dumps(body).encode()))

        return late if kind == "slow" else (200, body)

    async def scenario() -> None:
        async with (
            scripted(routes={"/v2/actions/": answer}) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            opened.edit("kind", "slow")
            slow = asyncio.ensure_future(opened.load())
            while len(asked_inputs(script)) < 2:
                await asyncio.sleep(0.01)
            opened.edit("kind", "quick")
            await opened.load()
            gate.set()
            await slow
            assert list(opened.state.fields) == ["kind", "for_quick"]
            assert not opened.is_loading
            await opened.close()

    asyncio.run(scenario())


def test_typing_fetches_once_after_the_editing_ended(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = form(lambda inputs: [field("kind", invalidates_input_fields=True)])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            for text in ("t", "te", "text"):
                opened.edit("kind", text)
            await asyncio.sleep(0.1)
            assert len(asked_inputs(script)) == 1
            opened.finish_edit("kind")
            opened.finish_edit("kind")
            await asyncio.sleep(0.3)
            assert asked_inputs(script) == [{}, {"kind": "text"}]
            await opened.close()

    asyncio.run(scenario())


def test_dependants_are_cleared_through_a_chain_of_three(tmp_path: Path) -> None:
    async def scenario() -> None:
        chain = [field("a"), field("b", depends_on=["a"]), field("c", depends_on=["b"])]
        async with (
            scripted(routes=form(lambda inputs: chain)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            for name in "abc":
                opened.edit(name, name)
            changes: list[tuple[str, ...]] = []
            opened.changed.subscribe(lambda change: changes.append(change.field_ids))
            opened.edit("a", "other")
            assert opened.state.payload() == {"a": "other"}
            assert changes == [("a", "b", "c")]
            await opened.close()

    asyncio.run(scenario())


def test_default_that_is_a_label_is_sent_as_the_id_and_brings_its_form(tmp_path: Path) -> None:
    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        kind = field("kind", default_value="Blue", invalidates_input_fields=True, **SELECT)
        return [kind, field("shade")] if inputs.get("kind") == "7" else [kind]

    async def scenario() -> None:
        offered = {"kind": [[choice("7", "Blue"), choice("8", "Red")]]}
        async with (
            scripted(routes=form(fields, offered)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            await opened.settle()
            assert opened.state.payload()["kind"] == "7"
            assert list(opened.state.fields) == ["kind", "shade"]
            assert len(asked_inputs(script)) == 3
            await opened.close()

    asyncio.run(scenario())


def test_default_spelt_as_a_boolean_is_sent_as_the_choice_it_means(tmp_path: Path) -> None:
    async def scenario() -> None:
        flag = field("flag", value_type="BOOLEAN", default_value="yes", **SELECT)
        offered = {"flag": [[choice("True", "Yes, please"), choice("False", "No")]]}
        async with (
            scripted(routes=form(lambda inputs: [flag], offered)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            await opened.settle()
            assert opened.state.payload() == {"flag": "True"}
            await opened.close()

    asyncio.run(scenario())


def test_default_whose_choices_cannot_be_had_is_sent_as_it_stands(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = form(
            lambda inputs: [field("kind", default_value="Blue", **SELECT)],
            {"kind": lambda asked: (500, {})},
        )
        async with (
            scripted(routes=routes) as script,
            desk(tmp_path, script.url, pause=at_once) as made,
        ):
            opened = open_form(made)
            await opened.load()
            await opened.settle()
            assert opened.state.payload() == {"kind": "Blue"}
            known = opened.known_choices("kind")
            assert known is not None
            assert known.trouble is not None
            await opened.close()

    asyncio.run(scenario())


def test_form_that_changes_its_defaults_for_ever_is_asked_a_bounded_number_of_times(
    tmp_path: Path,
) -> None:
    count = [0]

    def fields(inputs: dict[str, Any]) -> list[dict[str, Any]]:
        count[0] += 1
        return [field("kind", default_value=str(count[0]), invalidates_input_fields=True, **SELECT)]

    def offered(asked: Asked) -> Reply:
        return 200, {"data": [choice(f"id {count[0]}", str(count[0]))], "links": {"next": None}}

    async def scenario() -> None:
        routes = form(fields, {"kind": offered})
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            async with asyncio.timeout(10):
                await opened.load()
                await opened.settle()
            assert len(script.asked) < 100
            await opened.close()

    asyncio.run(scenario())


def test_old_action_id_is_looked_up_again_once(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        if "/old-id/" in asked.path:
            return 404, errors("not_found", "No such action.")
        return 200, {"data": [field("note")]}

    async def scenario() -> None:
        async with (
            scripted(routes={"/v2/actions/": answer}) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            assert list(opened.state.fields) == ["note"]
            await opened.load()
            paths = [a.path for a in script.asked]
            assert paths.count("/v2/actions") == 1
            assert paths.count("/v2/actions/old-id/inputs") == 1
            await opened.close()

    asyncio.run(scenario())


def test_refusal_that_a_new_id_does_not_mend_is_shown(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = {"/v2/actions/": lambda asked: (404, errors("not_found", "No such action."))}
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            assert opened.trouble is not None
            assert "No such action." in opened.trouble.detail
            assert len(asked_inputs(script)) == 2
            await opened.close()

    asyncio.run(scenario())


def test_form_is_shown_from_the_cache_while_the_server_cannot_be_reached(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = form(lambda inputs: [field("note")])
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            await opened.close()
        address = f"http://127.0.0.1:{free_port()}"
        async with desk(tmp_path, address, pause=at_once) as offline:
            opened = open_form(offline)
            await opened.load()
            assert list(opened.state.fields) == ["note"]
            assert isinstance(opened.trouble, Unreachable)
            await opened.close()

    asyncio.run(scenario())


# Sending


def test_order_names_every_problem_and_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        fields = [field("name", is_required=True), field("n", value_type="INTEGER")]
        async with (
            scripted(routes=form(lambda inputs: fields)) as script,
            desk(tmp_path, script.url) as made,
        ):
            opened = open_form(made)
            await opened.load()
            opened.edit("n", "three")
            with pytest.raises(InvalidInput) as caught:
                opened.order("nonce")
            assert "Name is required." in caught.value.detail
            assert "'three' is not a whole number." in caught.value.detail
            await opened.close()

    asyncio.run(scenario())


def test_order_carries_the_labels_of_choices_and_the_ids_of_secrets(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = select_form([[choice("7", "Blue")]], field("key", format="PASSWORD"))
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            opened = open_form(made)
            await opened.load()
            await opened.choices("kind")
            opened.edit("kind", "7")
            opened.edit("key", "s")
            made_order = opened.order("nonce")
            assert made_order.labels == {"kind": "Blue"}
            assert made_order.secret_ids == {"key"}
            assert made_order.inputs == {"key": "s", "kind": "7"}
            assert read_definition(made_order.definition) == opened.state.nodes
            await opened.close()

    asyncio.run(scenario())

"""Real and made-up definitions in an open form: what is previewed is what is ordered and sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.form_server import field
from tests.services.held_server import HeldForms, HeldServer, held_forms, settled
from tests.spec import real_field_files
from zapdesk.domain.definitions import document
from zapdesk.domain.fields import FieldFormat, InputField, ValueType
from zapdesk.domain.payload import read_json, without_secrets, write_json
from zapdesk.services.form_sending import FRESH_ID
from zapdesk.services.forms import FormSession

FILES = real_field_files()


def likely(field: InputField, form: FormSession) -> Any:
    """What a person would put in: a choice where there are some."""
    known = form.known_choices(field.id)
    scalar = {ValueType.INTEGER: "7", ValueType.NUMBER: "0.10", ValueType.BOOLEAN: "true"}
    match field.value_type:
        case ValueType.ARRAY if field.items is ValueType.OBJECT:
            return [{"name": "Ada"}]
        case ValueType.ARRAY if known and known.choices:
            return [choice.id for choice in known.choices[:2]]
        case ValueType.ARRAY:
            return [scalar.get(field.items, "https://example.com/x")]
        case ValueType.OBJECT:
            return {"name": "Ada"}
        case _ if known and known.choices and known.choices[0].id:
            return known.choices[0].id
        case kind:
            return scalar.get(kind, "https://example.com/x")


async def filled_and_checked(server: HeldServer, made: HeldForms) -> FormSession:
    """Open a form, fill in what is required, and compare everything that tells what is sent."""
    form = made.open()
    first = asyncio.ensure_future(form.load())
    await settled(form, server)
    await first
    assert form.trouble is None
    for _ in range(6):
        missing = form.state.in_order(p.field_id for p in form.state.problems())
        for name in missing:
            if name not in form.state.fields:
                continue
            if form.state.field(name).has_choices:
                asking = asyncio.ensure_future(form.choices(name))
                while not asking.done():
                    server.release(0)
                    await asyncio.sleep(0)
            form.edit(name, likely(form.state.field(name), form))
            form.finish_edit(name)
            await settled(form, server)
        if not missing:
            break
    assert form.state.problems() == ()
    preview, body = form.preview(), read_json(form.body())
    order = form.order("press")
    assert write_json(without_secrets(order.inputs, order.secret_ids)) == preview
    assert body["data"]["action"] == FRESH_ID
    assert write_json(body["data"]["inputs"]) == preview
    assert all(form.why(name) for name in order.inputs)
    form.edit_payload(read_json(preview))
    assert form.preview() == preview
    return form


def _served(shown: dict[str, Any]) -> HeldServer:
    def definition(inputs: Mapping[str, Any], who: str | None) -> list[dict[str, Any]]:
        for variant in shown.get("variants", ()):
            if all(inputs.get(name) == wanted for name, wanted in variant["when"].items()):
                found: list[dict[str, Any]] = variant["fields"]
                return found
        first: list[dict[str, Any]] = shown.get("fields", [])
        return first

    def offered(
        name: str, inputs: Mapping[str, Any], who: str | None, page: str
    ) -> tuple[list[dict[str, Any]], bool]:
        about = shown.get("choices", {}).get(name, {})
        if about.get("items") is not None:
            return about["items"], False
        count = about.get("count") or 3
        made = [{"id": f"id-{n}", "type": "choice", "value": f"id-{n}"} for n in range(count)]
        return made, False

    return HeldServer(definition, offered)


@pytest.mark.skipif(not FILES, reason="the collected definitions are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_real_form_sends_what_it_shows(path: Path) -> None:
    async def scenario() -> None:
        for shown in json.loads(path.read_text("utf-8"))["actions"]:
            server = _served(shown)
            made = held_forms(server)
            form = await filled_and_checked(server, made)
            await form.close()
            await made.transport.aclose()

    asyncio.run(scenario())


ids = st.sampled_from(["a", "b.c", "d e", "f[0]", "g/h", "%", "\u2028", "ü", "~0", "key"])
inputs = st.builds(
    InputField,
    ids,
    title=st.text(max_size=6) | st.just("<b>" + "x" * 1_000),
    value_type=st.sampled_from(ValueType),
    format=st.sampled_from(FieldFormat),
    items=st.sampled_from(ValueType),
    default_value=st.sampled_from(["", "", "Label", "yes", "id-1", "7", "a\r\nb"]),
    depends_on=st.lists(ids, max_size=2, unique=True).map(tuple),
    invalidates_input_fields=st.booleans(),
    is_required=st.booleans(),
)


@given(st.lists(st.lists(inputs, max_size=5), min_size=1, max_size=3), st.booleans(), st.booleans())
def test_every_made_up_form_sends_what_it_shows(
    variants: list[list[InputField]], native: bool, has_group: bool
) -> None:
    def definition(given: Mapping[str, Any], who: str | None) -> list[dict[str, Any]]:
        nodes = [document(one) for one in variants[len(given) % len(variants)]]
        group = [{"type": "fieldset", "id": "g", "title": "G", "fields": nodes}]
        return [*(group if has_group else nodes), field("note", is_required=True)]

    def offered(*_: Any) -> tuple[list[dict[str, Any]], bool]:
        items = [("id-1", "Label"), ("True", "Yes"), ("", None)]
        return [{"id": i, "type": "choice", "label": n, "value": i} for i, n in items], False

    async def scenario() -> None:
        server = HeldServer(definition, offered)
        made = held_forms(server, native=native)
        form = made.open()
        first = asyncio.ensure_future(form.load())
        await settled(form, server)
        await first
        for name, here in tuple(form.state.fields.items()):
            if here.takes_input and name in form.state.fields:
                form.edit(name, likely(here, form))
        await settled(form, server)
        assert form.trouble is None
        preview = form.preview()
        assert write_json(read_json(form.body())["data"]["inputs"]) == preview
        if not form.state.problems():
            order = form.order("press")
            assert write_json(without_secrets(order.inputs, order.secret_ids)) == preview
        await form.close()
        await made.transport.aclose()

    asyncio.run(scenario())

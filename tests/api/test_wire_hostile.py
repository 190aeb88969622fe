"""No JSON, however wrong, raises anything but Unreadable or hides what is right."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.clients import encoded, listed
from tests.spec import real_field_files
from zapdesk.api import wire
from zapdesk.errors import Unreadable

READERS: list[Callable[[bytes], object]] = [
    lambda b: wire.apps(b, links_filled=True),
    lambda b: wire.actions(b, "a", "WRITE"),
    lambda b: wire.authentications(b, "a"),
    lambda b: wire.choices(b, "1", "https://api/x/choices?page=1"),
    lambda b: wire.created_authentication(b, "a"),
    wire.categories,
    wire.person,
    wire.form,
    wire.outputs,
    wire.created_run,
    wire.run_state,
    wire.step_results,
    wire.error_items,
]

# A new field of the wire's structs joins by itself.
KEYS = st.sampled_from(
    sorted(
        {
            name
            for module in (wire.catalog, wire.errors, wire.forms, wire.listing, wire.runs)
            for struct in vars(module).values()
            if isinstance(struct, type) and issubclass(struct, msgspec.Struct)
            for name in struct.__struct_fields__
        }
    )
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["fieldset", "input_field", "info_field", "success"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)


@contextmanager
def _quiet() -> Iterator[None]:
    """Lets entries be left out without the warning that fails a test."""
    logger = logging.getLogger("zapdesk.api.wire.listing")
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = False


@given(ANYTHING)
def test_no_json_raises_anything_but_unreadable(value: Any) -> None:
    with _quiet():
        for reader in READERS:
            try:
                reader(encoded(value))
            except Unreadable:
                continue


def _mutate(draw: Callable[[st.SearchStrategy[Any]], Any], value: Any) -> Any:
    """``value`` with one place in it replaced by anything at all."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _mutate(draw, value[key])}
    if isinstance(value, list) and value and draw(st.booleans()):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _mutate(draw, value[at]), *value[at + 1 :]]
    return draw(ANYTHING)


@pytest.mark.skipif(not real_field_files(), reason="the collected field definitions are absent")
def test_every_real_form_is_read_whole() -> None:
    for file in real_field_files():
        for action in json.loads(file.read_text("utf-8"))["actions"]:
            nodes = action.get("fields", [])
            assert len(wire.form(encoded(listed(*nodes)))) == len(nodes), (file.name, action["key"])


@pytest.mark.skipif(not real_field_files(), reason="the collected field definitions are absent")
@given(st.data())
def test_a_real_form_with_one_value_gone_wrong_still_shows_its_other_fields(
    data: st.DataObject,
) -> None:
    file = data.draw(st.sampled_from(real_field_files()))
    action = data.draw(st.sampled_from(json.loads(file.read_text("utf-8"))["actions"]))
    nodes = action.get("fields", [])
    if not nodes:
        return
    at = data.draw(st.integers(0, len(nodes) - 1))
    odd = _mutate(data.draw, nodes[at])
    with _quiet():
        changed = wire.form(encoded(listed(*nodes[:at], odd, *nodes[at + 1 :])))
    rest = wire.form(encoded(listed(*nodes[:at], *nodes[at + 1 :])))
    assert [node for node in rest if node not in changed] == []


def test_a_next_page_of_choices_that_is_no_address_costs_no_choice() -> None:
    body = b'{"data": [{"id": "1", "label": "One"}], "links": {"next": "http://[x"}}'
    page = wire.choices(body, "0", "https://api/x/choices")
    assert [choice.id for choice in page.choices] == ["1"]

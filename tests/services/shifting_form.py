"""A form that is another one for other values, and what may be put into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.services.form_server import SELECT, choice, field
from zapdesk.domain.pieces import Mapped, Piece
from zapdesk.domain.values import UNSET


def definition(inputs: Mapping[str, Any], who: str | None) -> list[dict[str, Any]]:
    """A form that is another one for other values, as real ones are."""
    kind = inputs.get("kind")
    found = [
        field("kind", default_value="a", invalidates_input_fields=True, **SELECT),
        field("flag", value_type="BOOLEAN", invalidates_input_fields=True),
        field("table", is_required=kind == "b"),
        field("view", depends_on=["table"]),
        field("row", depends_on=["view"], **SELECT),
        field("count", value_type="INTEGER"),
        field("tags", value_type="ARRAY"),
        field("map", value_type="OBJECT"),
        field("note", **({"format": "READONLY"} if kind == "c" else {"format": "MULTILINE"})),
    ]
    if kind != "c":
        found.append(field("key", format="PASSWORD"))
    if kind in ("a", "b"):
        found.append(field(f"for_{kind}", default_value="dflt" if kind == "b" else ""))
    if inputs.get("flag") in ("true", True):
        found.append(field("more", depends_on=["table"], is_required=True))
    if who == "two":
        found.append(field("team"))
    return found


def offered(
    name: str, inputs: Mapping[str, Any], who: str | None, page: str
) -> tuple[list[dict[str, Any]], bool]:
    if name == "kind":
        return [choice(id, id.upper()) for id in "abc"], False
    return [choice(f"{inputs.get('view')}|{who}|{page}")], page != "3"


texts = st.sampled_from(
    ["a", "b", "c", "true", "yes", "false", "7", "0.10", "", " ", "{{now}}", "x\r\ny\u2028\u00a0"]
)
mapped_values = st.sampled_from(
    [
        Mapped((Piece("env.TEAM"),)),
        Mapped(("for ", Piece("uuid"))),
        Mapped((Piece("run:last.results[0].id"), "!")),
        Mapped((Piece("env.MISSING"),)),
    ]
)
json_values = st.none() | st.booleans() | st.integers(-9, 9) | texts
values = (
    st.just(UNSET)
    | json_values
    | mapped_values
    | st.lists(texts | mapped_values, max_size=3)
    | st.dictionaries(st.sampled_from(["n", "$mapped"]), texts, max_size=2)
)
numbers = st.integers(0, 50)
UUID = Mapped(("for ", Piece("uuid")))
likely = st.one_of(
    st.tuples(st.just("kind"), st.sampled_from("abc")),
    st.tuples(st.just("flag"), st.sampled_from(["true", "yes", "false"])),
    st.tuples(st.just("table"), st.sampled_from(["t1", "t2", UUID])),
    st.tuples(st.just("view"), st.sampled_from(["v1", "v2", UUID])),
    st.tuples(st.sampled_from(["key", "note", "more", "team", "for_a", "for_b"]), texts),
)
"""A field that matters, and a value that makes a difference."""

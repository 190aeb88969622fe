"""A server's refusal belongs to the inputs that its pointers name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.domain.refusals import input_named, refused_inputs
from zapdesk.errors import ErrorItem


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/data/inputs/note", "note"),
        ("/data/input/note", "note"),
        ("/inputs/note", "note"),
        ("/input/note", "note"),
        ("/data/inputs/tags/1", "tags"),
        ("/data/inputs/a~1b~01", "a/b~1"),
        ("/data/inputs/a/b~1/0", None),
        ("/data/inputs/x/y", "x/y"),
        ("/data/inputs", None),
        ("/data/inputs/", None),
        ("/data/inputs/other", None),
        ("/data/authentication", None),
        ("note", None),
        ("", None),
    ],
)
def test_a_pointer_names_the_input_it_leads_into(pointer: str, name: str | None) -> None:
    known = {"note", "tags", "a/b~1", "x/y"}
    assert input_named(ErrorItem(pointer=pointer), known) == name


@given(st.text(min_size=1))
def test_every_id_is_found_under_its_escaped_pointer(name: str) -> None:
    pointer = "/data/inputs/" + name.replace("~", "~0").replace("/", "~1")
    assert input_named(ErrorItem(pointer=pointer), {name}) == name


def test_everything_that_is_said_of_one_input_is_kept_once() -> None:
    items = [
        ErrorItem(detail="Too short.", pointer="/data/inputs/tags/0"),
        ErrorItem(detail="Too short.", pointer="/data/inputs/tags/1"),
        ErrorItem(title="Not allowed", pointer="/data/inputs/tags/2"),
        ErrorItem(pointer="/data/inputs/note"),
        ErrorItem(detail="Elsewhere."),
    ]
    assert refused_inputs(items, {"tags", "note"}) == {
        "tags": "Too short. Not allowed",
        "note": "The server did not accept this value.",
    }

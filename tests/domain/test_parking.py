"""What a form keeps when fields come, go and change their kind: parked, extra and secret values."""

from __future__ import annotations

from typing import Any

import pytest

from zapdesk.domain.fields import FieldFormat, InputField
from zapdesk.domain.filling import Filling
from zapdesk.domain.form import FormState
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.payload import read_json
from zapdesk.domain.pieces import Mapped, Piece
from zapdesk.domain.values import UNSET
from zapdesk.errors import InvalidInput

TABLE = InputField("table", "Table", invalidates_input_fields=True)
VIEW = InputField("view", "View", depends_on=("table",))
NOTE = InputField("note", "Note")
FIXED = InputField("note", "Note", format=FieldFormat.READONLY)
KEY = InputField("key", "Key", format=FieldFormat.PASSWORD)


def filled(*fields: InputField, **values: Any) -> FormState:
    state = FormState(fields)
    for name, value in values.items():
        state.set(name, value)
    return state


def test_an_outdated_value_waits_until_somebody_puts_it_back() -> None:
    state = filled(TABLE, VIEW, table="1", view="a")
    state.replace_fields([TABLE])
    state.set("table", "2")
    state.replace_fields([TABLE, VIEW])
    assert state.value("view") is UNSET
    assert (state.parked, state.outdated) == ({"view": "a"}, frozenset({"view"}))
    state.put_back("view")
    assert state.value("view") == "a"
    assert (state.parked, state.outdated) == ({}, frozenset())


def test_putting_back_clears_what_depends_on_it_as_typing_does() -> None:
    state = filled(TABLE, VIEW, view="a")
    state.fill(Filling({"table": "1"}))
    state.replace_fields([VIEW])
    state.replace_fields([TABLE, VIEW])
    state.set("view", "b")
    assert state.put_back("nothing is parked under that name").cleared == ()
    state.replace_fields([VIEW])
    state.set("view", "c")
    with pytest.raises(InvalidInput):
        state.put_back("table")
    assert state.parked == {"table": "1"}


def test_a_field_that_becomes_readable_only_parks_what_was_typed() -> None:
    state = filled(NOTE, note="typed")
    state.replace_fields([FIXED])
    assert (state.parked, state.payload()) == ({"note": "typed"}, {})
    state.replace_fields([NOTE])
    assert (state.parked, state.payload()) == ({}, {"note": "typed"})


def test_an_extra_input_becomes_the_value_of_its_field_once_there_is_one() -> None:
    state = FormState([TABLE])
    state.set_payload({"table": "1", "note": "pasted"})
    assert state.extra == {"note": "pasted"}
    state.replace_fields([TABLE, NOTE])
    assert (state.extra, state.value("note")) == ({}, "pasted")
    assert state.origin("note") is Origin.TYPED
    assert state.payload() == {"table": "1", "note": "pasted"}


def test_an_extra_input_of_a_field_that_takes_none_is_parked() -> None:
    state = FormState([TABLE])
    state.set_payload({"note": "pasted"})
    state.replace_fields([TABLE, FIXED])
    assert (state.extra, state.parked, state.payload()) == ({}, {"note": "pasted"}, {})


def test_a_password_is_one_for_as_long_as_the_form_is_open() -> None:
    state = filled(KEY, TABLE, key="secret")
    for nodes in ([InputField("key"), TABLE], [TABLE], [InputField("key"), TABLE]):
        state.replace_fields(nodes)
        assert state.secret_ids == {"key"}
        assert b"secret" not in state.filling().write()
    assert state.value("key") == "secret"


def test_a_preset_takes_no_password_away_not_even_a_parked_one() -> None:
    state = filled(KEY, TABLE, NOTE, key="secret", note="n")
    state.replace_fields([TABLE])
    state.fill(Filling({"table": "1"}), Origin.PRESET)
    assert state.parked == {"key": "secret"}
    state.replace_fields([KEY, TABLE])
    assert state.payload() == {"key": "secret", "table": "1"}


def test_json_for_a_field_that_takes_no_input_is_refused_and_changes_nothing() -> None:
    state = filled(TABLE, FIXED, table="1")
    with pytest.raises(InvalidInput, match="Note is for reading only"):
        state.set_payload({"table": "2", "note": "x", "more": "y"})
    assert (state.payload(), state.extra) == ({"table": "1"}, {})


def test_a_value_too_deep_to_be_kept_is_refused_where_it_is_put_in() -> None:
    state = filled(NOTE, note="kept")
    for depth in (197, 199, 200):
        value = read_json("[" * depth + "]" * depth)
        with pytest.raises(InvalidInput, match="too deeply"):
            state.set("note", value)
        with pytest.raises(InvalidInput, match="too deeply"):
            state.set_extra("extra", value)
        with pytest.raises(InvalidInput, match="too deeply"):
            state.set_payload({"note": value})
    state.set("note", read_json("[" * 190 + "]" * 190))
    assert Filling.read(state.filling().write()) == state.filling()


def test_a_mapped_value_that_stands_for_nothing_counts_as_missing_for_choices() -> None:
    state = filled(TABLE, VIEW, table=Mapped((Piece("x"),)))
    assert state.mapped_ids() == ("table",)
    assert state.pieces() == (Piece("x"),)
    assert [field.id for field in state.missing_dependencies("view")] == ["table"]
    state.resolver = lambda piece: "told"
    assert state.missing_dependencies("view") == ()
    assert state.worked_out("table") == "told"


def test_only_values_that_bring_other_fields_decide_which_form_it_is() -> None:
    state = FormState([TABLE, VIEW, NOTE, InputField("self", depends_on=("self",))])
    given = {"table": "1", "view": "2", "note": "3", "self": "4", "unknown": "5"}
    assert state.deciding(given) == {"table": "1"}


def test_what_was_in_password_fields_goes_into_the_form_that_takes_the_place_of_another() -> None:
    before = filled(KEY, TABLE, NOTE, key="secret", note="n")
    before.set_extra("token", "plain")
    assert before.typed_secrets() == {"key": "secret"}
    before.replace_fields([TABLE])
    assert before.typed_secrets() == {"key": "secret"}  # parked
    after = FormState()
    after.park_secrets(before.typed_secrets())
    after.fill(Filling({"note": "n"}))
    assert after.typed_secrets() == {"key": "secret"}
    assert b"secret" not in after.filling().write()
    after.replace_fields([KEY, NOTE])
    assert after.payload() == {"key": "secret", "note": "n"}
    assert after.origin("key") is Origin.TYPED

"""What Zapier and its imitators send, in every shape that was seen, becomes domain objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.clients import encoded, listed
from tests.conftest import ExpectLog
from zapdesk.api import wire
from zapdesk.domain.fields import FieldFormat, Fieldset, InfoField, InputField, ValueType
from zapdesk.errors import Unreadable

APP = {
    "id": "0f5a",
    "type": "app",
    "title": "Tidepool Notes",
    "description": "A notebook.",
    "hex_color": "1d6f8a",
    "image": "https://images.example/big.png",
    "images": {"url_64x64": "https://images.example/64.png"},
    "categories": [{"slug": "notes"}],
    "action_types": ["READ", "write"],
    "links": {"connect_new_authentication": "https://zapier.com/engine/auth/start/X"},
}


@pytest.mark.parametrize("wrap", [lambda e: e, lambda e: [e]], ids=["bare", "array-wrapped"])
def test_a_page_of_apps_is_read_bare_and_array_wrapped(wrap: Callable[[Any], Any]) -> None:
    body = encoded(wrap(listed(APP, next="https://x/2", count=57)))
    page, (app,) = wire.apps(body, links_filled=True)
    assert (page.next_url, page.total) == ("https://x/2", 57)
    assert (app.id, app.title, app.hex_color) == ("0f5a", "Tidepool Notes", "1d6f8a")
    assert app.image == "https://images.example/64.png"
    assert app.categories == ("notes",)
    assert app.action_types == ("READ", "WRITE")
    assert app.needs_authentication is True


@pytest.mark.parametrize(
    ("links", "by_token", "needs"),
    [
        ({"connect_new_authentication": None}, True, False),
        ({"connect_new_authentication": None}, False, None),
        ({}, True, None),
        (None, True, None),
        ({"connect_new_authentication": "https://c"}, False, True),
    ],
)
def test_only_a_null_link_for_a_persons_token_means_that_no_connection_is_needed(
    links: Any, by_token: bool, needs: bool | None
) -> None:
    _, (app,) = wire.apps(encoded(listed({**APP, "links": links})), links_filled=by_token)
    assert app.needs_authentication is needs


def test_a_bad_app_in_a_list_does_not_hide_the_good_ones(expected_log: ExpectLog) -> None:
    expected_log("left out 5 of 7 entries")
    entries = [APP, "x", None, 7, {"id": None, "title": "A"}, {"title": "B"}, {"id": 9}]
    _, apps = wire.apps(encoded(listed(*entries)), links_filled=True)
    assert [(app.id, app.title) for app in apps] == [("0f5a", "Tidepool Notes"), ("9", "9")]


def test_a_wrong_type_spoils_one_value_only() -> None:
    odd = {**APP, "title": 7, "categories": "notes", "images": [], "action_types": {"a": 1}}
    _, (app,) = wire.apps(encoded(listed(odd)), links_filled=True)
    assert app.title == "7"
    assert app.categories == ()
    assert app.image == "https://images.example/big.png"
    assert app.description == "A notebook."


def test_a_lone_surrogate_in_one_title_does_not_hide_the_page() -> None:
    body = encoded(listed(APP)).replace(b"Tidepool Notes", b"Tide\\ud83dpool")
    _, (app,) = wire.apps(body, links_filled=True)
    assert app.title == "Tide\ufffdpool"


@pytest.mark.parametrize("body", [b"{}", b'"x"', b"3", b"null", b'{"data":"x"}', b'{"a":[]}'])
def test_what_holds_no_list_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match="not what was asked for"):
        wire.apps(body, links_filled=True)


def test_a_list_whose_data_is_absent_is_empty() -> None:
    assert wire.authentications(encoded({"links": {}, "meta": {}}), "a")[1] == ()


ACTION = {"id": "core:1", "key": "append", "type": "action", "title": "Append", "app": "0f5a"}


@pytest.mark.parametrize(
    ("sent", "asked", "read"),
    [
        ("WRITE", "", "WRITE"),
        ("search", "", "SEARCH"),
        ("action", "WRITE", "WRITE"),
        ("action", "", "action"),
        (None, "READ", "READ"),
        ("SEARCH", "WRITE", "SEARCH"),
        ("FILTER", "", "FILTER"),
    ],
)
def test_an_unknown_kind_of_action_is_the_kind_that_was_asked_for(
    sent: str | None, asked: str, read: str
) -> None:
    _, (action,) = wire.actions(encoded(listed({**ACTION, "action_type": sent})), "a", asked)
    assert action.action_type == read


@pytest.mark.parametrize(
    ("app", "app_id"), [("0f5a", "0f5a"), ({"id": "0f5a", "title": "T"}, "0f5a"), (None, "asked")]
)
def test_the_app_of_an_action_is_an_id_or_an_object_or_left_out(app: Any, app_id: str) -> None:
    _, (action,) = wire.actions(encoded(listed({**ACTION, "app": app})), "asked", "")
    assert action.app_id == app_id


def test_authentication_ids_are_numbers_or_texts() -> None:
    body = encoded(listed({"id": 49509, "app": "a", "is_expired": "true"}, {"id": "UHsi8e6K"}))
    _, (first, second) = wire.authentications(body, "asked")
    assert (first.id, first.is_expired, first.title) == ("49509", True, "49509")
    assert (second.id, second.is_expired, second.app_id) == ("UHsi8e6K", False, "asked")


def test_categories_come_in_the_first_versions_envelope() -> None:
    body = {"next": "https://n", "count": 90, "objects": [{"slug": "notes", "title": "Notes"}]}
    for whole in (body, [body]):
        page, (category,) = wire.categories(encoded(whole))
        assert (page.next_url, page.total, category.slug) == ("https://n", 90, "notes")


@pytest.mark.parametrize("wrap", [lambda e: e, lambda e: [e], lambda e: {"data": e}])
def test_a_profile_is_read_bare_and_wrapped(wrap: Callable[[Any], Any]) -> None:
    person = wire.person(
        encoded(wrap({"id": 44, "first_name": "Marina", "last_name": "Holt", "timezone": None}))
    )
    assert (person.id, person.name, person.time_zone) == ("44", "Marina Holt", None)


def _field(**changes: Any) -> InputField:
    node = {"type": "input_field", "id": "f", "value_type": "STRING", **changes}
    (field,) = wire.form(encoded(listed(node)))
    assert isinstance(field, InputField)
    return field


def test_a_field_with_nothing_but_an_id_is_an_optional_text() -> None:
    (field,) = wire.form(encoded(listed({"type": "input_field", "id": "f"})))
    assert field == InputField("f")


def test_words_in_lower_case_are_known_and_unknown_words_count_as_text() -> None:
    assert _field(value_type="integer").value_type is ValueType.INTEGER
    assert _field(value_type="blob").value_type is ValueType.STRING
    assert _field(format="select").format is FieldFormat.SELECT
    assert _field(format="hologram").format is FieldFormat.NONE
    assert _field(items={"type": "OBJECT"}).items is ValueType.OBJECT
    assert _field(items="x").items is ValueType.STRING


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (None, ""),
        ("", ""),
        ("a\nb", "a\nb"),
        (False, "false"),
        (0.10, "0.1"),
        ({"a": 1}, '{"a": 1}'),
    ],
)
def test_a_default_is_a_text_whatever_was_sent(sent: Any, read: str) -> None:
    assert _field(default_value=sent).default_value == read


def test_a_group_holds_its_fields_whether_they_come_as_a_list_or_as_one_object() -> None:
    inner = {"type": "input_field", "id": "x"}
    for fields in (inner, [inner]):
        (group,) = wire.form(encoded(listed({"type": "fieldset", "id": "g", "fields": fields})))
        assert group == Fieldset("g", "", (InputField("x"),))


def test_a_group_in_a_group_gives_its_fields_to_the_outer_one_in_order() -> None:
    def node(id: str) -> dict[str, Any]:
        return {"type": "input_field", "id": id}

    inner = {"type": "fieldset", "id": "i", "fields": [node("b"), node("c")]}
    outer = {"type": "fieldset", "id": "o", "fields": [node("a"), inner, node("d")]}
    (group,) = wire.form(encoded(listed(outer)))
    assert isinstance(group, Fieldset)
    assert [field.id for field in group.fields] == ["a", "b", "c", "d"]


def test_four_hundred_groups_in_each_other_are_one_group() -> None:
    node: dict[str, Any] = {"type": "input_field", "id": "x"}
    for depth in range(200):
        node = {"type": "fieldset", "id": str(depth), "fields": [node]}
    (group,) = wire.form(encoded(listed(node)))
    assert group == Fieldset("199", "", (InputField("x"),))


def test_a_node_nobody_documents_is_an_input_if_it_says_what_it_takes(
    expected_log: ExpectLog,
) -> None:
    expected_log("left out 1 of 3 entries")
    nodes = [
        {"type": "slider", "id": "s", "value_type": "NUMBER"},
        {"type": "banner", "id": "b"},
        {"type": "info_field", "id": "i", "description": "**Hi**"},
    ]
    assert wire.form(encoded(listed(*nodes))) == (
        InputField("s", value_type=ValueType.NUMBER),
        InfoField("i", "**Hi**"),
    )


CHOICES = "https://api/x/choices"


def test_choices_keep_null_labels_and_the_empty_id() -> None:
    body = listed({"id": "", "label": None, "value": "v"}, {"id": 5, "label": "Five"}, "plain")
    page = wire.choices(encoded([body]), "1", CHOICES)
    assert [(c.id, c.label, c.value) for c in page.choices] == [
        ("", None, "v"),
        ("5", "Five", ""),
        ("plain", None, "plain"),
    ]


@pytest.mark.parametrize(
    ("links", "page", "following"),
    [
        ({"next": "https://api/x/choices?page=3"}, "2", "3"),
        ({"next": "https://api/x/choices?page=2"}, "2", None),
        ({"next": "https://api/x/choices?cursor=abc"}, "1", "https://api/x/choices?cursor=abc"),
        ({"next": "?cursor=abc"}, "1", "https://api/x/choices?cursor=abc"),
        ({"next": "/x/choices?cursor=a&page=2"}, "1", "https://api/x/choices?cursor=a&page=2"),
        ({"next": "https://elsewhere/x/choices?cursor=a&page=2"}, "1", "2"),
        ({"next": None}, "1", None),
        ({}, "1", None),
        (None, "1", "2"),
        (None, "abc", None),
    ],
)
def test_the_next_page_of_choices(links: Any, page: str, following: str | None) -> None:
    body = {"data": [{"id": "a"}], "links": links, "meta": {"page": 1}}
    assert wire.choices(encoded(body), page, CHOICES).next_page == following


def test_an_empty_page_without_links_is_the_last() -> None:
    assert wire.choices(encoded({"data": [], "meta": {"page": 9}}), "9", CHOICES).next_page is None


def test_output_fields_are_read_whatever_they_call_themselves() -> None:
    body = listed({"type": "output_fields", "id": "a__b", "title": "B", "sample": 7}, {"id": "c"})
    first, second = wire.outputs(encoded(body))
    assert (first.id, first.sample) == ("a__b", "7")
    assert (second.title, second.sample) == ("c", "")

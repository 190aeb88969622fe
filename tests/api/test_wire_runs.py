"""Runs, results and errors, in every shape that was seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.clients import encoded
from zapdesk.api import wire
from zapdesk.errors import ErrorItem, Unreadable


@pytest.mark.parametrize(
    ("body", "run_id"),
    [
        ({"data": {"type": "run", "id": "5b1d0c52"}}, "5b1d0c52"),
        ({"data": {"type": "run", "id": "arun_01H"}}, "arun_01H"),
        ({"data": {"run_id": "r1"}}, "r1"),
        ({"id": "top"}, "top"),
        ([{"data": {"id": "wrapped"}}], "wrapped"),
        ({"data": [{"id": "listed"}]}, "listed"),
        ({"data": {"id": "../../v2/zaps?x=1"}}, "../../v2/zaps?x=1"),
    ],
)
def test_the_id_of_a_started_run_is_found_where_any_document_puts_it(
    body: Any, run_id: str
) -> None:
    assert wire.created_run(encoded(body)) == run_id


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"id": 9007199254740993}},
        {},
        [],
        None,
        "x",
        {"data": None},
        {"data": {}},
        {"data": {"id": None}},
        {"data": {"id": ""}},
        {"data": {"id": {}}},
        {"data": {"id": "x" * 10_000_000}},
        {"data": {"id": True}},
    ],
    ids=lambda body: repr(body)[:30],
)
def test_a_started_run_without_an_id_that_can_be_used_is_unreadable(body: Any) -> None:
    with pytest.raises(Unreadable):
        wire.created_run(encoded(body))


@pytest.mark.parametrize(
    ("results", "kept"),
    [
        ('[{"b":1,"a":2.10}]', '[{"b":1,"a":2.10}]'),
        ('{"id":9007199254740993}', '[{"id":9007199254740993}]'),
        ('[ {"a":1,"a":2} ]', '[ {"a":1,"a":2} ]'),
        ("[]", "[]"),
        ("null", "[]"),
        ('"text"', '["text"]'),
        ("[NaN,-Infinity]", "[NaN,-Infinity]"),
        ('["\\ud800",1E400]', '["\\ud800",1E400]'),
        ("[" + "9" * 5000 + "]", "[" + "9" * 5000 + "]"),
    ],
)
def test_results_keep_their_bytes_and_become_a_list(results: str, kept: str) -> None:
    body = f'{{"data":{{"type":"run","status":"success","results":{results},"errors":[]}}}}'
    assert wire.run_state(body.encode()).results == kept.encode()
    assert wire.step_results(f'{{"data":{results},"meta":{{}}}}'.encode()) == kept.encode()


def test_results_keep_their_bytes_inside_a_wrapping_array_too() -> None:
    body = b'[{"data":[{"status":"success","x":NaN,"results":{"a":[1.0,NaN]}}]}]'
    assert wire.run_state(body).results == b'[{"a":[1.0,NaN]}]'


def test_absent_results_are_an_empty_list() -> None:
    assert wire.run_state(b'{"data":{"status":"waiting"}}').results == b"[]"


def test_run_errors_are_objects_or_texts() -> None:
    errors = [{"code": "throttled", "detail": "Slow", "delay": 45}, {"delay": "x"}, "plain", 7, {}]
    state = wire.run_state(encoded({"data": {"status": "error", "errors": errors}}))
    assert [(e.code, e.text, e.delay_s) for e in state.errors] == [
        ("throttled", "Slow", 45),
        ("", "", None),
        ("", "plain", None),
        ("", "", None),
    ]


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"data":{}}', b'{"data":{"status":null}}'])
def test_a_run_without_a_status_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        wire.run_state(body)


@pytest.mark.parametrize(
    ("body", "items"),
    [
        (
            {"errors": [{"status": "400", "code": "invalid", "title": "T", "detail": "D",
                         "source": {"pointer": "/data/inputs/x"}, "meta": {"source": "ZAPIER"}}]},
            (ErrorItem("invalid", "T", "D", "/data/inputs/x", "", "ZAPIER"),),
        ),
        ({"errors": [{"meta": {"full_details": {"code": "c", "message": "D"}}}]},
         (ErrorItem("c", "", "D"),)),
        ({"errors": ["text"]}, (ErrorItem(detail="text"),)),
        ({"errors": "text"}, None),
        ({"errors": []}, ()),
        ({"errors": [{}]}, (ErrorItem(),)),
        ({"messages": [{"detail": "D"}]}, (ErrorItem(detail="D"),)),
        ({"code": "authentication_failed", "detail": "D"},
         (ErrorItem("authentication_failed", "", "D"),)),
        ({"error": "invalid_grant", "error_description": "D"},
         (ErrorItem("invalid_grant", "", "D"),)),
        ([{"errors": [{"code": "c"}]}], (ErrorItem("c"),)),
        ({"data": {}}, None),
        ({}, None),
        ("text", None),
        (None, None),
    ],
)  # fmt: skip
def test_errors_are_read_in_all_their_shapes(body: Any, items: Any) -> None:
    assert wire.error_items(encoded(body)) == items


def test_a_page_is_no_error_answer() -> None:
    assert wire.error_items(b"<html>403 Forbidden</html>") is None

"""Hostile JSON ends in Unreadable or in a value that is written down here, never in a crash."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.api.wire.json_text import (
    NULL,
    Raw,
    as_list,
    as_received,
    flag,
    identifier,
    items,
    members,
    read,
    text,
    texts,
)
from zapdesk.errors import Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b'{"a":1} x',
        b"{'a':1}",
        b'{"a":tru}',
        b'{"a":01}',
        b'{"a":"\\q"}',
        b"<html></html>",
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32"),
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
        b"[" * 200_000 + b"NaN" + b"]" * 200_000,
    ],
    ids=lambda body: repr(bytes(body[:12])),
)
def test_what_is_not_one_json_document_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\xef\xbb\xbf[1]", [1]),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN"}', {"a": None, "b": [None] * 2, "c": "NaN"}),
        (b'["\\ud83d\\ude00","\\ud83d","\\\\ud83d"]', ["😀", "\ufffd", "\\ud83d"]),
        (b"null", None),
        (b'"text"', "text"),
    ],
)
def test_slips_of_servers_are_read_the_same_way_each_time(body: bytes, value: Any) -> None:
    assert json.loads(bytes(read(body))) == value


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_unreadable(body: bytes) -> None:
    try:
        root = read(body)
    except Unreadable:
        return
    json.loads(bytes(root).decode("utf-8", "replace"))


@given(JSON)
def test_every_piece_reads_without_an_error(value: Any) -> None:
    raw = read(json.dumps(value).encode("utf-8", "surrogatepass"))
    assert isinstance(text(raw), str)
    assert isinstance(texts(raw), tuple)
    assert isinstance(flag(raw), bool)
    assert isinstance(members(raw), dict)
    assert isinstance(json.loads(as_list(raw)), list)
    for item in items(raw):
        assert identifier(item) is None or isinstance(identifier(item), str)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'"a b"', "a b"),
        (b"49509", "49509"),
        (b"9007199254740993", "9007199254740993"),
        (b"1" * 5000, "1" * 5000),
        (b'""', None),
        (b"null", None),
        (b"true", None),
        (b'{"id":1}', None),
        (b'["a"]', None),
        (b'"\\ud800"', None),
    ],
)
def test_an_id_is_a_text_or_a_number_with_its_digits(raw: bytes, expected: str | None) -> None:
    assert identifier(Raw(raw)) == expected


def test_text_shows_other_values_as_their_json() -> None:
    assert text(Raw(b"0.10")) == "0.10"
    assert text(Raw(b"true")) == "true"
    assert text(Raw(b'{"a":[1]}')) == '{"a":[1]}'
    assert text(NULL) == ""
    assert text(Raw(b'"\xff"')) == "\ufffd"


def _paths(value: Any) -> st.SearchStrategy[tuple[str, ...]]:
    keys = st.sampled_from(sorted(value)) if isinstance(value, dict) and value else st.just("a")
    return keys.map(lambda key: (key,))


@given(
    st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=5).flatmap(
        lambda value: st.tuples(st.just(value), _paths(value))
    ),
    st.sampled_from([None, 1, " \n"]),
)
def test_the_slice_out_of_a_mended_document_is_the_one_that_was_sent(
    case: tuple[dict[str, Any], tuple[str, ...]], indent: Any
) -> None:
    value, path = case
    value = {"before": "\ud800", **value, "data": {"results": value[path[0]], "x": float("nan")}}
    body = json.dumps(value, indent=indent).encode()
    root = read(body)
    stands = members(members(root)["data"])["results"]
    exact = as_received(body, root, stands, "data", "results")
    assert json.dumps(json.loads(bytes(exact))) == json.dumps(value["data"]["results"])
    assert bytes(exact) in body


def test_a_sound_document_is_not_scanned_twice() -> None:
    body = b'{"data":{"results":[1,2]}}'
    root = read(body)
    raw = members(members(root)["data"])["results"]
    assert as_received(body, root, raw, "nowhere") is raw
    assert isinstance(raw, msgspec.Raw)

r"""The grammar of ``--input`` and ``--inputs``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.cli.inputs import parse
from zapdesk.domain.payload import write_json
from zapdesk.errors import InvalidInput

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("pair", "name", "texts"),
    [
        ("a=b", "a", ["b"]),
        ("a=b=c", "a", ["b=c"]),
        ("a=", "a", [""]),
        (r"a\=b=c", "a=b", ["c"]),
        (r"\==x", "=", ["x"]),
        ("a b=c", "a b", ["c"]),
        ("a= b ", "a", [" b "]),
        ("a=\\=", "a", ["\\="]),
    ],
)
def test_pair_is_text_up_to_the_first_equals_sign(pair: str, name: str, texts: list[str]) -> None:
    inputs = parse([pair])
    assert (inputs.texts, inputs.values) == ({name: texts}, {})


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("a:=null", None),
        ("a:=true", True),
        ('a:="x"', "x"),
        ("a:=[1, 2]", [1, 2]),
        ('a:={"k": "v"}', {"k": "v"}),
        ("a:= 7 ", 7),
    ],
)
def test_colon_equals_takes_any_json(pair: str, value: Any) -> None:
    assert parse([pair]).values == {"a": value}


def test_number_keeps_its_digits() -> None:
    inputs = parse(["a:=0.10", "b:=9007199254740993000001", "c:=1E2"])
    assert write_json(inputs.values) == b'{"a":0.10,"b":9007199254740993000001,"c":1E2}'


def test_same_key_several_times_is_a_list() -> None:
    assert parse(["a=1", "b=x", "a=2"]).texts == {"a": ["1", "2"], "b": ["x"]}


@pytest.mark.parametrize("pair", ["", "a", "=b", ":=1", r"a\=b", "a:=", "a:=NaN", "a:={", "a:=1 2"])
def test_pair_that_cannot_be_read_is_named(pair: str) -> None:
    with pytest.raises(InvalidInput):
        parse([pair])


def test_key_given_as_text_and_as_json_is_refused() -> None:
    with pytest.raises(InvalidInput, match="both as text and as JSON"):
        parse(["a=1", "a:=2"])


@given(TEXT.filter(bool), TEXT)
def test_any_key_and_text_can_be_written(name: str, text: str) -> None:
    if name.endswith((":", "\\")) or "\\" in name:
        return
    pair = name.replace("=", r"\=") + "=" + text
    assert parse([pair]).texts == {name: [text]}


@pytest.mark.parametrize(
    "content", [b"", b"[1]", b'"x"', b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000]
)
def test_file_that_holds_no_json_object_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "inputs.json"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match="does not hold a JSON object"):
        parse([], str(file))


def test_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        parse([], str(tmp_path))

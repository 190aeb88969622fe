"""Looking into results: filters, tables and finding, with numbers as they were sent."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.result_table import tables_in
from zapdesk.domain.result_values import read_result
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.services import aside
from zapdesk.services.result_filter import apply_filter
from zapdesk.services.results import ResultService
from zapdesk.storage.database import Database
from zapdesk.storage.result_filters import ResultFilters

RESULT = (
    b'[{"id": 9007199254740993, "price": 0.10, "on": true, "tags": ["a", "b"], "big": NaN},'
    b' {"id": 2, "price": 0.2, "on": false, "owner": {"name": "Ada"}, "owner": {"name": "Bo"}}]'
)

FILTERS: list[tuple[str, str]] = [
    ("[0].id", "9007199254740993"),
    ("[0].price", "0.10"),
    ("[0].big", "NaN"),
    ("[?price==`0.1`].id", "[9007199254740993]"),
    ("[?price<`0.15`].price", "[0.10]"),
    ("[].price | sum(@)", "0.30"),
    ("[].price | avg(@)", "0.15"),
    ("[].price | max(@)", "0.2"),
    ("max_by([], &price).id", "2"),
    ("sort_by([], &price)[].id", "[9007199254740993,2]"),
    ("to_string([0].price)", '"0.10"'),
    ("to_number('18446744073709551616')", "18446744073709551616"),
    ("to_number('one')", "null"),
    ("[].type(id)", '["number","number"]'),
    ("[?on].tags[]", '["a","b"]'),
    ("[1].owner.name", '"Bo"'),
    ("ceil([0].price)", "1"),
    ("nothing", "null"),
]


@pytest.mark.parametrize(("expression", "found"), FILTERS)
def test_filter_keeps_numbers_as_they_were_sent(expression: str, found: str) -> None:
    assert apply_filter(RESULT, expression).decode() == found


REFUSED = {
    "": "empty",
    "[?": "not complete",
    "a b": "from 'b' on",
    "a ??": "from '?",
    "frob(@)": "a function that there is not",
    "abs(`[1]`)": "does not fit",
    "[].price | sort(@) | join(',', @)": "does not fit",
    "abs(@, @)": "does not fit",
    "(" * 3_000 + "a" + ")" * 3_000: "nested too deeply",
    "[].[id, on] | [0] | sort(@)": "does not fit",
}


@pytest.mark.parametrize("expression", REFUSED, ids=lambda e: e[:12])
def test_filter_that_cannot_be_used_is_told_in_a_sentence(expression: str) -> None:
    with pytest.raises(InvalidInput) as told:
        apply_filter(RESULT, expression)
    assert REFUSED[expression] in str(told.value)
    assert "Error" not in told.value.title


def with_service(tmp_path: Path, use: Callable[[ResultService], Awaitable[None]]) -> None:
    async def scenario() -> None:
        database = await Database.open(tmp_path / "zapdesk.db", tmp_path / "backups")
        try:
            await use(ResultService(ResultFilters(database)))
        finally:
            await database.close()

    asyncio.run(scenario())


def test_filters_that_were_used_are_offered_those_of_the_action_first(tmp_path: Path) -> None:
    mine, other = ActionKey("app", "WRITE", "a"), ActionKey("app", "WRITE", "b")

    async def use(service: ResultService) -> None:
        for action, expression in ((mine, "one"), (mine, "two"), (other, "three"), (mine, "one")):
            await service.note_filter(action, expression)
            await asyncio.sleep(0.002)
        assert await service.used_filters(mine) == ("one", "two", "three")
        assert await service.used_filters(other) == ("three", "one", "two")
        for number in range(300):
            await service.note_filter(other, f"more {number}")
        assert len(await service.used_filters(other)) == 30

    with_service(tmp_path, use)


def test_large_result_is_filtered_in_another_process(tmp_path: Path) -> None:
    rows = [{"n": n, "text": "x" * 100} for n in range(20_000)]
    raw = json.dumps(rows).encode()

    async def use(service: ResultService) -> None:
        assert len(raw) > aside.AT_ONCE
        here = "jmespath" in sys.modules
        assert await service.filter(raw, "[?n>`19998`].n") == b"[19999]"
        assert ("jmespath" in sys.modules) == here
        with pytest.raises(InvalidInput, match="not complete"):
            await service.filter(raw, "[?")
        assert await service.tables(raw) == ((),)

    with_service(tmp_path, use)


def test_filter_that_grows_without_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "DEADLINE_S", 1.0)
    doubling = " | ".join(["[@, @][]"] * 60)

    async def use(service: ResultService) -> None:
        with pytest.raises(InvalidInput) as told:
            await service.filter(RESULT, doubling)
        assert "stopped after" in told.value.title or "more than can be shown" in told.value.title

    with_service(tmp_path, use)


def test_work_aside_that_is_cancelled_ends_with_its_process() -> None:
    async def scenario() -> None:
        task = asyncio.create_task(aside.aside(time.sleep, 60))
        await asyncio.sleep(0.3)
        begun = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - begun < 5

    asyncio.run(scenario())


def test_work_aside_that_dies_says_so() -> None:
    with pytest.raises(ZapdeskError, match="could not be worked out"):
        asyncio.run(aside.aside(os._exit, 3))


def test_lists_of_objects_are_found_those_near_the_top_first() -> None:
    value = read_result(
        b"""{"page": 1, "rows": [{"id": 1, "tags": [{"t": 1}]}, {"id": 2, "note": null}],
        "none": [1, {}], "empty": []}"""
    ).value
    assert tables_in(value) == (("rows",), ("rows", 0, "tags"))
    assert tables_in([{"a": 1}]) == ((),)
    assert tables_in([1, 2]) == ()


def test_keys_that_repeat_are_named_and_the_last_one_counts() -> None:
    reading = read_result(RESULT)
    assert reading.repeated == ("owner",)
    assert reading.value[1]["owner"] == {"name": "Bo"}
    for broken in (b"{", b"\xff\xfe{", b"[" * 100_000, b""):
        assert not read_result(broken).is_json

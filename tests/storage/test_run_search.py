"""A page of runs that hold frequent words is the same whichever way it is found."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.storage.making import OWNER, opened, order
from zapdesk.domain.runs import RUNS_END, ActionRun, RunCursor, RunFilter, RunStatus
from zapdesk.storage import run_search
from zapdesk.storage.database import Database
from zapdesk.storage.deletions import Deletions
from zapdesk.storage.run_log import RunLog

Store = tuple[asyncio.Runner, Database]

RUNS = 240
PIECES = (
    "message", "Message", "messages", "mes", "mess", "xmessage", "messagé", "Meſſage", "mess_age",
    "message2", "2message", "größe", "grosse", "GRÖSSE", "日本語", "message\nmessage", "mes\tsage",
    "\\message", '"message', "me'ssage",
    "ＭＥＳＳＡＧＥ", "message\u0301", "\u0301message", "İmessage", "١message",
    "weekly", "week", "weeks-weekly", "a.weekly", "\u200bweekly", "\ue005message",
)  # fmt: skip
SEARCHES = (
    "message",
    "messag",
    "mess",
    "mess weekl",
    "weekly",
    "größe",
    "gros",
    "xmess",
    "mess2 week",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    chance = random.Random(3)
    with asyncio.Runner() as runner:

        async def fill(database: Database) -> None:
            log, ids = RunLog(database, OWNER), list[str]()
            for number in range(RUNS):
                told = "".join(
                    chance.choice(PIECES) + chance.choice((" ", " ", "-", "", "é", "_"))
                    for _ in range(chance.randrange(4))
                )
                body = json.dumps({"t": told}, ensure_ascii=chance.random() < 0.5)
                run, _ = await log.add(order(str(number)), number, body.encode())
                if number % 3 == 0:
                    await log.move(run.id, RunStatus.UNKNOWN, at_ms=number)
                ids.append(run.id)
            await Deletions(database).delete(chance.sample(ids, 30), 0)

        context = opened(tmp_path_factory.mktemp("search"))
        database = runner.run(context.__aenter__())
        runner.run(fill(database))
        yield runner, database
        runner.run(context.__aexit__(None, None, None))


def pages(store: Store, wanted: RunFilter, size: int, up: bool) -> list[ActionRun]:
    runner, database = store
    log, found = RunLog(database, OWNER), list[ActionRun]()
    after = RUNS_END if up else None
    while page := runner.run(log.page(wanted, after, size)):
        found += page[::-1] if up else page
        after = RunCursor(found[-1].created_ms, found[-1].number, up)
    return found


@pytest.mark.parametrize("statuses", [frozenset[RunStatus](), frozenset({RunStatus.UNKNOWN})])
@pytest.mark.parametrize("text", SEARCHES)
def test_looking_at_runs_finds_what_the_index_finds(
    store: Store, monkeypatch: pytest.MonkeyPatch, text: str, statuses: frozenset[RunStatus]
) -> None:
    wanted = RunFilter("sandbox", statuses, text=text)
    expected = {up: pages(store, wanted, 500, up) for up in (False, True)}
    monkeypatch.setattr(run_search, "_runs_with", lambda *_: 10**9)
    looked_at, holds = set[int](), run_search._holds

    def noted(connection: Any, number: int, *words: Any) -> bool:
        looked_at.add(number)
        return holds(connection, number, *words)

    monkeypatch.setattr(run_search, "_holds", noted)
    monkeypatch.setattr(run_search, "_PATIENCE", 10**6)
    for size in (1, 7, 300):
        for up in (False, True):
            assert pages(store, wanted, size, up) == expected[up]
    assert looked_at or not (text.isascii() and expected[True])


def test_a_word_that_is_rarer_than_its_size_says_is_found_by_the_index_after_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = RunFilter("sandbox", text="weeks")
    expected = pages(store, wanted, 50, up=False)
    assert expected
    monkeypatch.setattr(run_search, "_runs_with", lambda *_: 10**9)
    monkeypatch.setattr(run_search, "_PATIENCE", 1)
    assert pages(store, wanted, 2, up=False) == expected


def test_the_size_of_a_list_is_about_right_in_a_log_of_some_length(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as database:

            def fill(connection: apsw.Connection) -> None:
                words = ("every", "second")
                for number in range(1, 60_001):
                    held = words if number % 2 else words[:1]
                    connection.execute(
                        "INSERT INTO run_text (rowid, text) VALUES (?, ?)",
                        (number, " ".join(held) + f" own{number}"),
                    )

            await database.write(fill)

            def measure(connection: apsw.Connection) -> dict[str, int]:
                words = ("every", "second", "own77")
                return {word: run_search._runs_with(connection, "0", word) for word in words}

            sizes = await database.read(measure)
            assert 30_000 < sizes["every"] < 90_000
            assert 5_000 < sizes["second"] < sizes["every"]
            assert sizes["own77"] < 10_000

    asyncio.run(scenario())

"""What forms looked like: each definition once, each sighting with its times."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.storage.making import ADD_ROW, opened, plain
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.definitions import Sighting
from zapdesk.storage.definition_history import DefinitionHistory


def with_history(folder: Path, scenario: Callable[[DefinitionHistory], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(folder) as database:
            await scenario(DefinitionHistory(database))

    asyncio.run(run())


def test_a_form_that_stays_the_same_is_seen_once_from_first_to_last(tmp_path: Path) -> None:
    async def scenario(history: DefinitionHistory) -> None:
        for moment in (10, 20, 30):
            assert await history.see("p", ADD_ROW, "[]", moment) is None
        assert await history.history("p", ADD_ROW) == (Sighting("[]", 10, 30),)

    with_history(tmp_path, scenario)


def test_a_form_that_changed_tells_what_it_was_before(tmp_path: Path) -> None:
    async def scenario(history: DefinitionHistory) -> None:
        await history.see("p", ADD_ROW, "A", 10)
        await history.see("p", ADD_ROW, "A", 15)
        assert await history.see("p", ADD_ROW, "B", 20) == Sighting("A", 10, 15)
        assert await history.see("p", ADD_ROW, "B", 25) is None
        assert await history.see("p", ADD_ROW, "A", 30) == Sighting("B", 20, 25)
        assert [s.definition for s in await history.history("p", ADD_ROW)] == ["A", "B", "A"]

    with_history(tmp_path, scenario)
    assert plain(tmp_path / "zapdesk.db", "SELECT count(*) FROM definitions") == [(2,)]


def test_only_like_forms_are_compared(tmp_path: Path) -> None:
    async def scenario(history: DefinitionHistory) -> None:
        other = ActionKey("tables", "SEARCH", "add_row")
        assert await history.see("p", ADD_ROW, "A", 1) is None
        assert await history.see("q", ADD_ROW, "B", 2) is None
        assert await history.see("p", other, "C", 3) is None
        assert await history.see("p", ADD_ROW, "D", 4, authentication_id="c1") is None
        assert await history.see("p", ADD_ROW, "E", 5, variant="ab12") is None
        assert await history.see("p", ADD_ROW, "F", 6, authentication_id="c1") is not None

    with_history(tmp_path, scenario)


def test_a_form_of_odd_texts_is_kept_as_it_was(tmp_path: Path) -> None:
    text = "x" * 100_000 + "\u2028\ufeff\U0001f9ea"

    async def scenario(history: DefinitionHistory) -> None:
        await history.see("p", ActionKey("a\ud800", "W", "k\x00"), text, 1)
        (found,) = await history.history("p", ActionKey("a\ud800", "W", "k\x00"))
        assert found.definition == text

    with_history(tmp_path, scenario)

"""Turns of processes, by a lock that each holds for as long as it works."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from zapdesk.file_lock import Turn

if TYPE_CHECKING:
    from pathlib import Path


def test_turns_are_taken_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "turn"
    with Turn(path, 0), pytest.raises(TimeoutError), Turn(path, 0.05):
        pass
    with Turn(path, 0):
        pass


def test_who_is_cancelled_while_waiting_for_a_turn_leaves_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "turn"

    async def wait() -> None:
        async with Turn(path, 10):
            pytest.fail("it was somebody else's turn")

    async def scenario() -> None:
        with Turn(path, 0), pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await wait()
        async with Turn(path, 0):
            pass

    asyncio.run(scenario())

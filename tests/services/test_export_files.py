"""A file that is exported is there as a whole or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from zapdesk.services.exports.files import save

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def test_an_export_that_is_broken_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    path.write_text("before")

    async def scenario() -> None:
        has_begun, never = asyncio.Event(), asyncio.Event()

        async def pieces() -> AsyncIterator[str]:
            yield "half of it"
            has_begun.set()
            await never.wait()

        saving = asyncio.ensure_future(save(path, pieces()))
        await has_begun.wait()
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving
        assert [file.name for file in tmp_path.iterdir()] == ["runs.json"]
        assert path.read_text() == "before"

    asyncio.run(scenario())

"""Run again: what an earlier run was made of, as the form is opened with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from tests.sandbox_server import running_sandbox
from tests.services.desk import desk, order
from zapdesk.domain.runs import Labels
from zapdesk.ui.runs.again import again

FAULT_LAB = "9f8e7d6c-5b4a-5938-8271-6f5e4d3ca006"


def test_the_inputs_come_with_the_words_that_were_chosen(tmp_path: Path) -> None:
    inputs = {"note": "n", "kind": "k7", "tags": ["a", "b", "c"]}
    labels: dict[str, Labels] = {"kind": "Seventh", "tags": {"a": "First", "c": "Third"}}

    async def scenario(url: str, token: str) -> None:
        async with desk(tmp_path / "home", url, token) as made:
            sent = replace(order(FAULT_LAB, "mark", inputs), labels=labels)
            record = await made.ended(sent)
            session = SimpleNamespace(catalog=made.catalog, runs=made.runs)
            found = await again(session, record.run)  # type: ignore[arg-type]  # what it asks for
            assert found.action.key == "mark"
            assert found.filling.values == inputs
            assert found.filling.labels == {
                "kind": {"k7": "Seventh"},
                "tags": {"a": "First", "c": "Third"},
            }

    with running_sandbox(tmp_path / "sandbox") as sandbox:
        asyncio.run(scenario(sandbox.url, sandbox.token))

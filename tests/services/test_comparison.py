"""Comparing runs of the log: everything that differs, what is known as good, what is left out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.storage.making import OWNER, opened, order
from zapdesk.domain.comparison import pattern_text
from zapdesk.domain.result_values import path_text
from zapdesk.domain.runs import ActionRun, RunError, RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.paths import Paths
from zapdesk.services.comparison import ComparisonService
from zapdesk.services.history import HistoryService
from zapdesk.services.sensitive import SensitiveService
from zapdesk.storage.comparing import ComparisonStore
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog
from zapdesk.storage.sensitive_fields import SensitiveFields

FORM = json.dumps(
    [
        {
            "type": "input_field", "id": "name", "title": "Name", "description": "",
            "placeholder": "", "value_type": "STRING", "default_value": None, "depends_on": [],
            "invalidates_input_fields": False, "is_required": False,
        }
    ]
)  # fmt: skip


class Bench:
    """A log with the services that compare what is in it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.log = RunLog(database, OWNER)
        self.history = HistoryService(database, self.log, OWNER, Paths(folder, folder, folder))
        self.comparison = ComparisonService(
            self.log,
            ComparisonStore(database),
            self.history,
            SensitiveService(SensitiveFields(database)),
        )
        self._count = 0

    async def run(
        self, result: Any, inputs: Any = None, status: RunStatus = RunStatus.SUCCESS, **more: Any
    ) -> ActionRun:
        self._count += 1
        at_ms = 1_000 * self._count
        body = json.dumps(inputs or {"name": "Ada"}).encode()
        made, _ = await self.log.add(order(f"n{self._count}", **more), at_ms, body)
        await self.log.move(
            made.id, RunStatus.WAITING, at_ms=at_ms + 10, run_id="r", sent_ms=at_ms + 5,
            accepted_ms=at_ms + 10,
        )  # fmt: skip
        raw = result if isinstance(result, bytes) else json.dumps(result).encode()
        errors = (RunError("user", "No", "Not this."),) if status is RunStatus.ERROR else ()
        ended = await self.log.move(made.id, status, at_ms=at_ms + 110, results=raw, errors=errors)
        assert ended is not None
        return ended


def with_bench(folder: Path, use: Callable[[Bench], Awaitable[None]]) -> None:
    async def scenario() -> None:
        async with opened(folder) as database:
            bench = Bench(database, folder)
            try:
                await use(bench)
            finally:
                await bench.history.close()

    asyncio.run(scenario())


def test_two_runs_are_compared_in_everything_that_is_kept_of_them(tmp_path: Path) -> None:
    async def use(bench: Bench) -> None:
        one = await bench.run([{"id": 1}], {"name": "Ada"}, definition=FORM)
        required = FORM.replace('"is_required": false', '"is_required": true')
        two = await bench.run(
            [], {"name": "Bo", "age": "9"}, RunStatus.ERROR, definition=required,
            authentication_id="c-9", authentication_title="Mine",
        )  # fmt: skip
        found = await bench.comparison.compare(one.id, two.id)
        turned = await bench.comparison.compare(two.id, one.id, older_first=True)
        assert (turned.before.id, turned.after.id) == (one.id, two.id)
        assert not found.is_same
        assert [(f.name, f.before, f.after) for f in found.facts] == [
            ("outcome", "Success", "Error"),
            ("errors", "", "Not this."),
            ("connection", "", "Mine (c-9)"),
        ]
        assert [path_text(d.path) for d in found.inputs.differences] == ["name", "age"]
        assert found.definition is not None
        assert [d.is_newly_required for d in found.definition] == [True]
        assert [d.change.value for d in found.result.differences] == ["removed"]
        assert ("in all", 110, 110) in [(t.name, t.before_ms, t.after_ms) for t in found.timings]

    with_bench(tmp_path, use)


def test_run_does_not_differ_from_one_with_the_same_outcome(tmp_path: Path) -> None:
    async def use(bench: Bench) -> None:
        one, two = await bench.run([{"a": 1}]), await bench.run([{"a": 1}])
        found = await bench.comparison.compare(one.id, two.id)
        assert found.is_same
        assert found.definition is None
        with pytest.raises(InvalidInput, match="There is no run"):
            await bench.comparison.compare(one.id, "nobody")

    with_bench(tmp_path, use)


def test_noise_is_learned_from_repetitions_and_left_out_only_once_chosen(tmp_path: Path) -> None:
    async def use(bench: Bench) -> None:
        runs = [
            await bench.run([{"id": f"item-{n}a7f2", "name": "Ada", "seen": n}]) for n in range(3)
        ]
        other = await bench.run([{"id": "item-9c4d1", "name": "Bo", "seen": 9}], {"name": "Bo"})
        found = await bench.comparison.compare(runs[0].id, other.id)
        assert {pattern_text(n.pattern): n.is_certain for n in found.noise} == {
            "[*].id": True, "[*].seen": False,
        }  # fmt: skip
        assert len(found.result.differences) == 3
        await bench.comparison.ignore(other, frozenset({("*", "id"), ("*", "seen")}))
        left = await bench.comparison.compare(runs[0].id, other.id)
        assert [path_text(d.path) for d in left.result.differences] == ["[0].name"]
        assert left.result.ignored == 2
        assert (await bench.comparison.compare(runs[0].id, runs[2].id)).is_same
        whole = await bench.comparison.compare(runs[0].id, other.id, ignoring=())
        assert len(whole.result.differences) == 3
        await bench.comparison.ignore(other, frozenset())
        assert not (await bench.comparison.compare(runs[0].id, runs[2].id)).is_same

    with_bench(tmp_path, use)


def test_run_is_compared_with_the_one_that_is_known_as_good(tmp_path: Path) -> None:
    async def use(bench: Bench) -> None:
        bad = await bench.run([], status=RunStatus.ERROR)
        with pytest.raises(InvalidInput, match="is known as good"):
            await bench.comparison.with_baseline(bad.id)
        with pytest.raises(InvalidInput, match="Only a run that succeeded"):
            await bench.history.set_baseline(bad.id)
        good = await bench.run([{"a": 1}])
        await bench.history.set_baseline(good.id)
        found = await bench.comparison.with_baseline(bad.id)
        assert (found.before.id, found.after.id) == (good.id, bad.id)
        with pytest.raises(InvalidInput, match="itself"):
            await bench.comparison.with_baseline(good.id)

    with_bench(tmp_path, use)


def test_what_cannot_be_compared_is_told(tmp_path: Path) -> None:
    async def use(bench: Bench) -> None:
        hidden = {"name": "Ada", "password": {"$hidden": "password"}}
        one = await bench.run(b'[{"a": 1, "a": NaN}]', json.loads(json.dumps(hidden)))
        two = await bench.run(b"[{" * 500, json.loads(json.dumps(hidden)))
        found = await bench.comparison.compare(one.id, two.id)
        text = " ".join(found.remarks)
        assert "first result keys repeat" in text
        assert "second result is no JSON" in text

    with_bench(tmp_path, use)


def test_passwords_are_said_not_to_have_been_compared(tmp_path: Path) -> None:
    async def use(bench: Bench) -> None:
        runs = [await bench.run([]) for _ in range(2)]
        body = b'{"name":"Ada","pin":{"$hidden":"password"}}'
        hidden, _ = await bench.log.add(order("p"), 9_000, body)
        found = await bench.comparison.compare(runs[0].id, hidden.id)
        assert any("Passwords" in remark for remark in found.remarks)

    with_bench(tmp_path, use)


def test_large_results_are_compared_elsewhere_and_the_loop_goes_on(tmp_path: Path) -> None:
    rows = [{"row": n, "name": f"name {n}", "at": n} for n in range(20_000)]

    async def use(bench: Bench) -> None:
        one = await bench.run(rows, {"name": "one"})
        two = await bench.run([*rows[:5], *rows[6:]], {"name": "two"})
        longest = last = time.perf_counter()
        longest = 0.0
        task = asyncio.create_task(bench.comparison.compare(one.id, two.id))
        while not task.done():
            await asyncio.sleep(0.002)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        found = await task
        assert [path_text(d.path) for d in found.result.differences] == ["[5]"]
        assert longest < 0.5

    with_bench(tmp_path, use)

"""Whatever is tried in whatever order, an ended run stays as it ended."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from tests.storage.making import OWNER, order
from zapdesk.domain.runs import ActionRun, Resolution, RunFilter, RunStatus, may_move
from zapdesk.errors import InvalidInput
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog

ENDED = frozenset(RunStatus) - {RunStatus.SUBMITTING, RunStatus.WAITING}


class RunsOfTwoProcesses(RuleBasedStateMachine):
    """Two logs on one file add, move, resolve and recover; a model knows what is legal."""

    ids = Bundle("ids")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        path = Path(self.folder.name)
        self.databases = [
            self.runner.run(Database.open(path / "zapdesk.db", path / "backups")) for _ in "ab"
        ]
        self.logs = [
            RunLog(database, owner)
            for database, owner in zip(self.databases, (OWNER, "other"), strict=True)
        ]
        self.model: dict[str, ActionRun] = {}
        self.lines: dict[str, int] = {}

    @rule(target=ids, nonce=st.integers(0, 5), log=st.integers(0, 1))
    def add(self, nonce: int, log: int) -> str:
        run, is_new = self.runner.run(self.logs[log].add(order(f"{nonce}"), nonce, b"{}"))
        assert is_new == (run.id not in self.model)
        if is_new:
            self.model[run.id] = run
            self.lines[run.id] = 1
        return run.id

    @rule(
        run_id=ids,
        status=st.sampled_from(RunStatus),
        log=st.integers(0, 1),
        word=st.sampled_from(["", "queued", "running"]),
        results=st.none() | st.binary(max_size=20),
    )
    def move(
        self, run_id: str, status: RunStatus, log: int, word: str, results: bytes | None
    ) -> None:
        before = self.model[run_id]
        after = self.runner.run(
            self.logs[log].move(
                run_id, status, at_ms=9, text="t", server_status=word, results=results
            )
        )
        assert (after is not None) == may_move(before.status, status)
        if after is not None:
            assert (after.status, after.server_status) == (status, word)
            assert (after.ended_ms is None) == status.is_open
            self.model[run_id] = after
            self.lines[run_id] += 1

    @rule(run_id=ids, resolution=st.sampled_from(Resolution))
    def resolve(self, run_id: str, resolution: Resolution) -> None:
        before = self.model[run_id]
        try:
            after = self.runner.run(self.logs[0].resolve(run_id, resolution, "n", 10))
        except InvalidInput:
            assert before.status not in {RunStatus.UNKNOWN, RunStatus.LOST}
        else:
            assert after.status is before.status
            self.model[run_id] = after
            self.lines[run_id] += 1

    @rule(other_lives=st.booleans())
    def recover(self, other_lives: bool) -> None:
        living = {"other"} if other_lives else set()
        found = self.runner.run(self.logs[0].recover(lambda: living, 11, "sandbox"))
        for run in found.unknown:
            assert self.model[run.id].status is RunStatus.SUBMITTING
            assert not other_lives
            self.model[run.id] = run
            self.lines[run.id] += 1
        for run in found.waiting:
            assert run.is_mine
            self.model[run.id] = run

    @invariant()
    def the_log_says_what_the_model_says(self) -> None:
        if not hasattr(self, "logs"):
            return
        for log in self.logs:
            for run in self.runner.run(log.page(RunFilter(), None, 100)):
                known = self.model[run.id]
                assert (run.status, run.ended_ms, run.resolution) == (
                    known.status,
                    known.ended_ms,
                    known.resolution,
                )
                if run.status in ENDED:
                    assert run.ended_ms is not None
                record = self.runner.run(log.record(run.id))
                assert record is not None
                assert len(record.events) == self.lines[run.id]

    def teardown(self) -> None:
        if hasattr(self, "databases"):
            for database in self.databases:
                self.runner.run(database.close())
            self.runner.close()
            self.folder.cleanup()


TestRunsOfTwoProcesses = RunsOfTwoProcesses.TestCase
TestRunsOfTwoProcesses.settings = settings(
    settings.default, max_examples=25, stateful_step_count=25
)

"""A run log with runs in it, on real files, and the service that the panels read it through."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

from zapdesk.api.client import ZapierClient
from zapdesk.domain.catalog import WRITE, ActionKey
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import ActionRun, RunError, RunKind, RunOrder, RunStatus
from zapdesk.errors import ErrorReport
from zapdesk.paths import Paths, resource
from zapdesk.services.catalog import CatalogService
from zapdesk.services.comparison import ComparisonService
from zapdesk.services.explaining import Explainer
from zapdesk.services.exports.service import ExportService
from zapdesk.services.history import HistoryService
from zapdesk.services.live_guard import LiveGuard
from zapdesk.services.results import ResultService
from zapdesk.services.runs import RunService
from zapdesk.services.sensitive import SensitiveService
from zapdesk.services.watching import RunsChange
from zapdesk.storage.comparing import ComparisonStore
from zapdesk.storage.database import Database
from zapdesk.storage.foreign_runs import ForeignRuns
from zapdesk.storage.result_filters import ResultFilters
from zapdesk.storage.run_log import RunLog
from zapdesk.storage.sensitive_fields import SensitiveFields

PROFILE = "sandbox"
CREATE_ROW = ActionKey("tables", WRITE, "create_row")
RESULT = b'[{"id": 42, "name": "Ada", "tags": ["a", "b"]}]'


def some_run(number: int, status: RunStatus = RunStatus.SUCCESS, **changes: Any) -> ActionRun:
    """A run that is in no log; the higher its number, the newer it is."""
    created = changes.pop("created_ms", 1_700_000_000_000 + number * 1_000)
    run = ActionRun(
        id=f"run{number}",
        profile_id=PROFILE,
        kind=RunKind.RUN,
        status=status,
        action=CREATE_ROW,
        app_title="Tables",
        action_title="Create Row",
        authentication_id=None,
        authentication_title="Sandbox tables",
        created_ms=created,
        number=number,
        run_id=f"remote{number}",
        ended_ms=None if status.is_open else created + 1_800,
    )
    return dataclasses.replace(run, **changes)


class Desk:
    """An open run log and a RunService over it; nothing of it talks to a server."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.log = RunLog(database, "0" * 32)
        sensitive = SensitiveService(SensitiveFields(database))
        self.runs = RunService(
            PROFILE,
            # Reading the log asks no server and no catalogue.
            cast(ZapierClient, None),
            self.log,
            cast(CatalogService, None),
            blocked=lambda: "",
            elsewhere=database.changed_elsewhere,
            living=set,
            sensitive=sensitive,
        )
        self.history = HistoryService(database, self.log, "0" * 32, Paths(folder, folder, folder))
        explainer = Explainer(resource("explanations.toml"))
        self.session: Any = SimpleNamespace(
            profile=SimpleNamespace(id=PROFILE, is_live=False),
            guard=LiveGuard(),
            runs=self.runs,
            history=self.history,
            explainer=explainer,
            sensitive=sensitive,
            comparison=ComparisonService(
                self.log, ComparisonStore(database), self.history, sensitive
            ),
            results=ResultService(ResultFilters(database)),
            exports=ExportService(
                self.log,
                ForeignRuns(database),
                sensitive,
                explainer,
            ),
        )
        self._made = 0

    async def add(
        self,
        status: RunStatus = RunStatus.SUCCESS,
        *,
        ago_ms: int = 0,
        results: bytes | None = RESULT,
        errors: tuple[RunError, ...] = (),
        report: ErrorReport | None = None,
        headline: str = "",
        inputs: bytes = b'{"table":"t1","name":"Ada"}',
        labels: dict[str, str] | None = None,
        server_status: str = "",
        announce: bool = True,
        **order: Any,
    ) -> ActionRun:
        """Write a run down and bring it to ``status``, as the engine does."""
        self._made += 1
        facts: dict[str, Any] = {
            "profile_id": PROFILE,
            "action": CREATE_ROW,
            "app_title": "Tables",
            "action_title": "Create Row",
            "authentication_id": "a1",
            "authentication_title": "Sandbox tables",
            "inputs": {},
            "nonce": f"n{self._made}",
            "labels": labels or {},
        }
        created = int(time.time() * 1000) - ago_ms
        run, _ = await self.log.add(RunOrder(**{**facts, **order}), created, inputs)
        if status in (RunStatus.WAITING, RunStatus.SUCCESS, RunStatus.ERROR, RunStatus.LOST):
            run = await self._moved(
                run, RunStatus.WAITING, run_id=f"z{self._made}", server_status=server_status
            )
        if status in (RunStatus.SUCCESS, RunStatus.ERROR, RunStatus.LOST):
            ended = results if status is RunStatus.SUCCESS else None
            run = await self._moved(run, status, results=ended, errors=errors, headline=headline)
        elif status not in (RunStatus.WAITING, RunStatus.SUBMITTING):
            run = await self._moved(run, status, report=report, headline=headline)
        if announce:
            self.announce(run)
        return run

    async def _moved(self, run: ActionRun, status: RunStatus, **facts: Any) -> ActionRun:
        moved = await self.log.move(run.id, status, at_ms=run.created_ms + 1_800, **facts)
        assert moved is not None
        return moved

    async def end(self, run: ActionRun, results: bytes = RESULT) -> ActionRun:
        """A waiting run succeeds, and the service says so."""
        ended = await self._moved(run, RunStatus.SUCCESS, results=results)
        self.announce(ended)
        return ended

    def announce(self, run: ActionRun | None) -> None:
        self.runs.changed.announce(RunsChange(run))


@asynccontextmanager
async def opened_desk(folder: Path) -> AsyncIterator[Desk]:
    """A desk in ``folder``, closed at the end."""
    database = await Database.open(folder / "zapdesk.db", folder / "backups")
    desk = Desk(database, folder)
    try:
        yield desk
    finally:
        await desk.runs.close()
        await desk.history.close()
        await database.close()


AN_EXCHANGE = Exchange(
    "start the run",
    "POST",
    "https://api.zapier.com/v2/action-runs?x=1",
    (("authorization", "••••••"), ("content-type", "application/json")),
    b'{"data":{"action":"core:1","inputs":{"name":"Ada"}}}',
    200,
    (("content-type", "application/json"),),
    b'{"data":{"id":"z1"}}',
    20,
    1_700_000_000_000,
    12.0,
    13.0,
    250.0,
    251.0,
)


async def until(condition: Any, seconds: float = 5.0) -> None:
    """Wait for a condition while the window lives on."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


class LoopMeter(QObject):
    """Measures the longest time in which the event loop did not come round, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_ms = 0.0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)

    def __enter__(self) -> LoopMeter:
        self._clock.start()
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tick()
        self._timer.stop()

    def _tick(self) -> None:
        self.longest_ms = max(self.longest_ms, self._clock.nsecsElapsed() / 1e6)
        self._clock.restart()

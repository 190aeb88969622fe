"""The services of one profile over a real store and a real socket, for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from zapdesk.api.client import ZapierClient
from zapdesk.api.routes import Patience
from zapdesk.api.signs import ServerSigns
from zapdesk.api.transport import Admission, Transport
from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.explanation import Outcome, explain
from zapdesk.domain.profiles import BodyShape, Profile, ServerKind
from zapdesk.domain.runs import ActionRun, RunKind, RunOrder, RunRecord, RunStatus
from zapdesk.paths import resource
from zapdesk.services.catalog import CatalogService
from zapdesk.services.drafts import DraftService
from zapdesk.services.explaining import Explainer
from zapdesk.services.exports.service import ExportService
from zapdesk.services.form_service import FormService
from zapdesk.services.pieces import Pieces
from zapdesk.services.runs import RunService
from zapdesk.services.sensitive import SensitiveService
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.database import Database
from zapdesk.storage.definition_history import DefinitionHistory
from zapdesk.storage.drafts import Drafts
from zapdesk.storage.foreign_runs import ForeignRuns
from zapdesk.storage.owners import Owner
from zapdesk.storage.run_log import RunLog
from zapdesk.storage.sensitive_fields import SensitiveFields

TOKEN = "tok-77aa01b2c3"  # made up
PROFILE = "test"
SHORT = Patience(read_s=2.0, send_s=1.0, retries_s=4.0)


@dataclass(slots=True)
class Desk:
    """Everything that a session has, and what it was told on the way."""

    database: Database
    log: RunLog
    cache: CatalogCache
    owner: Owner
    client: ZapierClient
    catalog: CatalogService
    forms: FormService
    drafts: DraftService
    runs: RunService
    tokens: list[str]
    signs: Broadcast[ServerSigns]
    shapes: list[BodyShape] = field(default_factory=list)

    async def ended(self, order: RunOrder, timeout_s: float = 20.0) -> RunRecord:
        """Start ``order`` and wait until nothing changes by itself any more."""
        run = await self.runs.start(order)
        await self.runs.wait(run.id, timeout_s)
        await self.runs.flush()
        return await self.record(run.id)

    async def record(self, id: str) -> RunRecord:
        record = await self.runs.record(id)
        assert record is not None
        return record


def wording(record: RunRecord) -> Outcome:
    """What a person reads about a run."""
    return explain(record.run, errors=record.errors, report=record.report)


def told(record: RunRecord) -> str:
    """The same as one text."""
    outcome = wording(record)
    return f"{outcome.title} {outcome.sentence} {outcome.hint}"


def exports_of(desk: Desk) -> ExportService:
    """The exports of a desk."""
    return ExportService(
        desk.log,
        ForeignRuns(desk.database),
        desk.forms.sensitive,
        Explainer(resource("explanations.toml")),
    )


_nonces = iter(range(1_000_000))


def order(
    app: str = "app-1",
    key: str = "act",
    inputs: dict[str, Any] | None = None,
    *,
    kind: RunKind = RunKind.RUN,
    authentication_id: str | None = None,
    secret_ids: frozenset[str] = frozenset(),
    nonce: str = "",
    action_type: str = "WRITE",
) -> RunOrder:
    """An order for one run; each has a nonce of its own if not said else."""
    return RunOrder(
        profile_id=PROFILE,
        action=ActionKey(app, action_type, key),
        app_title="Some App",
        action_title="Do It",
        authentication_id=authentication_id,
        authentication_title="",
        inputs={"note": "n"} if inputs is None else inputs,
        nonce=nonce or f"press {next(_nonces)}",
        kind=kind,
        secret_ids=secret_ids,
    )


async def at_once(_: float) -> None:
    """A pause that takes no time."""
    await asyncio.sleep(0)


async def _admits(_: Admission) -> None:
    return


@asynccontextmanager
async def desk(
    home: Path,
    base_url: str,
    *tokens: str,
    patience: Patience = SHORT,
    shape: BodyShape = BodyShape.SPEC,
    blocked: Callable[[], str] | None = None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    admit: Callable[[Admission], Awaitable[None]] = _admits,
    sends_native_values: bool = False,
) -> AsyncIterator[Desk]:
    """Open the store in ``home`` and speak to ``base_url``; several ``tokens``: each renewal
    goes on to the next one."""
    home.mkdir(parents=True, exist_ok=True)
    known = list(tokens or (TOKEN,))
    shapes: list[BodyShape] = []

    async def token() -> str | None:
        return known[0] or None

    async def renew(failed: str) -> str | None:
        if len(known) > 1 and known[0] == failed:
            known.pop(0)
        return known[0] if known[0] != failed else None

    owner = Owner.acquire(_folder(home / "owners"))
    database = await Database.open(home / "zapdesk.db", home / "backups")
    signs: Broadcast[ServerSigns] = Broadcast()
    transport = Transport(
        base_url,
        token=token,
        renew=renew,
        admit=admit,
        observe=signs.announce,
        patience=patience,
        pause=pause,
    )
    client = ZapierClient(transport, shape, shapes.append)
    log, cache = RunLog(database, owner.id), CatalogCache(database)
    profile = Profile(
        PROFILE, "Test", ServerKind.CUSTOM, base_url, sends_native_values=sends_native_values
    )
    catalog = CatalogService(PROFILE, client, cache)
    sensitive = SensitiveService(SensitiveFields(database))
    runs = RunService(
        PROFILE,
        client,
        log,
        catalog,
        blocked=blocked or (lambda: database.read_only_reason),
        try_again=database.try_again,
        elsewhere=database.changed_elsewhere,
        living=lambda: Owner.living(home / "owners"),
        sensitive=sensitive,
    )
    signs.subscribe(runs.hear)
    forms = FormService(
        profile,
        client,
        catalog,
        cache,
        DefinitionHistory(database),
        partial(Pieces, profile, log, sensitive=sensitive),
        sensitive,
    )
    await sensitive.load()
    await catalog.load()
    made = Desk(
        database, log, cache, owner, client, catalog,
        forms, DraftService(PROFILE, forms, Drafts(database)), runs, known, signs, shapes,
    )  # fmt: skip
    try:
        yield made
    finally:
        await runs.close()
        await catalog.close()
        await transport.aclose()
        await database.close()
        owner.release()


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


async def waiting(
    desk: Desk, sent: RunOrder, run_id: str, accepted_ms: int, forgotten_ms: int | None = None
) -> ActionRun:
    """A run of this process that the server accepted at that moment."""
    run, _ = await desk.log.add(sent, accepted_ms, json.dumps(dict(sent.inputs)).encode())
    moved = await desk.log.move(
        run.id,
        RunStatus.WAITING,
        at_ms=accepted_ms,
        run_id=run_id,
        accepted_ms=accepted_ms,
        forgotten_ms=forgotten_ms,
    )
    assert moved is not None
    return moved

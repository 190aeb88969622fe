"""A form over a server in this process that answers when a test says so, in any order.

Nothing here uses a thread or a clock: a few turns of the loop bring everything as far as it can
get without an answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import unquote

import httpx

from zapdesk.api.client import ZapierClient
from zapdesk.api.transport import Admission, Transport
from zapdesk.domain.catalog import Action, ActionKey, App
from zapdesk.domain.profiles import BodyShape, Profile, ServerKind
from zapdesk.domain.runs import ActionRun, RunKind, RunRecord, RunStatus
from zapdesk.services.catalog import CatalogService
from zapdesk.services.form_service import FormService
from zapdesk.services.forms import FormSession
from zapdesk.services.pieces import Pieces
from zapdesk.services.sensitive import SensitiveService
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.definition_history import DefinitionHistory
from zapdesk.storage.run_log import RunLog
from zapdesk.storage.sensitive_fields import SensitiveFields

APP = App("app-1", "Some App")
ACTION = Action("core:1", "act", "app-1", "WRITE", "Do It")
TURNS = 60
"""Of the loop: more than any answer takes to become a form."""

Definition = Callable[[Mapping[str, Any], str | None], list[dict[str, Any]]]
"""The fields for these inputs and this connection."""
Offered = Callable[[str, Mapping[str, Any], str | None, str], tuple[list[dict[str, Any]], bool]]
"""The choices of a field on a page, and whether there are more pages."""


@dataclass(slots=True)
class Held:
    """One request that waits for its answer."""

    path: str
    page: str
    inputs: dict[str, Any]
    authentication: str | None
    answer: asyncio.Future[httpx.Response]


@dataclass(eq=False)  # a pool of connections is known by itself
class HeldServer(httpx.AsyncBaseTransport):
    """Keeps every request until ``release``."""

    definition: Definition
    offered: Offered = lambda name, inputs, who, page: ([], False)
    held: list[Held] = field(default_factory=list)
    asked: list[Held] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        data = json.loads(await request.aread())["data"]
        future: asyncio.Future[httpx.Response] = asyncio.get_running_loop().create_future()
        page = request.url.params.get("page", "1")
        one = Held(request.url.path, page, data["inputs"], data["authentication"], future)
        self.held.append(one)
        self.asked.append(one)
        try:
            return await future
        finally:
            if one in self.held:
                self.held.remove(one)

    def release(self, number: int, status: int = 200) -> None:
        """Answer one of the requests that wait."""
        if not self.held:
            return
        one = self.held.pop(number % len(self.held))
        if one.answer.done():
            return
        if status != 200:
            body: dict[str, Any] = {"errors": [{"status": status, "title": "Out of order"}]}
        elif one.path.endswith("/choices"):
            name = unquote(one.path.split("/")[-2])
            items, has_more = self.offered(name, one.inputs, one.authentication, one.page)
            following = f"{one.path}?page={int(one.page) + 1}" if has_more else None
            body = {"data": items, "links": {"next": following}}
        else:
            body = {"data": self.definition(one.inputs, one.authentication)}
        one.answer.set_result(httpx.Response(status, json=body))


class _Cache:
    """Keeps nothing."""

    async def fields(self, *_: Any) -> None:
        return None

    async def choices(self, *_: Any) -> None:
        return None

    async def put_fields(self, *_: Any) -> None:
        return None

    async def put_choices(self, *_: Any) -> None:
        return None

    async def see(self, *_: Any, **__: Any) -> None:
        return None


class _Catalog:
    async def fresh_action(self, _reference: ActionKey) -> Action:
        return ACTION


RUN = ActionRun(
    "run-1", "test", RunKind.RUN, RunStatus.SUCCESS, ACTION.reference, "", "", None, "", 1
)


class _Log:
    """One run of this profile, with a result."""

    async def page(self, *_: Any) -> tuple[ActionRun, ...]:
        return (RUN,)

    async def record(self, _id: str) -> RunRecord:
        return RunRecord(RUN, b"{}", b'[{"id":"row-9"}]')


async def _token() -> str | None:
    return "tok-11aa22bb"  # made up


async def _no_token(_: str) -> str | None:
    return None


async def _admits(_: Admission) -> None:
    return


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)


@dataclass
class HeldForms:
    """A FormService that speaks to a HeldServer."""

    server: HeldServer
    transport: Transport
    service: FormService

    def open(self) -> FormSession:
        return self.service.open(APP, ACTION, None)


def held_forms(server: HeldServer, *, native: bool = False) -> HeldForms:
    transport = Transport(
        "http://127.0.0.1:9", token=_token, renew=_no_token, admit=_admits, inner=server,
        pause=_at_once,
    )  # fmt: skip
    client = ZapierClient(transport, BodyShape.SPEC, lambda _: None)
    profile = Profile(
        "test", "Test", ServerKind.CUSTOM, "http://127.0.0.1:9",
        sends_native_values=native, environment=(("TEAM", "Blue"),), time_zone="Europe/Berlin",
    )  # fmt: skip
    cache = _Cache()

    def new_pieces() -> Pieces:
        moment = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
        return Pieces(profile, cast(RunLog, _Log()), lambda: moment)

    service = FormService(
        profile, client, cast(CatalogService, _Catalog()), cast(CatalogCache, cache),
        cast(DefinitionHistory, cache), new_pieces,
        SensitiveService(cast(SensitiveFields, cache)),
    )  # fmt: skip
    return HeldForms(server, transport, service)


async def turns(count: int = TURNS) -> None:
    """Let everything go on that needs no answer."""
    for _ in range(count):
        await asyncio.sleep(0)


async def settled(form: FormSession, server: HeldServer) -> None:
    """Answer everything, oldest first, until the form is quiet."""
    task = asyncio.ensure_future(form.settle())
    for _ in range(200):
        await turns(20)
        if task.done():
            break
        server.release(0)
    await task

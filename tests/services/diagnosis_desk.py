"""A self-test in surroundings that a test chooses: all is well but for what it breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

from tests.vault.stores import Memory
from zapdesk.api.transport import Admission
from zapdesk.domain.diagnosis import Finding, State
from zapdesk.domain.history import LogHealth
from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.errors import StorageUnusable
from zapdesk.paths import Paths
from zapdesk.services.diagnosis import Diagnosis, Surroundings
from zapdesk.services.routing import Routing
from zapdesk.services.sandbox_process import SandboxProcess
from zapdesk.services.ways import Way
from zapdesk.settings import DEFAULTS, Settings
from zapdesk.storage.database import Database
from zapdesk.storage.health import health
from zapdesk.vault import Vault

TOKEN = "tok-canary-7712cc"  # made up

APP: dict[str, Any] = {"type": "app", "id": "app-1", "title": "Some App", "links": {}}
REFUSAL: dict[str, Any] = {"errors": [{"status": 403, "code": "forbidden", "detail": "No."}]}
MISSING: dict[str, Any] = {"errors": [{"status": 404, "code": "not_found", "detail": "None."}]}

Said = tuple[int, Any]

USUAL: dict[str, Said] = {
    "/v1/categories": (200, {"objects": []}),
    "/v1/profiles/me": (200, {"id": 1, "email": "ada@example.com"}),
    "/v2/apps": (200, {"data": [APP], "links": {"next": None}}),
    "/v2/authentications": (200, {"data": [], "links": {"next": None}}),
    "/v2/action-runs/": (404, MISSING),
}


@dataclass(slots=True)
class Desk:
    """What is tested. ``token`` is what the profile signs with."""

    folder: Path
    base_url: str = "http://127.0.0.1:9"
    kind: ServerKind = ServerKind.CUSTOM
    token: str | None = TOKEN
    backend: Memory = field(default_factory=Memory)
    profile_more: Mapping[str, Any] = field(default_factory=dict)
    temporary: Path | None = None
    log_trouble: StorageUnusable | None = None
    look_at_log: Callable[[], Awaitable[LogHealth]] | None = None
    find_way: Callable[[], Awaitable[Way]] | None = None
    settings: Settings = DEFAULTS
    deadline_s: float = 10.0

    def diagnosis(self) -> Diagnosis:
        paths = Paths(self.folder / "data", self.folder / "cache", self.folder / "logs")
        if self.log_trouble is None:
            paths.create()

        async def token() -> str | None:
            return self.token

        async def renew(_: str) -> str | None:
            return None

        async def way() -> Way:
            return Way(self.base_url, token, renew)

        async def look_at_log() -> LogHealth:
            database = await Database.open(paths.database, paths.backups)
            try:
                return await health(database, paths.database, full=False)
            finally:
                await database.close()

        async def admit(_: Admission) -> None:
            """As many calls as it likes."""

        vault = Vault(self.backend, deadline_s=0.2, unlock_deadline_s=0.3)
        around = Surroundings(
            profile=Profile("p", "Mine", self.kind, self.base_url, **self.profile_more),
            paths=paths,
            vault=vault,
            routing=Routing(self.settings, vault),
            sandbox=SandboxProcess(paths.sandbox),
            find_way=self.find_way or way,
            health=None if self.log_trouble is not None else self.look_at_log or look_at_log,
            log_trouble=self.log_trouble,
            temporary=self.temporary or self.folder,
            environment={},
            admit=admit,
        )
        return Diagnosis(around, deadline_s=self.deadline_s)

    async def test(self, *only: str) -> dict[str, Finding]:
        return await self.diagnosis().run(only)


@dataclass(slots=True)
class Front:
    """A server that answers each path as it is told, and notes what it was asked."""

    said: dict[str, Said] = field(default_factory=dict)
    clock_s: float | None = 0.0
    """How far its ``Date`` is ahead; ``None``: it sends none."""
    page: bytes | None = None
    """Sent for whatever is asked, head and all."""
    asked: list[str] = field(default_factory=list)

    def answer(self, line: str) -> bytes:
        self.asked.append(line)
        if self.page is not None:
            return self.page
        path = line.split(" ")[1].partition("?")[0]
        answers = USUAL | self.said
        status, body = next(
            (said for start, said in answers.items() if path.startswith(start)), (404, MISSING)
        )
        raw = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        if self.clock_s is not None:
            head += f"Date: {formatdate(_now() + self.clock_s, usegmt=True)}\r\n"
        head += f"Content-Length: {len(raw)}\r\nConnection: close\r\n\r\n"
        return head.encode() + raw


def _now() -> float:
    import time

    return time.time()


@asynccontextmanager
async def fronted(front: Front, ssl_context: Any = None) -> AsyncIterator[int]:
    """The port at which ``front`` answers."""
    serving: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(front.answer(head.decode().partition("\r\n")[0]))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ssl_context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*serving, return_exceptions=True)


def failures(findings: Mapping[str, Finding]) -> list[str]:
    """The checks that failed."""
    return [name for name, found in findings.items() if found.state is State.FAILED]


def states(findings: Mapping[str, Finding], state: State) -> list[str]:
    """The checks that ended in ``state``."""
    return [name for name, found in findings.items() if found.state is state]

"""A server of the Workflow API whose every answer a test may write, down to the bytes.

It keeps what it received: what a client believes about its POSTs is compared with that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.api.fault_server import Wire

Behaviour = Callable[[Wire], Awaitable[None]]
Reply = tuple[int, Any]
"""A status with a JSON body."""


@dataclass(slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Script:
    """What the server answers, and what it has received so far.

    ``on_run``, ``on_poll`` and ``on_test`` are used up one by one, the last again and again; a
    behaviour takes the connection over. ``on_connect`` faults a POST of a run before it is read.
    ``routes`` answers any other path by its beginning.
    """

    url: str = ""
    on_run: list[Reply | Behaviour] = field(default_factory=list)
    on_poll: list[Reply | Behaviour] = field(default_factory=list)
    on_test: list[Reply | Behaviour] = field(default_factory=list)
    on_actions: list[Reply | Behaviour] = field(default_factory=list)
    on_connect: Behaviour | None = None
    routes: dict[str, Callable[[Asked], Reply | Behaviour]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    authentications: list[dict[str, Any]] = field(default_factory=list)
    faulted: int = 0
    sockets: int = 0
    """How many clients hold one open."""

    @property
    def posts(self) -> list[Asked]:
        """Every whole POST of a run or a test."""
        return [
            a
            for a in self.asked
            if a.method == "POST" and (a.path == "/v2/action-runs" or a.path.endswith("/test"))
        ]

    @property
    def polls(self) -> list[str]:
        """The run ids that were asked for, as they stood in the path."""
        start = "/v2/action-runs/"
        return [a.path.removeprefix(start) for a in self.asked if a.path.startswith(start)]

    def action_ids(self) -> list[str]:
        """The action id of each POST of a run, in whichever body shape."""
        bodies = [a.json for a in self.posts if a.path == "/v2/action-runs"]
        return [body.get("data", body)["action"] for body in bodies]

    def answer(self, asked: Asked) -> Reply | Behaviour:
        for start, route in self.routes.items():
            if asked.path.startswith(start):
                return route(asked)
        if asked.path == "/v2/actions":
            if self.on_actions:
                return _next(self.on_actions)
            count = sum(1 for a in self.asked if a.path == "/v2/actions")
            return 200, {"data": [action(f"id-{count}")], "links": {"next": None}}
        if asked.path == "/v2/authentications":
            return 200, {"data": self.authentications, "links": {"next": None}}
        if asked.path == "/v2/action-runs" and asked.method == "POST":
            return _next(self.on_run) if self.on_run else accepted()
        if asked.path.endswith("/test"):
            return _next(self.on_test) if self.on_test else (200, {"data": [{"ok": True}]})
        if asked.path.startswith("/v2/action-runs/"):
            return _next(self.on_poll) if self.on_poll else ended([{"done": 1}])
        return 404, errors("not_found", "There is nothing here.")


def _next(replies: list[Reply | Behaviour]) -> Reply | Behaviour:
    return replies.pop(0) if len(replies) > 1 else replies[0]


def action(id: str, key: str = "act", **more: Any) -> dict[str, Any]:
    return {
        "type": "action", "id": id, "key": key, "app": "app-1", "action_type": "WRITE",
        "title": "Do It", "description": "", "is_instant": False, **more,
    }  # fmt: skip


def accepted(id: Any = "run-1") -> Reply:
    return 200, {"data": {"type": "run", "id": id}}


def ended(results: Any, status: str = "success", errors: Any = ()) -> Reply:
    data = {"type": "run", "status": status, "results": results, "errors": list(errors)}
    return 200, {"data": data}


def still(word: str = "waiting") -> Reply:
    return 200, {"data": {"type": "run", "status": word, "results": [], "errors": []}}


def errors(code: str, detail: str, pointer: str = "") -> dict[str, Any]:
    source = {"pointer": pointer} if pointer else None
    return {"errors": [{"status": 400, "code": code, "title": code, "detail": detail,
                        "source": source}]}  # fmt: skip


def reply_bytes(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def sends(data: bytes) -> Behaviour:
    """Exactly these bytes, then the end."""

    async def behave(wire: Wire) -> None:
        await wire.send(data)

    return behave


@asynccontextmanager
async def scripted(**given: Any) -> AsyncIterator[Script]:
    """Serve a script on ``port``, or on a free one."""
    port = given.pop("port", 0)
    script = Script(**given)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        wire = Wire(reader, writer)
        script.sockets += 1
        try:
            while True:
                line = await reader.readuntil(b"\r\n")
                method, target, _ = line.decode().split(" ", 2)
                if script.on_connect and (method, target) == ("POST", "/v2/action-runs"):
                    script.faulted += 1
                    await script.on_connect(wire)
                    return
                asked = await _read(reader, method, target)
                script.asked.append(asked)
                reply = script.answer(asked)
                if callable(reply):
                    await reply(wire)
                    return
                status, body = reply
                await wire.send(reply_bytes(status, json.dumps(body).encode()))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            script.sockets -= 1
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    script.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield script
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader, method: str, target: str) -> Asked:
    head = await reader.readuntil(b"\r\n\r\n")
    pairs = (line.partition(":") for line in head.decode("latin-1").split("\r\n") if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body)


def decoded(segment: str) -> str:
    """A path segment as the server understands it."""
    return unquote(segment)

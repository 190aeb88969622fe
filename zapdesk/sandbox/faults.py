"""What goes wrong on purpose in HTTP for the Fault Lab's actions. Other apps never fail so."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from zapdesk.sandbox.apps.fault_lab import APP_ID
from zapdesk.sandbox.definitions import Json
from zapdesk.sandbox.envelopes import ApiError, JsonAnswer, invalid, not_found, parse_error
from zapdesk.sandbox.store import Issued, Run

_PAGE = "<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"
_MOST_MB = 30.0


class Cut(Response):
    """No answer: the connection is reset. With ``part`` it ends in the middle of an answer."""

    def __init__(self, part: bytes = b"") -> None:
        super().__init__()
        self.status_code = 0
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope["state"]["transport"]
        if self._part:
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(2 * len(self._part)).encode()),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self._part, "more_body": True})
            transport.close()
        else:
            connection: socket.socket = transport.get_extra_info("socket")
            # Lingering for zero seconds makes the kernel send a reset instead of a proper end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        await _gone(receive)


class Silence(Response):
    """No answer, and the connection stays open until the client goes."""

    def __init__(self) -> None:
        super().__init__()
        self.status_code = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _key(issued: Issued | Run) -> str:
    return issued.key if issued.app == APP_ID else ""


def on_fields(issued: Issued) -> None:
    """Refuse a form. Raises ``ApiError``."""
    if _key(issued) == "fields_fail":
        raise _server_error()


def on_choices(issued: Issued, page: int, body: Json) -> None:
    """Refuse a page of choices (raises ``ApiError``), or bend where it leads."""
    key = _key(issued)
    if key == "choices_fail_page_3" and page == 3:
        raise _server_error()
    if key == "choices_loop" and page == 2:
        body["links"]["next"] = str(body["links"]["prev"])
    if key == "choices_other_host":
        body["links"]["next"] = "http://zapdesk-elsewhere.example/choices?page=2"


def _server_error() -> ApiError:
    return ApiError(500, "error", "APIException", "A server error occurred.")


def before_work(issued: Issued, inputs: Json, pointer: str = "/data/inputs") -> Response | None:
    """The answer in place of a run, where it is not taken; ``pointer`` says where its inputs
    stood. Raises ``ApiError``."""
    wait = {"Retry-After": _printable(inputs.get("retry_after", "30"))}
    match _key(issued):
        case "run_400_parse_error":
            raise parse_error()
        case "run_400_fields":
            _refuse_values(inputs, pointer)
        case "run_403":
            raise ApiError(403, "permission_denied", "PermissionDenied", "Not on the allow-list.")
        case "run_408":
            raise ApiError(408, "timeout", "RequestTimeout", "The request took too long.")
        case "run_409":
            raise ApiError(409, "conflict", "Conflict", "This conflicts with another request.")
        case "run_429":
            wait |= {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0"}
            raise ApiError(429, "throttled", "Throttled", "Too many requests.", headers=wait)
        case "run_500":
            raise _server_error()
        case "run_502_html":
            return HTMLResponse(_PAGE, status_code=502)
        case "run_503":
            raise ApiError(503, "unavailable", "Unavailable", "Try again later.", headers=wait)
        case "run_504":
            raise ApiError(504, "timeout", "GatewayTimeout", "The gateway timed out.")
        case "run_302" | "run_307" as key:
            status = int(key.removeprefix("run_"))
            return Response(status_code=status, headers={"Location": "/v2/action-runs/"})
        case "reset_before_work":
            return Cut()
    return None


def _refuse_values(inputs: Json, pointer: str) -> None:
    """Raises ``ApiError`` that names every text that begins with “bad”, items of lists too."""
    refused = []
    for name, value in inputs.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        items = value if isinstance(value, list) else [value]
        for number, item in enumerate(items):
            if isinstance(item, str) and item.startswith("bad"):
                where = f"{place}/{number}" if isinstance(value, list) else place
                refused.append(invalid(f"“{item}” is not accepted here.", pointer=where))
    if refused:
        raise replace(refused[0], more=refused[1:])


def _printable(value: Any) -> str:
    """What can stand in a header; odd words and dates may."""
    return "".join(sign for sign in str(value) if " " <= sign <= "~").strip()


def run_id(issued: Issued) -> str:
    """The run's id, where it is to be an odd one; empty otherwise."""
    match _key(issued):
        case "number_run_id":
            return str(uuid.uuid4().int % 10**15)
        case "slash_run_id":
            return f"a/b?c#d e%2F/../{uuid.uuid4().hex}"
    return ""


def after_work(issued: Issued, run_id: str) -> Response | None:
    """The answer in place of the usual one, where the run was taken."""
    match _key(issued):
        case "reset_after_work":
            return Cut()
        case "silence":
            return Silence()
        case "truncated_body":
            return Cut(b'{"data":{"type":"run","id":"5b1d0c52-3f')
        case "no_run_id":
            return JsonAnswer({"data": {"type": "run"}})
        case "number_run_id":
            return JsonAnswer({"data": {"type": "run", "id": int(run_id)}})
        case "html_200":
            return HTMLResponse(_PAGE)
    return None


def on_poll(run: Run, count: int) -> Response | None:
    """The answer in place of a run's state. ``count`` is how often it was asked for.

    Raises ``ApiError``.
    """
    key = _key(run)
    if key == "poll_404":
        raise not_found("There is no such run.")
    if key == "poll_500" and count <= _number(run.inputs.get("times"), 3):
        raise _server_error()
    if key == "huge_result" and run.outcome is not None:
        size = min(_number(run.inputs.get("size_mb"), 5), _MOST_MB)
        return StreamingResponse(_huge(int(size * 1024 * 1024)), media_type="application/json")
    return None


def _number(value: Any, default: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default


def _huge(size: int) -> Iterator[bytes]:
    yield b'{"data":{"type":"run","status":"success","errors":[],"results":[{"text":"'
    line = b"0123456789abcdef" * 4096
    for start in range(0, size, len(line)):
        yield line[: size - start]
    yield b'"}]}}'


def shape(run: Run, body: Json) -> Json:
    """A run's state, bent where its action asks for it."""
    key, done = _key(run), run.outcome is not None
    if key == "unknown_status" and not done:
        body["status"] = str(run.inputs.get("word") or "percolating")
    elif key == "no_results":
        body.pop("results", None)
    elif key == "object_results" and done and isinstance(body["results"], list):
        body["results"] = body["results"][0]
    elif key == "success_with_errors" and done:
        body["errors"] = [
            {"code": "partner", "title": "One of two", "detail": "The second copy failed."}
        ]
    elif key == "upper_case_status":
        body["status"] = body["status"].upper()
    return body

"""Webhook: a real request to an address the user gives, and a place that catches such requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from zapdesk.sandbox.definitions import Action, App, Call, Choice, Json, RunFailure
from zapdesk.sandbox.forms import info, select, text

TIMEOUT_S = 10.0
_MOST_BYTES = 1024 * 1024
_METHODS = ("POST", "PUT", "PATCH", "GET", "DELETE")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS hooks (
    seq INTEGER PRIMARY KEY, at REAL NOT NULL, name TEXT NOT NULL, method TEXT NOT NULL,
    content_type TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS webhook_calls (
    seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, at REAL NOT NULL, method TEXT NOT NULL,
    url TEXT NOT NULL, status INTEGER NOT NULL)
"""


def _map(call: Call, key: str) -> Json:
    value = call.inputs.get(key) or {}
    if not isinstance(value, dict):
        raise RunFailure("user", "Not names and values", f"“{key}” takes names and values.")
    return value


async def _request(call: Call) -> Json:
    """Send it: ten seconds, no redirects, no proxy, at most 1 MB of the answer."""
    # Costs a tenth of a second, which the start of the sandbox need not pay.
    import httpx

    url, method = call.text("url"), call.text("method") or "POST"
    if method not in _METHODS:
        raise RunFailure("user", "Unknown method", f"“{method}” is not one of the methods.")
    payload = _map(call, "payload")
    headers = {str(name): str(value) for name, value in _map(call, "headers").items()}
    body: dict[str, Any] = {"json": payload} if method in ("POST", "PUT", "PATCH") else {}
    if method in ("GET", "DELETE") and payload:
        body = {"params": payload}
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client,
            client.stream(method, url, headers=headers, **body) as response,
        ):
            content = b""
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _MOST_BYTES:
                    raise RunFailure("partner", "Answer too large", "It has more than 1 MB.")
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, ValueError):
        raise RunFailure("user", "Not a web address", f"“{url}” cannot be called.") from None
    except httpx.HTTPError as error:
        detail = str(error) or type(error).__name__
        raise RunFailure("partner", "No answer", f"{url}: {detail}") from None
    return {
        "status": response.status_code,
        "headers": dict(response.headers),
        "body": _readable(content),
        "url": url,
        "method": method,
    }


def _readable(content: bytes) -> Any:
    """JSON as it is, everything else as text."""
    text_of_it = content.decode("utf-8", "replace")
    try:
        value = json.loads(text_of_it)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return text_of_it
    return value


def _keep(call: Call) -> Sequence[Json]:
    answer: Json = call.answer
    call.db.execute(
        "INSERT INTO webhook_calls (run_id, at, method, url, status) VALUES (?, ?, ?, ?, ?)",
        (call.run_id, call.now, answer["method"], answer["url"], answer["status"]),
    )
    return [answer]


def _own_hook(call: Call) -> str:
    row = call.db.execute("SELECT value FROM facts WHERE name = 'hook_key'").fetchone()
    return f"{call.base_url}/hooks/{row['value'] if row else ''}/demo"


def _fields(call: Call) -> Sequence[Json]:
    return (
        info("catch", f"To try it, this sandbox catches what is sent to `{_own_hook(call)}`."),
        text("url", "URL", required=True, placeholder="https://…"),
        select("method", "Method", required=True, default="POST"),
        text("payload", "Payload", kind="OBJECT", description="Sent as JSON; in the URL for GET."),
        text("headers", "Headers", kind="OBJECT"),
    )


def _caught(call: Call) -> Sequence[Json]:
    rows = call.db.execute("SELECT * FROM hooks ORDER BY seq DESC LIMIT 100")
    return [
        {"id": row["seq"], "name": row["name"], "method": row["method"],
         "body": _readable(row["body"].encode())}
        for row in rows
    ]  # fmt: skip


WEBHOOK = App(
    id="b0c4a1d2-6a0f-5c1d-b7b4-64f1e7d2a003",
    key="SandboxWebhook",
    title="Webhook",
    description="Sends a real HTTP request to an address of yours, and catches such requests.",
    hex_color="9c36b5",
    categories=("developer-tools",),
    schema=_SCHEMA,
    actions=(
        Action(
            "send_request",
            "Send Request",
            "Sends a request and gives the answer's status, headers and body.",
            "WRITE",
            _keep,
            _fields,
            {"method": lambda _: [Choice(method, method) for method in _METHODS]},
            sample={"status": 200, "body": {"ok": True}, "url": "https://hooks.example/1"},
            outside=_request,
        ),
        Action(
            "catch_hook",
            "Catch Hook",
            "Gives the requests that this sandbox caught, newest first.",
            "READ",
            _caught,
            sample={"id": 1, "name": "demo", "method": "POST", "body": {"hello": "world"}},
            is_instant=True,
        ),
    ),
)

"""The exchanges of a run as an HTTP archive (HAR 1.2), which browsers' developer tools open.

A poll that brought the same answer again was not kept again; its entry says how often.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from zapdesk import __version__
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.payload import write_json
from zapdesk.services.dossiers import Dossier, without_marks
from zapdesk.services.run_documents import when

_UNKNOWN = -1  # the format's word for what is not known


def har(dossier: Dossier) -> str:
    """The archive, indented."""
    run = dossier.record.run
    log = {
        "version": "1.2",
        "creator": {"name": "zapdesk", "version": __version__},
        "pages": [],
        "entries": [_entry(exchange) for exchange in dossier.exchanges],
        "comment": f"Run {run.id}: {run.app_title} › {run.action_title}. Secrets are hidden.",
    }
    return write_json({"log": log}, indent=2).decode() + "\n"


def _entry(exchange: Exchange) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "startedDateTime": _moment(exchange.started_ms),
        "time": round(exchange.ended_ms or 0.0, 3),
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(exchange.request_headers),
            "queryString": _pairs(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)),
            "headersSize": _UNKNOWN,
            "bodySize": len(exchange.request_body),
        },
        "response": _response(exchange),
        "cache": {},
        "timings": _timings(exchange),
    }
    if exchange.request_body:
        entry["request"]["postData"] = {
            "mimeType": _media_type(exchange.request_headers),
            "text": exchange.request_body.decode("utf-8", "backslashreplace"),
        }
    comment = [exchange.purpose]
    if exchange.failure:
        comment.append(exchange.failure)
    if exchange.repeated:
        comment.append(
            f"the same answer came {exchange.repeated} more times, last {when(exchange.last_ms)}"
        )
    entry["comment"] = "; ".join(comment)
    return entry


def _response(exchange: Exchange) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in exchange.response_headers}
    content: dict[str, Any] = {
        "size": exchange.body_size,
        "mimeType": _media_type(exchange.response_headers),
    }
    try:
        content["text"] = exchange.response_body.decode()
    except UnicodeDecodeError:
        content["text"] = base64.b64encode(without_marks(exchange.response_body)).decode()
        content["encoding"] = "base64"
    if len(exchange.response_body) < exchange.body_size:
        content["comment"] = "Only the beginning was kept."
    return {
        "status": exchange.status or 0,  # 0 is what browsers write where no answer came
        "statusText": _phrase(exchange.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.response_headers),
        "content": content,
        "redirectURL": headers.get("location", ""),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _timings(exchange: Exchange) -> dict[str, float]:
    """Connecting, sending, waiting and receiving; what was not reached counts nothing."""
    reached = 0.0
    steps: dict[str, float] = {"blocked": _UNKNOWN, "dns": _UNKNOWN, "ssl": _UNKNOWN}
    for name, end in (
        ("connect", exchange.connected_ms),
        ("send", exchange.sent_ms),
        ("wait", exchange.first_byte_ms),
        ("receive", exchange.ended_ms),
    ):
        took = 0.0 if end is None else max(0.0, end - reached)
        steps[name] = round(took, 3)
        reached += took
    return steps


def _pairs(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _media_type(headers: tuple[tuple[str, str], ...]) -> str:
    return next((v for name, v in headers if name.lower() == "content-type"), "")


def _phrase(status: int | None) -> str:
    try:
        return HTTPStatus(status or 0).phrase
    except ValueError:
        return ""


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")

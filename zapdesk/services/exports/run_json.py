"""A run as one JSON document: what ``show --json`` prints, with everything else that is kept."""

from __future__ import annotations

import base64
from typing import Any

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.payload import write_json
from zapdesk.services import run_documents
from zapdesk.services.dossiers import Dossier, without_marks
from zapdesk.services.run_documents import when


def run_json(dossier: Dossier) -> str:
    """The document of one run, indented."""
    return write_json({"run": document(dossier)}, indent=2).decode() + "\n"


def run_line(dossier: Dossier) -> str:
    """The document of one run on one line."""
    return write_json(document(dossier)).decode() + "\n"


def document(dossier: Dossier) -> dict[str, Any]:
    """Everything that is known of a run. Times are ISO 8601 in UTC."""
    record, told = dossier.record, dossier.outcome
    return run_documents.run(record, dossier.explanation) | {
        "outcome": {
            "title": told.title,
            "sentence": told.sentence,
            "side": told.side,
            "hint": told.hint,
        },
        "sent_at": when(record.run.sent_ms),
        "accepted_at": when(record.run.accepted_ms),
        "definition": run_documents.json_value(record.definition.encode())
        if record.definition
        else None,
        "events": [
            {"at": when(event.at_ms), "status": event.status.value, "text": event.text}
            for event in record.events
        ],
        "exchanges": [exchange(one) for one in dossier.exchanges],
    }


def exchange(value: Exchange) -> dict[str, Any]:
    """One request and its answer; times in milliseconds since it started."""
    return {
        "purpose": value.purpose,
        "method": value.method,
        "url": value.url,
        "started_at": when(value.started_ms),
        "request_headers": [list(pair) for pair in value.request_headers],
        "request_body": body(value.request_body),
        "status": value.status,
        "response_headers": [list(pair) for pair in value.response_headers],
        "response_body": body(value.response_body),
        "response_size": value.body_size,
        "connected_ms": value.connected_ms,
        "sent_ms": value.sent_ms,
        "first_byte_ms": value.first_byte_ms,
        "ended_ms": value.ended_ms,
        "failure": value.failure,
        "repeated": value.repeated,
        "last_at": when(value.last_ms),
    }


def body(raw: bytes) -> str | dict[str, str]:
    """A body as text, or as ``{"base64": …}`` where it is none."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(without_marks(raw)).decode()}

"""Runs as JSON documents: for the command line, and for the files that are exported.

The keys are stable and documented.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from zapdesk.domain.causes import Explanation
from zapdesk.domain.definitions import read_definition
from zapdesk.domain.explanation import Outcome, explain
from zapdesk.domain.facts import Facts
from zapdesk.domain.fields import input_fields
from zapdesk.domain.payload import read_json
from zapdesk.domain.refusals import input_named
from zapdesk.domain.runs import ActionRun, RunRecord, RunStatus
from zapdesk.errors import InvalidInput


def summary(run: ActionRun) -> dict[str, Any]:
    """A run without its large texts, for lists."""
    return {
        "id": run.id,
        "run_id": run.run_id,
        "kind": run.kind.value,
        "profile": run.profile_id,
        "status": run.status.value,
        "server_status": run.server_status or None,
        "app": {"id": run.action.app_id, "title": run.app_title},
        "action": {
            "key": run.action.key,
            "action_type": run.action.action_type,
            "title": run.action_title,
        },
        "connection": {"id": run.authentication_id, "title": run.authentication_title}
        if run.authentication_id is not None
        else None,
        "headline": run.headline,
        "created_at": when(run.created_ms),
        "ended_at": when(run.ended_ms),
        "is_foreign": run.is_foreign,
        "resolution": run.resolution.value if run.resolution else None,
        "resolution_note": run.resolution_note or None,
        "again_of": run.again_of,
        "acts_for": run.acts_for or None,
    }


def run(record: RunRecord, explanation: Explanation | None = None) -> dict[str, Any]:
    """A run with inputs, results and errors; ``errors`` explains every state but success."""
    return summary(record.run) | {
        "inputs": json_value(record.inputs),
        "results": json_value(record.results) if record.results is not None else [],
        "errors": _errors(record, explanation),
        "explanation": None if explanation is None else explained(explanation),
        "labels": dict(record.labels),
    }


def facts(value: Facts) -> dict[str, Any]:
    """The four facts of a run, each with a word for programs and one for people."""
    found: dict[str, Any] = {
        name: {"state": fact.state, "text": fact.text}
        for name, fact in zip(("sent", "processed", "result", "saved"), value.all(), strict=True)
    }
    found["saved"]["server_forgets_at"] = when(value.saved.at_ms)
    return found


def explained(value: Explanation) -> dict[str, Any]:
    """Why a run went as it did. ``rule`` is null where no rule knows; ``exchange`` is the place
    among the exchanges, from 0."""
    return {
        "rule": value.rule or None,
        "version": value.version,
        "cause": value.cause,
        "side": value.side,
        "next": value.next_step,
        "proofs": [
            {"part": p.part.value, "where": p.where, "exchange": p.exchange, "text": p.text}
            for p in value.proofs
        ],
    }


def outcome(record: RunRecord, explanation: Explanation | None = None) -> Outcome:
    """The outcome of a run in words."""
    return explain(
        record.run,
        errors=record.errors,
        report=record.report,
        is_empty=record.results is not None and record.results.strip() in {b"[]", b""},
        explanation=explanation,
    )


def _errors(record: RunRecord, explanation: Explanation | None) -> list[dict[str, Any]]:
    if record.errors:
        return [
            {"code": e.code, "title": e.title, "detail": e.detail, "delay_s": e.delay_s}
            for e in record.errors
        ]
    if record.run.status is RunStatus.SUCCESS or record.run.status.is_open:
        return []
    told = outcome(record, explanation)
    items = record.report.items if record.report else ()
    known = fields_of(record)
    named = [(input_named(item, known), item) for item in items]
    said: list[tuple[str, str, str | None]] = [
        (item.code, item.text, name) for name, item in named if name is not None
    ]
    if not said or len(said) < len(items):
        said.insert(0, (items[0].code if items else "", told.sentence, None))
    return [
        {
            "code": code or record.run.status.value,
            "title": told.title,
            "detail": text,
            "side": told.side,
            "hint": told.hint,
            "field": name,
        }
        for code, text, name in said
    ]


def fields_of(record: RunRecord) -> dict[str, str]:
    """The names of a run's fields by id, as far as the log knows them."""
    inputs = json_value(record.inputs)
    known = {name: name for name in inputs} if isinstance(inputs, dict) else {}
    try:
        nodes = read_definition(record.definition) if record.definition else ()
    except (InvalidInput, KeyError, ValueError, TypeError):
        return known  # a damaged row still has its ids
    return known | {field.id: field.name for field in input_fields(nodes)}


def json_value(raw: bytes) -> Any:
    """What ``raw`` holds; where it is not readable JSON, its text."""
    try:
        return read_json(raw)
    except InvalidInput:
        return raw.decode("utf-8", "backslashreplace")


def when(ms: int | None) -> str | None:
    """Unix milliseconds as ISO 8601 in UTC."""
    if ms is None:
        return None
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

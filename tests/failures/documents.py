"""Runs with their exchanges as JSON, so that a failure once seen can be looked at again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import ActionRun, RunError, RunEvent, RunKind, RunRecord, RunStatus
from zapdesk.errors import ErrorItem, ErrorReport

FILE = Path(__file__).parent / "recorded.json"


@dataclass(frozen=True, slots=True)
class Failure:
    """One recorded failure. ``rule`` is the one that explains it; empty: none does."""

    name: str
    rule: str
    record: RunRecord
    exchanges: tuple[Exchange, ...]


def read() -> list[Failure]:
    """Everything that was recorded."""
    return [_failure(shown) for shown in json.loads(FILE.read_text("utf-8"))]


def write(failures: list[Failure]) -> None:
    """Keep these, and nothing else."""
    shown = [_shown(failure) for failure in failures]
    FILE.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _shown(failure: Failure) -> dict[str, Any]:
    run, report = failure.record.run, failure.record.report
    return {
        "name": failure.name,
        "rule": failure.rule,
        "run": {
            "status": run.status.value,
            "kind": run.kind.value,
            "app": run.app_title,
            "connection": run.authentication_title,
            "server_status": run.server_status,
        },
        "errors": [[e.code, e.title, e.detail, e.delay_s] for e in failure.record.errors],
        "events": [event.text for event in failure.record.events if event.text],
        "report": report
        and {
            "title": report.title,
            "detail": report.detail,
            "side": report.side,
            "hint": report.hint,
            "technical": report.technical,
            "items": [
                [i.code, i.title, i.detail, i.pointer, i.parameter, i.source] for i in report.items
            ],
        },
        "exchanges": [_exchange_shown(exchange) for exchange in failure.exchanges],
    }


def _exchange_shown(exchange: Exchange) -> dict[str, Any]:
    shown = {
        "purpose": exchange.purpose,
        "method": exchange.method,
        "url": exchange.url,
        "status": exchange.status,
        "headers": dict(exchange.response_headers),
        "body": exchange.response_body[:4096].decode("utf-8", "replace"),
        "failure": exchange.failure,
        "first_byte_ms": exchange.first_byte_ms and round(exchange.first_byte_ms),
        "ended_ms": exchange.ended_ms and round(exchange.ended_ms),
    }
    return {name: value for name, value in shown.items() if value not in (None, "", {})}


def _failure(shown: Mapping[str, Any]) -> Failure:
    told, report = shown["run"], shown["report"]
    status = RunStatus(told["status"])
    run = ActionRun(
        id="0" * 32,
        profile_id="test",
        kind=RunKind(told["kind"]),
        status=status,
        action=ActionKey("app-1", "WRITE", "act"),
        app_title=told["app"],
        action_title="Do It",
        authentication_id=None,
        authentication_title=told["connection"],
        created_ms=1_000,
        server_status=told["server_status"],
    )
    return Failure(
        shown["name"],
        shown["rule"],
        RunRecord(
            run,
            b"{}",
            errors=tuple(RunError(*fields) for fields in shown["errors"]),
            report=report
            and ErrorReport(
                **{**report, "items": tuple(ErrorItem(*fields) for fields in report["items"])}
            ),
            events=tuple(RunEvent(1_000, status, text) for text in shown["events"]),
        ),
        tuple(_exchange(exchange) for exchange in shown["exchanges"]),
    )


def _exchange(shown: Mapping[str, Any]) -> Exchange:
    return Exchange(
        purpose=shown["purpose"],
        method=shown["method"],
        url=shown["url"],
        status=shown.get("status"),
        response_headers=tuple(shown.get("headers", {}).items()),
        response_body=shown.get("body", "").encode(),
        failure=shown.get("failure", ""),
        first_byte_ms=shown.get("first_byte_ms"),
        ended_ms=shown.get("ended_ms"),
    )

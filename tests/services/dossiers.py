"""Runs made up for tests of exports: everything that a run can have, secrets in every corner."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.definitions import write_definition
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.fields import FieldFormat, InputField, ValueType
from zapdesk.domain.runs import ActionRun, RunError, RunEvent, RunKind, RunRecord, RunStatus
from zapdesk.errors import ErrorItem, ErrorReport

CREATED_MS = 1_790_000_000_123
INPUTS: dict[str, Any] = {
    "to": "ada@example.com",
    "subject": '=HYPERLINK("http://x.example")',
    "password": {"$hidden": "password"},
    "channel": "C1",
    "price": 0.5,
}
DEFINITION = write_definition(
    [
        InputField("to", "To", value_type=ValueType.STRING),
        InputField("subject", "Subject | *line*", value_type=ValueType.STRING),
        InputField("password", "Password", format=FieldFormat.PASSWORD),
        InputField("channel", "Channel", format=FieldFormat.SELECT),
    ]
)


def record(**changes: Any) -> RunRecord:
    """A run that ended in success; ``changes`` go to its `ActionRun`."""
    run = ActionRun(
        id="ab12cd34ef" * 3 + "01",
        profile_id="zapier",
        kind=RunKind.RUN,
        status=RunStatus.SUCCESS,
        action=ActionKey("app-1", "WRITE", "send"),
        app_title="Mail",
        action_title="Send Email",
        authentication_id="4711",
        authentication_title="Mail (ada@example.com)",
        created_ms=CREATED_MS,
        number=1,
        run_id="5b1d0c52-3f0c",
        server_status="success",
        headline="",
        sent_ms=CREATED_MS + 20,
        accepted_ms=CREATED_MS + 120,
        ended_ms=CREATED_MS + 2_000,
    )
    return RunRecord(
        run=replace(run, **changes),
        inputs=json.dumps(INPUTS).encode(),
        results=b'[{"id": 0.10, "id": 7, "text": "<b>|*x*`</b>\\n```end"}]',
        errors=(RunError("user", "A title", "| a detail *bold*", 5),),
        report=ErrorReport("Said", "more", "app", "Do it", "tech", (ErrorItem("c", "t", "d"),)),
        labels={"channel": "general | <all>"},
        events=(
            RunEvent(CREATED_MS, RunStatus.SUBMITTING, ""),
            RunEvent(CREATED_MS + 2_000, RunStatus.SUCCESS, "Zapier says: success."),
        ),
        definition=DEFINITION,
    )


def exchanges() -> tuple[Exchange, ...]:
    """A send, a poll that was repeated, and one that got no answer."""
    return (
        Exchange(
            "start run", "POST", "https://api.zapier.com/v2/action-runs?a=1&b=",
            (("Authorization", "Bearer abcdef123456"), ("Content-Type", "application/json")),
            json.dumps({"data": {"action": "core:1", "inputs": INPUTS}}).encode(),
            200, (("Content-Type", "application/json"), ("Set-Cookie", "sid=1")),
            b'{"data": {"type": "run", "id": "5b1d0c52-3f0c"}}', 48,
            CREATED_MS, 10.0, 12.5, 100.0, 101.25,
        ),
        Exchange(
            "run", "GET", "https://api.zapier.com/v2/action-runs/5b1d0c52-3f0c", status=200,
            response_headers=(("content-type", "application/octet-stream"),),
            response_body=b"\xff\xfe\x00binary", body_size=5_000_000,
            started_ms=CREATED_MS + 500, first_byte_ms=5.0, ended_ms=6.0,
            repeated=3, last_ms=CREATED_MS + 1_500,
        ),
        Exchange(
            "run", "GET", "https://api.zapier.com/v2/action-runs/5b1d0c52-3f0c",
            started_ms=CREATED_MS + 1_800, ended_ms=30_000.0, failure="no answer in time",
        ),
    )  # fmt: skip

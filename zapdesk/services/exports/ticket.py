"""The text of a support ticket: what happened, with every id and time that support asks for."""

from __future__ import annotations

from collections.abc import Iterable

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import STATUS_WORDS, server_of, side_words
from zapdesk.domain.runs import RunStatus
from zapdesk.services import capsules
from zapdesk.services.dossiers import Dossier
from zapdesk.services.run_documents import when

_TRACES = ("x-request-id", "x-trace-id", "x-amzn-trace-id", "cf-ray", "x-zapier-request-id")
"""Headers by which a server finds a request again."""
_LONGEST_BODY = 2_000


def text(dossier: Dossier, environment: Iterable[tuple[str, str]]) -> str:
    """The ticket, to be sent with the capsule of the same run."""
    record, told = dossier.record, dossier.outcome
    run = record.run
    lines = [
        f"Subject: {run.app_title}, {run.action_title}: {told.title}",
        "",
        f"Status: {STATUS_WORDS[run.status]}",
        *(f"{name}: {value}" for name, value in _words(dossier) if value),
        "",
        "Ids",
        *(f"  {name}: {value}" for name, value in _ids(dossier) if value),
        "",
        "What was done (times in UTC)",
        *(
            f"  {when(event.at_ms)}  {STATUS_WORDS[event.status]}"
            + (f": {event.text}" if event.text else "")
            for event in record.events
        ),
    ]
    if record.errors:
        lines += ["", "Errors as they came", *(f"  {e.code}: {e.text}" for e in record.errors)]
    lines += ["", "Requests", *(line for one in dossier.exchanges for line in _request(one))]
    telling = _telling(dossier)
    if telling is not None and telling.response_body:
        lines += ["", f"The answer to: {telling.purpose}", *_indented(telling.response_body)]
    lines += ["", "Environment", *(f"  {name}: {value}" for name, value in environment)]
    lines += ["", f"Attached: {file_name(dossier)}, a run capsule with everything above and the"]
    lines += ["form, inputs and result of the run. Secrets are hidden in both."]
    return "\n".join(lines) + "\n"


def file_name(dossier: Dossier) -> str:
    """What the capsule beside the ticket is called."""
    return f"run-{dossier.record.run.id[:12]}{capsules.SUFFIX}"


def _words(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    run, told = dossier.record.run, dossier.outcome
    closed = f"{run.resolution.value} {run.resolution_note}".strip() if run.resolution else ""
    why = dossier.explanation
    cause = why.cause if why is not None and why.cause not in told.sentence else ""
    return (
        ("What it means", told.sentence),
        ("Likely cause", cause),
        ("Whose side", side_words(run, told.side)),
        ("What can be done", told.hint),
        ("Closed by a person", closed),
        *((proof.where, proof.text) for proof in (why.proofs if why is not None else ())),
    )


def _ids(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    run = dossier.record.run
    return (
        (f"Run at {server_of(run)}", run.run_id or ""),
        ("Run in zapdesk", run.id),
        ("App", f"{run.app_title} ({run.action.app_id})"),
        ("Action", f"{run.action_title} ({run.action.action_type}:{run.action.key})"),
        ("Connection", run.authentication_id or "none"),
        ("Server", run.profile_id),
        ("Sent", when(run.sent_ms) or "no"),
        ("Ended", when(run.ended_ms) or ""),
    )


def _request(exchange: Exchange) -> list[str]:
    answer = exchange.failure if exchange.status is None else str(exchange.status)
    again = f", {exchange.repeated} more times the same" if exchange.repeated else ""
    traces = [
        f"    {name}: {value}"
        for name, value in exchange.response_headers
        if name.lower() in _TRACES
    ]
    head = f"  {when(exchange.started_ms)}  {exchange.method} {exchange.url}: {answer}{again}"
    return [head, *traces]


def _telling(dossier: Dossier) -> Exchange | None:
    """The answer that decided: the last one of a run that did not end well."""
    if dossier.record.run.status in {RunStatus.SUCCESS, RunStatus.NOT_SENT}:
        return None
    return dossier.exchanges[-1] if dossier.exchanges else None


def _indented(body: bytes) -> list[str]:
    shown = body.decode("utf-8", "backslashreplace")
    if len(shown) > _LONGEST_BODY:
        shown = f"{shown[:_LONGEST_BODY]}… ({len(body)} bytes; the capsule has them)"
    return [f"  {line}" for line in shown.splitlines()]

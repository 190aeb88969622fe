"""What the panels say about a run beside its four facts. No widgets."""

from __future__ import annotations

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import explain, server_of
from zapdesk.domain.runs import ActionRun, Resolution, RunKind, RunStatus
from zapdesk.ui.times import duration_text

RESOLUTION_WORDS = {
    Resolution.HAPPENED: "It happened",
    Resolution.DID_NOT: "It did not happen",
    Resolution.LEFT: "Left open",
}

_LOOK_INSIDE = "Processed; the result tells what was done"


def headline(run: ActionRun) -> str:
    """One line about the outcome, for the history."""
    if run.status.is_resolvable and run.resolution is not None:
        return f"{RESOLUTION_WORDS[run.resolution]}. {run.resolution_note}".rstrip()
    if run.status is RunStatus.WAITING:
        server = server_of(run)
        if run.server_status:
            return f"{server[0].upper()}{server[1:]} says: {run.server_status}"
        return f"Accepted by {server}"
    if run.headline:
        return run.headline
    # Runs of earlier versions have no line of their own.
    return _LOOK_INSIDE if run.status is RunStatus.SUCCESS else explain(run).title


def kind_words(run: ActionRun) -> str:
    """The action's title, saying where it was a step test."""
    return f"{run.action_title} · test" if run.kind is RunKind.TEST else run.action_title


def exchange_duration(exchange: Exchange) -> str:
    """How long an exchange took, or nothing where it never ended."""
    return "" if exchange.ended_ms is None else duration_text(exchange.ended_ms)

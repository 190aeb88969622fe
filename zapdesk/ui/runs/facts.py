"""What is said about a run in words: the outcome, the four facts that are told apart. No widgets.

Times are Unix milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import RETENTION_DAYS, explain, server_of
from zapdesk.domain.json_outline import ChildScanner, is_empty, root_span
from zapdesk.domain.runs import ActionRun, Resolution, RunKind, RunRecord, RunStatus
from zapdesk.ui.times import duration_text, exact_time

DAY_MS = 86_400_000
_COUNTED_UP_TO = 64 * 1024  # counting a list means looking at all of it

RESOLVABLE = frozenset({RunStatus.UNKNOWN, RunStatus.LOST})
"""States whose outcome only a person can find out."""
RESOLUTION_WORDS = {
    Resolution.HAPPENED: "It happened",
    Resolution.DID_NOT: "It did not happen",
    Resolution.LEFT: "Left open",
}

_LOOK_INSIDE = "Processed; the result tells what was done"


def size_text(size: int) -> str:
    """A number of bytes: ``312 B``, ``4.1 KB``, ``30 MB``."""
    if size < 1000:
        return f"{size} B"
    for unit, scale in (("KB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        value = size / scale
        if value < 999.5 or unit == "GB":
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    raise AssertionError("unreachable")


def headline(run: ActionRun) -> str:
    """One line about the outcome, for the history."""
    if run.status in RESOLVABLE and run.resolution is not None:
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


@dataclass(frozen=True, slots=True)
class Fact:
    """One of the four facts: a name, what is known, the token of its colour, more on hover."""

    name: str
    text: str
    token: str = "text"
    tip: str = ""


def four_facts(run: ActionRun, record: RunRecord | None, now: int) -> tuple[Fact, Fact, Fact, Fact]:
    """Whether it was sent, whether Zapier processed it, what the result says, what is kept."""
    return _sent(run), _processed(run), _result(run, record), _kept(run, now)


def _sent(run: ActionRun) -> Fact:
    name = "Sent"
    match run.status:
        case RunStatus.SUBMITTING:
            return Fact(name, "on its way", "waiting")
        case RunStatus.NOT_SENT:
            return Fact(name, "no", "not_sent")
        case RunStatus.REFUSED:
            return Fact(name, "yes, and refused", "refused")
        case RunStatus.UNKNOWN:
            return Fact(name, "yes, no usable answer", "unknown")
    at = run.accepted_ms or run.sent_ms
    return Fact(name, "accepted", tip=exact_time(at) if at else "")


def _processed(run: ActionRun) -> Fact:
    name = "Processed"
    word = f" ({run.server_status})" if run.server_status else ""
    match run.status:
        case RunStatus.SUBMITTING | RunStatus.WAITING:
            return Fact(name, "not yet" + word, "waiting")
        case RunStatus.SUCCESS:
            tip = f"What {server_of(run)} says of its own work; the result tells what was done."
            return Fact(name, "yes", tip=tip)
        case RunStatus.ERROR:
            return Fact(name, "ended in an error", "error")
        case RunStatus.LOST | RunStatus.UNKNOWN:
            return Fact(name, "cannot know", "unknown")
    return Fact(name, "no", "muted")


def _result(run: ActionRun, record: RunRecord | None) -> Fact:
    name = "Result"
    if run.status.is_open:
        return Fact(name, "not yet", "muted")
    if record is None:
        return Fact(name, "…", "muted")
    if is_empty(record.results):
        return Fact(name, "no data" if run.status is RunStatus.SUCCESS else "none", "muted")
    return Fact(name, result_size(record.results or b""))


def result_size(results: bytes) -> str:
    """How much a result holds: the items of a short list are counted, a long one is weighed."""
    span = root_span(results)
    if results[span[0] : span[0] + 1] == b"[" and span[1] - span[0] <= _COUNTED_UP_TO:
        count = len(ChildScanner(results, span).run())
        return f"{count} item{'' if count == 1 else 's'}, {size_text(len(results))}"
    return size_text(len(results))


def _kept(run: ActionRun, now: int) -> Fact:
    name = "Kept"
    if run.run_id is None:
        return Fact(name, "here", tip="It stays in this computer's log.")
    until = run.created_ms + RETENTION_DAYS * DAY_MS
    left = until - now
    if left <= 0:
        return Fact(name, "here, no longer on the server")
    days = round(left / DAY_MS)
    rest = f"{days} day{'s' if days > 1 else ''}" if left >= DAY_MS else duration_text(left)
    return Fact(
        name,
        f"here, {rest} on the server",
        tip=f"The server deletes it on {exact_time(until)}. Here it stays.",
    )


def kind_words(run: ActionRun) -> str:
    """The action's title, saying where it was a step test."""
    return f"{run.action_title} · test" if run.kind is RunKind.TEST else run.action_title


def exchange_duration(exchange: Exchange) -> str:
    """How long an exchange took, or nothing where it never ended."""
    return "" if exchange.ended_ms is None else duration_text(exchange.ended_ms)

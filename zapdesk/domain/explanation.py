"""What a run's state means, in words: one source for window, command line and screen readers.

"Processed" is Zapier's word about its own work; what the result says about the app is shown
beside it and never claimed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from zapdesk.domain.causes import Explanation
from zapdesk.domain.runs import ActionRun, Resolution, RunError, RunKind, RunStatus
from zapdesk.errors import ErrorReport, Side


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened (``title``, ``sentence``), whose side it is on, what can be done (``hint``)."""

    title: str
    sentence: str = ""
    side: str = ""
    hint: str = ""


STATUS_WORDS = {
    RunStatus.SUBMITTING: "Sending",
    RunStatus.WAITING: "Waiting",
    RunStatus.SUCCESS: "Success",
    RunStatus.ERROR: "Error",
    RunStatus.LOST: "Lost track",
    RunStatus.NOT_SENT: "Not sent",
    RunStatus.REFUSED: "Refused",
    RunStatus.UNKNOWN: "Unknown",
}

RETENTION_DAYS = 7
"""Zapier deletes what it knows of a run after this many days."""

_RESOLVED = {
    Resolution.HAPPENED: "Someone checked: it happened.",
    Resolution.DID_NOT: "Someone checked: it did not happen.",
    Resolution.LEFT: "Someone decided to leave it open.",
}


def server_of(run: ActionRun) -> str:
    """Who runs it, in words that can stand inside a sentence."""
    return "the sandbox" if run.is_in_sandbox else "Zapier"


def side_words(run: ActionRun, side: str) -> str:
    """Whose side it is, for people; empty where nobody knows. Nothing is Zapier's doing in the
    sandbox."""
    if side == Side.ZAPIER.value:
        return server_of(run)
    return "" if side == Side.UNKNOWN.value else side


def headline_of_errors(errors: Sequence[RunError]) -> str:
    """One line for the list: the app's own words where there are any."""
    return next((" ".join(e.text.split()) for e in errors if e.text), "")


def explain(
    run: ActionRun,
    *,
    errors: Sequence[RunError] = (),
    report: ErrorReport | None = None,
    is_empty: bool = False,
    explanation: Explanation | None = None,
) -> Outcome:
    """The outcome of ``run`` in words.

    ``errors`` are those that the server gave with an ended run, ``report`` what kept a run from
    being accepted, ``is_empty`` says that a success came without any data. Where a rule knows
    the cause (``explanation``), whose side it is and what can be done are the rule's.
    """
    outcome = _outcome(run, errors, report, is_empty)
    is_closed = run.resolution is not None and run.resolution is not Resolution.LEFT
    if explanation is None or not explanation.is_known or is_closed:
        return outcome
    if run.status is RunStatus.ERROR:
        words = headline_of_errors(errors)
        if words in ("", *(error.code for error in errors)):
            outcome = replace(outcome, title=explanation.cause, sentence="")
        else:
            outcome = replace(outcome, title=words, sentence=explanation.cause)
    return replace(outcome, side=explanation.side, hint=explanation.next_step)


def _outcome(
    run: ActionRun, errors: Sequence[RunError], report: ErrorReport | None, is_empty: bool
) -> Outcome:
    app = run.app_title or "the app"
    server = server_of(run)
    who = server[0].upper() + server[1:]
    match run.status:
        case RunStatus.SUBMITTING:
            return Outcome("Sending", f"The run is written down and on its way to {server}.")
        case RunStatus.WAITING:
            has_more = run.server_status not in ("", RunStatus.WAITING.value)
            word = f" Its word: {run.server_status}." if has_more else ""
            return Outcome("Waiting", f"{who} accepted the run and is working on it.{word}")
        case RunStatus.SUCCESS:
            return _success(run, who, errors, is_empty)
        case RunStatus.ERROR:
            return _error(errors, report)
        case RunStatus.LOST:
            return Outcome(
                f"{who} no longer knows this run",
                f"It was accepted, but {server} keeps runs for {RETENTION_DAYS} days only, or has "
                "lost it. What it did in the end cannot be asked any more.",
                Side.ZAPIER.value,
                f"Look in {app} whether it happened before you send it again.",
            )
        case RunStatus.NOT_SENT:
            return _reported(
                report,
                "Nothing was sent",
                "It is safe to run it again.",
                "Nothing left this computer.",
            )
        case RunStatus.REFUSED:
            return _refused(run, report)
        case RunStatus.UNKNOWN:
            return _unknown(run, app, report)


def _success(run: ActionRun, who: str, errors: Sequence[RunError], is_empty: bool) -> Outcome:
    sentence = f"{who} processed the run."
    if run.kind is RunKind.TEST:
        sentence = "The test really executed the action."
    if is_empty:
        sentence += " The app returned no data."
    if warning := headline_of_errors(errors):
        sentence += f" It came with a warning: {warning}"
    return Outcome("Success", sentence)


def _error(errors: Sequence[RunError], report: ErrorReport | None) -> Outcome:
    if not errors and report is not None:
        return Outcome(report.title, report.detail, report.side, report.hint)
    words = headline_of_errors(errors)
    return Outcome(
        words or "The run ended in an error",
        "The run ended in an error." if words else "No reason was given.",
        Side.UNKNOWN.value,
        "Look at the exchanges for what was answered.",
    )


def _reported(report: ErrorReport | None, title: str, hint: str, sentence: str) -> Outcome:
    if report is None:
        return Outcome(title, sentence, "", hint)
    detail = f"{report.title} {report.detail}".strip()
    return Outcome(title, detail, report.side, f"{report.hint} {hint}".strip())


def _refused(run: ActionRun, report: ErrorReport | None) -> Outcome:
    if report is None:
        server = server_of(run)
        title = f"{server[0].upper()}{server[1:]} refused the run"
        return Outcome(title, "", Side.ZAPIER.value, "Nothing ran.")
    return Outcome(report.title, report.detail, report.side, report.hint)


def _unknown(run: ActionRun, app: str, report: ErrorReport | None) -> Outcome:
    if run.resolution is not None:
        note = f" {run.resolution_note}" if run.resolution_note else ""
        return Outcome("Outcome unknown", _RESOLVED[run.resolution] + note)
    if report is None:  # found at a later start: nobody knows how far it came
        sentence = "zapdesk ended while this was being sent: it may have run, or not."
    else:
        sentence = report.detail or f"It was sent, and no answer came back. {report.title}"
    return Outcome(
        "We cannot tell whether this ran",
        sentence,
        report.side if report else Side.UNKNOWN.value,
        f"Look in {app} before you send it again.",
    )

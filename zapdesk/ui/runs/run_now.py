"""RunNow: how a run stands at this moment, gathered from the log and the services. No widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.explanation import Outcome, explain
from zapdesk.domain.facts import Facts
from zapdesk.domain.json_outline import is_empty
from zapdesk.domain.runs import ActionRun, Resolution, RunRecord, RunStatus

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.domain.causes import Explanation
    from zapdesk.domain.outlook import Outlook

_ANSWERS = {
    RunStatus.SUBMITTING: "Sending…",
    RunStatus.WAITING: "Waiting for the result…",
    RunStatus.ERROR: "It ended in an error",
    RunStatus.LOST: "Unknown: the server lost track",
    RunStatus.NOT_SENT: "Not sent: nothing ran",
    RunStatus.REFUSED: "Refused: nothing ran",
    RunStatus.UNKNOWN: "Unknown: it may have run",
}
_RESOLVED = {
    Resolution.HAPPENED: "It happened, someone checked",
    Resolution.DID_NOT: "It did not happen, someone checked",
    Resolution.LEFT: "Unknown, left open",
}


@dataclass(frozen=True, slots=True)
class StoredRun:
    """What is on record of a run: read once, and again when it changed.

    ``first`` is the attempt that it was sent again for, ``later`` are those that followed it.
    """

    record: RunRecord
    exchanges: tuple[Exchange, ...] = ()
    explanation: Explanation | None = None
    first: ActionRun | None = None
    later: tuple[ActionRun, ...] = ()


@dataclass(frozen=True, slots=True)
class RunNow:
    """A stored run and what changes by itself: the facts, the clock, the next look."""

    stored: StoredRun
    facts: Facts
    elapsed_ms: int
    outlook: Outlook | None

    @property
    def run(self) -> ActionRun:
        return self.stored.record.run

    @property
    def tells_trouble(self) -> bool:
        """Whether a result came that itself speaks of a failure."""
        return self.facts.result.state == "tells_trouble"

    @property
    def answer(self) -> str:
        """Whether it worked, in a few words."""
        run, result = self.run, self.facts.result
        if run.status.is_resolvable and run.resolution is not None:
            return _RESOLVED[run.resolution]
        if run.is_foreign and run.status.is_open:
            return "It had not ended when it was exported"
        if run.status is not RunStatus.SUCCESS:
            return _ANSWERS[run.status]
        if self.tells_trouble:
            return "Processed, but the result speaks of a failure"
        if result.state == "no_data":
            return "Success, without any data"
        return f"Success: {result.text.split(',')[0]} came back"

    @property
    def outcome(self) -> Outcome:
        """What happened, whose side it is on, and what can be done."""
        record = self.stored.record
        return explain(
            self.run,
            errors=record.errors,
            report=record.report,
            is_empty=self.run.status is RunStatus.SUCCESS and is_empty(record.results),
            explanation=self.stored.explanation,
        )


async def read_run(session: Session, run_id: str) -> StoredRun | None:
    """What is on record of a run; ``None`` where it is not there any more. Raises ZapdeskError."""
    runs = session.runs
    record = await runs.record(run_id)
    if record is None:
        return None
    exchanges = await runs.exchanges(run_id)
    explanation = await session.explainer.explain(record, exchanges)
    first = await runs.get(record.run.again_of) if record.run.again_of else None
    return StoredRun(record, exchanges, explanation, first, await runs.sent_again_as(run_id))


def run_now(session: Session, stored: StoredRun) -> RunNow:
    """How a run stands at this moment."""
    run, runs = stored.record.run, session.runs
    return RunNow(stored, runs.facts(run, stored.record), runs.elapsed_ms(run), runs.outlook(run))

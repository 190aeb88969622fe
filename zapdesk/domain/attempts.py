"""Sending again: the attempt before, how it stands, and how what is to be sent now differs from it.

Nothing here knows a secret: values of PASSWORD fields are compared as the mark that stands for
them, so that two attempts that differ in them only look the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zapdesk.domain.explanation import STATUS_WORDS, server_of
from zapdesk.domain.payload import read_json, write_json
from zapdesk.domain.runs import ActionRun, Resolution, RunStatus
from zapdesk.errors import InvalidInput

SAME_WITHIN_MS = 600_000
"""For so long after a run the same inputs are asked about before they are sent once more."""


@dataclass(frozen=True, slots=True)
class InputChange:
    """A field that is not as it was. JSON texts; ``None``: the field was not, or is not, sent."""

    field_id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class EarlierAttempt:
    """A run that the one about to be sent would repeat, in whole or with ``changes``.

    ``is_asked_for``: a person chose to send that run again; else it was found by its inputs.
    """

    run: ActionRun
    changes: tuple[InputChange, ...] = ()
    is_asked_for: bool = False

    def sentence(self, now_ms: int) -> str:
        """What is known of the attempt, as one sentence."""
        again = "This" if self.is_asked_for else "The same"
        when = _ago(max(0, now_ms - self.run.created_ms))
        return f"{again} was sent to {self.run.app_title} {when}, {_standing(self.run)}."

    def warning(self) -> str:
        """What sending once more may do, as one sentence."""
        app = self.run.app_title
        if self.run.resolution is Resolution.DID_NOT or not self.run.status.may_have_run:
            return "That attempt did nothing as far as is known."
        if self.run.status is RunStatus.SUCCESS or self.run.resolution is Resolution.HAPPENED:
            return f"Sending it again makes {app} do it a second time."
        if self.run.status.is_open:
            return f"Sending it again may make {app} do it twice; the first is still on its way."
        return f"Look in {app} first: sending it again may make it happen twice."


def changes_between(before: bytes, after: Mapping[str, Any]) -> tuple[InputChange, ...]:
    """Which fields differ, in the order of ``after`` and then of ``before``.

    ``before`` is a run's inputs as the log has them, ``after`` what would be sent, both without
    PASSWORD values. Inputs that cannot be read any more differ in every field.
    """
    try:
        known = read_json(before)
    except InvalidInput:
        known = {}
    earlier: Mapping[str, Any] = known if isinstance(known, dict) else {}
    found = []
    for field_id in dict.fromkeys([*after, *earlier]):
        texts = (_text(earlier, field_id), _text(after, field_id))
        if texts[0] != texts[1]:
            found.append(InputChange(field_id, *texts))
    return tuple(found)


def _text(values: Mapping[str, Any], field_id: str) -> str | None:
    return write_json(values[field_id]).decode() if field_id in values else None


def _standing(run: ActionRun) -> str:
    if run.status.is_resolvable:
        if run.resolution is Resolution.HAPPENED:
            return "and someone found that it happened"
        if run.resolution is Resolution.DID_NOT:
            return "and someone found that it did not happen"
        return "and it is not known whether it ran"
    if run.status is RunStatus.WAITING:
        return f"and {server_of(run)} is still working on it"
    if run.status is RunStatus.SUBMITTING:
        return "and it is still being sent"
    return f"and it ended as '{STATUS_WORDS[run.status]}'"


def _ago(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return f"{seconds} second{'' if seconds == 1 else 's'} ago"

"""Runs: what was ordered, what is known of it, and which moves from one state to another are legal.

An ended run never changes again; ``unknown`` is closed only by a person, and that is a separate
fact (``resolution``) beside the status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.partner import end_user
from zapdesk.domain.profiles import SANDBOX_ID
from zapdesk.errors import ErrorReport


class RunKind(StrEnum):
    """An action run, or a step test (which really executes too, but answers at once)."""

    RUN = "run"
    TEST = "test"


class RunStatus(StrEnum):
    """What zapdesk knows of a run."""

    SUBMITTING = "submitting"
    WAITING = "waiting"
    SUCCESS = "success"
    ERROR = "error"
    LOST = "lost"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        """Whether something may still change by itself."""
        return self in {RunStatus.SUBMITTING, RunStatus.WAITING}

    @property
    def is_resolvable(self) -> bool:
        """Whether only a person can find out what became of it."""
        return self in {RunStatus.UNKNOWN, RunStatus.LOST}

    @property
    def may_have_run(self) -> bool:
        """Whether it did what it does, or may have: sending it again may do it twice."""
        return self not in {RunStatus.NOT_SENT, RunStatus.REFUSED, RunStatus.ERROR}


MOVES: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.SUBMITTING: frozenset(
        {
            RunStatus.WAITING,
            RunStatus.NOT_SENT,
            RunStatus.REFUSED,
            RunStatus.UNKNOWN,
            RunStatus.SUCCESS,  # a step test answers at once
            RunStatus.ERROR,
        }
    ),
    RunStatus.WAITING: frozenset(
        {RunStatus.WAITING, RunStatus.SUCCESS, RunStatus.ERROR, RunStatus.LOST}
    ),
}


def may_move(current: RunStatus, new: RunStatus) -> bool:
    """Whether a run in ``current`` may become ``new``."""
    return new in MOVES.get(current, frozenset())


class Resolution(StrEnum):
    """How a person closed an unknown outcome."""

    HAPPENED = "happened"
    DID_NOT = "did_not"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class RunError:
    """One error of a run, as the API reports it. ``delay_s`` belongs to code ``throttled``."""

    code: str = ""
    title: str = ""
    detail: str = ""
    delay_s: int | None = None

    @property
    def text(self) -> str:
        """The most telling words."""
        return self.detail or self.title or self.code


Labels = str | Mapping[str, str]
"""The label of the choice that a field has; where it takes several, the label of each id."""


def label_text(labels: Labels) -> str:
    """Labels as one line."""
    return labels if isinstance(labels, str) else ", ".join(labels.values())


@dataclass(frozen=True, slots=True)
class RunOrder:
    """Everything needed to send one run.

    ``inputs`` maps field ids to the JSON values that are sent, ``secret_ids`` names the
    PASSWORD fields among them, which are never stored. ``labels`` are what a person chose
    where an id is sent, by field id. ``nonce`` is made once per press of Run: the same nonce
    twice is one run. ``definition`` is the form it was made with (`write_definition`), where
    there was one. ``again_of`` is the local id of the run that this is sent again for.
    ``account`` is whose token sends it, where the server tells; ``in_sandbox``, whether the server
    is the sandbox.
    """

    profile_id: str
    action: ActionKey
    app_title: str
    action_title: str
    authentication_id: str | None
    authentication_title: str
    inputs: Mapping[str, Any]
    nonce: str
    kind: RunKind = RunKind.RUN
    secret_ids: frozenset[str] = frozenset()
    labels: Mapping[str, Labels] = field(default_factory=dict)
    definition: str = ""
    again_of: str | None = None
    account: str = ""
    in_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class ActionRun:
    """A run as the log has it: the facts of one row, without the large texts.

    ``id`` is zapdesk's own, ``run_id`` Zapier's; ``server_status`` is Zapier's word as received.
    ``headline`` is one line about the outcome. Times are Unix milliseconds; ``forgotten_ms`` is
    when the server forgets the run, by the server's clock. ``again_of`` is the local id of the run
    that was sent again by this one. What a person added to it stands in ``pinned``,
    ``is_baseline`` (known good: others are compared with it), ``note`` and ``labels``. A run that
    ``is_foreign`` came out of a capsule: it is for reading, and is neither watched, sent nor
    changed here. ``account`` is whose token sent it, where the server told. ``in_sandbox`` is not
    set in runs of early versions: ask ``is_in_sandbox``.
    """

    id: str
    profile_id: str
    kind: RunKind
    status: RunStatus
    action: ActionKey
    app_title: str
    action_title: str
    authentication_id: str | None
    authentication_title: str
    created_ms: int
    number: int = 0
    run_id: str | None = None
    server_status: str = ""
    headline: str = ""
    sent_ms: int | None = None
    accepted_ms: int | None = None
    ended_ms: int | None = None
    resolution: Resolution | None = None
    resolution_note: str = ""
    is_mine: bool = True
    forgotten_ms: int | None = None
    again_of: str | None = None
    pinned: bool = False
    is_baseline: bool = False
    note: str = ""
    labels: tuple[str, ...] = ()
    is_foreign: bool = False
    account: str = ""
    in_sandbox: bool = False

    @property
    def is_in_sandbox(self) -> bool:
        """Whether the sandbox ran it, so that nothing happened at Zapier."""
        return self.in_sandbox or self.profile_id == SANDBOX_ID

    @property
    def acts_for(self) -> str:
        """The end user in whose name a partner sent it; empty where it was sent in one's own."""
        return end_user(self.account)

    @property
    def duration_ms(self) -> int | None:
        """From creation to the end, where it has ended."""
        return None if self.ended_ms is None else self.ended_ms - self.created_ms


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One line of a run's history."""

    at_ms: int
    status: RunStatus
    text: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run with everything that is kept of it.

    ``inputs`` and ``results`` are JSON as bytes: inputs as sent but for PASSWORD values,
    results as received (``None`` where none came). ``definition`` is the form the run was made
    with, as `read_definition` reads it; empty where it is not known.
    """

    run: ActionRun
    inputs: bytes
    results: bytes | None = None
    errors: tuple[RunError, ...] = ()
    report: ErrorReport | None = None
    labels: Mapping[str, Labels] = field(default_factory=dict)
    events: tuple[RunEvent, ...] = ()
    definition: str = ""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to show; empty fields do not narrow.

    ``connection_id`` is an authentication's id. Times are when a run was ordered, in Unix
    milliseconds, up to but without ``before_ms``. ``text`` means all of its words. ``up_to`` leaves
    out runs with higher numbers, which were written down later.
    """

    profile_id: str = ""
    statuses: frozenset[RunStatus] = frozenset()
    app_id: str = ""
    action: ActionKey | None = None
    text: str = ""
    connection_id: str = ""
    since_ms: int | None = None
    before_ms: int | None = None
    pinned: bool = False
    label: str = ""
    up_to: int | None = None

    @property
    def narrows(self) -> bool:
        """Whether it leaves out anything of its profile."""
        return self != RunFilter(self.profile_id)


@dataclass(frozen=True, slots=True)
class RunCursor:
    """Where a page of runs ends; the next one continues below it or, ``is_up``, right above it."""

    created_ms: int
    number: int
    is_up: bool = False


RUNS_END = RunCursor(-1, -1, is_up=True)
"""Below the oldest run of all."""

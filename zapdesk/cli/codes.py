"""Exit codes, the same for every command; ``--help`` lists them."""

from __future__ import annotations

from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.errors import (
    Failed,
    InvalidInput,
    OutcomeUnknown,
    Refused,
    StorageUnusable,
    Unreachable,
    VaultUnusable,
    ZapdeskError,
)

DONE = 0
RUN_ERROR = 1
DIFFERENT = 1
USAGE = 2
REFUSED = 3
NOT_SENT = 4
UNKNOWN = 5
WAITING = 6
STORE = 7
NO_DISPLAY = 8
BUG = 70
INTERRUPTED = 130

_OF_STATUS = {
    RunStatus.SUCCESS: DONE,
    RunStatus.ERROR: RUN_ERROR,
    RunStatus.REFUSED: REFUSED,
    RunStatus.NOT_SENT: NOT_SENT,
    RunStatus.UNKNOWN: UNKNOWN,
    RunStatus.LOST: UNKNOWN,
    RunStatus.SUBMITTING: UNKNOWN,
    RunStatus.WAITING: WAITING,
}

_OF_ERROR: tuple[tuple[type[ZapdeskError], int], ...] = (
    (InvalidInput, USAGE),
    (Refused, REFUSED),
    (Unreachable, NOT_SENT),
    (Failed, NOT_SENT),
    (OutcomeUnknown, UNKNOWN),
    (StorageUnusable, STORE),
    (VaultUnusable, STORE),
)


def of_run(run: ActionRun) -> int:
    """The code that tells how a run stands."""
    return _OF_STATUS[run.status]


def of_error(error: ZapdeskError) -> int:
    """The code for what kept a command from doing its work."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), RUN_ERROR)

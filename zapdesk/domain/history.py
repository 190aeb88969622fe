"""What a person makes of many runs: filters kept by name, deletions, and runs over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.errors import InvalidInput

UNDO_MS = 10_000
"""So long after it was ordered a deletion can be taken back."""

KEEPING = ("keep_days", "keep_megabytes")
"""The settings that drop old runs."""
LONGEST_NAME = 60


def name_of(text: str) -> str:
    """A label, or a filter's name, as it is kept. Raises InvalidInput where it cannot be one."""
    name = " ".join(text.split())
    if not name:
        raise InvalidInput("A name needs at least one character.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"A name has at most {LONGEST_NAME} characters.")
    return name


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter under a name that only one of a profile has; its own profile is left empty."""

    name: str
    filter: RunFilter


@dataclass(frozen=True, slots=True)
class Deletion:
    """Runs that are out of sight and will be gone for good at ``final_ms``, a Unix time.

    ``kept`` runs were asked for too, but stay: they have not ended, or are pinned or known good
    where everything was cleared.
    """

    number: int
    runs: int
    kept: int
    final_ms: int


@dataclass(frozen=True, slots=True)
class ActionFound:
    """An action that there are runs of, and how it was called last."""

    key: ActionKey
    title: str
    app_title: str


@dataclass(frozen=True, slots=True)
class ConnectionFound:
    """A connection that there are runs with, and how it was called last."""

    id: str
    title: str
    app_id: str


@dataclass(frozen=True, slots=True)
class Occurring:
    """What there is to filter by: everything that at least one run has, in order of its title.

    ``apps`` are pairs of id and title.
    """

    apps: tuple[tuple[str, str], ...]
    actions: tuple[ActionFound, ...]
    connections: tuple[ConnectionFound, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """The runs of one stretch of time: how many by outcome, and how long ended ones took.

    ``p50_ms`` and ``p95_ms`` are ``None`` where none ended in success or error.
    """

    start_ms: int
    counts: Mapping[RunStatus, int] = field(default_factory=dict)
    p50_ms: int | None = None
    p95_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Runs over time: only buckets that hold any, oldest first, each ``width_ms`` wide.

    ``is_partial``: there were too many runs that fit, and only the newest were counted.
    """

    start_ms: int
    end_ms: int
    width_ms: int
    buckets: tuple[Bucket, ...]
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class LogHealth:
    """How the run log is, for a page about it. Sizes are bytes, times Unix milliseconds.

    ``problems`` is what the check found, none where the log is sound; ``checked_ms`` is when it
    was last looked through in full. ``packing`` is how small the bodies of the newest runs are,
    of 1. ``disk_free`` is ``None`` where it cannot be told, ``doubt`` a sentence about where the
    log lies, and ``read_only_reason`` why nothing can be written; both are empty where all is well.
    """

    path: str
    size: int
    journal_size: int
    unused: int
    disk_free: int | None
    runs: int
    deleted: int
    oldest_ms: int | None
    newest_ms: int | None
    problems: tuple[str, ...]
    checked_ms: int | None
    version: int
    sqlite_version: str
    journal_mode: str
    packing: float | None
    doubt: str = ""
    read_only_reason: str = ""

    @property
    def bytes_per_run(self) -> float | None:
        """What one run takes on the disk, all indexes counted in."""
        return self.size / self.runs if self.runs else None


def dropping_words(count: int, *, is_about: bool) -> str:
    """What is told before old runs are dropped."""
    return (
        f"{'About ' if is_about else ''}{count:,} run{'' if count == 1 else 's'} would be dropped"
        " from the history, for good. Pinned and known good ones stay, and so do those whose"
        " outcome is unknown."
    )

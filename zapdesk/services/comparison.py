"""Comparing two runs of the log: inputs, definition, result, outcome and times.

What is compared is what was stored; nothing is asked of anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from zapdesk.domain.comparison import DocumentComparison, Pattern, compare
from zapdesk.domain.definitions import FieldDifference, differences, read_definition
from zapdesk.domain.explanation import STATUS_WORDS, headline_of_errors
from zapdesk.domain.noise import Noise, learn
from zapdesk.domain.payload import HIDDEN_PASSWORD, write_json
from zapdesk.domain.result_values import read_result
from zapdesk.domain.runs import ActionRun, RunRecord
from zapdesk.errors import InvalidInput
from zapdesk.services.aside import where_it_fits
from zapdesk.services.history import HistoryService
from zapdesk.services.sensitive import SensitiveService
from zapdesk.storage.comparing import ComparisonStore
from zapdesk.storage.run_log import RunLog

_MOST_REPETITIONS = 6
_PASSWORD = write_json(HIDDEN_PASSWORD)


@dataclass(frozen=True, slots=True)
class FactDifference:
    """A fact about two runs that is not the same, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a part of two runs took, in milliseconds; ``None`` where it did not come to it."""

    name: str
    before_ms: int | None
    after_ms: int | None


@dataclass(frozen=True, slots=True)
class RunComparison:
    """How ``after`` differs from ``before``.

    ``definition`` is ``None`` where one of the definitions was not kept. ``noise`` is what
    differs between repetitions as well, offered for leaving out; ``ignored`` was left out.
    ``remarks`` say what could not be compared.
    """

    before: ActionRun
    after: ActionRun
    facts: tuple[FactDifference, ...]
    inputs: DocumentComparison
    definition: tuple[FieldDifference, ...] | None
    result: DocumentComparison
    timings: tuple[Timing, ...]
    noise: tuple[Noise, ...] = ()
    ignored: frozenset[Pattern] = frozenset()
    remarks: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing but times differs."""
        return (
            not self.facts and not self.definition and self.inputs.is_same and self.result.is_same
        )


class ComparisonService:
    """Compares runs, whatever profile they belong to."""

    def __init__(
        self,
        log: RunLog,
        store: ComparisonStore,
        history: HistoryService,
        sensitive: SensitiveService,
    ) -> None:
        self._log = log
        self._sensitive = sensitive
        self._store = store
        self._history = history

    async def compare(
        self,
        before_id: str,
        after_id: str,
        *,
        ignoring: Collection[Pattern] | None = None,
        older_first: bool = False,
    ) -> RunComparison:
        """How one run differs from another; with ``older_first``, how the later one differs.

        ``ignoring`` are places of the result to leave out; where it is ``None``, those that were
        chosen for the action of the second run. Raises InvalidInput for a run that is not known.
        """
        before, after = await self._record(before_id), await self._record(after_id)
        if older_first:
            before, after = sorted((before, after), key=lambda record: record.run.created_ms)
        run = after.run
        if ignoring is None:
            ignoring = await self._store.ignored(run.profile_id, run.action)
        patterns = frozenset(ignoring)
        repetitions = [await self._store.repetitions(run, _MOST_REPETITIONS)]
        if not await self._store.is_repetition(before.run, run):
            repetitions.append(await self._store.repetitions(before.run, _MOST_REPETITIONS))
        size = sum(len(raw) for results in repetitions for raw in results) + sum(
            len(raw or b"") for record in (before, after) for raw in (record.results, record.inputs)
        )
        return await where_it_fits(size, compare_records, before, after, patterns, repetitions)

    async def ignore(self, run: ActionRun, patterns: frozenset[Pattern]) -> None:
        """Leave these places out from now on where results of this run's action are compared."""
        await self._store.ignore(run.profile_id, run.action, patterns)

    async def with_baseline(
        self, run_id: str, *, ignoring: Collection[Pattern] | None = None
    ) -> RunComparison:
        """How a run differs from the one of its action that is known as good.

        Raises InvalidInput where there is none, or it is this one.
        """
        run = (await self._record(run_id)).run
        good = await self._history.baseline(run.profile_id, run.action)
        if good is None:
            raise InvalidInput(
                f"No run of {run.app_title} › {run.action_title} is known as good.",
                hint="Mark one that did what it should as the known good one.",
            )
        if good.id == run.id:
            raise InvalidInput("This run is itself the one that is known as good.")
        return await self.compare(good.id, run_id, ignoring=ignoring)

    async def _record(self, id: str) -> RunRecord:
        record = await self._log.record(id)
        if record is None:
            raise InvalidInput(f"There is no run {id}.")
        return (await self._sensitive.without(record))[0]


def compare_records(
    before: RunRecord,
    after: RunRecord,
    ignoring: frozenset[Pattern],
    repetitions: Sequence[Sequence[bytes]],
) -> RunComparison:
    """How two records differ; may run in a process of its own."""
    remarks: list[str] = []
    old, new = read_result(before.results or b"[]"), read_result(after.results or b"[]")
    for name, reading in (("first", old), ("second", new)):
        if not reading.is_json:
            remarks.append(f"The {name} result is no JSON that can be taken apart.")
        if reading.repeated:
            keys = ", ".join(reading.repeated[:5])
            remarks.append(f"In the {name} result keys repeat; the last counts: {keys}.")
    inputs = compare(read_result(before.inputs).value, read_result(after.inputs).value)
    if _PASSWORD in before.inputs or _PASSWORD in after.inputs:
        remarks.append("Passwords are not kept and were not compared.")
    result = compare(old.value, new.value)
    learned = learn(*([read_result(raw).value for raw in results] for results in repetitions))
    changed = {d.pattern for d in result.differences}
    return RunComparison(
        before.run,
        after.run,
        tuple(_facts(before, after)),
        inputs,
        _definition(before, after),
        result.without(ignoring),
        tuple(_timings(before.run, after.run)),
        tuple(noise for noise in learned if noise.pattern in changed),
        ignoring,
        tuple(remarks),
    )


def _facts(before: RunRecord, after: RunRecord) -> Iterator[FactDifference]:
    for name, old, new in zip(_FACTS, _told(before), _told(after), strict=True):
        if old != new:
            yield FactDifference(name, old, new)


_FACTS = ("outcome", "errors", "app", "action", "connection", "profile", "kind")


def _told(record: RunRecord) -> tuple[str, ...]:
    run = record.run
    return (
        STATUS_WORDS[run.status],
        headline_of_errors(record.errors) or (record.report.title if record.report else ""),
        run.app_title,
        f"{run.action_title} ({run.action.action_type}:{run.action.key})",
        f"{run.authentication_title} ({run.authentication_id})" if run.authentication_id else "",
        run.profile_id,
        run.kind.value,
    )


def _definition(before: RunRecord, after: RunRecord) -> tuple[FieldDifference, ...] | None:
    if not before.definition or not after.definition:
        return None
    if before.definition == after.definition:
        return ()
    try:
        old, new = (read_definition(d) for d in (before.definition, after.definition))
    except (InvalidInput, KeyError, ValueError):  # written by another version of zapdesk
        return None
    return tuple(differences(old, new))


def _timings(before: ActionRun, after: ActionRun) -> Iterator[Timing]:
    parts = (
        ("until sent", "created_ms", "sent_ms"),
        ("until accepted", "sent_ms", "accepted_ms"),
        ("until the end", "accepted_ms", "ended_ms"),
        ("in all", "created_ms", "ended_ms"),
    )
    for name, start, end in parts:
        old, new = (_between(run, start, end) for run in (before, after))
        if old is not None or new is not None:
            yield Timing(name, old, new)


def _between(run: ActionRun, start: str, end: str) -> int | None:
    first, last = getattr(run, start), getattr(run, end)
    return None if first is None or last is None else last - first

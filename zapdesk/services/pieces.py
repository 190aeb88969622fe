"""Working out mapped values: what a piece stands for in this profile, for one send.

Within one send the same piece gives the same value, so what the preview shows is what goes out;
after it ``renew`` makes new ones.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from zapdesk.domain.payload import HIDDEN_PASSWORD, read_json
from zapdesk.domain.pieces import Piece, follow
from zapdesk.domain.profiles import Profile
from zapdesk.domain.runs import ActionRun, RunFilter, RunStatus
from zapdesk.domain.values import as_text
from zapdesk.errors import InvalidInput, StorageUnusable
from zapdesk.services.sensitive import SensitiveService
from zapdesk.storage.run_log import RunLog

_RUN = re.compile(r"run:([^.\[\s]+)(.*)", re.DOTALL)

_FIRST_NAMES = ("Ada", "Björn", "Chiara", "Dmitri", "Esra", "Farid", "Grace", "Hana", "Inés", "Jun")
_LAST_NAMES = ("Abe", "Berg", "Costa", "Diaz", "Eze", "Fuchs", "Garg", "Horn", "Ito", "Jansen")


@dataclass(frozen=True, slots=True)
class Offer:
    """A piece that can be inserted, what it is, and what it would be now."""

    expression: str
    title: str
    example: str


class Pieces:
    """The pieces of one profile."""

    def __init__(
        self,
        profile: Profile,
        log: RunLog,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        sensitive: SensitiveService | None = None,
    ) -> None:
        self._sensitive = sensitive
        self._profile = profile
        self._log = log
        self._clock = clock
        self._environment = dict(profile.environment)
        self._worked_out: dict[str, str] = {}
        self._results: dict[str, Any] = {}
        self._troubles: dict[str, str] = {}

    @property
    def zone(self) -> tzinfo:
        """The profile's time zone, else the computer's."""
        if self._profile.time_zone:
            return ZoneInfo(self._profile.time_zone)
        return self._clock().astimezone().tzinfo or UTC

    def renew(self) -> None:
        """Forget what was worked out: the next send has values of its own."""
        self._worked_out.clear()

    def lacks(self, pieces: Iterable[Piece]) -> bool:
        """Whether ``prepare`` has something to look up for these."""
        return any(
            reference not in self._results and reference not in self._troubles
            for reference in _runs_of(pieces)
        )

    def resolve(self, piece: Piece) -> str:
        """What the piece stands for. Raises InvalidInput in words where it stands for nothing.

        Results of runs are known after ``prepare``.
        """
        expression = piece.expression
        if expression not in self._worked_out:
            self._worked_out[expression] = self._work_out(expression)
        return self._worked_out[expression]

    def _work_out(self, expression: str) -> str:
        if expression == "now":
            return self._clock().astimezone(self.zone).isoformat(timespec="seconds")
        if expression == "uuid":
            return str(uuid.uuid4())
        if expression == "random.name":
            return f"{secrets.choice(_FIRST_NAMES)} {secrets.choice(_LAST_NAMES)}"
        if expression == "random.email":
            # example.com is kept for examples: nobody's mailbox.
            return f"test.{secrets.token_hex(4)}@example.com"
        if expression.startswith("env."):
            name = expression[4:]
            if name not in self._environment:
                raise InvalidInput(f"This profile has no environment value '{name}'.")
            return self._environment[name]
        if match := _RUN.fullmatch(expression):
            reference, path = match.groups()
            if reference in self._troubles:
                raise InvalidInput(self._troubles[reference])
            if reference not in self._results:
                raise InvalidInput(f"The run '{reference}' has not been looked up yet.")
            value = follow(self._results[reference], path)
            if value == HIDDEN_PASSWORD:
                raise InvalidInput("Passwords are not kept.", hint="Type the value in its place.")
            return as_text(value)
        raise InvalidInput(
            f"'{{{{{expression}}}}}' is not a piece that zapdesk knows.",
            hint="There are now, uuid, random.name, random.email, env.NAME and run:RUN.PATH.",
        )

    async def prepare(self, pieces: Iterable[Piece]) -> bool:
        """Look up the runs that ``pieces`` speak of; True where something new became known."""
        new = [r for r in _runs_of(pieces) if r not in self._results and r not in self._troubles]
        await self._look_up(new)
        return bool(new)

    async def freshen(self, pieces: Iterable[Piece]) -> bool:
        """Work out again, for this moment, what time changes: the time itself, the last run, and
        runs that were not found. True where one of ``pieces`` stands for something else now."""
        used = tuple(pieces)
        before = [self._told(piece) for piece in used]
        await self._look_up([r for r in _runs_of(used) if r == "last" or r not in self._results])
        self._worked_out.pop("now", None)
        return [self._told(piece) for piece in used] != before

    async def _look_up(self, references: Iterable[str]) -> None:
        for reference in references:
            try:
                document = await self._document(reference)
            except (InvalidInput, StorageUnusable) as error:
                self._results.pop(reference, None)
                self._troubles[reference] = str(error)
            else:
                self._results[reference] = document
                self._troubles.pop(reference, None)
            for expression in tuple(self._worked_out):
                if _run_of(expression) == reference:
                    del self._worked_out[expression]

    def _told(self, piece: Piece) -> str | None:
        try:
            return self.resolve(piece)
        except InvalidInput:
            return None

    async def _document(self, reference: str) -> dict[str, Any]:
        if reference == "last":
            # The last one that has a result: the run being made right now has none.
            page = await self.recent_runs(1)
            if not page:
                raise InvalidInput("No run of this profile has ended in success yet.")
            run = page[0]
        else:
            run = await self._log.find(reference, self._profile.id)
        record = await self._log.record(run.id)
        if record is None or run.profile_id != self._profile.id:
            raise InvalidInput(f"There is no run '{reference}'.")
        if self._sensitive is not None:
            record, _ = await self._sensitive.without(record)
        return {
            "id": run.id,
            "run_id": run.run_id,
            "inputs": read_json(record.inputs),
            "results": read_json(record.results) if record.results is not None else [],
        }

    def offers(self) -> list[Offer]:
        """What can be inserted without knowing more, environment values first."""
        named = [
            Offer(f"env.{name}", f"{name} (environment)", value)
            for name, value in self._environment.items()
        ]
        own = [
            ("now", "The time when it is sent"),
            ("uuid", "A new random id"),
            ("random.email", "A random e-mail address for tests"),
            ("random.name", "A random name for tests"),
        ]
        return named + [
            Offer(expression, title, self.resolve(Piece(expression))) for expression, title in own
        ]

    async def recent_runs(self, most: int = 20) -> tuple[ActionRun, ...]:
        """The profile's last runs that ended in success, newest first. Raises StorageUnusable."""
        done = RunFilter(profile_id=self._profile.id, statuses=frozenset({RunStatus.SUCCESS}))
        return await self._log.page(done, None, most)

    async def offers_of_run(self, reference: str = "last", most: int = 200) -> list[Offer]:
        """The single values in a run's result that can be inserted, by their paths."""
        try:
            document = await self._document(reference)
        except InvalidInput:
            return []
        found: list[Offer] = []
        _collect(document["results"], ".results", found, most)
        return [Offer(f"run:{reference}{o.expression}", o.title, o.example) for o in found]


def _run_of(expression: str) -> str | None:
    match = _RUN.fullmatch(expression)
    return match[1] if match else None


def _runs_of(pieces: Iterable[Piece]) -> list[str]:
    found = (_run_of(piece.expression) for piece in pieces)
    return list(dict.fromkeys(reference for reference in found if reference is not None))


def _collect(value: Any, path: str, found: list[Offer], most: int) -> None:
    if len(found) >= most:
        return
    match value:
        case dict():
            for name, item in value.items():
                plain = re.fullmatch(r"[^.\[\]\s{}\"]+", name)
                if plain or ('"' not in name and "{" not in name and "}" not in name):
                    step = f".{name}" if plain else f'["{name}"]'
                    _collect(item, path + step, found, most)
        case list():
            for number, item in enumerate(value[:20]):
                _collect(item, f"{path}[{number}]", found, most)
        case None:
            pass
        case _:
            found.append(Offer(path, path.removeprefix(".results"), as_text(value)[:200]))

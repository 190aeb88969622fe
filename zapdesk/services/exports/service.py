"""ExportService: runs of the log as text for the clipboard and as files. Secrets are hidden."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zapdesk.domain.runs import ActionRun, RunCursor, RunFilter
from zapdesk.errors import InvalidInput
from zapdesk.redaction import REDACTOR, Guess, Shown, shown_marks
from zapdesk.services import capsules
from zapdesk.services.dossiers import Dossier, dossier
from zapdesk.services.explaining import Explainer
from zapdesk.services.exports import run_json, table, ticket
from zapdesk.services.exports.files import load
from zapdesk.services.exports.formats import FORMATS, Format, written
from zapdesk.services.sensitive import SensitiveService
from zapdesk.storage.foreign_runs import ForeignRuns
from zapdesk.storage.run_log import RunLog

TICKET_NAME = "ticket.md"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Ticket:
    """A support ticket: its text, and the capsule that goes with it under ``capsule_name``."""

    run_id: str
    text: Shown
    capsule_name: str
    capsule: Shown


class ExportService:
    """Reads runs from the log and writes them in the formats there are; it needs no server."""

    def __init__(
        self,
        log: RunLog,
        foreign: ForeignRuns,
        sensitive: SensitiveService,
        explainer: Explainer,
    ) -> None:
        self._log = log
        self._foreign = foreign
        self._sensitive = sensitive
        self._explainer = explainer

    async def dossier(self, id: str) -> Dossier:
        """Everything that is known of a run, with secrets hidden.

        Raises InvalidInput where there is no such run.
        """
        record = await self._log.record(id)
        if record is None:
            raise InvalidInput(f"There is no run {id}.")
        exchanges = await self._log.exchanges(id)
        explanation = await self._explainer.explain(record, exchanges)
        marked = self._sensitive.of(record.run.action)
        return await asyncio.to_thread(dossier, record, exchanges, marked, explanation=explanation)

    async def copy_as(self, id: str, format: Format) -> Shown:
        """One run in a format, with every place where something is hidden.

        A capsule of a foreign run is the file that it came from. Raises InvalidInput for a
        snippet where a part of an input is hidden.
        """
        told = await self.dossier(id)
        if format is Format.CAPSULE and told.record.run.is_foreign:
            file = await self._foreign.file(told.record.run)
            if file is not None:
                return REDACTOR.shown(file.decode(), Guess.NOTHING)
        return await asyncio.to_thread(written, told, format)

    async def ticket(self, id: str) -> Ticket:
        """A support ticket for a run, to be looked at before it is saved."""
        told = await self.dossier(id)
        text = await asyncio.to_thread(written, told, Format.TICKET)
        return Ticket(id, text, ticket.file_name(told), await self.copy_as(id, Format.CAPSULE))

    async def files(self, id: str, format: Format) -> tuple[tuple[str, Shown], ...]:
        """The files of an export by their names: one, or the two of a ticket."""
        if format is Format.TICKET:
            made = await self.ticket(id)
            return (TICKET_NAME, made.text), (made.capsule_name, made.capsule)
        name = f"run-{id[:12]}{FORMATS[format].suffix}"
        return ((name, await self.copy_as(id, format)),)

    async def take_in_file(self, path: Path) -> tuple[ActionRun, bool]:
        """As ``take_in``, of a file. Raises InvalidInput where it cannot be read."""
        return await self.take_in(await load(path, capsules.LARGEST))

    async def take_in(self, file: bytes) -> tuple[ActionRun, bool]:
        """Take the run of a capsule into the history, for reading: the run, and whether it is
        new there. Raises InvalidInput where ``file`` is no capsule."""
        capsule = await asyncio.to_thread(capsules.read, file)
        id, is_new = await self._foreign.add(
            capsule.dossier.record, capsule.dossier.exchanges, file, time.time_ns() // 1_000_000
        )
        run = await self._log.get(id)
        assert run is not None, "it was written a moment ago"
        return run, is_new

    async def many(self, wanted: RunFilter, format: Format) -> AsyncIterator[tuple[str, int]]:
        """All runs that fit, newest first, piece by piece, with the number of runs in a piece;
        only formats that take many."""
        async for piece in self._pieces(self._ids(wanted), format):
            yield piece

    async def several(self, ids: Sequence[str], format: Format) -> AsyncIterator[tuple[str, int]]:
        """As ``many``, for these runs in this order."""

        async def each() -> AsyncIterator[str]:
            for id in ids:
                yield id

        async for piece in self._pieces(each(), format):
            yield piece

    async def _pieces(
        self, ids: AsyncIterator[str], format: Format
    ) -> AsyncIterator[tuple[str, int]]:
        if not FORMATS[format].takes_many:
            raise InvalidInput(f"{FORMATS[format].title} takes one run.", hint="Name the run.")
        start, between, end = _FRAMES[format]
        yield start, 0
        separator = ""
        async for id in ids:
            text = await asyncio.to_thread(_LINES[format], await self.dossier(id))
            yield separator + shown_marks(text).text, 1
            separator = between
        yield end, 0

    async def _ids(self, wanted: RunFilter) -> AsyncIterator[str]:
        after: RunCursor | None = None
        while page := await self._log.page(wanted, after, _PAGE):
            for run in page:
                yield run.id
            after = _cursor(page[-1])


def _cursor(run: ActionRun) -> RunCursor:
    return RunCursor(run.created_ms, run.number)


def _element(dossier: Dossier) -> str:
    return run_json.run_line(dossier).rstrip()


_LINES = {Format.JSON: _element, Format.JSONL: run_json.run_line, Format.CSV: table.row}
_FRAMES: Mapping[Format, tuple[str, str, str]] = {
    Format.JSON: ('{"runs": [\n', ",\n", "\n]}\n"),
    Format.JSONL: ("", "", ""),
    Format.CSV: (table.heading(), "", ""),
}

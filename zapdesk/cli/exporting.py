"""The commands for files: export, import, and show for a capsule. None of them needs a server."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from zapdesk.cli import codes, documents, output
from zapdesk.cli.context import Context
from zapdesk.cli.filters import run_filter
from zapdesk.domain.facts import facts_of
from zapdesk.domain.runs import RunFilter
from zapdesk.errors import InvalidInput
from zapdesk.redaction import Shown
from zapdesk.services import capsules
from zapdesk.services.exports.files import load, save
from zapdesk.services.exports.formats import FORMATS, Format
from zapdesk.services.exports.service import TICKET_NAME, Ticket


async def export(context: Context) -> int:
    """Write a run, or all that fit, in another form: to stdout, or to a file of one's own."""
    await context.program.settle_abandoned()
    options = context.options
    format = Format(options.format)
    file = Path(options.output) if options.output else None
    wanted = await run_filter(context)
    is_narrowed = bool(options.status or options.app or options.search)
    if options.run is None:
        return await _export_many(context, wanted, format, file)
    if is_narrowed:
        raise InvalidInput("RUN names one run.", hint="Leave it out, or --status and the like.")
    run = await context.program.log.find(options.run)
    if format is Format.TICKET:
        return await _export_ticket(context, await context.program.exports.ticket(run.id), file)
    shown = await context.program.exports.copy_as(run.id, format)
    if file is not None:
        await save(file, [shown.text])
        output.say(f"{FORMATS[format].title}: {file}")
    _tell_hidden(shown)
    if context.is_json:
        output.document({"export": _document(format, shown, file) | {"run": run.id}})
    elif file is None:
        output.raw(shown.text)
    return codes.DONE


async def _export_many(
    context: Context, wanted: RunFilter, format: Format, file: Path | None
) -> int:
    count = 0

    async def counted() -> AsyncIterator[str]:
        nonlocal count
        async for piece, runs in context.program.exports.many(wanted, format):
            count += runs
            yield piece

    if context.is_json and file is None:
        raise InvalidInput("With --json many runs go to a file.", hint="Name it with --output.")
    if file is None:
        async for piece in counted():
            output.raw(piece)
        return codes.DONE
    await save(file, counted())
    output.say(f"{count} runs: {file}")
    if context.is_json:
        output.document({"export": {"format": format.value, "file": str(file), "runs": count}})
    return codes.DONE


async def _export_ticket(context: Context, ticket: Ticket, folder: Path | None) -> int:
    files: list[Path] = []
    if folder is None:
        output.say(f"With --output FOLDER this and {ticket.capsule_name} are saved.")
    else:
        files = [folder / TICKET_NAME, folder / ticket.capsule_name]
        try:
            await asyncio.to_thread(folder.mkdir, 0o700, exist_ok=True)
        except OSError as error:
            raise InvalidInput(
                f"{folder} is no folder to write to.", error.strerror or ""
            ) from None
        for path, shown in zip(files, (ticket.text, ticket.capsule), strict=True):
            await save(path, [shown.text])
            output.say(f"Saved: {path}")
    _tell_hidden(ticket.capsule)
    if context.is_json:
        document = _document(Format.TICKET, ticket.text, None) | {
            "run": ticket.run_id,
            "files": [str(path) for path in files],
            "hidden": _hidden(ticket.capsule),
        }
        output.document({"export": document})
    elif folder is None:
        output.raw(ticket.text.text)
    return codes.DONE


async def import_(context: Context) -> int:
    """Take the run of a capsule into the history, for reading."""
    run, is_new = await context.program.exports.take_in_file(Path(context.options.file))
    output.say("Imported, for reading." if is_new else "This capsule was imported before.")
    await context.print_run(run.id)
    return codes.DONE


def names_file(text: str) -> bool:
    """Whether RUN is the file of a capsule rather than a run of the log."""
    return text.lower().endswith(capsules.SUFFIX)


async def show_file(context: Context) -> int:
    """Show the run of a capsule without taking it into the history."""
    file = await load(Path(context.options.run), capsules.LARGEST)
    capsule = capsules.read(file)
    record = capsule.dossier.record
    facts = facts_of(record.run, record, time.time_ns() // 1_000_000)
    explanation = await context.program.explainer.explain(record, capsule.dossier.exchanges)
    output.say(f"A capsule made by {capsule.made_by}. It is not in your history.")
    for where, why, times in capsule.hidden:
        output.say(f"Hidden in {where}: {why} ({times}).")
    if context.is_json:
        document = documents.run(record, explanation) | {"facts": documents.facts(facts)}
        output.document({"run": document | {"is_foreign": True}})
    else:
        output.run(record, facts, explanation)
    return codes.DONE


def _document(format: Format, shown: Shown, file: Path | None) -> dict[str, Any]:
    return {
        "format": format.value,
        "file": str(file) if file is not None else None,
        "text": shown.text if file is None else None,
        "hidden": _hidden(shown),
    }


def _hidden(shown: Shown) -> list[dict[str, Any]]:
    counted = Counter(hidden.reason for hidden in shown.hidden)
    return [{"reason": reason, "times": times} for reason, times in sorted(counted.items())]


def _tell_hidden(shown: Shown) -> None:
    for entry in _hidden(shown):
        output.say(f"Hidden: {entry['reason']} ({entry['times']}).")

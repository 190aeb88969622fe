"""The commands about the log as a file: how it is, backing it up, bringing a backup back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zapdesk.bootstrap import Program
from zapdesk.cli import codes, documents, output
from zapdesk.cli.context import Context
from zapdesk.domain.facts import size_text
from zapdesk.domain.history import LogHealth
from zapdesk.services.history import BackupFile


async def log(context: Context) -> int:
    """How the log is. The exit code says whether it is sound."""
    history = context.program.history
    health = await history.health(full=context.options.check)
    copies = history.backups()
    if context.is_json:
        output.document({"log": _health(health) | {"copies": [_backup(c) for c in copies]}})
    else:
        output.table(_lines(health, copies), "")
    return codes.STORE if health.problems or health.read_only_reason else codes.DONE


async def backup(context: Context) -> int:
    """Copy the log into a file."""
    made = await context.program.history.back_up(_path(context))
    if context.is_json:
        output.document({"backup": _backup(made)})
    else:
        output.line(f"{made.path}: {made.runs:,} runs, {size_text(made.size)}. It was checked.")
    return codes.DONE


async def restore(context: Context) -> int:
    """Put a backup in the place of the log."""
    program = context.program
    source = await program.history.restore(_path(context))
    await program.close()
    # Whoever opens the log next, alone, puts it there; that may be this very process.
    context.program = await Program.start(program.paths, program.settings, program.access)
    notices = context.program.database.notices
    is_done = not context.program.history.is_restore_waiting
    if context.is_json:
        output.document({"restored": is_done, "backup": _backup(source), "notices": list(notices)})
    else:
        for notice in notices:
            output.line(notice)
        if not is_done:
            output.line(
                "Another zapdesk has the log open. The backup takes its place at the next start"
                " after all of them were closed."
            )
    return codes.DONE


def _path(context: Context) -> Path:
    return Path(context.options.file).expanduser().absolute()


def _health(health: LogHealth) -> dict[str, Any]:
    return {
        "path": health.path,
        "size": health.size,
        "journal_size": health.journal_size,
        "unused": health.unused,
        "disk_free": health.disk_free,
        "runs": health.runs,
        "deleted": health.deleted,
        "bytes_per_run": health.bytes_per_run,
        "oldest_at": documents.when(health.oldest_ms),
        "newest_at": documents.when(health.newest_ms),
        "problems": list(health.problems),
        "checked_at": documents.when(health.checked_ms),
        "version": health.version,
        "sqlite_version": health.sqlite_version,
        "journal_mode": health.journal_mode,
        "packing": health.packing,
        "doubt": health.doubt or None,
        "read_only_reason": health.read_only_reason or None,
    }


def _backup(copy: BackupFile) -> dict[str, Any]:
    return {
        "path": str(copy.path),
        "made_at": documents.when(copy.made_ms),
        "size": copy.size,
        "runs": copy.runs,
        "version": copy.version,
    }


def _lines(health: LogHealth, copies: tuple[BackupFile, ...]) -> list[tuple[str, str]]:
    checked = "in full" if health.checked_ms is not None else "quickly; --check looks at all"
    lines = [
        ("File", health.path),
        ("Size", f"{size_text(health.size)}, {size_text(health.unused)} of it unused"),
        ("Journal", f"{size_text(health.journal_size)}, {health.journal_mode}"),
        ("Runs", f"{health.runs:,}"),
    ]
    if health.bytes_per_run is not None:
        lines.append(("Per run", size_text(round(health.bytes_per_run))))
    if health.packing is not None:
        lines.append(("Packed to", f"{health.packing:.0%} of what was sent and received"))
    if health.oldest_ms is not None and health.newest_ms is not None:
        lines.append(("From", f"{_day(health.oldest_ms)} to {_day(health.newest_ms)}"))
    lines.append(("Checked", checked if not health.problems else "damaged"))
    lines += [("Damage", problem) for problem in health.problems[:5]]
    if health.disk_free is not None:
        lines.append(("Disk free", size_text(health.disk_free)))
    lines.append(("Version", f"{health.version}, SQLite {health.sqlite_version}"))
    lines += [("Take care", text) for text in (health.doubt, health.read_only_reason) if text]
    lines += [("Copy", f"{copy.path}, {size_text(copy.size)}") for copy in copies]
    return lines


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")

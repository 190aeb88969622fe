"""How the log is: sizes, age, versions, and whether it is sound."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import apsw

from zapdesk.domain.history import LogHealth
from zapdesk.storage import connections, migrations
from zapdesk.storage.checks import CheckNotes, problems
from zapdesk.storage.faults import DAMAGE, ENVIRONMENT, in_words
from zapdesk.storage.file_systems import doubt
from zapdesk.storage.packing import unpack
from zapdesk.storage.threads import on_own_thread

if TYPE_CHECKING:
    from pathlib import Path

    from zapdesk.storage.database import Database

_SAMPLE = 200  # runs whose bodies are unpacked


async def health(database: Database, path: Path, *, full: bool) -> LogHealth:
    """Look at the log on a thread of its own; ``full`` takes some five times as long, and sees
    damaged indexes too. Raises StorageUnusable where it cannot be read at all."""

    def work() -> LogHealth:
        reader = connections.reading(path)
        try:
            return _looked_at(reader, path, database.read_only_reason, full=full)
        finally:
            connections.close(reader)

    try:
        return await on_own_thread("zapdesk log health", work)
    except ENVIRONMENT as error:
        raise in_words(error, path) from error


def _looked_at(reader: apsw.Connection, path: Path, reason: str, *, full: bool) -> LogHealth:
    found = problems(reader, full=full)

    def ask(sql: str) -> Any:
        try:
            return reader.execute(sql).get
        except DAMAGE:
            return None

    page = ask("PRAGMA page_size") or 0
    notes = CheckNotes(path)
    if full and not found:
        with suppress(OSError):
            notes.was_checked()
    return LogHealth(
        path=str(path),
        size=page * (ask("PRAGMA page_count") or 0),
        journal_size=_size(path.with_name(path.name + "-wal")),
        unused=page * (ask("PRAGMA freelist_count") or 0),
        disk_free=_free(path.parent),
        runs=ask("SELECT count(*) FROM runs") or 0,
        deleted=ask("SELECT count(*) FROM deleted_runs") or 0,
        oldest_ms=ask("SELECT min(created_ms) FROM runs"),
        newest_ms=ask("SELECT max(created_ms) FROM runs"),
        problems=tuple(found),
        checked_ms=notes.checked_ms,
        version=migrations.version(reader),
        sqlite_version=apsw.sqlite_lib_version(),
        journal_mode=str(ask("PRAGMA journal_mode")),
        packing=_packing(reader),
        doubt=doubt(path.parent),
        read_only_reason=reason,
    )


def _packing(reader: apsw.Connection) -> float | None:
    packed = plain = 0
    try:
        for blobs in reader.execute(
            "SELECT inputs, results FROM run_bodies ORDER BY run DESC LIMIT ?", (_SAMPLE,)
        ):
            for blob in blobs:
                if isinstance(blob, bytes):
                    packed += len(blob)
                    plain += len(unpack(blob))
    except DAMAGE:
        return None
    return packed / plain if plain else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None

"""What is still readable of a damaged log, copied row by row into a sound one.

The damaged file is only read. What can be fetched again (the catalogue) is left behind.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import apsw

from zapdesk.storage import connections, run_places, run_text
from zapdesk.storage.packing import pack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = ("runs", "run_bodies", "run_events", "exchanges", "capsules")

_UNREADABLE = (apsw.Error, ValueError)  # ValueError: text that is no longer UTF-8
_FIRST, _LAST = -(2**63), 2**63 - 1
_GUESSED_REACH = 1_000_000
_PATIENCE = 256  # failed attempts after which the steps over a hole get twice as long
_LOST_BODY = "What was sent and received was lost when the log was damaged."


@dataclass(frozen=True, slots=True)
class Saved:
    """How many rows were saved, of how many that can be told to have been there."""

    rows: int
    of: int


def salvage(damaged: Path, target: apsw.Connection) -> Saved:
    """Copy what can be read of the file ``damaged`` into ``target``, in one transaction.

    Raises what apsw raises where ``target`` cannot be written.
    """
    try:
        source = connections.reading(damaged, damaged=True)
    except apsw.Error:
        return Saved(0, 0)
    saved = of = 0
    target.execute("PRAGMA foreign_keys = OFF")
    target.execute("BEGIN IMMEDIATE")
    try:
        for table in TABLES:
            copied = _copy(source, target, table)
            saved += copied
            of += max(copied, _count(source, table))
        _mend(target)
        numbers: list[Any] = target.execute("SELECT number FROM runs").fetchall()
        for (number,) in numbers:
            run_places.assign(target, number)
            run_text.index(target, number)
        target.execute("COMMIT")
    finally:
        if target.in_transaction:
            target.execute("ROLLBACK")
        target.execute("PRAGMA foreign_keys = ON")
        connections.close(source)
    return Saved(saved, of)


def _copy(source: apsw.Connection, target: apsw.Connection, table: str) -> int:
    """Copy the columns that both know. Returns how many rows came over."""
    try:
        there = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    except _UNREADABLE:
        return 0
    here = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
    columns = [name for name in here if name in there]
    if not columns:
        return 0
    insert = (
        f"INSERT OR IGNORE INTO {table} ({', '.join(columns)})"
        f" VALUES ({', '.join('?' * len(columns))})"
    )
    copied = 0
    for values in _rows(source, table, columns):
        try:
            target.execute(insert, values)
        except apsw.ConstraintError:
            continue  # damaged into something that this column cannot hold
        copied += target.changes()
    return copied


def _rows(source: apsw.Connection, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """Every readable row once: from the front, from the back, then what lies between holes."""
    select = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid"
    position = _FIRST
    holes = False
    for rowid, values in _until_unreadable(source, f"{select} > ? ORDER BY rowid", (_FIRST,)):
        if rowid is None:
            holes = True
        else:
            position = rowid
            yield values
    if not holes:
        return
    end = _LAST
    backwards = f"{select} > ? ORDER BY rowid DESC"
    for rowid, values in _until_unreadable(source, backwards, (position,)):
        if rowid is not None:
            end = rowid
            yield values
    position = max(position, 0)
    if end == _LAST:
        end = position + _GUESSED_REACH
    between = f"{select} > ? AND rowid < ? ORDER BY rowid"
    step, misses = 1, 0
    while position + step < end:
        reached = position
        holes = False
        for rowid, values in _until_unreadable(source, between, (position, end)):
            if rowid is None:
                holes = True
            else:
                reached = rowid
                yield values
        if not holes:
            return
        if reached > position:
            position, step, misses = reached, 1, 0
        else:
            misses += 1
            if misses % _PATIENCE == 0:
                step *= 2
        position += step


def _until_unreadable(
    source: apsw.Connection, sql: str, bindings: tuple[int, ...]
) -> Iterator[tuple[int | None, tuple[Any, ...]]]:
    """The rows of a statement; a last one without number where it could not go on."""
    try:
        for rowid, *values in source.execute(sql, bindings):
            yield rowid, tuple(values)
    except _UNREADABLE:
        yield None, ()


def _count(source: apsw.Connection, table: str) -> int:
    """How many rows there were: counted, or else the highest number that any index knows."""
    for question in ("count(*)", "max(rowid)"):
        try:
            row = source.execute(f"SELECT {question} FROM {table}").fetchone()
        except _UNREADABLE:
            continue
        return int(row[0] or 0) if row else 0
    return 0


def _mend(target: apsw.Connection) -> None:
    """Drop parts of runs that are gone; say so in runs whose parts are gone."""
    for table in TABLES[1:]:
        target.execute(f"DELETE FROM {table} WHERE run NOT IN (SELECT number FROM runs)")
    target.execute(
        "INSERT OR IGNORE INTO run_labels (label, at_ms, run)"
        " SELECT value, created_ms, number FROM runs, json_each(runs.labels)"
        " WHERE json_valid(runs.labels)"
    )
    empty = b"{}"
    for number, at_ms, status in target.execute(
        "SELECT number, coalesce(ended_ms, created_ms), status FROM runs"
        " WHERE number NOT IN (SELECT run FROM run_bodies)"
    ).fetchall():
        target.execute(
            "INSERT INTO run_bodies (run, inputs, inputs_sha256, labels) VALUES (?, ?, ?, '{}')",
            (number, pack(empty), hashlib.sha256(empty).digest()),
        )
        target.execute(
            "INSERT INTO run_events (run, at_ms, status, text) VALUES (?, ?, ?, ?)",
            (number, at_ms, status, _LOST_BODY),
        )

"""The few statements that change rows of the run log, each in its caller's transaction."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from zapdesk.storage.hiding import hidden_body
from zapdesk.storage.packing import pack, storable
from zapdesk.storage.run_rows import errors_text, report_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import apsw

    from zapdesk.domain.exchanges import Exchange
    from zapdesk.domain.runs import RunError, RunStatus
    from zapdesk.errors import ErrorReport


def marks(values: Sequence[Any]) -> str:
    """A question mark for each value, for the list behind VALUES."""
    return ", ".join("?" * len(values))


def update(
    connection: apsw.Connection, table: str, key: str, number: int, changes: Mapping[str, Any]
) -> None:
    """Set ``changes`` in the row of ``table`` whose ``key`` is ``number``."""
    names = ", ".join(f"{name} = ?" for name in changes)
    connection.execute(
        f"UPDATE {table} SET {names} WHERE {key} = ?",
        (*changes.values(), number),
    )


def tell(
    connection: apsw.Connection, number: int, at_ms: int, status: RunStatus, text: str
) -> None:
    """Write a line of history."""
    connection.execute(
        "INSERT INTO run_events (run, at_ms, status, text) VALUES (?, ?, ?, ?)",
        (number, at_ms, status.value, storable(text)),
    )


def count_repeat(connection: apsw.Connection, run: int, exchange: Exchange) -> bool:
    """Count ``exchange`` at the one before it; False where that brought something else."""
    connection.execute(
        "UPDATE exchanges SET repeated = repeated + 1, last_ms = ?"
        " WHERE number = (SELECT max(number) FROM exchanges WHERE run = ?)"
        " AND purpose = ? AND method = ? AND url = ? AND status IS ? AND response_body = ?"
        " AND failure = ?",
        (
            exchange.started_ms,
            run,
            storable(exchange.purpose),
            storable(exchange.method),
            storable(exchange.url),
            exchange.status,
            pack(exchange.response_body),
            storable(exchange.failure),
        ),
    )
    return connection.changes() == 1


def new_bodies(
    results: bytes | None, errors: Sequence[RunError], report: ErrorReport | None
) -> dict[str, Any]:
    """What changes in `run_bodies` where a run ends; what is ``None`` or empty stays."""
    bodies: dict[str, Any] = {}
    if results is not None:
        kept = hidden_body(results)
        bodies["results"] = pack(kept)
        bodies["results_sha256"] = hashlib.sha256(kept).digest()
    if errors:
        bodies["errors"] = hidden_body(errors_text(errors).encode()).decode()
    if report is not None:
        bodies["report"] = hidden_body(report_text(report).encode()).decode()
    return bodies

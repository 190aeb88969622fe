"""The few statements that change rows of the run log, each in its caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.storage.packing import pack, storable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import apsw

    from zapdesk.domain.exchanges import Exchange
    from zapdesk.domain.runs import RunStatus


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

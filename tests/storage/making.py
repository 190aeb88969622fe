"""What the tests of the store are made of: orders, an open database, and other processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import apsw

from zapdesk.domain.catalog import WRITE, ActionKey
from zapdesk.domain.runs import RunOrder
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
ADD_ROW = ActionKey("tables", WRITE, "add_row")
OWNER = "11111111111111111111111111111111"


def order(nonce: str, profile_id: str = "sandbox", **changes: Any) -> RunOrder:
    """An order to add a row, unless told otherwise."""
    facts: dict[str, Any] = {
        "profile_id": profile_id,
        "action": ADD_ROW,
        "app_title": "Tables",
        "action_title": "Add a row",
        "authentication_id": None,
        "authentication_title": "",
        "inputs": {"name": "Ada"},
        "nonce": nonce,
    }
    return RunOrder(**{**facts, **changes})


@asynccontextmanager
async def opened(folder: Path, **options: Any) -> AsyncIterator[Database]:
    """The database in ``folder``, closed at the end."""
    database = await Database.open(folder / "zapdesk.db", folder / "backups", **options)
    try:
        yield database
    finally:
        await database.close()


def with_log(folder: Path, scenario: Callable[[Database, RunLog], Awaitable[T]]) -> T:
    """Run ``scenario`` on a loop of its own with the database in ``folder``."""

    async def run() -> T:
        async with opened(folder) as database:
            return await scenario(database, RunLog(database, OWNER))

    return asyncio.run(run())


def filled(folder: Path, runs: int) -> Path:
    """A closed database with so many runs; its path."""

    async def fill(_database: Database, log: RunLog) -> None:
        for number in range(runs):
            await log.add(order(f"n{number}"), 1_000 + number, b'{"name":"Ada%d"}' % number)

    with_log(folder, fill)
    return folder / "zapdesk.db"


def plain(path: Path, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
    """What a connection that shares nothing with the store sees."""
    connection = apsw.Connection(str(path))
    try:
        return connection.execute(sql, bindings).fetchall()
    finally:
        connection.close()


def python(script: str, *arguments: object, before: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Another process that runs ``script``; ``before`` are words in front of the interpreter."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str], seconds: float = 60) -> str:
    """What it wrote; fails with its complaints where it did not end well."""
    out, err = process.communicate(timeout=seconds)
    assert process.returncode == 0, err
    return out

"""Logs of every version so far, with empty and repeated facts: an upgrade loses nothing of them."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.storage.making import OWNER, ROOT, opened, plain
from zapdesk.domain.runs import RunFilter
from zapdesk.storage import migrations
from zapdesk.storage.run_log import RunLog

DATA = ROOT / "tests" / "storage" / "data"
LOGS = sorted(DATA.glob("version_*.sql"), key=lambda path: int(re.sub(r"\D", "", path.name)))
SHADOWS = re.compile(r"run_text_|sqlite_")


def tables(path: Path) -> dict[str, list[str]]:
    """The columns of every table with rows of its own."""
    found: list[Any] = plain(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {
        name: [column[1] for column in plain(path, f"PRAGMA table_info({name})")]
        for (name,) in found
        if not SHADOWS.match(name) and name != "run_text"
    }


def contents(path: Path, of: dict[str, list[str]]) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a hash of them, in these columns."""
    found = {}
    for table, columns in of.items():
        values = ", ".join(f"quote({column})" for column in columns)
        rows = sorted(plain(path, f"SELECT {values} FROM {table}"))
        found[table] = (len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())
    return found


def test_there_is_a_log_of_each_version_up_to_the_newest_of_them() -> None:
    assert [int(re.sub(r"\D", "", path.name)) for path in LOGS] == list(range(1, len(LOGS) + 1))
    assert len(LOGS) >= 12


@pytest.mark.parametrize("script", LOGS, ids=lambda path: path.stem)
def test_a_log_of_an_older_version_keeps_every_row_and_value(tmp_path: Path, script: Path) -> None:
    path = tmp_path / "zapdesk.db"
    connection = apsw.Connection(str(path))
    connection.execute(script.read_text(encoding="utf-8"))
    connection.close()
    of = tables(path)
    before = contents(path, of)
    assert before["runs"][0] == 3

    async def use() -> None:
        async with opened(tmp_path) as database:
            assert database.notices == ()
            assert database.read_only_reason == ""
            log = RunLog(database, OWNER)
            runs = await log.page(RunFilter(), None, 10)
            assert [run.number for run in runs] == [3, 2, 1]
            assert [run.number for run in await log.page(RunFilter("sandbox", text="zeile"))] == [1]
            assert [run.number for run in await log.page(RunFilter(app_id="mail"))] == [3]
            for run in runs:
                assert await log.record(run.id) is not None

    asyncio.run(use())
    assert contents(path, of) == before
    assert plain(path, "PRAGMA user_version") == [
        (migrations.latest(ROOT / "resources" / "migrations"),)
    ]
    assert plain(path, "PRAGMA integrity_check") == [("ok",)]
    assert plain(path, "PRAGMA foreign_key_check") == []

"""Upgrades: all of one or none of it, with a checked copy first."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.conftest import FULL
from tests.storage.making import OWNER, ROOT, filled, finished, opened, order, plain, python
from zapdesk.domain.runs import Resolution, RunError, RunFilter, RunKind, RunStatus
from zapdesk.storage import migrations
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.run_log import RunLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCRIPTS = ROOT / "resources" / "migrations"
VERSION_1 = ROOT / "tests" / "storage" / "data" / "version_1.sql"
NEXT = "CREATE TABLE later (x INTEGER);\nALTER TABLE runs ADD COLUMN later_on INTEGER;\n"

UPGRADE = (
    "import asyncio, sys\n"
    "from pathlib import Path\n"
    "from zapdesk.storage.database import Database\n"
    "folder, scripts = Path(sys.argv[1]), Path(sys.argv[2])\n"
    "async def main():\n"
    "    database = await Database.open(folder / 'zapdesk.db', folder / 'backups', scripts)\n"
    "    assert not database.read_only_reason, database.read_only_reason\n"
    "    assert database.notices == (), database.notices\n"
    "    await database.close()\n"
    "asyncio.run(main())\n"
)


def version_1(folder: Path) -> Path:
    path = folder / "zapdesk.db"
    connection = apsw.Connection(str(path))
    connection.execute(VERSION_1.read_text(encoding="utf-8"))
    connection.close()
    return path


def scripts_with(folder: Path, text: str) -> Path:
    """The migrations there are and one more."""
    scripts = folder / "scripts"
    shutil.copytree(SCRIPTS, scripts)
    newest = migrations.latest(scripts)
    (scripts / f"{newest + 1:04d}_next.sql").write_text(text, encoding="utf-8")
    return scripts


def test_a_log_of_version_1_is_upgraded_with_every_fact(tmp_path: Path) -> None:
    path = version_1(tmp_path)

    async def use() -> None:
        async with opened(tmp_path) as database:
            assert database.notices == ()
            assert database.read_only_reason == ""
            log = RunLog(database, OWNER)
            test, unknown, success = await log.page(RunFilter(), None, 10)
            assert (test.kind, test.status) == (RunKind.TEST, RunStatus.SUBMITTING)
            assert (unknown.resolution, unknown.resolution_note) == (
                Resolution.DID_NOT, "looked there",
            )  # fmt: skip
            record = await log.record(success.id)
            assert record is not None
            assert (record.inputs, record.results) == (b'{"a":"1"}', b'[{"x":1}]')
            assert record.labels == {"a": "Eins"}
            assert [event.at_ms for event in record.events] == [1000, 1003]
            (exchange,) = await log.exchanges(success.id)
            assert (exchange.repeated, exchange.last_ms, exchange.connected_ms) == (4, 1900, None)
            failed = await log.record(test.id)
            assert failed is not None
            assert failed.errors == (RunError("throttled", "", "Later", 5),)
            assert [r.id for r in await log.page(RunFilter(text="zeile"), None, 5)] == [success.id]
            assert await CatalogCache(database).apps("sandbox") == ()
            await log.add(order("new"), 9, b"{}")

    asyncio.run(use())
    assert plain(path, "PRAGMA user_version") == [(migrations.latest(SCRIPTS),)]
    (copy,) = (tmp_path / "backups").iterdir()
    assert plain(copy, "PRAGMA user_version") == [(1,)]
    assert plain(copy, "SELECT count(*) FROM runs") == [(3,)]
    assert copy.stat().st_mode & 0o077 == 0


def test_an_upgraded_log_has_the_very_schema_of_a_new_one(tmp_path: Path) -> None:
    def schema(folder: Path, make: Callable[[Path], object]) -> list[str]:
        folder.mkdir()
        make(folder)

        async def touch() -> None:
            async with opened(folder):
                pass

        asyncio.run(touch())
        rows = plain(
            folder / "zapdesk.db", "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2"
        )
        return [_squeezed(f"{kind} {name} {sql}") for kind, name, sql in rows]

    upgraded = schema(tmp_path / "old", version_1)
    assert upgraded == schema(tmp_path / "new", lambda folder: None)


def _squeezed(sql: str) -> str:
    """SQL without comments, and with one space for any."""
    return re.sub(r"\s+", " ", re.sub(r"--[^\n]*", "", sql)).replace("( ", "(").replace(" )", ")")


def test_a_migration_that_fails_half_way_leaves_the_old_log_readable(tmp_path: Path) -> None:
    path = filled(tmp_path, 2)
    before = plain(path, "SELECT sql FROM sqlite_schema")
    scripts = scripts_with(tmp_path, NEXT + "INSERT INTO nowhere VALUES (1);")

    async def use() -> None:
        async with opened(tmp_path, scripts=scripts) as database:
            assert "could not be upgraded" in database.read_only_reason
            assert len(await RunLog(database, OWNER).page(RunFilter(), None, 5)) == 2
            assert not await database.try_again()
            shutil.rmtree(scripts)
            shutil.copytree(SCRIPTS, scripts)
            heard: list[str] = []
            database.trouble.subscribe(heard.append)
            assert await database.try_again()
            assert heard == [""]
            await RunLog(database, OWNER).add(order("z"), 1, b"{}")

    asyncio.run(use())
    assert plain(path, "SELECT sql FROM sqlite_schema") == before


def test_a_log_that_cannot_be_upgraded_is_read_as_the_new_version_would(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    scripts = scripts_with(tmp_path, NEXT)
    (tmp_path / "backups").write_text("no folder: no copy can be made")

    async def use() -> None:
        async with opened(tmp_path, scripts=scripts) as database:
            assert "No copy of the log could be made" in database.read_only_reason
            rows = await database.read(lambda c: c.execute("SELECT later_on FROM runs").fetchall())
            assert rows == [(None,), (None,)]

    asyncio.run(use())
    assert plain(tmp_path / "zapdesk.db", "PRAGMA user_version") == [(migrations.latest(SCRIPTS),)]


def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)
    connection = apsw.Connection(str(path))
    copies = [migrations.back_up(connection, path, tmp_path / "backups") for _ in range(8)]
    connection.close()
    assert sorted((tmp_path / "backups").iterdir()) == sorted(copies[-migrations.KEPT_BACKUPS :])


def test_processes_that_upgrade_at_once_do_it_once(tmp_path: Path) -> None:
    filled(tmp_path, 20)
    scripts = scripts_with(tmp_path, NEXT)
    for process in [python(UPGRADE, tmp_path, scripts) for _ in range(3)]:
        finished(process)
    assert len(list((tmp_path / "backups").iterdir())) == 1
    assert plain(tmp_path / "zapdesk.db", "SELECT count(*) FROM later") == [(0,)]


def test_kill_9_during_an_upgrade_leaves_the_old_schema_or_the_new_one(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    origin = filled(tmp_path, 40)
    scripts = scripts_with(tmp_path, NEXT)
    newest = migrations.latest(scripts)
    seen = set()
    calls = ("pwrite64", "fdatasync", "unlink", "rename", "fsync")
    step = 1 if FULL else 9
    for call in calls:
        for nth in range(1, 400, step):
            folder = tmp_path / f"{call}-{nth}"
            folder.mkdir()
            shutil.copy(origin, folder / "zapdesk.db")
            process = python(
                UPGRADE, folder, scripts,
                before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                        "-e", f"inject={call}:signal=SIGKILL:when={nth}"],
            )  # fmt: skip
            process.communicate(timeout=60)
            number = plain(folder / "zapdesk.db", "PRAGMA user_version")[0][0]
            seen.add(number)
            tables = plain(
                folder / "zapdesk.db", "SELECT count(*) FROM sqlite_schema WHERE name = 'later'"
            )
            assert (number, tables) in [(newest - 1, [(0,)]), (newest, [(1,)])]
            assert plain(folder / "zapdesk.db", "SELECT count(*) FROM runs") == [(40,)]
            if number == newest:
                assert any((folder / "backups").iterdir())
            finished(python(UPGRADE, folder, scripts))
            assert plain(folder / "zapdesk.db", "SELECT count(*) FROM later") == [(0,)]
            shutil.rmtree(folder)
            if process.returncode == 0:
                break
            assert process.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}
    assert seen == {newest - 1, newest}


def test_no_migration_ends_the_transaction_it_runs_in() -> None:
    scripts = sorted(SCRIPTS.iterdir())
    assert [int(path.name[:4]) for path in scripts] == list(range(1, len(scripts) + 1))
    for path in scripts:
        text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8")).upper()
        assert not re.search(r"\b(BEGIN|COMMIT|END|ROLLBACK|VACUUM|USER_VERSION)\b", text), path

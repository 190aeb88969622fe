"""Backups: consistent while the log is in use, checked, and back in its place without a loss."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.storage.making import OWNER, ROOT, filled, finished, opened, order, plain, python
from tests.storage.test_migrations import version_1
from zapdesk.domain.runs import RunFilter
from zapdesk.errors import InvalidInput, StorageUnusable
from zapdesk.storage.backups import Backups, waiting_restore
from zapdesk.storage.database import Database
from zapdesk.storage.health import health
from zapdesk.storage.run_log import RunLog

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = ROOT / "resources" / "migrations"


def backups(folder: Path) -> Backups:
    return Backups(folder / "zapdesk.db", folder / "backups", SCRIPTS)


def runs_of(folder: Path) -> int:
    async def count() -> int:
        async with opened(folder) as database:
            return len(await RunLog(database, OWNER).page(RunFilter(), None, 9_999))

    return asyncio.run(count())


def test_a_backup_made_while_another_process_writes_is_sound(tmp_path: Path) -> None:
    filled(tmp_path, 20)
    writer = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tests.storage.making import order\n"
        "from zapdesk.storage.database import Database\n"
        "from zapdesk.storage.run_log import RunLog\n"
        "async def main():\n"
        "    folder = Path(sys.argv[1])\n"
        "    database = await Database.open(folder / 'zapdesk.db', folder / 'backups')\n"
        "    log = RunLog(database, 'x')\n"
        "    print('begun', flush=True)\n"
        "    for n in range(300):\n"
        "        await log.add(order(f'w{n}'), n, bytes(range(256)) * 20)\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    process = python(writer, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    made = [asyncio.run(backups(tmp_path).back_up(tmp_path / f"copy{n}.db")) for n in range(4)]
    finished(process)
    for copy in made:
        assert copy.path.stat().st_mode & 0o077 == 0
        assert plain(copy.path, "PRAGMA integrity_check") == [("ok",)]
        counts = {table: f"SELECT count(*) FROM {table}" for table in ("runs", "run_bodies")}
        assert [plain(copy.path, sql) for sql in counts.values()] == [[(copy.runs,)]] * 2
    assert not list(tmp_path.glob("*.part"))


def test_a_backup_never_replaces_a_file_and_says_where_it_cannot_be_made(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    (tmp_path / "mine.db").write_text("precious")
    with pytest.raises(InvalidInput, match="already"):
        asyncio.run(backups(tmp_path).back_up(tmp_path / "mine.db"))
    assert (tmp_path / "mine.db").read_text() == "precious"
    with pytest.raises(StorageUnusable, match="could not be made"):
        asyncio.run(backups(tmp_path).back_up(tmp_path / "nowhere" / "copy.db"))


def test_a_backup_comes_back_at_the_next_start_and_the_log_is_kept(tmp_path: Path) -> None:
    filled(tmp_path, 3)

    async def use() -> None:
        async with opened(tmp_path) as database:
            await backups(tmp_path).back_up(tmp_path / "copy.db")
            log = RunLog(database, OWNER)
            await log.add(order("later"), 9_999, b"{}")
            found = await backups(tmp_path).restore(tmp_path / "copy.db")
            assert found.runs == 3
            # Nothing changes for who has it open, nor for who comes meanwhile.
            other = await Database.open(tmp_path / "zapdesk.db", tmp_path / "backups")
            assert len(await RunLog(other, OWNER).page(RunFilter())) == 4
            await other.close()
            assert len(await log.page(RunFilter())) == 4
        async with opened(tmp_path) as database:
            (notice,) = database.notices
            assert "brought back" in notice
            assert len(await RunLog(database, OWNER).page(RunFilter())) == 3
        async with opened(tmp_path) as database:
            assert database.notices == ()

    asyncio.run(use())
    (kept,) = tmp_path.glob("zapdesk.db.before-restore-*Z")
    assert plain(kept, "SELECT count(*) FROM runs") == [(4,)]
    assert kept in [copy.path for copy in backups(tmp_path).all()]
    assert (tmp_path / "copy.db").exists()


def test_a_restore_can_be_called_off(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    asyncio.run(backups(tmp_path).back_up(tmp_path / "copy.db"))
    asyncio.run(backups(tmp_path).restore(tmp_path / "copy.db"))
    assert backups(tmp_path).is_restore_waiting
    assert asyncio.run(backups(tmp_path).forget_restore())
    assert not asyncio.run(backups(tmp_path).forget_restore())
    assert runs_of(tmp_path) == 2
    assert not list(tmp_path.glob("*before-restore*"))


def test_an_older_backup_is_upgraded_when_it_comes_back(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    shutil.copy(version_1(old), tmp_path / "copy.db")
    filled(tmp_path, 7)
    asyncio.run(backups(tmp_path).restore(tmp_path / "copy.db"))
    assert runs_of(tmp_path) == 3


@pytest.mark.parametrize("kind", ["missing", "text", "foreign", "damaged", "newer"])
def test_what_is_no_sound_backup_is_refused_and_nothing_changes(tmp_path: Path, kind: str) -> None:
    path = filled(tmp_path, 200)
    source = tmp_path / "copy.db"
    if kind == "text":
        source.write_text("no database" * 500)
    elif kind == "foreign":
        plain(source, "CREATE TABLE bookmarks (url)")
    elif kind != "missing":
        asyncio.run(backups(tmp_path).back_up(source))
    if kind == "damaged":
        raw = bytearray(source.read_bytes())
        raw[8 * 4096 : 20 * 4096] = b"\x5a" * (12 * 4096)
        source.write_bytes(raw)
    elif kind == "newer":
        plain(source, "PRAGMA user_version = 99")
    with pytest.raises(InvalidInput):
        asyncio.run(backups(tmp_path).restore(source))
    assert not waiting_restore(path).exists()
    assert runs_of(tmp_path) == 200


def test_the_health_of_a_log_is_told(tmp_path: Path) -> None:
    path = filled(tmp_path, 30)

    async def look(full: bool) -> None:
        async with opened(tmp_path) as database:
            found = await health(database, path, full=full)
            assert (found.runs, found.oldest_ms, found.newest_ms) == (30, 1_000, 1_029)
            assert found.problems == ()
            assert found.size == path.stat().st_size
            assert found.bytes_per_run == found.size / 30
            assert found.journal_mode == "wal"
            assert found.version == plain(path, "PRAGMA user_version")[0][0]
            assert found.disk_free
            assert found.packing is not None
            assert (found.doubt, found.read_only_reason) == ("", "")

    asyncio.run(look(False))
    asyncio.run(look(True))

"""How the file is made ready, whatever lies in its place."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.storage.making import filled, finished, opened, order, plain, python, with_log
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.errors import StorageUnusable
from zapdesk.storage import opening
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog

if TYPE_CHECKING:
    from tests.conftest import ExpectLog

posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX")


def notices(folder: Path) -> tuple[str, ...]:
    async def look(database: Database, _log: RunLog) -> tuple[str, ...]:
        return database.notices

    return with_log(folder, look)


def test_a_new_log_says_nothing_and_keeps_what_it_is_given(tmp_path: Path) -> None:
    assert notices(tmp_path) == ()
    filled(tmp_path, 3)
    assert plain(tmp_path / "zapdesk.db", "SELECT count(*) FROM runs") == [(3,)]
    assert not list(tmp_path.glob("*.new*"))
    assert not (tmp_path / "backups").exists(), "a new file needs no copy"


def test_the_file_knows_whose_it_is_and_is_as_safe_as_promised(tmp_path: Path) -> None:
    async def look(database: Database, _log: RunLog) -> list[object]:
        names = ("synchronous", "foreign_keys", "trusted_schema", "mmap_size", "journal_mode")
        return await database.write(lambda c: [c.pragma(name) for name in names])

    async def query_only(database: Database, _log: RunLog) -> object:
        return await database.read(lambda c: c.pragma("query_only"))

    assert with_log(tmp_path, look) == [2, 1, 0, 0, "wal"]
    assert with_log(tmp_path, query_only) == 1
    path = tmp_path / "zapdesk.db"
    assert plain(path, "PRAGMA application_id") == [(int.from_bytes(b"ZAPD", "big"),)]
    assert plain(path, "PRAGMA auto_vacuum") == [(2,)]


@posix_only
def test_umask_000_still_leaves_every_file_to_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    before = os.umask(0)
    try:

        async def look(_database: Database, log: RunLog) -> dict[str, int]:
            await log.add(order("1"), 1, b"{}")
            return {p.name: stat.S_IMODE(p.stat().st_mode) for p in (folder, *folder.iterdir())}

        modes = with_log(folder, look)
    finally:
        os.umask(before)
    assert modes.pop("data") == 0o700
    assert modes.pop("zapdesk-open") == 0o700
    assert {"zapdesk.db", "zapdesk.db-wal", "zapdesk.db-shm"} <= modes.keys()
    assert set(modes.values()) == {0o600}, modes


@posix_only
def test_a_file_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)
    path.chmod(0o644)
    assert notices(tmp_path) == ()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix_only
def test_a_link_in_the_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    elsewhere.touch()
    (tmp_path / "zapdesk.db").symlink_to(elsewhere)
    with pytest.raises(StorageUnusable, match="not a file of its own"):
        notices(tmp_path)
    assert elsewhere.stat().st_size == 0


def moved_aside(folder: Path) -> Path:
    (aside,) = folder.glob("zapdesk.db.corrupt-*Z")
    return aside


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 8192,
        b"<!DOCTYPE html><title>Sign in to this network</title>" * 99,
        b"SQLite format 3\x00" + b"\xa5" * 5000,
        b"x",
    ],
    ids=["0 bytes", "zeros", "html of a captive portal", "header then garbage", "1 byte"],
)
def test_a_file_that_is_no_database_is_moved_aside(
    tmp_path: Path, content: bytes, expected_log: ExpectLog
) -> None:
    (tmp_path / "zapdesk.db").write_bytes(content)
    expected_log("the log is replaced")
    (notice,) = notices(tmp_path)
    aside = moved_aside(tmp_path)
    assert aside.read_bytes() == content
    assert "nothing in it can be read" in notice
    assert str(aside) in notice
    assert filled(tmp_path, 2).exists()
    assert notices(tmp_path) == ()


def test_a_database_of_another_program_is_moved_aside_whole(
    tmp_path: Path, expected_log: ExpectLog
) -> None:
    path = tmp_path / "zapdesk.db"
    plain(path, "CREATE TABLE bookmarks (url); INSERT INTO bookmarks VALUES ('x')")
    before = path.read_bytes()
    expected_log("not made by zapdesk")
    assert "not made by zapdesk" in notices(tmp_path)[0]
    aside = moved_aside(tmp_path)
    assert aside.read_bytes() == before


def test_a_wal_left_behind_by_a_deleted_log_is_not_applied_to_the_new_one(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    (tmp_path / "zapdesk.db").rename(tmp_path / "gone.db")
    (tmp_path / "zapdesk.db-wal").write_bytes(b"stale" * 100)
    assert notices(tmp_path) == ()
    assert (tmp_path / "zapdesk.db.lost-wal").read_bytes() == b"stale" * 100
    assert plain(tmp_path / "zapdesk.db", "SELECT count(*) FROM runs") == [(0,)]


def test_a_deleted_wal_leaves_the_committed_part(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"zapdesk.db{suffix}").unlink(missing_ok=True)
    assert notices(tmp_path) == ()
    assert plain(tmp_path / "zapdesk.db", "SELECT count(*) FROM runs") == [(2,)]


def test_a_newer_version_is_read_and_never_written(tmp_path: Path) -> None:
    path = filled(tmp_path, 2)
    plain(path, "PRAGMA user_version = 99")
    before = path.read_bytes()

    async def use(database: Database, log: RunLog) -> None:
        assert "newer zapdesk" in database.read_only_reason
        assert len(await log.page(RunFilter(), None, 10)) == 2
        with pytest.raises(StorageUnusable, match="newer zapdesk"):
            await log.add(order("late"), 1, b"{}")
        assert not await database.try_again()
        assert not await database.changed_elsewhere()

    with_log(tmp_path, use)
    assert path.read_bytes() == before


def test_page_garbage_in_the_middle_loses_only_the_rows_on_it(
    tmp_path: Path, expected_log: ExpectLog
) -> None:
    path = filled(tmp_path, 400)
    plain(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    page = _page_holding(path, b"Add a row")
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\x5a" * 4096)
    expected_log("the log is replaced")
    (notice,) = notices(tmp_path)
    (kept,) = plain(path, "SELECT count(*) FROM runs")[0]
    assert 340 <= kept < 400
    assert " rows were saved" in notice
    assert plain(path, "PRAGMA integrity_check") == [("ok",)]
    assert plain(path, "PRAGMA foreign_key_check") == []


def test_a_truncated_file_gives_back_what_is_left_and_finds_it_by_words(
    tmp_path: Path, expected_log: ExpectLog
) -> None:
    path = filled(tmp_path, 400)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.8)])
    expected_log("the log is replaced")

    async def look(database: Database, log: RunLog) -> None:
        (notice,) = database.notices
        assert "rows were saved" in notice
        runs = await log.page(RunFilter(), None, 1000)
        assert runs, notice
        for run in runs:
            record = await log.record(run.id)
            assert record is not None
            assert record.inputs.startswith(b"{")
        found = await log.page(RunFilter(text="tables"), None, 1000)
        assert len(found) >= len(runs) - 1, "only the row at the cut may have lost its words"

    with_log(tmp_path, look)
    aside = moved_aside(tmp_path)
    assert aside.read_bytes() == whole[: int(len(whole) * 0.8)]


def test_a_run_whose_body_was_lost_says_so(tmp_path: Path, expected_log: ExpectLog) -> None:
    path = filled(tmp_path, 5)
    plain(path, "DELETE FROM run_bodies WHERE run = 3")
    (tmp_path / "zapdesk.db.damaged").touch()
    plain(
        path,
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'apps'",
    )
    expected_log("the log is replaced")

    async def look(_database: Database, log: RunLog) -> list[str]:
        run = (await log.page(RunFilter(), None, 10))[2]
        record = await log.record(run.id)
        assert record is not None
        return [event.text for event in record.events]

    assert "was lost when the log was damaged" in with_log(tmp_path, look)[-1]


def test_a_damaged_index_is_made_anew_and_nothing_is_lost(
    tmp_path: Path, expected_log: ExpectLog
) -> None:
    path = filled(tmp_path, 50)
    _break_index(path)

    async def inspect(database: Database, _log: RunLog) -> tuple[bool, str]:
        heard: list[str] = []
        database.trouble.subscribe(heard.append)
        (tmp_path / "zapdesk.db.checked").unlink()
        sound = await database.inspect()
        with pytest.raises(StorageUnusable, match="damaged"):
            await database.write(lambda _c: None)
        return sound, heard[0]

    expected_log("the log is damaged")
    sound, heard = with_log(tmp_path, inspect)
    assert not sound
    assert "start it again" in heard
    (notice,) = notices(tmp_path)
    assert "nothing was lost" in notice
    assert plain(path, "PRAGMA integrity_check") == [("ok",)]
    assert plain(path, "SELECT count(*) FROM runs") == [(50,)]
    assert len(list((tmp_path / "backups").iterdir())) == 1
    assert notices(tmp_path) == ()


def test_a_full_check_is_due_after_a_kill_and_not_after_a_clean_end(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    checked = tmp_path / "zapdesk.db.checked"
    assert checked.exists()
    notices(tmp_path)
    assert checked.exists()
    process = python(
        "import asyncio, sys, time\n"
        "from pathlib import Path\n"
        "from zapdesk.storage.database import Database\n"
        "folder = Path(sys.argv[1])\n"
        "asyncio.run(Database.open(folder / 'zapdesk.db', folder / 'backups'))\n"
        "print('open', flush=True)\n"
        "time.sleep(60)\n",
        tmp_path,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    process.kill()
    process.communicate()

    async def inspect(database: Database, _log: RunLog) -> bool:
        assert not checked.exists()
        return await database.inspect()

    assert with_log(tmp_path, inspect)
    assert checked.exists()


def test_a_large_healthy_file_is_not_looked_through_before_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, 1)
    asked: list[bool] = []

    def count_checks(_connection: apsw.Connection, *, full: bool) -> list[str]:
        asked.append(full)
        return []

    monkeypatch.setattr(opening, "problems", count_checks)
    notices(tmp_path)
    assert asked == [False]
    monkeypatch.setattr(opening, "CHECKED_AT_ONCE", 1)
    notices(tmp_path)
    assert asked == [False]


def test_two_processes_that_start_at_once_make_one_log(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tests.storage.making import order\n"
        "from zapdesk.storage.database import Database\n"
        "from zapdesk.storage.run_log import RunLog\n"
        "async def main():\n"
        "    folder = Path(sys.argv[1])\n"
        "    database = await Database.open(folder / 'zapdesk.db', folder / 'backups')\n"
        "    assert database.notices == () and not database.read_only_reason\n"
        "    log = RunLog(database, sys.argv[2])\n"
        "    for n in range(50):\n"
        "        await log.add(order(f'{sys.argv[2]}-{n}'), n, b'{}')\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    for process in [python(script, tmp_path, name) for name in ("one", "two", "three")]:
        finished(process)
    path = tmp_path / "zapdesk.db"
    assert plain(path, "SELECT count(*), count(DISTINCT owner_id) FROM runs") == [(150, 3)]
    assert plain(path, "PRAGMA integrity_check") == [("ok",)]


def test_rows_of_words_nobody_knows_are_read_as_the_most_cautious_ones(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)
    plain(path, "UPDATE runs SET status = 'paused', kind = 'rehearsal', resolution = 'perhaps'")

    async def look(_database: Database, log: RunLog) -> None:
        (run,) = await log.page(RunFilter(), None, 5)
        assert run.status is RunStatus.UNKNOWN
        assert run.resolution is None

    with_log(tmp_path, look)


@pytest.mark.alone
def test_opening_and_closing_a_healthy_log_takes_a_few_milliseconds(tmp_path: Path) -> None:
    filled(tmp_path, 200)

    async def time_it() -> float:
        started = time.perf_counter()
        async with opened(tmp_path):
            pass
        return time.perf_counter() - started

    assert min(asyncio.run(time_it()) for _ in range(5)) < 0.1


def _page_holding(path: Path, text: bytes) -> int:
    """The number of a page in the middle of those that hold ``text``."""
    whole = path.read_bytes()
    pages = [n for n in range(len(whole) // 4096) if text in whole[n * 4096 : (n + 1) * 4096]]
    return pages[len(pages) // 2] + 1


def _break_index(path: Path) -> None:
    """Take one entry out of an index behind SQLite's back, which leaves the table as it is."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX runs_by_time ON runs (created_ms)"
        " WHERE created_ms < 0' WHERE name = 'runs_by_time'"
    )
    connection.close()
    # Rows written now are left out of the index, as after a lost write.
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE runs SET created_ms = created_ms + 1 WHERE number = 7")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX runs_by_time ON runs (created_ms)'"
        " WHERE name = 'runs_by_time'"
    )
    connection.close()

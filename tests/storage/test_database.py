"""Two threads, two connections, several processes, and a kill at any moment."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.conftest import FULL
from tests.storage.making import OWNER, finished, opened, order, plain, python, with_log
from zapdesk.domain.runs import RunFilter
from zapdesk.errors import InvalidInput, StorageUnusable
from zapdesk.storage import database as database_module
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RunOnQt

WRITE_MANY = (
    "import asyncio, sys\n"
    "from pathlib import Path\n"
    "from tests.storage.making import order\n"
    "from zapdesk.storage.database import Database\n"
    "from zapdesk.storage.run_log import RunLog\n"
    "async def main():\n"
    "    folder = Path(sys.argv[1])\n"
    "    database = await Database.open(folder / 'zapdesk.db', folder / 'backups')\n"
    "    assert not database.read_only_reason and not database.notices\n"
    "    log = RunLog(database, 'writer')\n"
    "    body = b'[1]' * 300\n"
    "    for n in range(int(sys.argv[3])):\n"
    "        run, _ = await log.add(order(f'{sys.argv[2]}-{n}'), n, body)\n"
    "        print(run.id, flush=True)\n"
    "    await database.close()\n"
    "asyncio.run(main())\n"
)  # fmt: skip


def test_a_write_that_raises_leaves_nothing_behind(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        def work(connection: apsw.Connection) -> None:
            connection.execute("INSERT INTO action_lists VALUES (1, 'p', 'a', 1)")
            raise InvalidInput("no")

        with pytest.raises(InvalidInput):
            await database.write(work)
        with pytest.raises(apsw.SQLError):
            await database.write(lambda c: c.execute("nonsense"))
        rows = await database.read(lambda c: c.execute("SELECT * FROM action_lists").fetchall())
        assert rows == []
        assert database.read_only_reason == ""
        with pytest.raises(StorageUnusable, match="cannot be written"):
            await database.read(lambda c: c.execute("DELETE FROM runs"))

    with_log(tmp_path, use)


def test_a_connection_used_on_a_stray_thread_raises(tmp_path: Path) -> None:
    async def use(database: Database, _log: RunLog) -> None:
        stolen = await database.write(lambda connection: connection)
        for use_it in (
            lambda: stolen.execute("SELECT 1"),
            lambda: stolen.executemany("SELECT ?", [(1,)]),
            stolen.cursor,
            lambda: stolen.pragma("user_version"),
        ):
            with pytest.raises(RuntimeError, match="does not own it"):
                use_it()

    with_log(tmp_path, use)


def test_the_store_works_on_the_loop_that_qt_turns(tmp_path: Path, qt_run: RunOnQt) -> None:
    async def scenario() -> int:
        async with opened(tmp_path) as database:
            log = RunLog(database, OWNER)
            await asyncio.gather(*(log.add(order(f"{n}"), n, b"{}") for n in range(50)))
            return len(await log.page(RunFilter(), None, 100))

    assert qt_run(scenario()) == 50


def test_a_slow_read_delays_no_intent(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        going_on = threading.Event()

        def slow(_connection: apsw.Connection) -> None:
            going_on.wait(10)

        reading = asyncio.ensure_future(database.read(slow))
        await asyncio.sleep(0)
        await asyncio.wait_for(log.add(order("1"), 1, b"{}"), 5)
        assert not reading.done()
        going_on.set()
        await reading

    with_log(tmp_path, use)


def test_a_slow_survey_delays_no_page_and_not_the_end(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        begun = threading.Event()

        def is_to_stop() -> bool:
            begun.set()
            return False

        def endless(connection: apsw.Connection) -> None:
            connection.set_progress_handler(is_to_stop, 1_000)
            connection.execute(
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
                " SELECT max(x) FROM n"
            ).fetchall()

        survey = asyncio.ensure_future(database.survey(endless))
        await asyncio.to_thread(begun.wait, 10)
        async with asyncio.timeout(5):
            assert await log.page(RunFilter()) == ()
            await database.close()
        with pytest.raises(StorageUnusable, match="closed"):
            await survey

    with_log(tmp_path, use)


def test_a_caller_that_gives_up_does_not_undo_what_it_began(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        held = threading.Event()
        first = asyncio.ensure_future(database.write(lambda _c: held.wait(10)))
        adding = asyncio.ensure_future(log.add(order("1"), 1, b"{}"))
        await asyncio.sleep(0.01)
        adding.cancel()
        held.set()
        await first
        with pytest.raises(asyncio.CancelledError):
            await adding
        await database.write(lambda _c: None)  # everything before it has been done
        assert len(await log.page(RunFilter(), None, 5)) == 1

    with_log(tmp_path, use)


def test_a_loop_that_ends_first_is_no_trouble_for_the_threads(tmp_path: Path) -> None:
    held = threading.Event()

    async def leave() -> Database:
        database = await Database.open(tmp_path / "zapdesk.db", tmp_path / "backups")
        late = asyncio.ensure_future(database.write(lambda _c: held.wait(10)))
        await asyncio.sleep(0.01)
        late.cancel()
        return database

    database = asyncio.run(leave())
    held.set()
    asyncio.run(database.close())

    async def after() -> None:
        await database.close()
        with pytest.raises(StorageUnusable, match="closed"):
            await database.read(lambda _c: None)

    asyncio.run(after())
    assert not any(t.name.startswith("zapdesk log") for t in threading.enumerate())


def test_a_check_that_nobody_waits_for_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"

    def check_for_ever(connection: apsw.Connection, *, full: bool) -> list[str]:
        return [str(connection.execute(endless).fetchall()), str(full)]

    monkeypatch.setattr(database_module, "problems", check_for_ever)

    async def use(database: Database, _log: RunLog) -> None:
        checking = asyncio.ensure_future(database.inspect())
        await asyncio.sleep(0.1)
        checking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(checking), 5)
        closing = asyncio.ensure_future(database.inspect())
        await asyncio.sleep(0.1)
        await database.close()
        assert await asyncio.wait_for(closing, 5)

    with_log(tmp_path, use)


def test_another_process_that_writes_is_noticed_and_ones_own_writing_is_not(
    tmp_path: Path,
) -> None:
    async def use(database: Database, log: RunLog) -> None:
        await log.add(order("1"), 1, b"{}")
        await database.changed_elsewhere()
        await log.add(order("2"), 1, b"{}")
        assert not await database.changed_elsewhere()
        async with opened(tmp_path) as other:
            await RunLog(other, "x").add(order("3"), 1, b"{}")
        assert await database.changed_elsewhere()
        assert not await database.changed_elsewhere()

    with_log(tmp_path, use)


def test_two_processes_and_this_one_write_without_losing_a_row(tmp_path: Path) -> None:
    async def use(_database: Database, log: RunLog) -> None:
        others = [python(WRITE_MANY, tmp_path, name, 80) for name in ("a", "b")]
        for number in range(80):
            await log.add(order(f"mine-{number}"), number, b"{}")
        for process in others:
            assert len((await asyncio.to_thread(finished, process)).split()) == 80
        assert len(await log.page(RunFilter(), None, 500)) == 240

    with_log(tmp_path, use)
    assert plain(tmp_path / "zapdesk.db", "PRAGMA integrity_check") == [("ok",)]


def test_kill_9_while_writing_loses_no_row_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    for kill in range(2_000 if FULL else 15):
        folder = tmp_path / f"{kill // 100}"  # a file that only grows would take hours to check
        folder.mkdir(exist_ok=True)
        if kill % 100 == 0:
            acknowledged.clear()
        process = python(WRITE_MANY, folder, kill, 10_000)
        assert process.stdout is not None
        for _ in range(1 + kill * 7 % 40):
            acknowledged.add(process.stdout.readline().strip())
        time.sleep(kill % 5 / 1000)
        process.send_signal(signal.SIGKILL)
        rest, errors = process.communicate()
        assert not errors
        acknowledged |= {line for line in rest.split("\n")[:-1] if line}
        path = folder / "zapdesk.db"
        kept = {id_ for (id_,) in plain(path, "SELECT id FROM runs")}
        assert acknowledged <= kept
        assert plain(path, "PRAGMA quick_check") == [("ok",)]
        ((runs, bodies, events),) = plain(
            path,
            "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM run_bodies),"
            " (SELECT count(*) FROM run_events)",
        )
        assert runs == bodies == events

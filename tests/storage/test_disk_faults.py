"""Every way in which a disk can refuse: nothing is sent, reading goes on, the reason is said."""

from __future__ import annotations

import os
import shutil
import tempfile
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.storage.making import ROOT, filled, finished, order, plain, python, with_log
from zapdesk.domain.runs import RunFilter
from zapdesk.errors import StorageUnusable
from zapdesk.storage import connections

if TYPE_CHECKING:
    from zapdesk.storage.database import Database
    from zapdesk.storage.run_log import RunLog


def test_a_lock_held_by_another_program_is_busy_not_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections.writing, "__kwdefaults__", {"busy_ms": 100})
    filled(tmp_path, 1)

    async def use(database: Database, log: RunLog) -> None:
        foreign = apsw.Connection(str(tmp_path / "zapdesk.db"))
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnusable, match="Another program holds the log"):
            await log.add(order("busy"), 1, b"{}")
        assert database.read_only_reason == ""
        assert not await database.try_again()
        assert len(await log.page(RunFilter(), None, 5)) == 1
        foreign.execute("ROLLBACK")
        foreign.close()
        assert await database.try_again()
        await log.add(order("free"), 1, b"{}")

    with_log(tmp_path, use)


def test_a_log_that_is_replaced_while_in_use_is_not_written_into_the_void(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)

    async def use(database: Database, log: RunLog) -> None:
        heard: list[str] = []
        database.trouble.subscribe(heard.append)
        aside = path.with_name("moved.db")
        path.rename(aside)
        with pytest.raises(StorageUnusable):
            await log.add(order("void"), 1, b"{}")
        assert heard == [database.read_only_reason] != [""]
        aside.rename(path)
        assert await database.try_again()
        assert heard[1:] == [""]

    with_log(tmp_path, use)


FILL_UP = (
    "import asyncio, sys, resource, signal\n"
    "from pathlib import Path\n"
    "from tests.storage.making import order\n"
    "from zapdesk.domain.runs import RunFilter\n"
    "from zapdesk.errors import StorageUnusable\n"
    "from zapdesk.storage.database import Database\n"
    "from zapdesk.storage.run_log import RunLog\n"
    "make_full, make_room = sys.argv[2].split('|')\n"
    "async def main():\n"
    "    folder = Path(sys.argv[1])\n"
    "    database = await Database.open(folder / 'zapdesk.db', folder / 'backups')\n"
    "    log = RunLog(database, 'x')\n"
    "    heard = []\n"
    "    database.trouble.subscribe(heard.append)\n"
    "    kept = 0\n"
    "    exec(make_full)\n"
    "    try:\n"
    "        for n in range(3000):\n"
    "            await log.add(order(str(n)), n, bytes(range(256)) * 40)\n"
    "            kept += 1\n"
    "    except StorageUnusable as error:\n"
    "        print(error.title)\n"
    "    assert heard == [database.read_only_reason] and heard[0], heard\n"
    # A small write may still fit, where the failed one had made room in the write-ahead log.
    "    await database.try_again()\n"
    "    assert len(await log.page(RunFilter(), None, 5000)) == kept\n"
    "    exec(make_room)\n"
    "    assert await database.try_again(), database.read_only_reason\n"
    "    assert heard[-1] == '' == database.read_only_reason\n"
    "    run, is_new = await log.add(order('again'), 1, b'{}')\n"
    "    assert is_new and len(await log.page(RunFilter(), None, 5000)) == kept + 1\n"
    "    await database.close()\n"
    "asyncio.run(main())\n"
)


def test_a_file_size_limit_stops_sending_and_goes_on_when_it_is_lifted(tmp_path: Path) -> None:
    limit = (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))"
    )
    lift = "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)"
    out = finished(python(FILL_UP, tmp_path, f"{limit}|{lift}"))
    assert "disk did not take" in out or "disk is full" in out


def in_small_disk(script: str, folder: Path, *arguments: str, size: str = "3m") -> str:
    """What ``script`` prints, with ``folder`` a file system of ``size`` of its own."""
    folder.mkdir(exist_ok=True)
    mount = f'mount -t tmpfs -o size={size} tmpfs {folder} && exec "$@"'
    try:
        process = python(
            script, folder, *arguments, before=["unshare", "-rm", "sh", "-c", mount, "sh"]
        )
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    out, err = process.communicate(timeout=60)
    if "unshare:" in err or "mount:" in err:
        pytest.skip("a small disk cannot be mounted here")
    assert process.returncode == 0, err
    return out


def test_a_full_disk_stops_sending_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    full = "(folder / 'ballast').write_bytes(bytes(1_500_000))"
    room = "(folder / 'ballast').unlink()"
    assert "disk is full" in in_small_disk(FILL_UP, tmp_path / "disk", f"{full}|{room}")


def test_a_disk_too_small_for_the_copy_leaves_the_old_version_readable(tmp_path: Path) -> None:
    filled(tmp_path, 600)
    shutil.copytree(ROOT / "resources" / "migrations", tmp_path / "scripts")
    (tmp_path / "scripts" / "0099_next.sql").write_text("CREATE TABLE later (x INTEGER);")
    script = (
        "import asyncio, shutil, sys\n"
        "from pathlib import Path\n"
        "from zapdesk.domain.runs import RunFilter\n"
        "from zapdesk.storage.database import Database\n"
        "from zapdesk.storage.run_log import RunLog\n"
        "folder, origin = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "async def main():\n"
        "    shutil.copy(origin / 'zapdesk.db', folder)\n"
        "    database = await Database.open(\n"
        "        folder / 'zapdesk.db', folder / 'backups', origin / 'scripts')\n"
        "    print(database.read_only_reason)\n"
        "    assert len(await RunLog(database, 'x').page(RunFilter(), None, 999)) == 600\n"
        "    assert not any((folder / 'backups').iterdir())\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    size = f"{(tmp_path / 'zapdesk.db').stat().st_size * 3 // 2}"
    out = in_small_disk(script, tmp_path / "disk", str(tmp_path), size=size)
    assert "could not be upgraded" in out
    assert "disk is full" in out


def test_a_full_disk_at_the_first_start_is_said_in_words(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from zapdesk.errors import StorageUnusable\n"
        "from zapdesk.storage.database import Database\n"
        "folder = Path(sys.argv[1])\n"
        "(folder / 'ballast').write_bytes(bytes(90_000))\n"
        "try:\n"
        "    asyncio.run(Database.open(folder / 'zapdesk.db', folder / 'backups'))\n"
        "except StorageUnusable as error:\n"
        "    print(error.title)\n"
    )
    assert "disk is full" in in_small_disk(script, tmp_path / "disk", size="100k")


READ_ONLY = (
    "import asyncio, os, sys\n"
    "from pathlib import Path\n"
    "from zapdesk.domain.runs import RunFilter\n"
    "from zapdesk.errors import StorageUnusable\n"
    "from zapdesk.storage.database import Database\n"
    "from zapdesk.storage.run_log import RunLog\n"
    "folder = Path(sys.argv[1])\n"
    "if os.getuid() == 0:\n"
    "    os.setuid(65534)\n"
    "async def main():\n"
    "    database = await Database.open(folder / 'zapdesk.db', folder / 'backups')\n"
    "    print(database.read_only_reason)\n"
    "    assert len(await RunLog(database, 'x').page(RunFilter(), None, 5)) == 2\n"
    "    try:\n"
    "        await database.write(lambda c: None)\n"
    "    except StorageUnusable as error:\n"
    "        assert error.title == database.read_only_reason\n"
    "    else:\n"
    "        raise AssertionError\n"
    "    assert not await database.try_again()\n"
    "    await database.close()\n"
    "asyncio.run(main())\n"
)


@pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_read_only_folder_or_file_is_read_and_the_reason_is_said(
    tmp_path: Path, what: str
) -> None:
    path = filled(tmp_path / "data", 2)
    folder = path.parent
    # Another user has to get there: pytest keeps its folders to itself.
    above = takewhile(lambda part: part != Path(tempfile.gettempdir()), tmp_path.parents)
    for part in (tmp_path, *above):
        part.chmod(part.stat().st_mode | 0o755)
    for part in folder.iterdir():
        part.chmod(0o755 if part.is_dir() else 0o444)
    if what == "folder":
        folder.chmod(0o555)
    elif os.getuid() == 0:
        os.chown(folder, 65534, 65534)
    try:
        out = finished(python(READ_ONLY, folder))
    finally:
        folder.chmod(0o755)
    assert "cannot be" in out


def test_a_failed_fsync_is_not_trusted_and_the_connection_is_made_anew(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    filled(tmp_path, 1)
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tests.storage.making import order\n"
        "from zapdesk.domain.runs import RunFilter\n"
        "from zapdesk.errors import StorageUnusable\n"
        "from zapdesk.storage.database import Database\n"
        "from zapdesk.storage.run_log import RunLog\n"
        "async def main():\n"
        "    folder = Path(sys.argv[1])\n"
        "    database = await Database.open(folder / 'zapdesk.db', folder / 'backups')\n"
        "    log = RunLog(database, 'x')\n"
        "    writer = database._opened.writer\n"
        "    before = writer._connection\n"
        "    kept = []\n"
        "    for n in range(9):\n"
        "        try:\n"
        "            kept.append((await log.add(order(f'e{n}'), n, b'{}'))[0].id)\n"
        "        except StorageUnusable as error:\n"
        "            print(error.title, error.technical)\n"
        "            assert database.read_only_reason\n"
        "            assert await database.try_again()\n"
        "            assert writer._connection is not before\n"
        "    found = {run.id for run in await log.page(RunFilter(), None, 50)}\n"
        "    assert set(kept) <= found and len(kept) == 8\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    out = finished(
        python(
            script,
            tmp_path,
            before=[
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=fdatasync",
                "-e",
                "inject=fdatasync:error=EIO:when=4",
            ],
        )
    )
    assert "disk did not take" in out
    assert plain(tmp_path / "zapdesk.db", "PRAGMA integrity_check") == [("ok",)]

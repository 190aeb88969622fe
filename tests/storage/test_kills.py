"""kill -9 at system calls of a backup, of bringing one back, and of deleting for good."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import FULL, ReportFigure
from tests.storage.making import filled, finished, plain, python

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is needed (packaging/system-packages.txt)"
)

CALLS = ("pwrite64", "rename", "fdatasync", "fsync", "link", "unlink", "ftruncate")
SAMPLE = CALLS[:2]
RUNS = 40

BACK_UP = (
    "import asyncio, sys\n"
    "from pathlib import Path\n"
    "from zapdesk.paths import resource\n"
    "from zapdesk.storage.backups import Backups\n"
    "folder = Path(sys.argv[1])\n"
    "backups = Backups(folder / 'zapdesk.db', folder / 'backups', resource('migrations'))\n"
)
OPEN = (
    "import asyncio, sys\n"
    "from pathlib import Path\n"
    "from zapdesk.storage.database import Database\n"
    "folder = Path(sys.argv[1])\n"
    "async def main():\n"
    "    database = await Database.open(folder / 'zapdesk.db', folder / 'backups')\n"
    "    assert not database.read_only_reason, database.read_only_reason\n"
)
CLOSE = "    await database.close()\nasyncio.run(main())\n"
DELETE = (
    "    from zapdesk.domain.runs import RunFilter\n"
    "    from zapdesk.storage.deletions import Deletions\n"
    "    deletions = Deletions(database)\n"
    "    await deletions.clear(RunFilter(), 1_000_000)\n"
    "    while await deletions.purge(2_000_000): pass\n"
    "    while await deletions.scrub(): pass\n"
    "    await deletions.settle()\n"
)


def killed_everywhere(
    folder: Path, prepare: Callable[[Path], None], script: str, check: Callable[[Path], None]
) -> int:
    """Run ``script`` in a fresh folder again and again, each time killed at another system call;
    how often it was."""
    folder.mkdir()
    kills = 0
    for call in CALLS if FULL else SAMPLE:
        for nth in range(1, 400, 1 if FULL else 31):
            place = folder / f"{call}-{nth}"
            place.mkdir()
            prepare(place)
            process = python(
                script, place,
                before=["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                        "-e", f"inject={call}:signal=SIGKILL:when={nth}"],
            )  # fmt: skip
            _, errors = process.communicate(timeout=60)
            check(place)
            shutil.rmtree(place)
            if process.returncode == 0:
                break
            assert process.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, errors
            kills += 1
    return kills


def ended_log(folder: Path) -> Path:
    path = filled(folder, RUNS)
    plain(path, "UPDATE runs SET status = 'success'")
    return path


def test_kill_9_during_a_backup_leaves_none_or_a_whole_one(
    tmp_path: Path, report_figure: ReportFigure
) -> None:
    origin = ended_log(tmp_path)

    def check(folder: Path) -> None:
        copy = folder / "copy.db"
        if copy.exists():
            assert plain(copy, "PRAGMA integrity_check") == [("ok",)]
            assert plain(copy, "SELECT count(*) FROM runs") == [(RUNS,)]
        assert plain(folder / "zapdesk.db", "SELECT count(*) FROM runs") == [(RUNS,)]

    script = BACK_UP + "asyncio.run(backups.back_up(folder / 'copy.db'))\n"

    def prepare(folder: Path) -> None:
        shutil.copy(origin, folder / "zapdesk.db")

    kills = killed_everywhere(tmp_path / "kills", prepare, script, check)
    report_figure("system calls of a backup at which it was killed", kills, "")


def test_kill_9_while_a_backup_comes_back_leaves_the_log_or_the_backup(
    tmp_path: Path, report_figure: ReportFigure
) -> None:
    origin = ended_log(tmp_path)
    other = tmp_path / "other"
    backup = filled(other, 7)

    def prepare(folder: Path) -> None:
        shutil.copy(origin, folder / "zapdesk.db")
        shutil.copy(backup, folder / "zapdesk.db.restore")

    def check(folder: Path) -> None:
        # The next start goes on, and both logs are there.
        finished(python(OPEN + CLOSE, folder))
        assert plain(folder / "zapdesk.db", "SELECT count(*) FROM runs") == [(7,)]
        kept = {
            plain(path, "SELECT count(*) FROM runs")[0][0]
            for path in folder.glob("zapdesk.db.before-restore-*Z")
        }
        assert RUNS in kept

    kills = killed_everywhere(tmp_path / "kills", prepare, OPEN + CLOSE, check)
    report_figure("system calls of a restore at which it was killed", kills, "")


def test_kill_9_while_deleting_for_good_leaves_whole_runs_and_goes_on(
    tmp_path: Path, report_figure: ReportFigure
) -> None:
    origin = ended_log(tmp_path)

    def check(folder: Path) -> None:
        path = folder / "zapdesk.db"
        assert plain(path, "PRAGMA integrity_check") == [("ok",)]
        runs, bodies = (
            plain(path, f"SELECT count(*) FROM {table}")[0][0] for table in ("runs", "run_bodies")
        )
        assert runs == bodies
        finished(python(OPEN + DELETE + CLOSE, folder))
        assert plain(path, "SELECT count(*) FROM runs") == [(0,)]
        assert plain(path, "SELECT count(*) FROM deleted_runs") == [(0,)]

    def prepare(folder: Path) -> None:
        shutil.copy(origin, folder / "zapdesk.db")

    kills = killed_everywhere(tmp_path / "kills", prepare, OPEN + DELETE + CLOSE, check)
    report_figure("system calls of a deletion at which it was killed", kills, "")

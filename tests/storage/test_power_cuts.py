"""The power fails at random writes: what was acknowledged is there afterwards, whole and sound."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from tests.conftest import FULL, ReportFigure
from tests.storage.failing_disk import FailingDisk
from tests.storage.making import OWNER, filled, opened, order
from zapdesk.domain.runs import RunStatus
from zapdesk.storage.run_log import RunLog

CUTS = 2_000 if FULL else 60
RUNS = 40
_WRITES = 6_000  # about so many there are
_NEXT = {
    "submitting": {"submitting", "waiting"},
    "waiting": {"waiting", "success"},
    "success": {"success"},
}


@dataclass(slots=True)
class Cut:
    """The disk after it, and what had been acknowledged before: the status by the id of a run."""

    files: dict[str, bytes]
    acknowledged: dict[str, str]


async def _work(folder: Path, acknowledged: dict[str, str], synchronous: str, seed: int) -> None:
    chance = random.Random(seed)
    async with opened(folder) as database:
        # Small steps, so that cuts meet the journal being written into the file as well.
        pragmas = f"PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 40"
        await database.maintain(lambda connection: connection.execute(pragmas).fetchall())
        log = RunLog(database, OWNER)
        for number in range(RUNS):
            run, _ = await log.add(order(f"{seed}-{number}"), number, chance.randbytes(900))
            acknowledged[run.id] = "submitting"
            for status in (RunStatus.WAITING, RunStatus.SUCCESS):
                results = chance.randbytes(3_000) if status is RunStatus.SUCCESS else None
                await log.move(run.id, status, at_ms=number, results=results)
                acknowledged[run.id] = status.value
        await database.maintain(lambda _: acknowledged.clear())  # closing is not cut


def _cuts(folder: Path, count: int, synchronous: str, seed: int) -> list[Cut]:
    """Cut the power at about so many random moments of some work on a new log."""
    folder.mkdir()
    filled(folder, 1)
    chance = random.Random(seed)
    acknowledged: dict[str, str] = {}
    found: list[Cut] = []

    def maybe() -> None:
        if acknowledged and chance.random() < count / _WRITES:
            found.append(Cut(disk.after_a_cut(chance), dict(acknowledged)))

    with FailingDisk(maybe) as disk:
        asyncio.run(_work(folder, acknowledged, synchronous, seed))
    return found


def _lost(cut: Cut, folder: Path) -> int:
    """How many acknowledged facts are gone, once the disk is looked at again."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in cut.files.items():
        (folder / name).write_bytes(content)
    try:
        connection = apsw.Connection(str(folder / "zapdesk.db"), vfs="unix")
        try:
            rows = connection.execute(
                "SELECT id, status FROM runs JOIN run_bodies ON run = number"
                " WHERE status <> 'success' OR results IS NOT NULL"
            )
            kept = {str(id_): str(status) for id_, status in rows}
            if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return len(cut.acknowledged)
        finally:
            connection.close()
    except apsw.Error:
        return len(cut.acknowledged)
    return sum(kept.get(id_, "") not in _NEXT[status] for id_, status in cut.acknowledged.items())


def test_a_power_cut_at_random_writes_loses_nothing_that_was_acknowledged(
    tmp_path: Path, report_figure: ReportFigure
) -> None:
    done = lost = 0
    seed = 1
    while done < CUTS:
        for cut in _cuts(tmp_path / f"log{seed}", min(400, CUTS - done + 5), "FULL", seed):
            lost += _lost(cut, tmp_path / "after")
            done += 1
        seed += 1
    report_figure("power cuts", done, "")
    report_figure("acknowledged facts lost in them", lost, "")
    assert lost == 0


def test_the_simulated_disk_does_lose_what_is_not_synced(tmp_path: Path) -> None:
    cuts = _cuts(tmp_path / "log", 40, "NORMAL", 7)
    assert any(_lost(cut, tmp_path / "after") for cut in cuts)


@pytest.fixture(autouse=True)
def _posix() -> None:
    if "unix" not in apsw.vfs_names():
        pytest.skip("the simulated disk lies on the VFS of POSIX systems")

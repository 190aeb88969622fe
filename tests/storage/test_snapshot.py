"""What the first screen shows is read in a blink, and never gets in anybody's way."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING

import apsw
import pytest

from tests.storage.making import filled, finished, opened, plain, python
from zapdesk.domain.catalog import App
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.snapshot import read_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import ReportFigure


def store(folder: Path, apps: int, runs: int) -> Path:
    path = filled(folder, runs)

    async def fill() -> None:
        async with opened(folder) as database:
            await CatalogCache(database).put_apps(
                "sandbox", [App(f"id-{n}", f"App {n}", hex_color="#FF4A00") for n in range(apps)], 0
            )

    asyncio.run(fill())
    return path


def test_the_tops_of_both_lists_are_read(tmp_path: Path) -> None:
    path = store(tmp_path, 300, 80)
    found = read_snapshot(path, "sandbox")
    assert found is not None
    assert (len(found.apps), len(found.runs)) == (200, 60)
    assert (found.apps[3].id, found.apps[3].title, found.apps[3].hex_color) == (
        "id-3", "App 3", "#FF4A00",
    )  # fmt: skip
    assert [run.created_ms for run in found.runs[:2]] == [1079, 1078]
    assert not found.runs[0].is_mine
    empty = read_snapshot(path, "nobody")
    assert empty is not None
    assert (empty.apps, empty.runs) == ((), ())


def test_nothing_is_shown_of_a_file_that_is_not_as_expected(tmp_path: Path) -> None:
    assert read_snapshot(tmp_path / "missing.db", "sandbox") is None
    for content in (b"", b"<html>" * 999, b"SQLite format 3\x00" + b"\xa5" * 5000):
        (tmp_path / "x.db").write_bytes(content)
        assert read_snapshot(tmp_path / "x.db", "sandbox") is None
        assert (tmp_path / "x.db").read_bytes() == content
    assert read_snapshot(tmp_path, "sandbox") is None
    old = tmp_path / "old.db"
    plain(old, "CREATE TABLE runs (x)")
    assert read_snapshot(old, "sandbox") is None


def test_it_is_read_beside_a_writer_and_does_not_wait_for_a_locked_file(tmp_path: Path) -> None:
    path = store(tmp_path, 3, 3)
    writer = apsw.Connection(str(path))
    writer.execute("BEGIN IMMEDIATE; DELETE FROM runs")
    found = read_snapshot(path, "sandbox")
    assert found is not None
    assert len(found.runs) == 3
    writer.execute("ROLLBACK")
    writer.pragma("locking_mode", "EXCLUSIVE")
    writer.execute("BEGIN EXCLUSIVE; DELETE FROM runs")
    started = time.perf_counter()
    read_snapshot(path, "sandbox")
    assert time.perf_counter() - started < 1
    writer.execute("ROLLBACK")
    writer.close()


def test_the_loop_and_the_network_are_not_imported_for_it() -> None:
    script = (
        "import sys\n"
        "import zapdesk.storage.snapshot\n"
        "later = {'asyncio', 'ssl', 'httpx', 'keyring', 'logging'}\n"
        "print(sorted(later & set(sys.modules)))\n"
    )
    assert finished(python(script)) == "[]\n"


@pytest.mark.alone
def test_8000_apps_and_1000_runs_are_ready_in_8_milliseconds(
    tmp_path: Path, report_figure: ReportFigure
) -> None:
    path = store(tmp_path, 8_000, 1_000)
    times = []
    for _ in range(9):
        started = time.perf_counter()
        assert read_snapshot(path, "sandbox") is not None
        times.append((time.perf_counter() - started) * 1000)
    report_figure("snapshot of 8,000 apps and 1,000 runs", statistics.median(times), "ms")
    assert min(times) < 8

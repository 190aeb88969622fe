"""kill -9 at system calls of one send, and of watching: never sent twice, never sent without a
row, worded truly; no run that was accepted is lost by looking at it.

A sample by default; every call of them in a full run.
"""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.cli.program import zapdesk
from tests.conftest import FULL, ReportFigure
from tests.sandbox_server import Address, running_sandbox
from tests.services.desk import told
from tests.services.fault_proxy import told as sandbox_told
from zapdesk.domain.runs import RunFilter, RunOrder, RunRecord, RunStatus
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog

CALLS = (
    "pwrite64", "fdatasync", "fsync", "sendto", "recvfrom", "connect", "socket", "write",
    "fcntl", "ftruncate", "unlink", "close",
)  # fmt: skip
IN_SAMPLE = {"pwrite64": 5, "fdatasync": 4, "sendto": 6, "recvfrom": 5, "connect": 3}
"""Points of the sample by kind of call; one of every other."""
LOOKS_IN_SAMPLE = {"pwrite64": 3, "fdatasync": 2, "sendto": 1, "recvfrom": 2}
"""The same for watching; none of every other."""

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is needed (packaging/system-packages.txt)"
)


@pytest.fixture
def sandbox(home: Path) -> Iterator[Address]:
    with running_sandbox(home) as address:
        yield address


def _run(home: Path, note: str, *strace: str) -> int:
    arguments = ("--sandbox", "run", "Fault Lab", "mark", "--input", f"note={note}", "--json")
    before = ("strace", "-f", "-qq", *strace) if strace else ()
    return zapdesk(home, *arguments, before=before, timeout_s=120).code


def _watch(home: Path, id: str, *strace: str) -> int:
    before = ("strace", "-f", "-qq", *strace) if strace else ()
    return zapdesk(home, "watch", id, "--json", before=before, timeout_s=120).code


def _counts(trace: Path, work: Callable[..., int]) -> Counter[str]:
    """How often ``work`` makes each call: the most by any one thread, as strace counts them."""
    names = ",".join(CALLS)
    assert work("-o", str(trace), "-e", f"trace={names}") == 0
    of_threads = Counter(re.findall(r"^(\d+) +(\w+)\(", trace.read_text("utf-8", "replace"), re.M))
    most: Counter[str] = Counter()
    for (_, name), count in of_threads.items():
        most[name] = max(most[name], count)
    return most


def _points(
    counts: Counter[str], in_sample: Mapping[str, int], of_others: int
) -> list[tuple[str, int]]:
    chosen = random.Random(7)  # no secret: a fixed sample
    points: list[tuple[str, int]] = []
    for name in CALLS:
        every = range(1, counts[name] + 1)
        numbers = (
            every if FULL else chosen.sample(every, min(in_sample.get(name, of_others), len(every)))
        )
        points += [(name, number) for number in sorted(numbers)]
    return points


@asynccontextmanager
async def _log(home: Path) -> AsyncIterator[RunLog]:
    database = await Database.open(home / "data" / "zapdesk.db", home / "data" / "backups")
    try:
        yield RunLog(database, "nobody")
    finally:
        await database.close()


async def _records(home: Path) -> dict[str, RunRecord]:
    async with _log(home) as log:
        return await _noted(log)


async def _noted(log: RunLog) -> dict[str, RunRecord]:
    found = {}
    for run in await log.page(RunFilter(), None, 10_000):
        record = await log.record(run.id)
        assert record is not None
        note = re.search(rb'"note": ?"([^"]+)"', record.inputs)
        assert note is not None
        found[note[1].decode()] = record
    return found


async def _left_waiting(home: Path, count: int) -> list[str]:
    """So many rows of a dead process that wait for the one run that the server was sent."""
    now = time.time_ns() // 1_000_000
    async with _log(home) as log:
        first = await log.record((await log.find("last")).id)
        assert first is not None
        run, ids = first.run, []
        for number in range(count):
            order = RunOrder(
                run.profile_id, run.action, run.app_title, run.action_title, None, "", {},
                nonce=f"left {number}",
            )  # fmt: skip
            made, _ = await log.add(order, now - 120_000, b'{"note": "left.%d"}' % number)
            await log.move(
                made.id, RunStatus.WAITING, at_ms=now, run_id=run.run_id, accepted_ms=now - 120_000
            )
            ids.append(made.id)
    return ids


def test_kill_9_at_system_calls_of_a_send_loses_and_repeats_nothing(
    home: Path, tmp_path: Path, sandbox: Address, report_figure: ReportFigure
) -> None:
    assert _run(home, "first") == 0
    counts = _counts(tmp_path / "trace", partial(_run, home, "counted"))
    points = _points(counts, IN_SAMPLE, 1)
    killed = 0
    for name, number in points:
        code = _run(home, f"{name}.{number}.", "-o", "/dev/null", "-e", f"trace={name}",
                    "-e", f"inject={name}:signal=SIGKILL:when={number}")  # fmt: skip
        killed += code not in {0, 4}
    # The next start makes sense of what was left.
    assert zapdesk(home, "runs", "--json").code == 0
    records = asyncio.run(_records(home))
    received = asyncio.run(sandbox_told(sandbox, "received"))
    executed: Counter[str] = Counter()
    for entry in received:
        sent = re.search(r'"note": ?"([^"]+)"', entry["body"])
        assert sent is not None
        executed[sent[1]] += 1

    assert killed > len(points) * 0.8
    assert max(executed.values()) == 1, "a run was sent twice"
    assert set(executed) <= set(records), "a run was sent without a row"
    for note, record in records.items():
        status = record.run.status
        assert status is not RunStatus.SUBMITTING, note
        if note in executed:
            assert status in {RunStatus.UNKNOWN, RunStatus.WAITING, RunStatus.SUCCESS}, note
        if status in {RunStatus.WAITING, RunStatus.SUCCESS}:
            assert note in executed
            assert record.run.run_id in {entry["run_id"] for entry in received}
        if status is RunStatus.UNKNOWN:
            assert "may have run" in told(record)
            assert "Look in Fault Lab before you send it again" in told(record)
    kinds = Counter(record.run.status for record in records.values())
    assert kinds[RunStatus.UNKNOWN]
    for record in records.values():
        if record.run.status is RunStatus.WAITING:
            watched = zapdesk(home, "watch", record.run.id, "--json")
            assert (watched.code, watched.json["run"]["status"]) == (0, "success")
            break
    report_figure("system calls of a send at which it was killed", killed, "")
    report_figure("of these ended unknown", kinds[RunStatus.UNKNOWN], "")
    report_figure("sent twice, or sent without a row", 0, "")


@pytest.mark.usefixtures("sandbox")
def test_kill_9_at_system_calls_of_watching_loses_no_run_and_no_result(
    home: Path, tmp_path: Path, report_figure: ReportFigure
) -> None:
    assert _run(home, "first") == 0
    ids = asyncio.run(_left_waiting(home, 1_000 if FULL else 20))
    counted, rest = ids[0], ids[1:]
    counts = _counts(tmp_path / "trace", partial(_watch, home, counted))
    points = _points(counts, LOOKS_IN_SAMPLE, 0)[: len(rest)]
    killed = sum(
        _watch(home, id, "-o", "/dev/null", "-e", f"trace={name}",
               "-e", f"inject={name}:signal=SIGKILL:when={number}") != 0
        for id, (name, number) in zip(rest, points, strict=False)
    )  # fmt: skip
    assert killed > len(points) * 0.7
    records = asyncio.run(_records(home))
    looked_at = [record for record in records.values() if record.run.id in rest[: len(points)]]
    ended = [record for record in looked_at if record.run.status is RunStatus.SUCCESS]
    for record in looked_at:
        assert record.run.status in {RunStatus.WAITING, RunStatus.SUCCESS}
    wanted = records["first"].results
    assert wanted
    assert all(record.results == wanted for record in ended)
    waiting = [record.run.id for record in looked_at if record.run.status is RunStatus.WAITING]
    for id in waiting[:2]:  # whoever comes next takes them up
        assert _watch(home, id) == 0
    report_figure("system calls of watching at which it was killed", killed, "")

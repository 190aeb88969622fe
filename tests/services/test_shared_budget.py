"""The budget among processes: one minute for all of them, whoever comes, waits or dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.services.shared_budget import fast_clock, shared_budget
from zapdesk.api.transport import Admission
from zapdesk.services.budget import CALLS, RESERVED, WINDOW_S
from zapdesk.storage.call_record import TURN_S, CallRecord, Calls


def start(folder: Path, deed: str, seconds: float = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.services.shared_budget", str(folder), deed, str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def times(process: subprocess.Popen[str]) -> list[float]:
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return [float(line) for line in out.splitlines()]


def most_in_a_minute(moments: list[float]) -> int:
    # A call is counted a moment before it is printed, by as much as a slow machine takes.
    return max(sum(end - WINDOW_S * 0.9 < m <= end for m in moments) for end in moments)


def test_five_processes_together_make_no_more_calls_a_minute_than_one(tmp_path: Path) -> None:
    processes = [start(tmp_path, "person", 1.7) for _ in range(5)]
    made = sorted(moment for process in processes for moment in times(process))
    assert len(made) >= 2 * CALLS  # it does not stand still either
    assert most_in_a_minute(made) <= CALLS


def test_ten_calls_are_left_to_a_person_while_other_processes_work_in_the_background(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        processes = [start(tmp_path, "background", 1.0) for _ in range(2)]
        try:
            budget = shared_budget(tmp_path)
            while budget.wait_s(Admission.BACKGROUND) == 0:
                await asyncio.sleep(0.02)
            assert budget.left is not None
            assert budget.left >= RESERVED
            begun = fast_clock()
            for _ in range(RESERVED):
                await budget.admit(Admission.PERSON)
            assert fast_clock() - begun < WINDOW_S / 2
            await budget.close()
        finally:
            for process in processes:
                process.communicate(timeout=30)

    asyncio.run(scenario())


def test_a_wait_that_one_process_was_told_holds_for_all(tmp_path: Path) -> None:
    async def scenario() -> None:
        budget = shared_budget(tmp_path)
        await budget.admit(Admission.PERSON)
        assert times(start(tmp_path, "pause", 120)) == []
        told = fast_clock()
        await budget.admit(Admission.PERSON)
        assert fast_clock() - told > 60  # two of these minutes, less what the other needed to end
        await budget.close()

    asyncio.run(scenario())


def test_a_process_that_stops_or_dies_while_it_counts_holds_nobody_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        process = start(tmp_path, "die")
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "holds\n"
            budget = shared_budget(tmp_path)
            calls = asyncio.gather(*(budget.admit(Admission.PERSON) for _ in range(3)))
            longest = 0.0
            while not calls.done():  # half a second for the lock, then they go on alone
                begun = time.monotonic()
                await asyncio.sleep(0.001)
                longest = max(longest, time.monotonic() - begun)
            assert longest < TURN_S / 2
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            await budget.admit(Admission.PERSON)
            assert len(CallRecord(tmp_path, "zapier", WINDOW_S, fast_clock).look().made) == 1
            await budget.close()
        finally:
            process.kill()
            process.communicate()

    asyncio.run(scenario())


def test_a_folder_that_cannot_be_written_leaves_each_process_its_own_budget(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        budget = shared_budget(tmp_path / "missing", limit=3)
        await asyncio.gather(*(budget.admit(Admission.PERSON) for _ in range(3)))
        assert budget.left == 0
        await budget.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "content",
    [b"", b"calls", b"calls 1\n" + b"\xff" * 20, b"calls 1\n" + b"\xff" * 400, b"\0" * 4096],
)
def test_a_record_that_cannot_be_read_counts_as_empty_and_is_written_anew(
    tmp_path: Path, content: bytes
) -> None:
    record = CallRecord(tmp_path, "zapier", WINDOW_S)
    record._path.write_bytes(content)
    assert record.look() == Calls()
    is_counted, calls = record.claim(1)
    assert is_counted
    assert record.look() == calls
    assert record.claim(1)[0] is False


def test_calls_and_pauses_of_before_the_computer_was_started_are_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = CallRecord(tmp_path, "zapier", WINDOW_S)
    assert record.claim(1)[0]
    record.pause(time.monotonic() + 500)
    started = time.time() - time.monotonic()
    monkeypatch.setattr("zapdesk.storage.call_record._started_at", lambda: started + 7200)
    assert record.look() == Calls()
    assert record.claim(1)[0]


def test_profiles_have_a_budget_each(tmp_path: Path) -> None:
    assert CallRecord(tmp_path, "one", WINDOW_S).claim(1)[0]
    assert CallRecord(tmp_path, "two", WINDOW_S).claim(1)[0]

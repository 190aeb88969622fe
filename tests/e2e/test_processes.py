"""Whole processes against each other: killed, restarted, two at once, with a sandbox that dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.cli.program import ended, line_with, started, zapdesk
from tests.sandbox_server import running_sandbox
from tests.services.fault_proxy import told as sandbox_told
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog

SLOW = ("--sandbox", "run", "Fault Lab", "slow", "--input")


def _sandbox_pid(home: Path) -> int:
    pid: int = json.loads((home / "data" / "sandbox" / "address.json").read_text())["pid"]
    return pid


def test_kill_9_while_waiting_then_watch_last_brings_the_result(home: Path) -> None:
    with running_sandbox(home):
        process = started(home, *SLOW, "seconds=2", "--json")
        line_with(process, "Accepted as")
        process.kill()
        ended(process)
        shown = zapdesk(home, "show", "last", "--json")
        assert (shown.code, shown.json["run"]["status"]) == (6, "waiting")
        watched = zapdesk(home, "watch", "last", "--json")
        assert (watched.code, watched.json["run"]["status"]) == (0, "success")
        assert watched.json["run"]["id"] == shown.json["run"]["id"]
        assert watched.json["run"]["results"]


def test_kill_9_while_sending_is_unknown_at_the_next_start(home: Path) -> None:
    with running_sandbox(home):
        process = started(home, "--sandbox", "run", "Fault Lab", "silence", "--json")
        line_with(process, "sending to")
        time.sleep(1)
        process.kill()
        ended(process)
        shown = zapdesk(home, "show", "last", "--json")
        assert (shown.code, shown.json["run"]["status"]) == (5, "unknown")
        assert "may have run, or not" in shown.json["run"]["errors"][0]["detail"]


def test_computer_suspended_between_send_and_reply_is_unknown_on_waking(home: Path) -> None:
    with running_sandbox(home):
        process = started(home, "--sandbox", "run", "Fault Lab", "silence", "--json")
        line_with(process, "sending to")
        time.sleep(1)
        process.send_signal(signal.SIGSTOP)
        os.kill(_sandbox_pid(home), signal.SIGKILL)  # the line dies while nobody is awake
        process.send_signal(signal.SIGCONT)
        done = ended(process)
        assert (done.code, done.json["run"]["status"]) == (5, "unknown")
        assert "no usable answer" in done.json["run"]["errors"][0]["detail"]


def test_computer_suspended_while_a_run_waits_polls_on_after_waking(home: Path) -> None:
    with running_sandbox(home):
        process = started(home, *SLOW, "seconds=1", "--json")
        line_with(process, "Accepted as")
        process.send_signal(signal.SIGSTOP)
        time.sleep(2)  # the run ends meanwhile
        process.send_signal(signal.SIGCONT)
        done = ended(process)
        assert (done.code, done.json["run"]["status"]) == (0, "success")


def test_living_process_keeps_its_send_while_others_look_into_the_log(home: Path) -> None:
    with running_sandbox(home):
        process = started(home, "--sandbox", "run", "Fault Lab", "silence", "--json")
        line_with(process, "sending to")
        shown = zapdesk(home, "show", "last", "--json")
        assert shown.json["run"]["status"] == "submitting"
        process.send_signal(signal.SIGTERM)
        done = ended(process, 5)
        assert (done.code, done.json["run"]["status"]) == (5, "unknown")


def test_two_processes_at_once_keep_one_log_in_order(home: Path) -> None:
    with running_sandbox(home):
        both = [started(home, *SLOW, f"seconds={n}", "--json") for n in ("0.5", "1")]
        done = [ended(process) for process in both]
        assert [d.code for d in done] == [0, 0]
        listed = zapdesk(home, "runs", "--json").json["runs"]
        assert {r["id"] for r in listed} == {d.json["run"]["id"] for d in done}
        assert {r["status"] for r in listed} == {"success"}


def test_watcher_takes_over_when_the_process_that_sent_it_is_killed(home: Path) -> None:
    with running_sandbox(home):
        sender = started(home, *SLOW, "seconds=8", "--json")
        line_with(sender, "Accepted as")
        watcher = started(home, "watch", "last", "--json")
        time.sleep(1.5)
        sender.kill()
        ended(sender)
        done = ended(watcher, 60)
        assert (done.code, done.json["run"]["status"]) == (0, "success")


def test_sandbox_that_is_restarted_in_between_still_has_the_run(home: Path) -> None:
    with running_sandbox(home):
        sent = zapdesk(home, *SLOW, "seconds=2", "--no-wait", "--json")
        assert sent.code == 6
    with running_sandbox(home):
        watched = zapdesk(home, "watch", "last", "--json")
        assert (watched.code, watched.json["run"]["status"]) == (0, "success")
        assert watched.json["run"]["run_id"] == sent.json["run"]["run_id"]


def test_sandbox_that_is_killed_while_a_run_waits_is_started_again_by_the_next_command(
    home: Path,
) -> None:
    # Nobody started one: the first command does, and the sandbox outlives it for a while.
    sent = zapdesk(home, *SLOW, "seconds=3", "--no-wait", "--json")
    assert sent.code == 6
    first = _sandbox_pid(home)
    os.kill(first, signal.SIGKILL)
    watched = zapdesk(home, "watch", "last", "--json")
    try:
        assert (watched.code, watched.json["run"]["status"]) == (0, "success")
        assert _sandbox_pid(home) != first
    finally:
        os.kill(_sandbox_pid(home), signal.SIGTERM)


def test_run_that_waits_while_the_sandbox_dies_stays_waiting_and_says_so(home: Path) -> None:
    with running_sandbox(home) as address:
        process = started(home, *SLOW, "seconds=60", "--wait", "4", "--json")
        line_with(process, "Accepted as")
        address.process.kill()
        done = ended(process, 30)
        assert (done.code, done.json["run"]["status"]) == (6, "waiting")
        assert done.json["run"]["run_id"]


def test_commands_for_the_log_start_no_sandbox(home: Path) -> None:
    assert zapdesk(home, "runs", "--json").json == {"runs": []}
    assert zapdesk(home, "show", "last").code == 2
    assert not (home / "data" / "sandbox" / "address.json").exists()


def test_suspend_between_send_and_reply_and_while_waiting_changes_nothing(home: Path) -> None:
    with running_sandbox(home, latency_ms=700) as sandbox:
        process = started(home, *SLOW, "seconds=1", "--json")
        for moment in ("sending to", "Accepted as"):
            line_with(process, moment)
            process.send_signal(signal.SIGSTOP)
            time.sleep(1)
            process.send_signal(signal.SIGCONT)
        done = ended(process, 60)
        assert (done.code, done.json["run"]["status"]) == (0, "success")
        assert len(asyncio.run(sandbox_told(sandbox, "received"))) == 1


@pytest.mark.long
def test_two_instances_watch_one_run_and_one_of_them_asks(home: Path) -> None:
    with running_sandbox(home):
        sender = started(home, *SLOW, "seconds=7", "--json")
        line_with(sender, "Accepted as")
        watchers = [started(home, "watch", "last", "--json") for _ in range(2)]
        time.sleep(1.5)
        sender.kill()
        ended(sender)
        done = [ended(watcher, 60) for watcher in watchers]
        assert [(d.code, d.json["run"]["status"]) for d in done] == [(0, "success")] * 2
        found = done[0].json["run"]
        assert asyncio.run(_looks(home, found["id"])) <= 7  # one that asks makes about five


async def _looks(home: Path, id: str) -> int:
    database = await Database.open(home / "data" / "zapdesk.db", home / "data" / "backups")
    try:
        kept = await RunLog(database, "nobody").exchanges(id)
    finally:
        await database.close()
    return sum(1 + e.repeated for e in kept if e.method == "GET" and "/action-runs/" in e.url)

"""Ctrl-C, before anything was sent and after: the exit code and the words tell which."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.cli.program import ended, interrupt, line_with, started, zapdesk
from tests.sandbox_server import Address, running_sandbox


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Address) -> None:
    """Every test here speaks to it."""


def test_ctrl_c_after_the_run_was_accepted_exits_6_with_its_row(shared_home: Path) -> None:
    process = started(shared_home, "--sandbox", "run", "Fault Lab", "waiting_forever", "--json")
    line_with(process, "Accepted as")
    interrupt(process)
    done = ended(process, 5)
    assert done.code == 6
    assert done.json["run"]["status"] == "waiting"
    assert done.json["run"]["run_id"]
    assert "Traceback" not in done.err


def test_ctrl_c_while_the_answer_is_awaited_exits_5_with_its_row(shared_home: Path) -> None:
    process = started(shared_home, "--sandbox", "run", "Fault Lab", "silence", "--json")
    line_with(process, "sending to")
    time.sleep(1)  # the POST has left by now, and is never answered
    interrupt(process)
    done = ended(process, 5)
    assert (done.code, done.json["run"]["status"]) == (5, "unknown")
    assert "closed before an answer came" in done.json["run"]["errors"][0]["detail"]


def test_second_ctrl_c_does_not_cut_off_what_is_being_settled(shared_home: Path) -> None:
    process = started(shared_home, "--sandbox", "run", "Fault Lab", "silence", "--json")
    line_with(process, "sending to")
    time.sleep(1)
    interrupt(process)
    interrupt(process)
    done = ended(process, 5)
    assert (done.code, done.json["run"]["status"]) == (5, "unknown")
    assert "Traceback" not in done.err


def test_ctrl_c_before_anything_was_sent_exits_130(tmp_path: Path) -> None:
    # A sandbox that takes its time: the form is still being fetched when the signal comes.
    with running_sandbox(tmp_path, latency_ms=1500):
        process = started(tmp_path, "--sandbox", "run", "Fault Lab", "mark", "--json")
        until = time.monotonic() + 30
        while not list((tmp_path / "data" / "sandbox" / "clients").glob("*.lock")):
            assert time.monotonic() < until, "it never joined the sandbox"
            time.sleep(0.02)
        interrupt(process)
        done = ended(process, 5)
        assert done.code == 130
        assert done.json["error"]["title"] == "Interrupted."
        assert zapdesk(tmp_path, "runs", "--json").json == {"runs": []}


def test_ctrl_c_while_watching_exits_6_and_the_run_goes_on(shared_home: Path) -> None:
    sent = zapdesk(
        shared_home, "--sandbox", "run", "Fault Lab", "slow", "--input", "seconds=5", "--no-wait",
        "--json",
    )  # fmt: skip
    assert sent.code == 6
    process = started(shared_home, "watch", "last", "--json")
    line_with(process, "Waiting for its end")
    interrupt(process)
    done = ended(process, 5)
    assert (done.code, done.json["run"]["status"]) == (6, "waiting")
    again = zapdesk(shared_home, "watch", "last", "--json")
    assert (again.code, again.json["run"]["status"]) == (0, "success")


# In the order in which they are imported, from the first one of a command to the last.
@pytest.mark.parametrize(
    "module", ["argparse", "zapdesk.redaction", "zapdesk.vault", "zapdesk.cli.main", "httpx"]
)
def test_ctrl_c_while_modules_load_never_ends_in_a_traceback(
    shared_home: Path, module: str
) -> None:
    process = started(
        shared_home, "--sandbox", "apps", "--json", env={"PYTHONPROFILEIMPORTTIME": "1"}
    )
    line_with(process, f" {module}\n")
    interrupt(process)
    done = ended(process, 10)
    assert "Traceback" not in done.err, done.err
    assert done.code in {0, 130, -signal.SIGINT}

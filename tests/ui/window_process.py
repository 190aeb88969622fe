"""The real window in a process of its own, with something to do once its loop turns."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
CLOSING_SECONDS = 2.0
SECRET = "sk-live-0123456789abcdef"

# Runs the real window; ACTION is performed once the event loop turns, `life` is what runs it.
DRIVER = """
import asyncio, faulthandler, gc, sys, threading, time
import zapdesk.ui.shell.life as module
from zapdesk.redaction import REDACTOR

REDACTOR.register({secret!r})
begin = module.Life._begin

def act(life, window, application, after):
    {action}

def begin_and_act(life):
    begin(life)
    after = lambda seconds, work: life._loop.call_later(seconds, work)
    print("running", flush=True)
    act(life, life._window, life._application, after)

module.Life._begin = begin_and_act
from zapdesk.ui.shell.application import run_window
sys.exit(run_window({arguments!r}))
"""


def start(action: str = "pass", arguments: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start the window's process and wait until its loop turns."""
    body = "\n    ".join(action.strip().splitlines())
    script = DRIVER.format(action=body, arguments=list(arguments), secret=SECRET)
    # Its module is imported in the script, before the first frame: fine, for this is not measured.
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    patience = threading.Timer(START_SECONDS, process.kill)
    patience.start()
    first_line = process.stdout.readline()
    patience.cancel()
    patience.join()
    assert first_line == "running\n", process.communicate(timeout=5)[1]
    return process


def ended(process: subprocess.Popen[str], within: float = START_SECONDS) -> int:
    """The exit code; the process is killed, and the test fails, where it takes longer."""
    try:
        process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        pytest.fail(f"still running after {within} s")
    return process.returncode


def session_file(home: Path) -> Path:
    return home / "logs" / "session.txt"

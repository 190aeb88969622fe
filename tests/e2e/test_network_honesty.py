"""The whole program contacts the profile's server and nobody else, and offline nobody at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import zapdesk
from zapdesk.paths import Paths

pytestmark = pytest.mark.qt

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90

DRIVER = """
from tests.e2e.network_stories import tell
import zapdesk.ui.shell.life as module

begin = module.Life._begin

def begin_and_tell(life):
    begin(life)
    life._closer.start(tell(life, {story!r}))

module.Life._begin = begin_and_tell
from zapdesk.ui.shell.application import run_window
run_window({arguments!r})
"""


@pytest.fixture(autouse=True)
def sandbox_ends(home: Path) -> Iterator[None]:
    yield
    told = Paths.find().sandbox / "address.json"
    if told.exists():
        os.kill(json.loads(told.read_text())["pid"], signal.SIGTERM)


def _told(story: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER.format(story=story, arguments=list(arguments))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_only_the_server_of_the_profile_is_contacted_and_all_of_it_is_listed(home: Path) -> None:
    told = _told("online", "--sandbox")
    assert told["status"] == "success"
    (server,) = told["connected"]
    assert server[0] == "127.0.0.1"
    assert told["counted"] == told["connected"]
    assert told["connections"] == told["sockets"]
    assert told["looked_up"] == []
    # And offline it opens no socket; what was pressed is told as not sent.
    assert told["offline_status"] == "not_sent"
    assert told["more"] == 0


def test_window_opened_offline_shows_what_there_is_and_goes_online(home: Path) -> None:
    told = _told("offline", "--offline", "--sandbox")
    assert told["sockets"] == 0
    assert any("works offline" in text for text in told["notices"])
    assert not any("offline" in text for text in told["notices_after"])
    assert told["apps"] > 0
    assert told["connected"] == 1
    assert zapdesk(home, "settings", "get", "offline").out.strip() == "false"

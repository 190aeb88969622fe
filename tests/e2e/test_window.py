"""The real window over the real sandbox, in a process of its own: used, killed, started again."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from zapdesk.paths import Paths

pytestmark = pytest.mark.qt

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90
# 1.8 s are given to closing; the rest is what the system needs to end a process.
CLOSING_SECONDS = 2.5

DRIVER = """
import zapdesk.ui.shell.life as module
from tests.e2e.window_stories import tell

begin = module.Life._begin

def begin_and_tell(life):
    begin(life)
    life._closer.start(tell(life, {story!r}))

module.Life._begin = begin_and_tell
from zapdesk.ui.shell.application import run_window
run_window({arguments!r})
"""


class Window:
    """A window's process that does what a story says."""

    def __init__(self, story: str, *arguments: str) -> None:
        """Without ``arguments`` it goes to the sandbox at once."""
        driver = DRIVER.format(story=story, arguments=list(arguments) or ["--sandbox"])
        self.process = subprocess.Popen(
            [sys.executable, "-c", driver],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def line(self) -> Any:
        """The next thing it says."""
        assert self.process.stdout is not None
        patience = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        patience.start()
        line = self.process.stdout.readline()
        patience.cancel()
        patience.join()
        if not line:
            pytest.fail(self.process.communicate()[1])
        return json.loads(line)

    def tell(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Wait for its end; the exit code."""
        try:
            self.process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        return self.process.returncode


@pytest.fixture
def sandbox_ends(home: Path) -> Iterator[None]:
    """The sandbox that a window started outlives it by half a minute: end it with the test."""
    yield
    told = Paths.find().sandbox / "address.json"
    if told.exists():
        os.kill(json.loads(told.read_text())["pid"], signal.SIGTERM)


@pytest.mark.usefixtures("sandbox_ends")
def test_a_run_by_keys_alone_survives_a_kill_of_the_window(home: Path) -> None:
    window = Window("run_by_keys")
    told = window.line()
    assert told == {"status": "success", "visited": [0, 1, 2, 3]}
    window.process.kill()
    window.end()

    again = Window("look_at_history")
    found = again.line()
    assert again.end() == 0
    assert (found["rows"], found["status"]) == (1, "success")
    assert found["inputs"] == {"note": "written by keys"}
    assert found["results"][0]["note"] == "written by keys"

    third = Window("run_again_by_keys")
    assert third.line() == {"key": "mark", "note": "written by keys", "runs": 1}
    assert third.end() == 0


@pytest.mark.usefixtures("sandbox_ends")
def test_where_a_connection_has_to_be_chosen_the_keys_lead_there_and_then_into_the_form(
    home: Path,
) -> None:
    window = Window("choose_a_connection_by_keys")
    told = window.line()
    assert window.end() == 0
    assert told["connection"]
    assert told["name"] == "Ada"


@pytest.mark.usefixtures("sandbox_ends")
def test_values_that_the_server_refuses_by_pointer_have_the_problem_under_their_fields(
    home: Path,
) -> None:
    window = Window("send_refused_values")
    told = window.line()
    assert window.end() == 0
    assert told["shown"] == {
        "name": "“bad name” is not accepted here.",
        "e-mail/work~1": "“bad mail” is not accepted here.",
        "tags": "“bad tag” is not accepted here.",
        "note": "",
    }
    assert "It is about Name and 2 more." in " ".join(told["said"])
    assert told["after"] == ""  # a value that was changed is not the one that was refused


@pytest.mark.usefixtures("sandbox_ends")
def test_a_kill_while_sending_is_told_of_at_the_next_start_and_nothing_is_sent_again(
    home: Path,
) -> None:
    window = Window("get_ready")
    window.tell("sending")
    assert window.line() == "ready"
    window.process.kill()
    window.end()
    again = Window("look_after_a_kill")
    found = again.line()
    assert again.end() == 0
    assert found["status"] == "unknown"
    assert found["said"] == [
        "zapdesk ended while a run was being sent. Look in the app whether it happened."
    ]
    assert len(rows("SELECT 1 FROM exchanges")) <= 1  # looking up the action, at most


@pytest.mark.usefixtures("sandbox_ends")
def test_sandbox_that_is_killed_is_told_of_started_again_and_has_its_data(home: Path) -> None:
    window = Window("lose_the_sandbox")
    told = window.line()
    assert window.end() == 0
    assert told == {"statuses": ["success", "success"], "has_row": True, "in_log": 2}
    assert Paths.find().database not in Paths.find().sandbox.rglob("*.db")  # a store of its own


@pytest.mark.usefixtures("sandbox_ends")
def test_hostile_words_from_the_server_are_shown_as_plain_text_everywhere(home: Path) -> None:
    window = Window("look_for_markup")
    found = window.line()
    assert window.end() == 0
    assert found["labels"] > 50
    assert found["rich"] == []
    shown = "\n".join(found["shown"])
    assert "<b>" in shown or "<script>" in shown
    assert not {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))} & set(shown)


@pytest.mark.usefixtures("sandbox_ends")
def test_every_control_has_a_name_for_those_who_cannot_see_it(home: Path) -> None:
    window = Window("look_for_names")
    found = window.line()
    assert window.end() == 0
    assert found["controls"] > 50
    assert found["nameless"] == []


@pytest.mark.usefixtures("sandbox_ends")
def test_tab_goes_through_the_form_from_top_to_bottom(home: Path) -> None:
    window = Window("walk_by_tab")
    tops = window.line()["tops"]
    assert window.end() == 0
    assert len(tops) >= 5
    rows = [top // 16 for top in tops]  # within a row things stand a few pixels apart
    assert rows == sorted(rows)


# Ending

STATES = ("starting", "refreshing", "sending", "polling", "writing")
ENDINGS = ("close", "SIGTERM", "SIGINT", "session end")
IN_EVERY_RUN = {
    ("starting", "session end"),
    ("refreshing", "SIGTERM"),
    ("sending", "close"),
    ("polling", "SIGINT"),
    ("writing", "close"),
}


@pytest.mark.parametrize(
    ("state", "ending"),
    [
        pytest.param(*pair, marks=() if pair in IN_EVERY_RUN else pytest.mark.long)
        for pair in product(STATES, ENDINGS)
    ],
)
@pytest.mark.usefixtures("sandbox_ends")
def test_it_ends_within_two_seconds_whatever_is_under_way(
    home: Path, state: str, ending: str
) -> None:
    if state == "refreshing":
        start_slow_sandbox()
    window = Window("get_ready")
    window.tell(state)
    assert window.line() == "ready"
    before = time.monotonic()
    if ending.startswith("SIG"):
        window.process.send_signal(signal.Signals[ending])
    else:
        window.tell(ending)
    window.end()
    assert time.monotonic() - before < CLOSING_SECONDS
    statuses = [row[0] for row in rows("SELECT status FROM runs")]
    if state == "sending":
        assert statuses in (["unknown"], ["submitting"])  # the latter is told of at the next start
    elif state == "polling":
        assert statuses == ["waiting"]


def rows(sql: str) -> list[Any]:
    database = Paths.find().database
    if not database.exists():
        return []
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def start_slow_sandbox() -> None:
    command = [sys.executable, "-m", "zapdesk", "sandbox", "--apps", "8000", "--latency", "400"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("{")
    process.stdout.close()
    threading.Thread(target=process.wait, daemon=True).start()

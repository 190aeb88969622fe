"""The real window over a real keyring in every state: nothing waits for it, and that is said."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, ReportFigure
from tests.sandbox_server import Address, running_sandbox
from tests.vault.secret_service import Desktop, desktop
from zapdesk.domain.profiles import from_settings
from zapdesk.paths import Paths
from zapdesk.services.entries import Entries
from zapdesk.vault import Vault

pytestmark = [
    pytest.mark.qt,
    pytest.mark.alone,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a Linux desktop"),
]

LONGEST_GAP_MS = 100.0
EXIT_S = 2.0

STRIPS = {
    "normal": "",
    "locked": "The desktop's keyring is locked.",
    "frozen": "The desktop's keyring does not answer.",
    "killed": "The desktop's keyring is locked.",
    "absent": "This computer has no keyring that zapdesk trusts with secrets.",
    "null": "Keyrings are switched off on this computer.",
    "plain text": "The keyring that is set up here keeps secrets for anybody to read.",
}
BACKENDS = {
    "null": "keyring.backends.null.Keyring",
    "plain text": "keyrings.alt.file.PlaintextKeyring",
}


@contextmanager
def keyring_that_is(
    state: str, folder: Path, monkeypatch: pytest.MonkeyPatch, entry: str, token: str
) -> Iterator[Desktop | None]:
    """A desktop whose keyring was used before and is in ``state`` now."""
    with desktop(folder, monkeypatch, has_service=state != "absent") as made:
        if state == "absent":
            yield None
            return
        made.start_keyring()
        assert asyncio.run(Vault(folder=Paths.find().secrets).put(entry, token))
        match state:
            case "locked":
                made.lock()
            case "frozen":
                made.freeze()
            case "killed":
                made.kill()
            case "null" | "plain text":
                monkeypatch.setenv("PYTHON_KEYRING_BACKEND", BACKENDS[state])
        yield made


@pytest.fixture
def server(home: Path, tmp_path: Path) -> Iterator[tuple[Address, str]]:
    """A server, and the name of the entry in which a keyring has its token."""
    paths = Paths.find().create()
    with running_sandbox(tmp_path / "server") as address:
        table = {"name": "Own server", "base_url": address.url, "sign_in": "token"}
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
        paths.settings.write_text(f'profile = "own"\n[profiles.own]\n{lines}\n')
        yield address, Entries.of(from_settings("own", table)).access


@pytest.mark.parametrize(
    "state",
    [
        # To the window these two are as none at all.
        pytest.param(state, marks=pytest.mark.long if state in BACKENDS else ())
        for state in STRIPS
    ],
)
def test_a_keyring_in_any_state_stops_neither_the_window_nor_its_end(
    state: str,
    server: tuple[Address, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    report_figure: ReportFigure,
) -> None:
    address, entry = server
    with keyring_that_is(state, tmp_path, monkeypatch, entry, address.token):
        told, exit_s = looked(address.token)
        if told["gap_ms"] >= LONGEST_GAP_MS or exit_s >= EXIT_S:
            # Where the machine had no time for it, it has another time.
            told, exit_s = looked(address.token)
    assert told["strip"].startswith(STRIPS[state])
    assert told["has_apps"] is (state == "normal")
    assert not told["shows_token"]
    if state != "normal":
        assert told["offered"][0] == "session"
        assert told["offered"][-1] == "file"
    if state in ("locked", "frozen", "killed"):  # whether one is signed in is not known then
        assert "not signed in" not in " ".join(told["notices"])
    assert not list(Paths.find().secrets.glob("*.secret"))
    report_figure(f"longest gap, keyring {state}", told["gap_ms"], "ms")
    report_figure(f"exit, keyring {state}", exit_s * 1000, "ms")
    assert told["gap_ms"] < LONGEST_GAP_MS, told["gap"]
    assert exit_s < EXIT_S


def test_a_keyring_that_answers_again_is_tried_from_the_strip_and_the_session_goes_on(
    server: tuple[Address, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, entry = server
    with keyring_that_is("frozen", tmp_path, monkeypatch, entry, address.token) as made:
        assert made is not None
        with window("mend") as it:
            it.line()
            made.thaw()
            it.tell("mended")
            assert it.line()["notices"] == []
            assert it.end() == ""


def looked(token: str) -> tuple[Any, float]:
    """What the window's process told, and the seconds that its end took."""
    with window("look") as it:
        it.tell(token)
        told = it.line()
        began = time.monotonic()
        assert it.end() == ""
        return told, time.monotonic() - began


class Window:
    """The window's process, doing what a story says."""

    def __init__(self, story: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.keyring_window", story],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def tell(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()

    def line(self) -> Any:
        """The next thing that it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.end()
        return json.loads(line)

    def end(self) -> str:
        """Wait for its end; what it complained of."""
        _, errors = self.process.communicate(timeout=30)
        return errors if self.process.returncode or "Traceback" in errors else ""


@contextmanager
def window(story: str) -> Iterator[Window]:
    made = Window(story)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.communicate()

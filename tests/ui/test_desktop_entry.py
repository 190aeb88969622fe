"""The desktop's entry and the type of run capsules: installed, used, taken away again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.dossiers import exchanges, record
from tests.ui.window_process import CLOSING_SECONDS, ROOT, ended, start
from zapdesk.services import capsules
from zapdesk.services.dossiers import dossier

NEEDED = ("gio", "update-mime-database", "update-desktop-database", "desktop-file-validate")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason="not all of the desktop's programs are here"
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, home: Path) -> Run:
    """Runs a program as a user whose folders lie in ``tmp_path``."""
    folders = {"HOME": "", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config"}
    environment = dict(os.environ) | {key: str(tmp_path / name) for key, name in folders.items()}
    # gio starts programs over the session's bus where there is one.
    environment["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"

    def made(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, words)),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
        )

    return made


def desktop(run: Run, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return run("sh", ROOT / "packaging" / "desktop.sh", *words)


def files_in(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*zapdesk*") if file.is_file()}


@pytest.fixture
def capsule(tmp_path: Path) -> Path:
    file = tmp_path / "a run, with spaces & ümlauts.zapdesk"
    file.write_bytes(capsules.write(dossier(record(), exchanges())))
    return file


def test_a_double_click_on_a_capsule_shows_it_in_the_window(
    run: Run, tmp_path: Path, capsule: Path
) -> None:
    # What makes this checkout importable from anywhere is a file among the packages, elsewhere.
    python = ("env", f"PYTHONPATH={ROOT}", sys.executable)
    assert desktop(run, "install", *python, "-P", "-m", "zapdesk").returncode == 0
    entry = tmp_path / "data" / "applications" / "zapdesk.desktop"
    judged = run("desktop-file-validate", entry)
    assert (judged.returncode, judged.stdout) == (0, "")
    without_name = tmp_path / "report"
    shutil.copy(capsule, without_name)
    for file in (capsule, without_name):
        told = run("gio", "info", "-a", "standard::content-type", file).stdout
        assert "content-type: application/x-zapdesk" in told, file.name
    chosen = run("gio", "mime", "application/x-zapdesk").stdout
    assert "zapdesk.desktop" in chosen.splitlines()[0]

    action = """
        life._capsules.open = lambda path: print(path.name, flush=True)
        life._lock._server.close()
        life._lock.listen(application, window.raise_window, life._capsules.open)
    """
    window = start("\n".join(line.strip() for line in action.strip().splitlines()))
    clicked = run("gio", "launch", entry, capsule)
    assert clicked.returncode == 0, clicked.stderr
    assert window.stdout is not None
    assert window.stdout.readline() == f"{capsule.name}\n"
    window.send_signal(signal.SIGTERM)
    assert ended(window, CLOSING_SECONDS + 1) == 0


def test_removing_takes_away_what_was_installed_and_nothing_else(run: Run, tmp_path: Path) -> None:
    choices = tmp_path / "config" / "mimeapps.list"
    choices.parent.mkdir()
    others = "[Default Applications]\ntext/html=browser.desktop\n"
    choices.write_text(f"{others}application/x-zapdesk=zapdesk.desktop\n")
    other = tmp_path / "data" / "applications" / "other.desktop"
    other.parent.mkdir(parents=True)
    other.write_text("[Desktop Entry]\nType=Application\nName=Other\nExec=true\n")
    desktop(run, "install", sys.executable)
    assert {"zapdesk.desktop", "zapdesk.xml", "application-x-zapdesk.svg"} <= files_in(tmp_path)
    assert desktop(run, "remove").returncode == 0
    assert files_in(tmp_path) == set()
    assert other.exists()
    assert choices.read_text() == others
    assert desktop(run, "remove").returncode == 0, "a second time there is nothing to take away"


def test_a_command_with_every_sign_that_the_entry_gives_a_meaning_is_started_as_it_is(
    run: Run, tmp_path: Path, capsule: Path
) -> None:
    program = tmp_path / 'a $HOME "quoted" \\back `tick` &|;' / "start"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    desktop(run, "install", program, "50%f", "b\\c&d")
    said = run("gio", "launch", tmp_path / "data" / "applications" / "zapdesk.desktop", capsule)
    assert said.stdout.splitlines() == ["50%f", "b\\c&d", str(capsule)]


def test_what_cannot_be_installed_is_said(run: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "packaging", tmp_path / "elsewhere" / "packaging")
    script = tmp_path / "elsewhere" / "packaging" / "desktop.sh"
    said = run("env", "-u", "ZAPDESK_VENV", "sh", script, "install")
    assert said.returncode == 1
    assert "sh packaging/run.sh makes it" in said.stderr
    assert files_in(tmp_path / "data") == set()
    usage = desktop(run)
    assert usage.returncode == 2
    assert "desktop.sh remove" in usage.stderr

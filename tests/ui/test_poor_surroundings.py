"""The window where something is missing or full: it opens, and says what it says elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.ui.window_process import DRIVER, ROOT, SECRET, START_SECONDS

WITHOUT_TRAY = """
from PySide6.QtWidgets import QSystemTrayIcon
keeping = life._log
async def tell():
    await keeping.notifications._tell("A run has ended", "Success", "")
    print(application.platformName(), QSystemTrayIcon.isSystemTrayAvailable(), flush=True)
    print(*window.notices.texts, sep="|", flush=True)
    window.close()
after(0.5, lambda: life._closer.start(tell()))
"""
WAITS_FOR_APPS = """
async def wait():
    while life._program is None or life._program.session is None:
        await asyncio.sleep(0.05)
    session = life._program.session
    while not session.catalog.apps:
        await asyncio.sleep(0.05)
    print("apps", len(session.catalog.apps), flush=True)
    window.close()
life._closer.start(wait())
"""


def _run(
    action: str, arguments: Sequence[str] = (), before: Sequence[str] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    body = "\n    ".join(action.strip().splitlines())
    script = DRIVER.format(action=body, arguments=list(arguments), secret=SECRET)
    return subprocess.run(
        [*before, sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


@pytest.fixture
def display() -> Iterator[str]:
    """An X11 display with nothing on it: no window manager, no tray."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is needed (packaging/system-packages.txt)")
    reads, writes = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writes), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[writes],
        stderr=subprocess.DEVNULL,
    )
    os.close(writes)
    with os.fdopen(reads) as told:
        number = told.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait()


def test_missing_tray_and_bus_on_an_x11_display_leave_the_strip(home: Path, display: str) -> None:
    done = _run(WITHOUT_TRAY, QT_QPA_PLATFORM="xcb", DISPLAY=display)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1] == "xcb False"
    assert "A run has ended. Success" in lines[2]


def test_full_folder_for_temporary_files_does_not_keep_the_window_shut(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    fill = f"head -c 1M /dev/zero 2>/dev/null >{folder}/ballast"
    mount = f'mount -t tmpfs -o size=64k tmpfs {folder} || exit 77; {fill}; exec "$@"'
    before = ["unshare", "-rm", "sh", "-c", mount, "sh"]
    try:
        done = _run(WAITS_FOR_APPS, ["--sandbox"], before, TMPDIR=str(folder))
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip("a small disk cannot be mounted here")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("apps ")
    assert "Traceback" not in done.stderr

"""The window's process: how it starts, what it survives, how it ends, and that it always ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ui.window_process import (
    CLOSING_SECONDS,
    ROOT,
    START_SECONDS,
    ended,
    session_file,
    start,
)
from zapdesk.errors import InvalidInput
from zapdesk.paths import Paths
from zapdesk.services.access import profiles
from zapdesk.settings import Settings, save
from zapdesk.ui.shell.application import (
    NO_DISPLAY,
    STORE_TROUBLE,
    USAGE,
    display_trouble,
    window_options,
)
from zapdesk.ui.shell.single_window import WindowLock, raise_other, socket_name
from zapdesk.ui.shell.snapshot import WindowOptions, load_snapshot

# Starting


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DISPLAY": ""},
        {"QT_QPA_PLATFORM": "xcb"},
        {"QT_QPA_PLATFORM": "wayland", "DISPLAY": ":0"},
    ],
)
def test_where_there_is_no_display_it_says_so(environment: dict[str, str]) -> None:
    assert "isplay" in display_trouble(environment, "linux")


@pytest.mark.parametrize(
    ("environment", "platform"),
    [
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux"),
        ({"QT_QPA_PLATFORM": "offscreen:configfile=x"}, "linux"),
        ({"DISPLAY": ":0"}, "linux"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux"),
        ({}, "win32"),
        ({}, "darwin"),
    ],
)
def test_where_a_window_may_be_possible_it_tries(
    environment: dict[str, str], platform: str
) -> None:
    assert display_trouble(environment, platform) == ""


@pytest.mark.parametrize("display", ["", ":63987"])
def test_no_display_ends_with_one_line_and_exit_code_8(home: Path, display: str) -> None:
    environment = {**os.environ, "DISPLAY": display}
    environment.pop("WAYLAND_DISPLAY", None)
    environment.pop("QT_QPA_PLATFORM", None)
    run = run_plainly(environment)
    assert run.returncode == NO_DISPLAY
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith(("There is no display", "zapdesk cannot open a window here"))


def test_a_platform_that_qt_cannot_load_ends_with_exit_code_8(home: Path) -> None:
    run = run_plainly({**os.environ, "QT_QPA_PLATFORM": "nosuchplatform"})
    assert run.returncode == NO_DISPLAY
    assert "zapdesk cannot open a window here" in run.stderr


@pytest.mark.parametrize(
    "odd",
    [
        {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"},
        {"TMPDIR": "/nowhere/tmp", "TEMP": "/nowhere/tmp", "TMP": "/nowhere/tmp"},
        {"LANG": "xx_XX.nowhere", "LC_ALL": "xx_XX.nowhere", "TZ": "Nowhere/Land"},
        {"QT_OPENGL": "software", "LIBGL_DRIVERS_PATH": "/nowhere", "QT_STYLE_OVERRIDE": "none"},
        {"XDG_RUNTIME_DIR": "/nowhere/run", "HOME": "/nowhere/home"},
    ],
    ids=["no D-Bus", "no TMPDIR", "no locale", "no OpenGL", "no home"],
)
def test_an_environment_that_lacks_something_does_not_keep_the_window_shut(
    home: Path, monkeypatch: pytest.MonkeyPatch, odd: dict[str, str]
) -> None:
    for name, value in odd.items():
        monkeypatch.setenv(name, value)
    process = start("after(0.5, window.close)")
    assert ended(process) == 0


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    run = run_plainly({**os.environ, "ZAPDESK_HOME": str(file / "home")})
    assert run.returncode == STORE_TROUBLE
    assert "ZAPDESK_HOME" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_profile_that_does_not_exist_is_named(home: Path) -> None:
    run = run_plainly(dict(os.environ), "--profile", "nobody")
    assert run.returncode == USAGE
    assert "nobody" in run.stderr
    assert run.stderr.count("\n") == 1


def run_plainly(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from zapdesk.ui.shell.application import run_window\n"
    code += f"sys.exit(run_window({list(arguments)!r}))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def test_the_options_of_the_window() -> None:
    assert window_options([]) == WindowOptions()
    given = window_options(["--sandbox", "--json", "--profile=work", "--screenshot", "/x/a.png"])
    assert given == WindowOptions("work", True, Path("/x/a.png"))
    for wrong in (["--profile"], ["--profile="], ["--screenshot"], ["--color"], ["run"]):
        with pytest.raises(InvalidInput):
            window_options(wrong)


def test_the_first_start_ends_once_a_profile_is_chosen(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths.find().create()
    assert load_snapshot(paths, WindowOptions()).is_first_start
    assert not load_snapshot(paths, WindowOptions(use_sandbox=True)).is_first_start
    monkeypatch.setenv("ZAPDESK_TOKEN", "token-from-outside")
    with_token = load_snapshot(paths, WindowOptions())
    assert (with_token.profile_name, with_token.is_first_start) == ("Zapier", False)
    monkeypatch.delenv("ZAPDESK_TOKEN")
    save(paths.settings, {"profile": "sandbox", "theme": "dark"})
    later = load_snapshot(paths, WindowOptions())
    assert (later.profile_name, later.is_first_start, later.theme) == ("Sandbox", False, "dark")


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_store_does_not_keep_the_first_frame_from_being_painted(
    home: Path, content: bytes
) -> None:
    paths = Paths.find().create()
    paths.database.write_bytes(content)
    shown = load_snapshot(paths, WindowOptions(use_sandbox=True))
    assert (shown.apps, shown.runs) == ((), ())


# One window


def test_a_second_start_raises_the_first_window_and_ends(home: Path) -> None:
    first = start("window.hide()")
    second = run_plainly(dict(os.environ))
    assert second.returncode == 0, second.stderr
    assert "already" in second.stderr
    first.send_signal(signal.SIGTERM)
    assert ended(first, CLOSING_SECONDS + 1) == 0


def test_the_lock_of_a_killed_window_is_free_again(home: Path) -> None:
    first = start()
    first.kill()
    first.communicate()
    second = start()
    second.send_signal(signal.SIGTERM)
    assert ended(second) == 0


def test_a_start_while_the_window_is_closing_waits_for_its_end_and_opens(home: Path) -> None:
    slow = "async def slowly():\n    await asyncio.sleep(1)\n"
    tell = "def close():\n    window.close()\n    print('closing', flush=True)\n"
    first = start(f"{slow}window.close_tasks = slowly\n{tell}after(0.5, close)")
    assert first.stdout is not None
    assert first.stdout.readline() == "closing\n"
    second = start()
    assert ended(first) == 0
    second.send_signal(signal.SIGTERM)
    assert ended(second) == 0


def test_a_window_that_hangs_is_named_and_not_waited_for(home: Path) -> None:
    paths = Paths.find().create()
    lock = WindowLock(paths.data)  # held, and nobody listens
    with pytest.raises(BlockingIOError):
        WindowLock(paths.data)
    before = time.monotonic()
    assert not raise_other(paths.data)
    assert time.monotonic() - before < 5
    run = run_plainly(dict(os.environ))
    lock.release()
    assert run.returncode == STORE_TROUBLE
    assert "does not answer" in run.stderr


def test_state_directories_do_not_share_a_window(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert socket_name(tmp_path / "a") != socket_name(tmp_path / "b")
    assert len(socket_name(tmp_path / "a")) < 60
    one, other = WindowLock(tmp_path / "a"), WindowLock(tmp_path / "b")
    one.release()
    other.release()


# Ending


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("delay", [0.0, 0.3, 2.0])
def test_a_signal_at_any_time_ends_it_within_two_seconds(
    home: Path, number: signal.Signals, delay: float
) -> None:
    process = start()
    time.sleep(delay)
    before = time.monotonic()
    process.send_signal(number)
    assert ended(process) == 0
    assert time.monotonic() - before < CLOSING_SECONDS
    assert not session_file(home).exists()


@pytest.mark.parametrize(
    "action",
    [
        "after(1, window.close)",
        "window.profile_chosen.emit('zapier'); after(0.2, window.close)",
        "after(0, window.close)",
        "after(1, application.quit)",
        "after(1, window.commands.action('quit').trigger)",
        "after(1, lambda: (window.sign_in_requested.emit('', ''), window.close(), window.close()))",
        "window._show_shortcuts(); after(1, application.quit)",
    ],
)
def test_however_it_is_closed_it_ends_cleanly(home: Path, action: str) -> None:
    process = start(action)
    assert ended(process, 1 + CLOSING_SECONDS + 1) == 0
    assert not session_file(home).exists()


@pytest.mark.parametrize(
    "obstacle",
    [
        "async def never(): await asyncio.Event().wait()\nwindow.close_tasks = never",
        "def block(): time.sleep(60)\n"
        "after(0.1, lambda: threading.Thread(target=block, daemon=True).start())\n"
        "async def wait(): await module.in_thread(block)\nlife._closer.start(wait())\n"
        "async def never(): await asyncio.Event().wait()\nwindow.close_tasks = never",
        "window.closed.connect(lambda: time.sleep(60))",
    ],
    ids=["a panel that never closes", "a thread that never ends", "a slot that never returns"],
)
def test_what_hangs_while_closing_cannot_keep_it_for_more_than_two_seconds(
    home: Path, obstacle: str
) -> None:
    # Told when it begins: how long the start goes on until then is not what is measured.
    close = "def close():\n    print('closing', flush=True)\n    window.close()\nafter(1, close)"
    process = start(f"{obstacle}\n{close}")
    assert process.stdout is not None
    assert process.stdout.readline() == "closing\n"
    before = time.monotonic()
    assert ended(process) == 0
    assert time.monotonic() - before < CLOSING_SECONDS + 0.5


def test_what_is_chosen_before_the_services_are_there_is_done_when_they_are(home: Path) -> None:
    action = """
def look(left):
    name = window.top_bar.chip.accessibleName()
    if ("Zapier" in name and not window.is_first_start) or not left:
        print(window.is_first_start, name, flush=True)
        window.close()
    else:
        after(0.2, lambda: look(left - 1))

window.profile_chosen.emit("zapier")
look(100)
"""
    output, errors = start(action).communicate(timeout=START_SECONDS)
    assert output.startswith("False Profile: Zapier"), errors


def test_what_was_understood_once_is_kept_for_the_next_start(home: Path) -> None:
    action = """
window.effects_understood.emit("zapier")
window.effects_understood.emit("at https://example.com")
after(2, window.close)
"""
    assert ended(start(action)) == 0
    found = profiles(Settings.load(Paths.find().settings))
    assert found["zapier"].understands_effects
    assert set(found) == {"sandbox", "zapier"}
    tell = "after(2, lambda: print(window._panels.action._understood, flush=True))"
    output, errors = start(f"{tell}\nafter(2.5, window.close)").communicate(timeout=START_SECONDS)
    assert "zapier" in output, errors

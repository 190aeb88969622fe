"""What is learned of a profile is written beside the loop, whoever else holds the settings."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunOnQt
from tests.services.desk import order
from tests.services.script_server import accepted, ended, errors, scripted
from zapdesk.bootstrap import Program, choose_access, read_settings
from zapdesk.domain.profiles import BodyShape, SignInKind, custom
from zapdesk.domain.runs import RunStatus
from zapdesk.paths import Paths
from zapdesk.services import polling
from zapdesk.services.entries import Entries
from zapdesk.services.profile_notes import ProfileNotes
from zapdesk.settings import Settings

ROOT = Path(__file__).parents[2]
STOPPED_WRITER = """
import os, signal, sys
from pathlib import Path
from zapdesk.settings import file

def stop(*_):
    print("writing", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)

file._write = stop
file.write(Path(sys.argv[1]), {"theme": "dark"})
"""


@contextmanager
def stopped_writer(path: Path) -> Iterator[None]:
    """A process that was stopped while it writes the settings."""
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED_WRITER, path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        yield
    finally:
        process.kill()
        process.communicate()


@pytest.mark.qt
@pytest.mark.alone
@pytest.mark.usefixtures("home")
def test_settings_held_by_a_process_that_was_stopped_keep_neither_window_nor_run_nor_exit(
    qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.stall_meter import StallMeter

    monkeypatch.setattr(polling, "POLLS_S", (0.02,))
    paths = Paths.find()
    refusal = 400, errors("parse_error", "Malformed request.")

    async def scenario() -> Any:
        settings = read_settings(paths)
        async with scripted(on_run=[refusal, accepted()], on_poll=[ended([{}])]) as server:
            program = await Program.start(paths, settings, choose_access(settings, None, False))
            profile = await program.profiles.create(replace(custom(server.url), name="Here"))
            await program.accounts.vault.put(Entries.of(profile).access, "tok-here-1")
            session = await program.go_to(profile)
            with stopped_writer(paths.settings):
                with StallMeter(100) as meter:
                    began = time.monotonic()
                    sent = replace(order(), profile_id=profile.id)
                    run = await session.runs.start(sent)
                    done = await session.runs.wait(run.id, 20)
                assert done is not None
                assert done.status is RunStatus.SUCCESS
                assert session.client.shape is BodyShape.GUIDE
                assert time.monotonic() - began < 1.5
                assert "body_shape" not in paths.settings.read_text()  # it waits for its turn
                began = time.monotonic()
                await program.close()
                assert time.monotonic() - began < 1.8  # its own end comes before the window's
                while "guide" not in paths.settings.read_text():  # the thread is waited for
                    await asyncio.sleep(0.01)
                assert time.monotonic() - began < 2.5
            return meter

    meter = qt_run(scenario())
    assert meter.longest.own_ms < 200, str(meter.longest)  # the goal is 100; the rest is room


def test_settings_that_cannot_be_written_cost_a_line_of_the_log_alone(
    tmp_path: Path, expected_log: Any
) -> None:
    expected_log("the body shape could not be remembered")
    (tmp_path / "settings.toml").mkdir()

    async def scenario() -> None:
        notes = ProfileNotes(tmp_path / "settings.toml")
        notes.keep_shape(custom("https://here.example"))
        await notes.close()

    asyncio.run(scenario())


def test_notes_are_written_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"

    async def scenario() -> None:
        notes, profile = ProfileNotes(path), replace(custom("https://here.example"), id="here")
        shapes = [*BodyShape, *BodyShape, BodyShape.MIXED]
        for shape in shapes:
            notes.keep_shape(profile.with_shape(shape))
        await notes.keep_used(profile)
        await notes.keep_sign_in(replace(profile, sign_in=SignInKind.TOKEN))

    asyncio.run(scenario())
    found = Settings.load(path)
    assert found.profile == "here"
    assert found.profiles["here"]["body_shape"] == BodyShape.MIXED.value
    assert found.profiles["here"]["sign_in"] == SignInKind.TOKEN.value


def test_choices_behind_a_process_that_was_stopped_wait_no_longer_than_one(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"

    async def scenario() -> None:
        notes = [ProfileNotes(path) for _ in range(3)]
        profiles = [replace(custom("https://here.example"), id=name) for name in "abc"]
        for note, profile in zip(notes, profiles, strict=True):
            note.keep_shape(profile.with_shape(BodyShape.GUIDE))
        await asyncio.gather(*(note.close() for note in notes))

    with stopped_writer(path):
        began = time.monotonic()
        asyncio.run(scenario())
        assert 1.5 < time.monotonic() - began < 5  # one after the other it is 6
    assert len(Settings.load(path).profiles) == 3

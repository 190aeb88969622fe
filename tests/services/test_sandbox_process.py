"""Joining the sandbox, starting it, and what happens when it will not start."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.sandbox_server import running_sandbox
from zapdesk.errors import SandboxUnavailable
from zapdesk.paths import Paths
from zapdesk.services import sandbox_process
from zapdesk.services.sandbox_process import SandboxProcess


def _stop(folder: Path) -> None:
    os.kill(json.loads((folder / "address.json").read_text())["pid"], signal.SIGTERM)


def test_living_sandbox_is_joined_and_not_started_again(home: Path) -> None:
    with running_sandbox(home) as address:
        would_fail = [sys.executable, "-c", "raise SystemExit(9)"]
        process = SandboxProcess(Paths.find().sandbox, would_fail)
        joined = asyncio.run(process.join())
        assert (joined.url, joined.token) == (address.url, address.token)
        assert len(list((Paths.find().sandbox / "clients").glob("*.lock"))) == 1
        process.release()
        process.release()
        assert not list((Paths.find().sandbox / "clients").glob("*.lock"))


def test_two_clients_at_once_share_the_sandbox_that_one_of_them_starts(home: Path) -> None:
    folder = Paths.find().sandbox

    async def scenario() -> None:
        clients = [SandboxProcess(folder) for _ in range(4)]
        joined = await asyncio.gather(*(client.join() for client in clients))
        assert len({address.url for address in joined}) == 1
        for client in clients:
            client.release()

    try:
        asyncio.run(scenario())
    finally:
        _stop(folder)


def test_address_of_a_sandbox_that_was_killed_is_not_believed(home: Path) -> None:
    folder = Paths.find().sandbox

    async def scenario() -> None:
        client = SandboxProcess(folder)
        first = await client.join()
        os.kill(json.loads((folder / "address.json").read_text())["pid"], signal.SIGKILL)
        await asyncio.sleep(0.2)
        second = await client.join()
        assert second.token != first.token
        client.release()

    try:
        asyncio.run(scenario())
    finally:
        _stop(folder)


def test_sandbox_that_ends_at_once_is_told_by_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('The port is haunted.')"]
    client = SandboxProcess(tmp_path / "sandbox", command)
    with pytest.raises(SandboxUnavailable) as caught:
        asyncio.run(client.join())
    assert caught.value.detail == "The port is haunted."
    client.release()


def test_sandbox_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_process, "START_DEADLINE_S", 0.3)
    client = SandboxProcess(tmp_path / "sandbox", [sys.executable, "-c", "input()"])
    with pytest.raises(SandboxUnavailable, match="did not start"):
        asyncio.run(client.join())
    client.release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 1}', '{"url": 1, "token": 2}', "null"])
def test_address_file_that_holds_nonsense_counts_as_none(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    (folder / "address.json").write_text(text)
    client = SandboxProcess(folder, [sys.executable, "-c", "import sys; sys.exit('No.')"])
    with pytest.raises(SandboxUnavailable):
        asyncio.run(client.join())
    client.release()


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxUnavailable, match="no place to work in"):
        asyncio.run(SandboxProcess(tmp_path / "file" / "sandbox").join())


def test_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    client = SandboxProcess(tmp_path / "sandbox", ["/no/such/program"])
    with pytest.raises(SandboxUnavailable, match="could not be started"):
        asyncio.run(client.join())
    client.release()

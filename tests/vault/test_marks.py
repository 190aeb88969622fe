"""Two vaults on one state directory, as two processes have them: what is newer stays."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.services.token_family import Shared
from tests.vault.stores import Memory
from zapdesk.file_lock import Turn
from zapdesk.vault import Vault

IN_ANOTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from tests.services.token_family import Shared
from zapdesk.vault import Vault

folder, deed, *words = sys.argv[1:]
vault = Vault(Shared(Path(folder)), Path(folder))
asyncio.run(vault.put(*words) if deed == "put" else vault.remove(*words))
"""


def elsewhere(folder: Path, *words: str) -> None:
    """A deed of another process that shares the folder and the store."""
    subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS, folder, *words], cwd=ROOT, check=True)


class Sometimes(Shared):
    """A store that this process alone cannot use while it ``fails``."""

    fails = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.fails:
            raise RuntimeError
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.fails:
            raise RuntimeError
        super().set_password(service, username, password)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sometimes:
    monkeypatch.setattr("zapdesk.vault.vault.REST_S", 0.0)
    return Sometimes(tmp_path)


def test_a_secret_in_memory_is_not_written_over_a_newer_one_of_another_process(
    tmp_path: Path, store: Sometimes
) -> None:
    async def scenario() -> None:
        vault = Vault(store, tmp_path)
        store.fails = True
        assert not await vault.put("refresh", "older")
        assert not await vault.put("alone", "only here")
        await asyncio.to_thread(elsewhere, tmp_path, "put", "refresh", "newer")
        assert await vault.get("refresh") == "older"  # there is no other as long as it fails
        store.fails = False
        assert await vault.put("something else", "secret")  # which takes along what is in memory
        there = Shared(tmp_path)
        assert there.get_password("zapdesk", "refresh") == "newer"
        assert there.get_password("zapdesk", "alone") == "only here"
        assert await vault.get("refresh") == "newer"

    asyncio.run(scenario())


def test_a_newer_secret_of_another_process_is_read_instead_of_the_one_in_memory(
    tmp_path: Path, store: Sometimes
) -> None:
    async def scenario() -> None:
        vault = Vault(store, tmp_path)
        store.fails = True
        await vault.put("refresh", "older")
        store.fails = False
        assert await vault.get("refresh") == "older"
        await asyncio.to_thread(elsewhere, tmp_path, "put", "refresh", "newer")
        assert await vault.get("refresh") == "newer"

    asyncio.run(scenario())


def test_a_secret_in_memory_that_another_process_removed_is_neither_used_nor_stored(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        backend = Memory()
        vault = Vault(backend, tmp_path)
        vault.use_session()
        await vault.put("token", "of this session")
        await asyncio.to_thread(elsewhere, tmp_path, "remove", "token")
        assert await vault.get("token") is None
        await vault.put("token", "of a new sign-in")
        assert await vault.get("token") == "of a new sign-in"
        await asyncio.to_thread(elsewhere, tmp_path, "remove", "token")
        await vault.unlock()
        assert backend.kept == {}

    asyncio.run(scenario())


def test_what_is_in_memory_waits_for_another_process_that_writes(
    tmp_path: Path, store: Sometimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        vault = Vault(store, tmp_path, deadline_s=0.2)
        monkeypatch.setattr(vault, "_turn_wait_s", 0.05)
        store.fails = True
        await vault.put("refresh", "ours")
        store.fails = False
        with Turn(tmp_path / "secrets.turn", 1):  # it may be writing the same one
            await vault.unlock()
            assert Shared(tmp_path).get_password("zapdesk", "refresh") is None
        assert await vault.get("refresh") == "ours"
        await vault.unlock()
        assert Shared(tmp_path).get_password("zapdesk", "refresh") == "ours"

    asyncio.run(scenario())


def test_another_place_for_secrets_that_another_process_was_told_to_use_is_used_here_too(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        backend = Memory()
        here, there = Vault(backend, tmp_path), Vault(backend, tmp_path)
        assert await here.put("token", "in the keyring")
        await there.use_file()
        assert await here.put("token", "in the file")
        assert backend.kept == {("zapdesk", "token"): "in the keyring"}
        assert await there.get("token") == "in the file"
        assert here.state.is_file

    asyncio.run(scenario())


def test_a_mark_tells_no_secret_and_no_name(tmp_path: Path) -> None:
    async def scenario() -> None:
        vault = Vault(Memory(), tmp_path)
        await vault.put("token work https://example.com", "s3cret")
        before = vault.mark("token work https://example.com")
        await vault.put("token work https://example.com", "s3cret")
        assert vault.mark("token work https://example.com") != before
        for file in tmp_path.iterdir():
            assert "example" not in file.name + file.read_text()
            assert "s3cret" not in file.read_text()
            assert file.stat().st_mode & 0o077 == 0

    asyncio.run(scenario())

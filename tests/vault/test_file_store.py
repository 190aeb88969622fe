"""Secrets in a file: only where a person chose it, only for their eyes, whole at every moment."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ExpectLog
from tests.vault.stores import Memory
from zapdesk.domain.secret_store import Condition
from zapdesk.errors import VaultUnusable
from zapdesk.vault import Vault
from zapdesk.vault.file_store import FileStore

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


def broken() -> Memory:
    def fails() -> None:
        raise OSError("no")

    backend = Memory()
    backend.fault = fails
    return backend


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}


def test_no_secret_is_in_a_file_unless_that_was_chosen(tmp_path: Path) -> None:
    async def scenario() -> None:
        vault = Vault(broken(), tmp_path / "secrets")
        assert not await vault.put("token", "s3cret")
        vault.use_session()
        assert not await vault.put("token", "s3cret")
        assert await vault.get("token") == "s3cret"
        assert vault.state.condition is Condition.SESSION
        assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["secrets.turn"]
        assert (tmp_path / "secrets" / "secrets.turn").read_bytes() == b""

    asyncio.run(scenario())


def test_chosen_file_takes_what_was_in_memory_and_is_found_again(tmp_path: Path) -> None:
    old = os.umask(0)

    async def scenario() -> None:
        folder = tmp_path / "secrets"
        vault = Vault(broken(), folder)
        await vault.put("token at https://example.com", "s3cret")
        assert (await vault.use_file()).condition is Condition.READY
        assert vault.store_name == "A file that only you can read"
        await vault.put("long", "x" * 50_000)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert modes(folder) == {0o600}
        assert not any("example" in path.name for path in folder.iterdir())
        again = Vault(broken(), folder)
        assert await again.get("token at https://example.com") == "s3cret"
        assert await again.get("long") == "x" * 50_000
        await again.remove("long")
        await again.remove("token at https://example.com")
        assert not list(folder.glob("*.secret"))
        assert (folder / "store").exists()

    try:
        asyncio.run(scenario())
    finally:
        os.umask(old)


def test_secrets_move_from_the_file_into_the_keyring_when_that_is_chosen(tmp_path: Path) -> None:
    async def scenario() -> None:
        backend = Memory()
        vault = Vault(backend, tmp_path)
        await vault.use_file()
        await vault.put("a", "1")
        await vault.put("b", "2" * 3_000)
        assert backend.kept == {}
        assert (await vault.use_system()).condition is Condition.READY
        assert not list(tmp_path.glob("*.secret"))
        assert await Vault(backend).get("a") == "1"
        assert await Vault(backend).get("b") == "2" * 3_000

    asyncio.run(scenario())


def test_file_stays_where_the_keyring_does_not_take_its_secrets(tmp_path: Path) -> None:
    async def scenario() -> None:
        vault = Vault(broken(), tmp_path)
        await vault.use_file()
        await vault.put("a", "1")
        assert (await vault.use_system()).condition is Condition.FAILED
        assert vault.state.is_file
        assert await vault.get("a") == "1"
        assert await Vault(broken(), tmp_path).get("a") == "1"

    asyncio.run(scenario())


def test_file_stays_in_use_where_the_move_is_cancelled(tmp_path: Path) -> None:
    async def scenario() -> None:
        backend = Memory()
        vault = Vault(backend, tmp_path, deadline_s=5)
        await vault.use_file()
        await vault.put("a", "1")
        backend.fault = lambda: time.sleep(0.5)
        move = asyncio.ensure_future(vault.use_system())
        await asyncio.sleep(0.1)
        move.cancel()
        with pytest.raises(asyncio.CancelledError):
            await move
        assert await vault.get("a") == "1"
        assert backend.kept == {}

    asyncio.run(scenario())


def test_file_that_others_could_read_is_private_again(
    tmp_path: Path, expected_log: ExpectLog
) -> None:
    store = FileStore(tmp_path / "s")
    store.set_password("zapdesk", "a", "1")
    file = next((tmp_path / "s").iterdir())
    file.chmod(0o644)
    (tmp_path / "s").chmod(0o755)
    expected_log("could be read by others")
    assert store.get_password("zapdesk", "a") == "1"
    store.set_password("zapdesk", "b", "2")
    assert modes(tmp_path / "s") == {0o600}
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700


def test_link_in_the_place_of_a_secret_is_not_followed(
    tmp_path: Path, expected_log: ExpectLog
) -> None:
    store = FileStore(tmp_path / "s")
    store.set_password("zapdesk", "a", "1")
    file = next((tmp_path / "s").iterdir())
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    expected_log("is a link")
    assert store.get_password("zapdesk", "a") is None
    store.set_password("zapdesk", "a", "2")
    assert not file.is_symlink()
    assert '"1"' in elsewhere.read_text()


@pytest.mark.parametrize("damage", [b"", b"garbage", b'{"secret": 1}', b"[]", b"\xff\xfe{"])
def test_damaged_file_reads_as_no_secret_and_is_replaced_by_the_next(
    tmp_path: Path, damage: bytes
) -> None:
    store = FileStore(tmp_path)
    store.set_password("zapdesk", "a", "1")
    next(tmp_path.iterdir()).write_bytes(damage)
    assert store.get_password("zapdesk", "a") is None
    assert store.names() == []
    store.set_password("zapdesk", "a", "2")
    assert store.get_password("zapdesk", "a") == "2"


def test_full_disk_leaves_the_old_secret_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStore(tmp_path)
    store.set_password("zapdesk", "a", "1")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.set_password("zapdesk", "a", "2")
    monkeypatch.undo()
    assert store.get_password("zapdesk", "a") == "1"
    assert len(list(tmp_path.iterdir())) == 1


def test_choice_that_cannot_be_saved_is_no_choice(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file in the way")

    async def scenario() -> None:
        vault = Vault(broken(), tmp_path / "secrets")
        with pytest.raises(VaultUnusable, match="could not be saved"):
            await vault.use_file()
        assert not await vault.put("token", "s3cret")

    asyncio.run(scenario())

"""The vault over fake backends: hanging, failing, forgetful. No real keyring is ever touched."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring

from zapdesk.errors import VaultUnusable
from zapdesk.vault import Vault


class Memory(KeyringBackend):
    """Keeps what it is given; each fault is switched on by a test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's is not typed
        self.kept: dict[tuple[str, str], str] = {}
        self.fault: Any = lambda: None

    def get_password(self, service: str, username: str) -> str | None:
        self.fault()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.fault()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.fault()
        del self.kept[service, username]


def _impatient(backend: KeyringBackend) -> Vault:
    return Vault(backend, deadline_s=0.2, unlock_deadline_s=0.3)


def _hangs() -> None:
    time.sleep(5)


def _fails() -> None:
    raise RuntimeError("org.freedesktop.Secret: s3cret in the text of an error")


def test_secret_is_kept_read_and_removed() -> None:
    async def scenario() -> None:
        backend = Memory()
        vault = Vault(backend)
        assert await vault.put("token a", "s3cret")
        assert await Vault(backend).get("token a") == "s3cret"
        assert await vault.get("token b") is None
        await vault.remove("token a")
        await vault.remove("token a")
        assert backend.kept == {}
        assert vault.trouble == ""

    asyncio.run(scenario())


def test_backend_that_hangs_is_given_up_in_time_and_the_secret_lives_in_memory() -> None:
    async def scenario() -> None:
        backend = Memory()
        backend.fault = _hangs
        vault = _impatient(backend)
        before = time.monotonic()
        for _ in range(50):  # one for each request: only the first waits
            assert await vault.get("token") is None
        assert not await vault.put("token", "s3cret")
        assert time.monotonic() - before < 2
        assert await vault.get("token") == "s3cret"
        assert "does not answer" in vault.trouble
        backend.fault = lambda: None  # unlocked: the next call has a thread of its own
        assert await vault.put("token", "newer")
        assert backend.kept == {("zapdesk", "token"): "newer"}

    asyncio.run(scenario())


def test_program_ends_at_once_although_a_call_hangs() -> None:
    async def scenario() -> None:
        backend = Memory()
        backend.fault = _hangs
        await _impatient(backend).get("token")

    before = time.monotonic()
    asyncio.run(scenario())
    assert time.monotonic() - before < 2


def test_backend_that_raises_leaves_the_secret_in_memory_and_out_of_the_words() -> None:
    async def scenario() -> None:
        backend = Memory()
        backend.fault = _fails
        vault = Vault(backend)
        assert await vault.get("token") is None
        assert not await vault.put("token", "s3cret")
        assert await vault.get("token") == "s3cret"
        assert "did not work" in vault.trouble
        assert "s3cret" not in vault.trouble
        with pytest.raises(VaultUnusable):
            await vault.remove("token")
        assert await vault.get("token") is None  # it is out of memory all the same

    asyncio.run(scenario())


def test_null_backend_that_forgets_is_noticed() -> None:
    async def scenario() -> None:
        vault = Vault(_null())
        assert not await vault.put("token", "s3cret")
        assert await vault.get("token") == "s3cret"
        assert await Vault(_null()).get("token") is None
        assert "forgets" in vault.trouble

    asyncio.run(scenario())


def _null() -> KeyringBackend:
    return NullKeyring()  # type: ignore[no-untyped-call]  # keyring's is not typed


def _fail() -> KeyringBackend:
    return FailKeyring()  # type: ignore[no-untyped-call]  # keyring's is not typed


class PlaintextKeyring(Memory):
    """Named and placed as the one of keyrings.alt."""

    __module__ = "keyrings.alt.file"


@pytest.mark.parametrize("backend", [PlaintextKeyring(), _fail(), _null(), Memory()])
def test_backend_that_is_not_trusted_is_never_chosen(
    backend: KeyringBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)

    async def scenario() -> None:
        vault = Vault()
        assert not await vault.put("token", "s3cret")
        assert "no secret store that zapdesk trusts" in vault.trouble
        assert not getattr(backend, "kept", {})
        assert await vault.get("token") == "s3cret"

    asyncio.run(scenario())


def test_calls_come_one_after_the_other() -> None:
    busy = [0, 0]

    def counts() -> None:
        busy[0] += 1
        busy[1] = max(busy)
        time.sleep(0.005)
        busy[0] -= 1

    async def scenario() -> None:
        backend = Memory()
        backend.fault = counts
        vault = Vault(backend)
        await asyncio.gather(*(vault.get(str(n)) for n in range(10)))
        assert busy == [0, 1]

    asyncio.run(scenario())

"""The vault over fake backends: hanging, failing, forgetful. No real keyring is ever touched."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.null import Keyring as NullKeyring

from tests.vault.stores import Memory
from zapdesk.domain.secret_store import Condition
from zapdesk.errors import InvalidInput, VaultUnusable
from zapdesk.vault import MOST, Vault
from zapdesk.vault.worker import MOST_STUCK


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


class Narrow(Memory):
    """Takes no more than Windows does, which then answers with error 1783."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            raise OSError(1783, "The stub received bad data")
        super().set_password(service, username, password)


@pytest.mark.parametrize("length", [1, 999, 1_000, 1_001, 1_280, 1_281, 10_000, MOST])
def test_a_secret_longer_than_a_store_takes_is_kept_in_parts(length: int) -> None:
    async def scenario() -> None:
        backend = Narrow()
        vault = Vault(backend)
        secret = ("tökén-" * length)[:length]
        assert await vault.put("token", secret)
        assert await Vault(backend).get("token") == secret
        assert await vault.put("token", "short")
        assert backend.kept == {("zapdesk", "token"): "short"}
        await vault.put("token", secret)
        await vault.remove("token")
        assert backend.kept == {}

    asyncio.run(scenario())


def test_a_set_of_parts_that_was_half_written_leaves_the_old_secret_to_be_read() -> None:
    async def scenario() -> None:
        backend = Narrow()
        vault = Vault(backend)
        old = "o" * 5_000
        await vault.put("token", old)
        written = iter(range(3))

        def fails_in_the_middle() -> None:
            if next(written, None) is None:
                raise OSError("full")

        plain = backend.set_password

        def set_password(service: str, username: str, password: str) -> None:
            fails_in_the_middle()
            plain(service, username, password)

        backend.set_password = set_password  # type: ignore[method-assign]  # a fault, in mid-set
        assert not await vault.put("token", "n" * 5_000)
        assert await Vault(backend).get("token") == old

    asyncio.run(scenario())


def test_parts_that_somebody_removed_or_changed_read_as_no_secret() -> None:
    async def scenario() -> None:
        backend = Memory()
        await Vault(backend).put("token", "s" * 3_000)
        part = next(key for key in backend.kept if key[1].endswith(".1"))
        backend.kept[part] = "garbage"
        assert await Vault(backend).get("token") is None
        del backend.kept[part]
        assert await Vault(backend).get("token") is None

    asyncio.run(scenario())


def test_a_secret_that_looks_like_a_head_of_parts_is_kept_as_what_it_is() -> None:
    async def scenario() -> None:
        backend = Memory()
        secret = f"zapdesk parts {'0' * 16} 3 {'0' * 64}"
        assert await Vault(backend).put("token", secret)
        assert await Vault(backend).get("token") == secret

    asyncio.run(scenario())


def test_a_secret_of_a_megabyte_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too long"):
        asyncio.run(Vault(Memory()).put("token", "x" * 1_000_000))


class KeyringLocked(Exception):
    """Named as keyring's own."""


class PasswordSetError(Exception):
    """Named as keyring's own."""


@pytest.mark.parametrize(
    ("error", "condition"),
    [
        (KeyringLocked("Can't get password from keychain: (-128, 'Denied')"), Condition.DENIED),
        (PasswordSetError("Can't store password on keychain: (-25293, 'x')"), Condition.DENIED),
        (PasswordSetError("Can't store password on keychain: (-67030, 'x')"), Condition.DENIED),
        (PasswordSetError("Can't store password on keychain: (-25308, 'x')"), Condition.DENIED),
        (PasswordSetError("Can't store password on keychain: (-1, 'x')"), Condition.FAILED),
        (KeyringLocked("Failed to unlock the collection!"), Condition.LOCKED),
        (OSError(1783, "The stub received bad data"), Condition.FAILED),
        (MemoryError("-25293"), Condition.FAILED),
    ],
)
def test_error_of_a_store_is_told_by_its_kind_and_never_by_its_text(
    error: Exception, condition: Condition
) -> None:
    async def scenario() -> None:
        backend = Memory()

        def fails() -> None:
            raise error

        backend.fault = fails
        vault = Vault(backend)
        assert not await vault.put("token", "s3cret")
        assert vault.state.condition is condition
        assert str(error) not in vault.trouble
        assert vault.state.hint

    asyncio.run(scenario())


def test_call_that_was_given_up_writes_nothing_once_it_comes_back() -> None:
    async def scenario() -> None:
        backend = Memory()
        freed = threading.Event()
        backend.fault = lambda: freed.wait(5)
        vault = _impatient(backend)
        assert not await vault.put("token", "old")
        backend.fault = lambda: None
        assert await vault.put("token", "new")
        freed.set()
        await asyncio.sleep(0.1)
        assert backend.kept == {("zapdesk", "token"): "new"}

    asyncio.run(scenario())


def test_store_that_takes_a_secret_again_gets_what_was_in_memory_too() -> None:
    async def scenario() -> None:
        backend = Memory()
        backend.fault = _fails
        vault = Vault(backend)
        for name in ("a", "b"):
            assert not await vault.put(name, f"secret {name}")
        backend.fault = lambda: None
        assert await vault.put("c", "secret c")
        assert sorted(backend.kept.values()) == ["secret a", "secret b", "secret c"]

    asyncio.run(scenario())


def test_no_more_than_a_few_calls_are_left_hanging() -> None:
    async def scenario() -> None:
        backend = Memory()
        freed = threading.Event()
        backend.fault = lambda: freed.wait(5)
        vault = Vault(backend, deadline_s=0.05, unlock_deadline_s=0.05)
        for _ in range(20):
            assert (await vault.probe()).condition is Condition.SILENT
        hanging = [thread for thread in threading.enumerate() if thread.name == "keyring"]
        freed.set()
        assert len(hanging) <= MOST_STUCK + before
        backend.fault = lambda: None
        await asyncio.sleep(0.1)
        assert (await vault.probe()).condition is Condition.READY  # threads that came back work

    before = sum(thread.name == "keyring" for thread in threading.enumerate())
    asyncio.run(scenario())

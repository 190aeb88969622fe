"""The vault over a real Secret Service: open, locked, frozen, killed, damaged, absent."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vault.secret_service import PASSWORD, Desktop, desktop
from zapdesk.domain.secret_store import Condition
from zapdesk.vault import MOST, Vault

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs a Linux desktop"
)

ATTRIBUTES = ("service", "zapdesk", "username", "token", "application", "Python keyring library")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    with desktop(tmp_path, monkeypatch) as made:
        yield made


def vault_of(desk: Desktop, deadline_s: float = 3.0, unlock_deadline_s: float = 10.0) -> Vault:
    folder = desk.home / "secrets"
    return Vault(folder=folder, deadline_s=deadline_s, unlock_deadline_s=unlock_deadline_s)


@pytest.mark.parametrize("secret", ["s3cret", "tökén ✓ 'x'", "x" * MOST])
def test_secrets_of_every_kind_and_length_are_kept_read_and_removed(
    desk: Desktop, secret: str
) -> None:
    async def scenario() -> None:
        desk.start_keyring()
        assert (await vault_of(desk).probe()).condition is Condition.READY
        vault = vault_of(desk)
        assert await vault.put("token", secret)
        assert vault.store_name == "The desktop's keyring"
        assert await vault_of(desk).get("token") == secret
        await vault.remove("token")
        assert await vault_of(desk).get("token") is None
        assert desk.tool("search", "--all", "service", "zapdesk") == b""

    asyncio.run(scenario())


def test_locked_keyring_is_told_at_once_without_a_dialog_and_unlocks_by_itself_elsewhere(
    desk: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zapdesk.vault.vault.REST_S", 0.0)

    async def scenario() -> None:
        desk.start_keyring()
        assert await vault_of(desk).put("token", "old")
        desk.lock()
        vault = vault_of(desk)
        before = time.monotonic()
        assert await vault.get("token") is None
        assert (await vault.probe()).condition is Condition.LOCKED
        assert not await vault.put("other", "s3cret", asks=False)
        assert time.monotonic() - before < 1.5
        assert vault.state.detail == ""  # nobody was asked, so nobody closed a question
        assert await vault.get("other") == "s3cret"
        desk.kill()
        desk.start_keyring()
        assert await vault.get("token") == "old"
        assert vault.state.condition is Condition.READY

    asyncio.run(scenario())


def test_prompt_that_is_dismissed_leaves_the_secret_for_this_session(desk: Desktop) -> None:
    """Without a display the desktop's own dialog ends as if it had been closed."""

    async def scenario() -> None:
        desk.start_keyring()
        desk.lock()
        vault = vault_of(desk)
        assert not await vault.put("token", "s3cret")
        assert vault.state.condition is Condition.LOCKED
        assert "was closed" in vault.trouble
        assert await vault.get("token") == "s3cret"
        assert not list((desk.home / "secrets").glob("*.secret"))

    asyncio.run(scenario())


def test_frozen_daemon_is_given_up_in_time_and_taken_up_again_once_it_answers(
    desk: Desktop,
) -> None:
    async def scenario() -> None:
        desk.start_keyring()
        assert await vault_of(desk).put("token", "old")
        vault = vault_of(desk, 1.5)
        desk.freeze()
        before = time.monotonic()
        found = await asyncio.gather(*(vault.get("token") for _ in range(100)))
        assert set(found) == {None}
        assert not await vault.put("new", "s3cret")
        assert time.monotonic() - before < 5
        assert vault.state.condition is Condition.SILENT
        desk.thaw()
        assert (await vault.unlock()).condition is Condition.READY
        assert await vault_of(desk).get("new") == "s3cret"
        assert await vault.get("token") == "old"

    asyncio.run(scenario())


def test_daemon_killed_and_started_anew_by_the_bus_is_locked(desk: Desktop) -> None:
    async def scenario() -> None:
        desk.start_keyring()
        vault = vault_of(desk)
        assert await vault.put("token", "old")
        desk.kill()
        assert await vault.get("token") is None
        assert vault.state.condition is Condition.LOCKED
        assert not await vault.put("token", "new", asks=False)
        assert await vault.get("token") == "new"

    asyncio.run(scenario())


def test_no_service_on_the_bus_is_no_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        vault = Vault()
        assert not await vault.put("token", "s3cret")
        assert vault.state.condition is Condition.ABSENT

    with desktop(tmp_path, monkeypatch, has_service=False):
        asyncio.run(scenario())


def test_keyring_without_a_password_opens_by_itself(desk: Desktop) -> None:
    async def scenario() -> None:
        desk.give_a_keyring_without_a_password()
        desk.start_keyring(is_unlocked=False)
        vault = vault_of(desk)
        assert await vault.get("token") is None
        assert vault.state.condition is Condition.READY
        assert await vault.put("token", "s3cret")

    asyncio.run(scenario())


def test_service_that_has_no_keyring_yet_is_set_up_only_when_a_person_asks(desk: Desktop) -> None:
    async def scenario() -> None:
        desk.start_keyring(is_unlocked=False)
        vault = vault_of(desk)
        assert (await vault.probe()).condition is Condition.LOCKED
        assert "not been set up" in vault.trouble
        assert (await vault.unlock()).condition is Condition.LOCKED  # nobody is there to answer

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "garbage", [b"\xff\xfe\x00", f"zapdesk parts {'0' * 16} 3 {'0' * 64}".encode(), b"{"]
)
def test_entry_that_somebody_changed_outside_is_no_secret_and_stays_until_the_next(
    desk: Desktop, garbage: bytes
) -> None:
    async def scenario() -> None:
        desk.start_keyring()
        await vault_of(desk).put("token", "old")
        desk.tool("store", "--label=x", *ATTRIBUTES, stdin=garbage)
        vault = vault_of(desk)
        assert await vault.get("token") in (None, "{")
        assert vault.state.condition is Condition.READY
        assert desk.tool("lookup", *ATTRIBUTES).strip() == garbage
        assert await vault.put("token", "new")
        assert await vault_of(desk).get("token") == "new"

    asyncio.run(scenario())


def test_entry_that_somebody_removed_outside_is_no_secret(desk: Desktop) -> None:
    async def scenario() -> None:
        desk.start_keyring()
        await vault_of(desk).put("token", "old")
        desk.tool("clear", *ATTRIBUTES)
        assert await vault_of(desk).get("token") is None

    asyncio.run(scenario())


def test_password_of_the_keyring_is_no_business_of_the_vault(desk: Desktop) -> None:
    desk.start_keyring()
    asyncio.run(vault_of(desk).put("token", "s3cret"))
    kept = b"".join(p.read_bytes() for p in desk.home.rglob("*") if p.is_file())
    assert PASSWORD.encode() not in kept
    assert b"s3cret" not in kept

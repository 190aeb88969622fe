"""A sign-out, a closed dialog or the end of the program in the middle of a renewal: no token comes
back that was given up, and none is lost that was had."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ExpectLog
from tests.services.test_tokens import ENTRIES, Stand, second
from tests.vault.stores import Memory
from zapdesk.api.oauth import Grant
from zapdesk.domain.profiles import SignInKind, custom
from zapdesk.errors import VaultUnusable, ZapdeskError
from zapdesk.file_lock import Turn
from zapdesk.services.accounts import Accounts
from zapdesk.services.endings import EndedElsewhere
from zapdesk.services.entries import Entries
from zapdesk.services.tokens import PAUSE_S, TokenKeeper
from zapdesk.vault import Vault

PROFILE = replace(custom("https://example.com"), sign_in=SignInKind.OAUTH, client_id="id")


def names_in(backend: Memory) -> set[str]:
    return {name for _, name in backend.kept}


def test_a_request_that_is_cancelled_during_a_renewal_does_not_lose_the_new_refresh_token(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        stand, is_asked, may_answer = Stand(tmp_path, second()), asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            is_asked.set()
            await may_answer.wait()

        stand.during = slow
        reader = asyncio.ensure_future(stand.keeper.renew("a-1"))
        await is_asked.wait()
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        may_answer.set()
        await stand.keeper.settle(5)
        assert stand.stored == ("a-2", "r-2")
        assert stand.asked == ["r-1"]

    asyncio.run(scenario())


def test_a_sign_out_during_a_renewal_breaks_it_off_and_whoever_waits_gets_no_token(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        stand, is_asked = Stand(tmp_path, second()), asyncio.Event()

        async def hangs() -> None:
            is_asked.set()
            await asyncio.Event().wait()

        stand.during = hangs
        reader = asyncio.ensure_future(stand.keeper.renew("a-1"))
        await is_asked.wait()
        stand.keeper.break_off()
        assert await reader is None
        with Turn(stand.turn, 1):  # and nobody else has to wait
            assert stand.stored == ("a-1", "r-1")

    asyncio.run(scenario())


def test_a_sign_out_between_two_writes_of_a_renewal_leaves_neither_token(tmp_path: Path) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path)
        keeper, kept = stand.keeper, stand.backend.kept
        write = stand.backend.set_password

        def signs_out(service: str, username: str, password: str) -> None:
            write(service, username, password)
            keeper.is_closed = True  # as from the other thread, the first time
            kept.clear()

        stand.backend.set_password = signs_out  # type: ignore[method-assign]  # a fault
        assert await keeper.keep(second()) is False
        assert kept == {}

    asyncio.run(scenario())


def test_a_sign_out_while_another_process_renews_comes_after_its_tokens_are_stored(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        backend, entries = Memory(), Entries.of(PROFILE)
        accounts = Accounts(Vault(backend), tmp_path / "settings.toml", tmp_path)
        async with Turn(tmp_path / "renewal.turn", 1):
            leaving = asyncio.ensure_future(accounts.sign_out(PROFILE))
            await asyncio.sleep(0.05)
            backend.kept["zapdesk", entries.refresh] = "renewed elsewhere"
            backend.kept["zapdesk", entries.access] = "renewed elsewhere"
        await leaving
        assert backend.kept == {}

    asyncio.run(scenario())


def test_a_sign_out_while_the_turn_is_never_free_removes_everything_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_log: ExpectLog
) -> None:
    monkeypatch.setattr("zapdesk.services.accounts.TURN_WAIT_S", 0.05)
    expected_log("without waiting for a turn")

    async def scenario() -> None:
        backend = Memory()
        accounts = Accounts(Vault(backend), tmp_path / "settings.toml", tmp_path)
        backend.kept["zapdesk", Entries.of(PROFILE).access] = "old"
        async with Turn(tmp_path / "renewal.turn", 1):
            await accounts.sign_out(PROFILE)
        assert backend.kept == {}

    asyncio.run(scenario())


def test_a_sign_out_from_a_locked_store_leaves_nothing_in_memory_to_be_stored_later(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        backend = Memory()
        vault = Vault(backend, tmp_path / "secrets")
        accounts, entries = Accounts(vault, tmp_path / "s.toml", tmp_path), Entries.of(PROFILE)
        forgotten: list[str] = []

        async def forget(profile_id: str) -> None:
            forgotten.append(profile_id)

        accounts.forget_person = forget
        await vault.put("something else", "of another profile")

        def refuses() -> None:
            raise RuntimeError

        backend.fault = refuses
        for name in entries.all:
            assert not await vault.put(name, f"secret of {name}")
        with pytest.raises(VaultUnusable):
            await accounts.sign_out(PROFILE)
        assert forgotten == [PROFILE.id]
        backend.fault = lambda: None
        await vault.unlock()
        assert names_in(backend) == {"something else"}
        assert [await vault.get(name) for name in entries.all] == [None] * len(entries.all)

    asyncio.run(scenario())


def test_one_entry_that_cannot_be_removed_does_not_keep_the_others(tmp_path: Path) -> None:
    async def scenario() -> None:
        backend, entries = Memory(), Entries.of(PROFILE)
        accounts = Accounts(Vault(backend), tmp_path / "settings.toml", tmp_path)
        for name in entries.all:
            backend.kept["zapdesk", name] = "secret"
        delete = backend.delete_password

        def refuses_one(service: str, username: str) -> None:
            if username == entries.access:
                raise RuntimeError
            delete(service, username)

        backend.delete_password = refuses_one  # type: ignore[method-assign]  # a fault
        with pytest.raises(VaultUnusable):
            await accounts.sign_out(PROFILE)
        assert names_in(backend) == {entries.access}

    asyncio.run(scenario())


@pytest.mark.parametrize("account", ["", "bob"], ids=["signed out", "signed in as another"])
def test_tokens_that_could_not_be_stored_are_not_stored_once_somebody_elsewhere(
    tmp_path: Path, account: str
) -> None:
    async def scenario() -> None:
        stand = Stand(tmp_path)
        vault, kept = Vault(stand.backend), stand.backend.kept
        keeper = TokenKeeper(ENTRIES, vault, stand.turn, None, clock=lambda: stand.now)
        lost: list[ZapdeskError] = []
        keeper.lost.subscribe(lost.append)
        await keeper.sign_in(Grant("of-ada", "r-ada", math.inf), "ada")

        write = stand.backend.set_password
        stand.backend.set_password = forgetful  # type: ignore[method-assign]  # a fault
        assert not await keeper.keep(Grant("of-ada-2", "r-ada-2", math.inf), asks=False)
        stand.backend.set_password = write  # type: ignore[method-assign]  # it is mended
        kept.clear()
        if account:
            kept["zapdesk", "account"] = account
            kept["zapdesk", "access"] = "of-bob"
        before = dict(kept)
        stand.now += PAUSE_S + 1
        with pytest.raises(EndedElsewhere):
            await keeper.token()
        assert kept == before
        assert len(lost) == 1
        assert await vault.put("another", "secret")  # which takes along what is in memory
        assert kept == {**before, ("zapdesk", "another"): "secret"}

    asyncio.run(scenario())


def forgetful(service: str, username: str, password: str) -> None:
    """A store that says yes and keeps nothing."""

"""Signing out, and in as somebody else, while something is under way, here or elsewhere."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.sandbox_server import Address, running_sandbox
from tests.services.desk import order
from tests.services.test_outcomes_in_the_sandbox import FAULT_LAB
from tests.services.token_family import Shared
from tests.vault.stores import Memory
from zapdesk.api.oauth import Grant
from zapdesk.bootstrap import Program, choose_access, read_settings
from zapdesk.domain.profiles import Profile, SignInKind, custom
from zapdesk.domain.runs import RunStatus
from zapdesk.errors import NotSignedIn, ZapdeskError
from zapdesk.paths import Paths
from zapdesk.services.endings import AccountReplaced
from zapdesk.services.entries import Entries
from zapdesk.services.tokens import TokenKeeper
from zapdesk.vault import Vault

ENTRIES = Entries("access", "refresh", "secret", "key", "account")
ELSEWHERE = """
import asyncio, math, sys
from pathlib import Path
from tests.services.test_account_faults import keeper_in
from zapdesk.api.oauth import Grant

asyncio.run(keeper_in(Path(sys.argv[1])).sign_in(Grant(sys.argv[2], "", math.inf), sys.argv[3]))
"""


def keeper_in(folder: Path) -> TokenKeeper:
    """As every process has it that shares the secrets in ``folder``."""
    return TokenKeeper(ENTRIES, Vault(Shared(folder)), folder / "turn", None)


def sign_in_elsewhere(folder: Path, token: str, account: str) -> None:
    """In a process of its own."""
    subprocess.run([sys.executable, "-c", ELSEWHERE, folder, token, account], cwd=ROOT, check=True)


def test_an_account_that_another_process_signed_in_to_is_not_used_by_this_one(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        keeper = keeper_in(tmp_path)
        lost: list[ZapdeskError] = []
        keeper.lost.subscribe(lost.append)
        await keeper.sign_in(Grant("of-ada", "", math.inf), "ada")
        await asyncio.to_thread(sign_in_elsewhere, tmp_path, "of-bob", "bob")
        assert await keeper.token() == "of-ada"  # it is still good
        assert await keeper.renew("of-ada") is None  # until the server says no
        with pytest.raises(AccountReplaced):
            await keeper.token()
        assert [type(error) for error in lost] == [AccountReplaced]
        assert await keeper_in(tmp_path).token() == "of-bob"
        assert await keeper_in(tmp_path).account() == "bob"

    asyncio.run(scenario())


def test_the_same_account_signed_in_to_by_another_process_goes_on_here(tmp_path: Path) -> None:
    async def scenario() -> None:
        keeper = keeper_in(tmp_path)
        await keeper.sign_in(Grant("first", "", math.inf), "ada")
        await asyncio.to_thread(sign_in_elsewhere, tmp_path, "second", "ada")
        assert await keeper.renew("first") == "second"

    asyncio.run(scenario())


def test_a_token_without_a_refresh_token_ends_with_the_first_401_and_says_so(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        keeper = keeper_in(tmp_path)
        lost: list[ZapdeskError] = []
        keeper.lost.subscribe(lost.append)
        await keeper.sign_in(Grant("only", "", math.inf))
        assert await keeper.renew("only") is None
        assert await keeper.renew("only") is None
        assert [str(error) for error in lost] == ["The sign-in is over."]
        assert await keeper.token() == "only"  # the server is the judge, not we

    asyncio.run(scenario())


# With a whole program


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with running_sandbox(tmp_path_factory.mktemp("server"), run_s=(20, 20)) as address:
        yield address


@asynccontextmanager
async def signed_in(server: Address) -> AsyncIterator[tuple[Program, Profile]]:
    """A program in front of a server, with its token pasted."""
    paths = Paths.find()
    settings = read_settings(paths)
    program = await Program.start(paths, settings, choose_access(settings, None, False))
    program.accounts.vault = Vault(Memory())
    try:
        outcome = await program.accounts.use_token(custom(server.url), server.token)
        await program.switch(outcome.profile)
        yield program, outcome.profile
    finally:
        await program.close()


@pytest.mark.usefixtures("home")
def test_signing_out_with_a_run_on_its_way_keeps_its_row_and_stops_asking_with_a_reason(
    server: Address,
) -> None:
    async def scenario() -> None:
        async with signed_in(server) as (program, profile):
            session = program.session
            assert session is not None
            wanted = order(FAULT_LAB, "mark", {"note": "signed out"})
            run = await session.runs.start(replace(wanted, profile_id=profile.id))
            while run.status is RunStatus.SUBMITTING:
                await asyncio.sleep(0.02)
                run = await program.log.get(run.id) or run
            await program.sign_out(profile)
            again = program.session
            assert again is not None
            assert again is not session
            assert await again.way.token() is None
            kept = await program.log.get(run.id)
            assert kept is not None
            assert (kept.status, kept.run_id) == (RunStatus.WAITING, run.run_id)
            again.runs.watch(kept)
            async with asyncio.timeout(10):
                while (seen := again.runs.outlook(kept)) is None or seen.trouble is None:
                    await asyncio.sleep(0.02)
            assert isinstance(seen.trouble, NotSignedIn)

    asyncio.run(scenario())


@pytest.mark.usefixtures("home")
def test_the_same_account_signing_in_again_goes_on_in_the_same_session(server: Address) -> None:
    async def scenario() -> None:
        async with signed_in(server) as (program, profile):
            session = program.session
            assert session is not None
            keeper = await program.accounts.keeper(profile)
            again = await program.accounts.use_token(profile, server.token)
            assert again.goes_on
            assert await program.accounts.keeper(profile) is keeper
            assert await session.way.token() == server.token

    asyncio.run(scenario())


@pytest.mark.usefixtures("home")
def test_a_token_that_the_server_refuses_is_not_kept_and_the_one_before_stays(
    server: Address,
) -> None:
    async def scenario() -> None:
        async with signed_in(server) as (program, profile):
            with pytest.raises(NotSignedIn, match="does not accept this token"):
                await program.accounts.use_token(profile, "another-token")
            assert profile.sign_in is SignInKind.TOKEN
            keeper = await program.accounts.keeper(profile)
            assert await keeper.token() == server.token

    asyncio.run(scenario())


@pytest.mark.usefixtures("home")
def test_a_keeper_that_another_account_has_ended_is_not_given_out_again(server: Address) -> None:
    async def scenario() -> None:
        async with signed_in(server) as (program, profile):
            keeper = await program.accounts.keeper(profile)
            keeper.close()
            assert await program.accounts.keeper(profile) is not keeper
            program.accounts.let_go(profile)
            outcome = await program.accounts.use_token(profile, server.token)
            assert not outcome.goes_on  # the session in use has the one that was ended

    asyncio.run(scenario())

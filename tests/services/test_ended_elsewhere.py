"""A window whose profile another process signs out or deletes: it stops, says why, and writes
nothing of it back."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.cli.program import zapdesk
from tests.services.desk import order
from tests.services.script_server import Script, scripted, still
from tests.services.token_family import Shared
from tests.vault.stores import Memory
from zapdesk.api.oauth import Grant
from zapdesk.bootstrap import Program, Session, choose_access, read_settings
from zapdesk.domain.profile_editing import fresh
from zapdesk.domain.profiles import BodyShape, Profile, ServerKind, custom
from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.errors import InvalidInput, NotSignedIn, ZapdeskError
from zapdesk.paths import Paths, private_folder
from zapdesk.services.accounts import Accounts
from zapdesk.services.endings import (
    AccountReplaced,
    ProfileDeleted,
    ProfileMoved,
    SignedInAgain,
    SignedOutElsewhere,
)
from zapdesk.services.entries import Entries
from zapdesk.services.tokens import TokenKeeper
from zapdesk.settings import Settings
from zapdesk.vault import Vault
from zapdesk.vault.file_store import FileStore

ENTRIES = Entries("access", "refresh", "secret", "key", "account")
PATIENCE_S = 20


@dataclass(slots=True)
class Window:
    """A program as the window has it, in front of a profile, with a run that waits."""

    program: Program
    profile: Profile
    session: Session
    server: Script
    home: Path
    lost: list[ZapdeskError]
    run: ActionRun

    async def terminal(self, *words: str) -> None:
        done = await asyncio.to_thread(zapdesk, self.home, *words)
        assert done.code == 0, done.err

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0.02)

    def why_not_watched(self) -> ZapdeskError | None:
        seen = self.session.runs.outlook(self.run)
        assert seen is not None
        return seen.trouble

    @property
    def kept(self) -> set[str]:
        """The names of what the store has."""
        return set(FileStore(Paths.find().secrets).names())

    @property
    def tables(self) -> set[str]:
        return set(Settings.load(Paths.find().settings).profiles)


@asynccontextmanager
async def window(home: Path) -> AsyncIterator[Window]:
    paths = Paths.find().create()
    settings = read_settings(paths)
    private_folder(paths.secrets)
    (paths.secrets / "store").write_text("file\n")  # the place for secrets of all processes
    async with scripted() as server:
        server.on_poll = [still()]
        program = await Program.start(paths, settings, choose_access(settings, None, False))
        try:
            made = await program.profiles.create(replace(custom(server.url), name="Work"))
            profile = (await program.accounts.use_token(made, "tok-1")).profile
            session = await program.switch(profile)
            lost: list[ZapdeskError] = []
            session.way.lost.subscribe(lost.append)
            wanted = replace(order(inputs={"note": "waits"}), profile_id=profile.id)
            run = await session.runs.wait_until_sent((await session.runs.start(wanted)).id)
            assert run.status is RunStatus.WAITING
            yield Window(program, profile, session, server, home, lost, run)
        finally:
            await program.close()


def test_another_process_that_signs_out_ends_the_token_the_polls_and_the_sending_here(
    home: Path,
) -> None:
    async def scenario() -> None:
        async with window(home) as here:
            assert await here.session.way.token() == "tok-1"
            await here.terminal("--profile", here.profile.id, "sign-out")
            await here.until(lambda: here.lost)
            assert [type(error) for error in here.lost] == [SignedOutElsewhere]
            with pytest.raises(SignedOutElsewhere):
                await here.session.way.token()
            assert isinstance(here.why_not_watched(), SignedOutElsewhere)
            asked = len(here.server.asked)
            with pytest.raises(NotSignedIn, match="Nothing was sent"):
                await here.session.runs.start(
                    replace(order(inputs={"note": "b"}), profile_id=here.profile.id)
                )
            await here.session.runs.recover()  # changes nothing about it
            assert isinstance(here.why_not_watched(), SignedOutElsewhere)
            row = await here.program.log.get(here.run.id)
            assert row is not None
            assert (row.status, row.run_id) == (RunStatus.WAITING, here.run.run_id)
            assert len(here.server.asked) == asked
            paths = Paths.find()
            await here.program._noticing.look()
            there = Accounts(Vault(folder=paths.secrets), paths.settings, paths.owners)
            await there.use_token(here.profile, "tok-2")  # as another process does
            await here.until(lambda: isinstance(here.session.runs.ending, SignedInAgain))
            here.program.accounts.let_go(here.profile)  # a person chose to use that
            fresh_session = await here.program.switch(here.profile)
            assert await fresh_session.way.token() == "tok-2"
            await here.until(lambda: fresh_session.runs.next_poll_s(here.run.id) is not None)

    asyncio.run(scenario())


def test_another_process_that_deletes_the_profile_ends_it_here_and_nothing_writes_it_back(
    home: Path,
) -> None:
    async def scenario() -> None:
        async with window(home) as here:
            program, profile = here.program, here.profile
            await here.terminal("profiles", "delete", profile.id, "--yes")
            await here.until(lambda: any(isinstance(e, ProfileDeleted) for e in here.lost))
            assert isinstance(here.why_not_watched(), ProfileDeleted)
            for deed in (
                program.accounts.use_token(profile, "tok-2"),
                program.accounts.use_client_id(profile, "an-id"),
                program.accounts.begin_sign_in(replace(profile, client_id="id"), "secret"),
                program.profiles.edit(replace(profile, name="Other")),
            ):
                with pytest.raises(ProfileDeleted):
                    await deed
            program.accounts.notes.keep_shape(profile.with_shape(BodyShape.GUIDE))
            again = await program.switch(profile)  # as *Try again* does
            assert isinstance(again.runs.ending, ProfileDeleted)
            with pytest.raises(NotSignedIn, match="deleted in another window"):
                await again.runs.start(replace(order(), profile_id=profile.id))
            assert profile.id not in here.tables
            row = await program.log.get(here.run.id)
            assert row is not None
            assert row.status is RunStatus.WAITING

    asyncio.run(scenario())


def test_a_profile_deleted_elsewhere_in_the_middle_of_a_sign_in_leaves_no_secret_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with window(home) as here:
            accounts = here.program.accounts
            real_check = accounts.notes.check

            async def check_then_lose(profile: Profile) -> None:
                await real_check(profile)
                await here.terminal("profiles", "delete", profile.id, "--yes")

            monkeypatch.setattr(accounts.notes, "check", check_then_lose)
            with pytest.raises(ProfileDeleted):
                await accounts.use_token(here.profile, "tok-2")
            assert here.profile.id not in here.tables
            assert set(Entries.of(here.profile).all).isdisjoint(here.kept)

    asyncio.run(scenario())


def test_a_profile_moved_elsewhere_in_the_middle_of_a_sign_in_leaves_no_secret_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with window(home) as here, scripted() as other:
            notes = here.program.accounts.notes
            keep = notes.keep_sign_in

            async def moved_then_keep(profile: Profile) -> None:
                await here.terminal("profiles", "edit", profile.id, "--server", other.url)
                await keep(profile)

            monkeypatch.setattr(notes, "keep_sign_in", moved_then_keep)
            with pytest.raises(ProfileMoved):
                await here.program.accounts.use_token(here.profile, "tok-2")
            assert set(Entries.of(here.profile).all).isdisjoint(here.kept)

    asyncio.run(scenario())


def test_a_deleted_profile_of_the_sandbox_sends_nothing_more_although_it_needs_no_token(
    home: Path,
) -> None:
    async def scenario() -> None:
        async with window(home) as here:
            program = here.program
            made = await program.profiles.create(fresh("Play", ServerKind.SANDBOX))
            session = await program.switch(made)
            await here.terminal("profiles", "delete", made.id, "--yes")
            await here.until(lambda: session.runs.ending)
            with pytest.raises(NotSignedIn, match="Nothing was sent"):
                await session.runs.start(replace(order(), profile_id=made.id))
            assert here.kept >= {Entries.of(here.profile).access}  # the other one's stays
            assert isinstance(session.runs.ending, ProfileDeleted)

    asyncio.run(scenario())


def test_a_settings_file_that_is_gone_for_a_moment_or_wrong_deletes_no_profile(
    home: Path,
) -> None:
    async def scenario() -> None:
        async with window(home) as here:
            path, noticing = here.program.preferences.path, here.program._noticing
            text = path.read_text()
            path.unlink()
            await noticing.look()
            path.write_text(text.replace('name = "Work"', "name = 7"))
            await noticing.look()
            assert here.program.profiles.get(here.profile.id) is None
            assert not here.program.profiles.is_deleted(here.profile.id)
            path.write_text(text)
            await noticing.look()
            assert here.program.profiles.get(here.profile.id) is not None
            path.write_text(f"{text}[[")
            with pytest.raises(ZapdeskError, match="not saved"):
                await here.program.profiles.edit(replace(here.profile, name="Other"), here.profile)
            await noticing.look()
            assert here.lost == []
            assert here.session.runs.ending is None

    asyncio.run(scenario())


def test_a_profile_renamed_elsewhere_is_renamed_here_within_seconds(home: Path) -> None:
    async def scenario() -> None:
        async with window(home) as here:
            await here.terminal("profiles", "edit", here.profile.id, "--name", "Elsewhere")
            await here.until(
                lambda: (
                    getattr(here.program.profiles.get(here.profile.id), "name", "") == "Elsewhere"
                )
            )
            assert here.lost == []
            assert await here.session.way.token() == "tok-1"

    asyncio.run(scenario())


# A profile that goes to another server


def test_a_run_that_waits_where_a_profile_was_is_not_asked_for_where_it_is_now(
    home: Path,
) -> None:
    async def scenario() -> None:
        async with window(home) as here, scripted() as other:
            program, run = here.program, here.run
            await here.until(lambda: here.server.polls)
            moved = await program.profiles.edit(replace(here.profile, base_url=other.url))
            signed = await program.accounts.use_token(moved, "tok-other")
            session = await program.switch(signed.profile)
            seen = session.runs.outlook(await program.log.find(run.id))
            assert seen is not None
            assert seen.trouble is not None
            assert "another server" in str(seen.trouble)
            polls = len(here.server.polls)
            session.runs.watch(await program.log.find(run.id))  # as *Look again* does
            await session.runs.recover()
            await asyncio.sleep(0.2)
            assert other.polls == []
            assert len(here.server.polls) == polls
            back = await program.profiles.edit(replace(signed.profile, base_url=here.server.url))
            again = await program.accounts.use_token(back, "tok-1")
            session = await program.switch(again.profile)
            await here.until(lambda: len(here.server.polls) > polls)
            assert other.polls == []

    asyncio.run(scenario())


def test_a_profile_moved_to_another_server_by_a_terminal_says_what_that_means_for_its_runs(
    home: Path,
) -> None:
    async def scenario() -> None:
        async with window(home) as here, scripted() as other:
            words = ("profiles", "edit", here.profile.id, "--server", other.url)
            done = await asyncio.to_thread(zapdesk, here.home, *words)
            assert done.code == 0
            assert f"wait at {here.server.url} are followed only while it is there" in done.err
            await here.until(lambda: here.lost)  # its token for the server before is gone
            assert isinstance(here.why_not_watched(), SignedOutElsewhere)

    asyncio.run(scenario())


def test_an_address_changed_elsewhere_while_somebody_signs_in_is_not_changed_back(
    home: Path,
) -> None:
    async def scenario() -> None:
        async with window(home) as here, scripted() as other:
            await here.terminal("profiles", "edit", here.profile.id, "--server", other.url)
            with pytest.raises(ProfileMoved):
                await here.program.accounts.use_token(here.profile, "tok-2")
            await here.program.profiles.reload()
            moved = here.program.profiles.named("Work")
            assert moved.base_url == other.url
            assert set(Entries.of(here.profile).all).isdisjoint(here.kept)
            path = here.program.preferences.path  # another spelling is no other place
            path.write_text(path.read_text().replace(other.url, f"{other.url.upper()}/"))
            assert (await here.program.accounts.use_token(moved, "tok-3")).is_kept

    asyncio.run(scenario())


def test_an_editor_that_was_open_for_long_keeps_what_others_changed_meanwhile(home: Path) -> None:
    async def scenario() -> None:
        async with window(home) as here:
            opened = here.profile
            words = ("--client-id", "theirs", "--time-zone", "Europe/Berlin")
            await here.terminal("profiles", "edit", opened.id, *words)
            await here.terminal("profiles", "create", "Taken", "--server", "sandbox")
            service = here.program.profiles
            with pytest.raises(InvalidInput, match="There is a profile 'Taken' already"):
                await service.edit(replace(opened, name="Taken"), opened)
            kept = await service.edit(replace(opened, name="Mine"), opened)
            assert (kept.name, kept.client_id) == ("Mine", "theirs")
            assert kept.time_zone == "Europe/Berlin"

    asyncio.run(scenario())


def test_another_account_signed_in_to_elsewhere_is_not_used_before_a_person_says_so(
    home: Path,
) -> None:
    async def whose(address: str, token: str, routing: object) -> str:
        return token.removeprefix("tok-")

    async def scenario() -> None:
        async with window(home) as here:
            program, paths = here.program, Paths.find()
            program.accounts.whose = whose
            ada = (await program.accounts.use_token(here.profile, "tok-ada")).profile
            session = await program.switch(ada)
            other = Accounts(Vault(folder=paths.secrets), paths.settings, paths.owners)
            other.whose = whose  # as another process has it
            await other.use_token(replace(ada, client_id="another-way"), "tok-bob")
            await program.profiles.reload()
            changed = program.profiles.named("Work")
            assert changed.client_id == "another-way"
            await program.take_up(changed)  # as the window does where a profile changes
            assert program.session is session
            assert isinstance(session.runs.ending, AccountReplaced)
            program.accounts.let_go(changed)  # they say so
            assert await (await program.switch(changed)).way.token() == "tok-bob"

    asyncio.run(scenario())


# Keepers in two processes


def keeper(folder: Path, vault: Vault | None = None) -> TokenKeeper:
    return TokenKeeper(ENTRIES, vault or Vault(Shared(folder), folder), folder / "turn", None)


def test_the_next_need_of_a_token_notices_what_another_process_did_before_any_401(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        here, there = keeper(tmp_path), keeper(tmp_path)
        lost: list[ZapdeskError] = []
        here.lost.subscribe(lost.append)
        await here.sign_in(Grant("first", "", math.inf), "ada")
        await there.sign_in(Grant("second", "", math.inf), "ada")
        assert await here.token() == "second"
        assert lost == []
        await there.sign_in(Grant("of-bob", "", math.inf), "bob")
        with pytest.raises(AccountReplaced):
            await here.token()
        assert len(lost) == 1
        assert await there.token() == "of-bob"

    asyncio.run(scenario())


def test_a_sign_out_elsewhere_ends_a_sign_in_that_only_this_session_has(tmp_path: Path) -> None:
    async def scenario() -> None:
        backend = Memory()
        vault = Vault(backend, tmp_path)
        vault.use_session()
        here = keeper(tmp_path, vault)
        await here.sign_in(Grant("passing", "r-1", math.inf), "ada")
        await Vault(Memory(), tmp_path).remove(*ENTRIES.of_person)  # as another process does
        assert await here.renew("passing") is None
        with pytest.raises(SignedOutElsewhere):
            await here.token()
        await vault.unlock()
        assert backend.kept == {}

    asyncio.run(scenario())

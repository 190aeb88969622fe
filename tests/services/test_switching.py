"""Going from one profile to another and back while runs are on their way: nothing is broken off,
nothing is watched twice, and nothing of one reaches the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from tests.api.fault_server import Wire
from tests.services.desk import order
from tests.services.script_server import (
    Script,
    accepted,
    ended,
    reply_bytes,
    scripted,
    still,
)
from zapdesk.bootstrap import Program, choose_access, read_settings
from zapdesk.domain.profiles import Profile, custom
from zapdesk.domain.runs import RunFilter, RunOrder, RunStatus
from zapdesk.errors import NotFound
from zapdesk.paths import Paths
from zapdesk.services import network
from zapdesk.services.entries import Entries
from zapdesk.services.sessions import Elsewhere

PATIENCE_S = 20


@dataclass(slots=True)
class Two:
    """A program with two profiles, each at a server of its own."""

    program: Program
    here: Profile
    there: Profile
    server: Script
    other: Script

    def order(self, profile: Profile, note: str) -> RunOrder:
        return replace(order(inputs={"note": note}), profile_id=profile.id)

    async def statuses(self, profile: Profile) -> list[RunStatus]:
        page = await self.program.log.page(RunFilter(profile.id), None, 10)
        return [run.status for run in page]


@asynccontextmanager
async def two() -> AsyncIterator[Two]:
    paths = Paths.find()
    settings = read_settings(paths)
    async with scripted() as server, scripted() as other:
        program = await Program.start(paths, settings, choose_access(settings, None, False))
        try:
            here, there = [
                await program.profiles.create(replace(custom(script.url), name=name))
                for script, name in ((server, "Here"), (other, "There"))
            ]
            for profile in (here, there):
                await program.accounts.vault.put(
                    Entries.of(profile).access, f"tok-{profile.name.lower()}-1"
                )
            yield Two(program, here, there, server, other)
        finally:
            await program.close()


async def until(is_so: object, what: str = "") -> None:
    assert callable(is_so)
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("home")
def test_a_profile_left_in_the_middle_of_a_post_is_answered_all_the_same() -> None:
    async def scenario() -> None:
        async with two() as desk:
            answer = asyncio.Event()

            async def late(wire: Wire) -> None:
                await answer.wait()
                await wire.send(reply_bytes(200, b'{"data": {"type": "run", "id": "run-1"}}'))

            desk.server.on_run = [late]
            desk.server.on_poll = [ended([{"from": "here"}])]
            first = await desk.program.go_to(desk.here)
            run = await first.runs.start(desk.order(desk.here, "a"))
            await until(lambda: desk.server.posts)
            second = await desk.program.go_to(desk.there)
            assert second is not first
            told: list[str] = []
            second.runs.changed.subscribe(lambda c: told.append(c.run.id) if c.run else None)
            answer.set()
            await until(lambda: desk.server.polls)
            await until(lambda: told)
            assert await desk.program.go_to(desk.here) is first
            done = await first.runs.wait(run.id, PATIENCE_S)
            assert done.status is RunStatus.SUCCESS
            assert len(desk.server.posts) == 1
            assert desk.other.posts == []
            assert set(told) == {run.id}

    asyncio.run(scenario())


@pytest.mark.usefixtures("home")
def test_the_body_shape_that_a_profile_learns_after_it_was_left_is_its_own() -> None:
    async def scenario() -> None:
        async with two() as desk:
            answer = asyncio.Event()

            async def late(wire: Wire) -> None:
                await answer.wait()
                body = b'{"errors": [{"status": 400, "code": "parse_error", "title": "No."}]}'
                await wire.send(reply_bytes(400, body))

            desk.server.on_run = [late, accepted("run-1")]
            first = await desk.program.go_to(desk.here)
            await first.runs.start(desk.order(desk.here, "a"))
            await until(lambda: desk.server.posts)
            await desk.program.go_to(desk.there)
            answer.set()
            await until(lambda: desk.server.polls)
            assert desk.program.access.profile == desk.there
            await desk.program.accounts.notes.close()
            await desk.program.profiles.reload()
            here, there = map(desk.program.profiles.get, (desk.here.id, desk.there.id))
            assert here == desk.here.with_shape(first.client.shape)
            assert there == desk.there

    asyncio.run(scenario())


@pytest.mark.usefixtures("home")
def test_to_and_fro_with_runs_on_their_way_each_ends_once_in_its_own_profile() -> None:
    async def scenario() -> None:
        async with two() as desk:
            for script, word in ((desk.server, "here"), (desk.other, "there")):
                script.on_run = [accepted(f"{word}-{n}") for n in range(3)]
                script.on_poll = [still(), still(), ended([{"from": word}])]
            started = []
            for number in range(3):
                for profile in (desk.here, desk.there):
                    session = await desk.program.go_to(profile)
                    assert session.profile == profile
                    started.append(await session.runs.start(desk.order(profile, f"n{number}")))
            async with asyncio.timeout(PATIENCE_S):
                for profile in (desk.here, desk.there):
                    while await desk.statuses(profile) != [RunStatus.SUCCESS] * 3:
                        await asyncio.sleep(0.05)
            for script, word in ((desk.server, "here"), (desk.other, "there")):
                assert len(script.posts) == 3
                assert {run_id.partition("-")[0] for run_id in script.polls} == {word}
                keys = {a.headers["authorization"] for a in script.asked}
                assert keys == {f"Bearer tok-{word}-1"}
            for run in started:
                record = await desk.program.log.record(run.id)
                assert record is not None
                word = "here" if run.profile_id == desk.here.id else "there"
                assert word in str(record.results)

    asyncio.run(scenario())


@pytest.mark.usefixtures("home")
def test_a_profile_without_runs_on_their_way_is_closed_and_a_changed_one_is_new() -> None:
    async def scenario() -> None:
        async with two() as desk:
            first = await desk.program.go_to(desk.here)
            await desk.program.go_to(desk.there)
            again = await desk.program.go_to(desk.here)
            assert again is not first
            desk.server.on_poll = [still()]
            run = await again.runs.start(desk.order(desk.here, "waits"))
            await again.runs.wait_until_sent(run.id)
            await desk.program.go_to(desk.there)
            changed = await desk.program.profiles.edit(replace(desk.here, time_zone="UTC"))
            fresh = await desk.program.go_to(changed)
            assert fresh is not again
            await until(lambda: fresh.runs.next_poll_s(run.id) is not None)  # it is watched again
            assert again.runs.next_poll_s(run.id) is None

    asyncio.run(scenario())


@pytest.mark.usefixtures("home")
def test_offline_leaves_no_socket_open_of_any_profile() -> None:
    async def scenario() -> None:
        async with two() as desk:
            desk.server.on_poll = [still()]
            first = await desk.program.go_to(desk.here)
            run = await first.runs.start(desk.order(desk.here, "waits"))
            await until(lambda: desk.server.polls)
            second = await desk.program.go_to(desk.there)
            with pytest.raises(NotFound):
                await second.client.me()
            await until(lambda: (desk.server.sockets, desk.other.sockets) == (1, 1))
            network.switch(True)
            await network.hang_up()
            await until(lambda: (desk.server.sockets, desk.other.sockets) == (0, 0))
            del desk.server.on_poll[:]
            network.switch(False)
            assert (await first.runs.wait(run.id, PATIENCE_S)).status is RunStatus.SUCCESS

    try:
        asyncio.run(scenario())
    finally:
        network.switch(False)


@pytest.mark.usefixtures("home")
def test_the_same_profile_again_waits_for_what_is_being_sent() -> None:
    async def scenario() -> None:
        async with two() as desk:
            first = await desk.program.go_to(desk.here)
            desk.server.on_poll = [still()]
            run = await first.runs.start(desk.order(desk.here, "sent"))
            await desk.program.switch(desk.here)
            assert await desk.statuses(desk.here) == [RunStatus.WAITING]
            assert run.id

    asyncio.run(scenario())


def test_each_asker_hears_once_that_another_process_has_written() -> None:
    async def scenario() -> None:
        answers = [False, True, False, False]

        async def ask() -> bool:
            return answers.pop(0)

        elsewhere = Elsewhere(ask)
        one, other = elsewhere.asker(), elsewhere.asker()
        assert [await one(), await other(), await one(), await one()] == [
            *(False, True, True, False)
        ]

    asyncio.run(scenario())

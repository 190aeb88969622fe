"""Offline, by choice or because the network comes and goes: nothing is kept to be sent later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.fault_server import free_port
from tests.services.desk import Desk, at_once, desk, order, told
from tests.services.script_server import Script, scripted, still
from zapdesk.domain.outlook import WaitsFor
from zapdesk.domain.profiles import SANDBOX
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.errors import Offline
from zapdesk.paths import Paths
from zapdesk.services import network
from zapdesk.services.access import Access
from zapdesk.services.accounts import Accounts
from zapdesk.services.sandbox_process import SandboxProcess
from zapdesk.services.ways import NOWHERE, find_way
from zapdesk.vault import Vault


@pytest.fixture(autouse=True)
def online() -> Iterator[None]:
    yield
    network.switch(False)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)


def test_run_while_offline_is_not_sent_and_is_not_sent_later(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            network.switch(True)
            record = await made.ended(order())
            assert record.run.status is RunStatus.NOT_SENT
            assert "offline" in told(record)
            assert script.asked == []
            network.switch(False)
            await made.runs.flush()
            await asyncio.sleep(0.2)
            assert script.posts == []

    asyncio.run(scenario())


def test_the_same_again_is_not_asked_about_while_nothing_can_be_sent(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            await made.ended(order())
            network.switch(True)
            assert await made.runs.earlier_attempt(order(inputs={"other": "1"})) is None
            with pytest.raises(Offline, match="zapdesk is offline"):
                await made.runs.earlier_attempt(order())
            network.switch(False)
            assert await made.runs.earlier_attempt(order()) is not None

    asyncio.run(scenario())


def test_polls_rest_while_offline_say_so_and_go_on_after(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_poll=[still()]) as script, desk(tmp_path, script.url) as made:
            run = await made.runs.start(order())
            await _until(lambda: len(script.polls) >= 1)
            network.switch(True)
            asked = len(script.asked)
            waiting = await made.log.get(run.id)
            assert waiting is not None
            outlook = made.runs.outlook(waiting)
            assert outlook is not None
            assert outlook.waits_for is WaitsFor.OFFLINE
            assert outlook.seconds is None
            assert "offline" in outlook.sentence("the server")
            await asyncio.sleep(1.5)  # longer than the pause before the next look
            assert len(script.asked) == asked
            del script.on_poll[:]
            network.switch(False)
            ended = await made.runs.wait(run.id, 10)
            assert ended.status is RunStatus.SUCCESS
            assert len(script.posts) == 1

    asyncio.run(scenario())


def test_sandbox_is_neither_started_nor_spoken_to_while_offline(tmp_path: Path) -> None:
    async def scenario() -> None:
        paths = Paths(tmp_path / "d", tmp_path / "c", tmp_path / "l").create()
        sandbox = SandboxProcess(paths.sandbox, ["false"])
        network.switch(True)
        accounts = Accounts(Vault(), paths.settings, paths.owners)
        way = await find_way(Access(SANDBOX), accounts, sandbox)
        assert way.base_url == NOWHERE
        assert await way.token() is None
        assert not paths.sandbox.exists()

    asyncio.run(scenario())


def test_network_that_comes_and_goes_sends_nothing_twice_and_queues_nothing(
    tmp_path: Path,
) -> None:
    port = free_port()
    reachable: list[bool] = []

    async def press(made: Desk) -> RunStatus:
        return (await made.ended(order(), 10.0)).run.status

    async def scenario() -> tuple[list[RunStatus], Script]:
        statuses: list[RunStatus] = []
        script = Script()
        async with desk(tmp_path, f"http://127.0.0.1:{port}", pause=at_once) as made:
            made.signs.subscribe(lambda signs: reachable.append(signs.is_reachable))
            for _ in range(3):
                statuses.append(await press(made))  # nobody listens
                async with scripted(port=port) as script_now:
                    statuses.append(await press(made))
                    script.asked += script_now.asked
            # The log is there whatever the network does.
            assert len(await made.log.page(RunFilter(), None, 50)) == 6
        return statuses, script

    statuses, script = asyncio.run(scenario())
    assert statuses == [RunStatus.NOT_SENT, RunStatus.SUCCESS] * 3
    assert len(script.posts) == 3  # those that were pressed while it was there, once each
    assert reachable[0] is False
    assert reachable[-1] is True

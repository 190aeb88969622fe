"""Connections over the real sandbox and a scripted server: what is known, and how they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.fault_server import free_port
from tests.sandbox_server import Address, running_sandbox
from tests.services.desk import PROFILE, Desk, at_once, desk, order
from tests.services.script_server import errors, scripted
from zapdesk.domain.catalog import App, Authentication
from zapdesk.domain.connections import ConnectionState
from zapdesk.errors import Forbidden, InvalidInput, Unreachable
from zapdesk.services.connecting import PAUSES_S, Connecting, ConnectStage
from zapdesk.services.connections import ConnectionService
from zapdesk.storage.authentications import AuthenticationStore


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), apps=3) as address:
        yield address


def service_of(made: Desk) -> ConnectionService:
    store = AuthenticationStore(made.database)
    return ConnectionService(PROFILE, made.catalog, store, made.log)


@asynccontextmanager
async def at(sandbox: Address, home: Path) -> AsyncIterator[tuple[Desk, ConnectionService]]:
    async with desk(home, sandbox.url, sandbox.token) as made:
        await made.catalog.refresh()
        yield made, service_of(made)


def fast(attempt: Connecting) -> Connecting:
    attempt._pauses_s = (0.02,)
    return attempt


async def submit(link: str, **form: str) -> httpx.Response:
    """Fill in the page as a browser does."""
    parts = urlsplit(link)
    origin = f"{parts.scheme}://{parts.netloc}"
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert (await browser.get(link)).status_code == 200
        return await browser.post(link, data=form, headers={"Origin": origin})


def test_connection_that_was_made_in_the_browser_is_noticed(
    sandbox: Address, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with at(sandbox, tmp_path) as (made, service):
            app = await made.catalog.find_app("Tables")
            attempt = fast(service.connect(app))
            assert not attempt.is_for_once
            link = await attempt.open()
            assert link.startswith(f"{sandbox.url}/connect/")
            seen: list[ConnectStage] = []
            attempt.changed.subscribe(lambda told: seen.append(told.stage))
            watching = asyncio.ensure_future(attempt.watch())
            await submit(link, title="Harbour crew")
            found = await asyncio.wait_for(watching, 5)
            assert found is not None
            assert (found.title, found.is_expired) == ("Harbour crew", False)
            assert seen == [ConnectStage.FOUND]
            known = await service.look(app, refresh=False)
            assert known.state(found) is ConnectionState.WORKS
            listed = await service.listed()
            assert [one.app.title for one in listed] == ["Tables"]

    asyncio.run(scenario())


def test_page_is_asked_for_anew_since_addresses_change(sandbox: Address, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with at(sandbox, tmp_path) as (made, service):
            app = await made.catalog.find_app("Tables")
            old = App(app.id, app.title, connect_url="http://127.0.0.1:1/gone")
            assert (await service.connect(old).open()).startswith(sandbox.url)
            formatter = await made.catalog.find_app("Formatter")
            with pytest.raises(InvalidInput, match="needs no connection"):
                await service.connect(formatter).open()

    asyncio.run(scenario())


def test_attempt_goes_on_through_an_outage_and_stops_where_it_is_not_allowed(
    tmp_path: Path,
) -> None:
    one = {"id": "c1", "app": "app-1", "title": "Old", "is_expired": True}

    async def page(app: App, renews: Authentication | None) -> str:
        return "https://zapier.com/somewhere"

    async def scenario() -> None:
        async with scripted(authentications=[one]) as script, desk(tmp_path, script.url) as made:
            store = AuthenticationStore(made.database)
            service = ConnectionService(PROFILE, made.catalog, store, made.log, page)
            app = App("app-1", "App", connect_url="x")
            renews = Authentication("c1", "app-1", "Old", is_expired=True)
            attempt = fast(service.connect(app, renews))
            assert attempt.is_for_once  # the page comes from elsewhere than the app
            await attempt.open()
            script.routes["/v2/authentications"] = lambda asked: (503, errors("error", "Down."))
            watching = asyncio.ensure_future(attempt.watch())
            while attempt.trouble is None:
                await asyncio.sleep(0.01)
            assert attempt.stage is ConnectStage.WAITING
            script.authentications[0]["is_expired"] = False
            del script.routes["/v2/authentications"]
            found = await asyncio.wait_for(watching, 10)
            assert found is not None
            assert attempt.is_renewed
            assert attempt.trouble is None

            refused = fast(service.connect(app))
            await refused.open()
            refusal = errors("permission_denied", "No.")
            script.routes["/v2/authentications"] = lambda asked: (403, refusal)
            assert await asyncio.wait_for(refused.watch(), 10) is None
            assert refused.stage is ConnectStage.STOPPED
            assert isinstance(refused.trouble, Forbidden)
            assert "connection:read" in refused.trouble.hint

    asyncio.run(scenario())


def test_looking_gets_rarer_stops_by_itself_and_can_be_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(PAUSES_S) == sorted(PAUSES_S)
    calls_in_the_first_minute = sum(1 for total in accumulate(PAUSES_S) if total <= 60)
    assert calls_in_the_first_minute <= 10
    monkeypatch.setattr("zapdesk.services.connecting.LONGEST_S", 0.1)

    async def page(app: App, renews: Authentication | None) -> str:
        return "https://zapier.com/somewhere"

    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            store = AuthenticationStore(made.database)
            service = ConnectionService(PROFILE, made.catalog, store, made.log, page)
            attempt = fast(service.connect(App("app-1", "App", connect_url="x")))
            await attempt.open()
            assert await asyncio.wait_for(attempt.watch(), 5) is None
            assert attempt.stage is ConnectStage.STOPPED
            assert attempt.trouble is None
            script.authentications.append({"id": "late", "title": "Late", "app": "app-1"})
            found = await asyncio.wait_for(attempt.watch(), 5)
            assert found is not None
            assert found.id == "late"

    asyncio.run(scenario())


def test_wait_that_a_429_asks_for_is_kept_while_looking(tmp_path: Path) -> None:
    async def page(app: App, renews: Authentication | None) -> str:
        return "https://zapier.com/somewhere"

    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            store = AuthenticationStore(made.database)
            service = ConnectionService(PROFILE, made.catalog, store, made.log, page)
            attempt = fast(service.connect(App("app-1", "App", connect_url="x")))
            await attempt.open()
            asked = len(script.asked)
            script.routes["/v2/authentications"] = lambda _: (429, errors("throttled", "Slow."))
            watching = asyncio.ensure_future(attempt.watch())
            while len(script.asked) == asked:
                await asyncio.sleep(0.02)
            attempt.look_now()  # a person cannot hurry the server
            await asyncio.sleep(0.2)
            assert len(script.asked) == asked + 1
            assert attempt.stage is ConnectStage.WAITING
            watching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await watching

    asyncio.run(scenario())


def test_without_a_network_no_page_is_opened(tmp_path: Path) -> None:
    async def scenario() -> None:
        nowhere = f"http://127.0.0.1:{free_port()}"
        async with desk(tmp_path, nowhere, pause=at_once) as made:
            attempt = service_of(made).connect(App("app-1", "App"))
            with pytest.raises(Unreachable):
                await attempt.open()
            assert attempt.stage is ConnectStage.OPENING

    asyncio.run(scenario())


def test_closing_ends_the_looking_at_once(sandbox: Address, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with at(sandbox, tmp_path) as (made, service):
            attempt = service.connect(await made.catalog.find_app("Mail"))
            await attempt.open()
            watching = asyncio.ensure_future(attempt.watch())
            await asyncio.sleep(0)
            attempt.close()
            assert await asyncio.wait_for(watching, 1) is None
            assert attempt.stage is ConnectStage.CLOSED

    asyncio.run(scenario())


def test_connection_that_a_run_was_refused_for_is_looked_at_again(tmp_path: Path) -> None:
    one = {"id": "c1", "app": "app-1", "title": "Ada", "is_expired": False}

    async def scenario() -> None:
        async with scripted(authentications=[one]) as script, desk(tmp_path, script.url) as made:
            await made.catalog.connections("app-1")
            changed = asyncio.Event()
            made.catalog.changed.subscribe(lambda _: changed.set())
            one["is_expired"] = True
            refusal = errors("invalid", "Not usable here.", "/data/authentication")
            script.on_run = [(400, refusal)]
            await made.ended(order(authentication_id="c1"))
            await asyncio.wait_for(changed.wait(), 5)
            assert (await made.catalog.connections("app-1")).usable == ()

    asyncio.run(scenario())


def test_last_connection_is_remembered_for_each_app(sandbox: Address, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with at(sandbox, tmp_path) as (made, service):
            mail = await made.catalog.find_app("Mail")
            assert await service.last(mail.id) is None
            second = (await service.look(mail)).known.items[1]
            await service.note_last(second)
            assert await service.last(mail.id) == second.id
            assert await service.last("another") is None
            assert await service.last_use(second) is None

    asyncio.run(scenario())


def test_what_a_client_id_was_told_is_asked_again_by_a_person(tmp_path: Path) -> None:
    """A missing link means *no connection needed* only in the answer to a person's token."""
    listed = {"id": "app-1", "title": "App", "links": {"connect_new_authentication": "https://x/"}}

    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            script.routes["/v2/apps"] = lambda asked: (200, {"data": [listed]})
            await made.cache.put_apps(PROFILE, [App("app-1", "App", links_filled=False)], 0)
            await made.catalog.load()
            before = made.catalog.app("app-1")
            assert before is not None
            assert before.needs_authentication is None
            known = await made.catalog.connections("app-1")
            assert (known.needs_one, known.connect_url) == (True, "https://x/")

    asyncio.run(scenario())


@pytest.mark.parametrize("link", ["file:///etc/passwd", "--new-instance", "http://example.com/x"])
def test_page_that_is_no_address_of_the_web_is_not_given_to_a_browser(
    tmp_path: Path, link: str
) -> None:
    app = {"id": "app-1", "title": "App", "links": {"connect_new_authentication": link}}

    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            script.routes["/v2/apps"] = lambda asked: (200, {"data": [app]})
            store = AuthenticationStore(made.database)
            service = ConnectionService(PROFILE, made.catalog, store, made.log)
            with pytest.raises(InvalidInput):
                await fast(service.connect(App("app-1", "App"))).open()

    asyncio.run(scenario())

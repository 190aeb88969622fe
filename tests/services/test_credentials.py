"""Making a connection from credentials: sent once, told truly, and nothing of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api.fault_server import Wire, free_port
from tests.services.desk import PROFILE, Desk, at_once, desk
from tests.services.script_server import Asked, Behaviour, Reply, Script, errors, scripted
from zapdesk.domain.catalog import App
from zapdesk.domain.connections import field_of
from zapdesk.errors import (
    InvalidInput,
    OutcomeUnknown,
    Refused,
    StorageUnusable,
    Unreachable,
)
from zapdesk.services.connections import ConnectionService
from zapdesk.services.credentials import Credentials
from zapdesk.storage.authentications import AuthenticationStore

APP = App("app-1", "Tidepool", connect_url="https://zapier.com/x")
KEY = "sk-canary-5581-ab"  # made up
FIELDS = {"api_key": KEY, "subdomain": "harbour"}


def credentials(made: Desk, owner: str = "") -> Credentials:
    store = AuthenticationStore(made.database)
    return Credentials(PROFILE, owner or made.owner.id, made.client, made.catalog, store)


def service_of(made: Desk) -> ConnectionService:
    store = AuthenticationStore(made.database)
    return ConnectionService(PROFILE, made.catalog, store, made.log)


def posts(script: Script) -> list[Asked]:
    return [a for a in script.asked if a.method == "POST" and a.path == "/v2/authentications"]


def answering(script: Script, *replies: Reply | Behaviour, makes: bool = False) -> None:
    """Answer POSTs one by one; with ``makes`` each has its effect whatever the answer is."""
    left = list(replies)

    def route(asked: Asked) -> Reply | Behaviour:
        if asked.method == "GET":
            return 200, {"data": script.authentications}
        data = asked.json["data"]
        entry = {"id": f"made-{len(posts(script))}", "title": data["title"], "app": "app-1"}
        if makes:
            script.authentications.append(entry)
        return left.pop(0) if left else (201, {"data": [entry]})

    script.routes["/v2/authentications"] = route


async def cut(wire: Wire) -> None:
    wire.reset()


@asynccontextmanager
async def at(home: Path, *tokens: str) -> AsyncIterator[tuple[Script, Desk, Credentials]]:
    async with scripted() as script, desk(home, script.url, *tokens) as made:
        yield script, made, credentials(made)


def test_connection_is_made_by_one_post_of_the_documented_body(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with at(tmp_path) as (script, _made, makes):
            answering(script, makes=False)
            found = await makes.make(APP, "  Marina's   Tidepool ", FIELDS)
            assert found.id == "made-1"
            (post,) = posts(script)
            assert post.json == {
                "data": {
                    "title": "Marina's Tidepool",
                    "app": "app-1",
                    "authentication_fields": FIELDS,
                }
            }
            assert await makes.names("app-1") == ("api_key", "subdomain")

    asyncio.run(scenario())


def test_no_credential_is_in_the_log_or_in_what_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with at(tmp_path) as (script, _made, makes):
            pointer = "/data/authentication_fields/api_key"
            answering(script, (400, errors("invalid", f"{KEY} is no key.", pointer)))
            with pytest.raises(Refused) as told:
                await makes.make(APP, "Tidepool", FIELDS)
            error = told.value
            words = repr((error.title, error.detail, error.hint, error.technical, error.items))
            assert KEY not in words
            assert field_of(error.items[0].pointer) == "api_key"

    with caplog.at_level("DEBUG"):
        asyncio.run(scenario())
    assert KEY not in caplog.text
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert KEY.encode() not in file.read_bytes()


@pytest.mark.parametrize(("title", "fields"), [("", FIELDS), ("x" * 256, FIELDS), ("x", {})])
def test_what_cannot_be_sent_is_said_before_anything_is(
    tmp_path: Path, title: str, fields: dict[str, str]
) -> None:
    async def scenario() -> None:
        async with at(tmp_path) as (script, _made, makes):
            with pytest.raises(InvalidInput):
                await makes.make(APP, title, fields)
            assert script.asked == []

    asyncio.run(scenario())


def test_expired_sign_in_is_renewed_and_sent_once_more(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with at(tmp_path, "tok-first-11", "tok-second-22") as (script, _made, makes):
            answering(script, (401, errors("not_authenticated", "Who?")))
            assert (await makes.make(APP, "Tidepool", FIELDS)).id == "made-2"
            assert len(posts(script)) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (403, Refused), (409, Refused), (429, Refused)]
)
def test_refusal_is_never_sent_again(tmp_path: Path, status: int, kind: type[Exception]) -> None:
    async def scenario() -> None:
        async with at(tmp_path) as (script, made, makes):
            answering(script, (status, errors("invalid", "No.")))
            with pytest.raises(kind):
                await makes.make(APP, "Tidepool", FIELDS)
            assert len(posts(script)) == 1
            assert (await service_of(made).look(APP)).unknown == ()

    asyncio.run(scenario())


@pytest.mark.parametrize("answer", [cut, (502, "down"), (302, "elsewhere"), (201, {"data": []})])
def test_answer_that_tells_nothing_leaves_it_unknown_until_the_list_decides(
    tmp_path: Path, answer: Any
) -> None:
    async def scenario() -> None:
        async with at(tmp_path) as (script, made, makes):
            answering(script, answer)
            with pytest.raises(OutcomeUnknown, match="cannot tell whether the connection was made"):
                await makes.make(APP, "Tidepool", FIELDS)
            assert len(posts(script)) == 1
            service = service_of(made)
            (attempt,) = (await service.look(APP)).unknown
            assert attempt.title == "Tidepool"
            script.authentications.append({"id": "late", "title": "Tidepool", "app": "app-1"})
            assert (await service.look(APP)).unknown == ()

    asyncio.run(scenario())


def test_answer_that_was_lost_after_it_was_made_is_found_in_the_list(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with at(tmp_path) as (script, made, makes):
            script.authentications.append({"id": "old", "title": "Tidepool", "app": "app-1"})
            answering(script, cut, makes=True)
            assert (await makes.make(APP, "Tidepool", FIELDS)).id == "made-1"
            assert (await service_of(made).look(APP)).unknown == ()

    asyncio.run(scenario())


def test_unreachable_server_gets_nothing_and_nothing_stays_open(tmp_path: Path) -> None:
    async def scenario() -> None:
        nowhere = f"http://127.0.0.1:{free_port()}"
        async with desk(tmp_path, nowhere, pause=at_once) as made:
            with pytest.raises(Unreachable):
                await credentials(made).make(APP, "Tidepool", FIELDS)
            assert (await service_of(made).listed()) == ()

    asyncio.run(scenario())


def test_log_that_cannot_be_written_lets_nothing_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> None:
        raise StorageUnusable("The disk is full.")

    async def scenario() -> None:
        async with at(tmp_path) as (script, _made, makes):
            answering(script)
            monkeypatch.setattr(AuthenticationStore, "add", refuse)
            with pytest.raises(StorageUnusable):
                await makes.make(APP, "Tidepool", FIELDS)
            assert posts(script) == []

    asyncio.run(scenario())


def test_process_killed_while_sending_leaves_an_attempt_that_the_next_start_calls_unknown(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with at(tmp_path) as (script, made, _makes):
            arrived = asyncio.Event()

            async def hang(wire: Wire) -> None:
                arrived.set()
                await asyncio.sleep(10)

            answering(script, hang)
            sending = asyncio.ensure_future(credentials(made, "dead").make(APP, "Tidepool", FIELDS))
            await arrived.wait()
            await credentials(made).recover(lambda: {"dead"})
            service = service_of(made)
            (one,) = await service.listed()
            assert one.unknown == ()  # it is being sent by somebody who lives
            await credentials(made).recover(lambda: {made.owner.id})
            (one,) = await service.listed()
            assert [attempt.title for attempt in one.unknown] == ["Tidepool"]
            await service.forget(one.unknown[0])
            assert (await service.look(APP)).unknown == ()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending

    asyncio.run(scenario())

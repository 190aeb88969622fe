"""Connections before a server that takes nothing but the contract: each call is judged, and what
makes a connection is sent once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.e2e.test_strict_faults import SUNDIAL, TIDEPOOL, judged
from tests.strict.dialect import OPENAPI
from tests.strict.person import Person
from tests.strict.tokens import EVERY_SCOPE, Connection, Fault
from zapdesk.domain.catalog import Authentication
from zapdesk.domain.connections import ConnectionState
from zapdesk.errors import Forbidden, InvalidInput, OutcomeUnknown, Refused, ZapdeskError

FIELDS = {"api_key": "sk-made-up-0815", "subdomain": "harbour"}


def _fault(status: int, code: str = "invalid", *, after: bool = False) -> Fault:
    body = json.dumps(OPENAPI.failure(status, code, code.title(), "No.")).encode()
    return Fault(status, {}, body, after=after)


async def _connect(someone: Person, renews: Authentication | None = None) -> Authentication:
    """Lead a person to the page, do there what they would, and wait until it is noticed."""
    service = someone.session.connections
    app = await someone.session.catalog.find_app(TIDEPOOL)
    attempt = service.connect(app, renews)
    attempt._pauses_s = (0.05,)
    link = await attempt.open()
    assert "/engine/auth/start/" in link
    watching = asyncio.ensure_future(attempt.watch())
    await asyncio.sleep(0.2)
    if renews is not None:
        someone.token.revived.add(renews.id)
    else:
        someone.token.made.append(Connection("new/1+=", TIDEPOOL, "New one"))
    found = await asyncio.wait_for(watching, 10)
    assert found is not None
    return found


def test_every_page_of_the_list_is_read_and_states_are_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> list[ConnectionState]:
        service = someone.session.connections
        found = await service.look(await someone.session.catalog.find_app(TIDEPOOL))
        none = await service.look(await someone.session.catalog.find_app(SUNDIAL))
        assert none.known.needs_one is False
        return [found.state(connection) for connection in found.known.items]

    works, expired = ConnectionState.WORKS, ConnectionState.EXPIRED
    assert judged(monkeypatch, scenario) == [works, expired, works]


def test_what_is_done_in_the_browser_is_noticed_by_reading_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> tuple[str, bool]:
        new = await _connect(someone)
        service = someone.session.connections
        known = await service.look(await someone.session.catalog.find_app(TIDEPOOL))
        expired = next(one for one in known.known.items if one.is_expired)
        renewed = await _connect(someone, expired)
        return new.title, renewed.id == expired.id

    assert judged(monkeypatch, scenario) == ("New one", True)


def test_app_without_a_page_is_not_connected(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(someone: Person) -> None:
        app = await someone.session.catalog.find_app(SUNDIAL)
        with pytest.raises(InvalidInput, match="needs no connection"):
            await someone.session.connections.connect(app).open()

    judged(monkeypatch, scenario)


@pytest.mark.parametrize(
    ("fault", "outcome", "posts"),
    [
        pytest.param(None, None, 1, id="no fault"),
        pytest.param(_fault(400), Refused, 1, id="400"),
        pytest.param(_fault(409, "conflict"), Refused, 1, id="409"),
        pytest.param(_fault(429, "throttled"), Refused, 1, id="429"),
        pytest.param(_fault(500, "error"), OutcomeUnknown, 1, id="500"),
        pytest.param(Fault(502, {}, b"<html>"), OutcomeUnknown, 1, id="502 with a page"),
        pytest.param(Fault(cut=True), OutcomeUnknown, 1, id="cut before"),
        pytest.param(Fault(cut=True, after=True), None, 1, id="cut after it was made"),
        pytest.param(_fault(500, "error", after=True), None, 1, id="500 after it was made"),
    ],
)
def test_credentials_are_sent_once_and_the_list_settles_what_no_answer_tells(
    fault: Fault | None,
    outcome: type[ZapdeskError] | None,
    posts: int,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(someone: Person) -> int:
        session = someone.session
        app = await session.catalog.find_app(TIDEPOOL)
        if fault is not None:
            someone.server.fail_next(someone.token, "create_authentication", fault)
        if outcome is None:
            made = await session.credentials.make(app, "Marina's", FIELDS)
            assert (made.id, made.title) == ("made1", "Marina's")
        else:
            with pytest.raises(outcome):
                await session.credentials.make(app, "Marina's", FIELDS)
        return len(someone.server.of("create_authentication"))

    assert judged(monkeypatch, scenario) == posts


def test_missing_scope_for_adding_is_told_by_its_name(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> str:
        app = await someone.session.catalog.find_app(TIDEPOOL)
        with pytest.raises(Forbidden) as told:
            await someone.session.credentials.make(app, "Marina's", FIELDS)
        return told.value.hint

    scopes = EVERY_SCOPE - {"connection:write"}
    assert "connection:write" in judged(monkeypatch, scenario, scopes=scopes)

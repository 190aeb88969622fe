"""What goes wrong on the way, injected by the strict server: nothing is sent twice, and waits
that were asked for are kept."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

from tests.conftest import FULL, ExpectLog
from tests.strict.dialect import OPENAPI, Dialect
from tests.strict.own_apps import OWN_APPS
from tests.strict.person import Person, person
from tests.strict.server import StrictZapier, strict_zapier
from tests.strict.tokens import EVERY_SCOPE, Fault, Script
from zapdesk.domain.runs import ActionRun, RunKind, RunStatus
from zapdesk.errors import Forbidden, ZapdeskError
from zapdesk.services.forms import FormSession

T = TypeVar("T")

TIDEPOOL = OWN_APPS[0]["app"]["id"]
SUNDIAL = OWN_APPS[1]["app"]["id"]
_WAIT_S = 60.0
_THROTTLED = OPENAPI.failure(429, "throttled", "Throttled", "Slow down.")
_EXPIRED = OPENAPI.failure(401, "unauthenticated", "User Not Authenticated", "Sign in.")
_CONFLICT = OPENAPI.failure(409, "conflict", "Conflict", "Already.")
_BROKEN = OPENAPI.failure(500, "error", "APIException", "Server error.")


def _fault(status: int, content: object = None, **headers: str) -> Fault:
    body = b"<html>Bad gateway</html>" if content is None else json.dumps(content).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(status, named, body)


def _cases(names: Iterable[str], *quick: str) -> list[ParameterSet]:
    """All of them in a full run, otherwise the quick ones, each of its own kind."""
    return [
        pytest.param(name, marks=() if name in quick else (pytest.mark.long,), id=name)
        for name in names
    ]


def judged(
    monkeypatch: pytest.MonkeyPatch,
    scenario: Callable[[Person], Awaitable[T]],
    dialect: Dialect = OPENAPI,
    *,
    is_rated: bool = False,
    scopes: frozenset[str] = EVERY_SCOPE,
) -> T:
    """Run a scenario with a person of its own; the server must have nothing to say."""

    async def run(server: StrictZapier) -> T:
        async with person(
            server, monkeypatch, dialect, is_rated=is_rated, scopes=scopes
        ) as someone:
            return await scenario(someone)

    with strict_zapier() as server:
        result = asyncio.run(run(server))
    assert not server.violations, "\n".join(server.violations)
    return result


async def _opened(someone: Person, name: str, app_id: str = TIDEPOOL) -> FormSession:
    judge = someone.server.judge
    return await someone.open(judge.apps[app_id], judge.find(app_id, name))


async def _send(
    someone: Person, form: FormSession, kind: RunKind = RunKind.RUN, script: Script | None = None
) -> ActionRun:
    order = form.order(f"{time.monotonic_ns():032x}", kind)
    action = form.action
    someone.server.expect(
        someone.token,
        action.app_id,
        f"{action.action_type}:{action.key}",
        inputs=dict(order.inputs),
        script=script,
        is_test=kind is RunKind.TEST,
    )
    started = await someone.session.runs.start(order)
    run = await someone.session.runs.wait(started.id, _WAIT_S)
    await form.close()
    return run


_NO_ANSWER = {
    "503 with Retry-After": _fault(503, Retry_After="1"),
    "502 in HTML": _fault(502),
    "500": _fault(500, _BROKEN),
    "504": _fault(504),
    "408": _fault(408),
    "a cut after the effect": Fault(cut=True, after=True),
    "a cut before the effect": Fault(cut=True),
}
_REFUSALS = {
    "429 with Retry-After": _fault(429, _THROTTLED, Retry_After="1"),
    "429 without": _fault(429, _THROTTLED),
    "409": _fault(409, _CONFLICT),
    "401": _fault(401, _EXPIRED),
    "403 with a flat body": _fault(403, {"code": "authentication_failed", "detail": "No."}),
}
_REDIRECTS = {
    f"{status} to a slash": _fault(status, Location="/v2/action-runs/")
    for status in (301, 302, 303, 307, 308)
}


@pytest.mark.parametrize(
    "name",
    _cases(
        [*_NO_ANSWER, *_REFUSALS, *_REDIRECTS],
        "503 with Retry-After",
        "a cut after the effect",
        "429 with Retry-After",
        "401",
        "307 to a slash",
    ),
)
def test_a_run_is_posted_once_whatever_is_answered(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = {**_NO_ANSWER, **_REFUSALS, **_REDIRECTS}[name]

    async def scenario(someone: Person) -> tuple[ActionRun, int]:
        form = await _opened(someone, "WRITE:ring_bell")
        someone.server.fail_next(someone.token, "create_run", fault)
        run = await _send(someone, form)
        await asyncio.sleep(1.5)  # longer than the wait that was asked for
        return run, len(someone.server.of("create_run"))

    run, posts = judged(monkeypatch, scenario)
    assert posts == 1
    expected = {RunStatus.UNKNOWN} if name in _NO_ANSWER else {RunStatus.REFUSED}
    if name in _REDIRECTS:
        expected = {RunStatus.UNKNOWN, RunStatus.REFUSED}
    assert run.status in expected


def test_a_body_that_is_rejected_is_sent_in_the_next_shape_and_that_is_remembered(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> list[ActionRun]:
        runs = []
        for _ in range(2):
            form = await _opened(someone, "WRITE:ring_bell")
            runs.append(await _send(someone, form))
        assert len(someone.server.of("create_run")) == 3
        return runs

    runs = judged(monkeypatch, scenario, replace(OPENAPI, body_shape="input"))
    assert [run.status for run in runs] == [RunStatus.SUCCESS] * 2


_LOOKS = {
    "429 with Retry-After": _fault(429, _THROTTLED, Retry_After="2"),
    "503 with Retry-After": _fault(503, Retry_After="1"),
    "500": _fault(500, _BROKEN),
    "502 in HTML": _fault(502),
    "a cut": Fault(cut=True),
    "a slow answer": Fault(delay_s=2.5),
}


@pytest.mark.parametrize("name", _cases(_LOOKS, "429 with Retry-After", "a cut"))
def test_a_look_that_fails_is_repeated_in_time(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> ActionRun:
        form = await _opened(someone, "WRITE:ring_bell")
        someone.server.fail_next(someone.token, "run", _LOOKS[name])
        return await _send(someone, form, script=Script(unfinished=1))

    assert judged(monkeypatch, scenario).status is RunStatus.SUCCESS


@pytest.mark.parametrize("name", _cases(_LOOKS, "500"))
def test_a_form_comes_in_spite_of_reads_that_fail(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> ActionRun:
        for endpoint in ("apps", "actions", "authentications", "inputs", "choices"):
            someone.server.fail_next(someone.token, endpoint, _LOOKS[name])
        form = await _opened(someone, "WRITE:book_berth")
        for field_id in ("region", "harbour", "berth"):
            known = await form.choices(field_id, all=True)
            assert known.trouble is None
            form.edit(field_id, known.choices[-1].id)
            form.finish_edit(field_id)
            await form.settle()
        return await _send(someone, form)

    assert judged(monkeypatch, scenario).status is RunStatus.SUCCESS


def test_nothing_else_is_asked_while_a_429_holds(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> float:
        await someone.session.catalog.actions(TIDEPOOL)
        someone.server.fail_next(
            someone.token, "authentications", _fault(429, _THROTTLED, Retry_After="2")
        )
        began = time.monotonic()
        asked = asyncio.ensure_future(someone.session.catalog.connections(TIDEPOOL))
        await asyncio.sleep(0.5)
        await someone.session.catalog.actions(SUNDIAL)
        took = time.monotonic() - began
        await asked
        return took

    assert 1.9 < judged(monkeypatch, scenario, is_rated=True) < 6


def test_a_form_that_could_not_be_fetched_again_is_not_sent(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> ActionRun:
        form = await _opened(someone, "WRITE:send_word")
        someone.server.fail_next(someone.token, "inputs", *[_fault(500, _BROKEN)] * 3)
        form.edit("channel", "phone")
        form.finish_edit("channel")
        await form.settle()
        with pytest.raises(ZapdeskError):
            form.order("0" * 32)
        await form.settle()
        form.edit("number", "7")
        form.finish_edit("number")
        return await _send(someone, form)

    assert judged(monkeypatch, scenario).status is RunStatus.SUCCESS


def test_a_run_pressed_in_the_moment_a_field_is_left_waits_for_the_new_form(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> list[bool]:
        form = await _opened(someone, "WRITE:send_word")
        asks_for_address = []
        for channel, delay_s in (("mail", 0.0), ("phone", 0.5)):
            someone.server.fail_next(someone.token, "inputs", Fault(delay_s=delay_s))
            form.edit("channel", channel)
            form.finish_edit("channel")
            await asyncio.sleep(delay_s)  # none: not asked for yet; some: on its way
            await form.settle()
            asks_for_address.append("address" in form.state.fields)
        form.edit("number", "7")
        assert (await _send(someone, form)).status is RunStatus.SUCCESS
        return asks_for_address

    assert judged(monkeypatch, scenario) == [True, False]


@pytest.mark.parametrize("is_success", [True, False])
def test_a_step_test_is_sent_once(
    is_success: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> tuple[ActionRun, int]:
        form = await _opened(someone, "WRITE:ring_bell")
        run = await _send(someone, form, RunKind.TEST, Script(is_success=is_success))
        return run, len(someone.server.of("test"))

    run, posts = judged(monkeypatch, scenario)
    assert posts == 1
    assert run.status is (RunStatus.SUCCESS if is_success else RunStatus.ERROR)


def test_a_run_that_ends_in_error_says_why(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = {"code": "throttled", "title": "Slow down", "detail": "Five a minute.", "delay": 45}

    async def scenario(someone: Person) -> ActionRun:
        form = await _opened(someone, "WRITE:ring_bell")
        return await _send(someone, form, script=Script(is_success=False, errors=(error,)))

    run = judged(monkeypatch, scenario)
    assert run.status is RunStatus.ERROR
    assert "Five a minute." in run.headline


@pytest.mark.parametrize("missing", ["zap", "zap:write", "connection:read", "action:run"])
def test_a_missing_scope_is_told_and_not_tried_again(
    missing: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = {
        "zap": "apps",
        "zap:write": "inputs",
        "connection:read": "authentications",
        "action:run": "create_run",
    }[missing]

    async def scenario(someone: Person) -> int:
        session = someone.session
        if missing == "zap":
            with pytest.raises(Forbidden):
                await session.catalog.find_app("Tidepool Notes")
        elif missing == "connection:read":
            known = await session.catalog.connections(TIDEPOOL)
            assert isinstance(known.trouble, Forbidden)
        elif missing == "zap:write":
            app = await session.catalog.find_app(SUNDIAL)
            form = session.forms.open(app, (await session.catalog.actions(SUNDIAL))[0], None)
            await form.load()
            assert isinstance(form.trouble, Forbidden)
            await form.close()
        else:
            form = await _opened(someone, "WRITE:ring_bell")
            order = form.order("1" * 32)
            started = await session.runs.start(order)
            run = await session.runs.wait(started.id, _WAIT_S)
            assert run.status is RunStatus.REFUSED
            await form.close()
        return len(someone.server.of(endpoint))

    assert judged(monkeypatch, scenario, scopes=EVERY_SCOPE - {missing}) == 1


def test_a_next_link_to_another_host_is_not_followed(
    home: Path, monkeypatch: pytest.MonkeyPatch, expected_log: ExpectLog
) -> None:
    expected_log("another server|another host|origin|not followed", "zapdesk")

    async def scenario(someone: Person) -> int:
        await someone.session.catalog.refresh()
        return len(someone.server.of("apps"))

    dialect = replace(OPENAPI, next_host="localhost", page_size=1)
    assert judged(monkeypatch, scenario, dialect) == 1


def test_fifty_calls_are_made_within_a_minute_and_the_next_waits(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(someone: Person) -> tuple[int, int]:
        form = await _opened(someone, "WRITE:ring_bell")
        asked = [asyncio.ensure_future(form.load()) for _ in range(60)]
        done, waiting = await asyncio.wait(asked, timeout=75 if FULL else 4)
        made = len(someone.server.requests)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await form.close()
        return made, len(done)

    made, done = judged(monkeypatch, scenario, is_rated=True)
    if FULL:
        assert done == 60
    else:
        assert made == 50

"""The two explicit refusals after which a run is sent again: once each, with a new action id."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.services.desk import PROFILE, TOKEN, desk, order, told
from tests.services.script_server import (
    Asked,
    Behaviour,
    Reply,
    accepted,
    errors,
    scripted,
)
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.profiles import BodyShape
from zapdesk.domain.runs import RunKind, RunStatus
from zapdesk.services import body_shapes, polling
from zapdesk.storage.foreign_runs import ForeignRuns

EXPIRED: list[Reply] = [
    (401, errors("not_authenticated", "The token is over.")),
    (401, {}),
    (403, errors("authentication_failed", "The token is over.")),
    (403, {"code": "authentication_failed", "detail": "The token is over."}),
]


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))


def _only_for(token: str, refusal: Reply) -> Any:
    def answer(asked: Asked) -> Reply:
        return accepted() if asked.headers["authorization"] == f"Bearer {token}" else refusal

    return answer


@pytest.mark.parametrize("refusal", EXPIRED)
def test_expired_token_is_renewed_once_and_the_run_sent_once_more(
    tmp_path: Path, refusal: Reply
) -> None:
    async def scenario() -> None:
        async with (
            scripted(on_run=[refusal, accepted()]) as script,
            desk(tmp_path, script.url, TOKEN, "tok-new") as made,
        ):
            record = await made.ended(order())
            exchanges = await made.runs.exchanges(record.run.id)
        assert record.run.status is RunStatus.SUCCESS, told(record)
        assert [p.headers["authorization"][-7:] for p in script.posts] == [TOKEN[-7:], "tok-new"]
        assert len(set(script.action_ids())) == 2
        assert [e.status for e in exchanges if e.method == "POST"] == [refusal[0], 200]

    asyncio.run(scenario())


def test_second_refusal_after_a_renewal_ends_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            scripted(on_run=[EXPIRED[0]]) as script,
            desk(tmp_path, script.url, TOKEN, "tok-2", "tok-3") as made,
        ):
            record = await made.ended(order())
        assert (record.run.status, len(script.posts)) == (RunStatus.REFUSED, 2)
        assert "The token is over" in told(record)

    asyncio.run(scenario())


def test_token_that_cannot_be_renewed_is_refused_after_one_post(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_run=[EXPIRED[0]]) as script, desk(tmp_path, script.url) as made:
            record = await made.ended(order())
        assert (record.run.status, len(script.posts)) == (RunStatus.REFUSED, 1)
        assert "Sign in again" in told(record)

    asyncio.run(scenario())


def test_without_a_token_nothing_is_asked_or_sent(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url, "") as made:
            record = await made.ended(order())
        assert record.run.status is RunStatus.NOT_SENT
        assert "You are not signed in" in told(record)
        assert script.asked == []

    asyncio.run(scenario())


def test_refused_run_stays_refused_where_the_second_look_up_fails(tmp_path: Path) -> None:
    # Something was sent, so "nothing was sent" would be untrue.
    async def scenario() -> None:
        fresh = (200, {"data": [{"id": "1", "key": "act", "action_type": "WRITE"}]})
        async with (
            scripted(
                on_run=[EXPIRED[0]], on_actions=[fresh, (404, errors("gone", "No."))]
            ) as script,
            desk(tmp_path, script.url, TOKEN, "tok-new") as made,
        ):
            record = await made.ended(order())
        assert (record.run.status, len(script.posts)) == (RunStatus.REFUSED, 1)
        assert any("could not be sent again" in e.text for e in record.events)

    asyncio.run(scenario())


SHAPES = {
    BodyShape.SPEC: lambda body: (
        set(body.get("data", {})) == {"action", "authentication", "inputs"}
    ),
    BodyShape.GUIDE: lambda body: set(body) == {"action", "authentication", "input"},
    BodyShape.MIXED: lambda body: (
        set(body.get("data", {})) == {"action", "authentication", "input"}
    ),
}


def _takes(shape: BodyShape) -> Any:
    def answer(asked: Asked) -> Reply | Behaviour:
        if asked.path != "/v2/action-runs":
            return 200, {"data": {"type": "run", "status": "success", "results": [], "errors": []}}
        if SHAPES[shape](asked.json):
            return accepted()
        return 400, errors("parse_error", "Malformed request.")

    return answer


def test_refused_body_shape_is_replaced_by_the_next_and_remembered(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = {"/v2/action-runs": _takes(BodyShape.GUIDE)}
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            first = await made.ended(order())
            second = await made.ended(order())
            assert made.shapes == [BodyShape.GUIDE]
        assert [first.run.status, second.run.status] == [RunStatus.SUCCESS] * 2
        assert len(script.posts) == 3
        assert len(set(script.action_ids())) == 3

    asyncio.run(scenario())


def test_third_shape_is_found_by_the_second_run(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = {"/v2/action-runs": _takes(BodyShape.MIXED)}
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            first = await made.ended(order())
            assert len(script.posts) == 2
            second = await made.ended(order())
            assert made.shapes == [BodyShape.MIXED]
        assert [first.run.status, second.run.status] == [RunStatus.REFUSED, RunStatus.SUCCESS]
        assert len(script.posts) == 4

    asyncio.run(scenario())


def test_shapes_are_recalled_of_the_same_server_and_not_from_a_capsule(tmp_path: Path) -> None:
    async def scenario() -> None:
        routes = {"/v2/action-runs": _takes(BodyShape.MIXED)}
        async with scripted(routes=routes) as script, desk(tmp_path, script.url) as made:
            record = await made.ended(order())  # which two shapes were refused for
            body = Exchange("start run", "POST", f"{script.url}/v2/x", (), b"5", 200)
            await ForeignRuns(made.database).add(record, [body], b"capsule", 1)
        for server, other in (
            (script.url, BodyShape.MIXED),
            ("https://elsewhere.example", BodyShape.GUIDE),
        ):
            async with desk(tmp_path, server) as made:
                await body_shapes.recall(made.client, made.log, PROFILE, server, keeps=True)
                assert made.client.next_shape() is other

    asyncio.run(scenario())


def test_refusal_that_is_not_about_the_shape_does_not_spoil_later_runs(tmp_path: Path) -> None:
    # A server that points at /data/inputs for every mistake in the inputs.
    async def scenario() -> None:
        def answer(asked: Asked) -> Reply:
            if "input" in asked.json.get("data", asked.json):
                return 400, errors("parse_error", "What is this?")
            if asked.json["data"]["inputs"].get("note") == "bad":
                return 400, errors("invalid", "The note is bad.", "/data/inputs")
            return accepted()

        async with (
            scripted(routes={"/v2/action-runs": lambda a: _poll_or(a, answer)}) as script,
            desk(tmp_path, script.url) as made,
        ):
            bad = await made.ended(order(inputs={"note": "bad"}))
            assert bad.run.status is RunStatus.REFUSED
            assert "The note is bad." in told(bad)
            assert len(script.posts) == 2
            good = await made.ended(order(inputs={"note": "good"}))
            assert good.run.status is RunStatus.SUCCESS, told(good)
            assert len(script.posts) == 3
            assert made.client.shape is BodyShape.SPEC

    asyncio.run(scenario())


def _poll_or(asked: Asked, answer: Any) -> Reply:
    if asked.method == "POST":
        reply: Reply = answer(asked)
        return reply
    return 200, {"data": {"type": "run", "status": "success", "results": [], "errors": []}}


def test_pointer_to_a_field_is_an_ordinary_refusal(tmp_path: Path) -> None:
    async def scenario() -> None:
        refusal = (400, errors("invalid", "Too long.", "/data/inputs/note"))
        async with scripted(on_run=[refusal]) as script, desk(tmp_path, script.url) as made:
            record = await made.ended(order())
        assert (record.run.status, len(script.posts)) == (RunStatus.REFUSED, 1)

    asyncio.run(scenario())


def test_refused_step_test_is_not_sent_again_in_the_only_shape_it_has(tmp_path: Path) -> None:
    async def scenario() -> None:
        refusal = (400, errors("parse_error", "Malformed request."))
        async with scripted(on_test=[refusal]) as script, desk(tmp_path, script.url) as made:
            record = await made.ended(order(kind=RunKind.TEST))
            assert made.client.shape is BodyShape.SPEC
        assert (record.run.status, len(script.posts)) == (RunStatus.REFUSED, 1)

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [429, 301, 307, 308, 408, 409, 500, 503])
def test_any_other_answer_is_never_sent_again(tmp_path: Path, status: int) -> None:
    async def scenario() -> None:
        async with (
            scripted(on_run=[(status, errors("parse_error", "No."))]) as script,
            desk(tmp_path, script.url, TOKEN, "tok-new") as made,
        ):
            await made.ended(order())
            await asyncio.sleep(0.2)
            assert len(script.posts) == 1

    asyncio.run(scenario())

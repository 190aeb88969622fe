"""What each answer to a request with effects means, and that it goes out once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.api.clients import BASE, TOKEN, Account, Replies, refused, reply, talk
from zapdesk.api.client import SendWitness, ZapierClient, rejects_body
from zapdesk.domain.payload import ExactNumber
from zapdesk.domain.profiles import BodyShape
from zapdesk.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Side,
    Unreachable,
    ZapdeskError,
)

STARTED = reply(200, {"data": {"type": "run", "id": "arun_1"}})
FLAT = reply(403, {"code": "authentication_failed", "detail": "Invalid token header."})
PAGE = b"<!DOCTYPE html><title>Welcome to Hotel Wi-Fi</title>"


def _start(replies: Any, **more: Any) -> Any:
    return talk(replies, lambda client: client.start_run("core:1", None, {}), **more)


def _start_failing(replies: Any, **more: Any) -> ZapdeskError:
    with pytest.raises(ZapdeskError) as caught:
        _start(replies, **more)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_accepted_run_brings_its_id(status: int) -> None:
    assert _start([reply(status, {"data": {"id": "../../v2/zaps"}})]) == "../../v2/zaps"


@pytest.mark.parametrize(
    ("answer", "kind", "side"),
    [
        (refused(400), Refused, Side.INPUT),
        (refused(422), Refused, Side.INPUT),
        (refused(400, meta={"source": "THIRD_PARTY"}), Refused, Side.APP),
        (refused(401), NotSignedIn, Side.ACCESS),
        (reply(401, b""), NotSignedIn, Side.ACCESS),
        (refused(403, "authentication_failed"), NotSignedIn, Side.ACCESS),
        (refused(403, "not_authenticated"), NotSignedIn, Side.ACCESS),
        (FLAT, NotSignedIn, Side.ACCESS),
        (refused(403, "permission_denied"), Forbidden, Side.ACCESS),
        (refused(404, "not_found"), NotFound, Side.ZAPIER),
        (refused(405), Refused, Side.ZAPIER),
        (refused(413), Refused, Side.ZAPIER),
        (refused(415), Refused, Side.ZAPIER),
        (refused(409), Conflict, Side.ZAPIER),
        (refused(429, "throttled"), RateLimited, Side.ZAPIER),
        (reply(429, b""), RateLimited, Side.ZAPIER),
        (reply(400, {"errors": ["old words"]}), Refused, Side.INPUT),
    ],
    ids=lambda value: str(getattr(value, "status_code", value)),
)
def test_a_readable_refusal_means_that_nothing_ran(
    answer: httpx.Response, kind: type[ZapdeskError], side: Side
) -> None:
    replies = Replies([answer])
    error = _start_failing(replies)
    assert type(error) is kind
    assert error.side is side
    assert len(replies.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        *(reply(s, {"errors": [{"code": "x", "detail": "y"}]}) for s in (408, 425, 500, 502, 504)),
        reply(503, {"errors": []}, retry_after="2"),
        *(reply(s, b"", location="https://api.zapier.com/v2/action-runs/") for s in (301, 307)),
        *(
            reply(s, b"", location=x)
            for s in (302, 303, 308)
            for x in ("https://evil/", "file:///")
        ),
        *(reply(s, PAGE) for s in (200, 400, 403, 404, 409, 502, 511)),
        *(reply(s, b"plain words") for s in (400, 403, 409)),
        reply(400, {}),
        reply(200, {}),
        reply(200, b""),
        reply(204, b""),
        reply(200, b"null"),
        reply(200, b'{"data":{"id":'),
        reply(200, {"data": {"id": None}}),
        reply(200, {"data": {"id": "x" * 3000}}),
        reply(200, b"[" * 200_000 + b"]" * 200_000),
        reply(999, {"errors": [{"code": "x"}]}),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.content[:20]!r}",
)
def test_every_other_answer_leaves_the_outcome_unknown(answer: httpx.Response) -> None:
    replies = Replies([answer])
    error = _start_failing(replies)
    assert isinstance(error, OutcomeUnknown)
    assert error.title == "We cannot tell whether this ran."
    assert error.hint == "Look in the app before you send it again."
    assert error.status == answer.status_code
    assert str(answer.status_code) in error.technical
    assert len(replies.requests) == 1


def test_a_redirect_of_a_send_shows_where_it_pointed() -> None:
    error = _start_failing([reply(307, b"", location="http://evil.example/x")])
    assert "http://evil.example/x" in error.detail


def test_a_sign_in_page_in_the_way_of_a_send_is_named_with_its_evidence() -> None:
    error = _start_failing([reply(200, PAGE)])
    assert isinstance(error, OutcomeUnknown)
    error = _start_failing([reply(511, PAGE)])
    assert "may want you to sign in" in error.detail
    assert "Hotel Wi-Fi" in error.technical


def test_the_wait_of_a_429_is_told_and_nothing_is_sent_again() -> None:
    account = Account()
    replies = Replies([reply(429, {"errors": [{"detail": "Slow down"}]}, retry_after="7")])
    error = _start_failing(replies, account=account)
    assert isinstance(error, RateLimited)
    assert error.wait_s == 7
    assert (len(replies.requests), account.pauses) == (1, [])
    assert account.signs[-1].wait_s == 7


def test_a_conflict_never_claims_that_nothing_happened() -> None:
    error = _start_failing([refused(409, "conflict", "Busy.")])
    assert "An earlier attempt may exist." in error.detail


def test_a_403_on_runs_names_the_allow_list_and_the_scope() -> None:
    error = _start_failing([refused(403, "permission_denied")])
    assert "allow-list" in error.hint
    assert "action:run" in error.hint


def test_a_failed_step_test_is_the_apps_refusal() -> None:
    answer = refused(400, "test_failed", "Error during execution: page_locked")
    with pytest.raises(Refused, match="The app reported an error") as caught:
        talk([answer], lambda client: client.test_action("core:1", None, {}))
    assert caught.value.codes == {"test_failed"}
    assert caught.value.side is Side.APP


def test_a_step_test_returns_the_bytes_of_its_results() -> None:
    body = b'{"data":[{"n":1.10}],"links":{},"meta":{}}'
    result = talk([reply(200, body)], lambda client: client.test_action("core:1", None, {}))
    assert result.results == b'[{"n":1.10}]'


def test_a_lost_new_connection_is_worded_as_one() -> None:
    with pytest.raises(OutcomeUnknown, match="whether the connection was made"):
        talk([reply(502, PAGE)], lambda client: client.create_authentication("a", "t", {}))


def test_without_a_token_nothing_is_asked() -> None:
    replies = Replies([STARTED])
    error = _start_failing(replies, account=Account(tokens=[None]))
    assert isinstance(error, NotSignedIn)
    assert (error.status, replies.requests) == (0, [])


@pytest.mark.parametrize(
    "token", ["abc\ndef123", "abc\rdef123", "tokén-1234", "a b", "", "x" * 20_000]
)
def test_a_token_with_a_line_break_or_a_special_letter_is_refused_and_not_printed(
    token: str,
) -> None:
    replies = Replies([STARTED])
    error = _start_failing(replies, account=Account(tokens=[token]))
    assert isinstance(error, NotSignedIn)
    assert replies.requests == []
    shown = f"{error} {error.hint} {error.technical} {error.args} {error.__cause__}"
    assert not token or token not in shown


def test_a_client_id_does_not_start_runs() -> None:
    replies = Replies([STARTED])
    error = _start_failing(replies, account=Account(tokens=[None]), client_id="cid-123456")
    assert isinstance(error, NotSignedIn)
    assert replies.requests == []


def test_inputs_that_json_cannot_hold_are_invalid_and_nothing_is_sent() -> None:
    replies = Replies([STARTED])
    with pytest.raises(InvalidInput):
        talk(replies, lambda client: client.start_run("core:1", None, {"x": float("nan")}))
    assert replies.requests == []


def test_what_is_sent_is_what_run_body_shows_in_each_shape() -> None:
    inputs = {"text": "Höhe\n", "n": ExactNumber("0.10"), "none": None}
    shapes = {
        BodyShape.SPEC: {"data": {"action": "core:1", "authentication": "t4", "inputs": inputs}},
        BodyShape.GUIDE: {"action": "core:1", "authentication": "t4", "input": inputs},
        BodyShape.MIXED: {"data": {"action": "core:1", "authentication": "t4", "input": inputs}},
    }
    for shape, body in shapes.items():
        replies = Replies([STARTED])
        shown: list[bytes] = []

        async def scenario(client: ZapierClient, shown: list[bytes] = shown) -> None:
            shown.append(client.run_body("core:1", "t4", inputs))
            await client.start_run("core:1", "t4", inputs)

        talk(replies, scenario, shape=shape)
        (request,) = replies.requests
        assert request.content == shown[0]
        assert json.loads(request.content, parse_float=ExactNumber) == body
        assert b'"n":0.10' in request.content
        assert str(request.url) == f"{BASE}/v2/action-runs"
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["content-type"] == request.headers["accept"] == "application/json"
        assert request.headers["accept-encoding"] == "gzip, identity"
        assert request.headers["user-agent"].startswith("zapdesk/")


@pytest.mark.parametrize(
    ("answer", "rejects"),
    [
        (refused(400, "parse_error"), True),
        (refused(400, source={"pointer": "/data"}), True),
        (refused(400, source={"pointer": "/data/inputs"}), True),
        (refused(400, source={"pointer": "/input"}), True),
        (refused(400, source={"pointer": "/action"}), True),
        (refused(400, source={"pointer": "/data/inputs/title"}), False),
        (refused(400, source={"pointer": "/data/authentication"}), False),
        (refused(422, "parse_error"), False),
        (refused(409, "parse_error"), False),
        (refused(400), False),
    ],
)
def test_only_a_400_about_the_body_itself_rejects_its_shape(
    answer: httpx.Response, rejects: bool
) -> None:
    assert rejects_body(_start_failing([answer])) is rejects


def test_a_shape_that_worked_is_kept_and_one_that_did_not_is_not() -> None:
    account = Account()
    rejection = refused(400, "parse_error")

    async def scenario(client: ZapierClient) -> None:
        with pytest.raises(Refused):
            await client.start_run("core:1", None, {})
        assert client.next_shape() is BodyShape.GUIDE
        client.use_shape(BodyShape.GUIDE)
        with pytest.raises(Refused):
            await client.start_run("core:2", None, {})
        assert account.shapes == []
        assert client.next_shape() is BodyShape.MIXED
        client.use_shape(BodyShape.MIXED)
        await client.start_run("core:3", None, {})
        await client.start_run("core:4", None, {})

    talk([rejection, rejection, STARTED], scenario, account=account)
    assert account.shapes == [BodyShape.MIXED]


def test_after_every_shape_was_refused_the_first_is_used_again() -> None:
    async def scenario(client: ZapierClient) -> None:
        for shape in (BodyShape.GUIDE, BodyShape.MIXED):
            assert client.next_shape() is shape
            client.use_shape(shape)
        assert client.next_shape() is None
        assert client.shape is BodyShape.SPEC

    talk([STARTED], scenario)


def test_a_refused_token_can_be_renewed_and_the_send_is_not_repeated() -> None:
    account = Account(tokens=[TOKEN, "tok-second-1"])
    replies = Replies([FLAT, STARTED])

    async def scenario(client: ZapierClient) -> str:
        with pytest.raises(NotSignedIn):
            await client.start_run("core:1", None, {})
        assert len(replies.requests) == 1
        assert await client.renew()
        return await client.start_run("core:2", None, {})

    assert talk(replies, scenario, account=account) == "arun_1"
    assert account.renewed == [TOKEN]
    assert replies.requests[1].headers["authorization"] == "Bearer tok-second-1"


def test_the_witness_of_a_refused_send_says_that_nothing_ran() -> None:
    witness = SendWitness()
    with pytest.raises(Refused):
        talk([refused(400)], lambda c: c.start_run("core:1", None, {}, witness=witness))
    assert witness.bytes_left is False
    talk([STARTED], lambda c: c.start_run("core:1", None, {}, witness=witness))
    assert witness.bytes_left is True
    assert witness.sent_ms is not None


def test_a_fault_inside_the_network_library_leaves_the_outcome_unknown() -> None:
    def breaks(request: httpx.Request) -> httpx.Response:
        raise KeyError("a bug that is not ours")

    assert isinstance(_start_failing(Replies([breaks])), OutcomeUnknown)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("no route"),
        httpx.ConnectTimeout("too slow"),
        httpx.LocalProtocolError("a header that cannot be sent"),
    ],
)
def test_a_failed_connection_means_that_nothing_was_sent(error: Exception) -> None:
    def breaks(request: httpx.Request) -> httpx.Response:
        raise error

    witness = SendWitness()
    with pytest.raises(Unreachable) as caught:
        talk(Replies([breaks]), lambda c: c.start_run("core:1", None, {}, witness=witness))
    assert caught.value.hint.startswith("Nothing was sent.")
    assert not witness.bytes_left


def test_at_most_three_sends_are_on_their_way_at_once() -> None:
    on_their_way: list[int] = []
    most = 0

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal most
            on_their_way.append(1)
            most = max(most, len(on_their_way))
            await asyncio.sleep(0.01)
            on_their_way.pop()
            return reply(200, {"data": {"id": "x"}})

    async def main() -> None:
        client = ZapierClient(Account().transport(inner=Slow()))
        await asyncio.gather(*(client.start_run(f"core:{n}", None, {}) for n in range(9)))

    asyncio.run(main())
    assert most == 3

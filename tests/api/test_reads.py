"""Reads: what is sent, what is tried again, and when it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.clients import BASE, TOKEN, Account, Replies, listed, refused, reply, talk
from zapdesk.api.client import ZapierClient
from zapdesk.api.transport import Admission
from zapdesk.domain.exchanges import Exchange
from zapdesk.errors import (
    Failed,
    Forbidden,
    InvalidInput,
    NotFound,
    NotSignedIn,
    RateLimited,
    Refused,
    Side,
    Unreachable,
    Unreadable,
    ZapdeskError,
)

EMPTY = reply(200, listed())
PAGE = b"\n <html>Please sign in to this network</html>"
RUNNING = reply(200, {"data": {"type": "run", "status": "queued"}})


def _failing(replies: Any, **more: Any) -> ZapdeskError:
    with pytest.raises(ZapdeskError) as caught:
        talk(replies, lambda client: client.apps(), **more)
    return caught.value


def _down(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("gone")


def _unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("All connection attempts failed")


def test_trouble_that_passes_is_sat_out() -> None:
    account = Account()
    replies = Replies([_down, reply(502, PAGE), EMPTY])
    assert talk(replies, lambda client: client.apps(), account=account).items == ()
    assert len(replies.requests) == 3
    assert len(account.pauses) == 2
    assert account.pauses[0] < account.pauses[1]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [(_down, Failed), (_unreachable, Unreachable), (reply(500, {"errors": []}), Failed)],
)
def test_a_read_gives_up_after_three_attempts(trouble: Any, kind: type[ZapdeskError]) -> None:
    replies = Replies([trouble])
    error = _failing(replies)
    assert type(error) is kind
    assert error.hint
    assert len(replies.requests) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_wait_is_sat_out_as_long_as_the_server_says(status: int) -> None:
    account = Account()
    talk([reply(status, b"", retry_after="4"), EMPTY], lambda c: c.apps(), account=account)
    assert account.pauses == [4.0]


@pytest.mark.parametrize(
    ("headers", "wait_s"), [({"retry_after": "60"}, 60.0), ({}, 60.0), ({"retry_after": "16"}, 16)]
)
def test_a_long_wait_is_the_callers(headers: dict[str, str], wait_s: float) -> None:
    account = Account()
    replies = Replies([reply(429, b"", **headers)])
    error = _failing(replies, account=account)
    assert isinstance(error, RateLimited)
    assert error.wait_s == wait_s
    assert (len(replies.requests), account.pauses) == (1, [])


def test_a_long_wait_of_a_busy_server_is_the_callers() -> None:
    error = _failing([reply(503, b"", retry_after="120")])
    assert isinstance(error, Failed)
    assert error.wait_s == 120


def test_an_expired_token_is_renewed_once_and_the_read_goes_on() -> None:
    for refusal in (
        reply(401, b""),
        refused(403, "authentication_failed"),
        reply(403, {"code": "not_authenticated", "detail": "x"}),
    ):
        account = Account(tokens=[TOKEN, "tok-second-1"])
        replies = Replies([refusal, EMPTY])
        talk(replies, lambda client: client.apps(), account=account)
        assert account.renewed == [TOKEN]
        assert replies.requests[1].headers["authorization"] == "Bearer tok-second-1"


def test_a_token_that_stays_refused_ends_after_one_renewal() -> None:
    account = Account(tokens=[TOKEN, "tok-second-1", "tok-third-22"])
    replies = Replies([refused(401)])
    assert isinstance(_failing(replies, account=account), NotSignedIn)
    assert (len(account.renewed), len(replies.requests)) == (1, 2)


def test_a_server_that_refuses_every_new_token_is_not_asked_for_one_with_every_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = Account(tokens=[TOKEN, *(f"tok-{n}" for n in range(9))])
    now = 1000.0
    monkeypatch.setattr("zapdesk.api.transport.time.monotonic", lambda: now)

    async def scenario(client: ZapierClient) -> None:
        nonlocal now
        for _ in range(20):
            with pytest.raises(NotSignedIn):
                await client.apps()
            assert not await client.renew()
        assert len(account.renewed) == 1
        now += 61
        with pytest.raises(NotSignedIn):
            await client.apps()
        assert len(account.renewed) == 2

    talk(Replies([refused(401)]), scenario, account=account)


def test_a_token_that_worked_is_renewed_however_soon_it_ends() -> None:
    account = Account(tokens=[TOKEN, "tok-1", "tok-2"])
    replies = Replies([refused(401), EMPTY, refused(401), EMPTY])

    async def scenario(client: ZapierClient) -> None:
        await client.apps()
        await client.apps()

    talk(replies, scenario, account=account)
    assert account.renewed == [TOKEN, "tok-1"]


def test_a_token_that_cannot_be_renewed_ends_at_once() -> None:
    replies = Replies([refused(401)])
    error = _failing(replies)
    assert isinstance(error, NotSignedIn)
    assert error.hint == "Sign in again, or paste a new token."
    assert len(replies.requests) == 1


@pytest.mark.parametrize("status", [406, 415])
def test_a_refused_media_type_is_replaced_by_the_older_one_once(status: int) -> None:
    replies = Replies([refused(status), EMPTY])
    talk(replies, lambda client: client.input_fields("core:1", None, {}))
    first, second = (request.headers for request in replies.requests)
    assert (first["accept"], first["content-type"]) == ("application/json",) * 2
    assert (second["accept"], second["content-type"]) == ("application/vnd.api+json",) * 2
    replies = Replies([refused(status)])
    assert isinstance(_failing(replies), Refused)
    assert len(replies.requests) == 2


def test_the_media_type_that_a_server_takes_is_kept_for_what_is_sent() -> None:
    started = reply(200, {"data": {"id": "r"}})
    replies = Replies([refused(415), EMPTY, EMPTY, started, refused(406), EMPTY, started])

    async def scenario(client: ZapierClient) -> None:
        await client.input_fields("core:1", None, {})
        await client.input_fields("core:1", None, {})
        await client.start_run("core:2", None, {})
        await client.actions("a")
        await client.start_run("core:3", None, {})

    talk(replies, scenario)
    plain, older = "application/json", "application/vnd.api+json"
    assert [request.headers["accept"] for request in replies.requests] == [
        *(plain, older, older, older, older, plain, plain)
    ]


def test_a_send_whose_media_type_is_refused_goes_out_once_and_the_next_in_the_other() -> None:
    replies = Replies([refused(415), reply(200, {"data": {"id": "r"}})])

    async def scenario(client: ZapierClient) -> None:
        with pytest.raises(Refused):
            await client.start_run("core:1", None, {})
        assert len(replies.requests) == 1
        await client.start_run("core:2", None, {})

    talk(replies, scenario)
    assert replies.requests[1].headers["content-type"] == "application/vnd.api+json"


def test_a_missing_scope_names_both_spellings() -> None:
    with pytest.raises(Forbidden) as caught:
        talk([refused(403, "permission_denied")], lambda client: client.authentications("a"))
    assert "connection:read" in caught.value.hint
    assert "authentication" in caught.value.hint


def test_a_404_is_not_found_and_is_not_asked_again() -> None:
    for answer in (
        refused(404, "not_found"),
        reply(404, {"detail": "Not found."}),
        reply(404, b""),
    ):
        replies = Replies([answer])
        with pytest.raises(NotFound):
            talk(replies, lambda client: client.run("arun_1"))
        assert len(replies.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind", "title"),
    [
        (200, Unreadable, "A web page came"),
        (403, Unreadable, "A web page came"),
        (404, Unreadable, "A web page came"),
        (511, Failed, "This network wants you to sign in"),
    ],
)
def test_a_networks_sign_in_page_is_named_and_is_no_answer(
    status: int, kind: type[ZapdeskError], title: str
) -> None:
    with pytest.raises(kind, match=title) as caught:
        talk([reply(status, PAGE)], lambda client: client.run("arun_1"))
    assert caught.value.side is Side.NETWORK
    assert "sign in" in caught.value.hint
    assert "Please sign in" in caught.value.technical


@pytest.mark.parametrize(
    "location",
    ["https://evil.example/v2/apps", "http://api.zapier.com/v2/apps/", "file:///etc/passwd", "",
     "//evil.example/v2/apps/", "https://api.zapier.com.evil/v2/apps/", "/v2/other",
     "https://api.zapier.com@evil.example/v2/apps/", "https://api.zapier.com:444/v2/apps/"],
)  # fmt: skip
def test_a_read_is_not_led_to_another_address(location: str) -> None:
    replies = Replies([reply(301, b"", location=location), EMPTY])
    error = _failing(replies)
    assert isinstance(error, Failed)
    assert "another address" in error.title
    assert len(replies.requests) == 1


def test_a_slash_redirect_of_a_get_is_followed_once() -> None:
    slash = reply(301, b"", location="/v2/action-runs/arun_1/")
    replies = Replies([slash, RUNNING])
    answer = talk(replies, lambda client: client.run("arun_1"))
    assert answer.server_status == "queued"
    assert str(replies.requests[1].url) == f"{BASE}/v2/action-runs/arun_1/"
    assert replies.requests[1].headers["authorization"] == f"Bearer {TOKEN}"
    replies = Replies([slash, reply(301, b"", location="/v2/action-runs/arun_1")])
    with pytest.raises(Failed):
        talk(replies, lambda client: client.run("arun_1"))
    assert len(replies.requests) == 2


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_slash_redirect_of_a_reading_post_is_followed_once_as_a_post(status: int) -> None:
    slash = reply(status, b"", location=f"{BASE}/v2/actions/core:1/inputs/f/choices/")
    replies = Replies([slash, EMPTY])
    talk(replies, lambda client: client.choices("core:1", "f", "t4", {"x": "1"}, "2"))
    first, second = replies.requests
    assert (first.method, second.method) == ("POST", "POST")
    assert str(second.url) == f"{BASE}/v2/actions/core:1/inputs/f/choices/?page=2"
    assert first.content == second.content


@pytest.mark.parametrize(
    ("status", "where"),
    [(302, "/v2/actions/core:1/inputs/"), (307, "/v2/actions/core:1/inputs/elsewhere")],
)
def test_another_redirect_of_a_reading_post_is_not_followed(status: int, where: str) -> None:
    replies = Replies([reply(status, b"", location=where), EMPTY])
    with pytest.raises(Failed):
        talk(replies, lambda client: client.input_fields("core:1", None, {}))
    assert len(replies.requests) == 1


BODIES_THAT_SAY_NOTHING = [b"{}", b"[]", b"null", b'{"x": 1}', b"Unauthorized", b""]


@pytest.mark.parametrize("body", [*BODIES_THAT_SAY_NOTHING, b"<html>401</html>"])
def test_401_to_a_read_renews_the_token_whatever_its_body_is(body: bytes) -> None:
    account = Account(tokens=[TOKEN, "tok-2"])
    replies = Replies([reply(401, body), EMPTY])
    talk(replies, lambda client: client.actions("a"), account=account)
    assert account.renewed == [TOKEN]
    assert replies.requests[1].headers["authorization"] == "Bearer tok-2"


@pytest.mark.parametrize("body", BODIES_THAT_SAY_NOTHING)
@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (404, NotFound), (400, Refused)])
def test_a_refused_read_is_refused_whatever_its_body_is(
    status: int, kind: type[Refused], body: bytes
) -> None:
    replies = Replies([reply(status, body)])
    error = _failing(replies)
    assert type(error) is kind
    assert len(replies.requests) == 1


def test_a_conflict_of_a_read_speaks_of_no_earlier_attempt() -> None:
    error = _failing(Replies([reply(409, {"errors": [{"detail": "Busy."}]})]))
    assert (error.detail, error.hint) == ("Busy.", "Try again in a while.")


def test_a_client_id_goes_where_it_may_and_fills_no_links() -> None:
    account = Account(tokens=[None])
    app = {"id": "a", "title": "A", "links": {"connect_new_authentication": None}}
    replies = Replies([reply(200, listed(app))])
    page = talk(replies, lambda c: c.apps(query="x y"), account=account, client_id="cid 1&2")
    assert (
        str(replies.requests[0].url)
        == f"{BASE}/v2/apps?query=x%20y&limit=100&client_id=cid%201%262"
    )
    assert "authorization" not in replies.requests[0].headers
    assert page.items[0].needs_authentication is None


def test_a_token_wins_over_the_client_id() -> None:
    replies = Replies([EMPTY])
    talk(replies, lambda client: client.actions("a"), client_id="cid-1")
    assert "client_id" not in replies.requests[0].url.params


def test_categories_need_no_sign_in() -> None:
    replies = Replies([reply(200, {"objects": [{"slug": "s"}], "next": None})])
    talk(replies, lambda client: client.categories(), account=Account(tokens=[None]))
    assert "authorization" not in replies.requests[0].headers


@pytest.mark.parametrize(
    ("status", "is_ended", "is_success"),
    [
        ("waiting", False, False),
        ("queued", False, False),
        ("Quantum", False, False),
        ("success", True, True),
        ("SUCCESS", True, True),
        ("error", True, False),
    ],
)
def test_only_success_and_error_end_a_run(status: str, is_ended: bool, is_success: bool) -> None:
    answer = talk([reply(202, {"data": {"status": status}})], lambda client: client.run("r"))
    assert (answer.server_status, answer.is_ended, answer.is_success) == (
        status,
        is_ended,
        is_success,
    )


def test_a_failed_read_tells_the_status_bar_and_the_record() -> None:
    account = Account()
    seen: list[Exchange] = []
    replies = Replies([_unreachable, reply(200, listed(), date="Mon, 23 Nov 2026 18:00:00 GMT")])
    talk(replies, lambda client: client.apps(record=seen.append), account=account)
    assert [signs.is_reachable for signs in account.signs] == [False, True]
    assert account.signs[1].clock_offset_s is not None
    assert [exchange.status for exchange in seen] == [None, 200]
    assert "ConnectError" in seen[0].failure


def test_rate_limit_signs_are_read_where_they_are_numbers() -> None:
    account = Account()
    headers = {
        "x_ratelimit_limit": "60",
        "x_ratelimit_remaining": "http://x",
        "x_ratelimit_reset": "9",
    }
    talk([reply(200, listed(), **headers)], lambda c: c.apps(), account=account)
    signs = account.signs[0]
    assert (signs.limit, signs.remaining, signs.reset_at) == (60, None, 9)


def test_every_attempt_asks_the_budget_first() -> None:
    account = Account()
    talk(
        [reply(500, {}), EMPTY],
        lambda client: client.apps(admission=Admission.BACKGROUND),
        account=account,
    )
    assert account.admitted == [Admission.BACKGROUND] * 2


def test_a_cancelled_read_is_recorded_as_such() -> None:
    seen: list[Exchange] = []

    class Never(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    async def main() -> None:
        client = ZapierClient(Account().transport(inner=Never()))
        task = asyncio.ensure_future(client.apps(record=seen.append))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert [exchange.failure for exchange in seen] == ["stopped waiting"]


def test_a_base_address_keeps_its_path() -> None:
    replies = Replies([EMPTY])

    async def main() -> None:
        transport = Account().transport(
            "https://proxy.example/zapier/", inner=httpx.MockTransport(replies)
        )
        await ZapierClient(transport).authentications("a/b")

    asyncio.run(main())
    assert (
        str(replies.requests[0].url)
        == "https://proxy.example/zapier/v2/authentications?app=a%2Fb&limit=100"
    )


@pytest.mark.parametrize("url", ["http://api.zapier.com", "ftp://x", "https://user@x", "x"])
def test_a_token_is_never_given_to_an_address_that_is_not_safe(url: str) -> None:
    with pytest.raises(InvalidInput):
        Account().transport(url)

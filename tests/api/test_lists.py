"""Pages of lists and of choices: followed on this server only, and never for ever."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.clients import BASE, Account, Replies, listed, reply, talk
from tests.conftest import ExpectLog
from zapdesk.api.client import ZapierClient
from zapdesk.errors import (
    InvalidInput,
    Unreadable,
)

EMPTY = reply(200, listed())
PAGE = b"\n <html>Please sign in to this network</html>"
RUNNING = reply(200, {"data": {"type": "run", "status": "queued"}})


def test_a_next_page_that_names_the_client_already_names_it_once() -> None:
    following = f"{BASE}/v2/apps?client_id=cid-1&offset=1"
    replies = Replies([EMPTY])
    account = Account(tokens=[None])
    talk(replies, lambda c: c.apps(next_url=following), account=account, client_id="cid-1")
    assert str(replies.requests[0].url) == following


@pytest.mark.parametrize(
    "next_url",
    ["https://evil.example/v2/apps?offset=1", "http://api.zapier.com/x", "ftp://x", "https://[x"],
)
def test_a_next_page_on_another_server_is_never_asked_for(
    next_url: str, expected_log: ExpectLog
) -> None:
    expected_log("another server")
    replies = Replies([reply(200, listed({"id": "a"}, next=next_url))])
    page = talk(replies, lambda client: client.apps())
    assert page.next_url is None
    with pytest.raises(InvalidInput):
        talk(replies, lambda client: client.apps(next_url=next_url))
    assert len(replies.requests) == 1


def test_a_next_page_may_be_given_relative_to_the_page_before() -> None:
    first = listed({"id": "1", "key": "a"}, next="?app=x&cursor=2")
    replies = Replies([reply(200, first), EMPTY])
    talk(replies, lambda client: client.actions("x"))
    assert str(replies.requests[1].url) == f"{BASE}/v2/actions?app=x&cursor=2"


def test_connections_without_links_are_fetched_to_their_count(expected_log: ExpectLog) -> None:
    def page(*ids: str) -> httpx.Response:
        return reply(200, {"data": [{"id": id} for id in ids], "meta": {"count": 3, "limit": 2}})

    replies = Replies([page("1", "2"), page("3")])
    found = talk(replies, lambda client: client.authentications("x"))
    assert [one.id for one in found] == ["1", "2", "3"]
    assert str(replies.requests[1].url) == f"{BASE}/v2/authentications?app=x&limit=100&offset=2"
    expected_log("stopped after")
    repeated = Replies([reply(200, {"data": [{"id": "1"}], "meta": {"count": 9}})])
    assert len(talk(repeated, lambda client: client.authentications("x"))) == 1
    assert len(repeated.requests) == 2


@pytest.mark.parametrize(
    "body", [{"data": None}, {"links": None, "meta": None}, {"links": {}, "meta": {"count": 0}}]
)
def test_a_list_without_entries_is_empty(body: Any) -> None:
    replies = Replies([reply(200, body), reply(200, [body])])
    assert talk(replies, lambda client: client.authentications("x")) == ()


def test_a_next_page_is_asked_for_as_it_was_given() -> None:
    replies = Replies([reply(200, listed({"id": "a"}, next="/v2/apps?limit=1&offset=1")), EMPTY])

    async def scenario(client: ZapierClient) -> None:
        page = await client.apps(limit=1)
        await client.apps(next_url=page.next_url)

    talk(replies, scenario)
    assert [str(r.url) for r in replies.requests] == [
        f"{BASE}/v2/apps?limit=1",
        f"{BASE}/v2/apps?limit=1&offset=1",
    ]


def test_every_page_of_actions_is_fetched() -> None:
    first = listed({"id": "1", "key": "a"}, next=f"{BASE}/v2/actions?app=x&offset=1")
    replies = Replies([reply(200, first), reply(200, listed({"id": "2", "key": "b"}))])
    actions = talk(replies, lambda client: client.actions("x", "WRITE"))
    assert [(a.key, a.action_type) for a in actions] == [("a", "WRITE"), ("b", "WRITE")]


def test_a_page_of_which_nothing_can_be_read_does_not_end_the_list(
    expected_log: ExpectLog,
) -> None:
    expected_log("left out 1 of 1 entries")
    first = listed({"id": None}, next=f"{BASE}/v2/authentications?app=x&offset=1")
    replies = Replies([reply(200, first), reply(200, listed({"id": "2"}))])
    found = talk(replies, lambda client: client.authentications("x"))
    assert [one.id for one in found] == ["2"]


def test_a_next_page_that_points_at_itself_ends_the_list(expected_log: ExpectLog) -> None:
    expected_log("stopped after")
    same = reply(200, listed({"id": "1", "key": "a"}, next=f"{BASE}/v2/actions?app=x&offset=1"))
    replies = Replies([same])
    talk(replies, lambda client: client.actions("x"))
    assert len(replies.requests) == 2


def test_a_million_pages_end_at_a_hundred(expected_log: ExpectLog) -> None:
    expected_log("stopped after")
    count = 0

    def more(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return reply(200, listed({"id": str(count), "key": "a"}, next=f"/v2/actions?n={count}"))

    talk(Replies([more]), lambda client: client.actions("x"))
    assert count == 100


def test_choices_go_out_as_a_post_with_every_value_so_far() -> None:
    replies = Replies([reply(200, {"data": [], "links": {"next": None}})])
    talk(replies, lambda c: c.choices("core:1", "a b[].c", "t4", {"x": "1"}, "3"))
    (request,) = replies.requests
    assert request.method == "POST"
    assert request.url.raw_path == b"/v2/actions/core:1/inputs/a%20b%5B%5D.c/choices?page=3"
    assert replies.bodies == [{"data": {"authentication": "t4", "inputs": {"x": "1"}}}]


def test_a_cursor_to_more_choices_is_followed_as_a_post_on_this_server_only() -> None:
    body = {"data": [{"id": "a"}], "links": {"next": f"{BASE}/v2/c/choices?cursor=z"}}
    replies = Replies([reply(200, body)])

    async def scenario(client: ZapierClient) -> None:
        page = await client.choices("core:1", "f", None, {})
        assert page.next_page is not None
        await client.choices("core:1", "f", None, {}, page.next_page)
        with pytest.raises(InvalidInput):
            await client.choices("core:1", "f", None, {}, "https://evil.example/?cursor=z")

    talk(replies, scenario)
    assert str(replies.requests[1].url) == f"{BASE}/v2/c/choices?cursor=z"
    assert replies.requests[1].method == "POST"
    assert len(replies.requests) == 2


def test_a_large_answer_is_read_off_the_loop() -> None:
    entries = [{"id": f"app-{n}", "title": "T" * 200} for n in range(3000)]
    assert len(talk([reply(200, listed(*entries))], lambda client: client.apps()).items) == 3000


def test_a_large_answer_that_is_no_json_is_unreadable_all_the_same() -> None:
    with pytest.raises(Unreadable) as caught:
        talk([reply(200, b"[" * 400_000)], lambda client: client.apps())
    assert caught.value.status == 200
    assert caught.value.technical.startswith("HTTP 200")

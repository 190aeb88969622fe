"""What is kept of an exchange, and what is never kept."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.api.clients import TOKEN, Replies, refused, reply, talk
from zapdesk.api.client import SendWitness
from zapdesk.api.recording import ExchangeDraft
from zapdesk.domain.exchanges import Exchange
from zapdesk.errors import (
    Refused,
)

STARTED = reply(200, {"data": {"type": "run", "id": "arun_1"}})
FLAT = reply(403, {"code": "authentication_failed", "detail": "Invalid token header."})
PAGE = b"<!DOCTYPE html><title>Welcome to Hotel Wi-Fi</title>"


def test_a_connect_to_a_proxy_is_not_the_request_itself() -> None:
    draft = ExchangeDraft("start run", "POST", SendWitness())
    for method, has_left in ((b"CONNECT", False), (b"POST", True)):
        info = {"request": SimpleNamespace(method=method)}
        asyncio.run(draft.trace("http11.send_request_headers.started", info))
        assert draft.witness.bytes_left is has_left


def _recorded(client_call: Any, answer: httpx.Response) -> Exchange:
    seen: list[Exchange] = []
    talk([answer], lambda client: client_call(client, seen.append))
    (exchange,) = seen
    return exchange


def test_a_password_is_hidden_in_the_record_and_in_the_apps_echo() -> None:
    inputs = {"user": "marina", "key": "s3cret-value", "n": [{"deep": "sec-ret-2"}]}
    seen: list[Exchange] = []
    replies = Replies([refused(400, detail="no such key s3cret-value or sec-ret-2")])
    with pytest.raises(Refused) as caught:
        talk(
            replies,
            lambda c: c.start_run(
                "core:1", None, inputs, secret_ids={"key", "n"}, record=seen.append
            ),
        )
    (exchange,) = seen
    assert json.loads(exchange.request_body)["data"]["inputs"] == {
        "user": "marina",
        "key": {"$hidden": "password"},
        "n": {"$hidden": "password"},
    }
    assert replies.bodies[0]["data"]["inputs"] == inputs
    shown = f"{exchange} {caught.value.detail} {caught.value.technical} {caught.value.items}"
    assert "s3cret" not in shown
    assert "sec-ret" not in shown


def test_the_token_is_hidden_in_the_record_even_where_the_server_echoes_it() -> None:
    exchange = _recorded(
        lambda c, record: c.start_run("core:1", None, {}, record=record),
        reply(200, {"data": {"id": "x"}, "echo": TOKEN}, x_echo=f"Bearer {TOKEN}"),
    )
    assert TOKEN not in repr(exchange)
    assert exchange.status == 200
    assert exchange.ended_ms is not None


def test_every_field_of_a_new_connection_is_hidden_in_the_record() -> None:
    exchange = _recorded(
        lambda c, record: c.create_authentication("a", "T", {"key": "abcdef99"}, record=record),
        reply(201, {"data": [{"id": "n1", "title": "T"}]}),
    )
    assert b"abcdef99" not in exchange.request_body
    assert json.loads(exchange.request_body)["data"]["title"] == "T"


def test_the_record_of_a_long_answer_is_cut_and_says_how_long_it_was() -> None:
    body = json.dumps({"data": {"id": "x"}, "pad": "y" * 3_000_000}).encode()
    exchange = _recorded(
        lambda c, record: c.start_run("core:1", None, {}, record=record), reply(200, body)
    )
    assert len(exchange.response_body) == 1024 * 1024
    assert exchange.body_size == len(body)

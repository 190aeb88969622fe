"""Answers to the POST of a run that the sandbox does not give, byte by byte."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.fault_server import free_port, hangs, raw, resets, serving
from tests.services.desk import desk, order, told, wording
from tests.services.script_server import (
    Behaviour,
    Reply,
    accepted,
    decoded,
    ended,
    errors,
    reply_bytes,
    scripted,
    sends,
)
from zapdesk.domain.runs import RunRecord, RunStatus
from zapdesk.services import polling


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))


async def _sent(home: Path, reply: Reply | Behaviour) -> tuple[RunRecord, int]:
    async with scripted(on_run=[reply]) as script, desk(home, script.url) as made:
        return await made.ended(order()), len(script.posts)


def _page(status: int, *headers: str) -> Behaviour:
    body = b"<html><body>Sign in to this network</body></html>"
    return sends(reply_bytes(status, body, "Content-Type: text/html", *headers))


def _redirect(status: int, where: str) -> Behaviour:
    return sends(reply_bytes(status, b"", f"Location: {where}"))


REDIRECTS = [
    (status, where)
    for status in (301, 302, 303, 307, 308)
    for where in ("/v2/action-runs/", "https://elsewhere.example/", "http://127.0.0.1:1/x")
] + [(307, "file:///etc/passwd"), (302, "javascript:alert(1)"), (308, "")]


@pytest.mark.parametrize(("status", "where"), REDIRECTS)
def test_redirect_of_the_post_is_never_followed_and_leaves_it_unknown(
    tmp_path: Path, status: int, where: str
) -> None:
    record, posts = asyncio.run(_sent(tmp_path, _redirect(status, where)))
    assert (record.run.status, posts) == (RunStatus.UNKNOWN, 1)
    assert where[:20] in told(record)


REFUSALS: list[tuple[int, Any]] = [
    (400, errors("invalid", "The note is too long.", "/data/inputs/note")),
    (403, errors("permission_denied", "You may not.")),
    (403, {"code": "forbidden", "detail": "You may not."}),
    (404, errors("not_found", "No such thing.")),
    (405, errors("method_not_allowed", "Not like this.")),
    (409, errors("conflict", "Another request is doing this.")),
    (413, errors("too_large", "Too much.")),
    (415, errors("unsupported", "Not this type.")),
    (422, errors("invalid", "Not this value.")),
    (429, errors("throttled", "Too many.")),
]


@pytest.mark.parametrize("reply", REFUSALS, ids=lambda r: f"{r[0]} {next(iter(r[1]))}")
def test_refusal_in_readable_words_is_refused_after_one_post(tmp_path: Path, reply: Reply) -> None:
    record, posts = asyncio.run(_sent(tmp_path, reply))
    assert (record.run.status, posts) == (RunStatus.REFUSED, 1), told(record)
    words = reply[1].get("detail") or reply[1]["errors"][0]["detail"]
    assert words in told(record)
    if reply[0] == 409:
        assert "An earlier attempt may exist" in told(record)


DOUBTS: list[tuple[str, Reply | Behaviour]] = [
    ("400 that is a page", _page(400)),
    ("403 that is a page", _page(403)),
    ("404 without words", sends(reply_bytes(404, b"nope"))),
    ("408 in words", (408, errors("timeout", "Too slow."))),
    ("425 in words", (425, errors("too_early", "Too early."))),
    ("500 in words", (500, errors("error", "Broken."))),
    ("501", (501, {})),
    ("503 with Retry-After", sends(reply_bytes(503, b"{}", "Retry-After: 5"))),
    ("511 that is a page", _page(511)),
    ("200 that is a page", _page(200)),
    ("200 with nothing", sends(reply_bytes(200, b""))),
    ("200 with {}", (200, {})),
    ("200 with id null", accepted(None)),
    ("200 with id 7", accepted(7)),
    ("200 with id true", accepted(True)),
    ("200 with an empty id", accepted("")),
    ("200 with a list as id", accepted(["run-1"])),
    ("200 with an id of 10 MB", accepted("x" * 10_000_000)),
    ("200 cut after 20 bytes", sends(reply_bytes(200, json.dumps(accepted()[1]).encode())[:20])),
    ("200 nested 200,000 deep", sends(reply_bytes(200, b"[" * 200_000))),
    ("200 in UTF-16", sends(reply_bytes(200, '{"data":{"id":"a"}}'.encode("utf-16")))),
    ("no HTTP at all", sends(b"SSH-2.0-OpenSSH_9.2\r\n")),
    ("status 999", sends(reply_bytes(999, b"{}"))),
    ("reset", resets),
    ("silence", hangs),
]


@pytest.mark.parametrize("doubt", DOUBTS, ids=lambda d: d[0])
def test_answer_that_tells_nothing_certain_is_unknown_after_one_post(
    tmp_path: Path, doubt: tuple[str, Reply | Behaviour]
) -> None:
    record, posts = asyncio.run(_sent(tmp_path, doubt[1]))
    assert (record.run.status, posts) == (RunStatus.UNKNOWN, 1), told(record)
    assert wording(record).title == "We cannot tell whether this ran"
    assert "Nothing was sent" not in told(record)


def test_evidence_of_an_accepted_run_without_id_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        reply = (200, {"data": {"type": "run", "id": None, "hint": "look here"}})
        async with scripted(on_run=[reply]) as script, desk(tmp_path, script.url) as made:
            record = await made.ended(order())
            exchanges = await made.runs.exchanges(record.run.id)
        posts = [e for e in exchanges if e.method == "POST"]
        assert [e.status for e in posts] == [200]
        assert b"look here" in posts[0].response_body

    asyncio.run(scenario())


IDS = [
    "arun_01HZX", "../../v2/zaps", "?x=1", "a/b", "a#b", "..", ".", "50%", "é—\u202e",
    "x" * 300, "a b", "%2e%2e/", "\\..\\",
]  # fmt: skip


@pytest.mark.parametrize("run_id", IDS)
def test_run_id_of_any_shape_stays_one_segment_of_the_path(tmp_path: Path, run_id: str) -> None:
    async def scenario() -> None:
        async with (
            scripted(on_run=[accepted(run_id)]) as script,
            desk(tmp_path, script.url) as made,
        ):
            record = await made.ended(order())
            assert record.run.run_id == run_id
            assert record.run.status is RunStatus.SUCCESS, told(record)
            assert [decoded(segment) for segment in script.polls] == [run_id]
            assert not any("/" in segment for segment in script.polls)

    asyncio.run(scenario())


def test_refused_connection_sends_nothing_and_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with desk(tmp_path, f"http://127.0.0.1:{free_port()}") as made:
            record = await made.ended(order())
        assert record.run.status is RunStatus.NOT_SENT
        assert "refused the connection" in told(record)
        assert "safe to run it again" in told(record)
        assert record.run.sent_ms is None

    asyncio.run(scenario())


def test_name_that_no_server_has_sends_nothing_and_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with desk(tmp_path, "https://zapdesk-nowhere.invalid") as made:
            record = await made.ended(order())
        assert record.run.status is RunStatus.NOT_SENT
        assert "zapdesk-nowhere.invalid" in told(record)

    asyncio.run(scenario())


def test_server_that_speaks_no_tls_is_sent_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        plain = raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        async with (
            serving(plain, reads_request=False) as server,
            desk(tmp_path, server.url.replace("http:", "https:")) as made,
        ):
            record = await made.ended(order())
        assert record.run.status is RunStatus.NOT_SENT
        assert "encrypted" in told(record)

    asyncio.run(scenario())


def test_poll_that_answers_late_results_of_any_kind_ends_in_success(tmp_path: Path) -> None:
    cases: list[tuple[Any, bytes]] = [
        ([{"a": 1}], b'[{"a": 1}]'),
        ({"a": 1}, b'[{"a": 1}]'),
        ([], b"[]"),
        (None, b"[]"),
        ([1, "x", None], b'[1, "x", null]'),
    ]

    async def scenario() -> None:
        for number, (results, kept) in enumerate(cases):
            async with (
                scripted(on_poll=[ended(results)]) as script,
                desk(tmp_path / str(number), script.url) as made,
            ):
                record = await made.ended(order())
            assert record.run.status is RunStatus.SUCCESS
            assert json.loads(record.results or b"") == json.loads(kept)

    asyncio.run(scenario())

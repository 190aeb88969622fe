"""Every way in which a send can end, over a socket, against the real sandbox.

The sandbox tells what it received and what it really did. One POST for each intent, and never a
word that claims more than is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_server import Address, running_sandbox
from tests.services.desk import desk, order, told
from tests.services.fault_proxy import Fault, eventually, proxy
from tests.services.fault_proxy import told as sandbox_told
from zapdesk.domain.runs import RunKind, RunRecord, RunStatus
from zapdesk.services import polling

FAULT_LAB = "9f8e7d6c-5b4a-5938-8271-6f5e4d3ca006"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as address:
        yield address


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.03,))


async def _send(
    sandbox: Address, home: Path, key: str, *, url: str = "", kind: RunKind = RunKind.RUN
) -> tuple[RunRecord, int, int]:
    """What the log says of one send of a Fault Lab action, how many POSTs of it arrived at the
    sandbox, and how many of its effects happened there (within a moment)."""
    note = home.name + key
    async with desk(home, url or sandbox.url, sandbox.token) as made:
        record = await made.ended(order(FAULT_LAB, key, {"note": note}, kind=kind))
    received = [e for e in await sandbox_told(sandbox, "received") if note in str(e)]
    marks = [e for e in await sandbox_told(sandbox, "effects") if note in str(e)]
    return record, len(received), len(marks)


OUTCOMES = [
    ("mark", RunStatus.SUCCESS, 1, ""),
    ("error_user", RunStatus.ERROR, 1, "the page is locked"),
    ("error_quota_of_moons", RunStatus.ERROR, 1, "This code is in no document"),
    ("empty_result", RunStatus.SUCCESS, 1, ""),
    ("no_results", RunStatus.SUCCESS, 1, ""),
    ("object_results", RunStatus.SUCCESS, 1, ""),
    ("success_with_errors", RunStatus.SUCCESS, 1, "The second copy failed"),
    ("upper_case_status", RunStatus.SUCCESS, 1, ""),
    ("slash_run_id", RunStatus.SUCCESS, 1, ""),
    ("run_403", RunStatus.REFUSED, 1, "Not on the allow-list"),
    ("run_409", RunStatus.REFUSED, 1, "An earlier attempt may exist"),
    ("run_429", RunStatus.REFUSED, 1, "30 seconds"),
    ("run_408", RunStatus.UNKNOWN, 1, "408"),
    ("run_500", RunStatus.UNKNOWN, 1, "500"),
    ("run_502_html", RunStatus.UNKNOWN, 1, "web page"),
    ("run_503", RunStatus.UNKNOWN, 1, "503"),
    ("run_504", RunStatus.UNKNOWN, 1, "504"),
    ("run_302", RunStatus.UNKNOWN, 1, "another address"),
    ("run_307", RunStatus.UNKNOWN, 1, "another address"),
    ("reset_before_work", RunStatus.UNKNOWN, 1, "cannot tell"),
    ("reset_after_work", RunStatus.UNKNOWN, 1, "cannot tell"),
    ("silence", RunStatus.UNKNOWN, 1, "did not come in time"),
    ("truncated_body", RunStatus.UNKNOWN, 1, "cut off"),
    ("no_run_id", RunStatus.UNKNOWN, 1, "probably"),
    ("number_run_id", RunStatus.UNKNOWN, 1, "probably"),
    ("html_200", RunStatus.UNKNOWN, 1, "probably"),
]


@pytest.mark.parametrize(
    ("key", "status", "posts", "words"), OUTCOMES, ids=[o[0] for o in OUTCOMES]
)
def test_fault_lab_action_ends_as_it_is_worded_after_one_post(
    sandbox: Address, tmp_path: Path, key: str, status: RunStatus, posts: int, words: str
) -> None:
    record, received, _ = asyncio.run(_send(sandbox, tmp_path, key))
    assert record.run.status is status, told(record)
    assert received == posts
    assert words in told(record)
    if status is RunStatus.UNKNOWN:
        assert "Look in Some App before you send it again" in told(record)
        assert record.run.run_id is None
    if status in {RunStatus.UNKNOWN, RunStatus.REFUSED}:
        assert "safe" not in told(record)
        assert record.run.sent_ms is not None


def test_run_post_whose_shape_is_refused_is_sent_in_the_next_shape_once(
    sandbox: Address, tmp_path: Path
) -> None:
    # This action refuses every shape: two POSTs, two action ids, and the first refusal is shown.
    record, received, effects = asyncio.run(_send(sandbox, tmp_path, "run_400_parse_error"))
    assert record.run.status is RunStatus.REFUSED
    assert (received, effects) == (2, 0)


def test_work_that_was_done_before_the_reset_is_unknown_and_done_once(
    sandbox: Address, tmp_path: Path
) -> None:
    async def scenario() -> None:
        record, received, _ = await _send(sandbox, tmp_path, "reset_after_work")
        assert (record.run.status, received) == (RunStatus.UNKNOWN, 1)
        note = tmp_path.name + "reset_after_work"

        async def is_done_once() -> bool:
            done = [e for e in await sandbox_told(sandbox, "effects") if note in str(e)]
            assert len(done) <= 1
            return len(done) == 1

        await eventually(is_done_once)

    asyncio.run(scenario())


@pytest.mark.parametrize("at", [0, 30, 200, 10**6], ids=lambda at: f"{at} bytes")
def test_request_cut_by_a_reset_after_so_many_bytes_is_unknown(
    sandbox: Address, tmp_path: Path, at: int
) -> None:
    # The last one arrives whole, and is answered: the cut is never reached.
    async def scenario() -> tuple[RunRecord, int, int]:
        async with proxy(sandbox, Fault(request_bytes=at)) as url:
            return await _send(sandbox, tmp_path, "mark", url=url)

    record, received, _ = asyncio.run(scenario())
    if at == 10**6:
        assert (record.run.status, received) == (RunStatus.SUCCESS, 1)
    else:
        assert (record.run.status, received) == (RunStatus.UNKNOWN, 0)
        assert "Look in Some App" in told(record)


@pytest.mark.parametrize("at", [0, 20, 60], ids=lambda at: f"{at} bytes")
def test_reply_cut_after_so_many_bytes_is_unknown_although_it_ran_once(
    sandbox: Address, tmp_path: Path, at: int
) -> None:
    async def scenario() -> tuple[RunRecord, int, int]:
        async with proxy(sandbox, Fault(reply_bytes=at)) as url:
            return await _send(sandbox, tmp_path, "mark", url=url)

    record, received, _ = asyncio.run(scenario())
    assert (record.run.status, received) == (RunStatus.UNKNOWN, 1)


def test_reply_that_is_swallowed_is_unknown_after_the_deadline(
    sandbox: Address, tmp_path: Path
) -> None:
    async def scenario() -> tuple[RunRecord, int, int]:
        async with proxy(sandbox, Fault(silent=True)) as url:
            return await _send(sandbox, tmp_path, "mark", url=url)

    record, received, _ = asyncio.run(scenario())
    assert (record.run.status, received) == (RunStatus.UNKNOWN, 1)
    assert "in time" in told(record)


def test_request_that_did_nothing_and_one_that_ran_are_worded_alike(
    sandbox: Address, tmp_path: Path
) -> None:
    # Nobody on this side can tell them apart, so neither may sound more certain.
    async def scenario() -> list[str]:
        texts = []
        for name, fault in (("a", Fault(request_bytes=30)), ("b", Fault(reply_bytes=0))):
            async with proxy(sandbox, fault) as url:
                record, _, _ = await _send(sandbox, tmp_path / name, "mark", url=url)
                texts.append(told(record))
        return texts

    unseen, executed = asyncio.run(scenario())
    assert unseen == executed


def test_step_test_succeeds_at_once_and_is_kept_as_a_test(sandbox: Address, tmp_path: Path) -> None:
    record, received, _ = asyncio.run(_send(sandbox, tmp_path, "mark", kind=RunKind.TEST))
    assert (record.run.kind, record.run.status, received) == (RunKind.TEST, RunStatus.SUCCESS, 1)
    assert b"marks" in (record.results or b"")


def test_step_test_that_the_app_fails_is_an_error_and_not_a_refusal(
    sandbox: Address, tmp_path: Path
) -> None:
    record, received, _ = asyncio.run(_send(sandbox, tmp_path, "error_user", kind=RunKind.TEST))
    assert (record.run.status, received) == (RunStatus.ERROR, 1)
    assert "the page is locked" in told(record)

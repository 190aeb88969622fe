"""What the log keeps of a run, and that it cannot be made to say anything else."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.storage.making import ADD_ROW, OWNER, opened, order, plain, with_log
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import (
    Resolution,
    RunError,
    RunEvent,
    RunFilter,
    RunKind,
    RunStatus,
)
from zapdesk.errors import ErrorItem, ErrorReport, InvalidInput, StorageUnusable
from zapdesk.storage.packing import pack, unpack
from zapdesk.storage.run_log import RunLog

if TYPE_CHECKING:
    from zapdesk.storage.database import Database


def test_the_same_press_of_run_is_one_run_however_often_it_arrives(tmp_path: Path) -> None:
    async def press(_database: Database, log: RunLog) -> None:
        answers = await asyncio.gather(*(log.add(order("p"), 5, b'{"a":1}') for _ in range(20)))
        assert [is_new for _run, is_new in answers].count(True) == 1
        assert len({run.id for run, _is_new in answers}) == 1
        other, is_new = await log.add(order("q"), 5, b'{"a":1}')
        assert is_new
        assert other.id != answers[0][0].id

    with_log(tmp_path, press)
    assert plain(tmp_path / "zapdesk.db", "SELECT count(*) FROM run_events") == [(2,)]


def test_everything_given_to_a_run_comes_back(tmp_path: Path) -> None:
    errors = (RunError("throttled", "Slow", "down", 30), RunError("x", delay_s=2**70))
    items = (ErrorItem("c", "t", "d", "/data", "p", "ZAPIER"),)
    report = ErrorReport("No.", "Because.", "app", "Wait.", "HTTP 400", items)

    async def use(_database: Database, log: RunLog) -> None:
        wanted = order(
            "1",
            kind=RunKind.TEST,
            authentication_id="c-1",
            authentication_title="Mine",
            labels={"row": "Zeile 3"},
            definition='[{"id":"row"}]',
        )
        run, _ = await log.add(wanted, 1000, b'{"name":"Ada"}')
        assert (run.status, run.is_mine, run.number) == (RunStatus.SUBMITTING, True, 1)
        assert (run.action, run.kind) == (ADD_ROW, RunKind.TEST)
        moved = await log.move(
            run.id, RunStatus.WAITING, at_ms=1100, text="accepted", run_id="arun_1",
            server_status="queued", sent_ms=1050, accepted_ms=1100,
        )  # fmt: skip
        assert moved is not None
        assert (moved.run_id, moved.sent_ms, moved.accepted_ms) == ("arun_1", 1050, 1100)
        ended = await log.move(
            run.id, RunStatus.ERROR, at_ms=1900, headline="It failed", server_status="error",
            results=b"[]", errors=errors, report=report,
        )  # fmt: skip
        assert ended is not None
        assert (ended.ended_ms, ended.duration_ms, ended.run_id) == (1900, 900, "arun_1")
        record = await log.record(run.id)
        assert record is not None
        assert record.run == ended == await log.get(run.id)
        assert (record.inputs, record.results, record.errors, record.report, record.labels) == (
            b'{"name":"Ada"}', b"[]", errors, report, {"row": "Zeile 3"},
        )  # fmt: skip
        assert record.definition == wanted.definition
        assert record.events == (
            RunEvent(1000, RunStatus.SUBMITTING),
            RunEvent(1100, RunStatus.WAITING, "accepted"),
            RunEvent(1900, RunStatus.ERROR),
        )

    with_log(tmp_path, use)
    ((digest,),) = plain(tmp_path / "zapdesk.db", "SELECT inputs_sha256 FROM run_bodies")
    assert digest == hashlib.sha256(b'{"name":"Ada"}').digest()


@pytest.mark.parametrize(
    "results",
    [
        b"",
        b'{"a":NaN,"a":1e999,"n":18446744073709551616}',
        b'["\\ud800"]',
        b'["\x00"]',
        b"\xff\xfe\x00 not UTF-8 \xed\xa0\x80",
        b'[{"text":"' + b"lorem ipsum " * 450_000 + b'"}]',
        bytes(range(256)) * 20_000,
    ],
    ids=["empty", "NaN and twice a key", "surrogate", "NUL", "no UTF-8", "5 MB", "5 MB of noise"],
)
def test_results_are_kept_byte_for_byte(tmp_path: Path, results: bytes) -> None:
    async def use(_database: Database, log: RunLog) -> bytes | None:
        run, _ = await log.add(order("1"), 1, b"{}")
        await log.move(run.id, RunStatus.WAITING, at_ms=2, run_id="r")
        assert await log.move(run.id, RunStatus.SUCCESS, at_ms=3, results=results)
        record = await log.record(run.id)
        assert record is not None
        return record.results

    assert with_log(tmp_path, use) == results


def test_what_an_earlier_version_packed_is_read_by_every_later_one() -> None:
    raw = (
        b'{"data":{"type":"run","id":"arun_1","status":"waiting","results":[],"errors":[]},'
        b'"links":{"next":null,"prev":null}}'
    )
    with_words = "02783fdde6bd78c3674422d0b878434206010b4444990d2cc009540bb5b500842526b8"
    for blob in (b"\x00" + raw, b"\x01" + zlib.compress(raw), bytes.fromhex(with_words)):
        assert unpack(blob) == raw
        assert len(pack(raw)) < 40
    for cut in (8, 20, 34):
        with pytest.raises(StorageUnusable, match="damaged"):
            unpack(bytes.fromhex(with_words)[:cut])


def test_headers_of_an_exchange_take_a_third_of_their_text(tmp_path: Path) -> None:
    headers = tuple(
        (name, value)
        for name, value in (
            ("content-type", "application/json"),
            ("cache-control", "no-cache, no-store, max-age=0, must-revalidate, private"),
            ("vary", "Accept, Accept-Encoding, Cookie, Origin"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
            ("x-request-id", "7f0c2a51"),
        )
    )

    async def use(_database: Database, log: RunLog) -> None:
        run, _ = await log.add(order("1"), 1, b"{}")
        sent = Exchange("run", "POST", "https://x/1", headers, response_headers=headers)
        await log.add_exchange(run.id, sent)
        (kept,) = await log.exchanges(run.id)
        assert (kept.request_headers, kept.response_headers) == (headers, headers)

    with_log(tmp_path, use)
    text = len(json.dumps([headers, headers]))
    ((packed,),) = plain(tmp_path / "zapdesk.db", "SELECT length(headers) FROM exchanges")
    assert packed < text / 3


def test_lone_surrogates_and_nuls_in_titles_and_ids_break_nothing(tmp_path: Path) -> None:
    awkward = "a\ud800b\x00c\u202e𝄞"

    async def use(_database: Database, log: RunLog) -> None:
        wanted = order(
            awkward, app_title=awkward, action_title=awkward, authentication_id=awkward,
            authentication_title=awkward, labels={awkward: awkward},
        )  # fmt: skip
        run, _ = await log.add(wanted, 1, b"{}")
        assert (await log.add(wanted, 1, b"{}"))[1] is False
        assert run.app_title == "a\\ud800b\x00c\u202e𝄞"
        await log.add_exchange(run.id, Exchange("run", "POST", awkward, ((awkward, awkward),)))
        moved = await log.move(
            run.id, RunStatus.UNKNOWN, at_ms=2, text=awkward, headline=awkward,
            report=ErrorReport(awkward),
        )  # fmt: skip
        assert moved is not None
        record = await log.record(run.id)
        assert record is not None
        assert record.report == ErrorReport(awkward)
        assert record.labels == {awkward: awkward}
        (exchange,) = await log.exchanges(run.id)
        assert exchange.request_headers == ((awkward, awkward),)
        with pytest.raises(InvalidInput):
            await log.find(awkward)
        assert await log.get(awkward) is None

    with_log(tmp_path, use)


def test_exchanges_come_back_in_order_and_whole(tmp_path: Path) -> None:
    sent = Exchange(
        "run", "POST", "https://x/v2/action-runs", (("A", "b"), ("A", "c")), b'{"data":1}', 201,
        (("Content-Type", "json"),), b"x" * 5000, 9_000_000, 17, 0.5, 1.25, None, 9.75, "",
    )  # fmt: skip
    failed = Exchange("poll", "GET", "https://x/1", started_ms=18, failure="no answer in time")

    async def use(_database: Database, log: RunLog) -> tuple[Exchange, ...]:
        run, _ = await log.add(order("1"), 1, b"{}")
        await log.add_exchange(run.id, sent)
        await log.add_exchange(run.id, failed)
        assert await log.exchanges("nobody") == ()
        with pytest.raises(InvalidInput):
            await log.add_exchange("nobody", sent)
        return await log.exchanges(run.id)

    first, second = with_log(tmp_path, use)
    facts = [name for name in Exchange.__slots__ if name not in {"id", "last_ms"}]
    assert [getattr(first, name) for name in facts] == [getattr(sent, name) for name in facts]
    assert (second.failure, second.status, second.repeated) == ("no answer in time", None, 0)


def test_a_run_watched_for_seven_days_stays_small(tmp_path: Path) -> None:
    polls = 7 * 24 * 60
    waiting = b'{"data":{"status":"waiting"}}'

    async def watch(database: Database, log: RunLog) -> tuple[Exchange, ...]:
        run, _ = await log.add(order("1"), 1, b"{}")
        post = Exchange("run", "POST", "u", status=201, response_body=b"{}")
        await log.add_exchange(run.id, post)
        await log.add_exchange(run.id, post)
        for minute in range(300):
            await log.add_exchange(
                run.id,
                Exchange("poll", "GET", "u", status=200, response_body=waiting, started_ms=minute),
            )
            await log.move(run.id, RunStatus.WAITING, at_ms=minute, server_status="queued")
        # The rest of the week in one step: what a poll costs is known by now.
        await database.write(
            lambda c: c.execute("UPDATE exchanges SET repeated = repeated + ?", (polls - 300,))
        )
        done = Exchange("poll", "GET", "u", status=200, response_body=b"{}", started_ms=999)
        await log.add_exchange(run.id, done)
        record = await log.record(run.id)
        assert record is not None
        assert len(record.events) == 2
        return await log.exchanges(run.id)

    kept = with_log(tmp_path, watch)
    assert [exchange.purpose for exchange in kept] == ["run", "run", "poll", "poll"]
    assert (kept[2].repeated, kept[2].started_ms, kept[2].last_ms) == (polls - 1, 0, 299)


def test_only_an_unknown_outcome_is_closed_by_a_person(tmp_path: Path) -> None:
    async def use(_database: Database, log: RunLog) -> None:
        run, _ = await log.add(order("1"), 1, b"{}")
        with pytest.raises(InvalidInput, match="known"):
            await log.resolve(run.id, Resolution.HAPPENED, "", 2)
        with pytest.raises(InvalidInput, match="no run"):
            await log.resolve("nobody", Resolution.HAPPENED, "", 2)
        await log.move(run.id, RunStatus.UNKNOWN, at_ms=2)
        resolved = await log.resolve(run.id, Resolution.DID_NOT, "no such row", 3)
        assert resolved.status is RunStatus.UNKNOWN
        assert (resolved.resolution, resolved.resolution_note) == (
            Resolution.DID_NOT,
            "no such row",
        )
        assert await log.move(run.id, RunStatus.WAITING, at_ms=4) is None
        record = await log.record(run.id)
        assert record is not None
        assert record.events[-1].text.endswith("no such row")

    with_log(tmp_path, use)


def test_recovery_touches_the_dead_only_and_never_claims_to_know(tmp_path: Path) -> None:
    async def use() -> None:
        async with opened(tmp_path) as database:
            dead, living, mine = (RunLog(database, name) for name in ("dead", "living", OWNER))
            for log, name in ((dead, "d"), (living, "l"), (mine, "m")):
                for profile in ("sandbox", "zapier"):
                    await log.add(order(f"{name}s{profile}", profile), 1, b"{}")
                    run, _ = await log.add(order(f"{name}w{profile}", profile), 1, b"{}")
                    await log.move(run.id, RunStatus.WAITING, at_ms=2, run_id="r")
            found = await mine.recover(lambda: {"living"}, 50, "sandbox")
            assert [run.profile_id for run in found.unknown] == ["sandbox", "zapier"]
            assert {(run.status, run.ended_ms) for run in found.unknown} == {
                (RunStatus.UNKNOWN, 50)
            }
            assert [(run.profile_id, run.status, run.is_mine) for run in found.waiting] == [
                ("sandbox", RunStatus.WAITING, True)
            ]
            record = await mine.record(found.unknown[0].id)
            assert record is not None
            assert "may have run" in record.events[-1].text
            again = await mine.recover(lambda: {"living"}, 60, "sandbox")
            assert (again.unknown, again.waiting) == ((), ())

    asyncio.run(use())


def test_a_run_is_found_by_id_by_a_beginning_or_as_the_last(tmp_path: Path) -> None:
    async def use(_database: Database, log: RunLog) -> None:
        with pytest.raises(InvalidInput, match="no runs yet"):
            await log.find("last")
        runs = [(await log.add(order(f"{n}"), 1000 + n, b"{}"))[0] for n in range(40)]
        other, _ = await log.add(order("o", "zapier"), 5000, b"{}")
        assert (await log.find(" LAST ")).id == other.id
        assert (await log.find("last", "sandbox")).id == runs[-1].id
        assert (await log.find(runs[7].id)).id == runs[7].id
        assert (await log.find(runs[7].id[:30].upper())).id == runs[7].id
        shared = next(run.id[0] for run in runs if sum(o.id[0] == run.id[0] for o in runs) > 1)
        with pytest.raises(InvalidInput, match="Several runs") as caught:
            await log.find(shared)
        assert "Add a row" in caught.value.detail
        for nothing in ("", "  ", "zzzz", "%", "'", "*"):
            with pytest.raises(InvalidInput):
                await log.find(nothing)

    with_log(tmp_path, use)


@pytest.mark.parametrize("times", [500, 1], ids=["packed", "short"])
def test_a_bit_that_flipped_in_a_stored_result_is_told_for_that_run_only(
    tmp_path: Path, times: int
) -> None:
    async def use(database: Database, log: RunLog) -> None:
        first, second = [(await log.add(order(n), 1, b"{}"))[0] for n in "ab"]
        for run in (first, second):
            await log.move(run.id, RunStatus.WAITING, at_ms=2)
            await log.move(run.id, RunStatus.SUCCESS, at_ms=3, results=b'{"a":"bcdefg"}' * times)
        packed = await database.read(
            lambda c: bytes(c.execute("SELECT results FROM run_bodies WHERE run = 1").get)
        )
        flipped = bytes([*packed[:-9], packed[-9] ^ 1, *packed[-8:]])
        await database.write(
            lambda c: c.execute("UPDATE run_bodies SET results = ? WHERE run = 1", (flipped,))
        )
        with pytest.raises(StorageUnusable, match="damaged"):
            await log.record(first.id)
        assert await log.record(second.id) is not None
        assert database.read_only_reason == ""

    with_log(tmp_path, use)


def test_runs_nobody_knows_are_nothing_not_an_error(tmp_path: Path) -> None:
    async def use(_database: Database, log: RunLog) -> None:
        assert await log.get("x") is None
        assert await log.record("x") is None
        assert await log.move("x", RunStatus.WAITING, at_ms=1) is None

    with_log(tmp_path, use)


def test_a_success_of_a_version_that_wrote_no_line_reads_like_one_of_today(tmp_path: Path) -> None:
    async def use(_database: Database, log: RunLog) -> None:
        lines = []
        for number, results in enumerate((b'[{"id": 7}]', b"[]", b"[" + os.urandom(99_999) + b"]")):
            run, _ = await log.add(order(str(number)), 1_000 + number, b"{}")
            await log.move(run.id, RunStatus.WAITING, at_ms=2_000, run_id=f"z{number}")
            await log.move(run.id, RunStatus.SUCCESS, at_ms=3_000, results=results)
            one = await log.get(run.id)
            assert one is not None
            lines.append(one.headline)
        assert lines == ["id: 7", "No data returned", ""], "a large one is left as it is"
        page = await log.page(RunFilter("sandbox"))
        assert [run.headline for run in page] == lines[::-1]

    with_log(tmp_path, use)
    assert plain(tmp_path / "zapdesk.db", "SELECT DISTINCT headline FROM runs") == [("",)]

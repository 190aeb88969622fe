"""Which process looks after which run, and which run another one would repeat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.storage.making import OWNER, order, with_log
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import ActionRun, Resolution, RunOrder, RunStatus
from zapdesk.storage.database import Database
from zapdesk.storage.run_log import RunLog

BODY = b'{"name":"Ada"}'
NOW = 1_800_000_000_000
SINCE = NOW - 600_000


async def waiting(log: RunLog, nonce: str, accepted_ms: int = NOW) -> ActionRun:
    run, _ = await log.add(order(nonce), accepted_ms, BODY)
    moved = await log.move(
        run.id, RunStatus.WAITING, at_ms=accepted_ms, run_id=nonce, accepted_ms=accepted_ms
    )
    assert moved is not None
    return moved


def test_of_two_processes_that_take_over_one_gets_a_run(tmp_path: Path) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        left = await waiting(log, "left")
        one, two = RunLog(database, "one"), RunLog(database, "two")
        first = await one.recover(lambda: {"one", "two"}, NOW, "sandbox")
        second = await two.recover(lambda: {"one", "two"}, NOW, "sandbox")
        assert [run.id for run in first.waiting] == [left.id]
        assert second.waiting == ()

    with_log(tmp_path, scenario)


def test_process_that_came_to_life_while_another_looked_is_not_declared_dead(
    tmp_path: Path,
) -> None:
    """The living are looked up inside the transaction: an owner whose row is visible there has
    its lock by then, even where it came after `recover` was asked for."""

    async def scenario(database: Database, log: RunLog) -> None:
        living: set[str] = set()
        young = RunLog(database, "young")

        def look_up() -> set[str]:
            return living

        living.add("young")
        run, _ = await young.add(order("n"), NOW, BODY)
        found = await log.recover(look_up, NOW, "sandbox")
        assert found.unknown == ()
        kept = await log.get(run.id)
        assert kept is not None
        assert kept.status is RunStatus.SUBMITTING

    with_log(tmp_path, scenario)


def test_released_run_is_anybodys_but_for_those_who_skip_it(tmp_path: Path) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        run = await waiting(log, "stopped")
        await log.release([run.id])
        assert (await log.recover(lambda: {OWNER}, NOW, "sandbox", skip=[run.id])).waiting == ()
        other = RunLog(database, "other")
        taken = await other.recover(lambda: {OWNER, "other"}, NOW, "sandbox", only=run.id)
        assert [r.id for r in taken.waiting] == [run.id]
        assert (await log.recover(lambda: {OWNER, "other"}, NOW, "sandbox")).waiting == ()

    with_log(tmp_path, scenario)


def test_runs_of_another_account_are_left_to_whoever_has_its_token(tmp_path: Path) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        for nonce, account in (("a", "ada"), ("b", "bob"), ("c", "")):
            run, _ = await log.add(order(nonce, account=account), NOW, BODY)
            await log.move(run.id, RunStatus.WAITING, at_ms=NOW, run_id=nonce, accepted_ms=NOW)
        heir = RunLog(database, "heir")
        found = await heir.recover(lambda: {"heir"}, NOW, "sandbox", account="ada")
        assert {run.run_id for run in found.waiting} == {"a", "c"}
        assert [run.run_id for run in found.others] == ["b"]
        other = RunLog(database, "other")
        rest = await other.recover(lambda: {"heir", "other"}, NOW, "sandbox", account="bob")
        assert [run.run_id for run in rest.waiting] == ["b"]

    with_log(tmp_path, scenario)


@pytest.mark.parametrize(
    ("server", "mine"),
    [
        (None, "abcd"),
        ("", "cd"),
        ("https://one.example", "ac"),
        ("https://one.example/under", "bc"),
        ("https://two.example", "c"),
    ],
)
def test_a_run_that_was_sent_to_another_server_is_not_asked_for_at_this_one(
    tmp_path: Path, server: str | None, mine: str
) -> None:
    """*c* has nothing on record; *d* was sent to the sandbox."""

    async def scenario(database: Database, log: RunLog) -> None:
        places = {"a": "https://one.example", "b": "https://one.example/under", "c": "", "d": ""}
        for nonce, place in places.items():
            wanted = replace(order(nonce), profile_id="work", in_sandbox=nonce == "d")
            run, _ = await log.add(wanted, NOW, BODY)
            await log.move(run.id, RunStatus.WAITING, at_ms=NOW, run_id=nonce, accepted_ms=NOW)
            if place:
                await log.add_exchange(run.id, Exchange("action", "GET", f"{place}/v2/actions/x"))
        found = await RunLog(database, "heir").recover(lambda: {"heir"}, NOW, "work", server=server)
        assert {run.run_id for run in found.waiting} == set(mine)
        assert {run.run_id for run in found.elsewhere} == set(places) - set(mine)

    with_log(tmp_path, scenario)


def test_runs_are_taken_over_in_the_order_in_which_the_server_forgets_them(tmp_path: Path) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        for nonce, accepted in (("b", 2), ("c", 3), ("a", 1)):
            await waiting(log, nonce, accepted)
        taken = await RunLog(database, "heir").recover(set, NOW, "sandbox")
        assert [run.run_id for run in taken.waiting] == ["a", "b", "c"]

    with_log(tmp_path, scenario)


@pytest.mark.parametrize(
    ("status", "ended_ago_s", "is_found"),
    [
        (RunStatus.SUCCESS, 5, True),
        (RunStatus.SUCCESS, 601, False),
        (RunStatus.UNKNOWN, 5, True),
        (RunStatus.ERROR, 5, False),
        (RunStatus.NOT_SENT, 5, False),
        (RunStatus.REFUSED, 5, False),
    ],
)
def test_same_inputs_are_found_for_ten_minutes_where_they_may_have_had_effects(
    tmp_path: Path, status: RunStatus, ended_ago_s: int, is_found: bool
) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        run, _ = await log.add(order("first"), NOW - 1_000_000, BODY)
        ended = NOW - ended_ago_s * 1000
        if status in {RunStatus.SUCCESS, RunStatus.ERROR}:
            await log.move(run.id, RunStatus.WAITING, at_ms=NOW - 1_000_000, run_id="r")
        await log.move(run.id, status, at_ms=ended, ended_ms=ended)
        found = await log.like(order("second"), BODY, SINCE)
        assert (found is not None) is is_found

    with_log(tmp_path, scenario)


def test_run_that_still_waits_or_was_just_begun_is_found_too(tmp_path: Path) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        run, _ = await log.add(order("first"), NOW - 1_000, BODY)
        assert await log.like(order("second"), BODY, SINCE) == run

    with_log(tmp_path, scenario)


@pytest.mark.parametrize(
    "other",
    [
        order("x", profile_id="live"),
        order("x", authentication_id="c-1"),
        order("x", action=order("y").action.__class__("tables", "WRITE", "delete_row")),
    ],
)
def test_other_account_connection_or_action_is_no_repetition(
    tmp_path: Path, other: RunOrder
) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        await log.add(order("first"), NOW - 1_000, BODY)
        assert await log.like(other, BODY, SINCE) is None
        assert await log.like(order("x"), b'{"name":"Bob"}', SINCE) is None

    with_log(tmp_path, scenario)


def test_what_a_person_found_not_to_have_happened_is_no_repetition(tmp_path: Path) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        run, _ = await log.add(order("first"), NOW - 1_000, BODY)
        await log.move(run.id, RunStatus.UNKNOWN, at_ms=NOW)
        assert await log.like(order("x"), BODY, SINCE) is not None
        await log.resolve(run.id, Resolution.DID_NOT, "", NOW)
        assert await log.like(order("x"), BODY, SINCE) is None

    with_log(tmp_path, scenario)


def test_run_sent_again_is_linked_to_the_first(tmp_path: Path) -> None:
    async def scenario(database: Database, log: RunLog) -> None:
        first, _ = await log.add(order("first"), NOW, BODY)
        second, _ = await log.add(order("second", again_of=first.id), NOW + 1, BODY)
        assert second.again_of == first.id
        assert await log.sent_again_as(first.id) == (second,)
        assert await log.sent_again_as(second.id) == ()

    with_log(tmp_path, scenario)

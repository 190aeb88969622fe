"""What clocks, tokens, stops and other processes do to the watching of runs."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.api.fault_server import Wire
from tests.services.desk import PROFILE, TOKEN, desk, order, waiting
from tests.services.full_disk import disk_that_takes_nothing
from tests.services.script_server import (
    Behaviour,
    Reply,
    ended,
    errors,
    reply_bytes,
    scripted,
    sends,
    still,
)
from zapdesk.domain.facts import DAY_MS, RETENTION_MS
from zapdesk.domain.outlook import WaitsFor
from zapdesk.domain.runs import RunStatus
from zapdesk.services import polling, watching
from zapdesk.services.runs import RunService
from zapdesk.services.watching import now_ms
from zapdesk.storage.owners import Owner
from zapdesk.storage.run_log import RunLog

DAY_S = DAY_MS / 1000
WAITING = b'{"data": {"type": "run", "status": "waiting", "results": [], "errors": []}}'
ACCEPTED = b'{"data": {"type": "run", "id": "run-1"}}'


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.02,))
    monkeypatch.setattr(watching, "_LOOK_ELSEWHERE_S", 0.05)
    monkeypatch.setattr(watching, "_TAKE_OVER_S", 0.1)


def dated(body: bytes, ahead_s: float) -> Behaviour:
    """An answer by a server whose clock is so far ahead."""
    return sends(reply_bytes(200, body, f"Date: {formatdate(time.time() + ahead_s, usegmt=True)}"))


@pytest.mark.parametrize("days", [3, -30])
def test_server_date_off_by_days_counts_for_the_seven_days_and_for_nothing_else(
    tmp_path: Path, days: int
) -> None:
    async def scenario() -> None:
        async with (
            scripted(
                on_run=[dated(ACCEPTED, days * DAY_S)],
                on_poll=[*[dated(WAITING, days * DAY_S)] * 3, ended([1])],
            ) as script,
            desk(tmp_path, script.url) as made,
        ):
            record = await made.ended(order())
            run = record.run
            assert (run.status, len(script.polls)) == (RunStatus.SUCCESS, 4)
            assert abs(run.created_ms - now_ms()) < 60_000  # by this computer's clock
            assert run.forgotten_ms is not None
            off_ms = run.forgotten_ms - (now_ms() + days * DAY_MS + RETENTION_MS)
            assert abs(off_ms) < 60_000
            saved = made.runs.facts(run, record).saved
            assert saved.text == "here, and 7 days more at Zapier"

    asyncio.run(scenario())


def test_clock_that_jumps_eight_days_loses_no_run_that_the_server_still_works_on(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with (
            # By this computer's clock the server is eight days behind all of a sudden.
            scripted(on_poll=[*[dated(WAITING, -8 * DAY_S)] * 3, ended([1])]) as script,
            desk(tmp_path, script.url) as made,
        ):
            accepted_ms = now_ms() - 8 * DAY_MS - 1000  # it was a second ago
            forgotten_ms = accepted_ms + RETENTION_MS
            run = await waiting(made, order(), "run-1", accepted_ms, forgotten_ms)
            made.runs.watch(run)
            assert (await made.runs.wait(run.id, 5)).status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_clock_that_jumps_while_the_server_cannot_be_reached_decides_nothing(
    tmp_path: Path,
) -> None:
    async def cut(wire: Wire) -> None:
        wire.reset()

    async def scenario() -> None:
        async with scripted(on_poll=[cut]) as script, desk(tmp_path, script.url) as made:
            run = await waiting(made, order(), "run-1", now_ms() - 8 * DAY_MS)
            made.runs.watch(run)
            async with asyncio.timeout(5):
                while len(script.polls) < 3:
                    await asyncio.sleep(0.01)
            found = await made.runs.get(run.id)
            assert found is not None
            assert found.status is RunStatus.WAITING
            outlook = made.runs.outlook(found)
            assert outlook is not None
            assert outlook.trouble is not None

    asyncio.run(scenario())


def test_api_that_forgot_a_run_after_seven_days_leaves_what_is_stored_here(tmp_path: Path) -> None:
    gone: Reply = (404, errors("not_found", "No such run."))

    async def scenario() -> None:
        async with scripted(on_poll=[gone]) as script, desk(tmp_path, script.url) as made:
            run = await waiting(made, order(inputs={"a": "1"}), "run-1", now_ms() - 8 * DAY_MS)
            await made.runs.recover()
            made.runs.watch(run)
            lost = await made.runs.wait(run.id, 5)
            assert lost.status is RunStatus.LOST
            record = await made.record(run.id)
            assert record.inputs == b'{"a": "1"}'
            facts = made.runs.facts(lost, record)
            assert facts.saved.text == "here, no longer at Zapier"
            assert facts.processed.text == "cannot know"
            assert len(script.polls) == 1

    asyncio.run(scenario())


def test_token_that_ends_mid_run_is_renewed_once_and_the_watch_goes_on(tmp_path: Path) -> None:
    over: Reply = (401, errors("not_authenticated", "The token is over."))

    async def scenario() -> None:
        async with (
            scripted(on_poll=[still(), over, still(), ended([1])]) as script,
            desk(tmp_path, script.url, TOKEN, "tok-new") as made,
        ):
            record = await made.ended(order())
            assert record.run.status is RunStatus.SUCCESS
            tokens = [a.headers["authorization"] for a in script.asked if a.method == "GET"]
            assert tokens[-1] == "Bearer tok-new"
            kept = await made.runs.exchanges(record.run.id)
            assert [e.status for e in kept if "action-runs/" in e.url] == [200, 401, 200, 200]

    asyncio.run(scenario())


def test_permission_that_is_missing_for_looking_is_said_and_the_run_stays_waiting(
    tmp_path: Path,
) -> None:
    refusal: Reply = (403, errors("insufficient_scope", "The token lacks action:run."))

    async def scenario() -> None:
        async with scripted(on_poll=[refusal]) as script, desk(tmp_path, script.url) as made:
            run = await made.runs.start(order())
            found = await made.runs.wait(run.id, 5)
            assert found.status is RunStatus.WAITING
            outlook = made.runs.outlook(found)
            assert outlook is not None
            assert outlook.waits_for is WaitsFor.NOBODY
            assert "action:run" in outlook.sentence("Zapier")

    asyncio.run(scenario())


def test_run_that_one_process_stops_watching_is_watched_by_the_other_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            scripted(on_poll=[still()]) as script,
            desk(tmp_path, script.url) as one,
            desk(tmp_path, script.url) as two,
        ):
            run = await one.runs.start(order())
            run = await one.runs.wait_until_sent(run.id)
            seen = await two.runs.get(run.id)
            assert seen is not None
            elsewhere = two.runs.outlook(seen)
            assert elsewhere is not None
            assert elsewhere.waits_for is WaitsFor.ELSEWHERE
            two.runs.watch(seen)  # it lives there: nothing is taken from the living
            await asyncio.sleep(0.1)
            assert two.runs.next_poll_s(run.id) is None

            one.runs.stop_watching(run.id)
            async with asyncio.timeout(5):
                while two.runs.next_poll_s(run.id) is None:
                    two.runs.watch(seen)
                    await asyncio.sleep(0.02)
            one.runs.start_housekeeping()
            await one.runs.recover()
            assert one.runs.next_poll_s(run.id) is None
            script.on_poll[:] = [ended([1])]
            assert (await one.runs.wait(run.id, 5)).status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_stop_and_look_again_in_one_process_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_poll=[still()]) as script, desk(tmp_path, script.url) as made:
            run = await made.runs.start(order())
            run = await made.runs.wait_until_sent(run.id)
            made.runs.stop_watching(run.id)
            await asyncio.sleep(0.1)
            asked = len(script.polls)
            await asyncio.sleep(0.1)
            assert len(script.polls) == asked
            script.on_poll[:] = [ended([1])]
            made.runs.watch(run)
            assert (await made.runs.wait(run.id, 5)).status is RunStatus.SUCCESS

    asyncio.run(scenario())


def test_profile_that_is_left_and_chosen_again_in_one_process_watches_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with scripted(on_poll=[still()]) as script, desk(tmp_path, script.url) as made:
            run = await made.runs.start(order())
            run = await made.runs.wait_until_sent(run.id)
            await made.runs.close()  # what switching to another profile does

            again = RunService(
                PROFILE,
                made.client,
                made.log,
                made.catalog,
                blocked=lambda: "",
                elsewhere=made.database.changed_elsewhere,
                living=lambda: {made.owner.id},
            )
            await again.recover()
            assert again.next_poll_s(run.id) is not None
            script.on_poll[:] = [ended([1])]
            assert (await again.wait(run.id, 5)).status is RunStatus.SUCCESS
            await again.close()

    asyncio.run(scenario())


def test_log_that_takes_nothing_is_said_to_who_waits_for_a_run_of_a_dead_process(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with scripted() as script, desk(tmp_path, script.url) as made:
            dead = Owner.acquire(tmp_path / "owners")
            log = RunLog(made.database, dead.id)
            run, _ = await log.add(order(), now_ms(), b"{}")
            await log.move(run.id, RunStatus.WAITING, at_ms=now_ms(), run_id="r")
            dead.release()
            with disk_that_takes_nothing():
                async with asyncio.timeout(5):  # and not for the time it would wait
                    found = await made.runs.follow(run.id, 600)
                assert found.status is RunStatus.WAITING
                assert made.runs.trouble(run.id) is not None
            assert script.polls == []

    asyncio.run(scenario())

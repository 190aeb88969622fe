"""Pages, counts and search: complete, in order, without sorting, whatever is typed."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.storage.making import OWNER, opened, order, with_log
from zapdesk.domain.catalog import WRITE, ActionKey
from zapdesk.domain.runs import RUNS_END, ActionRun, RunCursor, RunError, RunFilter, RunStatus
from zapdesk.storage.annotations import Annotations
from zapdesk.storage.deletions import Deletions
from zapdesk.storage.packing import pack
from zapdesk.storage.run_log import RunLog
from zapdesk.storage.run_queries import count_query, page_query
from zapdesk.storage.run_text import CUT_RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import apsw

    from zapdesk.storage.database import Database

ACTIONS = [ActionKey(app, WRITE, key) for app in ("tables", "mail") for key in ("add", "find")]
RUNS = 300


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Database]]:
    """A log of 300 runs of two profiles, with many equal times, and an open database on it."""
    chance = random.Random(7)
    with asyncio.Runner() as runner:

        async def fill(database: Database) -> None:
            log, ids = RunLog(database, OWNER), list[str]()
            for number in range(RUNS):
                action = chance.choice(ACTIONS)
                profile = chance.choice(["sandbox", "sandbox", "zapier"])
                run, _ = await log.add(
                    order(
                        f"{number}",
                        profile,
                        action=action,
                        app_title=action.app_id.title(),
                        authentication_id=chance.choice([None, "c1", "c2"]),
                    ),
                    chance.randrange(60),
                    b'{"word":"w%d"}' % (number % 7),
                )
                for status in chance.choice(
                    [[], [RunStatus.WAITING], [RunStatus.UNKNOWN], [RunStatus.WAITING] * 2]
                ):
                    await log.move(run.id, status, at_ms=number)
                ids.append(run.id)
            marks = Annotations(database, OWNER)
            await marks.pin(chance.sample(ids, 40), True)
            await marks.label(chance.sample(ids, 60), ["urgent", "Übung"])
            await marks.label(chance.sample(ids, 150), ["checked"], ["urgent"])
            await Deletions(database).delete(chance.sample(ids, 30), 0)

        context = opened(tmp_path_factory.mktemp("pages"))
        database = runner.run(context.__aenter__())
        runner.run(fill(database))
        yield runner, database
        runner.run(context.__aexit__(None, None, None))


def everything(runner: asyncio.Runner, database: Database) -> tuple[ActionRun, ...]:
    return runner.run(RunLog(database, OWNER).page(RunFilter(), None, RUNS))


def fits(run: ActionRun, wanted: RunFilter) -> bool:
    return (
        wanted.profile_id in {"", run.profile_id}
        and (not wanted.statuses or run.status in wanted.statuses)
        and wanted.app_id in {"", run.action.app_id}
        and wanted.action in {None, run.action}
        and wanted.connection_id in {"", run.authentication_id}
        and (wanted.since_ms is None or run.created_ms >= wanted.since_ms)
        and (wanted.before_ms is None or run.created_ms < wanted.before_ms)
        and run.pinned >= wanted.pinned
        and (not wanted.label or wanted.label in run.labels)
    )


filters = st.builds(
    RunFilter,
    profile_id=st.sampled_from(["", "sandbox", "zapier", "nobody"]),
    statuses=st.frozensets(st.sampled_from(RunStatus), max_size=8),
    app_id=st.sampled_from(["", "tables", "mail"]),
    action=st.none() | st.sampled_from(ACTIONS),
    connection_id=st.sampled_from(["", "", "c1", "c9"]),
    since_ms=st.none() | st.integers(0, 60),
    before_ms=st.none() | st.integers(0, 60),
    pinned=st.booleans(),
    label=st.sampled_from(["", "", "urgent", "checked", "none"]),
)


@given(wanted=filters, size=st.integers(1, 120), text=st.sampled_from(["", "w3", "tab w"]))
def test_pages_hold_every_fitting_run_once_and_newest_first(
    store: tuple[asyncio.Runner, Database], wanted: RunFilter, size: int, text: str
) -> None:
    runner, database = store
    log = RunLog(database, OWNER)
    if wanted.action and wanted.app_id:
        wanted = replace(wanted, app_id=wanted.action.app_id)
    expected = [run for run in everything(runner, database) if fits(run, wanted)]
    if text == "w3":
        expected = [run for run in expected if (run.number - 1) % 7 == 3]
    elif text:
        expected = [run for run in expected if run.app_title == "Tables"]
    if text:
        wanted = replace(wanted, text=text)
    by_words = text and not wanted.pinned and not wanted.label
    expected.sort(key=lambda run: (0 if by_words else run.created_ms, run.number), reverse=True)
    found: list[ActionRun] = []
    while page := runner.run(
        log.page(wanted, RunCursor(found[-1].created_ms, found[-1].number) if found else None, size)
    ):
        found += page
    assert found == expected
    up: list[ActionRun] = []
    edge = RUNS_END
    while page := runner.run(log.page(wanted, edge, size)):
        up[:0] = page
        edge = RunCursor(page[0].created_ms, page[0].number, is_up=True)
    assert up == expected
    counts = runner.run(log.counts(wanted))
    for status in wanted.statuses or RunStatus:
        assert counts.get(status, 0) == sum(run.status is status for run in expected)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (RunFilter(), "runs_by_time"),
        (RunFilter("sandbox"), "runs_by_profile"),
        (RunFilter("sandbox", frozenset({RunStatus.ERROR})), "runs_by_status"),
        (RunFilter("sandbox", frozenset({RunStatus.ERROR, RunStatus.LOST})), "runs_by_status"),
        (RunFilter("sandbox", frozenset(RunStatus)), "runs_by_status"),
        (RunFilter("sandbox", app_id="mail"), "runs_by_place"),
        (RunFilter("sandbox", action=ACTIONS[0]), "runs_by_place"),
        (RunFilter("", frozenset({RunStatus.WAITING})), "runs_by_status"),
        (RunFilter("", frozenset({RunStatus.WAITING, RunStatus.ERROR})), "runs_by_status"),
        (RunFilter("", app_id="mail"), "runs_by_place"),
        (RunFilter("sandbox", connection_id="c1"), "runs_by_place"),
        (
            RunFilter("sandbox", frozenset(RunStatus), connection_id="c1"),
            "runs_by_place_and_status",
        ),
        (RunFilter("sandbox", since_ms=3, before_ms=40), "runs_by_profile"),
        (RunFilter("sandbox", app_id="mail", since_ms=3, before_ms=40), "runs_by_place"),
        (RunFilter("sandbox", pinned=True), "runs_pinned"),
        (RunFilter("sandbox", frozenset({RunStatus.ERROR}), pinned=True), "runs_pinned"),
        (RunFilter("sandbox", text="ada lov"), "run_text"),
        (RunFilter("sandbox", app_id="mail", text="ada lov", since_ms=3), "run_text"),
    ],
)
@pytest.mark.parametrize(
    "after",
    [None, RunCursor(30, 100), RunCursor(30, 100, is_up=True), RUNS_END],
    ids=["first page", "a later page", "the page above", "the last page"],
)
def test_every_page_walks_an_index_and_sorts_nothing(
    store: tuple[asyncio.Runner, Database], wanted: RunFilter, index: str, after: RunCursor | None
) -> None:
    runner, database = store

    def explain(connection: apsw.Connection) -> list[str]:
        query = page_query(connection, wanted, after, 50)
        assert query is not None
        rows = connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", query.bindings)
        return [str(row[3]) for row in rows]

    plan = runner.run(database.read(explain))
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
    scans = [step for step in plan if step.startswith("SCAN") and "INDEX" not in step]
    assert all("VIRTUAL TABLE" in step for step in scans), plan
    if index == "run_text":
        assert any("run_text VIRTUAL TABLE" in step for step in plan), plan
    else:
        steps = [step for step in plan if re.match(r"(SEARCH|SCAN) runs\b", step)]
        assert steps, plan
        assert all(index in step for step in steps), plan


def test_counts_of_a_profile_read_an_index_alone(store: tuple[asyncio.Runner, Database]) -> None:
    runner, database = store

    def explain(connection: apsw.Connection) -> list[str]:
        query = count_query(connection, RunFilter("sandbox"))
        assert query is not None
        rows = connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", query.bindings)
        return [str(row[3]) for row in rows]

    step, *_deleted = runner.run(database.read(explain))
    assert "COVERING INDEX runs_by_status" in step


@given(text=st.text(max_size=60) | st.text('"*()-+:^{}ANDORNEAR ', max_size=40))
def test_no_typed_text_is_a_syntax_error(store: tuple[asyncio.Runner, Database], text: str) -> None:
    runner, database = store
    log = RunLog(database, OWNER)
    found = runner.run(log.page(RunFilter(text=text), None, 5))
    assert runner.run(log.counts(RunFilter(text=text))) or not found


def test_search_finds_words_in_titles_inputs_results_and_errors(tmp_path: Path) -> None:
    async def use(_database: Database, log: RunLog) -> None:
        inputs = '{"name":"Zoë Ångström","note":"line\\nbreak \\u00fcber"}'.encode()
        run, _ = await log.add(order("1", labels={"f": "Kölner Dom"}), 1, inputs)
        await log.add(order("2"), 2, b'{"name":"someone"}')
        await log.move(run.id, RunStatus.WAITING, at_ms=2, run_id="arun_77")
        before = await log.page(RunFilter(text="gloria"), None, 5)
        results = b'[{"id":"R-9","t":"\\ud83d\\ude00gloria\\tmundi"}]'
        await log.move(
            run.id, RunStatus.ERROR, at_ms=3, headline="Quota used up",
            results=results, errors=[RunError("limit", detail="Too many widgets")],
        )  # fmt: skip
        assert before == ()
        for text in (
            "zoe", "ANGSTR", "break", "über", "uber", "koln", "gloria mundi", "mundi", "r-9",
            "quota", "widg too", "add a row zoë", "arun_77", "  zoe  ",
        ):  # fmt: skip
            assert [r.id for r in await log.page(RunFilter(text=text), None, 5)] == [run.id], text
        for text in ("nobody", "zoe nobody", "oe", "nbreak", "!!!", '"'):
            assert await log.page(RunFilter(text=text), None, 5) == (), text
        assert len(await log.page(RunFilter(text="row"), None, 5)) == 2
        assert len(await log.page(RunFilter(text="   "), None, 5)) == 2
        assert await log.page(RunFilter("other", text="zoe"), None, 5) == ()

    with_log(tmp_path, use)


def test_the_far_end_of_a_huge_result_is_not_indexed_and_the_near_end_is(tmp_path: Path) -> None:
    async def use(_database: Database, log: RunLog) -> None:
        run, _ = await log.add(order("1"), 1, b"{}")
        await log.move(run.id, RunStatus.WAITING, at_ms=2)
        results = b"nearby " + b"filler " * CUT_RESULTS + b"faraway"
        await log.move(run.id, RunStatus.SUCCESS, at_ms=3, results=results)
        assert len(await log.page(RunFilter(text="nearby"), None, 5)) == 1
        assert await log.page(RunFilter(text="faraway"), None, 5) == ()

    with_log(tmp_path, use)


def test_long_bodies_are_packed_and_incompressible_ones_are_not() -> None:
    chance = random.Random(1)
    noise = chance.randbytes(100_000)
    assert len(pack(noise)) == len(noise) + 1
    assert len(pack(b'{"a":1}' * 10_000)) < 1_000
    assert pack(b"short") == b"\x00short"

"""What people do with many runs: marks, filters under a name, and runs over time."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.storage.making import ADD_ROW, OWNER, order, with_log
from zapdesk.domain.catalog import WRITE, ActionKey
from zapdesk.domain.history import ActionFound, ConnectionFound, SavedFilter, name_of
from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.storage import timeline
from zapdesk.storage.annotations import Annotations
from zapdesk.storage.presentation import Presentation
from zapdesk.storage.timeline import Timelines

if TYPE_CHECKING:
    from pathlib import Path

    from zapdesk.domain.runs import ActionRun
    from zapdesk.storage.database import Database
    from zapdesk.storage.run_log import RunLog

MAIL = ActionKey("mail", WRITE, "send")


def test_marks_are_kept_with_runs_and_found_by_their_words(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        marks = Annotations(database, OWNER)
        a, b = [(await log.add(order(nonce), 1, b"{}"))[0] for nonce in "ab"]
        assert [r.pinned for r in await marks.pin([a.id, b.id, "nobody"], True)] == [True, True]
        (a,) = await marks.pin([a.id], False)
        await marks.label([a.id, b.id], ["Quartal", "geprüft"])
        await marks.label([a.id, b.id], ["Quartal", "urgent"], ["geprüft"])
        a = await marks.write_note(a.id, "Frau Müller fragt nach\n<b>")
        assert (a.pinned, a.labels, a.note) == (
            False, ("Quartal", "urgent"), "Frau Müller fragt nach\n<b>",
        )  # fmt: skip
        assert a == await log.get(a.id)
        for text, found in (("muller", [a.id]), ("quart", [b.id, a.id]), ("gepruft", [])):
            assert [r.id for r in await log.page(RunFilter(text=text))] == found
        assert (await marks.write_note(a.id, "")).note == ""
        assert await log.page(RunFilter(text="muller")) == ()
        assert (await log.occurring("")).labels == ("Quartal", "urgent")
        with pytest.raises(InvalidInput, match="no run nobody"):
            await marks.write_note("nobody", "x")

    with_log(tmp_path, use)


def test_one_run_of_an_action_is_known_good(tmp_path: Path) -> None:
    async def use(database: Database, log: RunLog) -> None:
        marks = Annotations(database, OWNER)
        a, b = [(await log.add(order(nonce), 1, b"{}"))[0] for nonce in "ab"]
        other, _ = await log.add(order("c", action=MAIL), 1, b"{}")
        elsewhere, _ = await log.add(order("d", "zapier"), 1, b"{}")
        with pytest.raises(InvalidInput, match="succeeded"):
            await marks.set_baseline(a.id, True)
        for run in (a, b, other, elsewhere):
            await log.move(run.id, RunStatus.SUCCESS, at_ms=2)
            assert (await marks.set_baseline(run.id, True)).is_baseline
        for profile, action, good in (
            ("sandbox", ADD_ROW, b), ("sandbox", MAIL, other), ("zapier", ADD_ROW, elsewhere),
        ):  # fmt: skip
            found = await marks.baseline(profile, action)
            assert found is not None
            assert found.id == good.id
        await marks.set_baseline(b.id, False)
        assert await marks.baseline("sandbox", ADD_ROW) is None

    with_log(tmp_path, use)


def test_what_occurs_is_told_with_its_newest_titles(tmp_path: Path) -> None:
    async def use(_database: Database, log: RunLog) -> None:
        await log.add(order("1", authentication_id="c1", authentication_title="Old"), 1, b"{}")
        await log.add(order("2", authentication_id="c1", authentication_title="Ada"), 2, b"{}")
        await log.add(order("3", action=MAIL, app_title="Mail", action_title="Send"), 3, b"{}")
        await log.add(order("4", "zapier", action=MAIL, app_title="Post"), 4, b"{}")
        found = await log.occurring("sandbox")
        assert found.apps == (("mail", "Mail"), ("tables", "Tables"))
        assert found.actions == (
            ActionFound(MAIL, "Send", "Mail"), ActionFound(ADD_ROW, "Add a row", "Tables"),
        )  # fmt: skip
        assert found.connections == (ConnectionFound("c1", "Ada", "tables"),)
        assert (await log.occurring("")).apps == (("mail", "Post"), ("tables", "Tables"))

    with_log(tmp_path, use)


def test_filters_are_kept_by_name_for_each_profile(tmp_path: Path) -> None:
    wanted = RunFilter(
        statuses=frozenset({RunStatus.ERROR, RunStatus.LOST}), app_id="mail", action=MAIL,
        text="a \ud800 b", connection_id="c", since_ms=0, before_ms=9, pinned=True, label="x",
    )  # fmt: skip

    async def use(database: Database, _log: RunLog) -> None:
        kept = Presentation(database)
        await kept.save_filter("sandbox", SavedFilter("first", RunFilter()))
        await kept.save_filter("sandbox", SavedFilter("all", RunFilter(text="old")))
        await kept.save_filter("sandbox", SavedFilter("all", wanted))
        await kept.save_filter("zapier", SavedFilter("all", RunFilter()))
        assert await kept.filters("sandbox") == (
            SavedFilter("first", RunFilter()), SavedFilter("all", wanted),
        )  # fmt: skip
        await kept.delete_filter("sandbox", "all")
        assert [saved.name for saved in await kept.filters("sandbox")] == ["first"]
        assert len(await kept.filters("zapier")) == 1

    with_log(tmp_path, use)


def test_a_name_is_one_line_of_words() -> None:
    assert name_of("  two \n words ") == "two words"
    for text in ("", " \n", "x" * 61):
        with pytest.raises(InvalidInput):
            name_of(text)


@pytest.mark.parametrize("most_counts", [8_000, 0], ids=["counted", "looked at"])
def test_the_timeline_holds_every_run_once_in_its_stretch_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_counts: int
) -> None:
    monkeypatch.setattr(timeline, "_MOST_COUNTS", most_counts)
    chance = random.Random(3)

    async def use(database: Database, log: RunLog) -> None:
        for number in range(120):
            at_ms = 1_000 + chance.randrange(500)
            new = order(f"{number}", action=chance.choice([ADD_ROW, MAIL]))
            run, _ = await log.add(new, at_ms, b"{}")
            if chance.random() < 0.8:
                end = chance.choice([RunStatus.ERROR, RunStatus.SUCCESS, RunStatus.REFUSED])
                await log.move(run.id, end, at_ms=at_ms + chance.randrange(900))
        runs = await log.page(RunFilter(), None, 200)
        for wanted in (
            RunFilter("sandbox"), RunFilter(), RunFilter(app_id="mail"), RunFilter("nobody"),
            RunFilter(statuses=frozenset({RunStatus.ERROR})), RunFilter(text="add"),
            RunFilter("sandbox", since_ms=1_100, before_ms=1_200),
        ):  # fmt: skip
            found = await Timelines(database).timeline(wanted, 10)
            fits = await log.page(wanted, None, 200)
            assert not found.is_partial
            assert len(found.buckets) <= 10
            seen: list[ActionRun] = []
            for bucket in found.buckets:
                here = [
                    run for run in fits if 0 <= run.created_ms - bucket.start_ms < found.width_ms
                ]
                seen += here
                assert bucket.counts == Counter(run.status for run in here)
                took = sorted(
                    run.duration_ms
                    for run in here
                    if run.status in {RunStatus.SUCCESS, RunStatus.ERROR}
                    and run.duration_ms is not None
                )
                last = len(took) - 1
                assert bucket.p50_ms == (took[round(last / 2)] if took else None)
                assert bucket.p95_ms == (took[round(last * 0.95)] if took else None)
            assert sorted(run.number for run in seen) == sorted(run.number for run in fits)
            edges = (1_600, 1_400, 1_200, 1_000)
            assert await Timelines(database).counts_between(wanted, edges) == tuple(
                sum(low <= run.created_ms < low + 200 for run in fits) for low in edges[1:]
            )
        assert len(runs) == 120
        monkeypatch.setattr(timeline, "MOST_RUNS", 50)
        cut = await Timelines(database).timeline(RunFilter(text="add"), 5)
        assert cut.is_partial
        assert sum(sum(bucket.counts.values()) for bucket in cut.buckets) == 50
        empty = await Timelines(database).timeline(RunFilter("nobody"), 5)
        assert empty.buckets == ()

    with_log(tmp_path, use)

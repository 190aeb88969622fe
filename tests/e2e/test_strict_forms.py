"""A scripted user fills in the forms of real integrations; the strict server judges every call."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import FULL, ReportFigure
from tests.strict.definitions import ActionDefinition, AppDefinition, all_apps
from tests.strict.dialect import DIALECTS
from tests.strict.own_apps import OWN_APPS
from tests.strict.person import Done, Person, person
from tests.strict.server import StrictZapier, strict_zapier
from tests.strict.tokens import Script
from zapdesk.domain.runs import RunStatus

AT_ONCE = 24
SAMPLE = 80
Job = tuple[AppDefinition, ActionDefinition]


def jobs() -> list[Job]:
    """Every action, or a sample: all of our own, and of the others so many that it is quick."""
    every = [(app, action) for app in all_apps() for action in app.actions]
    own_ids = {content["app"]["id"] for content in OWN_APPS}
    own = [job for job in every if job[0].id in own_ids]
    others = [job for job in every if job[0].id not in own_ids]
    if not FULL:
        with_variants = [job for job in others if job[1].variants]
        plain = [job for job in others if not job[1].variants]
        room = SAMPLE - len(own) - len(with_variants)
        others = with_variants + random.Random(7).sample(plain, min(len(plain), room))
    return own + others


async def order_all(
    someone: Person, wanted: Sequence[Job], scripts: Sequence[Script]
) -> list[Done]:
    """Order all of them, many at once, as one person with many forms."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, job: Job) -> Done:
        async with room:
            return await someone.order(*job, scripts[number % len(scripts)])

    # Where one fails the others end too, before the program they use is closed.
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number, job)) for number, job in enumerate(wanted)]
    return [task.result() for task in tasks]


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_forms_are_filled_in_and_run_as_documented(
    dialect: str, home: Path, monkeypatch: pytest.MonkeyPatch, report_figure: ReportFigure
) -> None:
    wanted = jobs()
    if not FULL:  # each dialect takes its share
        wanted = wanted[sorted(DIALECTS).index(dialect) :: len(DIALECTS)]

    async def scenario(server: StrictZapier) -> list[Done]:
        async with person(server, monkeypatch, DIALECTS[dialect]) as someone:
            await someone.session.catalog.refresh()
            assert {app.id for app in someone.session.catalog.apps} == set(server.judge.apps)
            return await order_all(someone, wanted, [Script(), Script(unfinished=1)])

    with strict_zapier() as server:
        done = asyncio.run(scenario(server))
    assert not server.violations, "\n".join(server.violations)
    assert [line for one in done for line in one.differences()] == []
    assert Counter(one.run.status for one in done) == {RunStatus.SUCCESS: len(wanted)}
    report_figure(f"actions run against the strict server ({dialect})", len(done), "actions")
    report_figure(f"requests judged ({dialect})", server.judge.judged, "requests")

"""Two profiles in one window, to and fro with runs on their way: what is typed, kept and run in
one is never seen in the other, and nothing is broken off."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests.cli.program import zapdesk
from tests.conftest import RunOnQt
from tests.ui.profile_desk import ProfileDesk, profile_desk
from zapdesk.domain.filling import Filling
from zapdesk.domain.profile_editing import fresh
from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.domain.runs import ActionRun, RunFilter, RunStatus
from zapdesk.services.drafts import DraftService
from zapdesk.ui.form.run_bar import RunBar
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.shell.panels import Panels

# Offscreen windows complain of size hints.
pytestmark = pytest.mark.qt_log_ignore("does not support")


@pytest.fixture
def look(qapp: QApplication) -> Theme:
    return qapp.findChild(Theme) or Theme(qapp)


class Traveller:
    """A person who works in one window with several profiles."""

    def __init__(self, desk: ProfileDesk, panels: Panels) -> None:
        self.desk, self.panels = desk, panels

    async def go_to(self, profile: Profile) -> Any:
        program = self.desk.program
        self.desk.keeping.use(profile.id)
        await self.desk.until(
            lambda: program.session is not None and program.session.profile.id == profile.id
        )
        session = program.session
        assert session is not None
        await self.desk.until(lambda: self.panels.action._session is session)
        await self.desk.until(lambda: not len(self.panels.action._tasks))  # its tabs are back
        return session

    async def open(self, key: str, **values: str) -> Any:
        session = self.desk.program.session
        assert session is not None
        app = await session.catalog.find_app("Fault Lab")
        action = next(a for a in await session.catalog.actions(app.id) if a.key == key)
        self.panels.action.open_action(app, action, Filling(values=values), None)
        return await self.form()

    async def form(self) -> Any:
        await self.desk.until(lambda: self.panels.action.form_session is not None)
        form = self.panels.action.form_session
        await self.desk.until(lambda: form is not None and form.is_loaded and not form.is_loading)
        return form

    async def run(self) -> ActionRun:
        started: list[ActionRun] = []
        self.panels.action.run_started.connect(started.append)
        self.panels.action.run()
        await self.desk.until(lambda: started)
        self.panels.action.run_started.disconnect(started.append)
        return started[0]

    def tabs(self) -> list[str]:
        bar = self.panels.action.strip.bar
        return [bar.tabText(n) for n in range(bar.count())]

    def listed(self) -> set[str]:
        """The profiles of the runs that the history shows."""
        return {run.profile_id for run in self.panels.runs.model.items}


def test_what_is_typed_kept_and_run_in_one_profile_never_shows_in_another(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        panels = Panels.build(look)
        async with profile_desk(look, panels) as desk:
            here, there = [
                await desk.program.profiles.create(fresh(name, ServerKind.SANDBOX))
                for name in ("Here", "There")
            ]
            person = Traveller(desk, panels)
            session = await person.go_to(here)
            form = await person.open("slow", note="typed here", seconds="3")
            drafts: DraftService = session.drafts
            await drafts.save(form, "Mine")
            waiting = await person.run()
            await desk.until(lambda: person.listed() == {here.id})

            other = await person.go_to(there)  # while it is being sent
            assert person.tabs() == ["New tab"]
            assert panels.action.form_session is None
            assert person.listed() == set()
            form = await person.open("slow", seconds="1")
            assert form.state.payload().get("note") in (None, "")
            assert await other.drafts.presets(form) == ()
            second = await person.run()
            await desk.until(lambda: person.listed() == {there.id})

            assert await person.go_to(here) is session  # it went on
            form = await person.form()
            assert form.state.payload()["note"] == "typed here"
            await desk.until(lambda: person.listed() == {here.id})
            assert [p.name for p in await drafts.presets(form)] == ["Mine"]
            for run, whose in ((waiting, session), (second, other)):
                ended = await whose.runs.wait(run.id, 30)
                assert ended.status is RunStatus.SUCCESS
            log = desk.program.log
            for profile, run in ((here, waiting), (there, second)):
                kept = await log.page(RunFilter(profile.id), None, 9)
                assert [r.id for r in kept] == [run.id]
                record = await log.record(run.id)
                assert record is not None
                assert (b"typed here" in record.inputs) is (profile is here)

    qt_run(scenario())


def test_a_profile_deleted_elsewhere_leaves_what_is_typed_and_sends_nothing_more(
    look: Theme, qt_run: RunOnQt, home: Path
) -> None:
    async def scenario() -> None:
        panels = Panels.build(look)
        async with profile_desk(look, panels) as desk:
            here = await desk.program.profiles.create(fresh("Here", ServerKind.SANDBOX))
            person = Traveller(desk, panels)
            session = await person.go_to(here)
            form = await person.open("slow", note="typed here", seconds="30")
            waiting = await person.run()
            done = await asyncio.to_thread(zapdesk, home, "profiles", "delete", here.id, "--yes")
            assert done.code == 0, done.err
            await desk.until(lambda: session.runs.ending)
            bars = panels.action.findChildren(RunBar)
            said = "Nothing can be sent: This profile was deleted in another window or a terminal."
            assert any(bar.blocked.text().startswith(said) for bar in bars)
            assert not any(bar.run_button.isEnabled() for bar in bars)
            assert form.state.payload()["note"] == "typed here"
            kept = await desk.program.log.page(RunFilter(here.id), None, 9)
            assert [(r.id, r.status.is_open) for r in kept] == [(waiting.id, True)]
            play = await desk.program.profiles.create(fresh("Play", ServerKind.SANDBOX))
            await person.go_to(play)
            assert person.tabs() == ["New tab"]

    qt_run(scenario())

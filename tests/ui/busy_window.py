"""The real window over the real sandbox in its busiest minute, with a stall meter running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.sandbox_server import running_sandbox
from tests.stall_meter import StallMeter
from tests.ui.placeholders import destroy
from zapdesk.bootstrap import Program, Session
from zapdesk.domain.catalog import Action, App
from zapdesk.domain.profiles import SANDBOX
from zapdesk.domain.runs import RunFilter, RunOrder, RunStatus
from zapdesk.paths import Paths
from zapdesk.services.access import Access
from zapdesk.settings import Settings
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.shell.life import import_forms, import_services, in_thread
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.panels import Panels
from zapdesk.ui.shell.snapshot import Snapshot

APPS = 8_000
FIELDS = 250
RUNS = 20
_TYPED = "sheet create"


class BusyWindow:
    """A window with a session, and what a person and the network do to it at the same time."""

    def __init__(self, theme: Theme) -> None:
        self.panels = Panels.build(theme)
        self.window = MainWindow(Paths.find().create())
        self.window.furnish(theme, self.panels)
        self.window.show_snapshot(Snapshot(SANDBOX.name, SANDBOX.colour))
        self.window.reveal()
        self.window.resize(1280, 800)
        self.window.show()

    async def do_everything_at_once(self, session: Session) -> None:
        """8,000 apps load; meanwhile a form of 250 fields builds, a search is typed, and 20 runs
        are watched to their ends."""
        self.window.set_session(session)
        session.catalog.start_refresh()
        await asyncio.gather(self._open_the_long_form(session), self._run(session), self._type())
        await _until(lambda: session.catalog.progress.is_complete)
        assert len(session.catalog.apps) >= APPS

    async def _open_the_long_form(self, session: Session) -> None:
        self.panels.catalog.action_chosen.emit(*await _found(session, "Field Zoo", "big_form"))
        form = self.panels.action.form
        await _until(lambda: len(form.field_ids) >= FIELDS * 6 // 7 and form.is_complete)

    async def _run(self, session: Session) -> None:
        app, action = await _found(session, "Formatter", "text")
        for number in range(RUNS):
            run = await session.runs.start(
                RunOrder(
                    profile_id=session.profile.id,
                    action=action.reference,
                    app_title=app.title,
                    action_title=action.title,
                    authentication_id=None,
                    authentication_title="",
                    inputs={"transform": "upper", "text": f"Ada {number}"},
                    nonce=uuid4().hex,
                )
            )
            self.panels.runs.select(run.id)
        while True:
            counts = await session.runs.counts(RunFilter())
            if counts.get(RunStatus.SUCCESS, 0) == RUNS:
                return
            assert not set(counts) - {
                RunStatus.SUBMITTING,
                RunStatus.WAITING,
                RunStatus.SUCCESS,
            }
            await asyncio.sleep(0.1)

    async def _type(self) -> None:
        box = self.panels.catalog.search_box
        for letter in _TYPED:
            QTest.keyClicks(box, letter)
            await asyncio.sleep(0.12)
        for _ in _TYPED:
            box.backspace()
            await asyncio.sleep(0.03)


@asynccontextmanager
async def _opened(window: BusyWindow) -> AsyncIterator[Session]:
    await in_thread(import_services)
    await in_thread(import_forms)
    program = await Program.start(Paths.find(), Settings(), Access(SANDBOX))
    try:
        yield await program.open_session(watch=True)
    finally:
        window.window.set_session(None)
        await window.window.close_tasks()
        await program.close()


async def measured(home: Path, theme: Theme, limit_ms: float) -> StallMeter:
    """Run it all with a fresh state directory, and give the meter that watched."""
    with running_sandbox(home, apps=APPS, run_s=(1.0, 3.0)):
        window = BusyWindow(theme)
        try:
            async with _opened(window) as session:
                QApplication.sendPostedEvents()
                with StallMeter(limit_ms) as meter:
                    await window.do_everything_at_once(session)
        finally:
            destroy(window.window)
    return meter


async def _found(session: Session, title: str, key: str) -> tuple[App, Action]:
    await session.catalog.look_up(title)
    app = next(hit.app for hit in session.catalog.search(title) if hit.app.title == title)
    return app, next(a for a in await session.catalog.actions(app.id) if a.key == key)


async def _until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)

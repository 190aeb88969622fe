"""Leads the real window from inside its process: waits, opens actions, runs them by their forms."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from zapdesk.domain.filling import Filling
from zapdesk.domain.runs import ActionRun
from zapdesk.ui.runs.attempt_dialog import AttemptDialog
from zapdesk.ui.shell.life import Life

PATIENCE_SECONDS = 60.0


class Tour:
    """The window and what leads it somewhere; ``shown`` is what a picture is taken of."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.window = life._window
        # What of these may be missing is there once a stop has waited for it.
        self.panels: Any = life._window._panels
        self.shown: QWidget = life._window

    @property
    def program(self) -> Any:
        return self.life._program

    async def until(self, is_so: Callable[[], Any]) -> None:
        """Wait until something is so. Raises ``TimeoutError`` where it never is."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > end:
                raise TimeoutError("this never came to be")
            await asyncio.sleep(0.02)

    async def session_with_apps(self) -> Any:
        await self.until(lambda: self.program is not None and self.program.session)
        session = self.program.session
        await self.until(lambda: session.catalog.apps and not session.catalog.progress.is_loading)
        await self.until(lambda: self.panels.action._session is session)  # the window has it too
        return session

    async def open(self, app_title: str, key: str, values: Mapping[str, Any]) -> Any:
        """Open an action with values in its form; gives the FormSession."""
        session = await self.session_with_apps()
        app = await session.catalog.find_app(app_title)
        action = next(a for a in await session.catalog.actions(app.id) if a.key == key)
        connections = await session.catalog.connections(app.id)
        chosen = connections.usable[0].id if connections.usable else None
        self.panels.catalog.model.open(app.id)
        self.panels.action.open_action(app, action, Filling(values=values), chosen)
        form = self.panels.action.form_session
        await self.until(lambda: form.is_loaded and not form.is_loading)
        for field in tuple(form.state.fields.values()):
            if field.has_choices and not form.state.missing_dependencies(field.id):
                await form.choices(field.id)
        await asyncio.sleep(0.5)
        return form

    async def run(
        self, app_title: str, key: str, values: Mapping[str, Any], *, ends: bool = True
    ) -> ActionRun:
        """Run an action by its form and wait until it ends, or until it is on its way."""
        started: list[ActionRun] = []
        self.panels.action.run_started.connect(started.append)
        await self.open(app_title, key, values)
        self.panels.action.run()
        await self.until(lambda: started or sent_again())
        self.panels.action.run_started.disconnect(started.append)
        run = await form_run(self, started[0].id, ends=ends)
        await asyncio.sleep(0.5)
        return run

    def show_tab(self, title: str) -> None:
        tabs = self.panels.detail.content.tabs
        tabs.setCurrentIndex([tabs.tabText(n) for n in range(tabs.count())].index(title))


def sent_again() -> bool:
    """Answer the question whether the same is to be sent again, where it is asked."""
    asked = QApplication.activeModalWidget()
    if isinstance(asked, AttemptDialog):
        asked.send_button.click()
    return False


async def form_run(tour: Tour, run_id: str, *, ends: bool) -> ActionRun:
    """The run as it is in the log once it ended, or was accepted."""
    session = await tour.session_with_apps()
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        run: ActionRun = (await session.runs.record(run_id)).run
        if not run.status.is_open or (not ends and run.run_id):
            return run
        if time.monotonic() > end:
            raise TimeoutError(f"{run.status} for too long")
        await asyncio.sleep(0.05)

"""What the tour looks at: each stop brings the real window into a state, then its picture is taken.

Imported by the process that ``tests/tour.py`` starts. A stop drives the program as a person
would, by what the panels offer, on a sandbox of its own.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from zapdesk.domain.filling import Filling
from zapdesk.domain.runs import ActionRun
from zapdesk.ui.crash_log import LastSession
from zapdesk.ui.life import Life

PATIENCE_SECONDS = 60.0
ORDER = {
    "workspace": "ws_studio",
    "table": "tbl_orders",
    "cell__number": "HS-1051",
    "cell__customer": "Ada Lovelace",
    "cell__item": "Tea cup, ash glaze",
    "cell__quantity": "12",
}


class Tour:
    """One visit: the window, what leads it somewhere, and the picture of ``shown``."""

    def __init__(self, life: Life, file: str) -> None:
        self.life = life
        self.window = life._window
        # What of these may be missing is there once a stop has waited for it.
        self.panels: Any = life._window._panels
        self.shown: QWidget = life._window
        self._file = file

    @property
    def program(self) -> Any:
        return self.life._program

    async def visit(self, name: str) -> None:
        """Make the stop of that name and take its picture; the window is closed in any case."""
        try:
            if name not in AT_THE_FIRST_START and name != "apps-loading":
                await self.session_with_apps()
            await STOPS[name](self)
            if not self.shown.grab().save(self._file):
                raise OSError(f"{self._file} could not be written")
        except Exception:  # whatever went wrong, the process has to end and to say so
            traceback.print_exc()
            self.life._exit_code = 1
        finally:
            self.window.close()

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
        await self.until(lambda: started)
        self.panels.action.run_started.disconnect(started.append)
        run = await form_run(self, started[0].id, ends=ends)
        await asyncio.sleep(0.5)
        return run

    def show_tab(self, number: int) -> None:
        self.panels.detail.content.tabs.setCurrentIndex(number)


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


async def first_start(tour: Tour) -> None:
    await asyncio.sleep(1)


async def paste_token(tour: Tour) -> None:
    tour.window.ask_for_token()
    page = tour.window.first_start
    assert page is not None
    page.use_button.click()
    await asyncio.sleep(0.3)


async def parts(tour: Tour) -> None:
    from tests.gallery import gallery

    tour.shown = gallery()
    tour.shown.resize(tour.window.size())
    tour.shown.show()
    await asyncio.sleep(0.3)


async def fault_report(tour: Tour) -> None:
    from zapdesk.ui.crash_report import offer_report

    last = LastSession("2026-11-23 14:02:07", "Traceback (most recent call last): …")
    offer_report(tour.window.notices, tour.window, last)
    await asyncio.sleep(0.3)


async def sandbox(tour: Tour) -> None:
    await asyncio.sleep(0.5)


async def many_apps(tour: Tour) -> None:
    tour.panels.catalog.search_box.setText("book")
    await asyncio.sleep(1)


async def apps_loading(tour: Tour) -> None:
    await tour.until(lambda: tour.program is not None and tour.program.session)
    await tour.until(lambda: tour.program.session.catalog.progress.loaded > 1_000)


async def searching(tour: Tour) -> None:
    tour.panels.catalog.search_box.setText("create")
    await asyncio.sleep(0.8)


async def nothing_found(tour: Tour) -> None:
    tour.panels.catalog.search_box.setText("xyzzy")
    await asyncio.sleep(0.8)


async def offline(tour: Tour) -> None:
    session = await tour.session_with_apps()
    kill_sandbox(tour)
    await session.catalog.refresh()
    await asyncio.sleep(0.5)


async def restarted(tour: Tour) -> None:
    await tour.open("Tables", "create_row", ORDER)
    session = await tour.session_with_apps()
    kill_sandbox(tour)
    await session.catalog.refresh()
    tour.window.restart_requested.emit()
    await tour.until(lambda: tour.program.session not in (None, session))
    await tour.until(lambda: tour.panels.action.form_session is not None)
    form = tour.panels.action.form_session
    await tour.until(lambda: form.is_loaded)
    await asyncio.sleep(0.8)


def kill_sandbox(tour: Tour) -> None:
    import json

    told = json.loads((tour.life._paths.sandbox / "address.json").read_text())
    os.kill(told["pid"], signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    time.sleep(0.2)


async def form_short(tour: Tour) -> None:
    await tour.open("Tables", "create_row", {})


async def form_filled(tour: Tour) -> None:
    await tour.open("Tables", "create_row", ORDER)


async def form_problems(tour: Tour) -> None:
    wrong = {"cell__number": "", "cell__quantity": "a few"}
    await tour.open("Tables", "create_row", ORDER | wrong)
    tour.panels.action.run()
    await asyncio.sleep(0.8)


async def form_long(tour: Tour) -> None:
    await tour.open("Field Zoo", "big_form", {})


async def form_every_editor(tour: Tour) -> None:
    await tour.open("Field Zoo", "every_type", {})


async def form_hostile(tour: Tour) -> None:
    await tour.open("Field Zoo", "words", {})


async def run_success(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)


async def run_waiting(tour: Tour) -> None:
    await tour.run("Fault Lab", "waiting_forever", {"note": "taking its time"}, ends=False)


async def run_error(tour: Tour) -> None:
    await tour.run("Fault Lab", "error_user", {})


async def run_throttled(tour: Tour) -> None:
    await tour.run("Fault Lab", "error_throttled", {"delay": "45"})


async def run_refused(tour: Tour) -> None:
    await tour.run("Fault Lab", "run_403", {})


async def run_unknown(tour: Tour) -> None:
    await tour.run("Fault Lab", "reset_after_work", {})


async def run_not_sent(tour: Tour) -> None:
    await tour.open("Formatter", "text", {"transform": "upper", "text": "hello"})
    kill_sandbox(tour)
    tour.panels.action.run()
    await asyncio.sleep(6)


async def run_empty(tour: Tour) -> None:
    await tour.run("Fault Lab", "empty_result", {})


async def run_odd(tour: Tour) -> None:
    await tour.run("Fault Lab", "many_results", {"count": "3"})


async def run_huge(tour: Tour) -> None:
    await tour.run("Fault Lab", "huge_result", {"size_mb": "30"})
    await asyncio.sleep(2)


async def run_exchanges(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    tour.show_tab(3)
    await asyncio.sleep(0.5)


async def run_raw(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    tour.show_tab(1)
    await asyncio.sleep(0.5)


async def run_inputs(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    tour.show_tab(2)
    await asyncio.sleep(0.5)


async def run_timeline(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    tour.show_tab(4)
    await asyncio.sleep(0.5)


async def several_runs(tour: Tour) -> None:
    """A history with every outcome, a run on its way, and the result of one in front."""
    for text in ("hello", "good morning"):
        await tour.run("Formatter", "text", {"transform": "upper", "text": text})
    await tour.run("Fault Lab", "error_user", {})
    await tour.run("Fault Lab", "reset_after_work", {})
    await tour.run("Fault Lab", "run_403", {})
    await tour.run("Fault Lab", "slow", {"seconds": "600"}, ends=False)
    await tour.run("Tables", "create_row", ORDER)


async def readme(tour: Tour) -> None:
    """The picture of the README: real runs, a form filled in, a result."""
    await tour.run("Formatter", "text", {"transform": "upper", "text": "hello"})
    await tour.run("Fault Lab", "error_user", {})
    mail = {"to": ["marina@harbour.example"], "subject": "Your order", "body": "It is on its way."}
    await tour.run("Mail", "send_email", mail)
    await tour.run("Fault Lab", "slow", {"seconds": "600"}, ends=False)
    await tour.run("Tables", "create_row", ORDER)
    tour.panels.catalog.search_box.setText("create")
    await asyncio.sleep(0.5)


async def readme_unknown(tour: Tour) -> None:
    """The other picture of the README: a connection cut after the work was done."""
    await tour.run("Tables", "create_row", ORDER)
    await tour.run("Fault Lab", "reset_after_work", {"note": "Invoice for HS-1051"})
    tour.panels.catalog.search_box.setText("after")
    await asyncio.sleep(0.5)


async def history_filtered(tour: Tour) -> None:
    await tour.run("Formatter", "text", {"transform": "upper", "text": "hello"})
    await tour.run("Fault Lab", "error_user", {})
    tour.panels.runs.search.setText("tidepool")
    await asyncio.sleep(1)


async def history_nothing_found(tour: Tour) -> None:
    await tour.run("Formatter", "text", {"transform": "upper", "text": "hello"})
    tour.panels.runs.search.setText("xyzzy")
    await asyncio.sleep(1)


async def history_focus(tour: Tour) -> None:
    await tour.run("Formatter", "text", {"transform": "upper", "text": "hello"})
    await tour.run("Formatter", "text", {"transform": "upper", "text": "again"})
    tour.window.commands.action("history").trigger()
    await asyncio.sleep(0.5)


async def run_again(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    await tour.open("Field Zoo", "no_fields", {})
    tour.window.commands.action("history").trigger()
    tour.window.commands.action("run").trigger()
    await tour.until(lambda: tour.panels.action.form_session.action.key == "create_row")
    form = tour.panels.action.form_session
    await tour.until(lambda: form.is_loaded and not form.is_loading)
    await asyncio.sleep(0.8)


async def profile_menu(tour: Tour) -> None:
    menu = tour.window.top_bar.chip.menu()
    menu.popup(tour.window.mapToGlobal(tour.window.top_bar.chip.geometry().bottomLeft()))
    await menu_over_window(tour)


async def more_menu(tour: Tour) -> None:
    button = tour.window.top_bar.more
    button.menu().popup(tour.window.mapToGlobal(button.geometry().bottomLeft()))
    await menu_over_window(tour)


async def menu_over_window(tour: Tour) -> None:
    await asyncio.sleep(0.3)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    tour.shown = popup


async def about(tour: Tour) -> None:
    tour.window.commands.action("about").trigger()
    await dialog(tour)


async def shortcuts(tour: Tour) -> None:
    tour.window.commands.action("shortcuts").trigger()
    await dialog(tour)


async def dialog(tour: Tour) -> None:
    await asyncio.sleep(0.3)
    modal = QApplication.activeModalWidget()
    assert modal is not None
    tour.shown = modal


AT_THE_FIRST_START = {"first-start": first_start, "paste-token": paste_token, "parts": parts}
WITH_THE_SANDBOX = (
    sandbox,
    many_apps,
    apps_loading,
    searching,
    nothing_found,
    offline,
    restarted,
    form_short,
    form_filled,
    form_problems,
    form_long,
    form_every_editor,
    form_hostile,
    run_success,
    run_waiting,
    run_error,
    run_throttled,
    run_refused,
    run_unknown,
    run_not_sent,
    run_empty,
    run_odd,
    run_huge,
    run_exchanges,
    run_raw,
    run_inputs,
    run_timeline,
    several_runs,
    readme,
    readme_unknown,
    history_filtered,
    history_nothing_found,
    history_focus,
    run_again,
    profile_menu,
    more_menu,
    about,
    shortcuts,
    fault_report,
)
WITH_MANY_APPS = {
    "many-apps": ("--apps", "8000"),
    "apps-loading": ("--apps", "8000", "--latency", "150"),
}
STOPS: dict[str, Callable[[Tour], Awaitable[None]]] = {
    **AT_THE_FIRST_START,
    **{stop.__name__.replace("_", "-"): stop for stop in WITH_THE_SANDBOX},
}

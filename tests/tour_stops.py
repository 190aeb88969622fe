"""What the tour looks at: each stop brings the real window into a state, then its picture is taken.

Imported by the process that ``tests/tour.py`` starts. A stop drives the program as a person
would, by what the panels offer, on a sandbox of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QApplication

from tests import sign_in_stops
from tests.connection_stops import CONNECTION_STOPS
from tests.diagnosis_stops import DIAGNOSIS_STOPS
from tests.history_stops import HISTORY_STOPS
from tests.profile_stops import PROFILE_STOPS
from tests.settings_stops import SETTINGS_STOPS
from tests.tour_guide import Tour
from zapdesk.domain.runs import Resolution, RunStatus
from zapdesk.services.exports.formats import Format
from zapdesk.services.watching import RunsChange
from zapdesk.ui.accounts.sign_in_dialog import SignInDialog
from zapdesk.ui.runs.compare_view import open_comparison
from zapdesk.ui.shell.crash_log import LastSession
from zapdesk.ui.shell.life import Life
from zapdesk.ui.times import now_ms

ORDER = {
    "workspace": "ws_studio",
    "table": "tbl_orders",
    "cell__number": "HS-1051",
    "cell__customer": "Ada Lovelace",
    "cell__item": "Tea cup, ash glaze",
    "cell__quantity": "12",
}


async def visit(life: Life, name: str, file: str) -> None:
    """Make the stop of that name and take its picture; the window is closed in any case."""
    tour = Tour(life)
    try:
        if name not in AT_THE_FIRST_START and name != "apps-loading":
            await tour.session_with_apps()
        await STOPS[name](tour)
        if not tour.shown.grab().save(file):
            raise OSError(f"{file} could not be written")
    except Exception:  # whatever went wrong, the process has to end and to say so
        traceback.print_exc()
        life._exit_code = 1
    finally:
        life._window.close()


async def first_start(tour: Tour) -> None:
    await asyncio.sleep(1)


async def paste_token(tour: Tour) -> None:
    page = tour.window.first_start
    assert page is not None
    page.token_button.click()
    await tour.until(lambda: tour.window.findChildren(SignInDialog))
    (dialog,) = tour.window.findChildren(SignInDialog)
    dialog.go_button.click()
    await asyncio.sleep(0.3)
    tour.shown = dialog


async def parts(tour: Tour) -> None:
    from tests.gallery import gallery

    tour.shown = gallery()
    tour.shown.resize(tour.window.size())
    tour.shown.show()
    await asyncio.sleep(0.3)


async def fault_report(tour: Tour) -> None:
    from zapdesk.ui.shell.crash_report import offer_report

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
    tour.show_tab("Exchanges")
    await asyncio.sleep(0.5)


async def run_raw(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    tour.show_tab("Raw")
    await asyncio.sleep(0.5)


async def run_inputs(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    tour.show_tab("Inputs")
    await asyncio.sleep(0.5)


async def run_table(tour: Tour) -> None:
    await tour.run("Fault Lab", "many_results", {"count": "40"})
    tour.show_tab("Table")
    await asyncio.sleep(0.5)


async def run_fields(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    tour.show_tab("Fields")
    await asyncio.sleep(0.5)


async def run_filtered(tour: Tour) -> None:
    await tour.run("Fault Lab", "many_results", {"count": "40"})
    tour.panels.detail.content.filtered.filter.line.setText("[?big_integer")
    await asyncio.sleep(1)


async def run_resolved(tour: Tour) -> None:
    run = await tour.run("Fault Lab", "reset_after_work", {"note": "Invoice"})
    session = await tour.session_with_apps()
    await session.runs.resolve(run.id, Resolution.HAPPENED, "Row 7 is in the table.")
    await asyncio.sleep(0.5)


async def run_lost(tour: Tour) -> None:
    run = await tour.run("Fault Lab", "waiting_forever", {"note": "Invoice"}, ends=False)
    session = await tour.session_with_apps()
    session.runs.stop_watching(run.id)
    text = "The sandbox no longer knows the run."
    moved = await tour.program.log.move(run.id, RunStatus.LOST, at_ms=now_ms(), text=text)
    session.runs.changed.announce(RunsChange(moved))
    await asyncio.sleep(0.5)


async def run_foreign(tour: Tour) -> None:
    """A run that came out of a capsule: for reading."""
    run = await tour.run("Fault Lab", "error_user", {"note": "Invoice"})
    session = await tour.session_with_apps()
    capsule = await session.exports.copy_as(run.id, Format.CAPSULE)
    foreign, _ = await session.exports.take_in(capsule.text.encode())
    session.runs.changed.announce(RunsChange(None))
    tour.panels.detail.show_run(foreign.id)
    await asyncio.sleep(0.8)


async def run_evidence(tour: Tour) -> None:
    await tour.run("Fault Lab", "error_user", {})
    tour.panels.detail.content.header.outcome.fold.click()
    await asyncio.sleep(0.3)


async def send_again(tour: Tour) -> None:
    await tour.run("Fault Lab", "reset_after_work", {"note": "Invoice"})
    tour.panels.detail.content.header.outcome.again_button.click()
    await dialog(tour)


async def run_menu(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    await asyncio.sleep(0.3)
    more = tour.panels.detail.content.header.more
    more.menu().popup(tour.window.mapToGlobal(more.geometry().bottomLeft()))
    await menu_over_window(tour)


async def compare(tour: Tour) -> None:
    """Two runs side by side, after more that teach what is noise."""
    for _ in range(3):
        run = await tour.run("Tables", "create_row", ORDER)
    other = await tour.run("Tables", "create_row", ORDER | {"cell__quantity": "13"})
    session = await tour.session_with_apps()
    detail = tour.panels.detail
    view = await open_comparison(detail, session, other.id, run.id, detail._tasks)
    view.noise.fold.click()
    await asyncio.sleep(0.5)
    tour.shown = view


async def run_timeline(tour: Tour) -> None:
    await tour.run("Tables", "create_row", ORDER)
    tour.show_tab("Timeline")
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


AT_THE_FIRST_START: dict[str, Callable[[Tour], Awaitable[None]]] = {
    "first-start": first_start,
    "paste-token": paste_token,
    "parts": parts,
    **sign_in_stops.FIRST,
}
WITH_THE_SANDBOX = (
    *sign_in_stops.SIGN_IN_STOPS,
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
    run_table,
    run_fields,
    run_filtered,
    run_resolved,
    run_lost,
    run_foreign,
    run_evidence,
    send_again,
    run_menu,
    compare,
    run_timeline,
    several_runs,
    readme,
    readme_unknown,
    history_filtered,
    history_nothing_found,
    history_focus,
    run_again,
    more_menu,
    about,
    shortcuts,
    fault_report,
    *HISTORY_STOPS,
    *CONNECTION_STOPS,
    *DIAGNOSIS_STOPS,
    *PROFILE_STOPS,
    *SETTINGS_STOPS,
)
WITH_MANY_APPS = {
    "many-apps": ("--apps", "8000"),
    "apps-loading": ("--apps", "8000", "--latency", "150"),
}
STOPS: dict[str, Callable[[Tour], Awaitable[None]]] = {
    **AT_THE_FIRST_START,
    **{stop.__name__.replace("_", "-"): stop for stop in WITH_THE_SANDBOX},
}

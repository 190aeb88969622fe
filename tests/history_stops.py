"""What the tour looks at in the history: its states, from no run at all to many thousands."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QApplication

from tests.tour_guide import Tour
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.result_line import result_line
from zapdesk.domain.runs import RunOrder, RunStatus
from zapdesk.services.exports.formats import Format

_ACTIONS = (
    ("tables", "WRITE", "create_row", "Tables", "Create Row", "Sandbox tables"),
    ("mail", "WRITE", "send_email", "Mail", "Send Email", "sandbox@localhost.example"),
    ("contacts", "SEARCH", "find_contact", "Contacts", "Find Contact", "Address book"),
    ("formatter", "WRITE", "text", "Formatter", "Text", ""),
)
_RESULTS = (
    b'[{"id": "row_60d3fb0e8485", "table": {"id": "tbl_orders"}, "created": "2026-11-23"}]',
    b'[{"message": "Queued for delivery", "id": "m-118"}]',
    b'[{"name": "Ada Lovelace", "email": "ada@harbour.example"}, {"name": "Grace Hopper"}]',
    b'[{"output": "GOOD MORNING"}]',
    b"[]",
    b'[{"ok": false, "reason": "no such row"}]',
)
_ENDS = (RunStatus.SUCCESS,) * 9 + (
    RunStatus.ERROR, RunStatus.ERROR, RunStatus.UNKNOWN, RunStatus.REFUSED, RunStatus.NOT_SENT,
)  # fmt: skip
_HEADLINES = {
    RunStatus.ERROR: "The address orders@ is not valid.",
    RunStatus.UNKNOWN: "The connection was cut before an answer came.",
    RunStatus.REFUSED: "This connection may not write to Orders.",
    RunStatus.NOT_SENT: "There is no connection to the server.",
}


async def fill(tour: Tour, count: int, days: float) -> None:
    """Write ``count`` ended runs of the last ``days`` into the log, the same ones each time."""
    session = await tour.session_with_apps()
    chance, log = random.Random(5), tour.program.log
    now = int(time.time() * 1_000)
    ages = sorted((days * 86_400_000 * chance.random() ** 2 for _ in range(count)), reverse=True)
    for number, age in enumerate(ages):
        app, kind, key, app_title, title, connection = chance.choice(_ACTIONS)
        order = RunOrder(
            profile_id=session.profile.id,
            action=ActionKey(app, kind, key),
            app_title=app_title,
            action_title=title,
            authentication_id=app if connection else None,
            authentication_title=connection,
            inputs={},
            nonce=f"tour {number}",
        )
        created = round(now - age)
        run, _ = await log.add(order, created, b'{"text": "hello"}')
        status = chance.choice(_ENDS)
        results = chance.choice(_RESULTS) if status is RunStatus.SUCCESS else None
        if results is not None or status is RunStatus.ERROR:
            await log.move(run.id, RunStatus.WAITING, at_ms=created + 300, run_id=f"z{number}")
        await log.move(
            run.id,
            status,
            at_ms=created + round(chance.lognormvariate(7, 1)),
            results=results,
            headline=_HEADLINES.get(status) or result_line(results),
        )
    session.runs.changed.announce(_anything())
    await tour.until(lambda: tour.panels.runs.model.rowCount() >= min(count, 200))
    await asyncio.sleep(1)


def _anything() -> Any:
    from zapdesk.services.watching import RunsChange

    return RunsChange(None)


async def marked(tour: Tour, count: int = 60, days: float = 9) -> None:
    """As ``fill``, with pins, labels and a note; the table has the keys."""
    await fill(tour, count, days)
    runs = tour.panels.runs.model.items
    history = tour.program.history
    await history.pin([runs[1].id, runs[4].id])
    await history.label([runs[1].id, runs[2].id], ["invoices", "checked by Ada"])
    await history.write_note(runs[3].id, "Asked support about this one.")
    tour.window.commands.action("history").trigger()
    await asyncio.sleep(0.5)


async def history_empty(tour: Tour) -> None:
    await tour.session_with_apps()
    await asyncio.sleep(0.5)


async def history_few(tour: Tour) -> None:
    await marked(tour, 6, 2)


async def history_full(tour: Tour) -> None:
    await marked(tour, 400, 40)
    await higher(tour)


async def higher(tour: Tour) -> None:
    """Give the history most of the window."""
    tour.window.workspace._whole.setSizes([300, 600])
    await asyncio.sleep(0.4)


async def history_by_parts(tour: Tour) -> None:
    from dataclasses import replace

    await marked(tour)
    bar = tour.panels.runs.bar
    since = int(time.time() * 1_000) - 6 * 86_400_000
    bar.use(
        replace(
            bar.wanted,
            app_id="tables",
            since_ms=since,
            statuses=frozenset({RunStatus.SUCCESS}),
            label="",
            connection_id="tables",
        )
    )
    await higher(tour)
    await asyncio.sleep(1)


async def history_searching(tour: Tour) -> None:
    await marked(tour)
    tour.panels.runs.search.setFocus()
    tour.panels.runs.search.setText("queued")
    await asyncio.sleep(1)


async def history_picked(tour: Tour) -> None:
    await marked(tour)
    table, model = tour.panels.runs.table, tour.panels.runs.model
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (1, 3, 4):
        table.selectionModel().select(model.index(row, 0), flags)
    await higher(tour)


async def history_deleted(tour: Tour) -> None:
    await marked(tour)
    tour.panels.runs._delete()
    await asyncio.sleep(1)


async def history_menu(tour: Tour) -> None:
    await marked(tour)
    panel = tour.panels.runs
    panel._show_menu(panel.table.mapToGlobal(panel.table.rect().center()))
    await popup(tour)


async def history_filter_menu(tour: Tour) -> None:
    await marked(tour)
    button = tour.panels.runs.bar.filter_button
    button.menu().popup(button.mapToGlobal(button.rect().bottomLeft()))
    await popup(tour)


async def history_more_menu(tour: Tour) -> None:
    await marked(tour)
    tour.panels.runs.more_menu.popup(tour.window.mapToGlobal(tour.window.rect().center()))
    await popup(tour)


async def history_clear(tour: Tour) -> None:
    await marked(tour)
    tour.panels.runs.clear_history()
    await dialog(tour)


async def history_label(tour: Tour) -> None:
    await marked(tour)
    tour.panels.runs.marking.ask_for_label(tour.panels.runs.table.picked_runs)
    await dialog(tour)


async def history_days(tour: Tour) -> None:
    await marked(tour)
    tour.panels.runs.bar.days_wanted.emit()
    await dialog(tour)


async def history_strip(tour: Tour) -> None:
    await marked(tour, 400, 40)
    tour.panels.runs.strip.setFocus()
    await asyncio.sleep(0.5)


async def popup(tour: Tour) -> None:
    await asyncio.sleep(0.4)
    found = QApplication.activePopupWidget()
    assert found is not None
    tour.shown = found


async def dialog(tour: Tour) -> None:
    await asyncio.sleep(0.4)
    found = QApplication.activeModalWidget()
    assert found is not None
    tour.shown = found


async def log_about(tour: Tour) -> None:
    await marked(tour, 30)
    backups = tour.life._paths.backups
    backups.mkdir(exist_ok=True)
    await tour.program.history.back_up(backups / "before-9-1.db")
    tour.window.commands.action("about_log").trigger()
    await asyncio.sleep(1.2)
    await dialog(tour)


async def log_trouble(tour: Tour) -> None:
    await marked(tour, 30)
    await tour.open("Formatter", "text", {"transform": "upper", "text": "hello"})
    tour.program.database._set_reason("The disk is full. Make room on it, then try again.")
    await asyncio.sleep(0.5)


async def log_restore(tour: Tour) -> None:
    tour.window.raise_()
    await tour.session_with_apps()
    keeping = tour.life._log
    assert keeping is not None
    keeping.ask_to_restore(tour.life._paths.database)
    await dialog(tour)


async def capsule(tour: Tour) -> None:
    from pathlib import Path

    run = await tour.run("Fault Lab", "error_user", {})
    text = await tour.program.exports.copy_as(run.id, Format.CAPSULE)
    file = Path(tour.life._paths.cache, "a run of Ada's.zapdesk")
    file.write_text(text.text)
    tour.life._capsules.open(file)
    await asyncio.sleep(1)
    await dialog(tour)


HISTORY_STOPS: tuple[Callable[[Tour], Awaitable[None]], ...] = (
    history_empty,
    history_few,
    history_full,
    history_by_parts,
    history_searching,
    history_picked,
    history_deleted,
    history_menu,
    history_filter_menu,
    history_more_menu,
    history_clear,
    history_label,
    history_days,
    history_strip,
    log_about,
    log_trouble,
    log_restore,
    capsule,
)

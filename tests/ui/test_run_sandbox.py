"""History and detail over the real thing: a run that the sandbox takes, works on and ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.ui.run_history import until
from zapdesk.bootstrap import Program, choose_access, read_settings
from zapdesk.domain.runs import RunOrder, RunStatus
from zapdesk.paths import Paths
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.runs.detail import RunDetail
from zapdesk.ui.runs.panel import RunPanel

# Offscreen windows complain of size hints.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def test_a_run_is_followed_from_the_press_to_its_result(
    theme: Theme, qtbot: QtBot, qt_run: RunOnQt, home: Path
) -> None:
    panel, detail = RunPanel(theme), RunDetail(theme)
    for widget in (panel, detail):
        qtbot.addWidget(widget)
        widget.show()
    panel.run_selected.connect(lambda run: detail.show_run(run.id))

    async def scenario() -> None:
        paths = Paths.find()
        settings = read_settings(paths)
        program = await Program.start(paths, settings, choose_access(settings, None, True))
        try:
            session = await program.open_session(watch=True)
            panel.set_session(session)
            detail.set_session(session)
            await session.catalog.look_up("Formatter")
            app = next(hit.app for hit in session.catalog.search("Formatter"))
            actions = await session.catalog.actions(app.id)
            action = next(action for action in actions if "text" in action.key)
            order = RunOrder(
                profile_id=session.profile.id,
                action=action.reference,
                app_title=app.title,
                action_title=action.title,
                authentication_id=None,
                authentication_title="",
                inputs={"transform": "upper", "text": "Ada"},
                nonce="once",
            )
            run = await session.runs.start(order)
            panel.select(run.id)
            await until(lambda: panel.table.current_run is not None)
            await until(lambda: panel.model.items[0].status is RunStatus.SUCCESS, 30)
            await until(
                lambda: detail.record is not None and detail.record.run.status is RunStatus.SUCCESS
            )
            await session.runs.flush()
            detail.content.tabs.setCurrentWidget(detail.content.exchanges)
            session.runs.changed.announce(await _change(session, run.id))
            tree = detail.content.exchanges.list
            await until(lambda: tree.topLevelItemCount() >= 3)
            detail.content.tabs.setCurrentWidget(detail.content.raw)
            assert b"ADA" in detail.content.raw.view.document
        finally:
            await panel.close_tasks()
            await detail.close_tasks()
            await program.close()
            await asyncio.sleep(0)

    qt_run(scenario())
    panel.hide()
    detail.hide()


async def _change(session: Any, run_id: str) -> Any:
    from zapdesk.services.watching import RunsChange

    return RunsChange(await session.runs.get(run_id))

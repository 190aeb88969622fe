"""The detail of a run over a real log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.ui.run_history import Desk, opened_desk, until
from zapdesk.domain.runs import ActionRun
from zapdesk.ui.runs.detail import RunDetail


@asynccontextmanager
async def opened(detail: RunDetail, folder: Path) -> AsyncIterator[Desk]:
    """``detail`` is in front, and knows the log in ``folder``."""
    async with opened_desk(folder) as desk:
        detail.show()
        detail.activateWindow()
        detail.set_session(desk.session)
        try:
            yield desk
        finally:
            await detail.close_tasks()
            detail.hide()


async def shown(detail: RunDetail, run: ActionRun) -> None:
    """Show a run, and wait until it was read."""
    detail.show_run(run.id)
    await until(lambda: detail.record is not None and detail.record.run.id == run.id)

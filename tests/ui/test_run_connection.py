"""A run that failed because of its connection leads to it; any other does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.conftest import RunOnQt
from tests.ui.detail_desk import opened, shown
from zapdesk.domain.runs import ActionRun, RunError, RunStatus
from zapdesk.ui.runs.detail import RunDetail

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

REFUSED = RunError("authentication", "Account refused", "Tidepool no longer accepts this account.")
OTHER = RunError("partner", "Third party failed", "Tidepool answered 503.")


def test_account_that_the_app_refused_is_one_click_away(
    detail: RunDetail, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        wanted: list[ActionRun] = []
        detail.connection_wanted.connect(wanted.append)
        async with opened(detail, tmp_path) as desk:
            other = await desk.add(RunStatus.ERROR, errors=(OTHER,))
            await shown(detail, other)
            button = detail.content.header.outcome.connection_button
            assert button.isHidden()
            run = await desk.add(RunStatus.ERROR, errors=(REFUSED,))
            await shown(detail, run)
            assert not button.isHidden()
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            assert [one.id for one in wanted] == [run.id]

    qt_run(scenario())

"""What most tests of the window stand on: its look, a stage to show widgets on, an action's panel,
actions in tabs, the detail of a run.

Nothing of Qt is imported before a test asks for it: where Qt is missing they are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.form_session import Stage
    from zapdesk.ui.form.action_form import ActionForm
    from zapdesk.ui.form.action_panel import ActionPanel
    from zapdesk.ui.form.tabs.action_tabs import ActionTabs
    from zapdesk.ui.look.theme import Theme
    from zapdesk.ui.runs.detail import RunDetail


@pytest.fixture
def theme(qapp: Any) -> Theme:
    from zapdesk.ui.look.theme import Theme

    return qapp.findChild(Theme) or Theme(qapp, "light")


@pytest.fixture
def stage(theme: Theme) -> Iterator[Stage]:
    from tests.ui.form_session import Stage

    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def form(stage: Stage) -> Iterator[ActionForm]:
    from zapdesk.ui.form.action_form import ActionForm

    form = ActionForm()
    stage.show(form)
    form.setGeometry(0, 0, 600, 600)
    yield form
    form.set_context(None)


@pytest.fixture
def panel(theme: Theme, stage: Stage) -> ActionPanel:
    from zapdesk.ui.form.action_panel import ActionPanel

    panel = ActionPanel(theme)
    stage.show(panel)
    panel.setGeometry(0, 0, 600, 600)
    return panel


@pytest.fixture
def tabs(theme: Theme, stage: Stage) -> ActionTabs:
    from zapdesk.ui.form.tabs.action_tabs import ActionTabs

    tabs = ActionTabs(theme)
    stage.show(tabs)
    tabs.setGeometry(0, 0, 600, 600)
    return tabs


@pytest.fixture
def detail(qtbot: QtBot, theme: Theme) -> RunDetail:
    from zapdesk.ui.runs.detail import RunDetail

    detail = RunDetail(theme)
    qtbot.addWidget(detail)
    detail.resize(560, 640)
    return detail

"""Widgets that go while the requests they wait for are in flight are never spoken to again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from tests.conftest import FULL, RunOnQt
from tests.services.form_server import choice, field
from tests.services.held_server import HeldServer, held_forms
from tests.ui.form_session import ACTION, APP
from tests.ui.tab_desk import FIND, TabDesk, at, store
from zapdesk.services import forms
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.form.editors import ChoiceEditor
from zapdesk.ui.form.editors.exact_text import ExactText
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.form.tabs.action_tabs import ActionTabs

pytestmark = pytest.mark.qt_log_ignore("does not support")

TIMES = 1_000 if FULL else 50
FIELDS = [
    field("note", invalidates_input_fields=True),
    field("pick", format="SELECT"),
    field("several", value_type="ARRAY", format="SELECT"),
]


async def until(condition: Callable[[], Any]) -> None:
    for _ in range(3_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came")


class Scene:
    """Tabs over a server that answers when it is told to."""

    def __init__(self, tabs: ActionTabs, desk: TabDesk, server: HeldServer) -> None:
        self.tabs, self.desk, self.server = tabs, desk, server

    async def open(self, *, answers: bool = True) -> ActionPanel:
        """A form in a tab of its own: asked for, or there."""
        self.tabs.open_action(APP, ACTION, in_new_tab=True)
        await until(lambda: self.server.held)
        panel = self.tabs.panel
        assert panel is not None
        if answers:
            self.server.release(0)
            await until(lambda: panel.form.row("pick"))
            await until(lambda: panel.form_session and not panel.form_session.is_loading)
        return panel

    def editor(self, panel: ActionPanel, field_id: str) -> Any:
        row = panel.form.row(field_id)
        assert isinstance(row, FieldRow)
        return row.editor

    # Each leaves one request in flight, or one order on its way to the log.

    async def form_in_flight(self) -> ActionPanel:
        return await self.open(answers=False)

    async def refetch_in_flight(self) -> ActionPanel:
        panel = await self.open()
        text = self.editor(panel, "note").findChild(ExactText)
        text.setFocus()
        QTest.keyClicks(text, "x")
        self.editor(panel, "pick").button.setFocus()
        await until(lambda: self.server.held)
        return panel

    async def choices_in_flight(self, field_id: str = "pick") -> ActionPanel:
        panel = await self.open()
        editor: ChoiceEditor = self.editor(panel, field_id)
        editor.button.click()
        await until(lambda: self.server.held)
        return panel

    async def several_choices_in_flight(self) -> ActionPanel:
        return await self.choices_in_flight("several")

    async def order_in_flight(self) -> ActionPanel:
        panel = await self.open()
        self.desk.may_commit.clear()
        panel.run()
        await asyncio.sleep(0)
        return panel


SCENES = (
    Scene.form_in_flight,
    Scene.refetch_in_flight,
    Scene.choices_in_flight,
    Scene.several_choices_in_flight,
    Scene.order_in_flight,
)


def test_widgets_deleted_with_a_request_in_flight_end_it_and_are_never_spoken_to_again(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "DEBOUNCE_S", 0.0)
    server = HeldServer(
        lambda inputs, who: FIELDS, lambda *_: ([choice("a", "A"), choice("b", "B")], True)
    )

    async def scenario() -> None:
        held = held_forms(server)
        async with store(tmp_path) as database, at(tabs, TabDesk(database)) as desk:
            desk.forms = held.service  # type: ignore[assignment]  # what a session has
            scene = Scene(tabs, desk, server)
            for number in range(TIMES):
                panel = await SCENES[number % len(SCENES)](scene)
                if number % 2 == 0:  # its rows go first, the panel stays for another action
                    panel.open_action(APP, FIND)
                if number % 4 == 0:  # what was asked for comes when the rows have gone
                    is_gone(panel)
                    while server.held:
                        server.release(0)
                        await asyncio.sleep(0.001)
                tabs.close_tab()
                tabs._forget_closed()  # the ten seconds in which it could be brought back
                # The requests end with the widgets; their answers would come too late.
                await until(lambda: not server.held)
                desk.may_commit.set()
                await until(partial(is_gone, panel))
            assert len(server.asked) >= TIMES

    qt_run(scenario())


def is_gone(widget: Any) -> bool:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return not isValid(widget)

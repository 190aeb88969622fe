"""Notices of ended runs: by the desktop over a real bus, else by a strip in the window."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.ui.desktop import bus, desktop
from tests.ui.run_history import some_run, until
from zapdesk.broadcast import Broadcast
from zapdesk.domain.runs import ActionRun, Resolution, RunStatus
from zapdesk.services.watching import RunsChange
from zapdesk.ui import desktop_bus
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.notifications import Notifications, told

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

NOW_MS = 1_700_000_010_000


class Stage:
    """A window that is not in front, and runs that end."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.notices = NoticeArea()
        QVBoxLayout(self.window).addWidget(self.notices)
        self.notifications = Notifications(self.window, self.notices, lambda: NOW_MS)
        self.changed: Broadcast[RunsChange] = Broadcast()
        runs: Any = SimpleNamespace(changed=self.changed)
        self.notifications.follow(runs)
        self.wanted: list[str] = []
        self.notifications.run_wanted.connect(self.wanted.append)

    def end(self, number: int, status: RunStatus = RunStatus.SUCCESS, **facts: Any) -> ActionRun:
        run = some_run(number, status, **facts)
        self.changed.announce(RunsChange(run))
        return run


@pytest.fixture
def stage(qtbot: QtBot, qapp: Any) -> Stage:
    qapp.findChild(Theme) or Theme(qapp, "light")
    return Stage(qtbot)


@pytest.mark.parametrize(
    ("capabilities", "body"),
    [(("body", "body-markup"), "a &lt;b&gt; &amp; c"), (("body",), "a <b> & c")],
    ids=["with markup", "plain"],
)
def test_the_desktop_is_told_in_plain_text_and_a_click_asks_for_the_run(
    stage: Stage,
    qt_run: RunOnQt,
    monkeypatch: pytest.MonkeyPatch,
    capabilities: tuple[str, ...],
    body: str,
) -> None:
    async def scenario() -> None:
        async with bus(monkeypatch), desktop(capabilities) as shown_on:
            stage.end(1, RunStatus.ERROR, headline="a <b> & c")
            await until(lambda: shown_on.shown)
            notice = shown_on.shown[0]
            assert notice.signature == "susssasa{sv}i"
            assert (notice.title, notice.body) == ("Error: Tables › Create Row", body)
            assert notice.actions == ["default", "Show"]
            await shown_on.click(1)
            await until(lambda: stage.wanted == ["run1"])
            await shown_on.click(99)
            stage.end(2)
            await until(lambda: len(shown_on.shown) == 2)
            assert stage.notices.texts == []
            await stage.notifications.close()

    qt_run(scenario())


def test_many_that_end_together_are_told_once(
    stage: Stage, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with bus(monkeypatch), desktop() as shown_on:
            for number in range(1, 6):
                stage.end(number, RunStatus.ERROR if number == 2 else RunStatus.SUCCESS)
            await until(lambda: shown_on.shown)
            assert [n.title for n in shown_on.shown] == ["5 runs have ended"]
            assert shown_on.shown[0].body == "4 success, 1 error"
            await stage.notifications.close()

    qt_run(scenario())


def test_without_a_bus_a_strip_tells_it(
    stage: Stage, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")

    async def scenario() -> None:
        stage.end(1, headline="1 item")
        await until(lambda: stage.notices.texts)
        assert stage.notices.texts == ["Success: Tables › Create Row. 1 item"]
        await stage.notifications.close()

    qt_run(scenario())


def test_a_desktop_that_does_not_answer_costs_a_deadline_and_the_strip_tells_it(
    stage: Stage, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop_bus, "_PATIENCE_S", 0.2)

    async def scenario() -> None:
        async with bus(monkeypatch), desktop() as shown_on:
            shown_on.is_deaf = True
            stage.end(1)
            await until(lambda: stage.notices.texts)
            shown_on.is_deaf = False
            stage.end(2)
            await until(lambda: shown_on.shown)
            await stage.notifications.close()

    qt_run(scenario())


def test_a_bus_that_dies_is_joined_again(
    stage: Stage, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        for number in (1, 2):
            async with bus(monkeypatch), desktop() as shown_on:
                stage.end(number)
                await until(lambda d=shown_on: d.shown)
        await stage.notifications.close()

    qt_run(scenario())


def test_nothing_is_told_of_what_was_seen_or_is_old_or_was_closed_by_a_person(
    stage: Stage, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")

    async def scenario() -> None:
        stage.end(1, RunStatus.WAITING)
        stage.end(2, created_ms=NOW_MS - 9 * 86_400_000)
        stage.end(3, RunStatus.UNKNOWN, resolution=Resolution.HAPPENED)
        stage.notifications.is_on = False
        stage.end(4)
        stage.notifications.is_on = True
        stage.end(5)
        await until(lambda: stage.notices.texts)
        stage.notices.clear("ended")
        stage.end(5)
        stage.window.show()
        stage.window.activateWindow()
        await until(lambda: stage.window.isActiveWindow())
        stage.end(6)
        await asyncio.sleep(0.6)
        assert stage.notices.texts == []
        stage.window.hide()
        await stage.notifications.close()

    qt_run(scenario())


def test_a_notice_names_the_run_and_says_what_came_of_it() -> None:
    assert told([some_run(1, headline="2 items")]) == [
        ("Success: Tables › Create Row", "2 items", "run1")
    ]


def test_notices_that_others_may_see_say_only_that_a_run_has_ended() -> None:
    one, two = some_run(1, headline="2 items"), some_run(2)
    assert told([one], tells_details=False) == [("A run has ended", "", one.id)]
    assert told([one, two], tells_details=False) == [("2 runs have ended", "", "")]

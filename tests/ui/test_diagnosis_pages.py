"""The pages of self-test and network, and what the window says while it works offline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from tests.conftest import RunOnQt
from tests.ui.placeholders import texts
from zapdesk.api.traffic import TRAFFIC
from zapdesk.broadcast import Broadcast
from zapdesk.domain.diagnosis import CHECKS, Finding, failed, passed, warning
from zapdesk.domain.profiles import SANDBOX
from zapdesk.errors import StorageUnusable
from zapdesk.paths import Paths
from zapdesk.redaction import REDACTOR
from zapdesk.services import network
from zapdesk.tasks import TaskOwner
from zapdesk.ui.diagnosis.diagnosing import Diagnosing
from zapdesk.ui.diagnosis.network_sheet import NetworkSheet
from zapdesk.ui.diagnosis.self_test import SelfTestSheet
from zapdesk.ui.notices import Notice
from zapdesk.ui.parts import Button
from zapdesk.ui.shell.main_window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")

SECRET = "tok-live-5566aabb"  # made up


@pytest.fixture(autouse=True)
def online() -> Iterator[None]:
    TRAFFIC.forget()
    yield
    network.switch(False)
    TRAFFIC.forget()


class Diagnosis:
    """Finds what it is told, when it is let."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.was_stopped = False
        self.finds: dict[str, Finding] = {}
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def run(self, ids: Sequence[str], tell: Any) -> None:
        self.asked.append(list(ids))
        chosen = list(ids) or [known.id for known in CHECKS]
        for check_id in chosen:
            tell(check_id, None)
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_stopped = True
            raise
        for check_id in chosen:
            tell(check_id, self.finds.get(check_id, passed("Good.")))


@asynccontextmanager
async def diagnosing(window: MainWindow) -> AsyncIterator[tuple[Diagnosing, Diagnosis, list[Any]]]:
    owner, diagnosis, heard = TaskOwner(), Diagnosis(), list[Any]()

    async def reopen() -> None:
        heard.append("reopen")

    class KeptOpen:
        async def hang_up(self) -> None:
            heard.append("hang up")

    lines = KeptOpen()
    TRAFFIC.keeps(lines)
    catalog = SimpleNamespace(start_refresh=lambda: heard.append("refresh"))
    program: Any = SimpleNamespace(
        access=SimpleNamespace(profile=SANDBOX),
        session=SimpleNamespace(catalog=catalog),
        switched=Broadcast(),
        lacks_server=False,
        diagnosis=lambda: diagnosis,
    )
    made = Diagnosing(window, owner.start, reopen)
    made.offline_chosen.connect(lambda is_offline: heard.append(is_offline))
    made.follow(program)
    window.commands.refresh()
    try:
        yield made, diagnosis, heard
    finally:
        await made.close()
        await owner.close()


def _sheet(window: MainWindow) -> SelfTestSheet:
    window.commands.action("self_test").trigger()
    (sheet,) = window.findChildren(SelfTestSheet)
    return sheet


async def _turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_self_test_shows_what_is_running_and_then_what_was_found(
    window: MainWindow, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with diagnosing(window) as (_, diagnosis, _heard):
            diagnosis.may_end.clear()
            diagnosis.finds = {
                "clock": failed("It is wrong.", "Times are off.", "Set it."),
                "keyring": warning("It is locked.", "Nothing stays.", "Unlock it."),
            }
            sheet = _sheet(window)
            await _turn()
            assert texts(sheet).count("Testing…") == len(CHECKS) + 1
            assert not sheet.copy_button.isEnabled()
            diagnosis.may_end.set()
            await _turn()
            said = texts(sheet)
            assert "1 check failed, 1 warning." in said
            assert "Set it." in said
            assert "This computer" in said
            assert sheet.rows["clock"].accessibleName() == "Clock: Failed. It is wrong."
            sheet.close()
            await asyncio.sleep(0)

    qt_run(scenario())


def test_one_check_is_made_again_alone(window: MainWindow, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with diagnosing(window) as (_, diagnosis, _heard):
            diagnosis.finds = {"clock": failed("It is wrong.", "", "")}
            sheet = _sheet(window)
            await _turn()
            diagnosis.finds = {}
            sheet.rows["clock"].again.click()
            await _turn()
            assert diagnosis.asked == [[], ["clock"]]
            assert "Everything works." in texts(sheet)
            sheet.again_button.click()
            await _turn()
            assert diagnosis.asked[-1] == []
            sheet.close()
            await asyncio.sleep(0)

    qt_run(scenario())


def test_what_is_copied_and_shown_holds_no_secret(window: MainWindow, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with diagnosing(window) as (_, diagnosis, _heard):
            REDACTOR.register(SECRET)
            diagnosis.finds = {"token": failed(f"{SECRET} is refused.", f"By {SECRET}.", SECRET)}
            sheet = _sheet(window)
            await _turn()
            sheet.copy_button.click()
            copied = QGuiApplication.clipboard().text()
            assert "[failed] Sign-in" in copied
            assert "Profile: Sandbox (this computer)" in copied
            assert SECRET not in copied
            assert sheet.copy_button.text() == "Copied"
            assert not any(SECRET in text for text in texts(sheet))
            sheet.close()
            REDACTOR.forget(SECRET)
            await asyncio.sleep(0)

    qt_run(scenario())


def test_a_page_that_is_closed_ends_its_test(window: MainWindow, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with diagnosing(window) as (_, diagnosis, _heard):
            diagnosis.may_end.clear()
            sheet = _sheet(window)
            await _turn()
            sheet.close()
            await asyncio.sleep(0.01)
            assert diagnosis.was_stopped

    qt_run(scenario())


def test_a_program_without_a_place_for_its_files_can_be_tested_all_the_same(
    window: MainWindow, qt_run: RunOnQt, tmp_path: Path
) -> None:
    async def scenario() -> None:
        owner = TaskOwner()
        made = Diagnosing(window, owner.start, lambda: asyncio.sleep(0))
        network.switch(True)
        (tmp_path / "file").write_text("no folder")
        root = tmp_path / "file" / "home"
        trouble = StorageUnusable("zapdesk has no place to keep its files.", "Not a directory")
        made.lacks_program(trouble, Paths(root, root, root))
        (strip,) = window.notices.findChildren(Notice)
        assert strip.text.startswith("zapdesk has no place to keep its files.")
        strip.action_requested.emit()
        (sheet,) = window.findChildren(SelfTestSheet)
        async with asyncio.timeout(20):
            while not sheet.copy_button.isEnabled():
                await asyncio.sleep(0.02)
        assert "zapdesk has no place to keep its files." in texts(sheet)
        sheet.close()
        await made.close()
        await owner.close()

    qt_run(scenario())


def test_network_page_lists_every_host_with_its_counts(window: MainWindow, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with diagnosing(window):
            async with TRAFFIC.passage("https://api.zapier.com/v2/apps", "apps") as passage:
                passage.sent(312)
                passage.received(5_800)
            window.commands.action("network").trigger()
            (sheet,) = window.findChildren(NetworkSheet)
            said = texts(sheet)
            assert "api.zapier.com:443" in said
            assert "312 B" in said
            assert "5.8 KB" in said
            network.note_opening("https://zapier.com/app/connections")
            sheet.look()
            assert "zapier.com, once" in texts(sheet)
            next(b for b in sheet.findChildren(Button) if b.text() == "Copy").click()
            assert "api.zapier.com:443\tapps\t1" in QGuiApplication.clipboard().text()
            sheet.close()
            await asyncio.sleep(0)

    qt_run(scenario())


def test_the_switch_stops_traffic_is_kept_and_is_told_in_the_window(
    window: MainWindow, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with diagnosing(window) as (_, _diagnosis, heard):
            window.commands.action("offline").trigger()
            await _turn()
            assert network.is_offline()
            assert heard == [True, "hang up"]
            assert window.top_bar._online.whole_text == "working offline"
            window.top_bar.set_online(True)  # a late answer changes nothing about that
            assert window.top_bar._online.whole_text == "working offline"
            (strip,) = window.notices.findChildren(Notice)
            assert "works offline" in strip.text
            window.commands.action("network").trigger()
            (sheet,) = window.findChildren(NetworkSheet)
            assert sheet.switch.isChecked()
            sheet.switch.click()
            await _turn()
            assert not network.is_offline()
            assert heard[2:] == [False, "refresh"]
            assert window.top_bar._online.whole_text == ""
            assert window.notices.texts == []
            assert not window.commands.action("offline").isChecked()
            sheet.close()
            await asyncio.sleep(0)

    qt_run(scenario())

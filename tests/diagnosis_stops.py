"""Stops of the tour at the self-test, the network and the window that works offline."""

from __future__ import annotations

import asyncio

from tests.tour_guide import Tour
from zapdesk.domain.diagnosis import failed, skipped, warning
from zapdesk.services import network
from zapdesk.ui.diagnosis.network_sheet import NetworkSheet
from zapdesk.ui.diagnosis.self_test import SelfTestSheet


async def self_test(tour: Tour) -> None:
    tour.window.commands.action("self_test").trigger()
    (sheet,) = tour.window.findChildren(SelfTestSheet)
    await tour.until(lambda: sheet.copy_button.isEnabled())
    tour.shown = sheet
    await asyncio.sleep(0.3)


async def self_test_with_trouble(tour: Tour) -> None:
    await self_test(tour)
    sheet = tour.shown
    assert isinstance(sheet, SelfTestSheet)
    sheet.tell("dns", skipped("There is no name to look up.", "The server is at 10.1.2.3."))
    listener = (
        "The encryption is opened on the way, by Zscaler.",
        "This computer trusts whoever does that, so it works; they can read everything, your token"
        " too.",
        "Ask whoever runs this computer whether that is meant.",
    )
    sheet.tell("tls", warning(*listener))
    page = (
        "This network wants a sign-in page.",
        "A web page came instead of data. Zapier was asked, but something else seems to have"
        " answered.",
        "Open any page in a browser, sign in to the network there, then test again.",
    )
    sheet.tell("reach", failed(*page))
    for check_id in ("clock", "token", "scopes", "beta"):
        words = "Not tried: Answer of the server comes first."
        sheet.tell(check_id, skipped(words, page[0]))
    await asyncio.sleep(0.3)


async def self_test_running(tour: Tour) -> None:
    await self_test(tour)
    sheet = tour.shown
    assert isinstance(sheet, SelfTestSheet)
    for check_id in ("tls", "reach", "clock", "token", "scopes", "beta"):
        sheet.tell(check_id, None)
    await asyncio.sleep(0.3)


async def network_panel(tour: Tour) -> None:
    network.note_opening("https://zapier.com/app/connections")
    tour.window.commands.action("network").trigger()
    (sheet,) = tour.window.findChildren(NetworkSheet)
    tour.shown = sheet
    await asyncio.sleep(0.5)


async def working_offline(tour: Tour) -> None:
    await tour.session_with_apps()
    tour.window.commands.action("offline").trigger()
    await asyncio.sleep(0.5)


async def run_while_offline(tour: Tour) -> None:
    await tour.open("Formatter", "text", {"transform": "upper", "text": "hello"})
    tour.window.commands.action("offline").trigger()
    tour.panels.action.run()
    await tour.until(lambda: tour.panels.runs.model.rowCount())
    await asyncio.sleep(1)


async def offline_while_waiting(tour: Tour) -> None:
    await tour.run("Fault Lab", "waiting_forever", {}, ends=False)
    tour.window.commands.action("offline").trigger()
    await asyncio.sleep(1.5)


DIAGNOSIS_STOPS = (
    self_test, self_test_with_trouble, self_test_running, network_panel, working_offline,
    run_while_offline, offline_while_waiting,
)  # fmt: skip

"""Stops of the tour: the pages of the settings."""

from __future__ import annotations

import asyncio

from tests.tour_guide import Tour
from zapdesk.ui.settings.shortcuts_page import ShortcutsPage
from zapdesk.ui.settings.storage_page import StoragePage
from zapdesk.ui.settings.window import SettingsWindow


async def _opened(tour: Tour, page_id: str) -> SettingsWindow:
    tour.window.commands.action("settings").trigger()
    (found,) = tour.window.findChildren(SettingsWindow)
    found.show_page(page_id)
    tour.shown = found
    await asyncio.sleep(0.5)
    return found


async def settings_network(tour: Tour) -> None:
    """With a proxy, which asks for a name."""
    await tour.program.preferences.set("proxy", "http://proxy.example:3128")
    await _opened(tour, "network")


async def settings_privacy(tour: Tour) -> None:
    await _opened(tour, "privacy")


async def settings_storage(tour: Tour) -> None:
    """Before anything is dropped."""
    page = (await _opened(tour, "storage")).page("storage")
    assert isinstance(page, StoragePage)
    page.proposal.words.setText("1,204 runs would be dropped from the history, for good.")
    page.proposal.show()
    await asyncio.sleep(0.2)


async def settings_shortcuts(tour: Tour) -> None:
    """A key that another command has."""
    page = (await _opened(tour, "shortcuts")).page("shortcuts")
    assert isinstance(page, ShortcutsPage)
    row = page.list.rows[1]
    row.edit.pressed.emit("Ctrl+L")
    await asyncio.sleep(0.2)


async def settings_find_keys(tour: Tour) -> None:
    (await _opened(tour, "general")).search.setText("history")
    await asyncio.sleep(0.2)


async def settings_search(tour: Tour) -> None:
    (await _opened(tour, "general")).search.setText("seconds")
    await asyncio.sleep(0.2)


SETTINGS_STOPS = (
    settings_network,
    settings_privacy,
    settings_storage,
    settings_shortcuts,
    settings_search,
    settings_find_keys,
)

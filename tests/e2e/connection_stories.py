"""What a person does about connections in the real window; a browser's part is played here."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.tour_guide import Tour
from zapdesk.ui.connections.credentials_dialog import CredentialsDialog
from zapdesk.ui.connections.window import ConnectionsWindow

KEY = "sbx-canary-5150-key"  # made up; the sandbox takes whatever begins so


class Browser:
    """Takes every address that the program opens, and fills in pages of the sandbox."""

    def __init__(self, tour: Tour) -> None:
        self._tour = tour
        self.opened: list[str] = []
        QDesktopServices.openUrl = self._take  # type: ignore[method-assign,assignment]  # there is no other here

    def _take(self, url: QUrl) -> bool:
        self.opened.append(url.toString())
        return True

    async def page(self) -> str:
        """The page that was opened, once it was."""
        await self._tour.until(lambda: self.opened)
        return self.opened.pop()

    async def submit(self, link: str, **form: str) -> None:
        parts = urlsplit(link)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(link)).status_code == 200
            assert (await client.post(link, data=form, headers=headers)).status_code == 200

    async def expire(self, *ids: str) -> None:
        """Press the buttons of the sandbox's own page."""
        session = await self._tour.session_with_apps()
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
            await client.get(session.sandbox_page)
            for id in ids:
                url = f"{session.transport.base_url}/connections/{id}"
                assert (await client.post(url, data={"state": "expired"})).status_code == 200


async def reconnect_and_go_on(tour: Tour) -> dict[str, Any]:
    """A form is half filled in when its connection expires; it is reconnected from there."""
    browser = Browser(tour)
    session = await tour.session_with_apps()
    app = await session.catalog.find_app("Contacts")
    (action,) = [a for a in await session.catalog.actions(app.id) if a.key == "create_contact"]
    tour.panels.action.open_action(app, action, None, "contacts-1")
    panel = tour.panels.action.panel
    await tour.until(lambda: panel.form_session is not None and panel.form_session.is_loaded)
    form = panel.form_session
    panel.form.go_to("name")
    await asyncio.sleep(0.1)
    QTest.keyClicks(panel.form.row("name").editor.text, "Ada Lovelace")
    await browser.expire("contacts-1", "contacts-3")
    panel.picker.refresh_button.click()
    button = panel.picker.connect_button
    await tour.until(lambda: not button.isHidden() and button.text() == "Reconnect…")
    button.click()
    link = await browser.page()
    strip = panel.connections.browser.strip
    waiting = strip.text
    await browser.submit(link, renew="contacts-1", api_key=KEY)
    await tour.until(lambda: "works again" in strip.text)
    await tour.until(lambda: not form.authentication.is_expired and not form.is_loading)
    return {
        "waiting": waiting,
        "said": strip.text,
        "same form": panel.form_session is form,
        "typed": form.state.value("name"),
        "connection": form.authentication.id,
        "combo": panel.picker.combo.currentText(),
    }


async def connect_from_the_window(tour: Tour) -> dict[str, Any]:
    """By the menu to the window, by its search to an app, and a new account for it."""
    browser = Browser(tour)
    await tour.session_with_apps()
    window = await _window(tour)
    empty = not window.list.count
    QTest.keyClicks(window.search, "tables")
    await tour.until(lambda: window.list.count == 1)
    QTest.keyClick(window.search, Qt.Key.Key_Return)
    await tour.until(lambda: window.list.count == 2)
    row = window.list.marked
    assert row is not None
    window.connect_app(row.known.app)
    await browser.submit(await browser.page(), title="Harbour crew", renew="")
    await tour.until(lambda: "is connected" in window.browser.strip.text)
    await tour.until(lambda: window.list.count == 3)
    marked = window.list.marked
    assert marked is not None
    assert marked.connection is not None
    said = window.browser.strip.text
    window.close()
    return {"empty": empty, "said": said, "marked": marked.connection.title}


async def enter_a_key(tour: Tour) -> dict[str, Any]:
    """A wrong key is refused under its field; the right one connects, and none of it is shown."""
    session = await tour.session_with_apps()
    window = await _window(tour)
    app = await session.catalog.find_app("Contacts")
    window.enter_key(app)
    await asyncio.sleep(0.1)
    (dialog,) = window.findChildren(CredentialsDialog)
    made: list[Any] = []
    dialog.made.connect(made.append)
    line = dialog.rows[0].value
    QTest.keyClicks(line, "wrong")
    dialog.make_button.click()
    await tour.until(lambda: dialog.rows[0].problem.text)
    problem = dialog.rows[0].problem.text
    line.clear()
    QTest.keyClicks(line, KEY)
    shown = line.displayText()
    dialog.make_button.click()
    await tour.until(lambda: made)
    await tour.until(lambda: QApplication.activeModalWidget() is None)
    window.close()
    return {"problem": problem, "shown": shown, "made": made[0].title}


async def _window(tour: Tour) -> ConnectionsWindow:
    tour.window.commands.action("connections").trigger()
    window = tour.life._connections.shown
    assert window is not None
    await tour.until(lambda: window.search.hasFocus() or window.list.count)
    return window

"""The stops of the tour that show connections: the window of them, and the form's way to one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
from PySide6.QtGui import QDesktopServices

from tests.tour_guide import Tour
from zapdesk.domain.catalog import Authentication
from zapdesk.domain.profiles import SANDBOX
from zapdesk.errors import OutcomeUnknown, Unreachable
from zapdesk.services.catalog import Connections
from zapdesk.ui.connections.credentials_dialog import CredentialsDialog
from zapdesk.ui.connections.window import ConnectionsWindow
from zapdesk.ui.times import now_ms


async def _window(tour: Tour, *looked_at: str) -> ConnectionsWindow:
    """The window, after the connections of these apps were looked at."""
    session = await tour.session_with_apps()
    for title in looked_at:
        await session.connections.look(await session.catalog.find_app(title))
    tour.window.commands.action("connections").trigger()
    shown = tour.life._connections.shown
    assert shown is not None
    await asyncio.sleep(0.4)
    tour.shown = shown
    return shown


def _mark(window: ConnectionsWindow, app: str, connection: str = "") -> None:
    window.list.mark((next(i for i, o in window._known.items() if o.app.title == app), connection))


async def _page(link: str, **form: str) -> None:
    """Fill in a page of the sandbox as a browser does."""
    parts = urlsplit(link)
    async with httpx.AsyncClient(trust_env=False) as browser:
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        await browser.post(link, data=form, headers=headers)


async def connections(tour: Tour) -> None:
    window = await _window(tour, "Mail", "Contacts", "Tables", "Formatter")
    _mark(window, "Mail", "mail-1")
    await asyncio.sleep(0.4)


async def connections_expired(tour: Tour) -> None:
    window = await _window(tour, "Mail", "Contacts", "Tables", "Formatter")
    _mark(window, "Mail", "mail-3")
    await asyncio.sleep(0.4)


async def connections_app(tour: Tour) -> None:
    window = await _window(tour, "Mail", "Contacts")
    _mark(window, "Contacts")
    await asyncio.sleep(0.4)


async def connections_found(tour: Tour) -> None:
    window = await _window(tour, "Mail")
    window.search.setText("t")
    await asyncio.sleep(0.5)
    window.list.step(6)
    await asyncio.sleep(0.3)


async def connections_none(tour: Tour) -> None:
    await _window(tour)


async def connections_barred(tour: Tour) -> None:
    """An app, where the sign-in may not add connections."""
    await tour.session_with_apps()
    granted = ("profile", "zap", "zap:write", "connection:read", "action:run")
    await tour.program.switch(replace(SANDBOX, granted=granted))
    await connections_app(tour)


async def connections_offline(tour: Tour) -> None:
    window = await _window(tour, "Mail", "Contacts")
    session: Any = tour.program.session

    async def unreachable(app_id: str, **_: Any) -> Connections:
        known = (await session.catalog.known_connections())[app_id]
        trouble = Unreachable("The address of api.zapier.com was not found.", hint="Try again.")
        return Connections(known.items, True, None, known.fetched_ms, trouble)

    session.catalog.connections = unreachable
    _mark(window, "Mail", "mail-1")
    window.check_button.click()
    await asyncio.sleep(0.6)


async def connections_reconnecting(tour: Tour) -> None:
    window = await _window(tour, "Mail", "Contacts")
    QDesktopServices.openUrl = lambda url: True  # type: ignore[method-assign]  # there is no browser here
    _mark(window, "Mail", "mail-3")
    window.list.entered_row.emit(window.list.marked)
    await tour.until(lambda: "in your browser" in window.browser.strip.text)
    await asyncio.sleep(0.2)


async def connections_reconnected(tour: Tour) -> None:
    await connections_reconnecting(tour)
    attempt = tour.life._connections.shown.browser._attempt  # type: ignore[union-attr]  # it is open
    assert attempt is not None
    await _page(attempt.link, renew="mail-3", title="")
    attempt.look_now()
    await tour.until(lambda: attempt.found is not None)
    await asyncio.sleep(0.5)


async def connections_hostile(tour: Tour) -> None:
    window = await _window(tour, "Mail", "Contacts")
    session: Any = tour.program.session
    title = "W" * 150 + "<b>bold</b>\n\u202eevil"
    app = await session.catalog.find_app("Mail")
    one = Authentication("i" * 200, app.id, title, is_expired=True)

    async def known(app_id: str, **_: Any) -> Connections:
        trouble = Unreachable("Un" + "broken" * 60 + ".")
        return Connections((one,), True, None, now_ms(), trouble if app_id != app.id else None)

    session.catalog.connections = known
    QDesktopServices.openUrl = lambda url: True  # type: ignore[method-assign]  # there is no browser here
    for name in ("Contacts", "Mail"):
        await window._look(await session.catalog.find_app(name))
    _mark(window, "Mail", one.id)
    window.list.entered_row.emit(window.list.marked)
    await tour.until(lambda: "in your browser" in window.browser.strip.text)
    await asyncio.sleep(0.3)


async def _key(tour: Tour) -> CredentialsDialog:
    window = await _window(tour, "Mail", "Contacts")
    _mark(window, "Contacts")
    row = window.list.marked
    assert row is not None
    window.enter_key(row.known.app)
    await asyncio.sleep(0.4)
    (dialog,) = window.findChildren(CredentialsDialog)
    tour.shown = dialog
    return dialog


async def connections_key(tour: Tour) -> None:
    dialog = await _key(tour)
    dialog.rows[0].value.setText("sbx-0815-4711")
    dialog.add_row("subdomain").value.setText("harbour")
    await asyncio.sleep(0.2)


async def connections_key_refused(tour: Tour) -> None:
    dialog = await _key(tour)
    dialog.rows[0].value.setText("0815-4711")
    dialog.make_button.click()
    await tour.until(lambda: dialog.rows[0].problem.text)
    await asyncio.sleep(0.2)


async def connections_key_unknown(tour: Tour) -> None:
    dialog = await _key(tour)
    session: Any = tour.program.session

    async def lost(*_: Any, **__: Any) -> Any:
        raise OutcomeUnknown(
            "We cannot tell whether the connection was made.",
            "Zapier gave no usable answer after it was sent. The connection broke.",
            hint="Look at your connections before you try again.",
        )

    session.client.create_authentication = lost
    dialog.rows[0].value.setText("sbx-0815-4711")
    dialog.make_button.click()
    await tour.until(lambda: dialog.problem.text)
    await asyncio.sleep(0.2)


async def connections_unknown(tour: Tour) -> None:
    await connections_key_unknown(tour)
    dialog = tour.shown
    dialog.close()
    await asyncio.sleep(0.5)
    shown = tour.life._connections.shown
    assert shown is not None
    tour.shown = shown


async def _form(tour: Tour) -> Any:
    """A form of an app whose connections have all expired."""
    session = await tour.session_with_apps()
    app = await session.catalog.find_app("Mail")
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        await browser.get(session.sandbox_page)
        base_url = session.transport.base_url
        for name in ("mail-1", "mail-2"):
            await browser.post(f"{base_url}/connections/{name}", data={"state": "expired"})
    (action,) = [a for a in await session.catalog.actions(app.id) if a.key == "send_email"]
    tour.panels.action.open_action(app, action)
    await asyncio.sleep(0.8)
    return tour.panels.action.panel


async def form_expired(tour: Tour) -> None:
    await _form(tour)


async def form_no_browser(tour: Tour) -> None:
    panel = await _form(tour)
    panel.picker.connect_button.click()
    await tour.until(lambda: "browser" in panel.connections.browser.strip.text)
    await asyncio.sleep(0.2)


async def form_connecting(tour: Tour) -> None:
    QDesktopServices.openUrl = lambda url: True  # type: ignore[method-assign]  # there is no browser here
    await form_no_browser(tour)


async def form_connected(tour: Tour) -> None:
    await form_connecting(tour)
    attempt = tour.panels.action.panel.connections.browser._attempt
    await _page(attempt.link, renew="mail-1", title="")
    attempt.look_now()
    await tour.until(lambda: attempt.found is not None)
    await asyncio.sleep(0.8)


async def form_connection_menu(tour: Tour) -> None:
    panel = await _form(tour)
    panel.picker.menu.aboutToShow.emit()
    panel.picker.menu.popup(panel.picker.menu_button.mapToGlobal(panel.picker.rect().bottomLeft()))
    await asyncio.sleep(0.4)
    tour.shown = panel.picker.menu


async def run_connection(tour: Tour) -> None:
    """A run that was refused because its connection had expired."""
    form = await tour.open(
        "Mail", "send_email", {"to": ["a@b.example"], "subject": "S", "body": "B"}
    )
    session = tour.program.session
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        await browser.get(session.sandbox_page)
        url = f"{session.transport.base_url}/connections/{form.authentication.id}"
        await browser.post(url, data={"state": "expired"})
    tour.panels.action.run()
    runs = tour.panels.runs
    await tour.until(lambda: runs.model.rowCount() and not runs.model.item(0).status.is_open)
    await asyncio.sleep(0.8)


CONNECTION_STOPS: tuple[Callable[[Tour], Awaitable[None]], ...] = (
    connections,
    connections_expired,
    connections_app,
    connections_found,
    connections_none,
    connections_barred,
    connections_offline,
    connections_reconnecting,
    connections_reconnected,
    connections_unknown,
    connections_hostile,
    connections_key,
    connections_key_refused,
    connections_key_unknown,
    form_expired,
    form_no_browser,
    form_connecting,
    form_connected,
    form_connection_menu,
    run_connection,
)

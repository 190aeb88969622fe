"""Stops of the tour at signing in; nobody leaves this computer for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from tests.services.test_sign_in import browse
from tests.tour_guide import Tour
from zapdesk.domain.profiles import SANDBOX, SignInKind
from zapdesk.errors import NotSignedIn
from zapdesk.ui.accounts.consent_way import ConsentWay
from zapdesk.ui.accounts.sandbox_way import SandboxWay
from zapdesk.ui.accounts.sign_in_dialog import SignInDialog


async def _dialog(tour: Tour) -> SignInDialog:
    await tour.until(lambda: tour.window.findChildren(SignInDialog))
    (dialog,) = tour.window.findChildren(SignInDialog)
    return dialog


async def try_sandbox(tour: Tour) -> None:
    """The sandbox's consent page is open in the browser."""
    QDesktopServices.openUrl = lambda url: True  # type: ignore[method-assign]  # there is none here
    page = tour.window.first_start
    assert page is not None
    page.sandbox_button.click()
    dialog = await _dialog(tour)
    way = dialog.way
    assert isinstance(way, SandboxWay)
    await tour.until(way.waiting.isVisible)
    await asyncio.sleep(1)
    tour.shown = dialog


async def withheld(tour: Tour) -> None:
    """Some boxes of the consent page were emptied."""
    opened: list[str] = []

    def go_nowhere(url: QUrl | str) -> bool:
        opened.append(url if isinstance(url, str) else url.toString())
        return True

    QDesktopServices.openUrl = go_nowhere  # type: ignore[method-assign]  # there is none here
    page = tour.window.first_start
    assert page is not None
    page.sandbox_button.click()
    dialog = await _dialog(tour)
    await tour.until(lambda: opened)
    await browse(opened[0], "allow", ("profile", "zap", "zap:write"))
    await tour.until(dialog.granted.isVisible)
    await asyncio.sleep(0.3)
    tour.shown = dialog


async def sign_in(tour: Tour) -> None:
    """What to ask for is open, one permission short."""
    page = tour.window.first_start
    assert page is not None
    page.sign_in_button.click()
    dialog = await _dialog(tour)
    way = dialog.way
    assert isinstance(way, ConsentWay)
    way.scopes_button.click()
    list(way.scopes.boxes.values())[5].setChecked(False)
    await asyncio.sleep(0.3)
    tour.shown = dialog


async def allowed_less(tour: Tour) -> None:
    """A form that can be filled in and not run."""
    await tour.session_with_apps()
    granted = ("profile", "zap", "zap:write", "connection:read", "connection:write")
    await tour.program.switch(replace(SANDBOX, granted=granted))
    await tour.open("Formatter", "text", {"text": "hello"})
    await tour.until(lambda: tour.window.notices.texts)


async def only_looking(tour: Tour) -> None:
    """An action that a client id alone cannot open."""
    await tour.session_with_apps()
    wanted = replace(SANDBOX, granted=("zap",), sign_in=SignInKind.TOKEN)
    await tour.program.switch(wanted)
    session = await tour.session_with_apps()
    app = await session.catalog.find_app("Formatter")
    action = (await session.catalog.actions(app.id))[0]
    tour.panels.action.open_action(app, action)
    await asyncio.sleep(1)


async def signed_out(tour: Tour) -> None:
    """The sign-in ended in the middle of a form."""
    await tour.open("Formatter", "text", {"text": "hello"})
    tour.program.session.way.lost.announce(NotSignedIn("The sign-in is over.", status=401))
    await asyncio.sleep(0.3)


FIRST: dict[str, Callable[[Tour], Awaitable[None]]] = {
    "try-sandbox": try_sandbox,
    "sign-in": sign_in,
    "withheld": withheld,
}
SIGN_IN_STOPS = (allowed_less, only_looking, signed_out)

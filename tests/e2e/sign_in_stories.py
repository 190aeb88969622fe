"""What a person does about signing in in the real window; the browser is the test's."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.e2e.saying import say
from tests.tour_guide import Tour
from zapdesk.ui.accounts.sign_in_dialog import SignInDialog

CONTROL = Qt.KeyboardModifier.ControlModifier


def take_links() -> list[str]:
    """From now on, the addresses that a browser is asked to open."""
    opened: list[str] = []

    def take(url: QUrl) -> bool:
        opened.append(bytes(url.toEncoded().data()).decode())
        return True

    QDesktopServices.openUrl = take  # type: ignore[method-assign,assignment]  # there is no other here
    return opened


async def begin_with_the_sandbox(tour: Tour) -> str:
    """Press the first button of all; the link that it opens."""
    opened = take_links()
    page = tour.window.first_start
    await tour.until(lambda: page is not None and page.sandbox_button.isVisible())
    assert page is not None
    QTest.mouseClick(page.sandbox_button, Qt.MouseButton.LeftButton)
    await tour.until(lambda: opened)
    return opened[0]


async def run_something(tour: Tour) -> str:
    """By keys alone, from where the window has put them; how the run ended."""
    await tour.session_with_apps()
    await tour.until(lambda: not tour.window.is_first_start)
    await tour.until(lambda: not tour.panels.catalog._fetches.has_unopened)
    tour.window.activateWindow()  # as a desktop does after a dialog
    await tour.until(lambda: QApplication.focusWidget() is tour.panels.catalog.search_box)
    QTest.keyClicks(tour.panels.catalog.search_box, "works")
    QTest.keyClick(tour.panels.catalog.search_box, Qt.Key.Key_Return)
    await tour.until(
        lambda: (
            tour.panels.action.form_session is not None
            and tour.panels.action.form.isAncestorOf(QApplication.focusWidget() or tour.window)
        )
    )
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "my first run")
    QTest.keyClick(field, Qt.Key.Key_Return, CONTROL)
    runs = tour.panels.runs
    await tour.until(lambda: runs.model.rowCount() and not runs.model.item(0).status.is_open)
    return str(runs.model.item(0).status.value)


async def first_run(tour: Tour) -> None:
    """From the first start to the end of a run."""
    say({"link": await begin_with_the_sandbox(tour)})
    # Two presses of a button so far; then words, Enter, words, Ctrl+Enter.
    say({"status": await run_something(tour), "actions": 6})


async def first_run_without_a_browser(tour: Tour) -> None:
    """The same where no browser comes."""
    await begin_with_the_sandbox(tour)
    (dialog,) = tour.window.findChildren(SignInDialog)
    QTest.mouseClick(dialog.go_button, Qt.MouseButton.LeftButton)
    say({"status": await run_something(tour)})


async def decline(tour: Tour) -> None:
    """Say no in the browser; then leave the dialog."""
    say({"link": await begin_with_the_sandbox(tour)})
    (dialog,) = tour.window.findChildren(SignInDialog)
    await tour.until(lambda: dialog.problem.text())
    told = dialog.problem.text()
    began = time.monotonic()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await tour.until(lambda: not tour.window.findChildren(SignInDialog))
    say({"told": told, "first start": tour.window.is_first_start, "s": time.monotonic() - began})


async def get_less(tour: Tour) -> None:
    """Some boxes of the consent page were emptied."""
    say({"link": await begin_with_the_sandbox(tour)})
    (dialog,) = tour.window.findChildren(SignInDialog)
    await tour.until(lambda: not dialog.granted.isHidden())
    labels = [label.text() for label in dialog.granted.findChildren(type(dialog.problem))]
    dialog.go_button.click()
    await tour.session_with_apps()
    await tour.open("Formatter", "text", {})
    await tour.until(lambda: tour.window.notices.texts)
    bar = tour.panels.action.panel.bar
    say(
        {
            "granted": labels,
            "strip": tour.window.notices.texts,
            "run": [bar.run_button.isEnabled(), bar.blocked.whole_text],
        }
    )


STORIES = (first_run, first_run_without_a_browser, decline, get_less)

"""Searching in the browser: in memory at once, on the server behind, by kind and by id."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.conftest import RunOnQt
from tests.ui.browser import INCOMPLETE, Browse, Browser, browsing, until
from tests.ui.catalogue import OFFLINE, TABLES, Catalogue, action, app

ACTIONS_OF = "An app's actions are searched once the app has been opened."


@pytest.fixture
def browse(qapp: QApplication, qt_run: RunOnQt) -> Browse:
    return browsing(qapp, qt_run)


def test_letters_typed_in_the_list_go_to_the_search_box(browse: Browse) -> None:
    async def scenario(browser: Browser) -> None:
        browser.panel.focus_search()
        browser.press(Qt.Key.Key_Down)
        browser.type("con")
        assert browser.panel.search_box.text() == "con"
        await until(lambda: browser.lines == ["Contacts"])

    browse(scenario, Catalogue())


def test_searching_finds_actions_and_enter_opens_the_best(browse: Browse) -> None:
    async def scenario(browser: Browser) -> None:
        browser.click("Mail")
        await until(lambda: "  Send Mail" in browser.lines)
        browser.panel.focus_search()
        browser.type("find")
        browser.press(Qt.Key.Key_Return)  # sooner than the search would have begun by itself
        assert browser.lines == ["Mail", "  Find Mail"]
        assert [chosen.key for _, chosen in browser.chosen] == ["find_mail"]

    browse(scenario, Catalogue())


def test_enter_on_the_name_of_an_app_goes_to_its_first_action(
    browse: Browse,
) -> None:
    async def scenario(browser: Browser) -> None:
        browser.click("Mail")
        await until(lambda: "  Send Mail" in browser.lines)
        browser.panel.focus_search()
        browser.type("mail")
        browser.press(Qt.Key.Key_Return)
        assert not browser.chosen
        assert browser.panel.list.hasFocus()
        assert browser.current == "Send Mail"

    browse(scenario, Catalogue())


def test_what_was_chosen_from_a_search_is_in_sight_when_the_search_is_cleared(
    browse: Browse,
) -> None:
    async def scenario(browser: Browser) -> None:
        browser.click("Contacts")
        await until(lambda: "  Create Contact" in browser.lines)
        browser.click("Contacts")
        browser.panel.focus_search()
        await browser.search("create")
        browser.press(Qt.Key.Key_Down)
        assert browser.current == "Create Contact", "Enter on its app would fold what was found"
        browser.press(Qt.Key.Key_Return)
        browser.panel.focus_search()
        browser.press(Qt.Key.Key_Escape)
        await until(lambda: "Mail" in browser.lines)
        assert browser.current == "Create Contact"

    browse(scenario, Catalogue())


def test_where_calls_are_not_counted_actions_of_apps_never_opened_are_found_too(
    browse: Browse,
) -> None:
    async def scenario(browser: Browser) -> None:
        await until(lambda: not browser.panel._fetches.has_unopened)
        browser.panel.focus_search()
        browser.type("send mail")
        browser.press(Qt.Key.Key_Return)
        assert [chosen.key for _, chosen in browser.chosen] == ["send_mail"]
        await browser.search("xyz abc")
        assert browser.empty == "No app matches 'xyz abc'."

    browse(scenario, Catalogue(calls_a_minute=None))


def test_a_search_without_a_match_says_so_and_can_be_cleared(
    browse: Browse,
) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.search("xyz abc")
        assert browser.empty == f"No app matches 'xyz abc'. {ACTIONS_OF}"
        assert not browser.panel.nothing.by_id.isVisible()
        browser.panel.nothing.action_requested.emit()
        await until(lambda: browser.lines == ["Tables", "Mail", "Contacts"])

    browse(scenario, Catalogue())


def test_while_the_catalogue_is_incomplete_the_server_is_searched_too(
    browse: Browse,
) -> None:
    catalogue = Catalogue(progress=INCOMPLETE, answers={"xylo": app("x", "Xylophone")})

    async def scenario(browser: Browser) -> None:
        catalogue.gate = asyncio.Event()
        await browser.search("xylo")
        assert browser.empty == "No app matches 'xylo'. Searching the server too…"
        await until(lambda: catalogue.asked == ["look up xylo"])
        assert browser.empty == "No app matches 'xylo'. Searching the server too…"
        catalogue.gate.set()
        await until(lambda: browser.lines == ["Xylophone"])
        assert browser.foot == "1 app; actions of opened apps only"

    browse(scenario, catalogue)


def test_a_complete_catalogue_is_not_searched_on_the_server(browse: Browse) -> None:
    catalogue = Catalogue()

    async def scenario(browser: Browser) -> None:
        await browser.search("xylo")
        await asyncio.sleep(0.5)
        assert browser.empty == f"No app matches 'xylo'. {ACTIONS_OF}"
        assert not catalogue.asked

    browse(scenario, catalogue)


def test_no_network_for_the_search_on_the_server_is_said(browse: Browse) -> None:
    catalogue = Catalogue(progress=INCOMPLETE, answers={"xylo": OFFLINE})

    async def scenario(browser: Browser) -> None:
        await browser.search("xylo")
        await until(lambda: "could not be asked: There is no network." in browser.empty)

    browse(scenario, catalogue)


def test_only_the_last_of_several_questions_counts(browse: Browse) -> None:
    catalogue = Catalogue(progress=INCOMPLETE, answers={"xy": OFFLINE})

    async def scenario(browser: Browser) -> None:
        catalogue.gate = asyncio.Event()
        await browser.search("xy")
        await until(lambda: catalogue.asked == ["look up xy"])
        await browser.search("xylo")
        await until(lambda: len(catalogue.asked) == 2)
        catalogue.gate.set()
        await until(lambda: browser.empty == f"No app matches 'xylo'. {ACTIONS_OF}")

    browse(scenario, catalogue)


def test_an_app_that_nobody_lists_is_opened_by_its_id(browse: Browse) -> None:
    catalogue = Catalogue()
    catalogue.server["hooks"] = (action("hooks", "Post a Hook"),)

    async def scenario(browser: Browser) -> None:
        await browser.search("hooks")
        browser.panel.nothing.by_id.click()
        await until(lambda: browser.lines == ["hooks", "  Post a Hook"])
        browser.press(Qt.Key.Key_Right)
        browser.press(Qt.Key.Key_Return)
        assert [chosen.key for _, chosen in browser.chosen] == ["post_a_hook"]

    browse(scenario, catalogue)


def test_an_id_that_the_server_does_not_know_says_so(browse: Browse) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.search("nosuch")
        browser.panel.nothing.by_id.click()
        await until(lambda: "  The server does not know this app." in browser.lines)

    browse(scenario, Catalogue())


def test_kinds_narrow_the_list_and_can_be_taken_back(browse: Browse) -> None:
    catalogue = Catalogue(
        listed=(
            TABLES,
            app("mail", "Mail", action_types=("WRITE", "SEARCH")),
            app("contacts", "Contacts", action_types=("WRITE",)),
        )
    )

    async def scenario(browser: Browser) -> None:
        write, search, read = browser.panel.chips
        search.click()
        assert browser.lines == ["Tables", "Mail"]
        assert browser.foot == "2 apps"
        write.click()
        assert browser.lines == ["Tables", "Mail", "Contacts"]
        write.click()
        search.click()
        read.click()
        await browser.search("mail")
        assert browser.empty.startswith("No app matches 'mail'")

    browse(scenario, catalogue)


def test_no_app_of_a_kind_offers_every_kind(browse: Browse) -> None:
    async def scenario(browser: Browser) -> None:
        browser.panel.chips[2].click()
        assert browser.empty == "No app has actions of this kind."
        browser.panel.nothing.action_requested.emit()
        assert browser.lines == ["Contacts"]

    browse(scenario, Catalogue(listed=(app("contacts", "Contacts", action_types=("WRITE",)),)))

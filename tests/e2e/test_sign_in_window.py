"""Signing in in the real window, with a real browser on the sandbox's consent page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ReportFigure
from tests.e2e.chromium import NAMES, Chromium, chromium, found
from tests.e2e.test_window import Window
from tests.e2e.test_window import sandbox_ends as sandbox_ends

pytestmark = [
    pytest.mark.qt,
    pytest.mark.usefixtures("sandbox_ends"),
]
# Any argument that is not --sandbox; this one changes nothing.
FIRST_START = "--json"
MOST_SECONDS, MOST_ACTIONS = 30, 8


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chromium]:
    if found() is None:
        pytest.skip(f"none of these is installed: {', '.join(NAMES)}")
    with chromium(tmp_path / "browser") as page:
        yield page


def test_from_the_first_start_to_the_end_of_a_run_in_half_a_minute_and_few_actions(
    home: Path, browser: Chromium, report_figure: ReportFigure
) -> None:
    began = time.monotonic()
    window = Window("first_run", FIRST_START)
    browser.open(window.line()["link"])
    assert browser.ask("document.title") == "Allow access to this sandbox?"
    assert browser.ask("document.querySelectorAll('input[type=checkbox]:checked').length") == 6
    browser.press("button[value=allow]")
    browser.until("location.pathname === '/oauth/done'")
    assert browser.ask("document.title") == "Consent given"
    assert browser.ask("location.search + location.hash") == ""  # the code left the address bar
    told = window.line()
    took = time.monotonic() - began
    assert told["status"] == "success"
    assert told["actions"] < MOST_ACTIONS
    assert window.end() == 0
    report_figure("from the first start to the end of a run", took, "s")
    assert took < MOST_SECONDS


def test_a_page_of_the_same_browser_cannot_end_the_sign_in_and_the_person_can_decline(
    home: Path, browser: Chromium
) -> None:
    window = Window("decline", FIRST_START)
    link = window.line()["link"]
    browser.open(link)
    back = browser.ask("new URL(document.referrer || location.href).origin")
    assert back.startswith("http://127.0.0.1:")
    callback = browser.ask("new URLSearchParams(location.search).get('redirect_uri') || ''")
    assert callback.startswith("http://127.0.0.1:")
    for query in ("?code=stolen&state=guessed", "?error=access_denied&state=guessed", ""):
        browser.open(f"{callback}{query}")  # as any page could lead it there
    browser.open(link)
    browser.press("button[value=deny]")
    browser.until("location.pathname === '/oauth/done'")
    assert browser.ask("document.title") == "The sign-in was declined"
    told = window.line()
    assert told["told"].startswith("You declined.")
    assert told["first start"] is True
    assert told["s"] < 1
    assert window.end() == 0


def test_a_right_that_was_withheld_greys_what_needs_it_and_says_why(
    home: Path, browser: Chromium
) -> None:
    window = Window("get_less", FIRST_START)
    browser.open(window.line()["link"])
    browser.press("input[value='action:run']")
    browser.press("button[value=allow]")
    browser.until("location.pathname === '/oauth/done'")
    told = window.line()
    assert window.end() == 0
    assert "Nothing can be run." in told["granted"]
    assert told["strip"] == ["Not everything was allowed. Nothing can be run."]
    can_run, note = told["run"]
    assert can_run is False
    assert "does not include action:run" in note


def test_where_no_browser_comes_the_sandbox_lets_in_all_the_same(home: Path) -> None:
    window = Window("first_run_without_a_browser", FIRST_START)
    assert window.line()["status"] == "success"
    assert window.end() == 0

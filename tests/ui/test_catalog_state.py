"""The sentences of the browser about itself."""

from __future__ import annotations

from typing import Any

import pytest

from zapdesk.errors import Unreachable
from zapdesk.services.catalog import CatalogProgress
from zapdesk.ui.catalog.state import Shown, ago, summary

NOW = 1_800_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
OFFLINE = Unreachable("There is no network.")


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (None, "earlier"),
        (NOW, "just now"),
        (NOW + HOUR, "just now"),  # the clock was set back
        (NOW - 59_999, "just now"),
        (NOW - MINUTE, "1 min ago"),
        (NOW - 2 * HOUR, "2 h ago"),
        (NOW - 47 * HOUR, "47 h ago"),
        (NOW - 3 * DAY, "3 days ago"),
    ],
)
def test_ages_are_told_in_the_largest_unit(then: int | None, words: str) -> None:
    assert ago(then, NOW) == words


def shown(
    progress: CatalogProgress, known: int = 0, listed: int | None = None, **more: Any
) -> Shown:
    return Shown(progress, known, known if listed is None else listed, **more)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (shown(CatalogProgress(2300, 8120, is_loading=True), 2300), "2,300 of 8,120 apps"),
        (shown(CatalogProgress(2300, None, is_loading=True), 2300), "2,300 apps"),
        (
            shown(CatalogProgress(2300, 8120, is_loading=True), 8120),
            "Checking 2,300 of 8,120 apps",
        ),
        (shown(CatalogProgress(8120, 8120, is_complete=True), 8120), "8,120 apps"),
        (shown(CatalogProgress(1, 1, is_complete=True), 1), "1 app"),
        (
            shown(CatalogProgress(0, 8120, fetched_ms=NOW - 2 * HOUR, trouble=OFFLINE), 8120),
            "Showing what was saved 2 h ago",
        ),
        (shown(CatalogProgress(2300, 8120, trouble=OFFLINE), 2300), "2,300 of 8,120 apps"),
        (
            shown(CatalogProgress(9, 9, is_complete=True), 9, 4, text="row", has_unopened=True),
            "4 apps; actions of opened apps only",
        ),
        (
            shown(CatalogProgress(9, 9, is_complete=True), 900, 300, text="a", is_best_only=True),
            "The best 300 apps",
        ),
        (
            shown(CatalogProgress(9, 90), 9, 4, text="a", is_asking=True),
            "Searching the server too…",
        ),
        (shown(CatalogProgress(9, 9, is_complete=True), 9, 2, has_kinds=True), "2 apps"),
    ],
)
def test_the_line_under_the_list_says_how_things_stand(state: Shown, words: str) -> None:
    assert summary(state, NOW) == words

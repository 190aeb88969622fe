"""The rows of the browser: what is listed, under what, and what changes when something comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from tests.ui.catalogue import ACTIONS, CONTACTS, MAIL, TABLES, action, app
from zapdesk.domain.catalog import Action, App
from zapdesk.errors import ZapdeskError
from zapdesk.ui.catalog.model import CatalogModel, RowKind, match_spans


class Shelf:
    """Where the model under test looks for actions and failures."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[Action, ...]] = dict(ACTIONS)
        self.failures: dict[str, ZapdeskError] = {}
        self.model = CatalogModel(self.known.get, self.failures.get)
        self.tester = QAbstractItemModelTester(
            self.model, QAbstractItemModelTester.FailureReportingMode.Fatal
        )

    def lines(self) -> list[str]:
        """Every row as text, what is inside an app indented."""
        rows = [self.model.row(number) for number in range(self.model.rowCount())]
        return [("" if row.kind is RowKind.APP else "  ") + row.title for row in rows]


@pytest.fixture
def shelf(qapp: object) -> Iterator[Shelf]:
    shelf = Shelf()
    shelf.model.show_apps((TABLES, MAIL, CONTACTS))
    yield shelf
    shelf.tester.deleteLater()
    shelf.model.deleteLater()


def resets(model: QAbstractItemModel) -> list[bool]:
    seen: list[bool] = []
    model.modelReset.connect(lambda: seen.append(True))
    return seen


def test_an_open_app_lists_its_actions_under_it(shelf: Shelf) -> None:
    shelf.model.open("mail")
    assert shelf.lines() == ["Tables", "Mail", "  Send Mail", "  Find Mail", "Contacts"]
    assert shelf.model.is_open("mail")
    shelf.model.open("mail", False)
    assert shelf.lines() == ["Tables", "Mail", "Contacts"]


def test_an_app_that_was_never_fetched_shows_that_its_actions_are_on_their_way(
    shelf: Shelf,
) -> None:
    del shelf.known["mail"]
    shelf.model.open("mail")
    assert [shelf.model.row(n).kind for n in range(4)] == [
        RowKind.APP,
        RowKind.APP,
        RowKind.LOADING,
        RowKind.APP,
    ]


def test_a_failure_stands_under_the_app_unless_its_actions_are_known(shelf: Shelf) -> None:
    shelf.failures["mail"] = ZapdeskError("No network.", hint="Look at the cable.")
    shelf.model.open("mail")
    assert "  No network." not in shelf.lines()
    actions = shelf.known.pop("mail")
    shelf.model.show_apps((TABLES, MAIL, CONTACTS))
    assert shelf.lines()[2] == "  No network."
    tip = shelf.model.data(shelf.model.index(2), int(Qt.ItemDataRole.ToolTipRole))
    assert "Look at the cable." in tip
    shelf.known["mail"] = actions
    shelf.model.show_apps((TABLES, MAIL, CONTACTS))
    assert shelf.lines()[2] == "  Send Mail"


def test_kinds_narrow_rows_and_counts(shelf: Shelf) -> None:
    shelf.model.open("tables")
    shelf.model.open("contacts")
    shelf.model.show_apps((TABLES, CONTACTS), frozenset({"READ"}))
    assert shelf.lines() == ["Tables", "  List Rows", "Contacts", "  No actions of this kind"]
    assert [shelf.model.count(a) for a in (TABLES, CONTACTS)] == [1, 0]


def test_an_app_without_actions_says_so(shelf: Shelf) -> None:
    shelf.known["mail"] = ()
    shelf.model.open("mail")
    assert shelf.lines()[2] == "  This app has no actions"


def test_matching_actions_are_shown_and_an_app_found_by_its_name_stays_folded(
    shelf: Shelf,
) -> None:
    create = ACTIONS["contacts"]
    shelf.model.show_found((CONTACTS, TABLES), {"contacts": create, "tables": ()}, ["Create"])
    assert shelf.lines() == ["Contacts", "  Create Contact", "Tables"]
    shelf.model.show_found((CONTACTS, TABLES), {"contacts": (), "tables": ()}, ["t"])
    assert shelf.lines() == ["Contacts", "Tables"]


def test_the_best_app_found_by_its_name_shows_its_actions(shelf: Shelf) -> None:
    shelf.model.show_found((MAIL, TABLES), dict(ACTIONS), ["a"])
    assert shelf.lines() == ["Mail", "  Send Mail", "  Find Mail", "Tables"]


def test_what_was_folded_by_hand_stays_so_until_the_search_changes(shelf: Shelf) -> None:
    found = {"mail": ACTIONS["mail"][:1]}
    shelf.model.show_found((MAIL,), found, ["send"])
    shelf.model.open("mail", False)
    shelf.model.show_found((MAIL,), found, ["send"])
    assert shelf.lines() == ["Mail"]
    shelf.model.show_found((MAIL,), found, ["sen"])
    assert shelf.lines() == ["Mail", "  Send Mail"]


def test_apps_that_were_open_are_open_again_after_a_search(shelf: Shelf) -> None:
    shelf.model.open("mail")
    shelf.model.show_found((TABLES,), {"tables": ()}, ["tab"])
    shelf.model.keep_open("contacts")
    shelf.model.show_apps((TABLES, MAIL, CONTACTS))
    assert [a.id for a in shelf.model.open_apps] == ["mail", "contacts"]


def test_apps_that_come_later_are_added_without_a_reset(shelf: Shelf) -> None:
    shelf.model.open("mail")
    place = QPersistentModelIndex(shelf.model.index(4))
    seen = resets(shelf.model)
    more = tuple(app(f"a{n}", f"App {n}") for n in range(100))
    shelf.model.show_apps((TABLES, MAIL, *more, CONTACTS))
    assert not seen
    assert shelf.model.row(place.row()).app is CONTACTS


def test_an_app_with_new_facts_keeps_its_row(shelf: Shelf) -> None:
    seen = resets(shelf.model)
    renamed = app("mail", "Post", 1)
    shelf.model.show_apps((TABLES, renamed, CONTACTS))
    assert shelf.lines() == ["Tables", "Post", "Contacts"]
    assert not seen


def test_a_row_is_spoken_with_all_that_is_painted(shelf: Shelf) -> None:
    shelf.model.open("mail")
    role = int(Qt.ItemDataRole.AccessibleTextRole)
    spoken = [shelf.model.data(shelf.model.index(n), role) for n in (0, 1, 2)]
    assert spoken == [
        "Tables, 5 actions, folded",
        "Mail, 2 actions, open",
        "Send Mail, Write, in Mail",
    ]


def test_hidden_characters_of_a_title_are_written_out(shelf: Shelf) -> None:
    shelf.model.show_apps((App("evil", "\u202egpj.exe\nSecond line"),))
    assert shelf.lines() == ["⟨U+202E⟩gpj.exe Second line"]


def test_a_tool_tip_is_never_taken_for_markup(shelf: Shelf) -> None:
    shelf.model.show_apps((App("a", "A", "<img src=x> & more"),))
    tip = shelf.model.data(shelf.model.index(0), int(Qt.ItemDataRole.ToolTipRole))
    assert "&lt;img src=x&gt; &amp; more" in tip


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 9), unique=True, max_size=8),
            st.sets(st.integers(0, 9)),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_change_of_lists_leaves_the_rows_as_if_built_anew(
    qapp: object, steps: list[tuple[list[int], set[int], bool]]
) -> None:
    every = [app(f"a{n}", f"App {n}") for n in range(10)]
    known = {a.id: (action(a.id, "Do"), action(a.id, "Undo")) for a in every[::2]}
    model = CatalogModel(known.get, lambda _: None)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for numbers, opened, is_search in steps:
        apps = [every[n] for n in numbers]
        if is_search:
            found = {a.id: known.get(a.id, ())[:1] for a in apps}
            model.show_found(apps, found, ["do"])
        else:
            model.show_apps(apps)
            for number in range(10):
                model.open(f"a{number}", number in opened)
        shown = [model.row(n) for n in range(model.rowCount())]
        assert [row.app for row in shown if row.kind is RowKind.APP] == apps
        for row in shown:
            inside = [r for r in shown if r.app is row.app and r.kind is not RowKind.APP]
            assert bool(inside) == model.is_open(row.app.id)
    tester.deleteLater()
    model.deleteLater()


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("Create Row", ["row"], ["Row"]),
        ("Google Sheets", ["go", "sheets"], ["Go", "Sheets"]),
        ("Straße", ["ss"], ["ß"]),
        ("aaaa", ["aa"], ["aaaa"]),
        ("Row", ["column"], []),
        ("Rows", [""], []),
        ("⚡ Fast ⚡", ["fast"], ["Fast"]),
    ],
)
def test_matches_are_found_where_they_are(text: str, words: list[str], marked: list[str]) -> None:
    spans = match_spans(text, words)
    assert [text[start : start + length] for start, length in spans] == marked


@given(st.text(max_size=30), st.lists(st.text(max_size=4), max_size=4))
def test_spans_lie_inside_the_text_and_do_not_overlap(text: str, words: list[str]) -> None:
    end = -1
    for start, length in match_spans(text, [word.casefold() for word in words]):
        assert start > end
        assert length > 0
        end = start + length
    assert end <= len(text)

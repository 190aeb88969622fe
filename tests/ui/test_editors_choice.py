"""Choices: found by typing, loaded page by page, honest about what is not there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import process_time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.conftest import ReportFigure, RunOnQt
from tests.ui.form_session import LocalForm, Stage, context_of
from tests.ui.local_editor import FOUR, MULTI, SELECT
from zapdesk.domain.fields import Choice, FieldFormat, InputField, ValueType
from zapdesk.domain.filling import Filling
from zapdesk.domain.values import UNSET
from zapdesk.errors import Unreachable
from zapdesk.services.choices import ChoiceList
from zapdesk.tasks import TaskOwner
from zapdesk.ui.form.choice_popup import ChoicePopup, matching_rows
from zapdesk.ui.form.editors import (
    ChoiceEditor,
    Editor,
    MultiChoiceEditor,
)
from zapdesk.ui.look.metrics import XS

pytestmark = [pytest.mark.qt_log_ignore("does not support"), pytest.mark.usefixtures("theme")]

V, F = ValueType, FieldFormat


def popup_of(editor: Editor) -> ChoicePopup:
    popup = editor.findChild(ChoicePopup)
    assert popup is not None
    return popup


def test_typing_on_a_choice_finds_it_and_enter_picks_its_id(stage: Stage, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        form = LocalForm([SELECT], {"f": FOUR})
        owner = TaskOwner()
        editor = ChoiceEditor(SELECT, context_of(form, owner.start))
        stage.show(editor)
        picked: list[Any] = []
        editor.edited.connect(lambda: picked.append(editor.value()))
        QTest.keyClick(editor.button, Qt.Key.Key_O)
        popup = popup_of(editor)
        await asyncio.sleep(0.05)
        assert popup.search.text() == "o"
        assert popup.model.words(0) == ("Orders", "t2")
        QTest.keyClick(popup.search, Qt.Key.Key_Return)
        assert picked == ["t2"]
        assert editor.button.words == ("Orders", "t2")
        assert form.asked == ["first"]
        await owner.close()

    qt_run(scenario())


def test_an_empty_id_can_be_chosen_and_a_value_that_is_not_listed_typed(
    stage: Stage, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        form = LocalForm([SELECT], {"f": FOUR})
        form.know_choices("f")
        owner = TaskOwner()
        editor = ChoiceEditor(SELECT, context_of(form, owner.start))
        stage.show(editor)
        QTest.keyClick(editor.button, Qt.Key.Key_Space)
        popup = popup_of(editor)
        QTest.keyClick(popup.search, Qt.Key.Key_Down)
        QTest.keyClick(popup.search, Qt.Key.Key_Down)
        QTest.keyClick(popup.search, Qt.Key.Key_Enter)
        assert editor.value() == ""
        assert editor.button.words == ("Nothing", "(empty text)")
        await asyncio.sleep(0)
        QTest.mouseClick(editor.button, Qt.MouseButton.LeftButton)
        popup = popup_of(editor)
        QTest.keyClicks(popup.search, "t9")
        assert popup.model.words(0)[0] == "Use “t9” as typed"
        QTest.keyClick(popup.search, Qt.Key.Key_Return)
        assert editor.value() == "t9"
        assert editor.button.words == ("t9", "typed")
        assert form.asked == []
        QTest.keyClick(editor.button, Qt.Key.Key_Delete)
        assert editor.value() is UNSET
        await owner.close()

    qt_run(scenario())


def test_the_list_says_what_is_loaded_and_loads_the_rest(stage: Stage, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        form = LocalForm([SELECT], {"f": FOUR})
        owner = TaskOwner()
        editor = ChoiceEditor(SELECT, context_of(form, owner.start))
        stage.show(editor)
        QTest.keyClick(editor.button, Qt.Key.Key_Down)
        popup = popup_of(editor)
        assert popup._note.whole_text == "Loading…"
        await asyncio.sleep(0.05)
        assert popup._note.whole_text == "4 loaded, more on the server"
        QTest.mouseClick(popup._more, Qt.MouseButton.LeftButton)
        await asyncio.sleep(0.05)
        assert popup._note.whole_text == "104 loaded"
        assert popup._more.isHidden()
        QTest.keyClicks(popup.search, "choice 7")
        assert popup._note.whole_text == f"{popup.model.matches} of 104 loaded"
        QTest.keyClick(popup.search, Qt.Key.Key_Escape)
        assert form.asked == ["first", "all"]
        await owner.close()

    qt_run(scenario())


def test_a_choice_that_depends_on_another_field_says_which(stage: Stage, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        row = InputField("row", "Row", format=F.SELECT, depends_on=("f",))
        form = LocalForm([SELECT, row], {"row": FOUR})
        owner = TaskOwner()
        editor = ChoiceEditor(row, context_of(form, owner.start))
        stage.show(editor)
        QTest.keyClick(editor.button, Qt.Key.Key_Down)
        await asyncio.sleep(0.05)
        assert popup_of(editor)._note.whole_text == "Nothing here: needs Table first."
        popup_of(editor).close()
        await owner.close()

    qt_run(scenario())


def test_several_choices_are_picked_and_removed(stage: Stage, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        form = LocalForm([MULTI], {"f": FOUR})
        form.know_choices("f")
        owner = TaskOwner()
        editor = MultiChoiceEditor(MULTI, context_of(form, owner.start))
        stage.show(editor)
        QTest.keyClick(editor.button, Qt.Key.Key_Down)
        popup = popup_of(editor)
        for _ in range(2):
            QTest.keyClick(popup.search, Qt.Key.Key_Return)
            QTest.keyClick(popup.search, Qt.Key.Key_Down)
        assert editor.value() == ["t1", "t2"]
        QTest.keyClick(popup.search, Qt.Key.Key_Up)
        QTest.keyClick(popup.search, Qt.Key.Key_Return)
        assert editor.value() == ["t1"]
        popup.close()
        QTest.keyClick(editor.button, Qt.Key.Key_Backspace)
        assert editor.value() is UNSET
        await owner.close()

    qt_run(scenario())


def test_a_choice_has_its_words_before_the_list_is_loaded_where_they_were_remembered(
    stage: Stage,
) -> None:
    one, several = replace(SELECT, id="a"), replace(MULTI, id="b")
    form = LocalForm([one, several])
    labels = {"a": {"7": "Seven"}, "b": {"1": "<b>One</b>", "2": "Two"}}
    form.prefill(Filling({"a": "7", "b": ["1", "2"]}, labels=labels))
    single = ChoiceEditor(one, context_of(form))
    multi = MultiChoiceEditor(several, context_of(form))
    for editor in (single, multi):
        editor.show_value(form.state.value(editor.field.id))
    stage.show(single, multi)
    assert single.button.words == ("Seven", "7")
    assert [multi.words_for(id) for id in multi.ids] == [("<b>One</b>", "1"), ("Two", "2")]
    assert form.asked == []


def test_matches_that_begin_with_the_text_come_first() -> None:
    hay = ["my orders\0t1", "orders\0t2", "customers\0orders-3", "x\0y"]
    assert matching_rows(hay, "ord") == [1, 0, 2]
    assert matching_rows(hay, "my T1") == [0]
    assert matching_rows(hay, "  ") == [0, 1, 2, 3]


@pytest.mark.alone
def test_ten_thousand_choices_are_shown_and_filtered_at_once(
    stage: Stage, report_figure: ReportFigure
) -> None:
    known = ChoiceList(tuple(Choice(f"id-{n}", f"Customer number {n}") for n in range(10_000)))
    anchor = QPushButton("x")
    stage.show(anchor)
    begin = process_time()
    popup = ChoicePopup(anchor, "Customers")
    popup.show_list(known, is_loading=False)
    popup.open_with("")
    popup.grab()
    opened = process_time()
    for text in ("9", "99", "999", "number 99"):
        popup.search.setText(text)
    filtered = process_time()
    popup.close()
    report_figure("10,000 choices opened and painted", (opened - begin) * 1_000, "ms")
    report_figure("10,000 choices filtered, a key", (filtered - opened) * 250, "ms")
    assert opened - begin < 0.15
    assert (filtered - opened) / 4 < 0.05


@pytest.mark.parametrize(
    ("known", "is_loading", "note", "offer", "wish"),
    [
        (None, True, "Loading…", "Stop", "stop"),
        (FOUR, True, "Loading… 4 so far", "Stop", "stop"),
        (FOUR, False, "4 loaded, more on the server", "Load all", "all"),
        (
            ChoiceList((), True, "Nothing here: failed: no network.", Unreachable("no network.")),
            False,
            "Nothing here: failed: no network.",
            "Try again",
            "refresh",
        ),
        (
            ChoiceList(FOUR.choices, True, "4 loaded, then it stopped.", Unreachable("no.")),
            False,
            "4 loaded, then it stopped.",
            "Try again",
            "more",
        ),
    ],
)
def test_the_footer_says_how_the_list_ended_and_offers_to_go_on(
    stage: Stage, known: ChoiceList | None, is_loading: bool, note: str, offer: str, wish: str
) -> None:
    anchor = QPushButton("x")
    stage.show(anchor)
    popup = ChoicePopup(anchor, "Tables")
    wishes: list[str] = []
    popup.wanted.connect(wishes.append)
    popup.show_list(known, is_loading=is_loading)
    popup.open_with("")
    assert popup._note.whole_text == note
    assert popup._more.text() == offer
    assert popup.list.isVisible() is (known is not None and bool(known.choices))
    QTest.mouseClick(popup._more, Qt.MouseButton.LeftButton)
    assert wishes == [wish]
    popup.close()


def test_an_empty_list_offers_nothing_but_to_look_again(stage: Stage) -> None:
    anchor = QPushButton("x")
    anchor.setMinimumWidth(520)
    stage.show(anchor)
    popup = ChoicePopup(anchor, "Tables")
    popup.show_list(ChoiceList(note="Nothing here: needs Table first."), is_loading=False)
    popup.open_with("")
    assert popup._note.whole_text == "Nothing here: needs Table first."
    assert not popup._more.isVisible()
    assert popup._refresh.isVisible()
    assert popup.search.y() <= XS + 1, "no room is left around it"
    popup.close()


def test_loading_all_can_be_stopped_and_keeps_what_was_loaded(
    stage: Stage, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        form = LocalForm([SELECT], {"f": FOUR})
        owner = TaskOwner()
        editor = ChoiceEditor(SELECT, context_of(form, owner.start))
        stage.show(editor)
        QTest.keyClick(editor.button, Qt.Key.Key_Down)
        await asyncio.sleep(0.05)
        popup = popup_of(editor)
        QTest.mouseClick(popup._more, Qt.MouseButton.LeftButton)
        assert popup._more.text() == "Stop"
        QTest.mouseClick(popup._more, Qt.MouseButton.LeftButton)
        assert form.asked[-1] == "stop"
        await asyncio.sleep(0.05)
        assert popup.model.matches >= 4
        popup.close()
        await owner.close()

    qt_run(scenario())

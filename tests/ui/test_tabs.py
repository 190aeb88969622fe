"""Tabs: each with a form of its own, closed with a way back, there again at the next start."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from tests.conftest import RunOnQt
from tests.ui.form_desk import shown, text_of
from tests.ui.form_session import ACTION, APP, Stage
from tests.ui.tab_desk import FIND, MAIL, SEND, TabDesk, at, settled, store, titles, values
from zapdesk.domain.fields import FieldFormat, InputField
from zapdesk.domain.profiles import ZAPIER, Profile
from zapdesk.ui.form.tabs.action_tabs import ActionTabs
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import Notice

pytestmark = pytest.mark.qt_log_ignore("does not support")


def make(theme: Theme, stage: Stage) -> ActionTabs:
    tabs = ActionTabs(theme)
    stage.show(tabs)
    tabs.setGeometry(0, 0, 600, 600)
    return tabs


async def open_three(tabs: ActionTabs) -> None:
    tabs.open_action(APP, ACTION)
    tabs.open_action(MAIL, SEND, in_new_tab=True)
    tabs.open_action(APP, FIND, in_new_tab=True)
    await settled(tabs)


def undo(tabs: ActionTabs) -> None:
    notice = tabs.notices.findChild(Notice)
    assert notice is not None
    notice.action_requested.emit()


def test_nothing_is_built_before_an_action_is_chosen(tabs: ActionTabs) -> None:
    assert "Choose an action on the left." in shown(tabs)
    assert tabs.panel is None
    tabs.run()
    tabs.new_tab()
    tabs.close_tab()
    tabs.next_tab()
    assert tabs.strip.isHidden()


def test_two_tabs_have_a_form_each_and_one_has_no_bar(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)) as desk:
            tabs.open_action(APP, ACTION)
            await settled(tabs)
            assert tabs.strip.isHidden()
            QTest.keyClicks(text_of(tabs, "a"), "one")
            tabs.open_action(MAIL, SEND, in_new_tab=True)
            await settled(tabs)
            assert titles(tabs) == ["Create Row", "Send Email"]
            assert tabs.strip.isVisible()
            QTest.keyClicks(text_of(tabs, "a"), "two")
            assert [values(form) for form in desk.opened] == [{"a": "one"}, {"a": "two"}]
            tabs.next_tab()
            assert text_of(tabs, "a").exact_text() == "one"
            tabs.run()
            await settled(tabs)
            assert [order.inputs for order in desk.orders] == [{"a": "one"}]

    qt_run(scenario())


def test_the_next_and_the_previous_tab_go_round(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)):
            await open_three(tabs)
            places = []
            for step in (1, 1, -1, -1):
                tabs.next_tab(step)
                places.append(tabs.strip.bar.currentIndex())
            assert places == [0, 1, 0, 2]

    qt_run(scenario())


def test_the_keys_come_back_to_where_they_were_in_a_tab(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)):
            await open_three(tabs)
            text_of(tabs, "a").setFocus()
            kept = text_of(tabs, "a")
            tabs.next_tab()
            assert not kept.hasFocus()
            tabs.next_tab(-1)
            assert kept.hasFocus()

    qt_run(scenario())


def test_a_new_tab_asks_for_an_action_and_is_used_by_the_next_one_chosen(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)):
            tabs.open_action(APP, ACTION)
            tabs.new_tab()
            tabs.new_tab()
            assert titles(tabs) == ["Create Row", "New tab"]
            assert "Choose an action on the left." in shown(tabs)
            tabs.open_action(MAIL, SEND)
            await settled(tabs)
            assert titles(tabs) == ["Create Row", "Send Email"]

    qt_run(scenario())


@pytest.mark.parametrize("way", ["command", "middle click", "cross", "Delete"])
def test_a_closed_tab_comes_back_as_it_was_even_its_password(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt, way: str
) -> None:
    nodes = (InputField("a"), InputField("p", format=FieldFormat.PASSWORD))

    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database, nodes=nodes)) as desk:
            await open_three(tabs)
            tabs.go_to(1)
            form = desk.opened[1]
            form.edit("a", "x")
            form.edit("p", "secret")
            bar = tabs.strip.bar
            if way == "command":
                tabs.close_tab()
            elif way == "Delete":
                QTest.keyClick(bar, Qt.Key.Key_Delete)
            elif way == "cross":
                button = bar.tabButton(1, bar.ButtonPosition.RightSide)
                assert button is not None
                QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            else:
                place = bar.tabRect(1).center() - QPoint(20, 0)
                QTest.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=place)
            assert titles(tabs) == ["Create Row", "Find Row"]
            assert tabs.notices.texts == ["Closed “Send Email”."]
            await settled(tabs)
            undo(tabs)
            assert titles(tabs) == ["Create Row", "Send Email", "Find Row"]
            assert tabs.form_session == form
            assert form.state.payload() == {"a": "x", "p": "secret"}

    qt_run(scenario())


def test_several_closed_tabs_come_back_together_in_their_order(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)):
            await open_three(tabs)
            for _ in range(3):
                tabs.close_tab(0)
            assert tabs.notices.texts == ["Closed 3 tabs."]
            assert "Choose an action on the left." in shown(tabs)
            undo(tabs)
            assert titles(tabs) == ["Create Row", "Send Email", "Find Row"]

    qt_run(scenario())


def test_after_the_time_to_undo_the_draft_of_a_closed_tab_is_gone(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)) as desk:
            await open_three(tabs)
            tabs.form_session.edit("a", "x")  # type: ignore[union-attr]  # it is open
            places = [tab.place for tab in tabs._tabs]
            tabs._forgetting.setInterval(50)
            await asyncio.sleep(2.0)
            drafts = desk.drafts._drafts
            assert await drafts.find("sandbox", places[2], FIND.reference) is not None
            tabs.close_tab()
            await asyncio.sleep(0.02)
            assert await drafts.find("sandbox", places[2], FIND.reference) is not None
            await asyncio.sleep(0.3)
            await settled(tabs)
            assert await drafts.find("sandbox", places[2], FIND.reference) is None
            assert tabs.notices.texts == []

    qt_run(scenario())


def test_tabs_that_are_moved_keep_their_forms(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)) as desk:
            await open_three(tabs)
            tabs.strip.bar.moveTab(2, 0)
            assert titles(tabs) == ["Find Row", "Create Row", "Send Email"]
            assert tabs.form_session is desk.opened[2]
            tabs.go_to(1)
            assert tabs.form_session is desk.opened[0]

    qt_run(scenario())


# The next start


def test_tabs_come_back_in_their_order_with_what_was_typed(
    tabs: ActionTabs, theme: Theme, stage: Stage, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database:
            async with at(tabs, TabDesk(database)):
                await open_three(tabs)
                tabs.strip.bar.moveTab(2, 0)
                tabs.go_to(1)
                QTest.keyClicks(text_of(tabs, "a"), "typed")
            again = make(theme, stage)
            async with at(again, TabDesk(database)) as desk:
                assert titles(again) == ["Find Row", "Create Row", "Send Email"]
                assert again.strip.bar.currentIndex() == 1
                assert len(desk.opened) == 1, "the others are opened when they are looked at"
                assert text_of(again, "a").exact_text() == "typed"
                assert "Restored what you typed today at" in shown(again)
                again.next_tab()
                await settled(again)
                assert desk.opened[-1].action == SEND
                assert "Restored" not in shown(again)

    qt_run(scenario())


def test_without_a_network_tabs_come_back_from_what_is_known(
    tabs: ActionTabs, theme: Theme, stage: Stage, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database:
            async with at(tabs, TabDesk(database)):
                tabs.open_action(APP, ACTION)
                await settled(tabs)
                QTest.keyClicks(text_of(tabs, "a"), "typed")
            again, desk = make(theme, stage), TabDesk(database)
            desk.is_offline = True
            async with at(again, desk):
                assert desk.opened[0].action.reference == ACTION.reference
                assert text_of(again, "a").exact_text() == "typed"

    qt_run(scenario())


def test_an_action_chosen_while_tabs_are_coming_back_stays_in_front(
    tabs: ActionTabs, theme: Theme, stage: Stage, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database:
            async with at(tabs, TabDesk(database)):
                await open_three(tabs)
            again, desk = make(theme, stage), TabDesk(database)
            again.set_session(desk)  # type: ignore[arg-type]  # the parts that are used
            again.open_action(MAIL, SEND)
            async with at(again, desk):
                await settled(again)
                assert titles(again)[-1] == "Send Email"
                assert again.form_session is not None
                assert again.form_session.action == SEND

    qt_run(scenario())


def test_each_profile_has_its_own_tabs(tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database:
            sandbox, zapier = TabDesk(database), TabDesk(database, ZAPIER)
            async with at(tabs, sandbox):
                await open_three(tabs)
                tabs.set_session(zapier)  # type: ignore[arg-type]  # the parts that are used
                await settled(tabs)
                assert titles(tabs) == ["New tab"]
                tabs.open_action(MAIL, SEND)
                await settled(tabs)
                tabs.set_session(sandbox)  # type: ignore[arg-type]  # the parts that are used
                await settled(tabs)
                assert titles(tabs) == ["Create Row", "Send Email", "Find Row"]

    qt_run(scenario())


def test_the_same_profile_opened_again_keeps_tabs_and_what_was_typed(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)):
            await open_three(tabs)
            QTest.keyClicks(text_of(tabs, "a"), "typed")
            tabs.set_session(TabDesk(database))  # type: ignore[arg-type]  # what is used
            await settled(tabs)
            await settled(tabs)
            assert titles(tabs) == ["Create Row", "Send Email", "Find Row"]
            assert text_of(tabs, "a").exact_text() == "typed"

    qt_run(scenario())


def test_start_fresh_empties_the_form_and_can_be_undone(
    tabs: ActionTabs, theme: Theme, stage: Stage, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database:
            async with at(tabs, TabDesk(database)):
                tabs.open_action(APP, ACTION)
                await settled(tabs)
                QTest.keyClicks(text_of(tabs, "a"), "typed")
            again = make(theme, stage)
            async with at(again, TabDesk(database)) as desk:
                panel = again.panel
                assert panel is not None
                panel.notices._notices["draft"].action_requested.emit()
                assert values(desk.opened[0]) == {}
                panel.notices._notices["draft"].action_requested.emit()
                await settled(again)
                assert values(desk.opened[0]) == {"a": "typed"}

    qt_run(scenario())


def test_passwords_are_in_no_draft(
    tabs: ActionTabs, theme: Theme, stage: Stage, tmp_path: Path, qt_run: RunOnQt
) -> None:
    nodes = (InputField("a"), InputField("p", format=FieldFormat.PASSWORD))

    async def scenario() -> None:
        async with store(tmp_path) as database:
            async with at(tabs, TabDesk(database, nodes=nodes)) as desk:
                tabs.open_action(APP, ACTION)
                await settled(tabs)
                desk.opened[0].edit("a", "x")
                desk.opened[0].edit("p", "hunter2-secret")
            again = make(theme, stage)
            async with at(again, TabDesk(database, nodes=nodes)) as desk:
                assert desk.opened[0].state.payload() == {"a": "x"}
        for file in tmp_path.rglob("*"):
            if file.is_file():
                assert b"hunter2-secret" not in file.read_bytes()

    qt_run(scenario())


@pytest.mark.parametrize(
    ("profile", "is_signed_out", "stays"),
    [
        (ZAPIER, False, True),
        (replace(ZAPIER, base_url="https://other.example"), False, False),
        (replace(ZAPIER, id="other"), False, False),
        (ZAPIER, True, False),
    ],
    ids=["signed in again", "another server", "another profile", "signed out"],
)
def test_passwords_that_were_typed_outlast_a_session_where_profile_and_server_stay(
    tabs: ActionTabs,
    tmp_path: Path,
    qt_run: RunOnQt,
    profile: Profile,
    is_signed_out: bool,
    stays: bool,
) -> None:
    nodes = (InputField("a"), InputField("p", format=FieldFormat.PASSWORD))

    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database, ZAPIER, nodes)) as desk:
            await open_three(tabs)
            for form, word in zip(desk.opened, ("one", "two", "three"), strict=True):
                form.edit("a", word)
                form.edit("p", f"secret-{word}")
            if is_signed_out:
                tabs.forget_secrets()
            again = TabDesk(database, profile, nodes)
            tabs.set_session(again)  # type: ignore[arg-type]  # the parts that are used
            await settled(tabs)
            if profile.id == ZAPIER.id:
                tabs.go_to(0)  # a tab that was not in front is opened when it is looked at
                await settled(tabs)
                held = [dict(form.state.payload()) for form in again.opened]
                kept = [{"a": "three", "p": "secret-three"}, {"a": "one", "p": "secret-one"}]
                assert held == (kept if stays else [{"a": "three"}, {"a": "one"}])
                tabs.open_action(MAIL, SEND)
                await settled(tabs)
                assert "p" not in again.opened[-1].state.payload()
            else:
                assert [tab.take_secrets() for tab in tabs._tabs] == [{}]
        for file in tmp_path.rglob("*"):
            if file.is_file():
                assert b"secret-" not in file.read_bytes()

    qt_run(scenario())


def test_fifteen_tabs_can_be_scrolled_and_chosen_from_a_list(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt
) -> None:
    async def scenario() -> None:
        async with store(tmp_path) as database, at(tabs, TabDesk(database)):
            for number in range(15):
                tabs.open_action(*((MAIL, SEND) if number % 2 else (APP, ACTION)), in_new_tab=True)
            await settled(tabs)
            assert len(titles(tabs)) == 15
            assert tabs.strip.list_button.isVisible()
            assert tabs.width() == 600
            tabs.strip._open_list()
            menu = tabs.strip.findChildren(QMenu, "tab_list")[-1]
            menu.actions()[3].trigger()
            menu.close()
            assert tabs.strip.bar.currentIndex() == 3

    qt_run(scenario())


def test_a_store_that_cannot_be_written_is_said_and_the_tabs_work_on(
    tabs: ActionTabs, tmp_path: Path, qt_run: RunOnQt, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        from zapdesk.errors import StorageUnusable

        async def fail(*_: Any) -> None:
            raise StorageUnusable("The disk is full.")

        async with store(tmp_path) as database, at(tabs, TabDesk(database)) as desk:
            monkeypatch.setattr(desk.tabs, "keep", fail)
            tabs.open_action(APP, ACTION)
            await settled(tabs)
            assert tabs.notices.texts == ["The disk is full."]
            assert tabs.form_session is desk.opened[0]

    qt_run(scenario())

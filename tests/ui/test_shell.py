"""The window around the panels: areas, commands, keys, first start."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.conftest import RunOnQt
from tests.ui.placeholders import Panel, destroy, make_window, placeholder_panels, session, texts
from tests.ui.run_history import some_run
from zapdesk.domain.catalog import Action, App
from zapdesk.errors import InvalidInput
from zapdesk.paths import Paths
from zapdesk.tasks import TaskOwner
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.parts import Button, DisclosureButton, IconButton, copy_button
from zapdesk.ui.runs.again import again
from zapdesk.ui.shell.commands import COMMANDS
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.panels import Panels

pytest_plugins = ["tests.ui.window_fixtures"]

# The offscreen platform says so for every dialog.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

ROOT = Path(__file__).resolve().parents[2]


def as_panel(panel: QWidget) -> Panel:
    return cast("Panel", panel)


# The keys


def test_no_key_belongs_to_two_commands() -> None:
    keys = [QKeySequence(key).toString() for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))
    assert "" not in keys


class _BoxOnX11(QLineEdit):
    """There Qt's text boxes edit with Ctrl+E, which is then no shortcut."""

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


def test_the_key_of_a_command_works_in_a_text_box_that_edits_with_it(window: MainWindow) -> None:
    opened: list[str] = []
    window.commands.bind("profiles", lambda: opened.append("profiles"))
    box = _BoxOnX11(window)
    box.show()
    box.setFocus()
    handle = window.windowHandle()
    assert handle is not None
    QTest.keyClick(handle, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert opened == ["profiles"]
    window.commands.action("profiles").setEnabled(False)
    QTest.keyClick(handle, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert opened == ["profiles"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_both_enter_keys_run_the_form(window: MainWindow, panels: Panels, key: Qt.Key) -> None:
    as_panel(panels.action).field.setFocus()
    QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert as_panel(panels.action).calls.count("run") == 1


def test_ctrl_enter_in_the_history_offers_the_run_again_and_sends_nothing(
    window: MainWindow, panels: Panels
) -> None:
    panels.runs.focus_list()
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "run again" in as_panel(panels.runs).calls
    assert "run" not in as_panel(panels.action).calls


def test_ctrl_l_leads_to_the_search_and_ctrl_h_to_the_history(
    window: MainWindow, panels: Panels
) -> None:
    as_panel(panels.detail).field.setFocus()
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is panels.catalog.search_box
    QTest.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is as_panel(panels.runs).field


def test_f6_goes_round_the_areas_in_both_directions(window: MainWindow, panels: Panels) -> None:
    def area() -> int:
        focused = window.focusWidget()
        assert focused is not None
        if focused is panels.catalog.search_box:
            return 0
        return next(i for i, panel in enumerate(panels.areas) if panel.isAncestorOf(focused))

    panels.catalog.focus_search()
    forward = []
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_F6)
        forward.append(area())
    backward = []
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
        backward.append(area())
    assert forward == [1, 2, 3, 0]
    assert backward == [3, 2, 1, 0]


def test_only_commands_that_work_are_shown(window: MainWindow) -> None:
    of_the_program = {"notify", "about_log", "back_up", "restore", "clear_history"}
    of_the_program |= {"act_for", "connections", "profiles", "self_test", "network", "offline"}
    of_the_program.add("pause_guard")
    of_the_program |= {"settings"}
    everything = {command.id for command in COMMANDS} - of_the_program  # there is none yet
    shown = {action.objectName() for action in window.commands.bound()}
    assert shown == everything - {"sandbox_page", "sign_out"}  # nothing has such a page yet
    window.set_session(session(page="http://127.0.0.1:1/"))
    shown = {action.objectName() for action in window.commands.bound()}
    assert shown == everything - {"sign_out"}  # nobody signs out of the sandbox
    window.set_session(session())
    assert window.commands.action("sign_out").isVisible()
    assert not window.commands.action("sandbox_page").isVisible()
    assert not window.commands.action("about").isEnabled()  # its links need a task owner
    window.own_tasks(TaskOwner())
    window.commands.refresh()
    assert window.commands.action("about").isEnabled()


def test_the_menu_is_short_and_has_every_command_once(window: MainWindow) -> None:
    def entries(menu: QMenu) -> list[str]:
        names = []
        for action in menu.actions():
            submenu = action.menu()
            names += entries(cast("QMenu", submenu)) if submenu else [action.objectName()]
        return [name for name in names if name]

    menu = window.top_bar.more.menu()
    menu.aboutToShow.emit()
    assert len(entries(menu)) == len(set(entries(menu)))
    (log,) = [action for action in menu.actions() if action.text() == "Run log"]
    assert not log.isVisible(), "there is no log yet"
    for command in COMMANDS:
        if window.commands.action(command.id) not in window.commands.bound():
            window.commands.bind(command.id, lambda: None)
    menu.aboutToShow.emit()
    assert log.isVisible()
    shown = [action for action in menu.actions() if action.isVisible() and action.text()]
    assert len(shown) <= 20


def test_on_the_first_page_nothing_can_be_run(look: Theme, panels: Panels, paths: Paths) -> None:
    window = make_window(look, panels, paths, is_first_start=True)
    window.show()
    assert not window.commands.action("run").isEnabled()
    assert not window.commands.action("find").isEnabled()
    assert window.commands.action("quit").isEnabled()
    destroy(window)


# What the panels tell each other


def test_a_chosen_action_is_opened_and_a_started_run_is_shown(
    window: MainWindow, panels: Panels
) -> None:
    panels.catalog.action_chosen.emit("app", "action")
    assert ("open", "app", "action") in as_panel(panels.action).calls
    panels.action.run_started.emit(SimpleNamespace(id="r1"))
    assert ("select", "r1") in as_panel(panels.runs).calls
    assert ("show", "r1") in as_panel(panels.detail).calls
    panels.runs.run_selected.emit(SimpleNamespace(id="r2"))
    assert ("show", "r2") in as_panel(panels.detail).calls


def test_a_session_reaches_every_panel_and_the_top_bar(window: MainWindow, panels: Panels) -> None:
    given = session(left=7)
    window.set_session(given)
    assert all(("session", given) in as_panel(panel).calls for panel in panels.areas)
    assert "Zapier" in window.top_bar.chip.accessibleName()
    assert "7 of 50 calls left" in texts(window.top_bar)
    given.signs.announce(SimpleNamespace(is_reachable=False))
    assert "offline" in texts(window.top_bar)
    given.signs.announce(SimpleNamespace(is_reachable=True))
    assert "online" in texts(window.top_bar)
    window.set_session(None)
    given.signs.announce(SimpleNamespace(is_reachable=False))
    assert "offline" not in texts(window.top_bar)


def test_tab_goes_round_the_first_page_and_the_bar_above_it(window: MainWindow) -> None:
    page = window._first_start()
    page.show_choices()
    ways = [page.sandbox_button, page.sign_in_button, page.token_button]
    for stop in (*ways, window.top_bar.more, *ways):
        assert window.focusWidget() is stop
        QTest.keyClick(stop, Qt.Key.Key_Tab)
    QTest.keyClick(window.top_bar.more, Qt.Key.Key_Backtab)
    assert window.focusWidget() is page.token_button


def test_a_session_that_comes_late_leaves_the_keys_where_they_are(
    window: MainWindow, panels: Panels
) -> None:
    panels.runs.focus_list()
    window.set_session(session())
    assert window.focusWidget() is as_panel(panels.runs).field
    search = panels.catalog.search_box
    search.setFocus()
    search.setText("crea")
    search.deselect()
    window.set_session(session())
    QTest.keyClicks(search, "te")
    assert search.text() == "create"


def test_the_sandbox_has_no_count_of_calls(window: MainWindow) -> None:
    window.set_session(session(limit=None))
    assert not [text for text in texts(window.top_bar) if "calls left" in text]


# Places and sizes


def test_below_1100_pixels_the_run_detail_becomes_a_tab(window: MainWindow, panels: Panels) -> None:
    assert panels.action.isVisible()
    assert panels.detail.isVisible()
    window.resize(1000, 700)
    assert window.workspace.is_narrow
    assert panels.action.isVisible()
    assert not panels.detail.isVisible()
    as_panel(panels.action).field.setFocus()
    window.workspace.show_detail()  # as a run does that was sent from the form
    assert panels.detail.isVisible()
    assert not panels.action.isVisible()
    assert panels.detail.isAncestorOf(window.focusWidget() or window)
    panels.catalog.action_chosen.emit("app", "action")
    assert panels.action.isVisible()
    window.resize(1280, 800)
    assert panels.action.isVisible()
    assert panels.detail.isVisible()


def test_in_a_wide_window_the_form_keeps_its_width_and_the_detail_grows(
    window: MainWindow, panels: Panels
) -> None:
    form, detail = panels.action.width(), panels.detail.width()
    window.resize(1900, 1000)
    assert abs(panels.action.width() - form) <= 1
    assert panels.detail.width() - detail >= 600


def test_the_window_can_be_made_900_by_600_and_no_smaller(window: MainWindow) -> None:
    assert window.minimumSize().toTuple() == (900, 600)
    window.resize(100, 100)
    assert window.size().toTuple() == (900, 600)
    assert window.minimumSizeHint().width() <= 900


def test_sizes_are_remembered_and_a_double_click_on_a_handle_resets_them(
    look: Theme, window: MainWindow, panels: Panels, paths: Paths
) -> None:
    splitter = window.workspace._upper
    default = splitter.sizes()
    splitter.setSizes([400, 800])
    moved = splitter.sizes()
    assert moved != default
    window.close()
    again = make_window(look, placeholder_panels(), paths)
    again.show()
    assert again.workspace._upper.sizes() == moved
    handle = again.workspace._upper.handle(1)
    QTest.mouseDClick(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    assert again.workspace._upper.sizes() == default
    destroy(again)


def test_window_state_that_is_damaged_is_left_alone(
    look: Theme, panels: Panels, paths: Paths
) -> None:
    paths.window_state.write_bytes(
        b"[General]\ngeometry=@ByteArray(\x00\xff\n[splitters]\nupper=7\n"
    )
    window = make_window(look, panels, paths)
    window.show()
    assert window.size().toTuple() == (1280, 800)
    assert all(panel.isVisible() for panel in panels.areas)
    destroy(window)


def test_closing_is_announced_once(window: MainWindow) -> None:
    times: list[bool] = []
    window.closed.connect(lambda: times.append(True))
    window.close()
    window.show()
    window.close()
    assert times == [True]


# First start


def test_the_first_page_offers_three_ways_and_nothing_else(
    look: Theme, panels: Panels, paths: Paths
) -> None:
    window = make_window(look, panels, paths, is_first_start=True)
    window.resize(1280, 800)
    window.show()
    chosen: list[tuple[str, str]] = []
    window.sign_in_requested.connect(lambda *asked: chosen.append(asked))
    page = window.first_start
    assert page is not None
    assert window.is_first_start
    assert not window.top_bar.chip.isVisible()
    assert not panels.catalog.search_box.isVisible()
    for button in (page.sandbox_button, page.sign_in_button, page.token_button):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert chosen == [("sandbox", ""), ("zapier", "oauth"), ("zapier", "token")]
    window.set_session(session())
    assert not window.is_first_start
    assert window.top_bar.chip.isVisible()
    destroy(window)


# The sandbox


def test_a_sandbox_that_does_not_answer_is_asked_after_before_it_is_called_stopped(
    window: MainWindow,
) -> None:
    doubts: list[bool] = []
    restarts: list[bool] = []
    window.sandbox_doubted.connect(lambda: doubts.append(True))
    window.restart_requested.connect(lambda: restarts.append(True))
    given = session(page="http://127.0.0.1:1/")
    window.set_session(given)
    given.signs.announce(SimpleNamespace(is_reachable=False))
    assert doubts == [True]
    assert window.notices.texts == []
    window.show_sandbox(is_alive=True)  # one connection broke, no more
    assert window.notices.texts == []
    window.show_sandbox(is_alive=False)
    assert window.notices.texts == ["The sandbox has stopped. What its actions did is kept."]
    restart = next(b for b in window.notices.findChildren(Button) if b.text() == "Restart")
    QTest.keyClick(restart, Qt.Key.Key_Return)
    assert restarts == [True]


def test_a_server_elsewhere_that_does_not_answer_is_offline_and_cannot_be_restarted(
    window: MainWindow,
) -> None:
    doubts: list[bool] = []
    window.sandbox_doubted.connect(lambda: doubts.append(True))
    given = session()
    window.set_session(given)
    given.signs.announce(SimpleNamespace(is_reachable=False))
    assert doubts == []
    assert "offline" in texts(window.top_bar)


@pytest.mark.parametrize(("count", "words"), [(1, "a run was"), (3, "3 runs were")])
def test_runs_that_were_being_sent_when_it_was_ended_are_told_of(
    window: MainWindow, panels: Panels, count: int, words: str
) -> None:
    window.show_abandoned([])
    assert window.notices.texts == []
    window.show_abandoned([cast("Any", SimpleNamespace(id=f"r{n}")) for n in range(count)])
    assert words in window.notices.texts[0]
    show = next(b for b in window.notices.findChildren(Button) if b.text() == "Show")
    show.click()
    assert ("show", "r0") in as_panel(panels.detail).calls


# Run again


class Answers:
    """What a session answers when a run is to be run again."""

    def __init__(self, actions: list[Any]) -> None:
        self.catalog = SimpleNamespace(app=self._app, actions=self._actions)
        self.runs = SimpleNamespace(record=self._record)
        self.found = actions
        self.asked: list[bool] = []

    def _app(self, app_id: str) -> App:
        return App(app_id, "Tables")

    async def _actions(self, app_id: str, *, refresh: bool = False) -> list[Any]:
        self.asked.append(refresh)
        return self.found

    async def _record(self, run_id: str) -> Any:
        sent = b'{"name": "Ada", "secret": {"$hidden": "password"}}'
        return SimpleNamespace(inputs=sent, labels={}, definition="")


def test_what_is_run_again_comes_with_its_inputs_and_its_connection(qt_run: RunOnQt) -> None:
    run = some_run(1)
    wanted = Action("new-id", run.action.key, run.action.app_id, run.action.action_type, "Create")
    found = qt_run(again(cast("Any", Answers([wanted])), run))
    assert found.action is wanted
    assert found.authentication_id == run.authentication_id
    assert found.filling.values == {"name": "Ada", "secret": {"$hidden": "password"}}


def test_an_action_that_is_gone_is_named_after_asking_the_server_too(qt_run: RunOnQt) -> None:
    answers = Answers([])
    with pytest.raises(InvalidInput, match="no longer has the action"):
        qt_run(again(cast("Any", answers), some_run(1)))
    assert answers.asked == [False, True]


# Buttons


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_every_button_is_pressed_by_enter_and_space_and_once_while_the_key_is_held(
    window: MainWindow, key: Qt.Key
) -> None:
    for button in (Button("Go"), IconButton("copy", "Copy"), DisclosureButton("More")):
        pressed: list[bool] = []
        button.clicked.connect(lambda _=False, pressed=pressed: pressed.append(True))
        button.setParent(window)
        button.show()
        QTest.keyClick(button, key)
        held = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", True)
        QApplication.sendEvent(button, held)
        assert pressed == [True]
        QTest.keyClick(button, key, Qt.KeyboardModifier.ControlModifier)
        if key is not Qt.Key.Key_Space:
            assert pressed == [True]
        button.deleteLater()


@pytest.mark.qt_log_ignore("does not support")
@pytest.mark.parametrize("key", [None, Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_button_with_a_menu_opens_it_at_once(window: MainWindow, key: Qt.Key | None) -> None:
    button = IconButton("more", "What can be done")
    menu = QMenu(button)
    menu.addAction("Compare")
    opened: list[bool] = []
    menu.aboutToShow.connect(lambda: opened.append(True))
    menu.aboutToShow.connect(menu.close, Qt.ConnectionType.QueuedConnection)
    button.setMenu(menu)
    button.setParent(window)
    button.show()
    if key is None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    else:
        QTest.keyClick(button, key)
    assert opened == [True]
    button.deleteLater()


@pytest.mark.parametrize("word", ["Copy", "Copy these addresses"])
def test_a_button_that_has_copied_says_so_and_moves_nothing(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr(copy_button, "SAYS_MS", 1)
    copied: list[str] = []
    button = copy_button.CopyButton(word, lambda: copied.append(word))
    row, line = QWidget(window), QLineEdit()
    column = QHBoxLayout(row)
    column.addWidget(line)
    column.addWidget(button)
    row.resize(600, 40)
    row.show()
    before = line.geometry()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    column.activate()
    assert (copied, button.text(), line.geometry()) == ([word], "Copied", before)
    qtbot.waitUntil(lambda: button.text() == word)
    column.activate()
    assert line.geometry() == before
    row.deleteLater()

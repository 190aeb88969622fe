"""The window of settings: what is chosen counts at once, and nothing is lost by accident."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from tests.conftest import RunOnQt
from tests.storage.making import filled, plain
from tests.ui.placeholders import texts
from tests.ui.run_history import until
from tests.ui.settings_desk import opened, type_into
from zapdesk.domain.catalog import ActionKey
from zapdesk.paths import Paths
from zapdesk.settings import Settings
from zapdesk.settings.table import SETTINGS
from zapdesk.ui import clipboard
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.settings.network_page import NetworkPage
from zapdesk.ui.settings.page import SettingsPage
from zapdesk.ui.settings.row import SettingRow
from zapdesk.ui.settings.shortcuts_page import KeyEdit, ShortcutRow, ShortcutsPage
from zapdesk.ui.settings.storage_page import StoragePage
from zapdesk.ui.settings.window import SettingsWindow
from zapdesk.ui.shell.commands import COMMANDS
from zapdesk.ui.shell.main_window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]
pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise|grabbing)")


def row(settings: SettingsWindow, name: str) -> SettingRow:
    page = settings.page(SETTINGS[name].page)
    assert isinstance(page, SettingsPage)
    found = page.row(name)
    assert found is not None
    return found


def test_every_setting_is_shown_with_its_sentence_its_name_and_its_default(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, _):
            for setting in SETTINGS.values():
                shown = row(settings, setting.name)
                assert setting.sentence in texts(shown)
                assert setting.name in texts(shown)
                assert any(text.startswith("Default: ") for text in texts(shown))
                assert shown.reset.isHidden()

    qt_run(scenario())


def test_a_theme_that_is_chosen_counts_at_once_and_can_be_taken_back(
    window: MainWindow, look: Theme, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            theme = row(settings, "theme")
            theme.editor.edited.emit("dark")
            await until(lambda: look.choice == "dark")
            assert Settings.load(paths.settings).theme == "dark"
            assert window.commands.action("theme_dark").isChecked()
            settings.show_page("appearance")
            theme.reset.setFocus()
            theme.reset.click()
            await until(lambda: look.choice == "system")
            focused = settings.focusWidget()
            assert focused is not None
            assert theme.editor.isAncestorOf(focused)
            assert "theme" not in paths.settings.read_text()
            assert program.settings.theme == "system"

    qt_run(scenario())


def test_a_number_that_cannot_be_used_is_refused_under_its_row(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.show_page("network")
            seconds: Any = row(settings, "read_seconds")
            type_into(seconds.editor.edit, "4000")
            assert seconds.problem.whole_text == (
                "Give up reading after is a whole number from 5 to 600, not 4000."
            )
            type_into(seconds.editor.edit, "45")
            await until(lambda: program.settings.read_seconds == 45)
            assert seconds.problem.isHidden()
            assert settings.isVisible(), "Enter does not close the window"

    qt_run(scenario())


def test_a_file_of_certificates_that_cannot_be_read_is_refused_under_its_row(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.show_page("network")
            file: Any = row(settings, "ca_file")
            type_into(file.editor.edit, "/nowhere/authority.pem")
            await until(lambda: not file.problem.isHidden())
            assert "cannot be read" in file.problem.whole_text
            assert program.settings.ca_file == ""

    qt_run(scenario())


def test_nothing_is_dropped_before_a_person_has_seen_how_much(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    plain(filled(paths.data, 5), "UPDATE runs SET status = 'error', ended_ms = 2000")

    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.show_page("storage")
            page = settings.page("storage")
            assert isinstance(page, StoragePage)
            days: Any = row(settings, "keep_days")
            type_into(days.editor.edit, "1")
            await until(lambda: page.proposal.apply.isEnabled())
            assert page.proposal.words.whole_text.startswith("5 runs would be dropped")
            assert program.settings.keep_days == 0
            page.proposal.leave.click()
            assert days.editor.edit.text() == "0"
            assert await program.history.would_go(1, 0) == 5

            type_into(days.editor.edit, "1")
            await until(lambda: page.proposal.apply.isEnabled())
            page.proposal.apply.click()
            await until(lambda: program.settings.keep_days == 1)
            while await program.history.would_go(1, 0):
                await asyncio.sleep(0.01)
            type_into(days.editor.edit, "400")  # drops nothing, so nothing is asked
            await until(lambda: program.settings.keep_days == 400)
            assert page.proposal.isHidden()

    qt_run(scenario())


def test_bad_lines_of_the_file_are_told_with_their_line(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    paths.settings.write_text('keep_days = 3\ntheme = "blue"\n')

    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            (told,) = settings.notices.texts
            assert told.startswith("settings.toml, line 2: theme is one of")
            await program.preferences.set("theme", "light")
            assert not settings.notices.texts
            paths.settings.write_text('keep_days = "x"\ntheme = "blue"\n')
            await program.preferences.read_again()
            assert settings.notices.texts[0].startswith("2 values cannot be used. settings.toml")
            assert ["line 1" in text for text in window.notices.texts] == [True, False]
            paths.settings.write_text('theme = "dark"\n')
            await program.preferences.read_again()
            assert not window.notices.texts

    qt_run(scenario())


def test_what_a_terminal_changes_shows_when_the_window_is_looked_at_again(
    window: MainWindow, look: Theme, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, _):
            paths.settings.write_text('theme = "dark"\n')
            settings.hide()
            window.activateWindow()
            await until(lambda: look.choice == "dark")

    qt_run(scenario())


def test_a_proxys_name_and_password_are_asked_for_where_it_has_an_address(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.show_page("network")
            page = settings.page("network")
            assert isinstance(page, NetworkPage)
            assert page.login.isHidden()
            proxy: Any = row(settings, "proxy")
            proxy.editor.box.setCurrentIndex(2)
            proxy.editor.box.activated.emit(2)
            assert program.settings.proxy == "none", "an address is needed first"
            type_into(proxy.editor.edit, "http://ada:pw@proxy.example")
            assert "asked for apart" in proxy.problem.whole_text
            type_into(proxy.editor.edit, "127.0.0.1:9")
            await until(lambda: program.settings.proxy == "http://127.0.0.1:9")
            assert not page.login.isHidden()
            page.login.keep.click()
            assert page.login.state.whole_text == "Both are needed."
            page.test.click()
            refusal = "The proxy 127.0.0.1 refused the connection."
            await until(lambda: page.told.whole_text.startswith(refusal))
            assert page.test.isEnabled(), "it keeps the focus"

    qt_run(scenario())


def test_marks_of_sensitive_fields_are_listed_and_forgotten(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    key = ActionKey("MailCLIAPI", "WRITE", "send")

    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            await program.sensitive.mark(key, "pin", True)
            settings.close()
            window.commands.action("settings").trigger()
        async with opened(window, paths) as (settings, program):
            page = settings.page("privacy")
            assert "pin" in texts(page)
            (forget,) = [b for b in page.findChildren(QPushButton) if b.text() == "Forget"]
            forget.click()
            await until(lambda: not program.sensitive.of(key))
            assert "None is marked." in texts(page)

    qt_run(scenario())


def test_secrets_stay_on_the_clipboard_for_as_long_as_is_chosen(
    window: MainWindow, qt_run: RunOnQt, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "SECRET_STAYS_MS", clipboard.SECRET_STAYS_MS)

    async def scenario() -> None:
        async with opened(window, paths) as (settings, _):
            settings.show_page("privacy")
            seconds: Any = row(settings, "clipboard_seconds")
            type_into(seconds.editor.edit, "15")
            await until(lambda: clipboard.SECRET_STAYS_MS == 15_000)

    qt_run(scenario())


def test_what_was_found_is_on_no_page_and_a_click_on_the_last_page_goes_back_there(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, _):
            settings.show_page("network")
            settings.search.setText("theme")
            assert not settings.list.selectedItems()
            item = settings.list.currentItem()
            middle = settings.list.visualItemRect(item).center()
            button = Qt.MouseButton.LeftButton
            QTest.mouseClick(settings.list.viewport(), button, pos=middle)
            assert settings.search.text() == ""
            assert settings.stack.currentWidget() is settings.page("network")
            assert settings.list.selectedItems() == [item]

    qt_run(scenario())


# Keys


def shortcut(settings: SettingsWindow, command_id: str) -> ShortcutRow:
    page = settings.page("shortcuts")
    assert isinstance(page, ShortcutsPage)
    page.list.make_all()
    return next(r for r in page.list.rows if r.command.id == command_id)


def test_the_keys_of_all_commands_are_there_soon_and_tab_visits_them_in_order(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, _):
            page = settings.page("shortcuts")
            assert isinstance(page, ShortcutsPage)
            wanted = [c.id for c in COMMANDS if window.commands.action(c.id).isVisible()]
            assert len(page.list.rows) < len(wanted)
            await until(lambda: [r.command.id for r in page.list.rows] == wanted)
            edits = [row.edit for row in page.list.rows]
            visited: list[QWidget] = [edits[0]]
            after = edits[0].nextInFocusChain()
            while after is not None and after is not edits[0]:
                visited += [after] if isinstance(after, KeyEdit) else []
                after = after.nextInFocusChain()
            assert visited == edits

    qt_run(scenario())


async def give_keys(settings: SettingsWindow, edit: QWidget) -> None:
    settings.activateWindow()
    edit.setFocus()
    await until(edit.hasFocus)


def test_a_key_is_pressed_kept_and_given_back(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.show_page("shortcuts")
            history = shortcut(settings, "history")
            await give_keys(settings, history.edit)
            QTest.keyClick(history.edit, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
            await until(lambda: window.commands.keys("history") == ("Ctrl+G",))
            assert program.settings.shortcuts == {"history": ("Ctrl+G",)}
            assert history.edit.text() == "Ctrl+G"
            QTest.keyClick(history.edit, Qt.Key.Key_Return)
            QTest.keyClick(history.edit, Qt.Key.Key_Backspace)
            await until(lambda: window.commands.keys("history") == ())
            history.reset.click()
            await until(lambda: window.commands.keys("history") == ("Ctrl+H",))
            assert not program.settings.shortcuts

    qt_run(scenario())


def test_a_key_in_use_is_taken_from_its_command_only_when_asked_for(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.show_page("shortcuts")
            history = shortcut(settings, "history")
            await give_keys(settings, history.edit)
            QTest.keyClick(history.edit, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
            assert history.problem.whole_text == "Ctrl+L is used by “Find an app or action”."
            assert not program.settings.shortcuts
            history.take.click()
            await until(lambda: window.commands.keys("history") == ("Ctrl+L",))
            assert window.commands.keys("find") == ()
            assert history.edit.hasFocus()  # not the keys of the next command
            assert history.edit.text() == "Ctrl+L"
            page = settings.page("shortcuts")
            assert isinstance(page, ShortcutsPage)
            page.reset_all.click()
            await until(lambda: window.commands.keys("find") == ("Ctrl+L",))
            assert window.commands.keys("history") == ("Ctrl+H",)

    qt_run(scenario())


def test_escape_leaves_the_key_as_it_is_and_then_the_window(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.show_page("shortcuts")
            edit = shortcut(settings, "history").edit
            await give_keys(settings, edit)
            assert edit.text() == ""
            QTest.keyClick(edit, Qt.Key.Key_Escape)
            assert settings.isVisible()
            assert edit.text() == "Ctrl+H"
            QTest.keyClick(edit, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
            assert not program.settings.shortcuts, "nothing is taken until it is asked for"
            QTest.mouseClick(edit, Qt.MouseButton.LeftButton)
            assert edit.text() == ""
            QTest.keyClick(edit, Qt.Key.Key_Escape)
            QTest.keyClick(edit, Qt.Key.Key_Escape)
            assert not settings.isVisible()

    qt_run(scenario())


@pytest.mark.parametrize("key", [Qt.Key.Key_A, Qt.Key.Key_Return, Qt.Key.Key_Down])
def test_a_key_that_is_for_typing_is_refused(
    window: MainWindow, qt_run: RunOnQt, paths: Paths, key: Qt.Key
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            settings.show_page("shortcuts")
            history = shortcut(settings, "history")
            await give_keys(settings, history.edit)
            QTest.keyClick(history.edit, key)
            assert "needs Ctrl or Alt" in history.problem.whole_text
            assert not program.settings.shortcuts

    qt_run(scenario())


def test_keys_of_the_file_that_cannot_be_are_told_and_the_others_count(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    paths.settings.write_text(
        '[shortcuts]\nhistory = "F7"\nnothing = "F8"\nfind = "Ctrl+Foo"\nnew_tab = "F7"\n'
    )

    async def scenario() -> None:
        async with opened(window, paths):
            assert window.commands.keys("history") == ("F7",)
            assert window.commands.keys("find") == ()
            assert window.notices.texts == ["shortcuts: 'nothing' is no command."]
            assert window.commands.set_keys({"history": ("F7",), "new_tab": ("F7",)}) == [
                "shortcuts: F7 is chosen for 'history' already."
            ]
            window.commands.set_keys({})

    qt_run(scenario())

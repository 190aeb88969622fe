"""Words about keys, in tool tips and sentences: they follow what a person has bound."""

from __future__ import annotations

import pytest

from tests.conftest import RunOnQt
from tests.ui.placeholders import destroy
from tests.ui.settings_desk import opened
from zapdesk.paths import Paths
from zapdesk.ui.form.run_bar import RunBar
from zapdesk.ui.settings.privacy_page import PrivacyPage
from zapdesk.ui.shell.main_window import MainWindow

pytest_plugins = ["tests.ui.window_fixtures"]

pytestmark = pytest.mark.qt_log_ignore("does not support")


def test_words_about_keys_name_those_that_are_bound(
    window: MainWindow, qt_run: RunOnQt, paths: Paths
) -> None:
    async def scenario() -> None:
        async with opened(window, paths) as (settings, program):
            page = settings.page("privacy")
            assert isinstance(page, PrivacyPage)
            chip, bar = window.top_bar.chip, RunBar()
            chip.set_profile("Mine", "#157A3E", is_live=False)
            assert "marked in forms (Ctrl+.): their" in page.marking.sentence.whole_text
            assert "Another profile: Ctrl+E" in chip.toolTip()
            assert "Run this action (Ctrl+Enter)" in bar.run_button.toolTip()
            changes: dict[str | tuple[str, ...], object] = {
                ("shortcuts", "field_menu"): "Ctrl+M",
                ("shortcuts", "profiles"): "",
                ("shortcuts", "run"): "F9",
            }
            await program.preferences.change(changes)
            assert "marked in forms (Ctrl+M): their" in page.marking.sentence.whole_text
            assert chip.toolTip().count("Mine") == 1
            assert "Another profile" not in chip.toolTip()
            assert "Run this action (F9)" in bar.run_button.toolTip()
            bar.set_blocked("The disk is full.")
            assert "The disk is full." in bar.run_button.toolTip()
            assert "F9" not in bar.run_button.toolTip()
            destroy(bar)

    qt_run(scenario())

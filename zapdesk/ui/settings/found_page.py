"""FoundPage: what a search in the settings finds, settings and keys of commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zapdesk.settings import Settings
from zapdesk.settings.table import PAGES, SETTINGS, Setting
from zapdesk.ui.form.tab_order import lead_through
from zapdesk.ui.look.metrics import XL
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.settings.page import SettingsPage
from zapdesk.ui.settings.shortcuts_page import Changes, ShortcutRows, found_commands
from zapdesk.ui.shell.commands import Commands


class FoundPage(SettingsPage):
    """Settings first, then commands under a heading of their own; ``keep`` writes a key that was
    chosen."""

    def __init__(self, commands: Commands, keep: Callable[[Changes], object]) -> None:
        super().__init__("Found")
        self._commands = commands
        self._keys_heading = PlainLabel("Shortcuts", size="large", bold=True)
        self._keys_heading.setContentsMargins(0, XL, 0, 0)
        self.shortcuts = ShortcutRows(commands, keep)
        self.add(self._keys_heading)
        self.add(self.shortcuts)

    def search(self, words: Sequence[str], settings: Settings) -> bool:
        """Show what has all of these words; whether there is anything."""
        found = [row for row in SETTINGS.values() if _has(row, words)]
        commands = found_commands(self._commands, words)
        self.set_rows(found)
        self.shortcuts.show_commands(commands)
        for part in (self._keys_heading, self.shortcuts):
            part.setVisible(bool(commands))
        lead_through([*self.rows, *self.shortcuts.rows])
        self.show_settings(settings)
        self.verticalScrollBar().setValue(0)
        return bool(found or commands)

    def show_settings(self, settings: Settings) -> None:
        super().show_settings(settings)
        self.shortcuts.show_settings(settings)


def _has(setting: Setting, words: Sequence[str]) -> bool:
    kind: Any = setting.kind
    options = " ".join(getattr(kind, "options", {}).values())
    text = f"{setting.name} {setting.title} {setting.sentence} {options} {PAGES[setting.page]}"
    return all(word in text.casefold() for word in words)

"""The menu behind the three dots: which commands are in it, in which order.

A command that nobody has bound is not shown, so it may be listed before it works.
"""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget

from zapdesk.ui.shell.commands import Commands

THEME_COMMANDS = ("theme_system", "theme_light", "theme_dark")

_GROUPS = (
    ("profiles", "pause_guard", "act_for", "connections", "sandbox_page", "sign_in", "sign_out"),
    ("notify",),
    ("about_log", "back_up", "restore", "clear_history"),
    ("self_test", "network", "offline"),
    ("settings", "shortcuts", "logs", "about"),
    ("quit",),
)


def build_menu(window: QWidget, commands: Commands) -> QMenu:
    """The menu; what can be done is asked for anew each time it is opened."""
    menu = QMenu(window)
    looks = QMenu("Theme", menu)
    for command_id in THEME_COMMANDS:
        looks.addAction(commands.action(command_id))
    for number, group in enumerate(_GROUPS):
        for command_id in group:
            menu.addAction(commands.action(command_id))
        if number == 0:
            menu.addMenu(looks)
        if 0 < number < len(_GROUPS) - 1:
            menu.addSeparator()
    menu.aboutToShow.connect(commands.refresh)
    return menu

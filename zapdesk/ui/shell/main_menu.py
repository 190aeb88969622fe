"""The menu behind the three dots: which commands are in it, in which order.

A command that nobody has bound is not shown, so it may be listed before it works.
"""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget

from zapdesk.ui.shell.commands import Commands

THEME_COMMANDS = ("theme_system", "theme_light", "theme_dark")

_SUBMENUS = {
    "run_log": ("Run log", ("about_log", "back_up", "restore", "clear_history")),
    "theme": ("Theme", THEME_COMMANDS),
}
_GROUPS = (
    ("profiles", "sign_in", "sign_out", "act_for", "connections"),
    ("pause_guard", "notify", "offline"),
    ("run_log", "self_test", "network", "sandbox_page"),
    ("settings", "theme", "shortcuts", "logs", "about"),
    ("quit",),
)


def build_menu(window: QWidget, commands: Commands) -> QMenu:
    """The menu; what can be done is asked for anew each time it is opened."""
    menu = QMenu(window)
    submenus = []
    for group in _GROUPS:
        for entry in group:
            if entry in _SUBMENUS:
                title, command_ids = _SUBMENUS[entry]
                submenu = QMenu(title, menu)
                for command_id in command_ids:
                    submenu.addAction(commands.action(command_id))
                menu.addMenu(submenu)
                submenus.append(submenu)
            else:
                menu.addAction(commands.action(entry))
        menu.addSeparator()

    def refresh() -> None:
        commands.refresh()
        for submenu in submenus:
            is_shown = any(action.isVisible() for action in submenu.actions())
            submenu.menuAction().setVisible(is_shown)

    menu.aboutToShow.connect(refresh)
    return menu

"""Every command as one record, and one QAction for each.

A key belongs to one command only: Qt fires neither of two shortcuts that share one. A command
that nobody has bound does not exist for the user: it is in no menu and its key does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QWidget

from zapdesk.ui.bound_keys import BOUND
from zapdesk.ui.look.theme import theme
from zapdesk.ui.shell.command_keys import CommandKeys


@dataclass(frozen=True, slots=True)
class Command:
    """What can be done: ``keys`` in Qt's portable spelling (Ctrl is Cmd on macOS)."""

    id: str
    text: str
    icon: str = ""
    keys: tuple[str, ...] = ()


COMMANDS = (
    Command("find", "Find an app or action", "search", ("Ctrl+L",)),
    Command("run", "Run", "run", ("Ctrl+Return", "Ctrl+Enter")),
    Command("new_tab", "New tab", "plus", ("Ctrl+T",)),
    Command("close_tab", "Close the tab", "close", ("Ctrl+W",)),
    Command("next_tab", "Next tab", "", ("Ctrl+Tab",)),
    Command("previous_tab", "Previous tab", "", ("Ctrl+Shift+Tab",)),
    Command("history", "Go to the history", "history", ("Ctrl+H",)),
    Command("run_detail", "Go to the run detail", "list", ("Ctrl+'",)),
    Command("field_menu", "What is sent for the field", "", ("Ctrl+.",)),
    Command("next_area", "Next area", "", ("F6",)),
    Command("previous_area", "Previous area", "", ("Shift+F6",)),
    Command("profiles", "Profiles", "", ("Ctrl+E",)),
    Command("pause_guard", "Live guard off for 15 minutes"),
    Command("connections", "Connections…", "connection"),
    Command("sign_in", "Sign in…", "key"),
    Command("sign_out", "Sign out…"),
    Command("act_for", "Act for an end user…"),
    Command("sandbox_page", "Open the sandbox's page", "external-link"),
    Command("theme_system", "Follow the system"),
    Command("theme_light", "Light"),
    Command("theme_dark", "Dark"),
    Command("notify", "Notify when a run ends"),
    Command("about_log", "About this log", "info"),
    Command("back_up", "Back up the log…", "folder"),
    Command("restore", "Restore a backup…", "history"),
    Command("clear_history", "Clear history…", "trash"),
    Command("self_test", "Self-test…", "success"),
    Command("network", "Network…", "connection"),
    Command("offline", "Work offline"),
    Command("settings", "Settings…", "settings", ("Ctrl+,",)),
    Command("shortcuts", "Keyboard shortcuts", "", ("F1",)),
    Command("logs", "Open log folder", "folder"),
    Command("about", "About zapdesk", "info"),
    Command("quit", "Quit", "", ("Ctrl+Q",)),
)


def _mark(action: QAction, is_on: bool) -> None:
    action.setIcon(theme().icon("check") if is_on else QIcon())


def portable(text: str) -> str:
    """One key in Qt's portable spelling; empty where ``text`` is none, or is several."""
    sequence = QKeySequence.fromString(text)
    return sequence.toString() if sequence.count() == 1 else ""


class Commands(QObject):
    """The commands of one window. What is not bound stays hidden and dead."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._actions: dict[str, QAction] = {}
        self._enabled_when: dict[str, Callable[[], bool]] = {}
        for command in COMMANDS:
            action = QAction(command.text, self)
            action.setObjectName(command.id)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setVisible(False)
            action.setEnabled(False)
            if command.icon:
                action.setIcon(theme().icon(command.icon))
            else:  # a switch has the mark that is drawn like all icons
                action.toggled.connect(partial(_mark, action))
            window.addAction(action)
            self._actions[command.id] = action
        self._tell_keys()
        CommandKeys(window, self)

    def bind(
        self,
        command_id: str,
        perform: Callable[[], object],
        enabled_when: Callable[[], bool] | None = None,
    ) -> QAction:
        """Let a command do something. Raises ``KeyError`` for an id that is not in COMMANDS."""
        action = self._actions[command_id]
        action.triggered.connect(lambda: perform())
        if enabled_when is not None:
            self._enabled_when[command_id] = enabled_when
        action.setVisible(True)
        action.setEnabled(enabled_when is None or enabled_when())
        return action

    def set_keys(self, chosen: Mapping[str, tuple[str, ...]]) -> list[str]:
        """Give commands the keys that a person chose; the others have their own.

        A key that was chosen for one command is taken from another that only has it by itself.
        Returns sentences about what cannot be: no such command, no such key, one key chosen twice.
        """
        troubles: list[str] = []
        keys: dict[str, list[str]] = {}
        taken: dict[str, str] = {}
        for command_id, texts in chosen.items():
            if command_id not in self._actions:
                troubles.append(f"shortcuts: '{command_id}' is no command.")
                continue
            keys[command_id] = []
            for text in texts:
                key = portable(text)
                if not key:
                    troubles.append(f"shortcuts: '{text}' is no key.")
                elif key in taken:
                    troubles.append(f"shortcuts: {key} is chosen for '{taken[key]}' already.")
                else:
                    taken[key] = command_id
                    keys[command_id].append(key)
        for command in COMMANDS:
            own = (portable(key) for key in command.keys)
            wanted = keys.get(command.id, [key for key in own if key not in taken])
            sequences = [QKeySequence(key) for key in wanted]
            if self._actions[command.id].shortcuts() != sequences:
                self._actions[command.id].setShortcuts(sequences)
        self._tell_keys()
        return troubles

    def _tell_keys(self) -> None:
        BOUND.take({command_id: self.keys(command_id) for command_id in self._actions})

    def keys(self, command_id: str) -> tuple[str, ...]:
        """The keys of a command, in Qt's portable spelling."""
        return tuple(key.toString() for key in self._actions[command_id].shortcuts())

    def action(self, command_id: str) -> QAction:
        """The action of a command, for menus and buttons."""
        return self._actions[command_id]

    def refresh(self) -> None:
        """Ask every ``enabled_when`` again."""
        for command_id, enabled_when in self._enabled_when.items():
            self._actions[command_id].setEnabled(enabled_when())

    def bound(self) -> list[QAction]:
        """The commands that work, in the order of COMMANDS."""
        return [action for action in self._actions.values() if action.isVisible()]

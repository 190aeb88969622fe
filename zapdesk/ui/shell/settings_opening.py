"""The window's side of the settings: opens their window, and follows what is chosen in it, in a
terminal, or with an editor.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from zapdesk.errors import ZapdeskError
from zapdesk.paths import Paths
from zapdesk.ui.clipboard import secrets_stay
from zapdesk.ui.look.theme import theme
from zapdesk.ui.shell.main_menu import THEME_COMMANDS

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Program
    from zapdesk.settings import Settings
    from zapdesk.ui.settings.window import SettingsWindow
    from zapdesk.ui.shell.main_window import MainWindow

_KEYS = "shortcuts"

Start = Callable[[Coroutine[Any, Any, Any]], object]


class SettingsOpening(QObject):
    """``profile_page`` makes the page of all profiles."""

    def __init__(
        self, window: MainWindow, start: Start, paths: Paths, profile_page: Callable[[], QWidget]
    ) -> None:
        super().__init__(window)
        self._paths = paths
        self._window = window
        self._start = start
        self._profile_page = profile_page
        self._program: Program | None = None
        self._open: SettingsWindow | None = None
        self._told: tuple[str, ...] = ()
        window.commands.bind("settings", self.show, lambda: self._program is not None)

    def set_program(self, program: Program) -> None:
        """From now on there are settings."""
        self._program = program
        program.preferences.changed.subscribe(self._follow)
        self._window.installEventFilter(self)
        self._window.commands.refresh()
        self._told = program.settings.troubles  # whoever starts the program tells them
        self._follow(program.settings)

    def show(self, page_id: str = "") -> None:
        """Open the window of settings, or bring it to the front."""
        from zapdesk.ui.settings.window import Parts, SettingsWindow

        program = self._program
        if program is None:
            return
        if self._open is None:
            parts = Parts(
                preferences=program.preferences,
                commands=self._window.commands,
                accounts=program.accounts,
                base_url=lambda: program.access.profile.base_url,
                history=program.history,
                sensitive=program.sensitive,
                profile_page=self._profile_page,
            )
            self._open = SettingsWindow(self._window, parts)
            self._open.finished.connect(self._close)
            self._open.show()
        if page_id:
            self._open.show_page(page_id)
        self._open.raise_()
        self._open.activateWindow()

    async def keep(
        self, changes: Mapping[str | tuple[str, ...], object], within: tuple[str, ...] = ()
    ) -> None:
        """Keep what was chosen elsewhere in the window, also where the log cannot be used; where
        the table ``within`` was removed meanwhile there is nothing to keep it in."""
        from zapdesk.services.preferences import Preferences
        from zapdesk.settings import Missing

        program = self._program
        preferences = program.preferences if program else Preferences(self._paths.settings)
        try:
            await preferences.change(changes, within=within)
        except Missing:
            pass  # the window says by itself that the profile is gone
        except ZapdeskError as error:
            self._window.notices.show_error(error, "settings")

    async def close(self) -> None:
        """Wait until nothing is under way any more."""
        if self._open is not None:
            window, self._open = self._open, None
            window.close()
            await window.close_tasks()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowActivate and self._program is not None:
            # Somebody may have been in a terminal, or in an editor, meanwhile.
            self._start(self._program.preferences.read_again())
        return super().eventFilter(watched, event)

    def _close(self) -> None:
        window, self._open = self._open, None
        if window is not None:
            self._start(window.close_tasks())

    def _follow(self, settings: Settings) -> None:
        secrets_stay(settings.clipboard_seconds)
        theme().choose(settings.theme)
        for command_id in THEME_COMMANDS:
            is_chosen = command_id == f"theme_{settings.theme}"
            self._window.commands.action(command_id).setChecked(is_chosen)
        self._follow_keys(settings)
        self._tell(settings.troubles)

    def _tell(self, troubles: tuple[str, ...]) -> None:
        """Say what is wrong in the file since it was read last; what was mended is said no more."""
        told, self._told = self._told, troubles
        for sentence in set(told) - set(troubles):
            self._window.notices.clear(sentence)
        for sentence in troubles:
            if sentence not in told:
                self._window.notices.show_notice(sentence, "warning", sentence)

    def _follow_keys(self, settings: Settings) -> None:
        troubles = self._window.commands.set_keys(settings.shortcuts)
        self._window.notices.clear(_KEYS)
        if troubles:
            self._window.notices.show_notice(_KEYS, "warning", troubles[0])

"""The window's side of the run log: what it says when the log cannot be written, the page about
it, backups, and notices of runs that have ended.

It holds what belongs to the program and outlives profiles; the history itself is a panel.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from zapdesk.errors import ZapdeskError
from zapdesk.ui.notices import confirm
from zapdesk.ui.notifications import Notifications
from zapdesk.ui.shell.about_log import AboutLogSheet
from zapdesk.ui.times import local, now_ms

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Program, Session
    from zapdesk.services.history import HistoryService
    from zapdesk.settings import Settings
    from zapdesk.ui.shell.main_window import MainWindow

_TROUBLE, _BACKUP = "log", "backup"
_KINDS = "Backups of the run log (*.db);;All files (*)"

Start = Callable[[Coroutine[Any, Any, Any]], object]


class LogKeeping(QObject):
    """``notify_chosen`` says whether notices of ended runs are wanted from now on."""

    notify_chosen = Signal(bool)

    def __init__(self, window: MainWindow, start: Start) -> None:
        super().__init__(window)
        self._window = window
        self._start = start
        self._program: Program | None = None
        self._sheet: AboutLogSheet | None = None
        self._folder = str(Path.home())
        self.notifications = Notifications(window, window.notices, now_ms)
        self.notifications.run_wanted.connect(self._show_run)
        commands, has_log = window.commands, lambda: self._program is not None
        commands.bind("about_log", self.show_about, has_log)
        commands.bind("back_up", self.ask_where_to_back_up, has_log)
        commands.bind("restore", lambda: self.ask_to_restore(None), has_log)
        commands.bind("clear_history", window.panels.runs.clear_history, has_log)
        notify = commands.bind("notify", self._toggle_notices)
        notify.setCheckable(True)
        notify.setChecked(True)

    def set_program(self, program: Program) -> None:
        """From now on there is a log."""
        self._program = program
        self.follow_settings(program.settings)
        program.database.trouble.subscribe(self._show_trouble)
        self._show_trouble(program.database.read_only_reason)

    def follow_settings(self, settings: Settings) -> None:
        """Tell of ended runs as the settings want from now on."""
        self.notifications.is_on = settings.notifications
        self.notifications.tells_details = settings.notice_details
        self._folder = settings.backup_folder or str(Path.home())
        self._window.commands.action("notify").setChecked(settings.notifications)

    def follow(self, session: Session) -> None:
        """Tell when runs of this session end."""
        self.notifications.follow(session.runs)

    async def close(self) -> None:
        """Tell nothing any more."""
        await self.notifications.close()

    # A log that cannot be written

    def _show_trouble(self, reason: str) -> None:
        notices = self._window.notices
        if not reason:
            notices.clear(_TROUBLE)
            return
        notices.show_notice(
            _TROUBLE,
            "error",
            f"Nothing can be sent now: {reason} What is in the log can be read.",
            "Try again",
            lambda: self._start(self._try_again()),
            closable=False,
        )

    async def _try_again(self) -> None:
        program = self._program
        if program is not None and not await program.database.try_again():
            self._show_trouble(program.database.read_only_reason)

    # The page about it, and backups

    def show_about(self) -> None:
        """Open the page about the log."""
        sheet = self._sheet = AboutLogSheet(
            self._window,
            lambda full: self._start(self._look(full)),
            self.ask_where_to_back_up,
            self.ask_to_restore,
        )
        sheet.finished.connect(self._forget_sheet)
        sheet.open()
        self._start(self._look(full=False))

    def ask_where_to_back_up(self) -> None:
        """Ask for the file that a backup is written to."""
        name = f"zapdesk-{local(now_ms()):%Y-%m-%d}.db"
        dialog = QFileDialog(
            self._window, "Back up the run log", str(Path(self._folder) / name), _KINDS
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # no file is ever replaced
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: self._start(self._back_up(Path(path))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_to_restore(self, source: Path | None) -> None:
        """Have a backup take the log's place, after asking which, and whether it is meant."""
        if source is not None:
            self._start(self._restore(source))
            return
        dialog = QFileDialog(self._window, "Restore a backup", self._folder, _KINDS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._start(self._restore(Path(path))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _look(self, full: bool) -> None:
        history, sheet = self._history, self._sheet
        if history is None or sheet is None:
            return
        try:
            health = await history.health(full=full)
        except ZapdeskError as error:
            if sheet is self._sheet:
                sheet.show_trouble(" ".join(filter(None, (error.title, error.detail, error.hint))))
            return
        if sheet is self._sheet:
            waiting = history.is_restore_waiting
            keep = (lambda: self._start(self._keep_log())) if waiting else None
            sheet.show_health(health, history.backups(), keep)

    async def _back_up(self, target: Path) -> None:
        history = self._history
        if history is None:
            return
        notices = self._window.notices
        try:
            made = await history.back_up(target)
        except ZapdeskError as error:
            notices.show_error(error, _BACKUP)
        else:
            runs = "the log" if made.runs is None else _counted(made.runs)
            notices.show_notice(_BACKUP, "info", f"Backed up {runs} to {made.path}.")
            await self._look(full=False)

    async def _restore(self, source: Path) -> None:
        history = self._history
        if history is None:
            return
        sentence = (
            f"At the next start {source.name} takes the place of the run log. The log that is there"
            " now is kept beside it; runs that are only in it will not be shown."
        )
        if not await confirm(self._window, "Restore this backup?", sentence, "Restore"):
            return
        notices = self._window.notices
        try:
            restored = await history.restore(source)
        except ZapdeskError as error:
            notices.show_error(error, _BACKUP)
        else:
            runs = "" if restored.runs is None else f" of {_counted(restored.runs)}"
            notices.show_notice(
                _BACKUP,
                "info",
                f"The backup{runs} takes the log's place when zapdesk is started again.",
                "Leave the log as it is",
                lambda: self._start(self._keep_log()),
            )
            await self._look(full=False)

    async def _keep_log(self) -> None:
        history = self._history
        if history is not None:
            self._window.notices.clear(_BACKUP)
            await history.forget_restore()
            await self._look(full=False)

    @property
    def _history(self) -> HistoryService | None:
        return self._program.history if self._program is not None else None

    def _forget_sheet(self) -> None:
        self._sheet = None

    # Runs that have ended

    def _toggle_notices(self) -> None:
        is_on = self._window.commands.action("notify").isChecked()
        self.notifications.is_on = is_on
        self.notify_chosen.emit(is_on)

    def _show_run(self, run_id: str) -> None:
        self._window.raise_window()
        if run_id:
            self._window.panels.show_run_id(run_id)
        else:
            self._window.panels.runs.focus_list()


def _counted(runs: int) -> str:
    return f"{runs:,} run{'' if runs == 1 else 's'}"

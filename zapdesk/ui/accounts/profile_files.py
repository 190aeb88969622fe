"""Profiles to a file and from one. Nothing secret leaves, and what comes in is shown before."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from zapdesk.domain.profiles import Profile
from zapdesk.errors import ZapdeskError
from zapdesk.ui.accounts.profile_words import server_words
from zapdesk.ui.notices import confirm
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:
    from zapdesk.services.profiles import ProfileService
    from zapdesk.ui.shell.main_window import MainWindow

_SUBJECT = "profiles"
_NAME = "zapdesk-profiles.json"
_KINDS = "Profiles (*.json);;All files (*)"
_MOST_NAMED = 8

Start = Callable[[Coroutine[Any, Any, Any]], object]


class ProfileFiles(QObject):
    """``profiles`` is there once the program is."""

    def __init__(self, window: MainWindow, start: Start) -> None:
        super().__init__(window)
        self._window, self._start = window, start
        self.profiles: ProfileService | None = None

    def ask_where_to_export(self, parent: QWidget) -> None:
        """Ask for the file, and write every profile to it."""
        dialog = QFileDialog(parent, "Export the profiles", str(Path.home() / _NAME), _KINDS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(_NAME)
        dialog.fileSelected.connect(lambda path: self._start(self.export(Path(path))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_what_to_import(self, parent: QWidget) -> None:
        """Ask for the file, show what is in it, and take it in."""
        dialog = QFileDialog(parent, "Import profiles", str(Path.home()), _KINDS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._start(self.take_in(Path(path), parent)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def export(self, path: Path) -> None:
        """Write every profile to ``path``, readable by its owner only."""
        if self.profiles is None:
            return
        try:
            shared = await self.profiles.write_file(path, self.profiles.all)
        except ZapdeskError as error:
            self._window.notices.show_error(error, _SUBJECT)
            return
        text = f"The profiles are in {path}. No token and no client secret is in it."
        if shared.left_out:
            names = ", ".join(one_line(name, 40) for _, name in shared.left_out[:_MOST_NAMED])
            text = f"{text} Left out, as they look secret: {names}."
        self._window.notices.show_notice(_SUBJECT, "info", text)

    async def take_in(self, path: Path, parent: QWidget) -> None:
        """Keep the profiles of a file, once a person has seen their servers."""
        if self.profiles is None:
            return
        try:
            found = await self.profiles.read_file(path)
            if await confirm(parent.window(), *import_question(found), "Import"):
                for profile in found:
                    await self.profiles.create(profile)
        except ZapdeskError as error:
            self._window.notices.show_error(error, _SUBJECT)


def import_question(found: Sequence[Profile]) -> tuple[str, str]:
    """A question that names each profile with its server: a token would go there."""
    title = "Import this profile?" if len(found) == 1 else f"Import {len(found)} profiles?"
    named = [f"{one_line(p.name, 60)}: {server_words(p)}" for p in found[:_MOST_NAMED]]
    if len(found) > _MOST_NAMED:
        named.append(f"and {len(found) - _MOST_NAMED} more")
    told = "\n".join(named)
    return title, f"{told}\n\nNone is signed in. A token goes to the server that is named here."

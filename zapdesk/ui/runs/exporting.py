"""Exporting runs that are picked in the history, and taking one in. Secrets are hidden in files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from zapdesk.domain.runs import ActionRun
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.runs.deeds import Deed, Runs, is_one
from zapdesk.ui.runs.export_sheet import ExportSheet
from zapdesk.ui.times import local

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.services.exports.formats import Format
    from zapdesk.services.exports.service import ExportService

_EXPORT = "export"


class Exporting:
    """``exports`` is the service that writes them; ``shown`` is told of a run that was imported."""

    def __init__(
        self,
        parent: QWidget,
        tasks: LateTasks,
        notices: NoticeArea,
        shown: Callable[[ActionRun], object],
    ) -> None:
        self._parent = parent
        self._tasks = tasks
        self._notices = notices
        self._shown = shown
        self.exports: ExportService | None = None

    def deeds(self) -> tuple[Deed, ...]:
        """What can be exported."""
        return (
            Deed("Export…", self._are_several, self.ask, 6, in_bar=True),
            Deed("Export or copy as…", self._is_one, lambda runs: self.look_at(runs[0]), 6),
            Deed("Support ticket…", self._is_one, lambda runs: self.look_at(runs[0], "ticket"), 6),
        )

    def look_at(self, run: ActionRun, format: str = "curl") -> None:
        """Show a run in a format, to be copied or saved."""
        if self.exports is not None:
            window = self._parent.window()
            ExportSheet(window, self.exports, run, self._tasks, format).open()

    def ask(self, runs: Runs) -> None:
        """Ask for the file, and in which format."""

        def write(format: Format, path: Path) -> None:
            self._tasks.start(self._write(list(runs), format, path), name="export runs")

        ask_for_file(self._parent.window(), len(runs), runs[0].created_ms, write)

    async def _write(self, runs: list[ActionRun], format: Format, path: Path) -> None:
        from zapdesk.services.exports.files import save

        exports = self.exports
        if exports is None:
            return
        self._notices.clear(_EXPORT)
        try:
            await save(path, _texts(exports, [run.id for run in runs], format))
        except ZapdeskError as error:
            self._notices.show_error(error, _EXPORT)
        else:
            words = f"{len(runs):,} runs were saved to {path}."
            self._notices.show_notice(_EXPORT, "info", words)

    def choose_capsule(self) -> None:
        """Ask for a capsule to take into the history."""
        dialog = QFileDialog(self._parent.window(), "Import a run", "", "Run capsules (*.zapdesk)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self.take_in(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take_in(self, file: Path) -> None:
        """Take the run of a capsule into the history, for reading."""
        if self.exports is not None:
            self._tasks.start(self._take_in(self.exports, file), name="import a run")

    async def _take_in(self, exports: ExportService, file: Path) -> None:
        try:
            run, is_new = await exports.take_in_file(file)
        except ZapdeskError as error:
            self._notices.show_error(error, _EXPORT)
            return
        words = "The run is in the history now" if is_new else "The run was in the history already"
        self._notices.show_notice(_EXPORT, "info", f"{words}, marked as one from elsewhere.")
        self._shown(run)

    def _is_one(self, runs: Runs) -> bool:
        return is_one(runs) and self.exports is not None

    def _are_several(self, runs: Runs) -> bool:
        return len(runs) > 1 and self.exports is not None


def ask_for_file(
    window: QWidget, count: int, newest_ms: int, write: Callable[[Format, Path], object]
) -> None:
    """Ask for the file that so many runs are saved to, and in which format."""
    from zapdesk.services.exports.formats import FORMATS

    formats = offered()
    kinds = {f"{FORMATS[f].title} (*{FORMATS[f].suffix})": f for f in formats}
    first = formats[0]
    name = f"zapdesk-{local(newest_ms):%Y-%m-%d-%H%M%S}{FORMATS[first].suffix}"
    dialog = QFileDialog(window, f"Export {count:,} runs", str(Path.home()))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(kinds))
    dialog.selectFile(name)

    def follow(kind: str) -> None:
        dialog.setDefaultSuffix(FORMATS[kinds[kind]].suffix.lstrip("."))

    follow(next(iter(kinds)))
    dialog.filterSelected.connect(follow)
    dialog.fileSelected.connect(
        lambda path: write(kinds.get(dialog.selectedNameFilter(), first), Path(path))
    )
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def offered() -> tuple[Format, ...]:
    """The formats that several runs can be saved in."""
    from zapdesk.services.exports.formats import FORMATS

    return tuple(format for format, facts in FORMATS.items() if facts.takes_many)


async def _texts(exports: ExportService, ids: Sequence[str], format: Format) -> AsyncIterator[str]:
    async for text, _ in exports.several(ids, format):
        yield text

"""Exporting runs that are picked in the history, into one file. Secrets are hidden in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from zapdesk.domain.runs import ActionRun
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.runs.deeds import Deed, Runs, is_any
from zapdesk.ui.times import local

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.services.exports.formats import Format
    from zapdesk.services.exports.service import ExportService

_EXPORT = "export"


class Exporting:
    """``exports`` is the service that writes them."""

    def __init__(self, parent: QWidget, tasks: LateTasks, notices: NoticeArea) -> None:
        self._parent = parent
        self._tasks = tasks
        self._notices = notices
        self.exports: ExportService | None = None

    def deeds(self) -> tuple[Deed, ...]:
        """What can be exported."""
        return (Deed("Export…", self._can_export, self.ask, 6, in_bar=True),)

    def ask(self, runs: Runs) -> None:
        """Ask for the file, and in which format."""
        from zapdesk.services.exports.formats import FORMATS

        formats = offered(runs)
        kinds = {f"{FORMATS[f].title} (*{FORMATS[f].suffix})": f for f in formats}
        first = formats[0]
        name = f"zapdesk-{local(runs[0].created_ms):%Y-%m-%d-%H%M%S}{FORMATS[first].suffix}"
        dialog = QFileDialog(self._parent.window(), _title(runs), str(Path.home()))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(kinds))
        dialog.selectFile(name)

        def follow(kind: str) -> None:
            dialog.setDefaultSuffix(FORMATS[kinds[kind]].suffix.lstrip("."))

        def write(path: str) -> None:
            format = kinds.get(dialog.selectedNameFilter(), first)
            self._tasks.start(self._write(list(runs), format, Path(path)), name="export runs")

        follow(next(iter(kinds)))
        dialog.filterSelected.connect(follow)
        dialog.fileSelected.connect(write)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _write(self, runs: list[ActionRun], format: Format, path: Path) -> None:
        from zapdesk.services.exports.files import save

        exports = self.exports
        if exports is None:
            return
        self._notices.clear(_EXPORT)
        try:
            if len(runs) == 1:
                shown = await exports.copy_as(runs[0].id, format)
                await save(path, [shown.text])
            else:
                await save(path, _texts(exports, [run.id for run in runs], format))
        except ZapdeskError as error:
            self._notices.show_error(error, _EXPORT)
        else:
            what = "1 run was" if len(runs) == 1 else f"{len(runs):,} runs were"
            self._notices.show_notice(_EXPORT, "info", f"{what} saved to {path}.")

    def _can_export(self, runs: Runs) -> bool:
        return is_any(runs) and self.exports is not None


def offered(runs: Runs) -> tuple[Format, ...]:
    """The formats that these runs can be saved in, the likeliest first."""
    from zapdesk.services.exports.formats import FORMATS, Format

    if len(runs) == 1:
        return (Format.CAPSULE, Format.JSON, Format.CSV, Format.HAR, Format.MARKDOWN)
    return tuple(format for format, facts in FORMATS.items() if facts.takes_many)


async def _texts(exports: ExportService, ids: Sequence[str], format: Format) -> AsyncIterator[str]:
    async for text, _ in exports.several(ids, format):
        yield text


def _title(runs: Runs) -> str:
    return "Export this run" if len(runs) == 1 else f"Export {len(runs):,} runs"

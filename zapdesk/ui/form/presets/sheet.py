"""The sheet in which presets are loaded, renamed, copied, deleted, exported and imported."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import ROW_DENSE, M, S
from zapdesk.ui.name_dialog import NameDialog
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import Button, EmptyState, PlainLabel
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.sheets import Sheet
from zapdesk.ui.undo import offer_undo

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.domain.drafts import Preset
    from zapdesk.services.drafts import DraftService
    from zapdesk.services.forms import FormSession

_WIDTH = 520
_LIST_HEIGHT = 260
_SUBJECT = "presets"
_FILTER = "Presets (*.json);;All files (*)"
_LARGEST = 10_000_000
_FOR_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|\x00', "-"))


class _List(QListWidget):
    renamed = Signal()
    deleted = Signal()
    chosen = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.deleted.emit()
        elif key == Qt.Key.Key_F2:
            self.renamed.emit()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class PresetsSheet(Sheet):
    """``load_wanted`` gives a Preset, ``renamed`` the old and the new name."""

    load_wanted = Signal(object)
    renamed = Signal(str, str)

    def __init__(
        self, parent: QWidget, service: DraftService, form: FormSession, tasks: LateTasks
    ) -> None:
        super().__init__(parent, "Presets", _WIDTH)
        self._service, self._form, self._tasks = service, form, tasks
        self._presets: list[Preset] = []
        self.notices = NoticeArea()
        self.list = _List()
        self.list.setAccessibleName("Presets of this action")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setObjectName("presets")
        self.list.setMinimumHeight(_LIST_HEIGHT)
        self._nothing = EmptyState(
            "No presets yet.", "Fill in the form, then choose “Save as a preset”.", icon="bookmark"
        )
        self._nothing.setMinimumHeight(_LIST_HEIGHT)
        self.load_button = Button("Load", look="primary")
        self.rename_button = Button("Rename…", tip="F2")
        self.copy_button = Button("Duplicate")
        self.export_button = Button("Export…")
        self.delete_button = Button("Delete", tip="Delete")
        self.import_button = Button("Import…")
        self._of_one = (
            self.load_button,
            self.rename_button,
            self.copy_button,
            self.export_button,
            self.delete_button,
        )
        self._lay_out(one_line(f"{form.app.title} › {form.action.title}", 100))
        self._connect()
        self._run(self._refresh)

    def _lay_out(self, action: str) -> None:
        self.column.addWidget(PlainLabel("Presets", size="title", bold=True))
        self.column.addWidget(PlainLabel(action, tone="muted", elide=True))
        self.column.addWidget(self.notices)
        self.column.addSpacing(S)
        buttons = QVBoxLayout()
        buttons.setSpacing(S)
        for button in self._of_one:
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.import_button)
        row = QHBoxLayout()
        row.setSpacing(M)
        row.addWidget(self.list, 1)
        row.addWidget(self._nothing, 1)
        row.addLayout(buttons)
        self.column.addLayout(row)
        self.finish()
        self.list.setFocus()

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._enable)
        self.list.itemDoubleClicked.connect(self._load)
        self.list.chosen.connect(self._load)
        self.list.renamed.connect(self._rename)
        self.list.deleted.connect(self._delete)
        self.load_button.clicked.connect(self._load)
        self.rename_button.clicked.connect(self._rename)
        self.copy_button.clicked.connect(self._duplicate)
        self.export_button.clicked.connect(self._export)
        self.delete_button.clicked.connect(self._delete)
        self.import_button.clicked.connect(self._import)

    @property
    def current(self) -> Preset | None:
        """The preset that the buttons act on."""
        row = self.list.currentRow()
        return self._presets[row] if 0 <= row < len(self._presets) else None

    def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.start(self._told(work), "presets sheet")

    async def _told(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except ZapdeskError as error:
            if isValid(self):
                self.notices.show_error(error, _SUBJECT)

    def _say(self, text: str) -> None:
        if isValid(self):
            self.notices.show_notice(_SUBJECT, "info", text)

    async def _refresh(self, name: str = "") -> None:
        found = list(await self._service.presets(self._form))
        if not isValid(self):  # closed meanwhile
            return
        wanted = name or (self.current.name if self.current else "")
        row = self.list.currentRow()
        self._presets = found
        self.list.clear()
        for preset in found:
            item = QListWidgetItem(one_line(preset.name, 200))
            item.setSizeHint(QSize(0, ROW_DENSE))
            self.list.addItem(item)
        names = [preset.name for preset in found]
        row = names.index(wanted) if wanted in names else min(row, len(names) - 1)
        self.list.setCurrentRow(max(0, row))
        self.list.setHidden(not found)
        self._nothing.setHidden(bool(found))
        self._enable()

    def _enable(self) -> None:
        for button in self._of_one:
            button.setEnabled(self.current is not None)

    # What the buttons do

    def _load(self) -> None:
        if self.current is not None:
            self.load_wanted.emit(self.current)
            self.accept()

    def _rename(self) -> None:
        preset = self.current
        if preset is None:
            return

        async def rename(name: str) -> None:
            await self._service.rename(preset, name)
            shown = " ".join(name.split())
            self.renamed.emit(preset.name, shown)
            await self._refresh(shown)

        dialog = NameDialog(self, self._tasks, "Rename the preset", "Rename", preset.name, rename)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _duplicate(self) -> None:
        preset = self.current
        if preset is None:
            return

        async def duplicate() -> None:
            from zapdesk.domain.drafts import free_name

            name = free_name(preset.name, {known.name for known in self._presets})
            await self._service.duplicate(preset, name)
            await self._refresh(name)

        self._run(duplicate)

    def _delete(self) -> None:
        preset = self.current
        if preset is None:
            return

        async def take_back() -> None:
            await self._service.undelete(preset)
            await self._refresh(preset.name)

        async def delete() -> None:
            await self._service.delete(preset)
            if isValid(self):
                text = f"Deleted “{one_line(preset.name, 80)}”."
                offer_undo(self.notices, _SUBJECT, text, lambda: self._run(take_back))
            await self._refresh()

        self._run(delete)

    # Files

    def _export(self) -> None:
        preset = self.current
        if preset is None:
            return
        dialog = QFileDialog(self, "Export the preset", "", _FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile(f"{preset.name.translate(_FOR_NAMES)[:80].strip(' .') or 'preset'}.json")
        dialog.fileSelected.connect(lambda file: self.export_to(preset, Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_to(self, preset: Preset, file: Path) -> None:
        """Write a preset to ``file``, in the place of what is there."""

        async def export() -> None:
            import asyncio

            from zapdesk.services.drafts import export_preset

            try:
                content = export_preset(preset, self._form.app.title)
                await asyncio.to_thread(file.write_bytes, content)
            except OSError as error:
                raise InvalidInput(f"{file.name} was not written: {error.strerror}.") from None
            self._say(f"Exported to {file}.")

        self._run(export)

    def _import(self) -> None:
        dialog = QFileDialog(self, "Import a preset", "", _FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self.import_from(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def import_from(self, file: Path) -> None:
        """Keep the preset in ``file`` under a name that is free."""

        async def bring_in() -> None:
            import asyncio

            from zapdesk.services.drafts import import_preset

            try:
                content = await asyncio.to_thread(_content, file)
            except OSError as error:
                raise InvalidInput(f"{file.name} cannot be read: {error.strerror}.") from None
            name = await import_preset(self._service, self._form, content)
            await self._refresh(name)
            self._say(f"Imported “{one_line(name, 80)}”.")

        self._run(bring_in)


def _content(file: Path) -> bytes:
    if file.stat().st_size > _LARGEST:
        raise InvalidInput(f"{file.name} is too large to be a preset.")
    return file.read_bytes()

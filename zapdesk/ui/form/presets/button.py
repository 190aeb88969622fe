"""The Presets button of a form: load one, save one, look after them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from zapdesk.errors import ZapdeskError
from zapdesk.ui.form.presets.report import ReportDialog
from zapdesk.ui.form.presets.sheet import PresetsSheet
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import theme
from zapdesk.ui.name_dialog import NameDialog
from zapdesk.ui.parts import Button
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.undo import Before, offer_undo

if TYPE_CHECKING:  # these import what must not be imported before the first paint
    from zapdesk.domain.drafts import Preset
    from zapdesk.services.drafts import DraftService, PresetReport
    from zapdesk.services.forms import FormSession
    from zapdesk.ui.form.action_panel import ActionPanel

_SUBJECT = "preset"
_MOST_IN_MENU = 12
_QUIET_S = 0.3
"""Looking at a preset is spoken of only where it takes longer."""


class Presets(QObject):
    """The presets of whatever form is open in one panel."""

    def __init__(self, panel: ActionPanel, service: DraftService, tasks: LateTasks) -> None:
        super().__init__(panel)
        self._panel = panel
        self._service = service
        self._tasks = tasks
        self._name = ""
        self._form: FormSession | None = None
        self.menu: QMenu | None = None
        self.button = Button("Presets", look="quiet", icon="bookmark", tip="Saved fillings")
        self.button.hide()
        self.button.clicked.connect(lambda: self._do(self._open_menu))
        panel.header.add_tool(self.button)
        panel.form_opened.connect(self._on_form_opened)

    def _on_form_opened(self, form: FormSession) -> None:
        if form is not self._form:
            self._form, self._name = form, ""
            self._panel.notices.clear(_SUBJECT)
        self.button.show()

    def _do(self, work: Callable[[FormSession], Awaitable[None]]) -> None:
        form = self._panel.form_session
        if form is not None:
            self._tasks.start(self._told(work, form), "presets")

    async def _told(
        self, work: Callable[[FormSession], Awaitable[None]], form: FormSession
    ) -> None:
        try:
            await work(form)
        except ZapdeskError as error:
            if isValid(self):  # its tab was not closed meanwhile
                self._panel.notices.show_error(error, _SUBJECT)

    # The menu

    async def _open_menu(self, form: FormSession) -> None:
        presets = await self._service.presets(form)
        if form is not self._panel.form_session:
            return
        self.menu = menu = QMenu(self.button)
        menu.aboutToHide.connect(menu.deleteLater)
        for preset in presets[:_MOST_IN_MENU]:
            action = menu.addAction(one_line(preset.name, 60).replace("&", "&&"))
            if preset.name == self._name:
                action.setIcon(theme().icon("check", "accent"))
            action.triggered.connect(partial(self.load, preset))
        if len(presets) > _MOST_IN_MENU:
            menu.addAction(f"All {len(presets):,} presets…").triggered.connect(self.open_sheet)
        if presets:
            menu.addSeparator()
        current = next((preset for preset in presets if preset.name == self._name), None)
        if current is not None:
            words = f"Save into “{one_line(self._name, 40)}”".replace("&", "&&")
            action = menu.addAction(words)
            action.triggered.connect(lambda: self._do(partial(self._save_over, current)))
        names = [preset.name for preset in presets]
        menu.addAction("Save as a preset…").triggered.connect(lambda: self._ask_for_name(names))
        menu.addSeparator()
        menu.addAction("Manage presets…").triggered.connect(self.open_sheet)
        menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height())))

    def _ask_for_name(self, taken: list[str]) -> None:
        form = self._panel.form_session
        if form is None:
            return

        async def save(name: str) -> None:
            await self._service.save(form, name)
            self._on_saved(name)

        async def replace(name: str) -> None:
            wanted = " ".join(name.split())
            found = [p for p in await self._service.presets(form) if p.name == wanted]
            if found:
                await self._save_over(found[0], form)
            else:
                await save(name)

        dialog = NameDialog(
            self._panel.window(),
            self._tasks,
            "Save as a preset",
            "Save",
            "",
            save,
            taken=taken,
            replace=replace,
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _save_over(self, preset: Preset, form: FormSession) -> None:
        # The old one is only put away, so that it can be had back.
        await self._service.delete(preset)
        await self._service.save(form, preset.name)

        async def take_back(form: FormSession) -> None:
            for found in await self._service.presets(form):
                if found.name == preset.name:
                    await self._service.delete(found)
            await self._service.undelete(preset)

        self._on_saved(preset.name, lambda: self._do(take_back))

    def _on_saved(self, name: str, undo: Callable[[], None] | None = None) -> None:
        if not isValid(self):  # its tab was closed meanwhile
            return
        self._name = " ".join(name.split())
        notices = self._panel.notices
        text = f"Saved as “{one_line(self._name, 80)}”. Passwords are not in it."
        if undo is None:
            notices.show_notice(_SUBJECT, "info", text)
        else:
            offer_undo(notices, _SUBJECT, text, undo)

    def open_sheet(self) -> None:
        """Show the list in which presets are renamed, copied, deleted and shared."""
        form = self._panel.form_session
        if form is not None:
            sheet = PresetsSheet(self._panel.window(), self._service, form, self._tasks)
            sheet.load_wanted.connect(self.load)
            sheet.renamed.connect(self._on_renamed)
            sheet.open()

    def _on_renamed(self, old: str, new: str) -> None:
        if self._name == old:
            self._name = new

    # Loading

    def load(self, preset: Preset) -> None:
        """Put a preset into the form, at once where nothing is lost by it, else after asking."""
        self._do(partial(self._load, preset))

    async def _load(self, preset: Preset, form: FormSession) -> None:
        import asyncio

        notices = self._panel.notices
        text = f"Looking at what “{one_line(preset.name, 80)}” would change…"

        def tell() -> None:
            if isValid(self):
                notices.show_notice(_SUBJECT, "info", text)

        telling = asyncio.get_running_loop().call_later(_QUIET_S, tell)
        try:
            report = await self._service.examine(form, preset)
        finally:
            telling.cancel()
            if isValid(self):
                notices.clear(_SUBJECT)
        if not isValid(self) or form is not self._panel.form_session:
            return
        if report.is_smooth:
            self._put_in(form, report)
            return
        dialog = ReportDialog(self._panel.window(), report)
        dialog.accepted.connect(lambda: self._put_in(form, report))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _put_in(self, form: FormSession, report: PresetReport) -> None:
        if form is not self._panel.form_session:
            return
        before, was = Before(form), self._name
        self._service.load(form, report)
        self._name = report.preset.name

        def take_back() -> None:
            self._name = was
            self._tasks.start(before.bring_back(), "undo preset")

        text = f"Loaded “{one_line(self._name, 80)}”."
        offer_undo(self._panel.notices, _SUBJECT, text, take_back)

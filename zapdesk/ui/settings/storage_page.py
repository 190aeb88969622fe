"""StoragePage: what is kept of the history. Nothing is dropped before a person has seen how much.

A shorter time, or less room, is only proposed here; it counts once it was confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from zapdesk.domain.history import KEEPING, dropping_words
from zapdesk.errors import ZapdeskError
from zapdesk.settings import Settings
from zapdesk.settings.table import SETTINGS
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.parts import Button, HLine, PlainLabel
from zapdesk.ui.settings.page import SettingsGroup, SettingsPage

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.history import HistoryService

Changes = Mapping[str | tuple[str, ...], object]


class Proposal(QFrame):
    """How many runs would go; ``confirmed`` or ``left``."""

    confirmed = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setProperty("kind", "warning")
        self.words = PlainLabel(wrap=True)
        self.apply = Button("Drop them")
        self.leave = Button("Leave everything as it is", look="quiet")
        self.apply.clicked.connect(self.confirmed)
        self.leave.clicked.connect(self.left)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, M, M, M)
        column.setSpacing(S)
        column.addWidget(self.words)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(self.apply)
        row.addWidget(self.leave)
        row.addStretch(1)
        column.addLayout(row)
        self.hide()


class StoragePage(SettingsPage):
    """``history`` is ``None`` where there is no log to look at. ``keep`` makes a choice
    count, and tells whether it does."""

    def __init__(
        self,
        title: str,
        history: HistoryService | None,
        keep: Callable[[Changes], Awaitable[bool]],
        tasks: LateTasks,
    ) -> None:
        super().__init__(title, [row for row in SETTINGS.values() if row.page == "storage"])
        self._history = history
        self._keep = keep
        self._tasks = tasks
        self._settings = Settings()
        self._wanted: dict[str, int] = {}
        self.proposal = Proposal()
        self.proposal.confirmed.connect(self._confirm)
        self.proposal.left.connect(self._leave)
        self.add(self.proposal)
        self.column.insertSpacing(self.column.count() - 1, S)

    def show_settings(self, settings: Settings) -> None:
        self._settings = settings
        if not self._wanted:
            super().show_settings(settings)

    def add_deeds(self, title: str, sentence: str, buttons: list[Button]) -> None:
        """Put a group of things that can be done under the settings."""
        group = SettingsGroup(title, sentence)
        group.column.addSpacing(XS)
        row = QHBoxLayout()
        row.setSpacing(S)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        group.column.addLayout(row)
        self.add(HLine())
        self.add(group)

    def propose(self, name: str, value: int) -> None:
        """Say what ``value`` would drop, and wait for an answer."""
        self._wanted[name] = value
        self.proposal.words.setText("Counting…")
        self.proposal.apply.setEnabled(False)
        self.proposal.show()
        self._tasks.start(self._count(dict(self._wanted)), "count what would be dropped")

    async def _count(self, wanted: dict[str, int]) -> None:
        kept = {name: wanted.get(name, getattr(self._settings, name)) for name in KEEPING}
        count = 0
        if self._history is not None:
            try:
                count = await self._history.would_go(kept["keep_days"], kept["keep_megabytes"])
            except ZapdeskError as error:
                self.proposal.words.setText(str(error))
                return
        if wanted != self._wanted:
            return  # another number was typed meanwhile
        if not count:
            self._confirm()
            return
        self.proposal.words.setText(dropping_words(count, is_about=bool(kept["keep_megabytes"])))
        self.proposal.apply.set_text("Drop it" if count == 1 else "Drop them")
        self.proposal.apply.setEnabled(True)

    def _confirm(self) -> None:
        wanted, self._wanted = self._wanted, {}
        self.proposal.hide()
        self._tasks.start(self._apply(wanted), "drop old runs")

    async def _apply(self, wanted: dict[str, int]) -> None:
        # The history follows the settings: it drops nothing that they do not say.
        changes: Changes = dict(wanted.items())
        if await self._keep(changes) and self._history is not None:
            await self._history.tidy()

    def _leave(self) -> None:
        self._wanted = {}
        self.proposal.hide()
        super().show_settings(self._settings)

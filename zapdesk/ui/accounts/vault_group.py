"""VaultGroup: where secrets are kept, as it is now, with the way to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from zapdesk.ui.accounts.vault_dialog import change_home
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XS, M
from zapdesk.ui.parts import Button, PlainLabel

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts


class VaultGroup(QWidget):
    """A title, a sentence and a button. The first time it is shown it looks at the keyring."""

    def __init__(self, accounts: Accounts, tasks: LateTasks) -> None:
        super().__init__()
        self._accounts = accounts
        self._tasks = tasks
        self._has_looked = False
        self.text = PlainLabel("", tone="muted", wrap=True)
        self.button = Button("Change…")
        self.button.clicked.connect(
            lambda: tasks.start(change_home(self, accounts), "change where secrets are kept")
        )
        column = QVBoxLayout()
        column.setSpacing(XS)
        column.addWidget(PlainLabel("Where secrets are kept", bold=True))
        column.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, M, 0, M)
        row.setSpacing(M)
        row.addLayout(column, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._show()
        forget = accounts.vault.changed.subscribe(lambda _: self._show())
        self.destroyed.connect(lambda: forget())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._has_looked:
            self._has_looked = True
            self._tasks.start(self._look(), "look at the keyring")

    async def _look(self) -> None:
        await self._accounts.vault.look()
        if isValid(self):
            self._show()

    def _show(self) -> None:
        state = self._accounts.vault.state
        self.text.setText(state.place)
        self.button.setHidden(not state.changes)

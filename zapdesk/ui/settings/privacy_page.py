"""PrivacyPage: what others may see, where secrets are kept, and which fields are sensitive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.catalog import ActionKey
from zapdesk.errors import ZapdeskError
from zapdesk.settings import Settings
from zapdesk.settings.table import SETTINGS
from zapdesk.ui.accounts.vault_group import VaultGroup
from zapdesk.ui.bound_keys import BOUND
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.parts import Button, HLine, PlainLabel, clear_layout
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.settings.page import SettingsGroup, SettingsPage

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts
    from zapdesk.services.sensitive import SensitiveService

_MOST_FIELDS = 200


class PrivacyPage(SettingsPage):
    """``sensitive`` is ``None`` where there is no log that knows of any field."""

    def __init__(
        self, title: str, accounts: Accounts, sensitive: SensitiveService | None, tasks: LateTasks
    ) -> None:
        super().__init__(title, [row for row in SETTINGS.values() if row.page == "privacy"])
        self._sensitive = sensitive
        self._tasks = tasks
        self.store = VaultGroup(accounts, tasks)
        self.add(HLine())
        self.add(self.store)
        self.fields = QWidget()
        self._field_rows = QVBoxLayout(self.fields)
        self._field_rows.setContentsMargins(0, 0, 0, M)
        self._field_rows.setSpacing(XS)
        self.add(HLine())
        self.marking = SettingsGroup("Sensitive fields", "")
        self.add(self.marking)
        self.add(self.fields)
        self._show_fields()

    def show_settings(self, settings: Settings) -> None:
        super().show_settings(settings)
        self.marking.sentence.setText(
            f"Fields that you marked in forms{BOUND.words('field_menu', ' ({})')}: their values are"
            " kept nowhere and are hidden in earlier runs."
        )

    def _show_fields(self) -> None:
        clear_layout(self._field_rows)
        marked = self._sensitive.marked if self._sensitive is not None else ()
        for action, field_id in marked[:_MOST_FIELDS]:
            self._field_rows.addWidget(self._field_row(action, field_id))
        if not marked:
            self._field_rows.addWidget(PlainLabel("None is marked.", tone="muted"))

    def _field_row(self, action: ActionKey, field_id: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(PlainLabel(one_line(field_id, 80), mono=True))
        where = f"{action.app_id} › {action.key}"
        row.addWidget(PlainLabel(one_line(where, 160), tone="muted", elide=True), 1)
        button = Button("Forget", look="link")
        button.setAccessibleName(f"Forget that {field_id} is sensitive")
        button.clicked.connect(
            lambda: self._tasks.start(self._forget(action, field_id), "forget a mark")
        )
        row.addWidget(button)
        return line

    async def _forget(self, action: ActionKey, field_id: str) -> None:
        if self._sensitive is not None:
            try:
                await self._sensitive.mark(action, field_id, False)
            except ZapdeskError as error:
                self._field_rows.addWidget(PlainLabel(str(error), tone="error", wrap=True))
                return
            self._show_fields()

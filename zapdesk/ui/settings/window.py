"""SettingsWindow: pages of settings, found by a search over all of them. What is chosen counts at
once; the window shows what the file says, whoever changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from zapdesk.domain.history import KEEPING
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.settings import Settings
from zapdesk.settings.table import PAGES, SETTINGS
from zapdesk.ui.fitting import keep_on_screen
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import M, S
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import Button, EmptyState, SearchBox
from zapdesk.ui.settings.found_page import FoundPage
from zapdesk.ui.settings.network_page import NetworkPage
from zapdesk.ui.settings.page import SettingsPage
from zapdesk.ui.settings.privacy_page import PrivacyPage
from zapdesk.ui.settings.shortcuts_page import ShortcutsPage
from zapdesk.ui.settings.storage_page import StoragePage
from zapdesk.ui.shell.commands import Commands

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts
    from zapdesk.services.history import HistoryService
    from zapdesk.services.preferences import Preferences
    from zapdesk.services.sensitive import SensitiveService

_SIDE = 200
_TROUBLE = "settings"
Changes = Mapping[str | tuple[str, ...], object]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the pages work with; ``None`` where the log cannot be used."""

    preferences: Preferences
    commands: Commands
    accounts: Accounts
    base_url: Callable[[], str]
    history: HistoryService | None = None
    sensitive: SensitiveService | None = None
    profile_page: Callable[[], QWidget] | None = None


class SettingsWindow(QDialog):
    """Not modal: what is chosen shows in the window behind it."""

    def __init__(self, parent: QWidget, parts: Parts) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Settings — zapdesk")
        self.setMinimumSize(720, 480)
        self.resize(900, 680)
        self._preferences = parts.preferences
        self._tasks = LateTasks()
        self.search = SearchBox("Find a setting…")
        self.search.textChanged.connect(self._find)
        self.list = QListWidget()
        self.list.setObjectName("settings_pages")
        self.list.setAccessibleName("Pages")
        self.list.currentRowChanged.connect(self._show_page)
        self.list.itemClicked.connect(lambda _: self._show_page(self.list.currentRow()))
        self.notices = NoticeArea()
        self.stack = QStackedWidget()
        self.pages: dict[str, SettingsPage] = {}
        self._makers: dict[str, Callable[[], SettingsPage]] = {}
        self.found = FoundPage(parts.commands, self._keep)
        self._connect(self.found)
        self._none = EmptyState(
            "No setting and no command has these words.", "", "Clear the search"
        )
        self._none.action_requested.connect(self.search.clear)
        self._build()
        self._add_pages(parts)
        for page in (self.found, self._none):
            self.stack.addWidget(page)
        self._forget = self._preferences.changed.subscribe(self.show_settings)
        self.finished.connect(lambda: self._forget())
        self.show_settings(self._preferences.settings)
        self.list.setCurrentRow(0)
        self.search.setFocus()

    def _build(self) -> None:
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(M, M, M, M)
        column.setSpacing(S)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        line = QFrame()
        line.setObjectName("hairline")
        line.setFixedWidth(1)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.notices)
        inner.addWidget(self.stack, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(line)
        row.addWidget(content, 1)

    def _add_pages(self, parts: Parts) -> None:
        """List the pages; each is made when it is first looked at."""
        for page_id in ("general", "appearance"):
            self._add(page_id, PAGES[page_id], partial(_plain_page, page_id))
        accounts, tasks = parts.accounts, self._tasks
        self._add(
            "network",
            PAGES["network"],
            lambda: NetworkPage(PAGES["network"], accounts.routing, parts.base_url, tasks),
        )
        self._add(
            "privacy",
            PAGES["privacy"],
            lambda: PrivacyPage(PAGES["privacy"], accounts, parts.sensitive, tasks),
        )
        self._add("storage", PAGES["storage"], lambda: self._storage_page(parts))
        self._add(
            "shortcuts",
            "Shortcuts",
            lambda: ShortcutsPage("Shortcuts", parts.commands, self._keep),
        )
        profile_page = parts.profile_page
        if profile_page is not None:
            self._add("profiles", "Profiles", lambda: _page_around("Profiles", profile_page()))

    def _storage_page(self, parts: Parts) -> StoragePage:
        page = StoragePage(PAGES["storage"], parts.history, self._write, self._tasks)
        page.add_deeds(
            "The log of runs",
            "How large it is, whether it is sound, and copies of it.",
            self._deeds(parts.commands, "about_log", "back_up", "restore", "clear_history"),
        )
        return page

    def _deeds(self, commands: Commands, *command_ids: str) -> list[Button]:
        buttons = []
        for command_id in command_ids:
            action = commands.action(command_id)
            if action.isVisible():
                button = Button(action.text())
                button.clicked.connect(action.trigger)
                buttons.append(button)
        return buttons

    def _add(self, page_id: str, title: str, make: Callable[[], SettingsPage]) -> None:
        self._makers[page_id] = make
        self.list.addItem(title)

    def page(self, page_id: str) -> SettingsPage:
        """A page, made where nobody has looked at it yet."""
        page = self.pages.get(page_id)
        if page is None:
            page = self.pages[page_id] = self._makers[page_id]()
            self._connect(page)
            self.stack.addWidget(page)
            page.show_settings(self._preferences.settings)
        return page

    def _connect(self, page: SettingsPage) -> None:
        page.chosen.connect(self._choose)
        page.reset_wanted.connect(lambda name: self._choose(name, None))

    def show_page(self, page_id: str) -> None:
        """Bring a page to the front."""
        self.search.clear()
        self.list.setCurrentRow(list(self._makers).index(page_id))

    def show_settings(self, settings: Settings) -> None:
        """Show the values that count now, and what in the file does not."""
        for page in (*self.pages.values(), self.found):
            page.show_settings(settings)
        self.notices.clear(_TROUBLE)
        if settings.troubles:
            count = len(settings.troubles)
            many = f"{count} values cannot be used. " if count > 1 else ""
            self.notices.show_notice(_TROUBLE, "warning", f"{many}{settings.troubles[0]}")

    async def close_tasks(self) -> None:
        """Wait until nothing is under way any more."""
        await self._tasks.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        keep_on_screen(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter takes what was typed into a line; it never closes the window.
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    # Finding

    def _show_page(self, row: int) -> None:
        if 0 <= row < len(self._makers):
            if self.search.text():
                self.search.clear()
            self.list.item(row).setSelected(True)
            self.stack.setCurrentWidget(self.page(list(self._makers)[row]))

    def _find(self, text: str) -> None:
        words = text.casefold().split()
        if not words:
            self._show_page(self.list.currentRow())
            return
        self.list.clearSelection()  # what is shown is on no page
        is_found = self.found.search(words, self._preferences.settings)
        self.stack.setCurrentWidget(self.found if is_found else self._none)

    # Choosing

    def _choose(self, name: str, value: object) -> None:
        if name in KEEPING and isinstance(value, int) and value:
            self.show_page("storage")
            page = self.page("storage")
            assert isinstance(page, StoragePage)
            page.propose(name, value)
            return
        self._tasks.start(self._set(name, value), f"choose {name}")

    async def _set(self, name: str, value: object) -> None:
        try:
            if value is None:
                await self._preferences.reset(name)
            else:
                await self._preferences.set(name, value)
        except InvalidInput as error:
            for page in (*self.pages.values(), self.found):
                row = page.row(name)
                if row is not None:
                    row.show_problem(str(error))
        except ZapdeskError as error:
            self.notices.show_error(error, _TROUBLE)

    def _keep(self, changes: Changes) -> None:
        self._tasks.start(self._write(changes), "keep a choice")

    async def _write(self, changes: Changes) -> bool:
        try:
            await self._preferences.change(changes)
        except ZapdeskError as error:
            self.notices.show_error(error, _TROUBLE)
            return False
        return True


def _plain_page(page_id: str) -> SettingsPage:
    rows = [row for row in SETTINGS.values() if row.page == page_id]
    return SettingsPage(PAGES[page_id], rows)


def _page_around(title: str, widget: QWidget) -> SettingsPage:
    page = SettingsPage(title)
    page.add(widget)
    return page

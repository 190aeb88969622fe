"""The middle area: tabs, each with an action and a form of its own.

What the window asks of a form goes to the tab in front. Tabs come back at the next start; a panel
is made when its tab is shown for the first time, so ten tabs start as fast as one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.filling import Filling
from zapdesk.ui.form.tabs.bar import TabStrip
from zapdesk.ui.form.tabs.memory import Tab, TabMemory
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import EmptyState, HLine
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # these import what must not be imported before the first paint
    import asyncio

    from zapdesk.bootstrap import Session
    from zapdesk.services.forms import FormSession
    from zapdesk.ui.form.action_form import ActionForm
    from zapdesk.ui.form.action_panel import ActionPanel

UNDO_MS = 10_000
"""For so long a closed tab can be brought back as it was."""

_CLOSED = "closed"


class ActionTabs(QWidget):
    """Signals are those of the panel in front; ``form_opened`` gives its FormSession."""

    run_started = Signal(object)
    understood = Signal(str)
    link_requested = Signal(str)
    form_opened = Signal(object)
    connection_asked = Signal(object)
    connections_wanted = Signal(object)
    sign_in_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._session: Session | None = None
        self._profile_id = ""
        self._server: object = None
        self._is_forgetting = False
        # Until the kept tabs were read, saving would put others in their place.
        self._is_back = False
        self._understood: frozenset[str] = frozenset()
        self._tasks = LateTasks()
        self._leaving: set[asyncio.Task[None]] = set()
        self._tabs: list[Tab] = []
        self._current = 0
        self._closed: list[tuple[int, Tab]] = []
        self.strip = TabStrip()
        self._line = HLine()
        self.notices = NoticeArea()
        self._memory = TabMemory(self.notices)
        self._nothing = EmptyState(
            "Choose an action on the left.", "Its form appears here.", icon="run"
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.strip, self._line, self.notices):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)
        self._line.hide()
        self.strip.chosen.connect(self.go_to)
        self.strip.close_wanted.connect(self.close_tab)
        self.strip.moved.connect(self._on_moved)
        self.strip.new_wanted.connect(self.new_tab)
        self._forgetting = QTimer(self)
        self._forgetting.setSingleShot(True)
        self._forgetting.setInterval(UNDO_MS)
        self._forgetting.timeout.connect(self._forget_closed)

    # What the window gives and asks

    def set_session(self, session: Session | None) -> None:
        """Work for another profile, or for none; its tabs come back. PASSWORD values stay with
        them where profile and server are the same: somebody has signed in again."""
        profile = None if session is None else session.profile
        is_same = profile is not None and profile.id == self._profile_id
        self._forget_closed()
        self._session = session
        for tab in self._tabs:
            tab.is_due = tab.action is not None
            tab.keep_secrets()
            self._leave(tab)
        if session is None or profile is None:
            self._show_current()
            return
        self._profile_id = profile.id
        if (server := (profile.kind, profile.base_url)) != self._server or self._is_forgetting:
            for tab in self._tabs:
                tab.take_secrets()
        self._server, self._is_forgetting = server, False
        if not is_same:
            self._is_back = False
            while self._tabs:
                self._take_out(0)
            self._put_in(0, Tab())
            self._current = 0
        self._tasks.start(self._come_back(session, is_same=is_same), "tabs come back")

    def forget_secrets(self) -> None:
        """Let nothing that was typed into PASSWORD fields outlast the session in use."""
        self._is_forgetting = True

    def set_understood(self, profile_ids: Collection[str]) -> None:
        """The profiles whose users know already that runs there are real."""
        self._understood = frozenset(profile_ids)
        for tab in self._tabs:
            if tab.panel is not None:
                tab.panel.set_understood(self._understood)

    def open_action(
        self,
        app: App,
        action: Action,
        filling: Filling | None = None,
        authentication_id: str | None = None,
        *,
        in_new_tab: bool = False,
    ) -> None:
        """Show the form of an action in the tab in front, or in a new one."""
        if self._session is None:
            return
        if in_new_tab:
            self.new_tab()
        tab = self._tabs[self._current]
        tab.app, tab.action, tab.authentication_id = app, action, authentication_id
        tab.is_due = False
        tab.take_secrets()  # they were for another form
        self._made_panel(tab).open_action(app, action, filling, authentication_id)
        self._describe(self._current)
        self._show_current()
        self._save()

    def run(self) -> None:
        """Send the form in front."""
        if self.panel is not None:
            self.panel.run()

    def find_field(self) -> bool:
        """Go to the box that finds fields of the form in front; False where there is none."""
        return self.panel is not None and self.panel.find_field()

    @property
    def panel(self) -> ActionPanel | None:
        """The panel in front; ``None`` where nothing was opened yet."""
        return self._tabs[self._current].panel if self._tabs else None

    @property
    def form_session(self) -> FormSession | None:
        """The form in front."""
        return self.panel.form_session if self.panel is not None else None

    @property
    def form(self) -> ActionForm:
        """The rows of the form in front. There must be one: see ``form_session``."""
        assert self.panel is not None
        return self.panel.form

    def take_connection(self, connection: Authentication, *, is_asked: bool) -> None:
        """Give a connection that is new or works again to the forms that wait for it, and to the
        one in front where that has asked."""
        for panel in filter(None, (tab.panel for tab in self._tabs)):
            panel.take_connection(connection, is_asked=is_asked and panel is self.panel)

    async def close_tasks(self) -> None:
        """Save what is not saved yet, and stop everything that still runs."""
        import asyncio

        self._forgetting.stop()
        for tab in self._tabs:
            self._leave(tab)
        if self._leaving:
            await asyncio.wait(tuple(self._leaving))
        await self._memory.close()
        await self._tasks.close()

    # Tabs

    def new_tab(self) -> None:
        """Put an empty tab behind the one in front; an empty one in front does as well."""
        if self._session is None or self._tabs[self._current].action is None:
            return
        self._put_in(self._current + 1, Tab())
        self.go_to(self._current + 1)

    def close_tab(self, place: int | None = None) -> None:
        """Close a tab, the one in front if none is named; it can be brought back for a while."""
        place = self._current if place is None else place
        if not 0 <= place < len(self._tabs):
            return
        tab = self._take_out(place)
        if not self._tabs:
            self._put_in(0, Tab())
        if place < self._current or self._current == len(self._tabs):
            self._current = max(0, self._current - 1)
        if tab.action is not None:
            self._closed.append((place, tab))
            self._offer_back()
        self.go_to(self._current)

    def next_tab(self, step: int = 1) -> None:
        """Bring the next tab to the front; behind the last comes the first."""
        if len(self._tabs) > 1:
            self.go_to((self._current + step) % len(self._tabs))

    def go_to(self, place: int) -> None:
        """Bring a tab to the front; the keys go where they were in it."""
        has_keys = self._pages.isAncestorOf(self.window().focusWidget() or self)
        self._current = place
        tab = self._tabs[place]
        if tab.is_due and self._session is not None:
            self._tasks.start(self._open_due(self._session, tab), "open tab")
        self._show_current()
        if has_keys and tab.panel is not None:
            tab.panel.take_keys()
        self._save()

    def _put_in(self, place: int, tab: Tab) -> None:
        self._tabs.insert(place, tab)
        self.strip.insert(place)
        self._describe(place)

    def _take_out(self, place: int) -> Tab:
        self.strip.remove(place)
        return self._tabs.pop(place)

    def _describe(self, place: int) -> None:
        tab = self._tabs[place]
        if tab.app is None or tab.action is None:
            self.strip.describe(place, "New tab", "", "")
        else:
            self.strip.describe(place, tab.action.title, tab.app.title, tab.app.hex_color)

    def _on_moved(self, old: int, new: int) -> None:
        front = self._tabs[self._current]
        self._tabs.insert(new, self._tabs.pop(old))
        self._current = self._tabs.index(front)
        self._save()

    def _show_current(self) -> None:
        panel = self.panel
        self._pages.setCurrentWidget(self._nothing if panel is None else panel)
        self.strip.go_to(self._current)
        self._line.setHidden(self.strip.isHidden())

    # Closing, and bringing back

    def _offer_back(self) -> None:
        count = len(self._closed)
        action = self._closed[-1][1].action
        assert action is not None  # empty tabs are not offered
        text = f"Closed “{one_line(action.title, 80)}”." if count == 1 else f"Closed {count} tabs."
        self.notices.show_notice(_CLOSED, "info", text, "Undo", self.bring_back)
        self._forgetting.start()

    def bring_back(self) -> None:
        """Put the tabs that were closed just now where they were, as they were."""
        self._forgetting.stop()
        self.notices.clear(_CLOSED)
        closed, self._closed = self._closed, []
        for place, tab in reversed(closed):
            if [t.action for t in self._tabs] == [None]:
                self._take_out(0)
            place = min(place, len(self._tabs))
            self._put_in(place, tab)
            self.go_to(place)

    def _forget_closed(self) -> None:
        self._forgetting.stop()
        self.notices.clear(_CLOSED)
        closed, self._closed = self._closed, []
        for _place, tab in closed:
            self._leave(tab)
        if closed and self._session is not None:
            self._save()

    def _leave(self, tab: Tab) -> None:
        panel, tab.panel = tab.panel, None
        if panel is None:
            return
        panel.hide()
        task = self._tasks.start(self._close_panel(panel), "close tab")
        if task is not None:
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _close_panel(self, panel: ActionPanel) -> None:
        await panel.close_tasks()
        panel.set_session(None)
        self._pages.removeWidget(panel)
        panel.deleteLater()

    # Panels

    def _made_panel(self, tab: Tab) -> ActionPanel:
        if tab.panel is None:
            from zapdesk.ui.form.action_panel import ActionPanel
            from zapdesk.ui.form.draft_strip import DraftStrip
            from zapdesk.ui.form.presets.button import Presets

            tab.panel = panel = ActionPanel(self._theme)
            panel.place = tab.place
            panel.set_understood(self._understood)
            panel.set_session(self._session)
            panel.run_started.connect(self.run_started)
            panel.understood.connect(self._on_understood)
            panel.link_requested.connect(self.link_requested)
            panel.form_opened.connect(lambda form: self._on_form_opened(tab, form))
            panel.bar.sign_in_wanted.connect(self.sign_in_wanted)
            panel.connection_asked.connect(lambda combo: self._on_asked(tab, combo))
            panel.connections.used.connect(lambda chosen: self._on_connection(tab, chosen))
            panel.connections.manage_wanted.connect(self.connections_wanted)
            assert self._session is not None  # there are no panels without
            DraftStrip(panel, self._tasks)
            Presets(panel, self._session.drafts, self._tasks)
            self._pages.addWidget(panel)
        return tab.panel

    def _on_understood(self, profile_id: str) -> None:
        self.set_understood(self._understood | {profile_id})
        self.understood.emit(profile_id)

    def _on_form_opened(self, tab: Tab, form: FormSession) -> None:
        self._on_connection(tab, form.authentication)
        if tab.panel is self.panel:
            self.form_opened.emit(form)

    def _on_asked(self, tab: Tab, combo: QWidget) -> None:
        if tab.panel is self.panel:
            self.connection_asked.emit(combo)

    def _on_connection(self, tab: Tab, authentication: Authentication | None) -> None:
        tab.authentication_id = authentication.id if authentication is not None else None
        self._save()

    # The store

    async def _come_back(self, session: Session, *, is_same: bool) -> None:
        import asyncio

        if self._leaving:
            await asyncio.wait(tuple(self._leaving))  # their drafts are saved then
        if not is_same:
            kept = await self._memory.read(session)
            if session is not self._session or kept is None:
                return
            self._take_back(kept)
        if self._tabs[self._current].is_due:
            await self._open_due(session, self._tabs[self._current])

    def _take_back(self, kept: Sequence[tuple[Tab, bool]]) -> None:
        is_untouched = [tab.action for tab in self._tabs] == [None]
        for place, (tab, _is_front) in enumerate(kept):
            self._put_in(place, tab)
        if is_untouched and len(self._tabs) > 1:
            self._take_out(len(self._tabs) - 1)
            self._current = next((n for n, (_tab, is_front) in enumerate(kept) if is_front), 0)
        elif not is_untouched:
            self._current += len(kept)  # what was opened meanwhile stays in front
        self._show_current()
        self._is_back = True
        self._save()

    async def _open_due(self, session: Session, tab: Tab) -> None:
        tab.is_due = False
        app, action = await tab.look_up(session)
        if session is not self._session or tab not in self._tabs or tab.panel is not None:
            return
        tab.app, tab.action = app, action
        self._describe(self._tabs.index(tab))
        self._made_panel(tab).open_action(
            app, action, None, tab.authentication_id, tab.take_secrets()
        )
        self._show_current()

    def _save(self) -> None:
        if self._session is not None and self._is_back:
            closing = {tab.place for _place, tab in self._closed}
            self._memory.keep(self._session, self._tabs, self._tabs[self._current], closing)

"""The four panels of the window, built together. They are imported here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication, QWidget

from zapdesk.ui.catalog.panel import CatalogPanel
from zapdesk.ui.form.tabs.action_tabs import ActionTabs
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.runs.detail import RunDetail
from zapdesk.ui.runs.panel import RunPanel
from zapdesk.ui.shell.snapshot import Snapshot

if TYPE_CHECKING:  # services import what must not be imported before the first paint
    from zapdesk.bootstrap import Session


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)  # Qt holds its slots weakly
class Panels:
    """What to do, with what, what happened, and everything that ever happened."""

    catalog: CatalogPanel
    action: ActionTabs
    detail: RunDetail
    runs: RunPanel

    @classmethod
    def build(cls, theme: Theme) -> Panels:
        """The panels, empty: services are given to them later."""
        return cls(CatalogPanel(theme), ActionTabs(theme), RunDetail(theme), RunPanel(theme))

    @property
    def areas(self) -> tuple[QWidget, ...]:
        """In the order in which F6 visits them."""
        return (self.catalog, self.action, self.detail, self.runs)

    def connect(self) -> None:
        """Let each panel hear what another one announces."""
        self.catalog.action_chosen.connect(lambda app, action: self.action.open_action(app, action))
        self.catalog.new_tab_wanted.connect(
            lambda app, action: self.action.open_action(app, action, in_new_tab=True)
        )
        self.action.run_started.connect(self.show_run)
        self.detail.run_started.connect(self.show_run)
        self.runs.run_selected.connect(self._show_run)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.catalog.show_snapshot(snapshot)
        self.runs.show_runs(snapshot.runs)

    def set_session(self, session: Session | None) -> None:
        for panel in (self.catalog, self.action, self.detail, self.runs):
            panel.set_session(session)
        run = self.runs.current_run
        if session is not None and run is not None and run.profile_id == session.profile.id:
            self.detail.show_run(run.id, by_itself=True)

    def begin(self, focused: QWidget | None) -> None:
        """Lead the keys to the search, unless somebody is at work already: a session comes late."""
        search = self.catalog.search_box
        is_at_work = any(p.isAncestorOf(focused) for p in self.areas) if focused else False
        if focused is not search and not is_at_work:
            self.catalog.focus_search()

    async def close_tasks(self) -> None:
        for panel in (self.catalog, self.action, self.detail, self.runs):
            await panel.close_tasks()

    def show_run(self, run: Any) -> None:
        """Bring a run to the front in the history and in the detail."""
        self.show_run_id(run.id)

    def show_run_id(self, run_id: str) -> None:
        """As ``show_run``, for whoever has its id only."""
        self.runs.select(run_id)
        self.detail.show_run(run_id)

    def _show_run(self, run: Any) -> None:
        # A row can become the current one by itself, at the start for one.
        focused = QApplication.focusWidget()
        is_chosen = focused is not None and self.runs.isAncestorOf(focused)
        self.detail.show_run(run.id, by_itself=not is_chosen)

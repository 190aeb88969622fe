"""RunPanel: the history. It shows what the log holds and follows what the services announce."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from zapdesk.domain.runs import ActionRun
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import ROW_DENSE
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.paged_model import Start
from zapdesk.ui.parts import EmptyState, HLine, IconButton, SkeletonRows
from zapdesk.ui.runs.comparing import Comparing
from zapdesk.ui.runs.copying import Copying
from zapdesk.ui.runs.days import ask_for_day, ask_for_days
from zapdesk.ui.runs.deeds import Deed, SelectionBar, fill_deeds, is_any, is_one
from zapdesk.ui.runs.everything import Everything
from zapdesk.ui.runs.exporting import Exporting
from zapdesk.ui.runs.filter_bar import FilterBar
from zapdesk.ui.runs.marking import Marking
from zapdesk.ui.runs.model import RunModel
from zapdesk.ui.runs.reading import Reading
from zapdesk.ui.runs.strip import Strip
from zapdesk.ui.runs.table import RunTable

if TYPE_CHECKING:
    # The services are imported after the first frame has been painted.
    from zapdesk.bootstrap import Session
    from zapdesk.services.runs import RunService
    from zapdesk.services.watching import RunsChange
    from zapdesk.ui.shell.snapshot import Snapshot

_MOST_LABELS = 30


class RunPanel(QWidget):
    """The history table with its search, its filters and what can be done with runs.

    ``run_selected`` follows the current row; ``detail_requested`` asks to go to the detail;
    ``run_again_requested`` asks for the inputs to be put into the form.
    """

    run_selected = Signal(object)
    detail_requested = Signal(object)
    run_again_requested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_panel")
        self.setAccessibleName("Run history")
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tasks = LateTasks()
        self._runs: RunService | None = None
        self._profile_id = ""
        self._unsubscribe: list[Callable[[], None]] = []
        self._wanted_id = ""
        self.model = RunModel(self._tasks, self)
        self.table = RunTable(self.model)
        self.strip = Strip()
        self._more = IconButton("more", "More about the history")
        self.bar = FilterBar(self.strip, self._more)
        self.search = self.bar.search
        self.selection_bar = SelectionBar()
        self.notices = NoticeArea()
        self.marking = Marking(self, self._tasks, self.notices)
        self.copying = Copying(self._tasks, self.notices)
        self.exporting = Exporting(self, self._tasks, self.notices, self.detail_requested.emit)
        self.comparing = Comparing(self, self._tasks, self.notices)
        self.everything = Everything(
            self,
            self._tasks,
            self.notices,
            self._on_picked,
            lambda wanted, count: self.marking.ask_to_clear(wanted, count, self.bar.narrows),
        )
        self._deeds = self._own_deeds()
        self._empty = EmptyState(icon="history")
        self._pages = QStackedWidget()
        for page in (self._empty, self.table, SkeletonRows(ROW_DENSE)):
            self._pages.addWidget(page)
        self._build()
        self.reading = Reading(self, self._tasks, self.model, self.table, self.bar, self.strip)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._on_tick)
        self._connect()
        theme.changed.connect(self.table.viewport().update)
        self._show_page()

    def set_session(self, session: Session | None) -> None:
        """Show the runs of a profile; ``None`` lets go of everything."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._runs = self.copying.runs = session.runs if session is not None else None
        self.marking.history = session.history if session is not None else None
        self.exporting.exports = session.exports if session is not None else None
        self.comparing.session = self.everything.session = session
        self.reading.set_session(session)
        if session is None:
            self.model.close()
            return
        if self._profile_id not in ("", session.profile.id):
            self.model.show_items(())
        self._profile_id = session.profile.id
        self.bar.set_profile(self._profile_id)
        self._unsubscribe += [
            session.runs.changed.subscribe(self._on_changed),
            session.history.changed.subscribe(self._on_marked),
        ]
        self.reading.reload()
        self.reading.find_choices()

    def set_profiles(self, profiles: Mapping[str, str]) -> None:
        """The names of all profiles, by id, for the filter and for rows of several profiles."""
        self.bar.set_profiles(profiles)
        self.model.set_profile_names(profiles)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show what was last known, before any service exists."""
        self.show_runs(snapshot.runs)

    def show_runs(self, runs: Sequence[ActionRun]) -> None:
        """Show these runs and nothing else, until a session comes."""
        self.model.show_items(runs)
        if runs:
            self._profile_id = runs[0].profile_id
        self._show_page()

    def focus_list(self) -> None:
        """Go to the table, or to the search where there is nothing to go to."""
        if self.model.rowCount() and self._pages.currentWidget() is self.table:
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if not self.table.currentIndex().isValid():
                self.table.setCurrentIndex(self.model.index(0, 0))
        else:
            self.focus_search()

    def focus_search(self) -> None:
        """Go to the search box with its text selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @property
    def current_run(self) -> ActionRun | None:
        """The run whose row is the current one."""
        return self.table.current_run

    def select(self, run_id: str) -> None:
        """Make a run the current one, as soon as its row has been read."""
        self._wanted_id = "" if self.table.select(run_id) else run_id

    def run_again(self) -> None:
        """Ask for the current run's inputs to be put into the form; nothing is sent."""
        run = self.table.current_run
        if run is not None:
            self.run_again_requested.emit(run)

    def clear_filters(self) -> None:
        """Show every run of the profile again."""
        self.bar.clear()

    def clear_history(self) -> None:
        """Ask, and delete every run that is shown now but for the pinned ones."""
        self.marking.ask_to_clear(self.bar.wanted, self.reading.matching, self.bar.narrows)

    def go_to_day(self) -> None:
        """Ask for a day, and show the runs from its end on."""
        ask_for_day(self.window(), lambda end_ms: self.reading.jump(Start.MIDDLE, end_ms))

    async def close_tasks(self) -> None:
        """Stop reading and wait for it."""
        self.set_session(None)
        self._clock.stop()
        await self._tasks.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_tick()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.bar, HLine(), self.selection_bar, self.notices):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)
        menu = QMenu(self._more)
        menu.addAction("Go to a day…").triggered.connect(lambda: self.go_to_day())
        menu.addAction("Newest runs").triggered.connect(lambda: self.reading.jump(Start.TOP))
        menu.addAction("Oldest runs").triggered.connect(lambda: self.reading.jump(Start.END))
        menu.addSeparator()
        take_in = menu.addAction("Import a run capsule…")
        take_in.triggered.connect(lambda: self.exporting.choose_capsule())
        menu.addSeparator()
        clear = menu.addAction("Clear history…")
        clear.triggered.connect(lambda: self.clear_history())
        menu.aboutToShow.connect(lambda: self._word_clearing(clear))
        self.more_menu = menu
        self._more.setMenu(menu)

    def _connect(self) -> None:
        table, bar, marking = self.table, self.bar, self.marking
        self.search.returnPressed.connect(self.focus_list)
        bar.changed.connect(self.reading.reload)
        bar.menu_wanted.connect(self.reading.find_choices)
        bar.days_wanted.connect(lambda: ask_for_days(self.window(), self.reading.use_times))
        bar.save_wanted.connect(
            lambda: marking.save_filter(self._profile_id, bar.wanted, self.reading.find_choices)
        )
        bar.forget_wanted.connect(
            lambda name: marking.forget_filter(self._profile_id, name, self.reading.find_choices)
        )
        self.strip.chosen.connect(self.reading.use_times)
        self.model.loaded.connect(self._on_loaded)
        self.model.failed.connect(self._on_failed)
        self.reading.began.connect(self._show_page)
        table.run_selected.connect(self.run_selected)
        table.run_opened.connect(self.detail_requested)
        table.menu_requested.connect(self._show_menu)
        table.selection_altered.connect(self._on_picked)
        table.everything_wanted.connect(lambda: self.everything.pick(bar.wanted))
        table.pin_requested.connect(self._pin)
        table.delete_requested.connect(self._delete)
        table.undo_requested.connect(marking.undo)
        table.far_end_requested.connect(
            lambda is_end: self.reading.jump(Start.END if is_end else Start.TOP)
        )
        self.selection_bar.cancelled.connect(self._pick_none)
        self._empty.action_requested.connect(self.clear_filters)

    def _own_deeds(self) -> list[Deed]:
        show, again = self.detail_requested, self.run_again_requested
        return [
            Deed("Show details", is_one, lambda runs: show.emit(runs[0]), 0, "Enter"),
            Deed("Run again…", is_one, lambda runs: again.emit(runs[0]), 0, command="run"),
            *self.marking.deeds(),
            *self.comparing.deeds(),
            *self.copying.deeds(),
            *self.exporting.deeds(),
            Deed("Delete", is_any, lambda _: self._delete(), 9, "Del", in_bar=True),
        ]  # fmt: skip

    # Following

    def _on_changed(self, change: RunsChange) -> None:
        run = change.run
        if run is None:
            self.reading.reload_soon()
        elif self._profile_id and run.profile_id != (self.bar.wanted.profile_id or run.profile_id):
            return
        elif not self.model.take(run):
            self.reading.reload_soon()
        self._follow()

    def _on_marked(self, runs: tuple[ActionRun, ...]) -> None:
        """A person changed these runs; none named: some were deleted, or have come back."""
        taken = [self.model.take(run) for run in runs]
        if not all(taken) or not taken:
            self.reading.reload_soon()
        if not runs and self.table.is_everything:
            self.everything.pick(self.bar.wanted)
        if any(set(run.labels) - set(self.reading.labels) for run in runs):
            self.reading.find_choices()
        self._follow()

    def _follow(self) -> None:
        self.reading.count_soon()
        self._show_page()
        self._on_tick()
        self._on_picked()
        if self._wanted_id:
            self.select(self._wanted_id)

    def _on_loaded(self) -> None:
        self.notices.clear("runs")
        self._show_page()
        self._on_tick()
        if self._wanted_id:
            self.select(self._wanted_id)

    def _on_failed(self, error: ZapdeskError) -> None:
        self.notices.show_notice(
            "runs",
            "error",
            f"{error.title} {error.detail}".strip(),
            "Try again",
            self.reading.reload,
        )
        self._show_page()

    def _show_page(self) -> None:
        if self.model.rowCount():
            self._pages.setCurrentWidget(self.table)
            return
        if self.model.is_loading:
            # Rows that are read in a moment need no sign that they are being read.
            self._pages.setCurrentIndex(2 if self._runs is not None else 0)
            return
        wanted = self.bar.wanted
        if self.bar.narrows:
            words = f"“{wanted.text}”" if wanted.text else "this filter"
            self._empty.set_texts(f"No run matches {words}.", "", "Clear")
        else:
            sentence = "Every run is kept here, with what was sent and what came back."
            self._empty.set_texts("No runs yet", sentence)
        self._pages.setCurrentWidget(self._empty)

    def _on_tick(self) -> None:
        """Times that go on: every second while something runs, else now and then."""
        if not self.isVisible():
            return
        self._clock.start(1_000 if self.model.has_open else 20_000)
        self.table.viewport().update()

    # Doing

    def _on_picked(self) -> None:
        if not self.table.is_everything:
            self.everything.forget()
        found = self.everything.runs
        if found is None:
            self.selection_bar.show_runs(self._deeds, self.table.picked_runs)
        else:
            self.table.up_to = found.up_to
            deeds = self.everything.deeds(())
            self.selection_bar.show_runs(deeds, self.table.picked_runs, found.count)

    def _pick_none(self) -> None:
        self.table.is_everything = False
        self.table.clearSelection()
        self.table.setFocus()

    def _pin(self) -> None:
        if self.everything.runs is not None:
            self.everything.mark("", True)
        else:
            self.marking.toggle_pins(self.table.picked_runs)

    def _delete(self) -> None:
        if self.everything.runs is not None:
            self.everything.delete()
            return
        runs = self.table.picked_runs
        self.table.move_on(runs)
        self.marking.delete(runs)

    def _word_clearing(self, action: QAction) -> None:
        action.setText("Clear what is shown…" if self.bar.narrows else "Clear history…")
        action.setEnabled(self.reading.matching > 0)

    def _show_menu(self, where: QPoint) -> None:
        runs = self.table.picked_runs
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        labels = self.reading.labels[:_MOST_LABELS]
        deeds = [*self._deeds, *self.marking.label_deeds(runs, labels)]
        if self.everything.runs is not None:
            deeds = self.everything.deeds(labels)
        fill_deeds(menu, deeds, runs)
        menu.popup(where)

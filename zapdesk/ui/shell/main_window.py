"""The window: puts the panels together, connects them and the commands, holds no rules.

The window itself is there at once, for the first frame; its inside is built behind that, so
nothing of it may be imported at the top, nor ``Qt``, whose enums take as long as all the rest of
that frame. Services come with ``set_session``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QByteArray, QSettings, QSize, Signal
from PySide6.QtWidgets import QMainWindow

if TYPE_CHECKING:  # all of it comes after the first frame
    from zapdesk.bootstrap import Session
    from zapdesk.domain.runs import ActionRun
    from zapdesk.paths import Paths
    from zapdesk.tasks import TaskOwner
    from zapdesk.ui.form.opening import FormOpening
    from zapdesk.ui.look.theme import Theme
    from zapdesk.ui.notices import NoticeArea
    from zapdesk.ui.shell.commands import Commands
    from zapdesk.ui.shell.first_start import FirstStart
    from zapdesk.ui.shell.ground import Ground
    from zapdesk.ui.shell.panels import Panels
    from zapdesk.ui.shell.snapshot import Snapshot
    from zapdesk.ui.shell.top_bar import TopBar
    from zapdesk.ui.shell.workspace import Workspace

_UNREACHABLE = "sandbox"


class MainWindow(QMainWindow):
    """Announces what concerns the whole program; ``closed`` comes once."""

    sign_in_requested = Signal(str, str)
    """The id of a profile, empty for the one in use, and a SignInKind, ASK_AGAIN or nothing."""
    sign_out_requested = Signal()
    profile_chosen = Signal(str)
    theme_chosen = Signal(str)
    link_requested = Signal(str)
    effects_understood = Signal(str)
    sandbox_doubted = Signal()
    restart_requested = Signal()
    closed = Signal()

    # Made by furnish, behind the first frame.
    top_bar: TopBar
    notices: NoticeArea
    workspace: Workspace
    commands: Commands
    _theme: Theme
    _panels: Panels
    _opening: FormOpening
    _ground: Ground
    _pages: QtWidgets.QStackedWidget

    def __init__(self, paths: Paths) -> None:
        super().__init__()
        self._paths = paths
        self._session: Session | None = None
        self._owner: TaskOwner | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._is_furnished = False
        self._typed_early: list[QtGui.QKeyEvent] = []
        self.is_closed = False
        self.first_start: FirstStart | None = None
        self.setWindowTitle("zapdesk")
        self.setMinimumSize(QSize(900, 600).boundedTo(self.sizeHint()))
        geometry = self.settings().value("geometry")
        if not isinstance(geometry, QByteArray) or not self.restoreGeometry(geometry):
            self.resize(self.sizeHint())

    def furnish(self, theme: Theme, panels: Panels) -> None:
        """Build the inside, hidden; ``reveal`` puts it in the place of what is shown so far."""
        from zapdesk.ui.form.opening import FormOpening
        from zapdesk.ui.notices import NoticeArea
        from zapdesk.ui.shell.commands import Commands
        from zapdesk.ui.shell.ground import Ground
        from zapdesk.ui.shell.top_bar import TopBar
        from zapdesk.ui.shell.workspace import Workspace

        self._theme = theme
        self._panels = panels
        self.setWindowIcon(theme.icon("zapdesk", "accent"))
        self.top_bar = TopBar()
        self.notices = NoticeArea()
        self.top_bar.set_search(panels.catalog.search_box)
        self.workspace = Workspace(panels.catalog, panels.action, panels.detail, panels.runs)
        self._pages = QtWidgets.QStackedWidget()
        self._pages.addWidget(self.workspace)
        above = (self.top_bar, self.notices)
        self._ground = Ground(self, (*above, self._pages), (*above, *self.workspace.areas))
        self._ground.hide()
        self.commands = Commands(self)
        self._bind_commands()
        self._opening = FormOpening(self, panels, self.workspace)
        panels.connect()
        panels.catalog.action_chosen.connect(lambda: self._opening.expect())
        panels.catalog.new_tab_wanted.connect(lambda: self._opening.expect())
        panels.runs.run_again_requested.connect(lambda run: self._opening.run_again(run))
        panels.detail.edit_wanted.connect(lambda run: self._opening.run_again(run))
        panels.runs.run_selected.connect(self._on_run_selected)
        panels.runs.detail_requested.connect(self._go_to_detail)
        panels.action.run_started.connect(self.workspace.show_detail)
        panels.action.link_requested.connect(self.link_requested)
        panels.action.understood.connect(self.effects_understood)
        panels.action.form_opened.connect(self._opening.show)
        panels.action.connection_asked.connect(self._opening.ask)
        self.workspace.restore(self.settings())
        self._is_furnished = True

    def reveal(self) -> None:
        """Show what was built; keys that were pressed before go where they would have gone."""
        self.setCentralWidget(self._ground)
        self._ground.show()
        focused = self.focusWidget()
        if focused is not None:
            focused.setFocus()
        while self._typed_early:
            QtWidgets.QApplication.sendEvent(focused or self, self._typed_early.pop(0))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show what the last session left; before there are services."""
        self.show_profile(*snapshot[:4])
        self._panels.show_snapshot(snapshot)
        if snapshot.is_first_start:
            self._first_start().show_choices()
        else:
            self._panels.catalog.focus_search()

    def show_profile(self, name: str, colour: str, is_live: bool, acts_for: str = "") -> None:
        """Keep name, colour and whom one acts for in view: in bar, title and task bar."""
        from zapdesk.ui.shell.first_frame import title_of
        from zapdesk.ui.shell.profile_look import profile_icon

        self.top_bar.set_profile(name, colour, is_live=is_live, acts_for=acts_for)
        self.setWindowTitle(title_of(name, acts_for))
        self.setWindowIcon(profile_icon(self._theme, colour))

    def own_tasks(self, owner: TaskOwner) -> None:
        """From now on coroutines can be started; their owner outlives them."""
        self._owner = self._opening.owner = owner

    def set_session(self, session: Session | None) -> None:
        """Show another profile, or none."""
        self._unsubscribe()
        self._session = self._opening.session = session
        self.notices.clear(_UNREACHABLE)
        is_sandbox = bool(session and session.sandbox_page)
        self.commands.action("sandbox_page").setVisible(is_sandbox)
        self.commands.action("sign_out").setVisible(session is not None and not is_sandbox)
        self._panels.set_session(session)
        self.top_bar.set_online(None)
        self.top_bar.guard.set_session(session)
        self.top_bar.calls.follow(None if session is None else session.budget)
        if session is None:
            self._unsubscribe = lambda: None
            return
        profile = session.profile
        self.show_profile(profile.name, profile.colour, profile.is_live, profile.acts_for)
        self._unsubscribe = session.signs.subscribe(self._show_signs)
        self._show_workspace()

    def set_understood(self, profile_ids: Collection[str]) -> None:
        """The profiles whose users have been told that runs there are real."""
        self._panels.action.set_understood(profile_ids)

    @property
    def panels(self) -> Panels:
        return self._panels

    async def close_tasks(self) -> None:
        """Wait until nothing that a panel started is running."""
        await self._panels.close_tasks()

    @property
    def is_first_start(self) -> bool:
        """Whether the window asks how to begin."""
        return self.first_start is not None and self._pages.currentWidget() is self.first_start

    def set_busy(self, is_busy: bool) -> None:
        """While a profile is being opened nothing else is chosen on the first page."""
        self.top_bar.set_online(None, "connecting…" if is_busy else "")
        if self.first_start is not None:
            self.first_start.setEnabled(not is_busy)

    def raise_window(self) -> None:
        """Come to the front: someone started zapdesk again."""
        self.setWindowState(self.windowState() & ~QtCore.Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def sizeHint(self) -> QSize:
        from zapdesk.ui.look.metrics import TITLE_BAR

        room = self.screen().availableSize() - QSize(0, TITLE_BAR)
        return QSize(1280, 800).boundedTo(room)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_furnished:
            self.commands.refresh()

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if self._is_furnished and not self._ground.isHidden():
            super().keyPressEvent(event)
        else:
            from zapdesk.ui.keys import copy_of

            self._typed_early.append(copy_of(event))

    def closeEvent(self, event: QtGui.QCloseEvent) -> None:
        event.accept()
        if not self.is_closed:
            self.is_closed = True
            if self._is_furnished:
                self.top_bar.calls.follow(None)
                self._save()
            self.closed.emit()

    def _bind_commands(self) -> None:
        from zapdesk.ui.form.field_menu import open_field_menu
        from zapdesk.ui.shell.main_menu import build_menu

        commands, panels, works = self.commands, self._panels, self._is_working
        commands.bind("find", panels.catalog.focus_search, works)
        commands.bind("run", self._run, works)
        commands.bind("new_tab", self._new_tab, works)
        commands.bind("close_tab", panels.action.close_tab, works)
        commands.bind("next_tab", panels.action.next_tab, works)
        commands.bind("previous_tab", lambda: panels.action.next_tab(-1), works)
        commands.bind("history", panels.runs.focus_list, works)
        commands.bind("run_detail", self._go_to_detail, works)
        commands.bind("field_menu", open_field_menu, works)
        commands.bind("next_area", lambda: self._go_by(1), works)
        commands.bind("previous_area", lambda: self._go_by(-1), works)
        commands.bind("sandbox_page", self._open_sandbox_page).setVisible(False)
        commands.bind("sign_in", partial(self.sign_in_requested.emit, "", ""))
        commands.bind("sign_out", self.sign_out_requested.emit).setVisible(False)
        commands.bind("shortcuts", self._show_shortcuts)
        commands.bind("logs", self._open_logs)
        commands.bind("about", self._show_about, lambda: self._owner is not None)
        commands.bind("quit", self.close)
        for choice in ("system", "light", "dark"):
            action = commands.bind(f"theme_{choice}", partial(self._choose_theme, choice))
            action.setCheckable(True)
            action.setChecked(choice == self._theme.choice)
        self.top_bar.more.setMenu(build_menu(self, commands))

    def _is_working(self) -> bool:
        return self._pages.currentWidget() is self.workspace

    def _run(self) -> None:
        """One command: in the history it offers the run again, in the browser it opens the action
        in a tab of its own, anywhere else it runs the form."""
        if self._panels.runs.isAncestorOf(self.focusWidget() or self):
            self._panels.runs.run_again()
        elif not self._panels.catalog.open_in_new_tab():
            self._panels.action.run()

    def _new_tab(self) -> None:
        self._panels.action.new_tab()
        self._panels.catalog.focus_search()

    def _on_run_selected(self) -> None:
        # A row can become the current one by itself; only a person's choice brings the detail up.
        if self._panels.runs.isAncestorOf(self.focusWidget() or self):
            self.workspace.show_detail()

    def _go_to_detail(self) -> None:
        self.workspace.show_detail()
        self._panels.detail.setFocus()

    def _go_by(self, step: int) -> None:
        from zapdesk.ui.shell.areas import go_by

        go_by(self._panels, self.focusWidget(), step)

    def _choose_theme(self, choice: str) -> None:
        self._theme.choose(choice)
        for name in ("system", "light", "dark"):
            self.commands.action(f"theme_{name}").setChecked(name == choice)
        self.theme_chosen.emit(choice)

    def _show_shortcuts(self) -> None:
        from zapdesk.ui.sheets import shortcuts_sheet

        shortcuts_sheet(self, self.commands).open()

    def _show_about(self) -> None:
        from zapdesk.ui.shell.about import about_sheet

        if self._owner is not None:
            about_sheet(self, self._owner.start).open()

    def _open_logs(self) -> None:
        folder = self._paths.logs
        if not QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(folder))):
            self.notices.show_notice("logs", "info", f"The logs are in {folder}.")

    def _first_start(self) -> FirstStart:
        if self.first_start is None:
            from zapdesk.domain.profiles import SANDBOX_ID, ZAPIER_ID, SignInKind
            from zapdesk.ui.shell.first_start import FirstStart

            self.first_start = page = FirstStart()
            for chosen, profile_id, kind in (
                (page.sandbox_chosen, SANDBOX_ID, ""),
                (page.sign_in_chosen, ZAPIER_ID, SignInKind.OAUTH.value),
                (page.token_chosen, ZAPIER_ID, SignInKind.TOKEN.value),
            ):
                chosen.connect(partial(self.sign_in_requested.emit, profile_id, kind))
            self._pages.addWidget(page)
            self._ground.add_area(page)
        self._pages.setCurrentWidget(self.first_start)
        self.top_bar.set_working(False)
        self.commands.refresh()
        return self.first_start

    def _show_workspace(self) -> None:
        self._pages.setCurrentWidget(self.workspace)
        self.top_bar.set_working(True)
        self.commands.refresh()
        self._panels.begin(self.focusWidget())

    def _show_signs(self, signs: Any) -> None:
        self.top_bar.set_online(signs.is_reachable)
        self.top_bar.calls.look()
        if signs.is_reachable:
            self.notices.clear(_UNREACHABLE)
        elif self._session is not None and self._session.sandbox_page:
            self.sandbox_doubted.emit()

    def show_sandbox(self, is_alive: bool) -> None:
        """Say whether the sandbox still runs, after a request to it had no answer."""
        self.top_bar.set_online(is_alive)
        if not is_alive:
            self.notices.show_notice(
                _UNREACHABLE,
                "warning",
                "The sandbox has stopped. What its actions did is kept.",
                "Restart",
                self.restart_requested.emit,
            )

    def show_abandoned(self, runs: Sequence[ActionRun]) -> None:
        """Say that an earlier session ended while these were being sent."""
        if runs:
            which = "a run was" if len(runs) == 1 else f"{len(runs)} runs were"
            self.notices.show_notice(
                "abandoned",
                "warning",
                f"zapdesk ended while {which} being sent. Look in the app whether it happened.",
                "Show",
                lambda: self._panels.show_run(runs[0]),
            )

    def _open_sandbox_page(self) -> None:
        from zapdesk.ui.clipboard import copy_text
        from zapdesk.ui.links import open_page

        # The page is the sandbox's own, on this computer: no link that came from outside.
        page = "" if self._session is None else self._session.sandbox_page
        if page and not open_page(page):
            self.notices.show_notice(
                "page",
                "info",
                "No browser could be opened for the sandbox's page.",
                "Copy its address",
                partial(copy_text, page),
            )

    def settings(self) -> QSettings:
        return QSettings(str(self._paths.window_state), QSettings.Format.IniFormat)

    def _save(self) -> None:
        settings = self.settings()
        settings.setValue("geometry", self.saveGeometry())
        self.workspace.save(settings)
        settings.sync()

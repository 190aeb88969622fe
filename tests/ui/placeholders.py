"""Panels that only note what the window asks of them, for tests of the window itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from PySide6.QtCore import QCoreApplication, QEvent, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from zapdesk.paths import Paths
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.panels import Panels
from zapdesk.ui.shell.snapshot import Snapshot


class Panel(QWidget):
    """Stands in for each of the four panels: their signals, and a list of what was called."""

    action_chosen = Signal(object, object)
    new_tab_wanted = Signal(object, object)
    run_started = Signal(object)
    run_selected = Signal(object)
    run_again_requested = Signal(object)
    edit_wanted = Signal(object)
    detail_requested = Signal(object)
    link_requested = Signal(str)
    understood = Signal(str)
    form_opened = Signal(object)
    connection_asked = Signal(object)
    connections_wanted = Signal(object)
    sign_in_wanted = Signal(str)
    connection_wanted = Signal(object)

    current_run = None
    form_session = None

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []
        self.search_box = QLineEdit()
        self.field = QLineEdit()
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.search_box)

    def focus_search(self) -> None:
        self.search_box.setFocus()

    def focus_list(self) -> None:
        self.field.setFocus()

    def run(self) -> None:
        self.calls.append("run")

    def clear_history(self) -> None:
        self.calls.append("clear history")

    def run_again(self) -> None:
        self.calls.append("run again")

    def open_in_new_tab(self) -> bool:
        return False

    def new_tab(self) -> None:
        self.calls.append("new tab")

    def close_tab(self) -> None:
        self.calls.append("close tab")

    def next_tab(self, step: int = 1) -> None:
        self.calls.append(("next tab", step))

    def forget_secrets(self) -> None:
        self.calls.append("forget secrets")

    def open_action(self, app: object, action: object, *, in_new_tab: bool = False) -> None:
        self.calls.append(("open apart" if in_new_tab else "open", app, action))

    def select(self, run_id: str) -> None:
        self.calls.append(("select", run_id))

    def show_run(self, run_id: str, *, by_itself: bool = False) -> None:
        self.calls.append(("show", run_id))

    def show_snapshot(self, snapshot: object) -> None:
        self.calls.append(("snapshot", snapshot))

    def show_runs(self, runs: object) -> None:
        self.calls.append(("runs", runs))

    def set_end_users(self, names: object) -> None:
        self.calls.append(("end users", names))

    def set_profiles(self, names: object) -> None:
        self.calls.append(("profiles", names))

    def set_session(self, session: object) -> None:
        self.calls.append(("session", session))

    async def close_tasks(self) -> None:
        self.calls.append("closed")


def placeholder_panels() -> Panels:
    """The real Panels over placeholders: what connects them is tested, what they do is not."""
    parts = [Panel() for _ in range(4)]
    return Panels(*cast("list[Any]", parts))


def session(*, limit: int | None = 50, left: int = 42, page: str = "") -> Any:
    """As much of a session as the window itself looks at."""
    from zapdesk.broadcast import Broadcast
    from zapdesk.domain.profiles import ZAPIER
    from zapdesk.services.live_guard import LiveGuard

    return SimpleNamespace(
        profile=ZAPIER,
        guard=LiveGuard(),
        budget=SimpleNamespace(limit=limit, left=left),
        signs=Broadcast[Any](),
        sandbox_page=page,
    )


def make_window(
    look: Theme, panels: Panels, paths: Paths, *, is_first_start: bool = False
) -> MainWindow:
    window = MainWindow(paths)
    window.furnish(look, panels)
    window.show_snapshot(Snapshot("Sandbox", "#157A3E", is_first_start=is_first_start))
    window.reveal()
    return window


def destroy(window: QWidget) -> None:
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def texts(widget: QWidget) -> list[str]:
    """What the labels of a widget say."""
    return [label.text() for label in widget.findChildren(QLabel)]

"""Leading to the form: from the browser, and from a run of the history that is to be run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from zapdesk.domain.runs import ActionRun
from zapdesk.errors import ZapdeskError

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.services.form_changes import FormChange
    from zapdesk.services.forms import FormSession
    from zapdesk.tasks import TaskOwner
    from zapdesk.ui.shell.panels import Panels
    from zapdesk.ui.shell.workspace import Workspace

_AGAIN = "again"


class FormOpening(QObject):
    """``session`` and ``owner`` are the window's."""

    def __init__(self, window: QWidget, panels: Panels, workspace: Workspace) -> None:
        super().__init__(window)
        self._window = window
        self._panels = panels
        self._workspace = workspace
        self._came_from: QWidget | None = None
        self.session: Session | None = None
        self.owner: TaskOwner | None = None

    def expect(self) -> None:
        """A form is about to be opened; it gets the keys unless they go elsewhere meanwhile."""
        self._came_from = self._window.focusWidget()
        self._workspace.show_form()

    def ask(self, connections: QWidget) -> None:
        """Lead the keys to where a connection has to be chosen before there is a form."""
        if self._came_from is not None and self._window.focusWidget() is self._came_from:
            connections.setFocus()
            self._came_from = connections

    def show(self, form: FormSession) -> None:
        """Lead the keys to the first field of a form that was expected, once it is there."""
        came_from, self._came_from = self._came_from, None

        def on_change(change: FormChange) -> None:
            if change.kind == "fields" and form.is_loaded:
                forget()
                QTimer.singleShot(0, self, go)  # after the form has made its rows

        def go() -> None:
            fields = form.state.fields.values()
            first = next((field.id for field in fields if field.takes_input), "")
            is_here = self._panels.action.form_session is form
            if is_here and first and came_from and self._window.focusWidget() is came_from:
                self._panels.action.form.go_to(first)

        forget = form.changed.subscribe(on_change)

    def run_again(self, run: ActionRun) -> None:
        """Put a run's inputs into the form; nothing is sent."""
        if self.session is not None and self.owner is not None:
            self.owner.start(self._open_again(self.session, run), "run again")

    async def _open_again(self, session: Session, run: ActionRun) -> None:
        from zapdesk.ui.form.since_run import tell_since_run
        from zapdesk.ui.runs.again import again

        notices = self._panels.runs.notices
        notices.clear(_AGAIN)
        try:
            found = await again(session, run)
        except ZapdeskError as error:
            notices.show_error(error, _AGAIN)
            return
        if session is self.session:
            self.expect()
            action = self._panels.action
            action.open_action(found.app, found.action, found.filling, found.authentication_id)
            form, panel = action.form_session, action.panel
            if form is not None and panel is not None:
                await tell_since_run(
                    self._window,
                    panel.notices,
                    form,
                    found.definition,
                    run.created_ms,
                    lambda: panel.form_session is form,
                )

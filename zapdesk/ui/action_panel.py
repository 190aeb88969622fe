"""The middle area: which action, with which connection, its form, and Run."""

from __future__ import annotations

from collections.abc import Callable, Collection
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.form import without_secrets
from zapdesk.domain.payload import write_json
from zapdesk.domain.profiles import ServerKind
from zapdesk.domain.runs import ActionRun
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.ui.action_form import ActionForm
from zapdesk.ui.connection_picker import ConnectionPicker
from zapdesk.ui.field_editors import FormContext
from zapdesk.ui.field_editors.info import MarkdownText
from zapdesk.ui.metrics import L, M, S
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import EmptyState, HLine, IconButton, KindTag, PlainLabel, SkeletonRows
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.run_bar import RunBar
from zapdesk.ui.theme import Theme

if TYPE_CHECKING:  # these import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.services.catalog import Connections
    from zapdesk.services.forms import FormChange, FormSession
    from zapdesk.services.watching import RunsChange
    from zapdesk.tasks import TaskOwner

_BODY_DELAY_MS = 120
_REAL_EFFECTS = "Runs have real effects and count as tasks."


class ActionPanel(QWidget):
    """Opens one action at a time.

    ``run_started`` gives the ActionRun, ``understood`` the id of the profile whose user now knows
    that runs are real; ``link_requested`` asks the shell to open an address.
    """

    run_started = Signal(object)
    understood = Signal(str)
    link_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "surface")
        self.setAccessibleName("Action")
        self._session: Session | None = None
        self._owner: TaskOwner | None = None
        self._app: App | None = None
        self._action: Action | None = None
        self._connections: Connections | None = None
        self._form: FormSession | None = None
        self._opened = 0
        self._understood: frozenset[str] = frozenset()
        self._open_runs: set[str] = set()
        self._is_sending = False
        self._pressed_at = 0.0
        self._unsubscribe: list[Callable[[], None]] = []
        self._build()
        self._body_timer = QTimer(self)
        self._body_timer.setSingleShot(True)
        self._body_timer.setInterval(_BODY_DELAY_MS)
        self._body_timer.timeout.connect(self._show_body)
        self._show_page(self._nothing)

    def _build(self) -> None:
        self._title = PlainLabel(size="title", elide=True)
        self._kind = KindTag()
        self._ids = IconButton("info", "Show the id and type of every field", checkable=True)
        self._description = MarkdownText(self.link_requested.emit)
        self.picker = ConnectionPicker()
        top = QHBoxLayout()
        top.setSpacing(S)
        top.addWidget(self._title, 1)
        top.addWidget(self._kind)
        top.addWidget(self._ids)
        self._header = QWidget()
        header = QVBoxLayout(self._header)
        header.setContentsMargins(L, M, L, M)
        header.setSpacing(S)
        header.addLayout(top)
        header.addWidget(self._description)
        header.addWidget(self.picker)
        self._line = HLine()
        self.notices = NoticeArea()
        self.form = ActionForm()
        self._nothing = EmptyState(
            "Choose an action on the left.", "Its form appears here.", icon="run"
        )
        self._waiting = EmptyState()
        self._skeleton = SkeletonRows()
        self._pages = QStackedWidget()
        for page in (self._nothing, self._waiting, self._skeleton, self.form):
            self._pages.addWidget(page)
        self.bar = RunBar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._header, self._line, self.notices, self._pages, self.bar):
            column.addWidget(widget, 1 if widget is self._pages else 0)
        self._ids.toggled.connect(self.form.show_ids)
        self.picker.chosen.connect(self._use)
        self.picker.connect_wanted.connect(self.link_requested)
        self.picker.refresh_wanted.connect(lambda: self._find_connections(refresh=True))
        self.bar.run_pressed.connect(self.run)
        self.bar.problems_pressed.connect(self.form.judge)
        self.bar.body_toggled.connect(self._show_body)
        self.form.problems_changed.connect(self.bar.show_problems)
        self.form.values_changed.connect(self._body_soon)

    # What the shell gives and asks

    def set_session(self, session: Session | None) -> None:
        """Work for another profile, or for none."""
        self._close_form()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._session = session
        self._app = self._action = self._connections = None
        self._opened += 1
        self._show_page(self._nothing)
        if session is not None:
            from zapdesk.tasks import TaskOwner

            self._owner = self._owner or TaskOwner()
            self._unsubscribe = [
                session.catalog.changed.subscribe(self._on_catalog),
                session.runs.changed.subscribe(self._on_runs),
            ]

    def set_understood(self, profile_ids: Collection[str]) -> None:
        """The profiles whose users know already that runs there are real."""
        self._understood = frozenset(profile_ids)

    def open_action(self, app: App, action: Action) -> None:
        """Show the form of an action in place of the one there was."""
        if self._session is None:
            return
        self._close_form()
        self._opened += 1
        self._app, self._action, self._connections = app, action, None
        self._title.setText(f"{one_line(app.title, 80)} › {one_line(action.title, 200)}")
        self._kind.set_kind(action.action_type)
        self._description.set_markdown(action.description)
        self._description.setVisible(bool(action.description))
        self.picker.show_loading()
        self._show_page(self._skeleton)
        self._find_connections()

    def run(self) -> None:
        """Send the form once. A held key and a double click are one press."""
        now = monotonic()
        is_repeat = now - self._pressed_at < QApplication.doubleClickInterval() / 1_000
        self._pressed_at = now
        if is_repeat or self._is_sending or self._form is None or self._session is None:
            return
        if self._pages.currentWidget() is not self.form or not self._may_send():
            return
        self._is_sending = True
        self._start(self._send(self._form))

    async def close_tasks(self) -> None:
        """Stop everything that still runs."""
        form, self._form = self._form, None
        self.form.set_context(None)
        self._body_timer.stop()
        if form is not None:
            await form.close()
        if self._owner is not None:
            await self._owner.close()

    # Connections

    def _find_connections(self, *, refresh: bool = False) -> None:
        self._start(self._load_connections(self._opened, refresh=refresh))

    async def _load_connections(self, opened: int, *, refresh: bool) -> None:
        session, app = self._session, self._app
        if session is None or app is None:
            return
        try:
            connections = await session.catalog.connections(app.id, refresh=refresh)
        except ZapdeskError as error:
            if opened == self._opened:
                self.notices.show_error(error, "connections")
            return
        if opened == self._opened:
            self._take_connections(connections)

    def _take_connections(self, connections: Connections) -> None:
        assert self._app is not None  # an action is open
        self._connections = connections
        current = self._form.authentication if self._form is not None else None
        usable = connections.usable
        if self._form is None:
            current = usable[0] if len(usable) == 1 else None
        self.picker.show_connections(self._app, connections, current)
        if self._form is not None:
            return
        if current is not None or (not connections.items and not connections.needs_one):
            self._use(current)
        elif usable:
            self._wait("Choose a connection.", "Its account decides what the form offers.")
        elif connections.trouble is not None:
            self._wait("The connections could not be loaded.", "Try again with the arrow above.")
        else:
            self._wait(
                f"Connect {one_line(self._app.title, 60)} first.",
                "After connecting it in Zapier, come back and look again with the arrow above.",
            )

    def _on_catalog(self, change: Any) -> None:
        if change.what == "connections" and self._app is not None and change.app_id == self._app.id:
            self._find_connections()

    # The form

    def _use(self, authentication: Authentication | None) -> None:
        if self._session is None or self._app is None or self._action is None:
            return
        if self._form is None:
            self._form = form = self._session.forms.open(self._app, self._action, authentication)
            assert self._owner is not None  # set together with the session
            self.form.set_context(FormContext(form, self._owner.start, self.link_requested.emit))
            self._unsubscribe.append(form.changed.subscribe(self._on_form))
        else:
            self._form.set_authentication(authentication)
        self._start(self._form.load())

    def _close_form(self) -> None:
        form, self._form = self._form, None
        self.form.set_context(None)
        self._open_runs.clear()
        self.bar.show_runs(0)
        self.notices.clear("form")
        self.notices.clear("effects")
        self.notices.clear("run")
        if form is not None:
            self._unsubscribe = self._unsubscribe[:2]
            self._start(form.close())

    def _on_form(self, change: FormChange) -> None:
        form = self._form
        if form is None or change.kind not in {"loading", "fields"}:
            return
        has_form = form.is_loaded or bool(form.state.nodes)
        if has_form:
            self._show_page(self.form)
        elif form.is_loading:
            self._show_page(self._skeleton)
        else:
            self._wait("The form could not be loaded.", "")
        self.bar.show_note("Refreshing the form…" if form.is_loading and has_form else "")
        self._show_trouble(form)

    def _show_trouble(self, form: FormSession) -> None:
        if form.trouble is None:
            self.notices.clear("form")
            return
        words = (form.trouble.title, form.trouble.detail, form.trouble.hint)
        text = " ".join(filter(None, words))
        self.notices.show_notice("form", "error", text, "Retry", self._retry)

    def _retry(self) -> None:
        if self._form is not None:
            self._start(self._form.load())

    # Running

    def _may_send(self) -> bool:
        assert self._session is not None  # asked by run() only
        profile = self._session.profile
        if self._session.runs.blocked:
            self.notices.show_notice("run", "error", self._session.runs.blocked)
            return False
        writes = self._action is not None and self._action.writes
        if writes and profile.kind is not ServerKind.SANDBOX and profile.id not in self._understood:
            self.notices.show_notice(
                "effects", "warning", _REAL_EFFECTS, "I understand", self._on_understood
            )
            return False
        return True

    def _on_understood(self) -> None:
        if self._session is not None:
            self._understood |= {self._session.profile.id}
            self.understood.emit(self._session.profile.id)
            self._pressed_at = 0.0
            self.bar.run_button.setFocus()

    async def _send(self, form: FormSession) -> None:
        session = self._session
        self.bar.run_button.setEnabled(False)
        try:
            before = tuple(form.state.nodes)
            await form.settle()
            if session is None or form is not self._form:
                return
            if form.trouble is not None:  # what the form asks for now is not known
                self._show_trouble(form)
                return
            if tuple(form.state.nodes) != before:
                text = "The form changed with the last value. Look at it, then run again."
                self.notices.show_notice("run", "info", text)
                self.form.judge()
                return
            if not self.form.judge():
                return
            self.notices.clear("run")
            run = await session.runs.start(form.order(uuid4().hex))
            if form is self._form and run.status.is_open:
                self._open_runs.add(run.id)
                self.bar.show_runs(len(self._open_runs))
            self.run_started.emit(run)
        except ZapdeskError as error:
            self.notices.show_error(error, "run")
        finally:
            self._is_sending = False
            self.bar.run_button.setEnabled(True)

    def _on_runs(self, change: RunsChange) -> None:
        run: ActionRun | None = change.run
        if run is None or run.id not in self._open_runs or run.status.is_open:
            return
        self._open_runs.discard(run.id)
        self.bar.show_runs(len(self._open_runs))
        self._start(self._show_refusal(run))

    async def _show_refusal(self, run: ActionRun) -> None:
        # What the server said of single fields is shown at those fields.
        form = self._form
        record = await self._session.runs.record(run.id) if self._session is not None else None
        if form is not None and form is self._form and record is not None and record.report:
            form.apply_refusal(record.report.items)

    # Small things

    def _start(self, coroutine: Any) -> None:
        if self._owner is None:
            coroutine.close()
        else:
            self._owner.start(coroutine, "action panel")

    def _wait(self, title: str, sentence: str) -> None:
        self._waiting.set_texts(title, sentence)
        self._show_page(self._waiting)

    def _show_page(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)
        is_open = page is not self._nothing
        self._header.setVisible(is_open)
        self._line.setVisible(is_open)
        self.bar.setVisible(page is self.form)
        self._ids.setVisible(page is self.form)

    def _body_soon(self) -> None:
        if self.bar.shows_body:
            self._body_timer.start()

    def _show_body(self) -> None:
        if self._form is None or self._session is None or not self.bar.shows_body:
            return
        state = self._form.state
        inputs = state.payload(native=self._session.profile.sends_native_values)
        try:
            body = write_json(without_secrets(inputs, state.secret_ids), 2).decode()
        except InvalidInput as error:
            body = str(error)
        self.bar.show_body(body)

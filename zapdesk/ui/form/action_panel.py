"""The middle area: which action, with which connection, its form, and Run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.filling import Filling
from zapdesk.errors import ZapdeskError
from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.action_header import ActionHeader
from zapdesk.ui.form.barring import is_barred, words
from zapdesk.ui.form.connections import FormConnections
from zapdesk.ui.form.definition_sheet import definition_sheet, summary
from zapdesk.ui.form.editors import FormContext
from zapdesk.ui.form.marking import keep_mark
from zapdesk.ui.form.notes import SkeletonFields
from zapdesk.ui.form.page import FormPage
from zapdesk.ui.form.refill import Refill, named
from zapdesk.ui.form.run_bar import RunBar
from zapdesk.ui.form.sending import Sending
from zapdesk.ui.look.theme import Theme
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.parts import EmptyState, HLine

if TYPE_CHECKING:  # these import what must not be imported before the first paint
    import asyncio

    from zapdesk.bootstrap import Session
    from zapdesk.domain.drafts import Draft
    from zapdesk.services.drafts import DraftKeeper
    from zapdesk.services.form_changes import FormChange
    from zapdesk.services.form_definition import DefinitionChange
    from zapdesk.services.forms import FormSession
    from zapdesk.tasks import TaskOwner

_SUBJECTS = ("connections", "form", "refill", "passwords", "definition")


class ActionPanel(QWidget):
    """Opens one action at a time.

    ``run_started`` gives the ActionRun, ``understood`` the id of the profile whose user now knows
    that runs are real; ``link_requested`` asks the shell to open an address; ``connection_asked``
    gives the widget in which a person has to choose one first; ``form_opened`` gives
    the FormSession that can be filled in now, ``draft_restored`` the Draft that is in it. Drafts
    are kept under ``place``; there are none while it is empty.
    """

    run_started = Signal(object)
    understood = Signal(str)
    link_requested = Signal(str)
    title_changed = Signal(str)
    form_opened = Signal(object)
    connection_asked = Signal(object)
    draft_restored = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "surface")
        self.setAccessibleName("Action")
        self.place = ""
        self._session: Session | None = None
        self._owner: TaskOwner | None = None
        self._app: App | None = None
        self._form: FormSession | None = None
        self._keeper: DraftKeeper | None = None
        self._draft: Draft | None = None
        self._told: DefinitionChange | None = None
        self._closing: set[asyncio.Task[Any]] = set()
        self._refill: Refill | None = None
        self._is_used = False
        self._unsubscribe: list[Callable[[], None]] = []
        self._unsubscribe_form: Callable[[], None] = lambda: None
        self._build()
        self._show_page(self._nothing)

    def _build(self) -> None:
        self.header = ActionHeader(self.link_requested.emit)
        self.picker = self.header.picker
        self._line = HLine()
        self.notices = NoticeArea()
        self.form = ActionForm()
        self._nothing = EmptyState(
            "Choose an action on the left.", "Its form appears here.", icon="run"
        )
        self._waiting = EmptyState()
        self._skeleton = SkeletonFields()
        self._pages = QStackedWidget()
        self.form_page = FormPage(self.form)
        for page in (self._nothing, self._waiting, self._skeleton, self.form_page):
            self._pages.addWidget(page)
        self.bar = RunBar()
        self.sending = Sending(self.form, self.bar, self.notices, self._start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.header, self._line, self.notices, self._pages, self.bar):
            column.addWidget(widget, 1 if widget is self._pages else 0)
        self.header.ids_toggled.connect(self.form.show_ids)
        self.connections = FormConnections(self, self.picker, self.notices, self._start)
        self.header.add_strip(self.connections.browser.strip)
        self.connections.used.connect(self._use)
        self.connections.waits.connect(self._wait)
        self.connections.asked.connect(self.connection_asked)
        self.bar.run_pressed.connect(lambda: self.run())
        self.bar.run_held.connect(lambda: self.run(is_meant=True))
        self.bar.problems_pressed.connect(self.form.judge)
        self.form.problems_changed.connect(self.bar.show_problems)
        self.form.values_changed.connect(self.bar.body.refresh_soon)
        self.sending.run_started.connect(self.run_started)
        self.sending.understood.connect(self.understood)
        self.sending.held_back.connect(self._show_trouble)

    # What the shell gives and asks

    def set_session(self, session: Session | None) -> None:
        """Work for another profile, or for none."""
        self._close_form()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._session = session
        self._app = None
        self.sending.set_session(session)
        self._show_page(self._nothing)
        if session is not None:
            from zapdesk.tasks import TaskOwner

            self._owner = self._owner or TaskOwner()
            self._unsubscribe = [
                session.catalog.changed.subscribe(self._on_catalog),
                session.runs.changed.subscribe(self.sending.on_runs),
            ]

    def set_understood(self, profile_ids: Collection[str]) -> None:
        """The profiles whose users know already that runs there are real."""
        self.sending.set_understood(profile_ids)

    def open_action(
        self,
        app: App,
        action: Action,
        filling: Filling | None = None,
        authentication_id: str | None = None,
        secrets: Mapping[str, Any] | None = None,
    ) -> None:
        """Show the form of an action in place of the one there was.

        With a ``filling`` its values are in the form when it comes; it is for the connection
        ``authentication_id``. Passwords that were hidden in it have to be typed again, but for
        ``secrets``, which are in the form when it asks for them.
        """
        if self._session is None:
            return
        self._close_form()
        self._app = app
        self._form = form = self._session.forms.open(app, action, None)
        form.state.park_secrets(secrets or {})
        self._refill = Refill.of(filling, authentication_id) if filling is not None else None
        self._is_used = False
        self.header.show_action(app, action)
        self.title_changed.emit(self.header.title)
        self._show_page(self._skeleton)
        self._start(self._begin(self._session, form, authentication_id))

    def run(self, *, is_meant: bool = False) -> None:
        """Send the form once. A held key and a double click are one press. ``is_meant``: the
        button was held, and nothing needs to be asked in a live profile."""
        if self._pages.currentWidget() is self.form_page:
            self.bar.body.flush()
            self.sending.run(is_meant=is_meant)

    def take_connection(self, connection: Authentication, *, is_asked: bool) -> None:
        """Use a connection that was made or renewed elsewhere, where a form waits for it."""
        used = self._form.authentication if self._form is not None else None
        is_renewed = used is not None and used.id == connection.id
        if is_asked or is_renewed or not self._is_used:
            self.connections.take(connection)

    def find_field(self) -> bool:
        """Go to the box that finds fields; False where there is none."""
        return self._pages.currentWidget() is self.form_page and self.form_page.find_field()

    def take_keys(self) -> None:
        """Give the keys to the widget that had them, or to the first field."""
        before, form = self.focusWidget(), self._form
        if before is not None:
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        elif form is not None:
            fields = form.state.fields.values()
            self.form.go_to(next((field.id for field in fields if field.takes_input), ""))

    @property
    def title(self) -> str:
        """App and action; empty where nothing is open."""
        return self.header.title if self._form is not None else ""

    @property
    def form_session(self) -> FormSession | None:
        """The form that is open, or being opened."""
        return self._form

    async def close_tasks(self) -> None:
        """Save the draft, and stop everything that still runs."""
        import asyncio

        self._close_form()
        if self._closing:
            await asyncio.wait(tuple(self._closing))
        if self._owner is not None:
            await self._owner.close()

    # Opening

    async def _begin(self, session: Session, form: FormSession, wanted: str | None) -> None:
        if self.place and form is self._form:
            try:
                wanted = await self._keep_draft(session, form, wanted)
            except ZapdeskError as error:
                self.notices.show_error(error, "refill")
        if form is not self._form:
            return
        if self._refill is not None:
            form.prefill(self._refill.filling)
        self.connections.begin(session, form, wanted)

    async def _keep_draft(
        self, session: Session, form: FormSession, wanted: str | None
    ) -> str | None:
        """Restore the form's draft and keep it from now on; the connection it is for."""
        if self._refill is None:
            draft = await session.drafts.restore(self.place, form)
            if draft is not None and form is self._form:
                wanted = draft.authentication_id or wanted
                self._draft = None if draft.filling.is_empty else draft
        if form is self._form:
            self._keeper = session.drafts.keep(self.place, form)
        return wanted

    def _on_catalog(self, change: Any) -> None:
        if change.what == "connections":
            self.connections.on_change(change.app_id)

    # The form

    def _use(self, authentication: Authentication | None) -> None:
        form = self._form
        if form is None or self._owner is None:
            return
        form.set_authentication(authentication)
        if self._is_used:
            self._start(form.load())
            return
        self._is_used = True
        opens = self.link_requested.emit
        self.form.set_context(FormContext(form, self._owner.start, opens, self._mark))
        self.sending.set_form(form)
        self.bar.body.set_session(form)
        self._unsubscribe_form = form.changed.subscribe(self._on_form)
        self.form_opened.emit(form)
        if self._draft is not None:
            self.draft_restored.emit(self._draft)
        self._start(self._load_first(form))

    def _mark(self, field_id: str, is_sensitive: bool) -> None:
        if self._session is not None and self._form is not None:
            action, sensitive = self._form.action.reference, self._session.forms.sensitive
            self._start(keep_mark(sensitive, action, field_id, is_sensitive, self.notices))

    async def _load_first(self, form: FormSession) -> None:
        await form.load()
        await form.settle()
        if form is not self._form or form.trouble is not None:
            return
        if self._refill is not None:
            self._tell_refill(self._refill, form)

    def _tell_refill(self, refill: Refill, form: FormSession) -> None:
        gone = refill.gone(form.state)
        if gone:
            have = "1 value has" if len(gone) == 1 else f"{len(gone)} values have"
            text = f"{have} no field any more: {named(gone)}"
            self.notices.show_notice("refill", "info", text, "Show", self.form.go_to_parked)
        secrets = refill.wanted_passwords(form.state)
        if secrets:
            titles = named(form.state.field(name).name for name in secrets)
            text = f"Passwords are never kept. Type again: {titles}"
            self.notices.show_notice(
                "passwords", "info", text, "Type", lambda: self.form.go_to(secrets[0])
            )

    def _tell_definition(self, form: FormSession) -> None:
        if form.definition_change is not None and form.definition_change is not self._told:
            self._told = form.definition_change
            text = summary(form.definition_change[1])
            self.notices.show_notice("definition", "info", text, "Show", self._show_definition)

    def _show_definition(self) -> None:
        form = self._form
        if form is not None and form.definition_change is not None:
            before, differences = form.definition_change
            zone = form.pieces.zone
            definition_sheet(self, self.title, before.last_ms, zone, differences).open()

    def _close_form(self) -> None:
        form, keeper = self._form, self._keeper
        self._form = self._keeper = self._draft = self._refill = self._told = None
        self.connections.end()
        self._unsubscribe_form()
        self._unsubscribe_form = lambda: None
        self.form.set_context(None)
        self.sending.set_form(None)
        self.bar.body.set_session(None)
        for subject in _SUBJECTS:
            self.notices.clear(subject)
        if form is not None and self._owner is not None:
            task = self._owner.start(_close(form, keeper), "close form")
            if task is not None:
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    def _on_form(self, change: FormChange) -> None:
        form = self._form
        if form is None or change.kind not in {"loading", "fields"}:
            return
        has_form = form.is_loaded or bool(form.state.nodes)
        if has_form:
            self._show_page(self.form_page)
        elif form.is_loading:
            self._show_page(self._skeleton)
        else:
            self._wait(*words(form.trouble, "The form could not be loaded."))
        self.bar.show_note("Refreshing the form…" if form.is_loading and has_form else "")
        self._show_trouble()
        if form.is_loaded and not form.is_loading:
            self._tell_definition(form)

    def _show_trouble(self) -> None:
        trouble = self._form.trouble if self._form is not None else None
        if trouble is None or is_barred(trouble):
            self.notices.clear("form")
            return
        text = " ".join(filter(None, (trouble.title, trouble.detail, trouble.hint)))
        self.notices.show_notice("form", "error", text, "Retry", self._retry)

    def _retry(self) -> None:
        if self._form is not None:
            self._start(self._load_first(self._form))

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
        self.header.setVisible(is_open)
        self._line.setVisible(is_open)
        self.bar.setVisible(page is self.form_page)
        self.header.show_form_tools(page is self.form_page)


async def _close(form: FormSession, keeper: DraftKeeper | None) -> None:
    if keeper is not None:
        await keeper.close()
    await form.close()

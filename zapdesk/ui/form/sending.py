"""Sending the open form: once per press, never what is not in sight, and how it came back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from zapdesk.domain.profiles import ServerKind
from zapdesk.domain.runs import ActionRun, RunOrder
from zapdesk.domain.scopes import barrier
from zapdesk.errors import ErrorReport, ZapdeskError
from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.run_bar import RunBar
from zapdesk.ui.notices import NoticeArea

if TYPE_CHECKING:  # these import what must not be imported before the first paint
    from zapdesk.bootstrap import Session
    from zapdesk.services.forms import FormSession
    from zapdesk.services.watching import RunsChange

_REAL_EFFECTS = "Runs have real effects and count as tasks."

Start = Callable[[Coroutine[Any, Any, Any]], object]


class Sending(QObject):
    """``run_started`` gives the ActionRun, ``understood`` the id of the profile whose user now
    knows that runs are real; ``held_back`` says that the form is in trouble and was not sent.
    """

    run_started = Signal(object)
    understood = Signal(str)
    held_back = Signal()

    def __init__(self, form: ActionForm, bar: RunBar, notices: NoticeArea, start: Start) -> None:
        super().__init__(bar)
        self._widget, self._bar, self._notices, self._start = form, bar, notices, start
        self._session: Session | None = None
        self._form: FormSession | None = None
        self._understood: frozenset[str] = frozenset()
        self._open_runs: set[str] = set()
        self._is_sending = False
        self._unsubscribe: tuple[Callable[[], None], ...] = ()
        self._pressed_at = 0.0

    def set_session(self, session: Session | None) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = ()
        self._session = session
        self.set_form(None)
        if session is not None:
            runs = session.runs
            self._unsubscribe = (
                runs.blocked_changed.subscribe(lambda _: self._show_blocked()),
                session.guard.changed.subscribe(lambda _: self._show_guard()),
            )
        self._show_blocked()

    def set_form(self, form: FormSession | None) -> None:
        """Send another form from now on, or none."""
        self._form = form
        self._show_guard()
        self._open_runs.clear()
        self._bar.show_runs(0)
        for subject in ("effects", "run", "refusal"):
            self._notices.clear(subject)

    def set_understood(self, profile_ids: Collection[str]) -> None:
        """The profiles whose users know already that runs there are real."""
        self._understood = frozenset(profile_ids)

    def _show_blocked(self) -> None:
        session = self._session
        if session is None:
            self._bar.set_blocked("")
            return
        lost = barrier(session.profile, "action:run")
        can_ask = lost is not None and lost.can_ask and session.runs.ending is None
        self._bar.set_blocked(session.runs.blocked, can_ask=can_ask)

    def _show_guard(self) -> None:
        session, form = self._session, self._form
        if session is None or form is None:
            self._bar.set_guarded(False)
        else:
            asks = session.guard.asks(session.profile, form.action.action_type)
            self._bar.set_guarded(asks)

    def run(self, *, is_meant: bool = False) -> None:
        """Send the form once. A held key and a double click are one press. What writes in a live
        profile is asked about, unless it ``is_meant`` already: the button was held."""
        now = monotonic()
        is_repeat = now - self._pressed_at < QApplication.doubleClickInterval() / 1_000
        self._pressed_at = now
        if is_repeat or self._is_sending or self._form is None or self._session is None:
            return
        if self._may_send(self._session, self._form):
            self._is_sending = True
            self._start(self._send(self._session, self._form, is_meant=is_meant))

    def _may_send(self, session: Session, form: FormSession) -> bool:
        profile = session.profile
        if session.runs.blocked:
            self._notices.show_notice("run", "error", session.runs.blocked)
            return False
        is_real = form.action.writes and profile.kind is not ServerKind.SANDBOX
        # In a live profile the guard tells it, each time.
        if is_real and not profile.is_live and profile.id not in self._understood:
            self._notices.show_notice(
                "effects", "warning", _REAL_EFFECTS, "I understand", self._on_understood
            )
            return False
        return True

    def _on_understood(self) -> None:
        if self._session is not None:
            self._understood |= {self._session.profile.id}
            self.understood.emit(self._session.profile.id)
            self._pressed_at = 0.0
            self._bar.run_button.setFocus()

    async def _send(self, session: Session, form: FormSession, *, is_meant: bool) -> None:
        button = self._bar.run_button
        had_keys = button.hasFocus()
        button.setEnabled(False)
        passed_to = QApplication.focusWidget()  # Qt takes the keys from a button it disables
        try:
            before = tuple(form.state.nodes)
            await form.settle()
            if form is not self._form:
                return
            if form.trouble is not None:  # what the form asks for now is not known
                self.held_back.emit()
                return
            if tuple(form.state.nodes) != before:
                text = "The form changed with the last value. Look at it, then run again."
                self._notices.show_notice("run", "info", text)
                self._widget.judge()
                return
            if not self._widget.judge():
                return
            self._notices.clear("run")
            self._notices.clear("refusal")
            order = await self._linked(session, form, form.order(uuid4().hex))
            if order is None or not (is_meant or await self._is_meant(session, order)):
                return
            if form is not self._form:
                return
            run = await session.runs.start(order)
            form.again_of = ""
            if form is self._form and run.status.is_open:
                self._open_runs.add(run.id)
                self._bar.show_runs(len(self._open_runs))
            self.run_started.emit(run)
        except ZapdeskError as error:
            self._notices.show_error(error, "run")
        finally:
            self._is_sending = False
            button.setEnabled(not session.runs.blocked)
            if had_keys and QApplication.focusWidget() is passed_to:
                button.setFocus()

    async def _linked(
        self, session: Session, form: FormSession, order: RunOrder
    ) -> RunOrder | None:
        """The order, linked to the run that it follows, if there is one. Where the same was sent a
        short while ago a person is asked, with the focus on the way out."""
        # An earlier run whose inputs were put into the form was chosen: that is not asked about.
        earlier = await session.runs.earlier_attempt(replace(order, again_of=None))
        if earlier is None:
            return order
        from zapdesk.ui.runs.attempt_dialog import Answer, ask_again

        names = {field.id: field.name for field in form.state.fields.values()}
        answer = await ask_again(self._bar.window(), earlier, names, session.runs.changed)
        if answer is not Answer.SEND or form is not self._form:
            return None
        return replace(order, again_of=order.again_of or earlier.run.id)

    async def _is_meant(self, session: Session, order: RunOrder) -> bool:
        from zapdesk.ui.accounts.live_dialog import is_meant

        return await is_meant(self._bar.window(), session.guard, session.profile, order)

    # How it came back

    def on_runs(self, change: RunsChange) -> None:
        """A run changed: what the server said of single fields is put at those fields."""
        run: ActionRun | None = change.run
        if run is None or run.id not in self._open_runs or run.status.is_open:
            return
        self._open_runs.discard(run.id)
        self._bar.show_runs(len(self._open_runs))
        if self._session is not None and self._form is not None:
            self._start(self._look_for_refusal(self._session, self._form, run.id))

    async def _look_for_refusal(self, session: Session, form: FormSession, run_id: str) -> None:
        record = await session.runs.record(run_id)
        report = record.report if record is not None else None
        if report is None or form is not self._form:
            return
        named = form.apply_refusal(report.items)
        if named:
            self._show_refusal(report, form, named)

    def _show_refusal(self, report: ErrorReport, form: FormSession, named: tuple[str, ...]) -> None:
        first = min(named, key=list(form.state.fields).index)
        others = f" and {len(named) - 1} more" if len(named) > 1 else ""
        text = f"{report.title} It is about {form.state.field(first).name}{others}."
        self._notices.show_notice(
            "refusal", "error", text, "Show the field", lambda: self._widget.go_to(first)
        )
        focused = QApplication.focusWidget()
        if focused is None or self._bar.isAncestorOf(focused):
            self._widget.go_to(first)  # a person who is busy elsewhere keeps the focus

"""RunHeader: did it work? In words, with the four facts, and what can be done now."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from zapdesk.domain.explanation import server_of
from zapdesk.domain.facts import Fact, Facts
from zapdesk.domain.outlook import Outlook, WaitsFor
from zapdesk.domain.runs import ActionRun, RunStatus
from zapdesk.ui.look.metrics import ICON_LARGE, XS, L, M, S
from zapdesk.ui.parts import Button, IconButton, IconLabel, PlainLabel, run_look, status_look
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.facts import kind_words
from zapdesk.ui.runs.outcome_block import TONES, OutcomeBlock
from zapdesk.ui.runs.resolve import ResolveBox
from zapdesk.ui.runs.run_now import RunNow
from zapdesk.ui.times import (
    day_number,
    duration_text,
    elapsed_text,
    exact_time,
    local,
    now_ms,
    seconds_text,
)

_FACTS_IN_A_ROW = 620
_FACTS_WIDEST = 960


class RunHeader(QWidget):
    """What is said above the tabs. ``run_wanted`` carries the id of another attempt."""

    stop_requested = Signal()
    look_requested = Signal()
    run_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel("unknown", "unknown", ICON_LARGE)
        self.title = PlainLabel(size="large", bold=True, wrap=True, selectable=True)
        self.elapsed = PlainLabel(size="large", tone="muted")
        self.more = IconButton("more", "What can be done with this run")
        self.more.hide()
        self.what = PlainLabel(tone="muted", elide=True)
        self.whom = _WhomLine()
        self.sentence = PlainLabel(wrap=True, selectable=True)
        self.facts = _FactsLine()
        self.waiting = _WaitingLine()
        self.attempts = _AttemptsLine()
        self.resolve = ResolveBox()
        self.outcome = OutcomeBlock(self.resolve)
        self._shown_id = ""
        self.waiting.stop.clicked.connect(self.stop_requested)
        self.waiting.look.clicked.connect(self.look_requested)
        self.attempts.run_wanted.connect(self.run_wanted)
        first = QHBoxLayout()
        first.setSpacing(S)
        first.addWidget(self.icon)
        first.addWidget(self.title, 1)
        first.addWidget(self.elapsed)
        first.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(S)
        column.addLayout(first)
        told = (self.what, self.whom, self.facts, self.attempts, self.sentence)
        for widget in (*told, self.waiting, self.outcome):
            column.addWidget(widget)

    def offer(self, menu: QMenu) -> None:
        """Offer deeds from now on: those of ``menu``, and those that stand beside what they are
        about. Without this a run is for reading.
        """
        self.more.setMenu(menu)
        self.more.show()
        self.outcome.may_act = True

    def show_run(self, now: RunNow, end_user: str = "") -> None:
        """Tell how a run stands. ``end_user`` is the name of the person in whose name a partner
        sent it, where that is known."""
        run, facts = now.run, now.facts
        if run.id != self._shown_id:
            self._shown_id = run.id
            self.outcome.start_over()
        look = status_look(run.status.value)
        # Processed is not done: where the result itself speaks of a failure there is no tick.
        icon, token = ("warning", "waiting") if now.tells_trouble else (look.icon, look.token)
        self.icon.set_icon(icon, token)
        self.title.setText(now.answer)
        self.title.set_tone(token)
        self.elapsed.setText(_duration(now))
        started = f"{local(run.created_ms):%H:%M:%S}"
        origin = "from a run capsule" if run.is_foreign else ""
        titles = f"{run.app_title} › {kind_words(run)}"
        parts = (titles, run.authentication_title, started, origin)
        self.what.setText(" · ".join(one_line(part, 200) for part in parts if part))
        self.what.setToolTip(plain_tool_tip(exact_time(run.created_ms)))
        self.whom.show_whom(run.acts_for, end_user)
        is_explained = run.status in TONES
        outcome = now.outcome
        self.sentence.setText("" if is_explained else outcome.sentence)
        self.sentence.setVisible(bool(self.sentence.whole_text))
        self.outcome.setVisible(is_explained)
        if is_explained:
            self.outcome.show_outcome(now)
        is_watched = run.status is RunStatus.WAITING and not run.is_foreign
        self.waiting.setVisible(is_watched)
        if is_watched:
            self.waiting.show_outlook(now.outlook, server_of(run))
        self.attempts.show_attempts(now.stored.first, now.stored.later)
        self.facts.show_facts(facts)
        self.setAccessibleName(f"{now.answer}. {outcome.title}. {outcome.sentence}")
        self.setAccessibleDescription(facts.sentence())


def _duration(now: RunNow) -> str:
    if now.run.status.is_open:
        return elapsed_text(now.elapsed_ms)
    return "" if now.run.duration_ms is None else duration_text(now.elapsed_ms)


class _WhomLine(QWidget):
    """The end user in whose name a partner sent it: the name, where that is known, and the id."""

    def __init__(self) -> None:
        super().__init__()
        self.name = PlainLabel(elide=True)
        self.name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.id = PlainLabel(size="small", tone="muted", mono=True, elide=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(self.name)
        row.addWidget(self.id, 1)

    def show_whom(self, id: str, name: str) -> None:
        self.setVisible(bool(id))
        self.name.setText(f"For {one_line(name or id, 200)}")
        self.id.setText(one_line(id, 200) if name and name != id else "")


class _FactsLine(QWidget):
    """Four small pairs of words, in two rows where there is little room."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(L)
        self._grid.setVerticalSpacing(S)
        self._columns = 0
        self._pairs: list[QWidget] = []
        self.labels: list[tuple[PlainLabel, PlainLabel]] = []
        for _ in range(4):
            pair = QWidget()
            column = QVBoxLayout(pair)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(2)
            name = PlainLabel(size="small", tone="muted")
            text = PlainLabel(wrap=True)
            column.addWidget(name)
            column.addWidget(text)
            column.addStretch(1)
            self._pairs.append(pair)
            self.labels.append((name, text))
        self._arrange(4)
        self.setMaximumWidth(_FACTS_WIDEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(4 if event.size().width() >= _FACTS_IN_A_ROW else 2)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, pair in enumerate(self._pairs):
            self._grid.addWidget(pair, number // columns, number % columns)
        for column in range(4):
            # The last fact has the most to say.
            stretch = 0 if column >= columns else 4 if column == 3 else 3
            self._grid.setColumnStretch(column, stretch)

    def show_facts(self, facts: Facts) -> None:
        for (name, text), fact in zip(self.labels, facts.all(), strict=True):
            name.setText(fact.name)
            text.setText(fact.text)
            text.set_tone(fact.tone)
            tip = _tip(fact)
            text.setToolTip(plain_tool_tip(tip) if tip else "")
            text.setAccessibleName(f"{fact.name}: {fact.text}")


def _tip(fact: Fact) -> str:
    when = exact_time(fact.at_ms) if fact.at_ms is not None else ""
    return "\n".join(filter(None, (fact.tip, when)))


class _AttemptsLine(QWidget):
    """The other attempts of the same: the one before, and those that came after."""

    run_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.text = PlainLabel(tone="muted", elide=True)
        self.button = Button("Show it", look="link")
        self._id = ""
        self.button.clicked.connect(lambda: self.run_wanted.emit(self._id))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)

    def show_attempts(self, first: ActionRun | None, later: tuple[ActionRun, ...]) -> None:
        self.setVisible(first is not None or bool(later))
        sentences = []
        if first is not None:
            sentences.append(f"Sent again for the run of {_told(first)}.")
            self._id = first.id
        if later:
            times = "" if len(later) == 1 else f", {len(later)} times"
            sentences.append(f"Sent again{times}, last at {_told(later[-1])}.")
            self._id = later[-1].id
        self.text.setText(" ".join(sentences))


def _told(run: ActionRun) -> str:
    moment = local(run.created_ms)
    is_today = day_number(run.created_ms) == day_number(now_ms())
    day = "" if is_today else f"{moment.day} {moment:%b %Y}, "
    return f"{day}{moment:%H:%M:%S}: {run_look(run.status, run.headline).word}"


class _WaitingLine(QWidget):
    """When zapdesk looks next and what that waits for, and the way to stop or start looking."""

    def __init__(self) -> None:
        super().__init__()
        self.text = PlainLabel(tone="muted", wrap=True)
        self.stop = Button("Stop waiting", tip="zapdesk stops looking. The run itself goes on.")
        self.look = Button("Look again", icon="refresh")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, XS, 0, 0)
        row.setSpacing(S)
        row.addWidget(self.text, 1)
        row.addWidget(self.stop)
        row.addWidget(self.look)

    def show_outlook(self, outlook: Outlook | None, server: str) -> None:
        is_watched = outlook is not None and outlook.waits_for is not WaitsFor.NOBODY
        is_here = is_watched and outlook is not None and outlook.waits_for is not WaitsFor.ELSEWHERE
        self.stop.setVisible(is_here)
        self.look.setVisible(not is_watched)
        self.text.setText(waiting_text(outlook, server))


def waiting_text(outlook: Outlook | None, server: str) -> str:
    """When a run is looked at next, counted down, and why not now."""
    if outlook is None:
        return "zapdesk is not looking any more. The run itself goes on."
    if outlook.waits_for in (WaitsFor.NOBODY, WaitsFor.ELSEWHERE):
        return outlook.sentence(server)
    parts = [] if outlook.waits_for is WaitsFor.RHYTHM else [outlook.sentence(server)]
    if outlook.seconds is not None:
        is_now = outlook.seconds < 0.5
        parts.append("Looking now…" if is_now else f"Next look in {seconds_text(outlook.seconds)}.")
    parts.append("Stop waiting does not stop the run.")
    return " ".join(parts)

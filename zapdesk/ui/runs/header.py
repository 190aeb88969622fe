"""RunHeader: did it work? In words, with the four facts, and what can be done now."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.explanation import Outcome, explain
from zapdesk.domain.facts import Fact, facts_of
from zapdesk.domain.json_outline import is_empty
from zapdesk.domain.runs import ActionRun, Resolution, RunRecord, RunStatus
from zapdesk.errors import Side
from zapdesk.ui.look.metrics import ICON_LARGE, XS, L, M, S
from zapdesk.ui.parts import (
    Button,
    DisclosureButton,
    IconLabel,
    PlainLabel,
    status_look,
)
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.facts import kind_words
from zapdesk.ui.runs.resolve import ResolveBox
from zapdesk.ui.times import duration_text, elapsed_text, exact_time, local, now_ms, seconds_text

_BAD = {
    RunStatus.ERROR: "error",
    RunStatus.REFUSED: "refused",
    RunStatus.UNKNOWN: "unknown",
    RunStatus.LOST: "unknown",
    RunStatus.NOT_SENT: "not_sent",
}
_ANSWERS = {
    RunStatus.SUBMITTING: "Sending…",
    RunStatus.WAITING: "Waiting for the result…",
    RunStatus.SUCCESS: "Success",
    RunStatus.ERROR: "It ended in an error",
    RunStatus.LOST: "Unknown: the server lost track of it",
    RunStatus.NOT_SENT: "Not sent: nothing ran",
    RunStatus.REFUSED: "Refused: nothing ran",
    RunStatus.UNKNOWN: "Unknown: it may have run",
}
_RESOLVED = {
    Resolution.HAPPENED: "It happened, someone checked",
    Resolution.DID_NOT: "It did not happen, someone checked",
    Resolution.LEFT: "Unknown, left open",
}
_LONGEST_DETAIL = 4_000
_FACTS_IN_A_ROW = 620
_FACTS_WIDEST = 960


class RunHeader(QWidget):
    """What is said above the tabs."""

    stop_requested = Signal()
    look_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel("unknown", "unknown", ICON_LARGE)
        self.title = PlainLabel(size="large", bold=True, wrap=True, selectable=True)
        self.elapsed = PlainLabel(size="large", tone="muted")
        self.what = PlainLabel(tone="muted", elide=True)
        self.sentence = PlainLabel(wrap=True, selectable=True)
        self.facts = _FactsLine()
        self.waiting = _WaitingLine()
        self.resolve = ResolveBox()
        self.outcome = _OutcomeBlock(self.resolve)
        self._shown_id = ""
        self.waiting.stop.clicked.connect(self.stop_requested)
        self.waiting.look.clicked.connect(self.look_requested)
        first = QHBoxLayout()
        first.setSpacing(S)
        first.addWidget(self.icon)
        first.addWidget(self.title, 1)
        first.addWidget(self.elapsed)
        column = QVBoxLayout(self)
        column.setContentsMargins(L, M, L, M)
        column.setSpacing(S)
        column.addLayout(first)
        for widget in (self.what, self.sentence, self.outcome, self.waiting, self.facts):
            column.addWidget(widget)

    def show_run(self, run: ActionRun, record: RunRecord | None, next_poll_s: float | None) -> None:
        """Tell what is known of ``run`` now; ``next_poll_s`` is ``None`` where nobody looks."""
        if run.id != self._shown_id:
            self._shown_id = run.id
            self.resolve.note.clear()
            self.outcome.fold.setChecked(False)
        now = now_ms()
        errors = record.errors if record is not None else ()
        report = record.report if record is not None else None
        has_no_data = (
            run.status is RunStatus.SUCCESS and record is not None and is_empty(record.results)
        )
        outcome = explain(run, errors=errors, report=report, is_empty=has_no_data)
        look = status_look(run.status.value)
        self.icon.set_icon(look.icon, look.token)
        is_bad = run.status in _BAD
        self.title.setText(_answer(run))
        self.title.set_tone(look.token)
        took = run.duration_ms
        self.elapsed.setText(
            elapsed_text(now - run.created_ms)
            if run.status.is_open
            else duration_text(took)
            if took is not None
            else ""
        )
        started = f"{local(run.created_ms):%H:%M:%S}"
        parts = (f"{run.app_title} › {kind_words(run)}", run.authentication_title, started)
        self.what.setText(" · ".join(one_line(part, 200) for part in parts if part))
        self.what.setToolTip(plain_tool_tip(exact_time(run.created_ms)))
        self.sentence.setText("" if is_bad else outcome.sentence)
        self.sentence.setVisible(bool(self.sentence.whole_text))
        self.outcome.setVisible(is_bad)
        if is_bad:
            self.outcome.show_outcome(run, outcome, record, _BAD[run.status])
        self.waiting.setVisible(run.status is RunStatus.WAITING)
        self.waiting.show_wait(next_poll_s)
        self.facts.show_facts(facts_of(run, record, now).all())
        self.setAccessibleName(f"{look.word}. {outcome.title}. {outcome.sentence}")


def _answer(run: ActionRun) -> str:
    """Whether it worked, in a few words."""
    if run.status.is_resolvable and run.resolution is not None:
        return _RESOLVED[run.resolution]
    return _ANSWERS[run.status]


class _FactsLine(QWidget):
    """Four small pairs of words, in two rows where there is little room."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, XS, 0, 0)
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

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        for (name, text), fact in zip(self.labels, facts, strict=True):
            name.setText(fact.name)
            text.setText(fact.text)
            text.set_tone(fact.tone)
            moment = exact_time(fact.at_ms) if fact.at_ms is not None else ""
            tip = "\n".join(filter(None, (fact.tip, moment)))
            text.setToolTip(plain_tool_tip(tip) if tip else "")
            text.setAccessibleName(f"{fact.name}: {fact.text}")


class _WaitingLine(QWidget):
    """When zapdesk looks next, and the way to stop or start looking."""

    def __init__(self) -> None:
        super().__init__()
        self.text = PlainLabel(tone="muted", wrap=True)
        self.stop = Button("Stop waiting", tip="zapdesk stops looking. The run itself goes on.")
        self.look = Button("Look again", icon="refresh")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(self.text, 1)
        row.addWidget(self.stop)
        row.addWidget(self.look)

    def show_wait(self, next_poll_s: float | None) -> None:
        is_watched = next_poll_s is not None
        self.stop.setVisible(is_watched)
        self.look.setVisible(not is_watched)
        if next_poll_s is None:
            self.text.setText("zapdesk is not looking any more. The run itself goes on.")
        elif next_poll_s < 0.5:
            self.text.setText("Looking now… Stop waiting does not stop the run.")
        else:
            wait = seconds_text(next_poll_s)
            self.text.setText(f"Next look in {wait}. Stop waiting does not stop the run.")


class _OutcomeBlock(QFrame):
    """What went wrong: in whose words, on whose side, what to do next; technical detail folded."""

    def __init__(self, resolve: ResolveBox) -> None:
        super().__init__()
        self.setObjectName("outcome")
        self.resolve = resolve
        self.title = PlainLabel(bold=True, wrap=True, selectable=True)
        self.sentence = PlainLabel(wrap=True, selectable=True)
        self.side = PlainLabel(size="small", tone="muted")
        self.hint = PlainLabel(wrap=True, selectable=True)
        self.fold = DisclosureButton("Technical detail")
        self.detail = PlainLabel(mono=True, size="small", tone="muted", wrap=True, selectable=True)
        self.fold.folds(self.detail)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, S, M, S)
        column.setSpacing(XS)
        words = (self.title, self.sentence, self.hint, self.side)
        for widget in (*words, resolve, self.fold, self.detail):
            column.addWidget(widget)

    def show_outcome(
        self, run: ActionRun, outcome: Outcome, record: RunRecord | None, tone: str
    ) -> None:
        self.title.setText(outcome.title)
        self.sentence.setText(outcome.sentence)
        self.sentence.setVisible(bool(outcome.sentence))
        side = outcome.side if outcome.side not in ("", Side.UNKNOWN.value) else ""
        self.side.setText(f"Whose side: {side}")
        self.side.setVisible(bool(side))
        self.hint.setText(f"What to do next: {outcome.hint}" if outcome.hint else "")
        self.hint.setVisible(bool(outcome.hint))
        is_open = run.status.is_resolvable and run.resolution in (None, Resolution.LEFT)
        self.resolve.setVisible(is_open)
        technical = _technical(run, record)
        self.fold.setVisible(bool(technical))
        self.detail.setText(technical)
        self.detail.setVisible(bool(technical) and self.fold.isChecked())
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


def _technical(run: ActionRun, record: RunRecord | None) -> str:
    lines: list[str] = []
    if run.run_id:
        lines.append(f"run id {run.run_id}")
    for error in record.errors if record is not None else ():
        delay = f"delay {error.delay_s} s" if error.delay_s is not None else ""
        lines.append(" · ".join(filter(None, (error.code, error.title, error.detail, delay))))
    report = record.report if record is not None else None
    if report is not None:
        lines += [report.technical] if report.technical else []
        for item in report.items:
            where = item.pointer or item.parameter
            lines.append(" · ".join(filter(None, (item.code, where, item.text, item.source))))
    return "\n".join(lines)[:_LONGEST_DETAIL]

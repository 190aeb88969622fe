"""OutcomeBlock: what went wrong, in whose words, on whose side, what to do next, and what proves
it. Proof and technical detail are folded.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.causes import Explanation
from zapdesk.domain.evidence import Proof
from zapdesk.domain.explanation import side_words
from zapdesk.domain.runs import Resolution, RunRecord, RunStatus
from zapdesk.errors import Side
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.parts import Button, DisclosureButton, PlainLabel, clear_layout
from zapdesk.ui.runs.resolve import ResolveBox
from zapdesk.ui.runs.run_now import RunNow

TONES = {
    RunStatus.ERROR: "error",
    RunStatus.REFUSED: "refused",
    RunStatus.UNKNOWN: "unknown",
    RunStatus.LOST: "unknown",
    RunStatus.NOT_SENT: "not_sent",
}
"""The states that are explained, and the token of each."""
_LONGEST_DETAIL = 4_000


class OutcomeBlock(QFrame):
    """``exchange_wanted`` carries the place of the exchange that a proof is from;
    ``send_again`` and ``edit_again`` are the two ways on, which are offered while ``may_act``,
    ``connection_wanted`` is a third where the connection is to blame."""

    exchange_wanted = Signal(int)
    send_again = Signal()
    edit_again = Signal()
    connection_wanted = Signal()

    def __init__(self, resolve: ResolveBox) -> None:
        super().__init__()
        self.setObjectName("outcome")
        self.resolve = resolve
        self.may_act = False
        self.title = PlainLabel(bold=True, wrap=True, selectable=True)
        self.sentence = PlainLabel(wrap=True, selectable=True)
        self.hint = PlainLabel(wrap=True, selectable=True)
        self.side = PlainLabel(size="small", tone="muted")
        self.fold = DisclosureButton("What proves it")
        self.again_button = Button("Send again…", tip="Asks first, and shows the first attempt.")
        self.edit_button = Button("Edit and run…", tip="Puts the inputs into the form.")
        self.again_button.clicked.connect(self.send_again)
        self.edit_button.clicked.connect(self.edit_again)
        self.connection_button = Button("Show the connection…", look="link")
        self.connection_button.clicked.connect(self.connection_wanted)
        self.change_button = Button("Change…", look="link", tip="Say again what you found.")
        self.change_button.clicked.connect(self._change)
        self._is_changing = False
        self._told: Resolution | None = None
        self._note = ""
        self.detail = QWidget()
        self._proofs = QVBoxLayout(self.detail)
        self._proofs.setContentsMargins(0, 0, 0, XS)
        self._proofs.setSpacing(XS)
        self._shown: tuple[tuple[Proof, ...], str] | None = None
        self.fold.folds(self.detail)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(self.fold)
        row.addStretch(1)
        row.addWidget(self.edit_button)
        row.addWidget(self.again_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, S, M, S)
        column.setSpacing(XS)
        left = Qt.AlignmentFlag.AlignLeft
        for widget in (self.title, self.sentence, self.hint):
            column.addWidget(widget)
        column.addWidget(self.connection_button, 0, left)
        column.addWidget(self.side)
        column.addWidget(self.change_button, 0, left)
        column.addWidget(resolve)
        column.addLayout(row)
        column.addWidget(self.detail)

    def start_over(self) -> None:
        """Another run is shown: nothing of it is unfolded, and nothing is said of it yet."""
        self.fold.setChecked(False)
        self.resolve.note.clear()
        self._is_changing = False

    def show_outcome(self, now: RunNow) -> None:
        """Explain a run in one of the states of TONES."""
        run, outcome, explanation = now.run, now.outcome, now.stored.explanation
        self.title.setText(outcome.title)
        is_refusal = run.status is RunStatus.REFUSED  # the server's own words count
        told = _told(outcome.sentence, explanation, is_refusal=is_refusal)
        self.sentence.setText(told if run.resolution is None else outcome.sentence)
        self.sentence.setVisible(bool(self.sentence.whole_text))
        side = side_words(run, outcome.side)
        words = [f"Whose side: {side}"] if side else []
        if explanation is not None and not explanation.is_known:
            words.append(explanation.cause)
        self.side.setText(" · ".join(words))
        self.side.setVisible(bool(words))
        may_act = self.may_act and not run.is_foreign
        is_open = run.status.is_resolvable and run.resolution in (None, Resolution.LEFT)
        way = "How to check" if run.status.is_resolvable else "What to do next"
        self.hint.setText(f"{way}: {outcome.hint}" if outcome.hint else "")
        self.hint.setVisible(bool(outcome.hint))
        self._is_changing = self._is_changing and run.resolution is self._told
        self._told, self._note = run.resolution, run.resolution_note
        self.resolve.setVisible((is_open or self._is_changing) and may_act)
        is_closed = run.status.is_resolvable and not is_open
        self.change_button.setVisible(is_closed and not self._is_changing and may_act)
        self.again_button.setVisible(may_act)
        self.edit_button.setVisible(may_act)
        is_to_blame = outcome.side == Side.CONNECTION and run.authentication_id is not None
        self.connection_button.setVisible(may_act and is_to_blame)
        self._show_proofs(explanation.proofs if explanation is not None else (), _technical(now))
        tone = TONES[run.status]
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    def _change(self) -> None:
        self._is_changing = True
        self.change_button.hide()
        self.resolve.show()
        self.resolve.note.setText(self._note)
        self.resolve.note.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_proofs(self, proofs: tuple[Proof, ...], technical: str) -> None:
        if self._shown == (proofs, technical):
            return
        self._shown = (proofs, technical)
        clear_layout(self._proofs)
        for proof in proofs:
            self._proofs.addWidget(self._proof(proof))
        if technical:
            label = PlainLabel(
                technical, mono=True, size="small", tone="muted", wrap=True, selectable=True
            )
            self._proofs.addWidget(label)
        self.fold.setVisible(bool(proofs) or bool(technical))
        self.fold.set_text("What proves it" if proofs else "Technical detail")

    def _proof(self, proof: Proof) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(PlainLabel(proof.where, size="small", tone="muted", elide=True), 1)
        place = proof.exchange
        if place is not None:
            button = Button("Show the exchange", look="link")
            button.clicked.connect(lambda: self.exchange_wanted.emit(place))
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(
            PlainLabel(proof.text, mono=True, size="small", wrap=True, selectable=True)
        )
        return whole


def _told(sentence: str, explanation: Explanation | None, *, is_refusal: bool) -> str:
    """What happened, and the cause where a rule knows it."""
    if explanation is None or not explanation.is_known or explanation.cause in sentence:
        return sentence
    if not is_refusal:  # the rule says it better
        return explanation.cause
    return f"{sentence} {explanation.cause}".strip()


def _technical(now: RunNow) -> str:
    run, record = now.run, now.stored.record
    lines = [f"run id {run.run_id}"] if run.run_id else []
    lines += _errors(record)
    if record.report is not None:
        lines += [record.report.technical] if record.report.technical else []
        for item in record.report.items:
            where = item.pointer or item.parameter
            lines.append(" · ".join(filter(None, (item.code, where, item.text, item.source))))
    if now.stored.explanation is not None and now.stored.explanation.is_known:
        explanation = now.stored.explanation
        lines.append(f"rule {explanation.rule} of version {explanation.version}")
    return "\n".join(lines)[:_LONGEST_DETAIL]


def _errors(record: RunRecord) -> list[str]:
    found = []
    for error in record.errors:
        delay = f"delay {error.delay_s} s" if error.delay_s is not None else ""
        found.append(" · ".join(filter(None, (error.code, error.title, error.detail, delay))))
    return found

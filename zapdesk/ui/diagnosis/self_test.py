"""The self-test as a page: checks by group, as they end; all of it can be copied for who helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.diagnosis import CHECKS, Finding, State, verdict, worst
from zapdesk.ui.clipboard import copy_text
from zapdesk.ui.diagnosis.check_row import CheckRow
from zapdesk.ui.fitting import FittingScroller
from zapdesk.ui.look.metrics import ICON_LARGE, XL, XS, M, S
from zapdesk.ui.parts import Button, HLine, IconLabel, PlainLabel, SectionHeader, ThinProgress
from zapdesk.ui.parts.copy_button import CopyButton
from zapdesk.ui.sheets import Sheet

_WIDTH, _HEIGHT = 720, 528
_SIGNS = {
    State.PASSED: ("success", "success"),
    State.WARNING: ("warning", "waiting"),
    State.FAILED: ("failed", "error"),
}


class SelfTestSheet(Sheet):
    """``test`` makes the checks with these ids, all where there are none; what they find comes
    through ``tell``. ``report`` puts findings into text."""

    def __init__(
        self,
        parent: QWidget,
        profile: str,
        test: Callable[[Sequence[str]], object],
        report: Callable[[dict[str, Finding]], str],
    ) -> None:
        super().__init__(parent, "Self-test", _WIDTH)
        self._test, self._report = test, report
        self._findings: dict[str, Finding] = {}
        self._running: set[str] = set()
        self.column.addWidget(PlainLabel("Self-test", size="title", bold=True))
        words = f"Of the profile {profile} and this computer. Nothing is run or changed."
        self.column.addWidget(PlainLabel(words, tone="muted", wrap=True))
        line = QHBoxLayout()
        line.setSpacing(S)
        self._sign = IconLabel("waiting", "muted", ICON_LARGE)
        self._verdict = PlainLabel("", size="large", bold=True)
        line.addWidget(self._sign)
        line.addWidget(self._verdict, 1)
        self.column.addSpacing(S)
        self.column.addLayout(line)
        self._progress = ThinProgress("Self-test")
        self.column.addWidget(self._progress)
        self.rows: dict[str, CheckRow] = {}
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, M, 0)
        column.setSpacing(0)
        group = ""
        for check in CHECKS:
            if check.group != group:
                column.addSpacing(M if group else S)
                group = check.group
                column.addWidget(SectionHeader(group))
                column.addSpacing(XS)
                column.addWidget(HLine())
                column.addSpacing(XS)
            row = self.rows[check.id] = CheckRow(check)
            row.again_wanted.connect(lambda check_id: self._again([check_id]))
            column.addWidget(row)
        column.addStretch(1)
        width = _WIDTH - 2 * XL
        self.column.addWidget(FittingScroller(content, width, most=_HEIGHT, steady=True))
        self.copy_button = self.add_button(
            CopyButton("Copy", lambda: copy_text(self._report(self._findings)))
        )
        self.again_button = self.add_button(Button("Test again", icon="refresh"))
        self.again_button.clicked.connect(lambda: self._again([]))
        self.finish()

    def test(self, ids: Sequence[str]) -> None:
        """Make these checks, or all of them."""
        self._running |= set(ids or self.rows)
        for check_id in self._running:
            self.rows[check_id].set_running()
        self._show()
        self._test(ids)

    def _again(self, ids: Sequence[str]) -> None:
        # What tests again stays enabled meanwhile: it keeps the focus.
        if not self._running & set(ids or self.rows):
            self.test(ids)

    def tell(self, check_id: str, found: Finding | None) -> None:
        """A check has begun, or ended with ``found``."""
        row = self.rows[check_id]
        if found is None:
            self._running.add(check_id)
            row.set_running()
        else:
            self._running.discard(check_id)
            self._findings[check_id] = found
            row.set_finding(found)
        self._show()

    def _show(self) -> None:
        known, left = len(self.rows), len(self._running)
        self.copy_button.setEnabled(not left)
        if left:
            self._progress.set_progress(known - left, known)
            self._sign.set_icon("waiting", "muted")
            self._verdict.setText("Testing…")
            return
        self._progress.set_progress(0, 0)
        self._sign.set_icon(*_SIGNS[worst(self._findings.values())])
        self._verdict.setText(verdict(self._findings))

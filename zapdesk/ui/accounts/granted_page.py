"""What a sign-in does not allow, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from zapdesk.domain.scopes import Scope
from zapdesk.ui.look.metrics import ICON, L, M, S
from zapdesk.ui.parts import IconLabel, PlainLabel, clear_layout


class GrantedPage(QWidget):
    """Lists the scopes that something in zapdesk needs and that were not granted."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, S, 0, 0)
        column.setSpacing(L)
        self._said = PlainLabel(tone="muted", wrap=True)
        column.addWidget(self._said)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(M)
        self._grid.setVerticalSpacing(S)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)

    def show_missing(self, lost: Sequence[Scope], *, can_ask_again: bool) -> None:
        """List ``lost`` instead of what was listed before."""
        remedy = "Ask again and allow the rest, or go on without it."
        if not can_ask_again:
            remedy = "To allow more later, sign in again."
        self._said.setText(f"Not everything that zapdesk can use was allowed. {remedy}")
        clear_layout(self._grid)
        for row, scope in enumerate(lost):
            self._grid.addWidget(IconLabel("warning", "waiting", ICON), row, 0)
            self._grid.addWidget(PlainLabel(scope.lost, wrap=True), row, 1)
            name = PlainLabel(scope.name, size="small", tone="muted", mono=True)
            self._grid.addWidget(name, row, 2)

"""How many calls of this minute are left, looked at each second while there is a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from zapdesk.ui.parts import PlainLabel

if TYPE_CHECKING:  # imported behind the first frame
    from zapdesk.services.budget import Budget

_LOOK_MS = 1_000


class CallsLeft(PlainLabel):
    """Hidden where nobody counts, as in the sandbox."""

    def __init__(self) -> None:
        super().__init__("", tone="muted")
        self._budget: Budget | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def follow(self, budget: Budget | None) -> None:
        """Tell of this budget from now on."""
        self._budget = budget if budget is not None and budget.limit is not None else None
        self.look()
        if self._budget is None:
            self._timer.stop()
        else:
            self._timer.start()

    def look(self) -> None:
        """Tell what is left now."""
        budget = self._budget
        if budget is not None:
            self.setText(f"{budget.left} of {budget.limit} calls left")
            self.set_tone("waiting" if budget.left == 0 else "muted")
        self.setVisible(budget is not None)

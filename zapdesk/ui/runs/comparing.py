"""Comparing two runs that are picked in the history: the earlier one stands on the left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.runs.deeds import Deed, Runs, is_two

if TYPE_CHECKING:  # it imports what must not be imported before the first paint
    from zapdesk.bootstrap import Session

_COMPARE = "compare"


class Comparing:
    """``session`` is what runs are compared through."""

    def __init__(self, parent: QWidget, tasks: LateTasks, notices: NoticeArea) -> None:
        self._parent = parent
        self._tasks = tasks
        self._notices = notices
        self.session: Session | None = None

    def deeds(self) -> tuple[Deed, ...]:
        """What can be compared."""
        return (Deed("Compare", is_two, self.compare, 0, in_bar=True),)

    def compare(self, runs: Runs) -> None:
        """Show how two runs differ."""
        if self.session is not None:
            one, other = runs
            self._tasks.start(
                self._compare(self.session, one.id, other.id), name="compare two runs"
            )

    async def _compare(self, session: Session, one_id: str, other_id: str) -> None:
        from zapdesk.ui.runs.compare_view import open_comparison

        self._notices.clear(_COMPARE)
        try:
            await open_comparison(self._parent, session, one_id, other_id, self._tasks)
        except ZapdeskError as error:
            self._notices.show_error(error, _COMPARE)

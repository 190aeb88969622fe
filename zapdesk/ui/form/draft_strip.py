"""The strip that says that a form came back as it was left, and offers an empty one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from zapdesk.domain.filling import Filling
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.times import local
from zapdesk.ui.undo import Before, offer_undo

if TYPE_CHECKING:  # these import what must not be imported before the first paint
    from zapdesk.domain.drafts import Draft
    from zapdesk.ui.form.action_panel import ActionPanel

_SUBJECT = "draft"


class DraftStrip(QObject):
    """Listens to one panel; shows its strip among the panel's notices."""

    def __init__(self, panel: ActionPanel, tasks: LateTasks) -> None:
        super().__init__(panel)
        self._panel = panel
        self._tasks = tasks
        panel.draft_restored.connect(self._tell)
        panel.title_changed.connect(lambda: panel.notices.clear(_SUBJECT))  # another action

    def _tell(self, draft: Draft) -> None:
        text = f"Restored what you typed {typed_at(draft.saved_ms)}."
        self._panel.notices.show_notice(_SUBJECT, "info", text, "Start fresh", self._start_fresh)

    def _start_fresh(self) -> None:
        form = self._panel.form_session
        if form is not None:
            before = Before(form)
            form.fill(Filling(), form.authentication)
            offer_undo(
                self._panel.notices,
                _SUBJECT,
                "The form is as it was before you typed.",
                lambda: self._tasks.start(before.bring_back(), "undo start fresh"),
            )


def typed_at(saved_ms: int) -> str:
    """When something was typed: the time, with the day where it was not today."""
    moment, now = local(saved_ms), local(time.time_ns() // 1_000_000)
    if moment.date() == now.date():
        return f"today at {moment:%H:%M}"
    year = f" {moment.year}" if moment.year != now.year else ""
    return f"on {moment.day} {moment:%b}{year} at {moment:%H:%M}"

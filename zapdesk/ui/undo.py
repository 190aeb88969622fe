"""Taking back: a strip with *Undo* for ten seconds, and what a form held before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from zapdesk.domain.values import UNSET
from zapdesk.ui.notices import NoticeArea

if TYPE_CHECKING:  # it imports what must not be imported before the first paint
    from zapdesk.services.forms import FormSession

UNDO_MS = 10_000


def offer_undo(area: NoticeArea, subject: str, text: str, undo: Callable[[], object]) -> None:
    """Say what was done, and offer to take it back for ten seconds."""
    notice = area.show_notice(subject, "info", text, "Undo", undo)
    timer = QTimer(notice)  # it goes with the notice, so it never clears a later one
    timer.setSingleShot(True)
    timer.timeout.connect(notice.closed)
    timer.start(UNDO_MS)


class Before:
    """What a form holds now, PASSWORD values too, to be brought back later in this window."""

    def __init__(self, form: FormSession) -> None:
        self._form = form
        self._filling = form.filling()
        self._authentication = form.authentication
        names = form.state.secret_ids
        self._secrets = {n: v for n in names if (v := form.state.value(n)) is not UNSET}

    async def bring_back(self) -> None:
        """Put it back; fields that were gone come with their values once the form is fetched."""
        form = self._form
        form.fill(self._filling, self._authentication)
        await form.settle()
        for name, value in self._secrets.items():
            if name in form.state.fields and form.state.value(name) is UNSET:
                form.edit(name, value)

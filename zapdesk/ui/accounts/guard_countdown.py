"""GuardCountdown: in the top bar, for how much longer the live guard is off. A press ends that."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from zapdesk.ui.parts import Button

if TYPE_CHECKING:  # it imports what must not be imported before the first paint
    from zapdesk.bootstrap import Session

_TICK_MS = 1_000


class GuardCountdown(Button):
    """Hidden while the guard asks."""

    def __init__(self) -> None:
        super().__init__("", tip="Ask again before something is written")
        self.setProperty("look", "chip")
        self.setProperty("tone", "waiting")
        self._session: Session | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._ticks = QTimer(self)
        self._ticks.setInterval(_TICK_MS)
        self._ticks.timeout.connect(self._show)
        self.clicked.connect(self._resume)
        self.hide()

    def set_session(self, session: Session | None) -> None:
        self._unsubscribe()
        self._unsubscribe = lambda: None
        self._session = session
        if session is not None:
            self._unsubscribe = session.guard.changed.subscribe(lambda _: self._show())
        self._show()

    def _show(self) -> None:
        session = self._session
        profile = None if session is None else session.profile
        if session is None or profile is None or not profile.is_live:
            left = 0.0
        else:
            left = session.guard.off_s(profile.id)
        if left:
            minutes, seconds = divmod(math.ceil(left), 60)
            self.set_text(f"Live guard off · {minutes}:{seconds:02d}")
            self.show()
            self._ticks.start()
            return
        was_counting = self._ticks.isActive()
        self._ticks.stop()
        self.hide()
        if was_counting and session is not None:
            session.guard.resume(session.profile.id)  # its time is over: whoever shows it hears

    def _resume(self) -> None:
        if self._session is not None:
            self._session.guard.resume(self._session.profile.id)

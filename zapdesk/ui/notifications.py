"""Telling that a run has ended while the window is not in front.

By the desktop where it can, else by the tray, else by a strip in the window. A click brings the
window to the front and shows the run. Several that end together are told once.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from zapdesk.domain.runs import ActionRun
from zapdesk.redaction import REDACTOR
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.signs import run_look
from zapdesk.ui.notices import NoticeArea
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.facts import headline

if TYPE_CHECKING:  # they import what must not be imported before the first paint
    from zapdesk.services.runs import RunService
    from zapdesk.services.watching import RunsChange
    from zapdesk.ui.desktop_bus import DesktopBus

_TOGETHER_MS = 400
_MOST_TOLD = 3
_NEWS_MS = 120_000
_TRAY_MS = 15_000
_ENDED = "ended"
_LONGEST = 240


class Notifications(QObject):
    """``run_wanted`` gives the id of a run whose notice was clicked on; empty for several runs."""

    run_wanted = Signal(str)

    def __init__(self, window: QWidget, notices: NoticeArea, now_ms: Callable[[], int]) -> None:
        super().__init__(window)
        self._window = window
        self._notices = notices
        self._now_ms = now_ms
        self._tasks = LateTasks()
        self._bus: DesktopBus | None = None
        self._tray: QSystemTrayIcon | None = None
        self._tray_key = ""
        self._told: set[str] = set()
        self._waiting: list[ActionRun] = []
        self._unsubscribe: Callable[[], None] = lambda: None
        self._together = QTimer(self)
        self._together.setSingleShot(True)
        self._together.setInterval(_TOGETHER_MS)
        self._together.timeout.connect(self._tell_all)
        self.is_on = True
        self.tells_details = True

    def follow(self, runs: RunService | None) -> None:
        """Listen to these runs from now on."""
        self._unsubscribe()
        self._unsubscribe = lambda: None
        self._waiting.clear()
        if runs is not None:
            self._unsubscribe = runs.changed.subscribe(self._on_changed)

    async def close(self) -> None:
        """Tell nothing any more."""
        self.follow(None)
        self._together.stop()
        if self._bus is not None:
            await self._bus.close()
        await self._tasks.close()
        if self._tray is not None:
            self._tray.hide()

    def _on_changed(self, change: RunsChange) -> None:
        run = change.run
        if run is None or not self.is_on or run.status.is_open or run.id in self._told:
            return
        # A person closed it, or it ended long before anybody looked.
        is_old = run.resolution is not None or self._now_ms() - (run.ended_ms or 0) > _NEWS_MS
        if is_old or self._is_in_front():
            return
        self._told.add(run.id)
        self._waiting.append(run)
        self._together.start()

    def _is_in_front(self) -> bool:
        # A dialog of the window is in front with it.
        return self._window.isVisible() and QApplication.activeWindow() is not None

    def _tell_all(self) -> None:
        runs, self._waiting = self._waiting, []
        for title, body, key in told(runs, tells_details=self.tells_details):
            self._tasks.start(self._tell(title, body, key), "tell that a run has ended")
        QApplication.alert(self._window)

    async def _tell(self, title: str, body: str, key: str) -> None:
        if sys.platform == "linux":
            if self._bus is None:
                from zapdesk.ui.desktop_bus import DesktopBus

                self._bus = DesktopBus(self._tasks, self.run_wanted.emit)
            if await self._bus.show(title, body, key):
                return
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._tell_by_tray(title, body, key)
            return
        words = f"{title}. {body}" if body else title
        self._notices.show_notice(_ENDED, "info", words, "Show", lambda: self.run_wanted.emit(key))

    def _tell_by_tray(self, title: str, body: str, key: str) -> None:
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.messageClicked.connect(lambda: self.run_wanted.emit(self._tray_key))
        self._tray_key = key
        self._tray.show()
        self._tray.showMessage(title, body, self._window.windowIcon(), _TRAY_MS)


def told(runs: Sequence[ActionRun], *, tells_details: bool = True) -> list[tuple[str, str, str]]:
    """Title, text and the id of the run of each notice; one for all where they are many, or where
    nobody else may read what they were."""
    if not tells_details:
        is_one = len(runs) == 1
        title = "A run has ended" if is_one else f"{len(runs)} runs have ended"
        return [(title, "", runs[0].id if is_one else "")]
    if len(runs) > _MOST_TOLD:
        words = Counter(run_look(run.status.value, run.headline).word for run in runs)
        body = ", ".join(f"{count} {word.lower()}" for word, count in words.most_common())
        return [(f"{len(runs)} runs have ended", body, "")]
    return [
        (
            one_line(f"{_word(run)}: {run.app_title} › {run.action_title}", _LONGEST),
            one_line(REDACTOR.exact(headline(run)), _LONGEST),
            run.id,
        )
        for run in runs
    ]


def _word(run: ActionRun) -> str:
    return run_look(run.status.value, run.headline).word

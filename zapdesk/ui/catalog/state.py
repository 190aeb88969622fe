"""What the browser says about itself: how much is here, how old it is, why nothing is listed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.errors import ZapdeskError
from zapdesk.ui.look.metrics import ROW_DENSE, XS, S
from zapdesk.ui.parts import Button, EmptyState, IconLabel, PlainLabel, ThinProgress
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line

if TYPE_CHECKING:  # importing it would delay the first frame: it brings asyncio and the network
    from zapdesk.services.catalog import CatalogProgress

ASKING = "Searching the server too…"
_ACTIONS_OF = "An app's actions are searched once the app has been opened."


@dataclass(frozen=True, slots=True)
class Shown:
    """What the browser has to explain.

    ``known`` counts all apps that are here, ``listed`` those in the list; ``has_unopened`` says
    that there are apps whose actions are not known; ``asking_trouble`` is why the server could
    not be searched too.
    """

    progress: CatalogProgress
    known: int
    listed: int
    text: str = ""
    has_kinds: bool = False
    has_unopened: bool = False
    is_best_only: bool = False
    is_asking: bool = False
    asking_trouble: ZapdeskError | None = None


def ago(then_ms: int | None, now_ms: int) -> str:
    """How long ago that was, in the largest unit; Unix times in milliseconds."""
    if then_ms is None:
        return "earlier"
    seconds = max(now_ms - then_ms, 0) // 1000
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 2 * 86_400:
        return f"{seconds // 3600} h ago"
    return f"{seconds // 86_400} days ago"


def summary(shown: Shown, now_ms: int) -> str:
    """The line under the list."""
    progress = shown.progress
    if shown.text:
        if shown.is_asking:
            return ASKING
        if shown.is_best_only:
            return f"The best {shown.listed:,} apps"
        return _apps(shown.listed) + "; actions of opened apps only" * shown.has_unopened
    if progress.is_loading:
        total = f" of {progress.total:,}" if progress.total else ""
        verb = "Checking " if shown.known > progress.loaded else ""
        return f"{verb}{progress.loaded:,}{total} apps"
    if progress.trouble is not None:
        if progress.total and progress.loaded and shown.known < progress.total:
            return f"{shown.known:,} of {progress.total:,} apps"
        return f"Showing what was saved {ago(progress.fetched_ms, now_ms)}"
    return _apps(shown.listed if shown.has_kinds else shown.known)


def _apps(count: int) -> str:
    return "1 app" if count == 1 else f"{count:,} apps"


class CatalogFoot(QWidget):
    """The line under the list, with progress above it and a way to try again."""

    retry_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.progress = ThinProgress("Apps loaded")
        self._done = (0, 0)
        self._icon = IconLabel("offline", "waiting")
        self.label = PlainLabel(size="small", tone="muted", elide=True)
        self.retry = Button("Retry", look="link")
        self.retry.clicked.connect(self.retry_requested)
        line = QHBoxLayout()
        line.setContentsMargins(S, 0, XS, 0)
        line.setSpacing(XS)
        line.addWidget(self._icon)
        line.addWidget(self.label, 1)
        line.addWidget(self.retry)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.progress)
        column.addLayout(line, 1)
        self.setFixedHeight(ROW_DENSE + 2)
        self.explain(None)

    def explain(self, shown: Shown | None) -> None:
        """Say how things stand; nothing where ``shown`` is ``None``."""
        text, trouble, done, total = "", None, 0, 0
        if shown is not None and shown.progress.is_loading:
            done, total = shown.progress.loaded, shown.progress.total or 0
        if shown is not None and shown.listed:
            text = summary(shown, time.time_ns() // 1_000_000)
            trouble = None if shown.text else shown.progress.trouble
        self._show_progress(done, total)
        self.label.setText(text)
        if trouble is not None:
            self.label.setToolTip(plain_tool_tip(_told(trouble)))
        self._icon.setVisible(trouble is not None)
        self.retry.setVisible(trouble is not None)

    def _show_progress(self, done: int, total: int) -> None:
        # A progress bar repaints at once, and with it whatever else waits to be painted.
        if (done, total) != self._done:
            self._done = done, total
            self.progress.set_progress(done, total)


class NothingListed(QWidget):
    """Stands in the place of the list while that is empty."""

    action_requested = Signal()
    id_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.empty = EmptyState(icon="search")
        self.empty.action_requested.connect(self.action_requested)
        self.by_id = Button("", look="link")
        self.by_id.clicked.connect(self.id_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty)
        inner = self.empty.layout()
        if isinstance(inner, QVBoxLayout):  # under the button, above the room that is left
            inner.insertSpacing(inner.count() - 1, S)
            inner.insertWidget(inner.count() - 1, self.by_id, 0, Qt.AlignmentFlag.AlignHCenter)

    def explain(self, shown: Shown) -> bool:
        """Say why nothing is listed; False where something is still to come."""
        text = one_line(shown.text, 60)
        self.by_id.setVisible(bool(text) and " " not in text)
        progress = shown.progress
        if text:
            sentence = ASKING if shown.is_asking else _ACTIONS_OF if shown.has_unopened else ""
            if shown.asking_trouble is not None and not shown.is_asking:
                sentence = f"The server could not be asked: {shown.asking_trouble.title}"
            self.empty.set_texts(f"No app matches '{text}'.", sentence, "Clear search")
            self.by_id.set_text(f"Open the app with the id {one_line(text, 24)}")
        elif shown.has_kinds:
            self.empty.set_texts("No app has actions of this kind.", "", "Show every kind")
        elif progress.trouble is not None:
            told = _told(progress.trouble)
            self.empty.set_texts("The apps could not be loaded.", told, "Try again")
        elif progress.is_complete:
            self.empty.set_texts("There are no apps here.", "The server lists none.", "Look again")
        else:
            return False
        return True


def _told(error: ZapdeskError) -> str:
    return " ".join(filter(None, (error.title, error.detail, error.hint)))

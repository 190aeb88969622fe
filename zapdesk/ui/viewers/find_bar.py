"""FindBar: looks for words in a document's bytes, in slices between which the window lives on.

What is found are offsets; whoever shows the document brings them into sight.
"""

from __future__ import annotations

import json
import re
import time
from array import array

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QWidget

from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.parts import IconButton, PlainLabel, SearchBox

SLICE_S = 0.004
_WINDOW = 64 * 1024
_MOST_FINDS = 10_000
_TYPING_MS = 200


class FindBar(QWidget):
    """``looked_for`` carries the words as soon as they are looked for (empty: nothing is), and
    ``found`` the offset of the find to be shown. ``closed`` gives the keys back.
    """

    looked_for = Signal(str)
    found = Signal(object)
    closed = Signal()

    def __init__(self, placeholder: str, tasks: LateTasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._data = b""
        self._generation = 0
        self._finds = array("Q")
        self._current = -1
        self._longest = 0  # bytes of the longest spelling of what is looked for
        self._pattern: re.Pattern[bytes] | None = None
        self.search = SearchBox(placeholder)
        self.count = PlainLabel(tone="muted", size="small")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.look)
        row = QHBoxLayout(self)
        row.setContentsMargins(M, XS, S, XS)
        row.setSpacing(XS)
        row.addWidget(self.search, 1)
        row.addWidget(self.count)
        previous = IconButton("chevron-up", "Previous (Shift+F3)")
        following = IconButton("chevron-down", "Next (F3)")
        close = IconButton("close", "Close (Esc)")
        previous.clicked.connect(lambda: self.go_on(-1))
        following.clicked.connect(lambda: self.go_on(1))
        close.clicked.connect(self.close_find)
        for button in (previous, following, close):
            row.addWidget(button)
        self.search.textChanged.connect(lambda: self._typing.start())
        self.hide()

    def set_document(self, data: bytes) -> None:
        """Look in another document from now on."""
        self._data = data
        self.look()

    def open_find(self) -> None:
        """Show the bar and go to it."""
        self.show()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def close_find(self) -> None:
        """Hide the bar and what was found."""
        self.hide()
        self.search.clear()
        self.look()
        self.closed.emit()

    def go_on(self, step: int) -> None:
        """Go to the next find (1) or the one before (-1), around the end."""
        if self._typing.isActive():
            self._typing.stop()
            self.look()
        elif self._finds:
            self._show_find((self._current + step) % len(self._finds))

    def takes(self, event: QKeyEvent) -> bool:
        """Do what a key asks for, if it is one for finding."""
        is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.matches(QKeySequence.StandardKey.Find):
            self.open_find()
        elif event.key() == Qt.Key.Key_F3 or (is_enter and self.search.hasFocus()):
            self.go_on(-1 if is_shifted else 1)
        elif event.key() == Qt.Key.Key_Escape and self.isVisible():
            self.close_find()
        else:
            return False
        return True

    def look(self) -> None:
        """Look for what is typed, from the start."""
        self._typing.stop()
        self._generation += 1
        self._finds, self._current = array("Q"), -1
        text = self.search.text()
        self.looked_for.emit(text)
        self.count.setText("")
        if not text:
            self._pattern = None
            return
        # JSON may hold the same characters as escapes.
        spellings = {text.encode("utf-8", "replace"), json.dumps(text)[1:-1].encode()}
        self._pattern = re.compile(b"|".join(map(re.escape, sorted(spellings))), re.IGNORECASE)
        self._longest = max(map(len, spellings))
        self._tasks.start(self._find_all(self._generation), name="find in text")

    async def _find_all(self, generation: int) -> None:
        import asyncio  # not before the first frame

        data, pattern = self._data, self._pattern
        assert pattern is not None
        position = 0
        while position < len(data) and len(self._finds) < _MOST_FINDS:
            until = time.perf_counter() + SLICE_S
            while position < len(data) and time.perf_counter() < until:
                position = self._find_in(data, pattern, position)
            self._tell()
            if self._current < 0 and self._finds:
                self._show_find(0)
            await asyncio.sleep(0)
            if generation != self._generation:
                return
        self._tell(is_done=True)

    def _find_in(self, data: bytes, pattern: re.Pattern[bytes], position: int) -> int:
        """Take what begins in the next window; says where to go on."""
        limit = min(position + _WINDOW, len(data))
        last = position
        for match in pattern.finditer(data, position, min(limit + self._longest, len(data))):
            if match.start() >= limit or len(self._finds) >= _MOST_FINDS:
                break
            self._finds.append(match.start())
            last = match.end()
        return max(limit, last)

    def _show_find(self, number: int) -> None:
        self._current = number
        self.found.emit(self._finds[number])
        self._tell(is_done=True)

    def _tell(self, *, is_done: bool = False) -> None:
        found = len(self._finds)
        if not found:
            self.count.setText("Not found" if is_done else "Looking…")
            return
        more = "+" if found >= _MOST_FINDS else ""
        self.count.setText(f"{self._current + 1:,} of {found:,}{more}")

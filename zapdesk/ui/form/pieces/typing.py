"""Offering pieces while a person types: ``{{`` opens a list, what follows it filters the list.

The keys stay with the editor. What is typed is ordinary text in it until a piece is chosen, which
takes its place; Esc leaves it as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QToolTip, QWidget

from zapdesk.domain.pieces import Piece
from zapdesk.ui.form.pieces.chip import spoken
from zapdesk.ui.form.pieces.popup import PiecePopup
from zapdesk.ui.form.pieces.source import PieceSource
from zapdesk.ui.parts.labels import plain_tool_tip

if TYPE_CHECKING:  # it imports this module
    from zapdesk.ui.form.editors.exact_text import ExactText

BRACES = "{{"
_MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -8,
    Qt.Key.Key_PageDown: 8,
}
_CHOOSES = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab}


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say ``text`` now."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class PieceTyping(QObject):
    """Watches one editor's keys and opens the list of pieces beside its cursor."""

    def __init__(self, text: ExactText, source: PieceSource) -> None:
        super().__init__(text)
        self._text = text
        self._source = source
        self._popup: PiecePopup | None = None
        self._anchor = QTextCursor()
        self._lead = ""
        self._filter_from = 0
        self._is_brace_coming = False
        self._place = 0
        text.installEventFilter(self)
        text.viewport().installEventFilter(self)
        text.textChanged.connect(self._on_text_changed)
        text.cursorPositionChanged.connect(self._on_cursor_moved)

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._popup is not None

    @property
    def popup(self) -> PiecePopup | None:
        """The list, while it is shown."""
        return self._popup

    def open(self, *, lead: int = len(BRACES)) -> None:
        """Show the list; the last ``lead`` characters before the cursor go when one is chosen."""
        self.close()
        cursor = self._text.textCursor()
        cursor.clearSelection()
        self._text.setTextCursor(cursor)
        self._anchor = QTextCursor(cursor)
        self._anchor.setPosition(cursor.position() - lead)
        self._anchor.setKeepPositionOnInsert(True)
        self._lead = self._before_cursor(lead)
        self._filter_from = cursor.position()
        self._popup = popup = PiecePopup(self._text, self._source)
        popup.chosen.connect(self._insert)
        popup.turned.connect(self._on_page_turned)
        popup.closed.connect(self.close)
        popup.current_changed.connect(lambda words: announce(self._text, words))
        popup.open_at(self._text.viewport(), self._text.cursorRect(self._anchor))

    def close(self) -> None:
        """Take the list away; what was typed stays."""
        popup, self._popup = self._popup, None
        if popup is not None:
            popup.close_list()

    # What the editor is told

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QKeyEvent) and watched is self._text:
            if kind is QEvent.Type.ShortcutOverride and self._takes(event):
                event.accept()
                return True
            if kind is QEvent.Type.KeyPress:
                if self._takes(event):
                    self._act(event)
                    return True
                self._is_brace_coming = event.text() == BRACES[-1]
        elif kind is QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self._is_brace_coming = event.commitString().endswith(BRACES[-1])
        elif kind is QEvent.Type.FocusOut and watched is self._text:
            self.close()
        elif kind is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            return watched is not self._text and self._tell(event)
        return super().eventFilter(watched, event)

    def _takes(self, event: QKeyEvent) -> bool:
        if self._popup is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        key = Qt.Key(event.key())
        if key in _CHOOSES:
            return self._popup.has_current
        return key in _MOVES or key == Qt.Key.Key_Escape

    def _act(self, event: QKeyEvent) -> None:
        assert self._popup is not None  # asked by _takes
        key = Qt.Key(event.key())
        if key in _MOVES:
            self._popup.move_by(_MOVES[key])
        elif key in _CHOOSES:
            self._popup.choose_current()
        elif not self._popup.go_back():
            self.close()

    def _on_text_changed(self) -> None:
        is_brace, self._is_brace_coming = self._is_brace_coming, False
        if is_brace and self._popup is None and self._before_cursor(len(BRACES)) == BRACES:
            self.open()

    def _before_cursor(self, count: int) -> str:
        cursor = self._text.textCursor()
        end = cursor.positionInBlock()
        cursor.movePosition(
            QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, min(count, end)
        )
        return cursor.selectedText()

    def _on_cursor_moved(self) -> None:
        cursor = self._text.textCursor()
        before, self._place = self._place, cursor.position()
        if self._popup is not None:
            self._follow(cursor)
        elif abs(before - self._place) == 1 and QAccessible.isActive():
            passed = QTextCursor(cursor)
            passed.setPosition(min(before, self._place))
            passed.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
            if (piece := self._text.piece_at(passed)) is not None:
                announce(self._text, spoken(piece))

    def _follow(self, cursor: QTextCursor) -> None:
        assert self._popup is not None  # asked by the caller
        typed = QTextCursor(cursor)
        typed.setPosition(self._anchor.position())
        typed.setPosition(cursor.position(), QTextCursor.MoveMode.KeepAnchor)
        text = typed.selectedText()
        wanted = text[len(self._lead) :]
        is_over = (
            cursor.hasSelection()
            or not text.startswith(self._lead)
            or not wanted.isprintable()
            or "}" in wanted
            or wanted.endswith("  ")
        )
        if is_over:
            self.close()
            return
        self._filter_from = min(self._filter_from, cursor.position())
        if not self._popup.filter(wanted[len(wanted) - (cursor.position() - self._filter_from) :]):
            self.close()

    def _on_page_turned(self) -> None:
        # What was typed found the way here; what is typed now filters this page.
        self._filter_from = self._text.textCursor().position()

    def _insert(self, expression: str) -> None:
        cursor = self._text.textCursor()
        end = cursor.position()
        cursor.setPosition(self._anchor.position())
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.close()
        piece = Piece(expression)
        self._text.insert_piece(cursor, piece)
        announce(self._text, f"inserted {spoken(piece)}")

    def _tell(self, event: QHelpEvent) -> bool:
        end = self._text.cursorForPosition(event.pos())
        piece = self._text.piece_at(end)  # it leaves the cursor behind the piece
        if piece is None:
            return False
        start = QTextCursor(end)
        start.setPosition(end.position() - 1)
        place = self._text.cursorRect(start).united(self._text.cursorRect(end))
        if not place.contains(event.pos()):
            return False
        text = f"{piece.text}\n{self._source.meaning(piece)}"
        QToolTip.showText(event.globalPos(), plain_tool_tip(text), self._text)
        return True

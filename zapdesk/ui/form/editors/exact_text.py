"""ExactText: a text editor from which text comes out exactly as it went in.

Qt's own editors change text. ``toPlainText`` turns CRLF, CR, U+2029, U+2028 and no-break spaces
into others, QLineEdit cuts at 32,767 characters, PySide drops a leading U+FEFF and unpaired
surrogates on the way into a QString, and a document takes U+FDD0 and U+FDD1 for the ends of
paragraphs. Here

- a line end of another kind than LF is kept as a property of the paragraph separator itself, so
  that it moves, is deleted and comes back (undo) with it,
- characters that cannot enter a QString or a paragraph stand for themselves in plane 16, where no
  assigned character is, and are turned back when the text is read,
- text with such stand-ins of its own, or too long to be laid out, is held beside the editor, which
  then only shows its beginning,
- a piece that was inserted is one character with a mark of its own; no text that is typed or pasted
  becomes one.
"""

from __future__ import annotations

import re
from math import ceil

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit

from zapdesk.domain.pieces import Mapped, Piece, mapped
from zapdesk.ui.form.editors.clipboard import copied, pasted_text, pasted_value
from zapdesk.ui.form.pieces.chip import OBJECT, PieceObjects, piece_format, piece_of, spoken
from zapdesk.ui.form.pieces.source import PieceSource
from zapdesk.ui.form.pieces.typing import PieceTyping
from zapdesk.ui.plain_text import visible_text

LONGEST = 1_000_000
LONGEST_LINE = 50_000
"""Characters that are laid out for editing; more would stall the window for over 100 ms."""

_LONG_WORD = 5_000
_HEAD = 2_000
_LINE_END = 0x100000 + 1  # QTextFormat.UserProperty + 1

_ENDS = re.compile("(\r\n|[\n\r\u2029])")
_STRANGE = re.compile("[\ufeff\ud800-\udfff\ufdd0\ufdd1]")
_PLANE_16 = 0x100000
_STAND_IN = re.compile("[\U0010d800-\U0010dfff\U0010fdd0\U0010fdd1\U0010feff]")


def into_qt(text: str) -> str:
    """``text`` with stand-ins for the characters that Qt or PySide would drop."""
    return _STRANGE.sub(lambda match: chr(ord(match.group()) + _PLANE_16), text)


def out_of_qt(text: str) -> str:
    """The reverse of ``into_qt``."""
    return _STAND_IN.sub(lambda match: chr(ord(match.group()) - _PLANE_16), text)


def has_stand_ins(text: str) -> bool:
    """Whether ``text`` itself uses the characters that ``into_qt`` lends."""
    return _STAND_IN.search(text) is not None


class ExactText(QPlainTextEdit):
    """Text as typed and pasted. ``edited`` comes with every change made by a person.

    With ``is_line`` it looks like a line edit and grows when text with line ends is pasted; Enter
    ends the editing while there is one line, Shift+Enter begins another. ``lines`` are the least
    and the most lines that are shown at once.
    """

    edited = Signal()
    finished = Signal()

    def __init__(self, *, is_line: bool = False, lines: tuple[int, int] = (3, 12)) -> None:
        super().__init__()
        self._is_line = is_line
        self._least, self._most = (1, 8) if is_line else lines
        self._kinds: set[str] = set()
        self._lends = False
        self._held: Mapped | str | None = None
        self._objects: PieceObjects | None = None
        self._source: PieceSource | None = None
        self._typing: PieceTyping | None = None
        self._description = ""
        self._is_being_shown = False
        self._is_touched = False
        self.setTabChangesFocus(True)
        if is_line:
            self.setProperty("line", True)
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._on_text_changed)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)
        self.fit()

    # Text in and out

    def exact_text(self) -> str:
        """What stands here, character for character as it was typed, pasted or shown.

        A piece is given as it is written between braces.
        """
        value = self.value()
        return value.text if isinstance(value, Mapped) else value

    def value(self) -> Mapped | str:
        """The exact text, with the pieces in it."""
        if self._held is not None:
            return self._held
        return mapped(*self._parts(0, self.document().characterCount() - 1))

    @property
    def is_held(self) -> bool:
        """Whether the text is kept beside the editor, which shows only its beginning."""
        return self._held is not None

    def show_text(self, text: Mapped | str) -> None:
        """Show another text; announces nothing. A person who has typed can undo it."""
        if text == self.value():
            return
        self._is_being_shown = True
        try:
            if not self._is_touched:
                self.clear()
                self._kinds, self._lends = set(), False
            cursor = self.textCursor()
            cursor.select(QTextCursor.SelectionType.Document)
            self._put(cursor, text)
            if not self._is_touched:
                self.document().clearUndoRedoStacks()
            self.moveCursor(QTextCursor.MoveOperation.Start)
            self._describe_pieces()
        finally:
            self._is_being_shown = False

    def _parts(self, start: int, end: int) -> list[str | Piece]:
        if self._objects is None:
            return [self._read(start, end)]
        parts: list[str | Piece] = []
        found = self.document().find(OBJECT, start)
        while not found.isNull() and found.selectionEnd() <= end:
            piece = piece_of(found.charFormat())
            if piece is not None:
                parts += (self._read(start, found.selectionStart()), piece)
                start = found.selectionEnd()
            found = self.document().find(OBJECT, found)
        parts.append(self._read(start, end))
        return parts

    def _read(self, start: int, end: int) -> str:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        text = cursor.selectedText()
        if len(self._kinds) < 2:
            text = text.replace("\u2029", next(iter(self._kinds), "\n"))
        else:
            block = self.document().findBlock(start)
            pieces: list[str] = []
            for line in text.split("\u2029"):
                pieces += (block.charFormat().property(_LINE_END) or "\n", line)
                block = block.next()
            text = "".join(pieces[1:])
        return out_of_qt(text) if self._lends else text

    def _put(self, cursor: QTextCursor, value: Mapped | str) -> None:
        """Replace what ``cursor`` selects."""
        parts: tuple[str | Piece, ...] = value.parts if isinstance(value, Mapped) else (value,)
        texts = [part for part in parts if isinstance(part, str)]
        longest = max((len(line) for text in texts for line in _ENDS.split(text)), default=0)
        size = sum(map(len, texts)) + self.document().characterCount()
        size -= len(cursor.selectedText())
        if size > LONGEST or longest > LONGEST_LINE or any(map(has_stand_ins, texts)):
            last = self.document().characterCount() - 1
            before = self._parts(0, cursor.selectionStart())
            self._hold(mapped(*before, *parts, *self._parts(cursor.selectionEnd(), last)))
            return
        self._let_go()
        if longest > _LONG_WORD:  # breaking one long word between its letters takes linear time
            self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        cursor.beginEditBlock()
        for part in parts:
            if isinstance(part, Piece):
                self._put_piece(cursor, part)
            else:
                self._put_text(cursor, part)
        cursor.endEditBlock()

    def _put_piece(self, cursor: QTextCursor, piece: Piece) -> None:
        if self._objects is None:
            self._objects = PieceObjects(self, self.document())
            self._watch_typing()
        cursor.insertText(OBJECT, piece_format(piece))

    def _put_text(self, cursor: QTextCursor, text: str) -> None:
        shown = into_qt(text)
        self._lends = self._lends or shown != text
        pieces = _ENDS.split(shown)
        cursor.insertText(pieces[0], QTextCharFormat())
        place = 1
        while place < len(pieces):
            kind, end = pieces[place], place
            while end < len(pieces) and pieces[end] == kind:
                end += 2
            self._kinds.add(kind)
            end_of_line = QTextCharFormat()
            end_of_line.setProperty(_LINE_END, kind)
            lines = "\n".join(pieces[place + 1 : end : 2])
            cursor.insertText("\n" + lines, end_of_line)
            place = end

    def _hold(self, value: Mapped | str) -> None:
        self._held = value
        self._kinds, self._lends = set(), False
        text = value.text if isinstance(value, Mapped) else value
        head = visible_text(text[:_HEAD])
        self.setPlainText(
            f"{head}\n… {len(text):,} characters in all. This text cannot be edited here; "
            "it is sent whole. Choose 'Not sent' to take it away."
        )
        self.setReadOnly(True)

    def _let_go(self) -> None:
        if self._held is not None:
            self._held = None
            self.setReadOnly(False)

    # Pieces

    def offer_pieces(self, source: PieceSource) -> None:
        """Offer pieces where ``{{`` is typed, and take those that were copied elsewhere."""
        self._source = source

    @property
    def takes_pieces(self) -> bool:
        """Whether pieces can be a part of this text."""
        return self._source is not None

    @property
    def is_offering(self) -> bool:
        """Whether the list of pieces is open; the keys are for it then."""
        return self._typing is not None and self._typing.is_open

    def choose_piece(self, *, instead: bool = False) -> None:
        """Open the list of pieces where the cursor is, or ``instead`` of the line before it."""
        self._watch_typing()
        if self._typing is not None and not self.isReadOnly():
            if instead:
                self.moveCursor(QTextCursor.MoveOperation.End)
            self._typing.open(lead=self.textCursor().positionInBlock() if instead else 0)

    def _watch_typing(self) -> None:
        # Not before it is needed: a long form has hundreds of editors.
        if self._typing is None and self._source is not None:
            self._typing = PieceTyping(self, self._source)

    def insert_piece(self, cursor: QTextCursor, piece: Piece) -> None:
        """Put a piece in the place of what ``cursor`` selects; a person did it."""
        self._put(cursor, mapped(piece))
        if self._held is None:
            self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def piece_at(self, cursor: QTextCursor) -> Piece | None:
        """The piece on either side of a cursor."""
        if self._objects is None:
            return None
        last = self.document().characterCount() - 1
        beside = (cursor.position(), min(cursor.position() + 1, last))
        for place in beside:  # a format is that of the character before the cursor
            cursor.setPosition(place)
            if (piece := piece_of(cursor.charFormat())) is not None:
                return piece
        return None

    def setAccessibleDescription(self, description: str) -> None:
        """What a screen reader says of the editor; the pieces in it follow by themselves."""
        self._description = description
        self._describe_pieces()

    def _describe_pieces(self) -> None:
        # A screen reader is given the text with one and the same character for every piece.
        found = self._description
        value = self.value() if self._objects is not None else ""
        if isinstance(value, Mapped):
            read = [spoken(p) if isinstance(p, Piece) else p.strip() for p in value.parts]
            found = f"{found} Reads: {', '.join(filter(None, read))}.".strip()
        if found != self.accessibleDescription():
            super().setAccessibleDescription(found)

    # A person's hands

    def insertFromMimeData(self, source: QMimeData) -> None:
        if self.isReadOnly() or not source.hasText():
            return
        cursor = self.textCursor()
        self._put(cursor, pasted_value(source) if self.takes_pieces else pasted_text(source))
        if self._held is None:
            self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText()

    def createMimeDataFromSelection(self) -> QMimeData:
        cursor = self.textCursor()
        return copied(mapped(*self._parts(cursor.selectionStart(), cursor.selectionEnd())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain_or_shift = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if OBJECT in event.text() and not self.isReadOnly():
            self._type(event.text())  # Qt would give it the mark of a piece before it
        elif event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
        elif not plain_or_shift:
            event.ignore()
        elif (
            self._is_line
            and self.blockCount() == 1
            and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self.finished.emit()
        elif not self.isReadOnly():
            # Qt would put U+2028 for Shift+Enter, and forget which line ends are used here.
            self._type(next(iter(self._kinds)) if len(self._kinds) == 1 else "\n")

    def _type(self, text: str) -> None:
        cursor = self.textCursor()
        self._put(cursor, text)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._watch_typing()
        if self._is_line and event.reason() in _TABBED:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in _LEFT:  # else it would look like the place where one types
            cursor = self.textCursor()
            cursor.clearSelection()
            self.setTextCursor(cursor)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.finished.emit()

    def _on_text_changed(self) -> None:
        if not self._is_being_shown:
            self._is_touched = True
            self._describe_pieces()
            self.edited.emit()

    # Height: as many lines as there are, between the least and the most.

    def fit(self) -> None:
        """Be as high as the text needs; to be called after a change of the font."""
        needed = round(self.document().size().height())
        lines = max(self._least, min(self._most, needed))
        around = 2 * (round(self.document().documentMargin()) + _PADDING)
        height = lines * ceil(QFontMetricsF(self.font()).lineSpacing()) + around
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if needed > self._most else policy.ScrollBarAlwaysOff
        )
        self.setFixedHeight(max(height, _LINE_HEIGHT) if self._is_line else height)

    def sizeHint(self) -> QSize:
        return QSize(240, self.maximumHeight())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.maximumHeight())


_TABBED = frozenset({Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason})
_LEFT = _TABBED | {Qt.FocusReason.MouseFocusReason}
_PADDING = 4  # border and padding in the style sheets
_LINE_HEIGHT = 32

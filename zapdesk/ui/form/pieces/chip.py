"""How a piece looks between other text: a small tile with its name.

In a document it is one character, an object that Qt lets us draw, so the cursor moves over it as
over a letter and one key deletes it whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)

from zapdesk.domain.pieces import Piece
from zapdesk.ui.look.theme import theme
from zapdesk.ui.plain_text import one_line

OBJECT = "\ufffc"
"""The character that stands for a piece in a document; typed ones are no pieces."""

_KIND = 0x1000 + 1  # QTextFormat.UserObject + 1
_EXPRESSION = 0x100000 + 2  # QTextFormat.UserProperty + 2
_WIDEST = 260.0
_SIDE = 5.0
_GAP = 1.0
_ID_SHOWN = 8
_LONGEST_SHOWN = 400
_RUN = re.compile(r"run:([^.\[\s]+)(?:\.results)?\.?(.*)", re.DOTALL)


def piece_words(expression: str) -> str:
    """The name of a piece, short enough to be read between other text."""
    if expression.startswith("env."):
        return one_line(expression[4:], 80)
    if match := _RUN.fullmatch(expression):
        run = "last run" if match[1] == "last" else f"run {match[1][:_ID_SHOWN]}"
        return one_line(f"{run} › {match[2] or 'whole'}", 120)
    return one_line(expression.replace(".", " "), 80)


def spoken(piece: Piece) -> str:
    """What a screen reader says of it."""
    return f"{piece_words(piece.expression)}, piece"


def piece_format(piece: Piece) -> QTextCharFormat:
    """The format that makes OBJECT this piece."""
    found = QTextCharFormat()
    found.setObjectType(_KIND)
    found.setProperty(_EXPRESSION, QByteArray(piece.expression.encode("utf-8", "surrogatepass")))
    return found


def piece_of(found: QTextCharFormat) -> Piece | None:
    """The piece that a format marks; ``None`` where it marks none."""
    if found.objectType() != _KIND:
        return None
    return Piece(bytes(found.property(_EXPRESSION).data()).decode("utf-8", "surrogatepass"))


def chip_width(words: str, font: QFont) -> float:
    """How wide the tile of these words is, in logical pixels."""
    return min(_WIDEST, QFontMetricsF(font).horizontalAdvance(words) + 2 * (_SIDE + _GAP))


def paint_chip(painter: QPainter, left: float, baseline: float, words: str, font: QFont) -> None:
    """Paint the tile so that its words stand on ``baseline``."""
    metrics = QFontMetricsF(font)
    width = chip_width(words, font) - 2 * _GAP
    place = QRectF(
        left + _GAP,
        baseline - metrics.ascent() - 1,
        width,
        metrics.ascent() + metrics.descent() + 2,
    )
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("selected"))
    painter.drawRoundedRect(place, 4, 4)
    painter.setFont(font)
    painter.setPen(theme().color("accent"))
    text = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, width - 2 * _SIDE + 1)
    painter.drawText(round(place.left() + _SIDE), round(baseline), text)
    painter.restore()


def paint_parts(painter: QPainter, rect: QRect, parts: Sequence[str | Piece]) -> None:
    """Paint text with pieces on one line; what has no room is left out."""
    font = theme().font()
    metrics = QFontMetricsF(font)
    baseline = rect.top() + (rect.height() + metrics.ascent() - metrics.descent()) / 2
    left = float(rect.left())
    painter.save()
    painter.setFont(font)
    painter.setPen(theme().color("text"))
    painter.setClipRect(rect)
    for part in parts:
        if isinstance(part, Piece):
            words = piece_words(part.expression)
            paint_chip(painter, left, baseline, words, font)
            left += chip_width(words, font)
        else:
            text = one_line(part, _LONGEST_SHOWN)
            painter.drawText(round(left), round(baseline), text)
            left += metrics.horizontalAdvance(text)
        if left > rect.right():
            break
    painter.restore()


class PieceObjects(QPyTextObject):
    """Draws the pieces of one document. Keep it as long as the document."""

    def __init__(self, parent: QObject, document: QTextDocument) -> None:
        super().__init__(parent)
        document.documentLayout().registerHandler(_KIND, self)

    def intrinsicSize(self, document: QTextDocument, _place: int, found: QTextFormat) -> QSizeF:
        font = document.defaultFont()
        # No higher than the letters: a line with a piece is as high as one without.
        return QSizeF(chip_width(_words(found), font), QFontMetricsF(font).ascent())

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        document: QTextDocument,
        _place: int,
        found: QTextFormat,
    ) -> None:
        baseline = QRectF(rect).bottom()
        paint_chip(painter, rect.left(), baseline, _words(found), document.defaultFont())


def _words(found: QTextFormat) -> str:
    piece = piece_of(found.toCharFormat())
    return piece_words(piece.expression) if piece is not None else ""

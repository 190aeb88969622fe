"""Marks: status, kind of action, monogram. Words beside every colour; delegates share them."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from zapdesk.ui.look.fonts import FontSize
from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XS, S
from zapdesk.ui.look.signs import LIVE, is_black_readable, monogram_letter, status_look
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts.labels import IconLabel, PlainLabel
from zapdesk.ui.plain_text import one_line


class StatusMark(QWidget):
    """Icon and word of a run's status, in its colour."""

    def __init__(self, status: str, *, size: FontSize = "body", bold: bool = False) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S - 2)
        self._icon = IconLabel("unknown")
        self._word = PlainLabel(size=size, bold=bold)
        row.addWidget(self._icon)
        row.addWidget(self._word)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.set_status(status)

    def set_status(self, status: str) -> None:
        look = status_look(status)
        self._icon.set_icon(look.icon, look.token)
        self._word.setText(look.word)
        self._word.set_tone(look.token)
        self.setAccessibleName(look.word)


KIND_WORDS = {
    "READ": "Read",
    "READ_BULK": "Read many",
    "SEARCH": "Search",
    "SEARCH_AND_WRITE": "Search and write",
    "SEARCH_OR_WRITE": "Search or write",
    "WRITE": "Write",
    "FILTER": "Filter",
}

_WRITING = frozenset({"WRITE", "SEARCH_AND_WRITE", "SEARCH_OR_WRITE"})
_TAG_HEIGHT = 18


def kind_word(kind: str) -> str:
    """The words for a kind of action; a kind nobody told us about is shown as it came."""
    return KIND_WORDS.get(kind) or one_line(kind.replace("_", " ").capitalize(), 24)


def tag_width(kind: str) -> int:
    """How wide the tag of a kind is, in logical pixels."""
    metrics = QFontMetrics(theme().font("small"))
    return metrics.horizontalAdvance(kind_word(kind).upper()) + 2 * (XS + 2)


def paint_tag(painter: QPainter, kind: str, right: int, middle: int) -> QRect:
    """Paint the tag of a kind so that it ends at ``right`` around ``middle``; says where it is."""
    look = theme()
    color = look.color("accent" if kind in _WRITING else "muted")
    width = tag_width(kind)
    rect = QRect(right - width, middle - _TAG_HEIGHT // 2, width, _TAG_HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QColor(color)
    outline.setAlphaF(0.45)
    painter.setPen(outline)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(color)
    painter.setFont(look.font("small"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, kind_word(kind).upper())
    painter.restore()
    return rect


def live_mark_width() -> int:
    """How wide the mark of a live profile is, in logical pixels."""
    metrics = QFontMetrics(theme().font("small", bold=True))
    return metrics.horizontalAdvance(LIVE) + 2 * (XS + 2)


def paint_live_mark(painter: QPainter, right: int, middle: int) -> QRect:
    """Paint the mark of a live profile so that it ends at ``right``; says where it is."""
    width = live_mark_width()
    rect = QRect(right - width, middle - _TAG_HEIGHT // 2, width, _TAG_HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("waiting_soft"))
    painter.drawRoundedRect(QRectF(rect), 4, 4)
    painter.setPen(theme().color("waiting"))
    painter.setFont(theme().font("small", bold=True))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, LIVE)
    painter.restore()
    return rect


class KindTag(QWidget):
    """The kind of an action (WRITE, SEARCH, READ …) as a small tag."""

    def __init__(self, kind: str = "") -> None:
        super().__init__()
        self._kind = ""
        self.set_kind(kind)

    def set_kind(self, kind: str) -> None:
        self._kind = kind
        if not kind:
            self.hide()
        elif self.parentWidget() is not None:  # shown without one, it would become a window
            self.show()
        self.setFixedSize(QSize(tag_width(kind), _TAG_HEIGHT))
        self.setAccessibleName(f"Kind: {kind_word(kind)}" if kind else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_tag(painter, self._kind, self.width(), self.height() // 2)
        painter.end()


def readable_on(color: QColor) -> QColor:
    """Black or white, whichever can be read better on ``color`` (WCAG relative luminance)."""
    is_black = is_black_readable(color.redF(), color.greenF(), color.blueF())
    return QColor(Qt.GlobalColor.black if is_black else Qt.GlobalColor.white)


def paint_monogram(painter: QPainter, rect: QRect, title: str, hex_color: str) -> None:
    """Paint the first letter of ``title`` on a tile of ``hex_color`` (any text is survived)."""
    color = QColor(hex_color if hex_color.startswith("#") else f"#{hex_color}")
    if not color.isValid():
        color = theme().color("not_sent")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme().color("line"))
    painter.setBrush(color)
    radius = rect.width() / 5
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    font = theme().font("small", bold=True)
    font.setPixelSize(max(9, round(rect.height() * 0.55)))
    painter.setFont(font)
    painter.setPen(readable_on(color))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, monogram_letter(title))
    painter.restore()


class Monogram(QWidget):
    """An app's letter on its own colour: where there is no image, or not yet."""

    def __init__(self, title: str = "", hex_color: str = "", size: int = ROW_DENSE - S) -> None:
        super().__init__()
        self._title, self._hex_color = title, hex_color
        self.setFixedSize(max(size, ICON), max(size, ICON))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_monogram(painter, self.rect(), self._title, self._hex_color)
        painter.end()

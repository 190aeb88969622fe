"""BodyText: JSON in colour, with the reason for every key beside its line."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QMimeData, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from zapdesk.ui.clipboard import marked_secret
from zapdesk.ui.form.editors.code import CodeText
from zapdesk.ui.look.metrics import S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.viewers.highlight import JsonHighlighter

_GUTTER = 88


class BodyText(CodeText):
    """``line_changed`` gives the line (from 0) in which the cursor stands now. While it
    ``shows_secrets``, what is copied out of it is marked as a secret."""

    line_changed = Signal(int)

    def __init__(self) -> None:
        super().__init__((6, 14), JsonHighlighter)
        self.shows_secrets = False
        self._reasons: dict[int, str] = {}
        self._gutter = _Gutter(self)
        self.set_editable(False)
        self.setViewportMargins(0, 0, _GUTTER, 0)
        self.updateRequest.connect(lambda *_: self._gutter.update())
        self.cursorPositionChanged.connect(
            lambda: self.line_changed.emit(self.textCursor().blockNumber())
        )

    def set_editable(self, is_editable: bool) -> None:
        """Let the text be edited, or only be read and walked through."""
        self.setReadOnly(not is_editable)
        self.setTabChangesFocus(not is_editable)
        if not is_editable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )

    def show_json(self, text: str) -> None:
        """Show another body; what was in sight stays in sight."""
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        places = vertical.value(), horizontal.value()
        position = self.textCursor().position()
        self.show_text(text)
        cursor = self.textCursor()
        cursor.setPosition(min(position, self.document().characterCount() - 1))
        self.setTextCursor(cursor)
        vertical.setValue(places[0])
        horizontal.setValue(places[1])

    def show_reasons(self, reasons: Mapping[int, str]) -> None:
        """Write a word beside some lines (from 0)."""
        self._reasons = dict(reasons)
        self._gutter.update()

    @property
    def reasons(self) -> dict[int, str]:
        """The words beside the lines."""
        return dict(self._reasons)

    def createMimeDataFromSelection(self) -> QMimeData:
        mime = super().createMimeDataFromSelection()
        return marked_secret(mime) if self.shows_secrets else mime

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.viewport().geometry()
        self._gutter.setGeometry(QRect(inside.right() + 1, inside.top(), _GUTTER, inside.height()))

    def paint_gutter(self, event: QPaintEvent) -> None:
        """Draw the words; called by the gutter."""
        painter = QPainter(self._gutter)
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        block = self.firstVisibleBlock()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if place.top() > event.rect().bottom():
                break
            word = self._reasons.get(block.blockNumber())
            if word:
                row = QRect(0, round(place.top()), _GUTTER - S, round(place.height()))
                painter.drawText(row, right, word)
            block = block.next()
        painter.end()


class _Gutter(QWidget):
    def __init__(self, text: BodyText) -> None:
        super().__init__(text)
        self._text = text
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(_GUTTER, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._text.paint_gutter(event)

"""Labels: text from anywhere is shown as plain text, never as markup."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from zapdesk.ui.look.fonts import FontSize
from zapdesk.ui.look.metrics import ICON, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.plain_text import visible_text

_LONGEST = 20_000  # a label is no place for more; the whole text lives where it can be scrolled


class PlainLabel(QLabel):
    """A label that shows text as it is, hidden characters written out.

    ``tone`` is a token that 00_base.qss knows as a text tone. With ``elide`` the label gives way
    when there is no room, ends in an ellipsis and tells the whole text on hover.
    """

    def __init__(
        self,
        text: str = "",
        *,
        size: FontSize = "body",
        tone: str = "text",
        bold: bool = False,
        mono: bool = False,
        wrap: bool = False,
        elide: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._whole = ""
        self._elide = elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme().font(size, bold=bold, mono=mono))
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.setText(text)

    def setText(self, text: str) -> None:
        self._whole = visible_text(text, _LONGEST)
        self.setAccessibleName(self._whole)
        self._show()
        if self._elide:  # what is shown may be as it was: the room that is wanted is another
            self.updateGeometry()

    def set_tone(self, tone: str) -> None:
        """Change the text's colour to another token."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    @property
    def whole_text(self) -> str:
        """What is shown, without the ellipsis."""
        return self._whole

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(0, hint.height()) if self._elide else hint

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._elide:
            hint.setWidth(self.fontMetrics().horizontalAdvance(self._whole) + 2 * self.margin() + 1)
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        shown = self._whole
        if self._elide:
            line = " ".join(shown.split("\n"))
            shown = self.fontMetrics().elidedText(
                line, Qt.TextElideMode.ElideRight, self.contentsRect().width()
            )
            # A tool tip is taken for markup when it looks like some: only plain ones are set.
            self.setToolTip(plain_tool_tip(self._whole) if shown != line else "")
        if super().text() != shown:
            super().setText(shown)


def plain_tool_tip(text: str) -> str:
    """``text`` for ``setToolTip``, which would read markup in it."""
    from html import escape

    return f"<p style='white-space:pre-wrap'>{escape(visible_text(text, 2_000))}</p>"


class IconLabel(QWidget):
    """An icon that stands for itself; give it a name for those who cannot see it."""

    def __init__(
        self, name: str, token: str = "muted", size: int = ICON, *, spoken: str = ""
    ) -> None:
        super().__init__()
        self._name, self._token, self._size = name, token, size
        self.setFixedSize(size, size)
        self.setAccessibleName(spoken)

    def set_icon(self, name: str, token: str) -> None:
        self._name, self._token = name, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        pixmap = theme().pixmap(self._name, self._token, self._size, self.devicePixelRatioF())
        painter = QPainter(self)
        painter.drawPixmap(self.contentsRect().topLeft(), pixmap)
        painter.end()


class HLine(QFrame):
    """A hairline."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("hairline")
        self.setFixedHeight(1)


class SectionHeader(QWidget):
    """A small muted heading, with room for a button or two at its right."""

    def __init__(self, title: str, *trailing: QWidget) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        self.label = PlainLabel(title, size="small", tone="muted", bold=True)
        row.addWidget(self.label)
        row.addStretch(1)
        for widget in trailing:
            row.addWidget(widget)
        self.setAccessibleName(title)

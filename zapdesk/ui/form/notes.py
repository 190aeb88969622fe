"""What stands between the fields of a form, and in their place before they have come."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.domain.fields import InfoField, InputField
from zapdesk.ui.form.editors import FormContext
from zapdesk.ui.form.editors.info import FoldedText, MarkdownText
from zapdesk.ui.look.metrics import FIELD_MAX_WIDTH, RADIUS, XS, L, M, S
from zapdesk.ui.look.theme import theme


class Heading(QWidget):
    """The title of a group."""

    def __init__(self, title: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, XS, 0, M)
        column.addWidget(FoldedText(title, size="large", bold=True))


class Note(QWidget):
    """An info field, or a field that is for reading only."""

    def __init__(self, node: object, context: FormContext) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, L)
        column.setSpacing(XS)
        if isinstance(node, InputField) and node.title:
            column.addWidget(FoldedText(node.title, bold=True))
        text = MarkdownText(context.open_link)
        if isinstance(node, InputField):
            text.set_markdown("\n".join(filter(None, (node.description, node.default_value))))
        elif isinstance(node, InfoField):
            text.set_markdown(node.description)
        column.addWidget(text)


class Oddities(QWidget):
    """What is wrong with the definition of the form itself."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, M)
        column.addWidget(FoldedText("\n".join(sentences), size="small", tone="waiting"))


class SkeletonFields(QWidget):
    """Where fields will be: quiet titles and boxes that do not move."""

    _TITLES = (0.22, 0.34, 0.18, 0.28)
    _HEAD, _BOX, _FIELD = 18, 32, 72

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Loading")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("line"))
        width = min(FIELD_MAX_WIDTH, self.width() - 2 * L)
        for field in range((self.height() - L) // self._FIELD):
            top = L + field * self._FIELD
            title = QRectF(L, top + (self._HEAD - S) / 2, width * self._TITLES[field % 4], S)
            painter.drawRoundedRect(title, XS, XS)
            box = QRectF(L, top + self._HEAD + XS, width, self._BOX)
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.end()

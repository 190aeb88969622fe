"""What stands between the fields of a form: headings, notes, odd definitions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.domain.fields import InfoField, InputField
from zapdesk.ui.form.editors import FormContext
from zapdesk.ui.form.editors.info import FoldedText, MarkdownText
from zapdesk.ui.look.metrics import XS, L, M


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

"""What stands between the fields of a form: headings, notes, parked values, odd definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from zapdesk.domain.fields import InfoField, InputField
from zapdesk.domain.payload import write_json
from zapdesk.ui.field_editors import FormContext
from zapdesk.ui.field_editors.info import FoldedText, MarkdownText
from zapdesk.ui.metrics import XS, L, M
from zapdesk.ui.parts import DisclosureButton, PlainLabel
from zapdesk.ui.plain_text import one_line

_MOST_SHOWN = 400


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


class Parked(QWidget):
    """Values whose fields are gone for now."""

    def __init__(self, parked: Mapping[str, Any]) -> None:
        super().__init__()
        count = len(parked)
        what = "1 value is" if count == 1 else f"{count} values are"
        button = DisclosureButton(f"{what} parked", is_open=True)
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(L + XS, 0, 0, 0)
        lines.setSpacing(XS)
        why = (
            "The form no longer asks for these. They are not sent, and come back with their field."
        )
        lines.addWidget(PlainLabel(why, size="small", tone="muted", wrap=True))
        for name, value in parked.items():
            lines.addWidget(PlainLabel(one_line(name, 200), size="small", tone="muted", mono=True))
            text = value if isinstance(value, str) else write_json(value).decode()
            lines.addWidget(PlainLabel(one_line(text, _MOST_SHOWN), wrap=True, selectable=True))
        button.folds(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, XS, 0, L)
        column.setSpacing(XS)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(inside)


class Oddities(QWidget):
    """What is wrong with the definition of the form itself."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, M)
        column.addWidget(FoldedText("\n".join(sentences), size="small", tone="waiting"))

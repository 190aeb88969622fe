"""Files: the web address of one, which the server downloads."""

from __future__ import annotations

from zapdesk.domain.fields import InputField
from zapdesk.ui.form.editors.base import FormContext
from zapdesk.ui.form.editors.text import TextEditor
from zapdesk.ui.parts import PlainLabel

WHY = (
    "The web address of a file, beginning with https://. The server downloads it; "
    "a file on this computer cannot be sent."
)


class FileEditor(TextEditor):
    """An address as text, and why it is not a file."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self._column.addWidget(PlainLabel(WHY, size="small", tone="muted", wrap=True))

    def describe(self, text: str) -> None:
        super().describe(f"{text} {WHY}".strip())

"""Code and other text in which the Tab key types a tab."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from zapdesk.domain.fields import InputField
from zapdesk.ui.field_editors.base import FormContext
from zapdesk.ui.field_editors.exact_text import ExactText
from zapdesk.ui.field_editors.text import TextEditor
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.theme import theme

_HOW_TO_LEAVE = "Tab types a tab. Esc or Ctrl+M leaves the editor."


class CodeText(ExactText):
    """Monospaced; lines are not broken. Esc, Ctrl+M or Shift+Tab leaves it."""

    def __init__(self, lines: tuple[int, int] = (5, 16)) -> None:
        super().__init__(lines=lines)
        self.setProperty("mono", True)
        self.setFont(theme().font(mono=True))
        self.fit()
        self.setTabChangesFocus(False)
        self.setLineWrapMode(ExactText.LineWrapMode.NoWrap)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_ctrl_m = (
            event.key() == Qt.Key.Key_M and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        )
        if event.key() == Qt.Key.Key_Escape or is_ctrl_m:
            self._leave(forward=True)
        elif event.key() == Qt.Key.Key_Backtab:
            self._leave(forward=False)
        else:
            super().keyPressEvent(event)

    def _leave(self, *, forward: bool) -> None:
        # QPlainTextEdit refuses to let the focus go while Tab types tabs.
        self.setTabChangesFocus(True)
        self.focusNextPrevChild(forward)
        self.setTabChangesFocus(False)


class CodeEditor(TextEditor):
    """A program or a template, several lines long."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self._column.addWidget(PlainLabel(_HOW_TO_LEAVE, size="small", tone="muted"))

    def _make_text(self) -> ExactText:
        return CodeText()

    def describe(self, text: str) -> None:
        super().describe(f"{text} {_HOW_TO_LEAVE}".strip())

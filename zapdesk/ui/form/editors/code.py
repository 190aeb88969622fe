"""Code and other text in which the Tab key types a tab."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from zapdesk.domain.fields import InputField
from zapdesk.ui.form.editors.base import FormContext
from zapdesk.ui.form.editors.exact_text import ExactText
from zapdesk.ui.form.editors.text import TextEditor
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.viewers.highlight import CodeHighlighter, Highlighter

HOW_TO_LEAVE = "Tab types a tab. Esc or Ctrl+M leaves the editor."


class CodeText(ExactText):
    """Monospaced and coloured; lines are not broken. Esc, Ctrl+M or Shift+Tab leaves it."""

    def __init__(
        self,
        lines: tuple[int, int] = (5, 16),
        highlighter: type[Highlighter] = CodeHighlighter,
    ) -> None:
        super().__init__(lines=lines)
        self.setProperty("mono", True)
        self.setFont(theme().font(mono=True))
        self.fit()
        self.setTabChangesFocus(False)
        self.setLineWrapMode(ExactText.LineWrapMode.NoWrap)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self._highlighter = highlighter(self.document(), self._quietly)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self._highlighter.set_coloured(self.isEnabled())

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

    def _quietly(self, work: Callable[[], None]) -> None:
        # New colours make Qt announce a change of the text; nobody has typed anything.
        self._is_being_shown = True
        try:
            work()
        finally:
            self._is_being_shown = False


class CodeEditor(TextEditor):
    """A program or a template, several lines long."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self._column.addWidget(PlainLabel(HOW_TO_LEAVE, size="small", tone="muted", wrap=True))

    def _make_text(self) -> ExactText:
        return CodeText()

    def describe(self, text: str) -> None:
        super().describe(f"{text} {HOW_TO_LEAVE}".strip())

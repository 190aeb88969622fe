"""The one way to tell the user about something: a strip in the area it concerns.

A dialog only where an answer is needed before going on, opened and awaited, never executed:
a nested event loop would stall every other task.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.errors import ZapdeskError
from zapdesk.ui.look.metrics import ICON, XL, XS, L, M, S
from zapdesk.ui.parts import Button, IconButton, IconLabel, PlainLabel, button_row
from zapdesk.ui.plain_text import one_line

Kind = Literal["info", "warning", "error"]

_LOOKS = {
    "info": ("info", "accent"),
    "warning": ("warning", "waiting"),
    "error": ("error", "error"),
}
_LONGEST = 400


class Notice(QFrame):
    """One line, one action, closable."""

    action_requested = Signal()
    closed = Signal()

    def __init__(self, kind: Kind, text: str, action: str = "", *, closable: bool = True) -> None:
        super().__init__()
        icon, token = _LOOKS[kind]
        self.text = one_line(text, _LONGEST)
        self.is_closable = closable
        self.setObjectName("notice")
        self.setProperty("kind", kind)
        self.setAccessibleName(f"{kind}: {self.text}")
        row = QHBoxLayout(self)
        row.setContentsMargins(M, XS, XS, XS)
        row.setSpacing(S)
        row.addWidget(IconLabel(icon, token, ICON))
        row.addWidget(PlainLabel(self.text, elide=True), 1)
        if action:
            button = Button(action, look="link")
            button.clicked.connect(self.action_requested)
            row.addWidget(button)
        self.setMinimumHeight(36)
        if closable:
            close = IconButton("close", "Dismiss")
            close.clicked.connect(self.closed)
            row.addWidget(close)


class NoticeArea(QWidget):
    """Where an area shows its notices: at most three, one for each subject."""

    _MOST = 3

    def __init__(self) -> None:
        super().__init__()
        self._notices: dict[str, Notice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(S, S, S, S)
        self._column.setSpacing(XS)
        self.hide()

    def show_notice(
        self,
        subject: str,
        kind: Kind,
        text: str,
        action: str = "",
        on_action: Callable[[], object] | None = None,
        *,
        closable: bool = True,
    ) -> Notice:
        """Show a notice in place of an earlier one on the same ``subject``.

        The action closes it; so does its cross, and ``clear(subject)``.
        """
        self.clear(subject)
        passing = [s for s, shown in self._notices.items() if shown.is_closable]
        while len(self._notices) >= self._MOST and passing:
            self.clear(passing.pop(0))
        notice = Notice(kind, text, action, closable=closable)
        notice.closed.connect(lambda: self.clear(subject))

        def act() -> None:
            self.clear(subject)
            if on_action is not None:
                on_action()

        notice.action_requested.connect(act)
        self._notices[subject] = notice
        self._column.addWidget(notice)
        self.show()
        return notice

    def show_error(self, error: ZapdeskError, subject: str = "error") -> Notice:
        """Show an error in its own words: what happened, then what can be done."""
        return self.show_notice(
            subject, "error", " ".join(filter(None, (error.title, error.detail, error.hint)))
        )

    def clear(self, subject: str) -> None:
        notice = self._notices.pop(subject, None)
        if notice is not None:
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        if not self._notices:
            self.hide()

    @property
    def texts(self) -> list[str]:
        """What is being shown, oldest first."""
        return [notice.text for notice in self._notices.values()]


async def confirm(
    parent: QWidget, title: str, sentence: str, action: str, *, cancel: str = "Cancel"
) -> bool:
    """Ask, and wait for the answer without stopping anything else.

    False where the dialog was closed, or its window was; cancelling the task closes the dialog.
    """
    dialog = ConfirmDialog(parent, title, sentence, action, cancel)
    return await answered(dialog) == QDialog.DialogCode.Accepted


async def answered(dialog: QDialog) -> int:
    """Open a dialog and wait for its result; it is gone afterwards, also where this is cancelled.

    0 (rejected) where the dialog was closed, or its window was.
    """
    import asyncio

    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(settle)
    dialog.destroyed.connect(lambda: settle(0))
    dialog.open()
    try:
        return await answer
    finally:
        from shiboken6 import isValid

        if isValid(dialog):
            dialog.close()
            dialog.deleteLater()


class ConfirmDialog(QDialog):
    """One question, one verb, one way out; the way out has the focus."""

    def __init__(
        self, parent: QWidget, title: str, sentence: str, action: str, cancel: str
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(one_line(title, 120))
        self.setModal(True)
        self.setMinimumWidth(400)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(PlainLabel(title, size="large", bold=True, wrap=True))
        column.addWidget(PlainLabel(sentence, tone="muted", wrap=True))
        column.addSpacing(S)
        self.cancel_button = Button(cancel)
        self.action_button = Button(action, look="primary")
        self.cancel_button.clicked.connect(self.reject)
        self.action_button.clicked.connect(self.accept)
        column.addLayout(button_row(self.cancel_button, self.action_button))
        self.cancel_button.setFocus()

"""Asking for a line of text, such as a name. What is wrong with it is said under it, before
anything is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import XL, L, S
from zapdesk.ui.parts import Button, PlainLabel, button_row

_WIDTH = 380
_LONGEST = 1_000  # what is too long for a name is said in words, not cut off


class NameDialog(QDialog):
    """``perform`` is given the text; the dialog closes where it raises no ZapdeskError.
    ``spoken`` says what is asked for.

    With ``replace`` a name that is ``taken`` can be used as well: a button then offers it.
    """

    def __init__(
        self,
        parent: QWidget,
        tasks: LateTasks,
        title: str,
        verb: str,
        name: str,
        perform: Callable[[str], Awaitable[None]],
        *,
        spoken: str = "Name",
        taken: Collection[str] = (),
        replace: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self._tasks = tasks
        self._perform, self._replace = perform, replace
        self._taken = set(taken)
        self.line = QLineEdit(name)
        self.line.setMaxLength(_LONGEST)
        self.line.setAccessibleName(spoken)
        self.line.setPlaceholderText(spoken)
        self.line.selectAll()
        self.problem = PlainLabel(size="small", tone="error", wrap=True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(PlainLabel(title, size="large", bold=True))
        column.addWidget(self.line)
        column.addWidget(self.problem)
        column.addSpacing(S)
        self.replace_button = Button("Replace it")
        self.replace_button.hide()
        self.cancel_button = Button("Cancel")
        self.verb_button = Button(verb, look="primary")
        column.addLayout(
            button_row(self.cancel_button, self.verb_button, beside=[self.replace_button])
        )
        self.line.returnPressed.connect(self._try)
        self.line.textEdited.connect(self._on_edited)
        self.cancel_button.clicked.connect(self.reject)
        self.verb_button.clicked.connect(self._try)
        self.replace_button.clicked.connect(self._try_to_replace)
        self.line.setFocus()

    def _try(self) -> None:
        self._tasks.start(self._do(self._perform), "use a name")

    def _try_to_replace(self) -> None:
        if self._replace is not None:
            self._tasks.start(self._do(self._replace), "replace what has a name")

    async def _do(self, work: Callable[[str], Awaitable[None]]) -> None:
        try:
            await work(self.line.text())
        except ZapdeskError as error:
            if isValid(self):  # not closed meanwhile
                self._show_problem(" ".join(filter(None, (error.title, error.detail, error.hint))))
        else:
            if isValid(self):
                self.accept()

    def _show_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setHidden(not text)
        is_taken = " ".join(self.line.text().split()) in self._taken
        self.replace_button.setHidden(not (text and is_taken and self._replace is not None))
        self.line.setAccessibleDescription(text)
        self.line.setProperty("problem", bool(text))
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)
        self.adjustSize()

    def _on_edited(self) -> None:
        if not self.problem.isHidden():
            self._show_problem("")

"""VaultDialog: what a person can do where secrets have no home, the harmless choice first.

A file is offered last, and is written only after its warning was read. Nothing here waits for the
keyring on the GUI thread; while it asks for its password, the dialog counts down and can be left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from zapdesk.domain.secret_store import FILE_WARNING, Remedy, SecretStore
from zapdesk.errors import ZapdeskError
from zapdesk.ui.late_tasks import LateTasks
from zapdesk.ui.look.metrics import ICON, XL, XS, L, S
from zapdesk.ui.notices import answered
from zapdesk.ui.parts import Button, IconLabel, PlainLabel, button_row

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.accounts import Accounts

_WIDTH = 520
_TICK_MS = 250

_WORDS = {
    Remedy.SESSION: (
        "This session only",
        "Nothing is stored. Sign in again the next time zapdesk starts.",
    ),
    Remedy.UNLOCK: (
        "Unlock…",
        "The keyring asks for its password.",
    ),
    Remedy.TRY_AGAIN: (
        "Try again",
        "Once it was started or mended.",
    ),
    Remedy.USE_FOUND: (
        "Use the other one",
        "Secrets go there from now on. What is kept in the old one stays in it.",
    ),
    Remedy.USE_SYSTEM: (
        "Move to the keyring",
        "They leave the file. The keyring may ask for its password.",
    ),
    Remedy.FILE: (
        "Keep in a file…",
        "A file that only you can read. It is not encrypted.",
    ),
}


class VaultDialog(QDialog):
    """Accepted once secrets have a home, even if for this session only.

    ``is_asked_for``: a person wants to change it, and nothing may be the matter.
    """

    def __init__(self, parent: QWidget, accounts: Accounts, *, is_asked_for: bool = False) -> None:
        super().__init__(parent)
        self._is_asked_for = is_asked_for
        self._vault = accounts.vault
        self._tasks = LateTasks()
        self._wait: asyncio.Task[None] | None = None
        self._ends_at = 0.0
        self.choices: dict[Remedy, Button] = {}
        self.setWindowTitle("Where secrets are kept")
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self._title = PlainLabel("", size="large", bold=True, wrap=True)
        self._text = PlainLabel("", tone="muted", wrap=True)
        self._choosing, self._waiting, self._warning = QWidget(), QWidget(), QWidget()
        self._column = _filled(self._choosing)
        self._said = PlainLabel("", wrap=True)
        _filled(self._waiting).addWidget(self._said)
        self._build_warning()
        self._pages = (self._choosing, self._waiting, self._warning)
        self.back_button = Button("Back", look="quiet")
        self.back_button.clicked.connect(self._show_state)
        self.cancel_button = Button("Cancel")
        self.cancel_button.clicked.connect(self._leave)
        self.file_button = Button("Keep in a file", look="primary")
        self.file_button.clicked.connect(lambda: self._begin(self._vault.use_file))
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._count_down)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(S)
        for page in self._pages:
            column.addWidget(page)
        column.addSpacing(S)
        column.addStretch(1)
        column.addLayout(
            button_row(self.cancel_button, self.file_button, beside=[self.back_button])
        )
        self._show_state()

    def unlock(self) -> None:
        """Let the keyring ask for its password."""
        self._begin(self._vault.unlock)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is the matter, and what can be done or is being done."""
        page = next(page for page in self._pages if not page.isHidden())
        labels = page.findChildren(PlainLabel)
        return (self._title.text(), self._text.text(), *(label.text() for label in labels))

    def done(self, result: int) -> None:
        self._end_waiting()
        super().done(result)

    def _build_warning(self) -> None:
        column = _filled(self._warning)
        row = QHBoxLayout()
        row.setSpacing(S)
        row.addWidget(IconLabel("warning", "waiting", ICON), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(PlainLabel(FILE_WARNING, wrap=True), 1)
        column.addLayout(row)

    def _show_state(self, trouble: str = "") -> None:
        state = self._vault.state
        if self._is_asked_for and state.is_usable:
            self._say("Where secrets are kept", trouble or state.place)
        else:
            self._say(state.title, trouble or " ".join(filter(None, (state.detail, state.hint))))
        for child in self._choosing.findChildren(QWidget):
            child.hide()
            child.deleteLater()
        self._clear(self._column)
        self.choices.clear()
        for remedy in state.changes if self._is_asked_for else state.remedies:
            self._add_choice(remedy)
        self._show(self._choosing)
        first = next(iter(self.choices.values()), self.cancel_button)
        first.setFocus()

    def _add_choice(self, remedy: Remedy) -> None:
        word, sentence = _WORDS[remedy]
        button = Button(word, look="primary" if remedy is Remedy.SESSION else "plain")
        button.setAccessibleDescription(sentence)
        button.clicked.connect(lambda: self._choose(remedy))
        self.choices[remedy] = button
        self._column.addWidget(button)
        self._column.addWidget(PlainLabel(sentence, size="small", tone="muted", wrap=True))
        self._column.addSpacing(S)

    def _choose(self, remedy: Remedy) -> None:
        match remedy:
            case Remedy.SESSION:
                self._vault.use_session()
                self.accept()
            case Remedy.FILE:
                self._say("Keep secrets in a file?", "")
                self._show(self._warning)
                self.back_button.setFocus()
            case Remedy.USE_FOUND | Remedy.USE_SYSTEM:
                self._begin(self._vault.use_system)
            case _:
                self.unlock()

    def _begin(self, work: Callable[[], Awaitable[SecretStore]]) -> None:
        if self._wait is not None:
            return
        self._ends_at = time.monotonic() + self._vault.unlock_deadline_s
        self._say("Waiting for the keyring", "It may ask for its password in a window of its own.")
        self._count_down()
        self._show(self._waiting)
        self.cancel_button.setFocus()
        self._timer.start()
        self._wait = self._tasks.start(self._do(work), "wait for the keyring")

    async def _do(self, work: Callable[[], Awaitable[SecretStore]]) -> None:
        trouble = ""
        try:
            found = await work()
            trouble = "" if found.is_usable else found.text
        except ZapdeskError as error:
            trouble = f"{error} {error.hint}"
        if not isValid(self):
            return
        self._wait = None
        self._end_waiting()
        if not trouble:
            self.accept()
        elif self._vault.state.is_usable:
            self._show_state(trouble)
        else:
            self._show_state()

    def _leave(self) -> None:
        """Cancel what is waited for and offer the choices again; else leave."""
        if self._wait is None:
            self.reject()
        else:
            self._end_waiting()
            self._show_state()

    def _end_waiting(self) -> None:
        self._timer.stop()
        wait, self._wait = self._wait, None
        if wait is not None:
            wait.cancel()

    def _count_down(self) -> None:
        left = max(0, round(self._ends_at - time.monotonic()))
        self._said.setText(f"{left} seconds are left.")

    def _say(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleDescription(f"{title} {text}")

    def _show(self, page: QWidget) -> None:
        is_warning = page is self._warning
        self.back_button.setVisible(is_warning)
        self.file_button.setVisible(is_warning)
        for other in self._pages:
            other.setVisible(other is page)
        layout = self.layout()
        assert layout is not None, "it was given one"
        layout.activate()
        wraps = layout.hasHeightForWidth()
        self.setFixedHeight(
            layout.totalHeightForWidth(_WIDTH) if wraps else layout.totalSizeHint().height()
        )

    @staticmethod
    def _clear(column: QVBoxLayout) -> None:
        while column.count():
            column.takeAt(0)


def _filled(page: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(XS)
    return column


async def find_home(parent: QWidget, accounts: Accounts) -> bool:
    """Whether a secret that comes into being now has a home, for this session at least.

    Tries the keyring, and asks where it cannot be used; False where a person left the question.
    Call it before a secret exists.
    """
    state = await accounts.vault.probe()
    if not state.remedies or state.is_chosen:
        return True
    return await ask_for_home(parent, accounts)


async def ask_for_home(parent: QWidget, accounts: Accounts, *, unlocks: bool = False) -> bool:
    """Show what can be done about the keyring; ``unlocks`` begins with unlocking it."""
    dialog = VaultDialog(parent, accounts)
    if unlocks:
        dialog.unlock()
    return await answered(dialog) == QDialog.DialogCode.Accepted


async def change_home(parent: QWidget, accounts: Accounts) -> None:
    """Let a person choose another place for secrets."""
    await answered(VaultDialog(parent, accounts, is_asked_for=True))

"""The first thing a stranger sees: a name, one sentence, three ways to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.ui.look.metrics import XL, XS, L
from zapdesk.ui.parts import Button, IconLabel, PlainLabel
from zapdesk.ui.shell.first_frame import BEGINNING, BEGINNING_WIDTH, LOGO, LOGO_EDGE, WAYS


class FirstStart(QWidget):
    """Emits what was chosen."""

    sandbox_chosen = Signal()
    sign_in_chosen = Signal()
    token_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        page = QWidget()
        page.setFixedWidth(BEGINNING_WIDTH)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(2)
        logo = IconLabel("zapdesk", "accent", LOGO)
        logo.setContentsMargins(-LOGO_EDGE, 0, 0, 0)
        column.addWidget(logo, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(L)
        column.addWidget(PlainLabel(BEGINNING[0], size="title", bold=True))
        column.addSpacing(XS)
        column.addWidget(PlainLabel(BEGINNING[1], tone="muted", wrap=True))
        column.addSpacing(XL)
        self.sandbox_button, self.sign_in_button, self.token_button = (
            Button(word, look="plain" if number else "primary")
            for number, (word, _) in enumerate(WAYS)
        )
        for button, (_, sentence), chosen in zip(
            (self.sandbox_button, self.sign_in_button, self.token_button),
            WAYS,
            (self.sandbox_chosen, self.sign_in_chosen, self.token_chosen),
            strict=True,
        ):
            button.setProperty("tall", True)
            button.clicked.connect(chosen)
            column.addWidget(button)
            column.addSpacing(XS)
            column.addWidget(PlainLabel(sentence, size="small", tone="muted", wrap=True))
            column.addSpacing(L)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(page)
        row.addStretch(1)

    def show_choices(self) -> None:
        """Begin: the first way has the focus."""
        self.sandbox_button.setFocus()

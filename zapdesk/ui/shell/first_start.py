"""The first thing a stranger sees: a name, one sentence, two ways to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from zapdesk.errors import InvalidInput
from zapdesk.services.access import check_token
from zapdesk.ui.look.metrics import XL, XS, XXL, L, M, S
from zapdesk.ui.parts import Button, IconLabel, PlainLabel
from zapdesk.ui.shell.first_frame import BEGINNING, BEGINNING_WIDTH, WAYS


class FirstStart(QWidget):
    """Emits what was chosen; holds the token no longer than it is being typed."""

    sandbox_chosen = Signal()
    token_given = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._can_leave = False
        self._pages = QStackedWidget()
        self._pages.setFixedWidth(BEGINNING_WIDTH)
        self._pages.addWidget(self._choices())
        self._pages.addWidget(self._paste())
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(self._pages)
        row.addStretch(1)

    def show_choices(self) -> None:
        self._field.clear()
        self._say("")
        self._pages.setCurrentIndex(0)
        self.sandbox_button.setFocus()

    def show_paste(self, *, can_leave: bool = False) -> None:
        """Ask for a token; with ``can_leave``, going back leaves this page altogether."""
        self._can_leave = can_leave
        self._pages.setCurrentIndex(1)
        self._field.setFocus()

    def _choices(self) -> QWidget:
        page, column = _page()
        column.addWidget(IconLabel("zapdesk", "accent", 48), 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(L)
        column.addWidget(PlainLabel(BEGINNING[0], size="title", bold=True))
        column.addSpacing(XS)
        column.addWidget(PlainLabel(BEGINNING[1], tone="muted", wrap=True))
        column.addSpacing(XL)
        (sandbox, about_sandbox), (token, about_token) = WAYS
        self.sandbox_button = Button(sandbox, look="primary")
        self.sandbox_button.clicked.connect(self.sandbox_chosen)
        self.token_button = Button(token)
        self.token_button.clicked.connect(lambda: self.show_paste())
        for button, sentence in (
            (self.sandbox_button, about_sandbox),
            (self.token_button, about_token),
        ):
            button.setProperty("tall", True)
            column.addWidget(button)
            column.addSpacing(XS)
            column.addWidget(PlainLabel(sentence, size="small", tone="muted", wrap=True))
            column.addSpacing(L)
        column.addStretch(3)
        return page

    def _paste(self) -> QWidget:
        page, column = _page()
        column.addWidget(PlainLabel("Paste a token", size="title", bold=True))
        column.addSpacing(XS)
        column.addWidget(
            PlainLabel(
                "An access token for Zapier's Workflow API. It is kept in this computer's "
                "keyring and sent to Zapier only.",
                tone="muted",
                wrap=True,
            )
        )
        column.addSpacing(L)
        column.addWidget(PlainLabel("Token", bold=True))
        column.addSpacing(XS)
        self._field = QLineEdit()
        self._field.setEchoMode(QLineEdit.EchoMode.Password)
        self._field.setAccessibleName("Token")
        self._field.setPlaceholderText("Paste the token")
        self._field.returnPressed.connect(self._use)
        self._field.textEdited.connect(lambda: self._say(""))
        column.addWidget(self._field)
        column.addSpacing(XS)
        self.problem = PlainLabel("", tone="error", wrap=True)
        self.problem.setMinimumHeight(XXL)
        self.problem.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.problem)
        column.addSpacing(M)
        row = QHBoxLayout()
        row.setSpacing(S)
        back = Button("Back", look="quiet")
        back.clicked.connect(self._back)
        self.use_button = Button("Use this token", look="primary")
        self.use_button.clicked.connect(self._use)
        row.addWidget(back)
        row.addStretch(1)
        row.addWidget(self.use_button)
        column.addLayout(row)
        column.addStretch(3)
        return page

    def _use(self) -> None:
        try:
            token = check_token(self._field.text())
        except InvalidInput as error:
            self._say(" ".join(filter(None, (error.title, error.detail, error.hint))))
            return
        self._say("")
        self.token_given.emit(token)

    def _back(self) -> None:
        if self._can_leave:
            self._field.clear()
            self.left.emit()
        else:
            self.show_choices()

    def _say(self, sentence: str) -> None:
        self.problem.setText(sentence)


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addStretch(2)
    return page, column

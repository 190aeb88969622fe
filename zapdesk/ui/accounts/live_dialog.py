"""LiveDialog: before something is written in a live profile. Held for a second, or the app's name
typed: either is meant, neither happens by accident."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from zapdesk.domain.profiles import Profile
from zapdesk.domain.runs import RunKind, RunOrder
from zapdesk.services import network
from zapdesk.services.live_guard import PAUSES_MIN, LiveGuard, live_words, names_app
from zapdesk.ui.accounts.profile_words import server_words
from zapdesk.ui.look.metrics import XL, XS, L, M, S
from zapdesk.ui.notices import answered
from zapdesk.ui.parts import Button, CheckBox, ComboBox, PlainLabel, button_row
from zapdesk.ui.parts.hold_button import HoldButton
from zapdesk.ui.parts.marks import live_mark_width, paint_live_mark
from zapdesk.ui.plain_text import one_line

_WIDTH = 480
_DOT = 10
_LINE = 20
_HOLD = "Hold to run"


class _ProfileLine(QWidget):
    """Dot, name, server and the live mark of a profile."""

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._colour = QColor(profile.colour)
        self.setFixedHeight(_LINE)
        row = QHBoxLayout(self)
        row.setContentsMargins(_DOT + S, 0, live_mark_width() + S, 0)
        row.setSpacing(S)
        row.addWidget(PlainLabel(one_line(profile.name, 60), bold=True))
        row.addWidget(PlainLabel(server_words(profile), tone="muted", elide=True), 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        middle = self.height() // 2
        painter.drawEllipse(0, middle - _DOT // 2, _DOT, _DOT)
        paint_live_mark(painter, self.width(), middle)
        painter.end()


class LiveDialog(QDialog):
    """``minutes`` are those for which nothing is to be asked after this; 0 for none."""

    def __init__(self, parent: QWidget, profile: Profile, order: RunOrder) -> None:
        super().__init__(parent)
        self._app = one_line(order.app_title, 80) or order.action.app_id
        title = "Test this step for real?" if order.kind is RunKind.TEST else "Run this for real?"
        self.setWindowTitle(title)
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        sentence = live_words(profile, order)
        self.hold_button = HoldButton(_HOLD, icon="run")
        self.hold_button.setProperty("tall", True)
        self.hold_button.setAccessibleDescription("Hold Space or Enter for a second.")
        self.line = QLineEdit()
        self.line.setPlaceholderText(self._app)
        self.line.setAccessibleName(f"Type {self._app} and press Enter to run it")
        self.problem = PlainLabel(size="small", tone="error", wrap=True)
        self.problem.hide()
        self.pause_box = CheckBox("Do not ask again for")
        self.pauses = ComboBox("Minutes")
        for minutes in PAUSES_MIN:
            self.pauses.addItem(f"{minutes} minutes", minutes)
        self.pauses.setCurrentIndex(1)
        self.pauses.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
        self.cancel_button = Button("Cancel")
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(PlainLabel(title, size="large", bold=True))
        column.addWidget(_ProfileLine(profile))
        column.addWidget(PlainLabel(sentence, tone="muted", wrap=True))
        column.addSpacing(S)
        column.addWidget(self.hold_button)
        column.addSpacing(XS)
        name = PlainLabel("or type the app's name", tone="muted")
        name.setBuddy(self.line)
        column.addWidget(name)
        column.addWidget(self.line)
        column.addWidget(self.problem)
        column.addSpacing(M)
        column.addLayout(button_row(self.cancel_button, beside=[self.pause_box, self.pauses]))
        self.setAccessibleDescription(sentence)
        self.hold_button.held.connect(self.accept)
        self.hold_button.clicked.connect(lambda: self._say("Hold it for a second."))
        self.line.returnPressed.connect(self._on_typed)
        self.line.textEdited.connect(lambda: self._say(""))
        self.cancel_button.clicked.connect(self.reject)
        self.hold_button.setFocus()

    @property
    def minutes(self) -> int:
        return int(self.pauses.currentData()) if self.pause_box.isChecked() else 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters begin the app's name, wherever the focus is."""
        if event.text().isalnum():
            self.line.setFocus()
            self.line.insert(event.text())
            self._say("")
        else:
            super().keyPressEvent(event)

    def _on_typed(self) -> None:
        if names_app(self.line.text(), self._app):
            self.accept()
        else:
            self._say(f"The app is called {self._app}.")

    def _say(self, text: str) -> None:
        if text != self.problem.whole_text or self.problem.isHidden() is bool(text):
            self.problem.setText(text)
            self.problem.setHidden(not text)
            self.adjustSize()


async def is_meant(parent: QWidget, guard: LiveGuard, profile: Profile, order: RunOrder) -> bool:
    """Whether ``order`` may be sent; a person is asked where the guard wants that. Raises Offline
    where nothing can be sent anyway: then nobody has to be asked."""
    if not guard.asks(profile, order.action.action_type):
        return True
    network.ensure_online()
    dialog = LiveDialog(parent, profile, order)
    if await answered(dialog) != QDialog.DialogCode.Accepted:
        return False
    if dialog.minutes:
        guard.pause(profile.id, dialog.minutes)
    return True

"""FilterLine: a JMESPath expression over the result, its history, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.look.theme import theme
from zapdesk.ui.parts import IconButton, IconLabel, PlainLabel

_TYPING_MS = 350


class FilterLine(QWidget):
    """``wanted`` carries the expression once typing pauses (empty: everything), ``kept`` one that
    is to be remembered, ``find_wanted`` asks for the find bar."""

    wanted = Signal(str)
    kept = Signal(str)
    find_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setPlaceholderText("JMESPath, such as [?active].name")
        self.line.setAccessibleName("Filter the result with JMESPath")
        self.line.setFont(theme().font(mono=True))
        self.line.setClearButtonEnabled(False)
        glass = self.line.addAction(
            theme().icon("filter"), QLineEdit.ActionPosition.LeadingPosition
        )
        glass.setText(self.line.accessibleName())
        glass.setToolTip("")
        self._clear = self.line.addAction(
            theme().icon("close"), QLineEdit.ActionPosition.TrailingPosition
        )
        self._clear.setText("Clear the filter")
        self._clear.setVisible(False)
        self._clear.triggered.connect(self.line.clear)
        self._used = QStringListModel(self)
        completer = QCompleter(self._used, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.line.setCompleter(completer)
        self.history = IconButton("history", "Filters used before (Alt+Down)")
        self.find_button = IconButton("search", "Find in the result (Ctrl+F)")
        self.said = PlainLabel(size="small", tone="muted", wrap=True)
        self._trouble = IconLabel("error", "error", 12)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._tell)
        self.line.textChanged.connect(self._on_typed)
        self.line.returnPressed.connect(self._on_enter)
        self.line.installEventFilter(self)
        self.history.clicked.connect(self.show_used)
        self.find_button.clicked.connect(self.find_wanted)
        row = QHBoxLayout()
        row.setSpacing(XS)
        row.addWidget(self.line, 1)
        row.addWidget(self.history)
        row.addWidget(self.find_button)
        below = QHBoxLayout()
        below.setSpacing(XS)
        below.addWidget(self._trouble)
        below.addWidget(self.said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, S, S, XS)
        column.setSpacing(XS)
        column.addLayout(row)
        column.addLayout(below)
        self.show_words("")
        self.show_history(())

    @property
    def expression(self) -> str:
        """What is typed."""
        return self.line.text().strip()

    def show_history(self, used: Sequence[str]) -> None:
        """Offer filters that were used before, the best first."""
        self._used.setStringList(list(used))
        self.history.setEnabled(bool(used))

    def show_used(self) -> None:
        """Open the list of filters that were used before."""
        completer = self.line.completer()
        completer.setCompletionPrefix("")
        completer.complete()

    def show_words(self, text: str, *, is_trouble: bool = False) -> None:
        """Say something under the line."""
        self.said.setText(text)
        self.said.set_tone("error" if is_trouble else "muted")
        self.said.setVisible(bool(text))
        self._trouble.setVisible(is_trouble)
        self.line.setAccessibleDescription(text)

    def clear(self) -> None:
        """Filter no more, without a word to anybody."""
        self.line.blockSignals(True)
        self.line.clear()
        self.line.blockSignals(False)
        self._clear.setVisible(False)
        self._typing.stop()
        self.show_words("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_press = event.type() is QEvent.Type.KeyPress
        if watched is self.line and is_press and self._takes(event):
            return True
        return super().eventFilter(watched, event)

    def _takes(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        if event.key() == Qt.Key.Key_Down:
            self.show_used()
            return True
        if event.key() == Qt.Key.Key_Escape and self.line.text():
            self.line.clear()
            return True
        return False

    def _on_typed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        if text:
            self._typing.start()
        else:
            self._typing.stop()
            self._tell()

    def _on_enter(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._tell()
        if self.expression:
            self.kept.emit(self.expression)

    def _tell(self) -> None:
        self.wanted.emit(self.expression)

"""ProfileSwitcher: opens under the profile's name, finds by typing, and goes to another profile."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.ui.accounts.profile_list import ProfileList
from zapdesk.ui.look.metrics import ROW, XS, S
from zapdesk.ui.parts import Button, HLine, PlainLabel, SearchBox

_WIDTH = 440
_MOST_ROWS = 9
_MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -_MOST_ROWS,
    Qt.Key.Key_PageDown: _MOST_ROWS,
}


class ProfileSwitcher(QFrame):
    """``chosen`` and ``edit_wanted`` give a profile's id. It closes with each of its signals."""

    chosen = Signal(str)
    edit_wanted = Signal(str)
    new_wanted = Signal()
    sign_in_wanted = Signal(str)
    all_wanted = Signal()

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # A click on the name that closes this must not open it again.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
        self.setAccessibleName("Profiles")
        self.setFixedWidth(_WIDTH)
        self._anchor = anchor
        self._kept: frozenset[str] = frozenset()
        self.search = SearchBox("Find a profile…")
        self.list = ProfileList()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._nothing = PlainLabel("No profile has this name.", tone="muted")
        self._nothing.setContentsMargins(S, 0, S, 0)
        self._nothing.setFixedHeight(ROW)
        self.new_button = Button("New profile…", look="quiet", icon="plus")
        self.edit_button = Button("Edit…", look="quiet")
        self.sign_in_button = Button("Sign in…", look="quiet")
        self.all_button = Button("All profiles…", look="quiet")
        foot = QHBoxLayout()
        foot.setSpacing(0)
        foot.addWidget(self.new_button)
        foot.addStretch(1)
        for button in (self.edit_button, self.sign_in_button, self.all_button):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(XS, XS, XS, XS)
        column.setSpacing(XS)
        for widget in (self.search, self.list, self._nothing, HLine()):
            column.addWidget(widget)
        column.addLayout(foot)
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._filter)
        self.list.chosen.connect(self._choose)
        self.list.moved.connect(lambda _: self._show_what_can_be_done())
        for button in (self.new_button, self.edit_button, self.sign_in_button, self.all_button):
            button.clicked.connect(self.close)
        self.new_button.clicked.connect(self.new_wanted)
        self.all_button.clicked.connect(self.all_wanted)
        self.edit_button.clicked.connect(lambda: self.edit_wanted.emit(self.list.marked_id))
        self.sign_in_button.clicked.connect(lambda: self.sign_in_wanted.emit(self.list.marked_id))

    def open_with(
        self, profiles: Sequence[Profile], current_id: str, kept: frozenset[str] = frozenset()
    ) -> None:
        """Show under the anchor. Profiles that are not among ``kept`` cannot be edited."""
        self._kept = kept
        self.list.set_profiles(profiles, current_id)
        self._fit()
        self._show_what_can_be_done()
        self.move(self._anchor.mapToGlobal(QPoint(0, self._anchor.height() + XS)))
        self.show()
        self.search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The box keeps the keys; those that move in the list go to it."""
        if watched is self.search and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() in _MOVES:
                self.list.step(_MOVES[Qt.Key(event.key())])
                return True
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if event.type() == QEvent.Type.KeyPress and is_enter:
                if not event.isAutoRepeat():
                    self._choose(self.list.marked_id)
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        self.list.filter(text)
        self._fit()
        self._show_what_can_be_done()

    def _fit(self) -> None:
        count = self.list.count
        self.list.setFixedHeight(min(max(count, 1), _MOST_ROWS) * ROW)
        self.list.setVisible(count > 0)
        self._nothing.setVisible(count == 0)
        self.adjustSize()

    def _show_what_can_be_done(self) -> None:
        marked = self.list.marked_id
        self.edit_button.setEnabled(marked in self._kept)
        kind = self.list.marked.kind if self.list.marked is not None else ServerKind.SANDBOX
        self.sign_in_button.setEnabled(kind is not ServerKind.SANDBOX)

    def _choose(self, profile_id: str) -> None:
        if profile_id:
            self.close()
            self.chosen.emit(profile_id)

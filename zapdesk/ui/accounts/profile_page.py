"""ProfilePage: every profile, and what can be done with one. Settings and a dialog show it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.domain.profiles import BUILT_IN, Profile, ServerKind
from zapdesk.ui.accounts.profile_list import ProfileList
from zapdesk.ui.look.metrics import L, S
from zapdesk.ui.parts import Button

_LIST_HEIGHT = 272


class ProfilePage(QWidget):
    """Its signals say what is wanted, with the profile's id where it is about one."""

    use_wanted = Signal(str)
    new_wanted = Signal()
    edit_wanted = Signal(str)
    sign_in_wanted = Signal(str)
    duplicate_wanted = Signal(str)
    delete_wanted = Signal(str)
    export_wanted = Signal()
    import_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = ProfileList()
        self.list.setMinimumHeight(_LIST_HEIGHT)
        self._current_id = ""
        self._kept: frozenset[str] = frozenset()
        self.use_button = Button("Use")
        self.edit_button = Button("Edit…")
        self.sign_in_button = Button("Sign in…")
        self.duplicate_button = Button("Duplicate")
        self.delete_button = Button("Delete…")
        self.new_button = Button("New profile…", icon="plus")
        self.export_button = Button("Export…", tip="Write the profiles to a file, without secrets")
        self.import_button = Button("Import…", tip="Take profiles from a file")
        beside = QVBoxLayout()
        beside.setSpacing(S)
        for button in (
            self.use_button,
            self.edit_button,
            self.sign_in_button,
            self.duplicate_button,
            self.delete_button,
        ):
            beside.addWidget(button)
        beside.addStretch(1)
        for button in (self.new_button, self.export_button, self.import_button):
            beside.addWidget(button)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(L)
        row.addWidget(self.list, 1)
        row.addLayout(beside)
        self.list.moved.connect(lambda _: self._show_what_can_be_done())
        self.list.activated.connect(lambda _: self.use_wanted.emit(self.list.marked_id))
        for button, signal in (
            (self.use_button, self.use_wanted),
            (self.edit_button, self.edit_wanted),
            (self.sign_in_button, self.sign_in_wanted),
            (self.duplicate_button, self.duplicate_wanted),
            (self.delete_button, self.delete_wanted),
        ):
            button.clicked.connect(lambda _=False, s=signal: s.emit(self.list.marked_id))
        self.new_button.clicked.connect(lambda: self.new_wanted.emit())
        self.export_button.clicked.connect(lambda: self.export_wanted.emit())
        self.import_button.clicked.connect(lambda: self.import_wanted.emit())

    def show_profiles(
        self, profiles: Sequence[Profile], current_id: str, kept: frozenset[str]
    ) -> None:
        """Show these; those that are not ``kept`` in the settings can only be used."""
        self._current_id, self._kept = current_id, kept
        self.list.set_profiles(profiles, current_id)
        self._show_what_can_be_done()

    def _show_what_can_be_done(self) -> None:
        marked, focused = self.list.marked, self.window().focusWidget()
        is_kept = marked is not None and marked.id in self._kept
        is_sandbox = marked is not None and marked.kind is ServerKind.SANDBOX
        self.use_button.setEnabled(marked is not None and marked.id != self._current_id)
        self.edit_button.setEnabled(is_kept)
        self.duplicate_button.setEnabled(is_kept)
        self.sign_in_button.setEnabled(is_kept and not is_sandbox)
        self.delete_button.setEnabled(is_kept and marked is not None and marked.id not in BUILT_IN)
        if focused is not None and self.isAncestorOf(focused) and not focused.isEnabled():
            self.list.setFocus()

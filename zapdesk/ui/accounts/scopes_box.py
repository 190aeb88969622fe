"""Choosing scopes: what each is for, and what is lost without it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from zapdesk.domain.scopes import SCOPES, USUAL, Scope
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.parts import CheckBox, PlainLabel
from zapdesk.ui.plain_text import one_line


class ScopesBox(QWidget):
    """A box to tick for each scope. ``changed`` comes when a person changes one.

    A registration knows one family of names: a tick decides between newer and older ones. Scopes
    that zapdesk has no use for are kept as they were given.
    """

    changed = Signal()

    def __init__(self, scopes: Iterable[str] = ()) -> None:
        super().__init__()
        self._others: tuple[str, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        grid = QGridLayout()
        grid.setHorizontalSpacing(M)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        self.boxes: dict[Scope, CheckBox] = {}
        self._names: dict[Scope, PlainLabel] = {}
        for row, scope in enumerate(SCOPES):
            box = CheckBox(scope.sentence)
            box.setToolTip(scope.lost and f"Without it: {scope.lost}")
            box.setAccessibleDescription(box.toolTip())
            box.toggled.connect(self._on_toggled)
            name = PlainLabel(scope.name, size="small", tone="muted", mono=True)
            grid.addWidget(box, row, 0)
            grid.addWidget(name, row, 1)
            self.boxes[scope], self._names[scope] = box, name
        column.addLayout(grid)
        self.older = CheckBox("Use the names of an older registration")
        self.older.toggled.connect(self._on_toggled)
        column.addWidget(self.older)
        self._others_label = PlainLabel(size="small", tone="muted", wrap=True)
        column.addWidget(self._others_label)
        self.lost = PlainLabel(size="small", tone="waiting", wrap=True)
        column.addWidget(self.lost)
        column.setContentsMargins(0, XS, 0, XS)
        self._is_filling = False
        self.set_scopes(tuple(scopes) or USUAL)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is ticked, in the registration's names."""
        chosen = (self._name(scope) for scope, box in self.boxes.items() if box.isChecked())
        return (*chosen, *self._others)

    def set_scopes(self, scopes: Iterable[str]) -> None:
        """Tick these."""
        wanted = dict.fromkeys(scopes)
        older = {scope.older for scope in SCOPES if scope.older}
        known = {scope.name for scope in SCOPES} | older
        self._is_filling = True
        self.older.setChecked(bool(older & wanted.keys()))
        for scope, box in self.boxes.items():
            box.setChecked(scope.name in wanted or (bool(scope.older) and scope.older in wanted))
        self._is_filling = False
        self._others = tuple(name for name in wanted if name not in known)
        self._others_label.setText(f"Also: {one_line(', '.join(self._others), 200)}")
        self._others_label.setVisible(bool(self._others))
        self._tell()

    def _name(self, scope: Scope) -> str:
        return scope.older if scope.older and self.older.isChecked() else scope.name

    def _on_toggled(self) -> None:
        if not self._is_filling:
            self._tell()
            self.changed.emit()

    def _tell(self) -> None:
        """Say what will not work with what is ticked."""
        for scope, label in self._names.items():
            label.setText(self._name(scope))
        lost = [s.lost for s, box in self.boxes.items() if s.lost and not box.isChecked()]
        self.lost.setText(" ".join(lost))
        self.lost.setHidden(not lost)

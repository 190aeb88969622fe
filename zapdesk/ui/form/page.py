"""FormPage: the form, and over a long one a box that finds its fields."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.sight import LONG_FORM
from zapdesk.ui.look.metrics import FIELD_MAX_WIDTH, L, M, S
from zapdesk.ui.parts import HLine, PlainLabel, SearchBox

_ENTERING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down}


class FieldSearch(SearchBox):
    """Enter goes to the first field that is left, Escape in the empty box back to the form."""

    def __init__(self, form: ActionForm) -> None:
        super().__init__("Find a field by title or id…")
        self._form = form

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_leaving = event.key() == Qt.Key.Key_Escape and not self.text()
        if event.key() in _ENTERING or is_leaving:
            self._form.go_to_first()
        else:
            super().keyPressEvent(event)


class FormPage(QWidget):
    """Ctrl+F anywhere in the form goes to the box; there is none for a short form."""

    def __init__(self, form: ActionForm) -> None:
        super().__init__()
        self._form = form
        self.search = FieldSearch(form)
        self.search.setMaximumWidth(FIELD_MAX_WIDTH)
        self._count = PlainLabel(size="small", tone="muted")
        self._bar = QWidget()
        row = QHBoxLayout()
        row.setContentsMargins(L, S, L, S)
        row.setSpacing(M)
        row.addWidget(self.search, 1)
        row.addWidget(self._count)
        inside = QVBoxLayout(self._bar)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addLayout(row)
        inside.addWidget(HLine())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(form, 1)
        self._bar.hide()
        self.search.textChanged.connect(self._filter)
        form.values_changed.connect(self._refresh)
        form.filter_ended.connect(self.search.clear)

    def find_field(self) -> bool:
        """Go to the box; False where the form is too short to have one."""
        if self._bar.isHidden():
            return False
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (event.matches(QKeySequence.StandardKey.Find) and self.find_field()):
            super().keyPressEvent(event)

    def _filter(self, text: str) -> None:
        self._form.filter(text)
        self._say()

    def _refresh(self) -> None:
        is_long = len(self._form.field_ids) > LONG_FORM
        if not is_long and self.search.text():
            self.search.clear()
        self._bar.setVisible(is_long)
        self._say()

    def _say(self) -> None:
        left, whole = self._form.left_by_filter
        if not self.search.text():
            self._count.setText(f"{whole} fields")
        else:
            self._count.setText(f"{left} of {whole} fields" if left else "No field matches")

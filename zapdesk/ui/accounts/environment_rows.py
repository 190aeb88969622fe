"""EnvironmentRows: a profile's values that can be inserted into forms, each with its name."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from zapdesk.ui.look.metrics import XS, S
from zapdesk.ui.parts import Button, IconButton


class _Row(QWidget):
    def __init__(self, name: str, value: str) -> None:
        super().__init__()
        self.name, self.value = QLineEdit(name), QLineEdit(value)
        self.name.setPlaceholderText("Name")
        self.value.setPlaceholderText("Value")
        self.remove = IconButton("close", "Remove this value")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S)
        row.addWidget(self.name, 2)
        row.addWidget(self.value, 3)
        row.addWidget(self.remove)
        self.name.textEdited.connect(self.speak)
        self.speak()

    def speak(self) -> None:
        self.name.setAccessibleName("Name of a value")
        self.value.setAccessibleName(f"Value of {self.name.text() or 'a name'}")


class EnvironmentRows(QWidget):
    """``changed`` comes when a person changes something; ``resized`` when rows come or go."""

    changed = Signal()
    resized = Signal()

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(XS)
        self.add_button = Button("Add a value", look="link", icon="plus")
        self.add_button.clicked.connect(self._on_add)
        self._column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        for name, value in values:
            self._add(name, value)

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """What is there, but for rows in which nothing was typed."""
        rows = ((row.name.text().strip(), row.value.text()) for row in self._rows)
        return tuple((name, value) for name, value in rows if name or value)

    def _add(self, name: str = "", value: str = "") -> _Row:
        row = _Row(name, value)
        row.name.textEdited.connect(self.changed)
        row.value.textEdited.connect(self.changed)
        row.remove.clicked.connect(lambda: self._remove(row))
        self._column.insertWidget(len(self._rows), row)
        self._rows.append(row)
        return row

    def _on_add(self) -> None:
        self._add().name.setFocus()
        self.resized.emit()

    def _remove(self, row: _Row) -> None:
        place = self._rows.index(row)
        self._rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        beside = self._rows[min(place, len(self._rows) - 1)].name if self._rows else self.add_button
        beside.setFocus()
        self.changed.emit()
        self.resized.emit()

"""Editors of settings: one for each kind of value. They hold no rules; the table checks.

``edited`` gives what a person chose, as the table takes it, or as text that it still has to read.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from zapdesk.settings.kinds import Choice, FileName, FolderName, Kind, ProxyAddress, Switch, Whole
from zapdesk.settings.table import Setting
from zapdesk.ui.look.metrics import S
from zapdesk.ui.parts import Button, CheckBox, ComboBox, PlainLabel

NARROW_EDITOR = 200
_UNIT = 56


class SettingEditor(QWidget):
    """``is_wide``: it stands under its sentence, not beside it."""

    edited = Signal(object)
    is_wide = False

    def __init__(self) -> None:
        super().__init__()
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(S)

    def show_value(self, value: object) -> None:
        """Show what is chosen now; nothing is announced."""
        raise NotImplementedError


class ChoiceEditor(SettingEditor):
    """A drop-down."""

    def __init__(self, name: str, kind: Choice) -> None:
        super().__init__()
        self.box = ComboBox(name)
        for value, words in kind.options.items():
            self.box.addItem(words, value)
        self.box.activated.connect(lambda: self.edited.emit(self.box.currentData()))
        self.line.addWidget(self.box, 1)
        self.setFixedWidth(NARROW_EDITOR)

    def show_value(self, value: object) -> None:
        self.box.setCurrentIndex(self.box.findData(value))


class SwitchEditor(SettingEditor):
    """A check box."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.box = CheckBox("On")
        self.box.setAccessibleName(name)
        self.box.clicked.connect(lambda is_on: self.edited.emit(is_on))
        self.line.addStretch(1)
        self.line.addWidget(self.box)

    def show_value(self, value: object) -> None:
        self.box.setChecked(bool(value))


class TextEditor(SettingEditor):
    """A line of text. It is taken with Enter, or when the line is left."""

    is_wide = True

    def __init__(self, name: str, kind: Kind) -> None:
        super().__init__()
        self._kind = kind
        self._shown = ""
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.editingFinished.connect(self._take)
        self.line.addWidget(self.edit, 1)

    def show_value(self, value: object) -> None:
        self._shown = self._kind.to_text(value)
        if self.edit.text() != self._shown:
            self.edit.setText(self._shown)

    def _take(self) -> None:
        if self.edit.text() != self._shown:
            self._shown = self.edit.text()
            self.edited.emit(self._shown)


class WholeEditor(TextEditor):
    """A number with its unit; what 0 means is said where it is no amount."""

    is_wide = False

    def __init__(self, name: str, kind: Whole) -> None:
        super().__init__(name, kind)
        self.edit.setFixedWidth(80)
        unit = PlainLabel(kind.unit, tone="muted")
        unit.setFixedWidth(_UNIT)
        self.line.insertStretch(0, 1)
        self.line.addWidget(unit)
        self.setFixedWidth(NARROW_EDITOR)


class FileEditor(TextEditor):
    """The path of a file or a folder, typed or chosen."""

    def __init__(self, name: str, kind: FileName) -> None:
        super().__init__(name, kind)
        self._name = name
        self._is_folder = isinstance(kind, FolderName)
        self.edit.setPlaceholderText("None")
        button = Button("Choose…")
        button.setAccessibleName(f"Choose: {name}")
        button.clicked.connect(self._choose)
        self.line.addWidget(button)

    def _choose(self) -> None:
        dialog = QFileDialog(self.window(), self._name, str(Path.home()))
        modes = QFileDialog.FileMode
        dialog.setFileMode(modes.Directory if self._is_folder else modes.ExistingFile)
        dialog.fileSelected.connect(self.edited)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class ProxyEditor(SettingEditor):
    """None, the system's, or one by its address."""

    is_wide = True
    _ADDRESS = "address"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._shown = ""
        self.box = ComboBox(name)
        for value, words in (
            ("none", "None"),
            ("system", "The system's"),
            (self._ADDRESS, "By its address"),
        ):
            self.box.addItem(words, value)
        self.box.setFixedWidth(160)
        self.edit = QLineEdit()
        self.edit.setAccessibleName("Address of the proxy")
        self.edit.setPlaceholderText("http://proxy.example:8080")
        self.box.activated.connect(self._choose)
        self.edit.editingFinished.connect(self._take)
        self.line.addWidget(self.box)
        self.line.addWidget(self.edit, 1)
        self.line.addStretch(0)

    def show_value(self, value: object) -> None:
        is_address = value not in ("none", "system")
        self._shown = str(value) if is_address else ""
        self.box.setCurrentIndex(self.box.findData(self._ADDRESS if is_address else value))
        if self.edit.text() != self._shown:
            self.edit.setText(self._shown)
        self._show_edit(is_address)

    def _choose(self) -> None:
        chosen = self.box.currentData()
        self._show_edit(chosen == self._ADDRESS)
        if chosen == self._ADDRESS:
            self.edit.setFocus()
        else:
            self.edited.emit(chosen)

    def _show_edit(self, is_shown: bool) -> None:
        self.edit.setVisible(is_shown)
        self.line.setStretch(2, 0 if is_shown else 1)

    def _take(self) -> None:
        text = self.edit.text().strip()
        if text and text != self._shown:
            self._shown = text
            self.edited.emit(text)


def editor_of(setting: Setting) -> SettingEditor:
    """The editor of a setting, by its kind."""
    match setting.kind:
        case Choice() as kind:
            return ChoiceEditor(setting.title, kind)
        case Switch():
            return SwitchEditor(setting.title)
        case Whole() as kind:
            return WholeEditor(setting.title, kind)
        case FileName() as kind:
            return FileEditor(setting.title, kind)
        case ProxyAddress():
            return ProxyEditor(setting.title)
        case kind:
            return TextEditor(setting.title, kind)

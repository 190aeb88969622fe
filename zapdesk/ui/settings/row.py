"""SettingRow: one setting with its sentence, its editor, its name in the file, and its default."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from zapdesk.settings import DEFAULTS, Settings
from zapdesk.settings.kinds import Choice, Switch, Whole
from zapdesk.settings.table import Setting
from zapdesk.ui.look.metrics import XL, XS, M, S
from zapdesk.ui.parts import Button, PlainLabel
from zapdesk.ui.settings.editors import editor_of


class SettingRow(QWidget):
    """``chosen`` gives the setting's name and a value that the table has taken."""

    chosen = Signal(str, object)
    reset_wanted = Signal(str)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.setObjectName(f"setting_{setting.name}")
        self.editor = editor_of(setting)
        self.editor.edited.connect(self._take)
        self.problem = PlainLabel(tone="error", wrap=True)
        self.problem.hide()
        default = words_of(setting, getattr(DEFAULTS, setting.name))
        self.name_label = PlainLabel(setting.name, size="small", tone="muted", mono=True)
        self.default_label = PlainLabel(f"Default: {default}", size="small", tone="muted")
        self.reset = Button("Reset", look="link")
        self.reset.setAccessibleName(f"Reset: {setting.title}")
        self.reset.clicked.connect(lambda: self.reset_wanted.emit(setting.name))
        texts = QVBoxLayout()
        texts.setSpacing(XS)
        texts.addWidget(PlainLabel(setting.title, bold=True))
        texts.addWidget(PlainLabel(setting.sentence, tone="muted", wrap=True))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, M, 0, M)
        grid.setHorizontalSpacing(XL)
        grid.setVerticalSpacing(XS)
        grid.setColumnStretch(0, 1)
        if self.editor.is_wide:
            texts.addSpacing(XS)
            texts.addWidget(self.editor)
            grid.addLayout(texts, 0, 0, 1, 2)
        else:
            grid.addLayout(texts, 0, 0)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            grid.addWidget(self.editor, 0, 1, right)
        grid.addWidget(self.problem, 1, 0, 1, 2)
        foot = QHBoxLayout()
        foot.setSpacing(S)
        foot.addWidget(self.name_label)
        foot.addWidget(self.default_label)
        foot.addStretch(1)
        foot.addWidget(self.reset)
        grid.addLayout(foot, 2, 0, 1, 2)

    def show_settings(self, settings: Settings) -> None:
        """Show the value that counts now."""
        value = getattr(settings, self.setting.name)
        self.editor.show_value(value)
        is_default = value == getattr(DEFAULTS, self.setting.name)
        # It keeps its room, so that nothing below moves.
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        if is_default and self.reset.hasFocus():
            self.focusPreviousChild()  # back to the editor, and not on to another setting
        self.reset.setVisible(not is_default)
        self.show_problem("")

    def show_problem(self, words: str) -> None:
        """Say why what was chosen does not count; nothing where it does."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _take(self, given: object) -> None:
        try:
            if isinstance(given, str):
                value = self.setting.of_text(given)
            else:
                value = self.setting.taken(given)
        except ValueError as error:
            self.show_problem(sentence(str(error), self.setting))
            return
        self.show_problem("")
        self.chosen.emit(self.setting.name, value)


def sentence(problem: str, setting: Setting) -> str:
    """A problem of the table in words for the window, where the title stands above it."""
    return f"{setting.title}{problem.removeprefix(setting.name)}."


def words_of(setting: Setting, value: object) -> str:
    """A value as the window says it."""
    match setting.kind:
        case Choice(options=options):
            return options[str(value)]
        case Switch():
            return "on" if value else "off"
        case Whole(unit=unit, zero=zero):
            return f"{value}, {zero}" if zero and value == 0 else f"{value} {unit}"
    return setting.kind.to_text(value) or "none"

"""SettingsPage: the settings of one part below each other, and what else belongs there."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from zapdesk.settings import Settings
from zapdesk.settings.table import Setting
from zapdesk.ui.look.metrics import FIELD_MAX_WIDTH, XL, XS, M, S
from zapdesk.ui.parts import PlainLabel
from zapdesk.ui.parts.rows import fill_lined
from zapdesk.ui.settings.row import SettingRow


class SettingsPage(QScrollArea):
    """``chosen`` and ``reset_wanted`` are those of its rows."""

    chosen = Signal(str, object)
    reset_wanted = Signal(str)

    def __init__(self, title: str, settings: Iterable[Setting] = ()) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(title)
        self.setProperty("reads", True)
        self.title = title
        self.rows: list[SettingRow] = []
        self._made: dict[str, SettingRow] = {}
        ground = QWidget()
        ground.setMaximumWidth(FIELD_MAX_WIDTH + 2 * XL)
        self.column = QVBoxLayout(ground)
        self.column.setContentsMargins(XL, XL, XL, XL)
        self.column.setSpacing(0)
        self.heading = PlainLabel(title, size="title", bold=True)
        self.column.addWidget(self.heading)
        self.column.addSpacing(S)
        self._end = QVBoxLayout()
        self.column.addLayout(self._end)
        self.column.addStretch(1)
        self.setWidget(ground)
        for part in (self.viewport(), ground):  # what is behind shows through
            part.setAutoFillBackground(False)
        self.set_rows(settings)

    def set_rows(self, settings: Iterable[Setting]) -> None:
        """Show these settings instead of those before. A row that was made once is kept."""
        self.rows = [self._made.get(s.name) or self._make(s) for s in settings]
        fill_lined(self._end, self.rows)

    def _make(self, setting: Setting) -> SettingRow:
        row = self._made[setting.name] = SettingRow(setting)
        row.chosen.connect(self.chosen)
        row.reset_wanted.connect(self.reset_wanted)
        return row

    def add(self, widget: QWidget) -> None:
        """Put something under the rows."""
        self.column.insertWidget(self.column.count() - 1, widget)

    def show_settings(self, settings: Settings) -> None:
        """Show the values that count now."""
        for row in self.rows:
            row.show_settings(settings)

    def row(self, name: str) -> SettingRow | None:
        """The row of a setting."""
        return next((row for row in self.rows if row.setting.name == name), None)


class SettingsGroup(QWidget):
    """Something on a page that is no setting: what it is, and room below for what can be done."""

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, M, 0, M)
        self.column.setSpacing(XS)
        self.column.addWidget(PlainLabel(title, bold=True))
        self.sentence = PlainLabel(sentence, tone="muted", wrap=True)
        self.column.addWidget(self.sentence)

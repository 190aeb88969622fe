"""A truth value in three states: not sent, true, false."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from zapdesk.domain.fields import InputField
from zapdesk.domain.values import UNSET, as_text, truth
from zapdesk.ui.form.editors.base import Editor, FormContext
from zapdesk.ui.plain_text import one_line

STATES = (("Not sent", UNSET), ("True", "true"), ("False", "false"))


class BooleanEditor(Editor):
    """Three buttons of which one is down; arrow keys move between them."""

    def __init__(self, field: InputField, context: FormContext) -> None:
        super().__init__(field, context)
        self._group = QButtonGroup(self)
        self._buttons = [_Segment(word, self._group) for word, _ in STATES]
        row = QHBoxLayout()
        row.setSpacing(0)
        for number, button in enumerate(self._buttons):
            button.setProperty("place", ("first", "middle", "last")[number])
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self._column.addLayout(row)
        self._group.idClicked.connect(self._on_clicked)
        self._finish_when_left(*self._buttons)
        self.set_field(field)

    @classmethod
    def can_show(cls, value: Any) -> bool:
        return isinstance(value, (str, bool)) and truth(as_text(value)) is not None

    def value(self) -> Any:
        return STATES[self._group.checkedId()][1]

    def show_value(self, value: Any) -> None:
        meaning = None if value is UNSET or value is None else truth(as_text(value))
        self._choose({None: 0, True: 1, False: 2}[meaning])

    def set_field(self, field: InputField) -> None:
        super().set_field(field)
        for button, (word, _) in zip(self._buttons, STATES, strict=True):
            button.setAccessibleName(f"{one_line(field.name, 200)}: {word}")

    def inputs(self) -> list[QWidget]:
        return list(self._buttons)

    def focus_first(self) -> None:
        self._buttons[self._group.checkedId()].setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, number: int) -> None:
        policy, chosen = Qt.FocusPolicy, self._buttons[number]
        chosen.setChecked(True)
        chosen.setFocusPolicy(policy.StrongFocus)
        for button in self._buttons:  # one stop of the Tab key for all three
            if button is not chosen:
                if button.focusPolicy() is policy.StrongFocus:
                    QWidget.setTabOrder(button, chosen)  # it takes over the place of this one
                button.setFocusPolicy(policy.ClickFocus)

    def _on_clicked(self, number: int) -> None:
        self._choose(number)
        self.edited.emit()
        self.finished.emit()


class _Segment(QPushButton):
    def __init__(self, word: str, group: QButtonGroup) -> None:
        super().__init__(word)
        self._group = group
        self.setProperty("look", "segment")
        self.setCheckable(True)
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Down: 1,
        }.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        buttons = self._group.buttons()
        target = buttons[max(0, min(len(buttons) - 1, self._group.id(self) + step))]
        if target is not self:
            target.setFocus(Qt.FocusReason.OtherFocusReason)
            target.click()

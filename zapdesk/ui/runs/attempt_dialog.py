"""AttemptDialog: before something is sent once more, what became of it the first time, and how
what would be sent now differs. The way out has the focus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from zapdesk.broadcast import Broadcast
from zapdesk.domain.attempts import EarlierAttempt, InputChange
from zapdesk.domain.runs import ActionRun
from zapdesk.ui.look.metrics import ICON, ROW_DENSE, XL, L, S
from zapdesk.ui.notices import answered
from zapdesk.ui.parts import Button, IconLabel, PlainLabel, StatusMark, button_row
from zapdesk.ui.parts.labels import plain_tool_tip
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.facts import headline, kind_words
from zapdesk.ui.times import local, now_ms

if TYPE_CHECKING:  # imported behind the first frame
    from zapdesk.services.watching import RunsChange

_WIDTH = 560
_MOST_ROWS = 8
_LONGEST = 300
_NOT_SENT = "not sent"


class Answer(IntEnum):
    """What a person decided; the value is the dialog's result."""

    CANCEL = 0
    SEND = 1
    EDIT = 2


class AttemptDialog(QDialog):
    """``names`` are the names of fields by id, ``can_edit`` offers the form as a way on. The first
    attempt may come to its end while this is open: see ``show_run``."""

    def __init__(
        self,
        parent: QWidget,
        earlier: EarlierAttempt,
        names: Mapping[str, str],
        *,
        can_edit: bool = False,
    ) -> None:
        super().__init__(parent)
        self._earlier = earlier
        title = "Send this again?" if earlier.is_asked_for else "Send the same again?"
        self.setWindowTitle(title)
        self.setModal(True)
        self.setMinimumWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(XL, XL, XL, L)
        column.setSpacing(S)
        column.addWidget(PlainLabel(title, size="large", bold=True))
        self._sentence, self._warning = PlainLabel(wrap=True), PlainLabel(wrap=True)
        self._status, self._told = (
            StatusMark(earlier.run.status),
            PlainLabel(tone="muted", elide=True),
        )
        column.addWidget(self._sentence)
        warning = QHBoxLayout()
        warning.setSpacing(S)
        warning.addWidget(IconLabel("warning", "waiting", ICON), 0, Qt.AlignmentFlag.AlignTop)
        warning.addWidget(self._warning, 1)
        column.addLayout(warning)
        column.addSpacing(S)
        first = QHBoxLayout()
        first.setSpacing(L)
        first.addWidget(self._status)
        first.addWidget(self._told, 1)
        column.addLayout(first)
        column.addSpacing(S)
        if earlier.changes:
            column.addWidget(PlainLabel("What differs", size="small", tone="muted", bold=True))
            column.addWidget(_changes(earlier.changes, names))
        else:
            text = "What would be sent is the same as then."
            column.addWidget(PlainLabel(text, tone="muted"))
        column.addSpacing(S)
        self.cancel_button = Button("Cancel")
        self.edit_button = Button("Edit first…")
        self.edit_button.setVisible(can_edit)
        self.send_button = Button("Send again", look="primary")
        self.cancel_button.clicked.connect(self.reject)
        self.edit_button.clicked.connect(lambda: self.done(Answer.EDIT))
        self.send_button.clicked.connect(lambda: self.done(Answer.SEND))
        column.addLayout(button_row(self.cancel_button, self.edit_button, self.send_button))
        self.show_run(earlier.run)
        self.cancel_button.setFocus()

    def show_run(self, run: ActionRun) -> None:
        """Tell how the first attempt stands by now."""
        earlier = self._earlier = replace(self._earlier, run=run)
        sentence, warning = earlier.sentence(now_ms()), earlier.warning()
        self._sentence.setText(sentence)
        self._warning.setText(warning)
        self._status.set_status(run.status)
        parts = (
            f"{run.app_title} › {kind_words(run)}",
            run.authentication_title,
            f"{local(run.created_ms):%H:%M:%S}",
            headline(run),
        )
        self._told.setText(" · ".join(one_line(part, 120) for part in parts if part))
        self.setAccessibleDescription(f"{sentence} {warning}")


async def ask_again(
    parent: QWidget,
    earlier: EarlierAttempt,
    names: Mapping[str, str],
    changed: Broadcast[RunsChange],
    *,
    can_edit: bool = False,
) -> Answer:
    """Ask whether to send once more, and wait for the answer without stopping anything else.
    ``changed`` tells what becomes of the first attempt meanwhile."""
    dialog = AttemptDialog(parent, earlier, names, can_edit=can_edit)

    def hear(change: RunsChange) -> None:
        if change.run is not None and change.run.id == earlier.run.id and isValid(dialog):
            dialog.show_run(change.run)

    unsubscribe = changed.subscribe(hear)
    try:
        return Answer(await answered(dialog))
    finally:
        unsubscribe()


def _changes(changes: tuple[InputChange, ...], names: Mapping[str, str]) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setObjectName("plain_rows")
    tree.setAccessibleName("What differs")
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setTabKeyNavigation(False)
    tree.setHeaderLabels(["Field", "Then", "Now"])
    for change in changes:
        before = _NOT_SENT if change.before is None else change.before
        after = _NOT_SENT if change.after is None else change.after
        words = (names.get(change.field_id) or change.field_id, before, after)
        item = QTreeWidgetItem([one_line(word, _LONGEST) for word in words])
        for column, word in enumerate((change.field_id, before, after)):
            item.setToolTip(column, plain_tool_tip(word))
        tree.addTopLevelItem(item)
    header = tree.header()
    header.setStretchLastSection(False)
    header.setSectionsClickable(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    tree.setFixedHeight((min(len(changes), _MOST_ROWS) + 1) * ROW_DENSE + S)
    return tree

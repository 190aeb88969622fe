"""Layouts that are made, and emptied, in many places."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QWidget

from zapdesk.ui.look.metrics import S
from zapdesk.ui.parts.labels import HLine


def clear_layout(layout: QLayout) -> None:
    """Take every widget out of a layout, out of sight, and delete it when the loop turns."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def fill_lined(layout: QBoxLayout, rows: Sequence[QWidget]) -> None:
    """Put rows into a layout that is to show them alone, with hairlines between them. Those that
    were in it are hidden, and can come back."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            if isinstance(widget, HLine):
                widget.deleteLater()
    add_lined(layout, rows)


def add_lined(layout: QBoxLayout, rows: Sequence[QWidget]) -> None:
    """Put more rows under those of ``fill_lined``."""
    for row in rows:
        if layout.count():
            layout.addWidget(HLine())
        layout.addWidget(row)
        row.show()


def button_row(*buttons: QWidget, beside: Sequence[QWidget] = ()) -> QHBoxLayout:
    """The last row of a dialog: its answers at the right, what is ``beside`` them at the left."""
    row = QHBoxLayout()
    row.setSpacing(S)
    for widget in beside:
        row.addWidget(widget)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row

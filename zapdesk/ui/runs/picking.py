"""Rows that are picked, as Qt's selection wants them: a few stretches, however many rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelection, QItemSelectionModel, QModelIndex

_FLAG = QItemSelectionModel.SelectionFlag
ALONE = _FLAG.ClearAndSelect | _FLAG.Rows


def pick(selection: QItemSelectionModel, model: QAbstractItemModel, rows: Sequence[int]) -> None:
    """Pick these rows, which ascend, beside those that are picked already."""
    stretches = QItemSelection()
    first = 0
    for number, row in enumerate(rows):
        if number + 1 == len(rows) or rows[number + 1] != row + 1:
            stretches.select(model.index(rows[first], 0), model.index(row, 0))
            first = number + 1
    selection.select(stretches, _FLAG.Select | _FLAG.Rows)


def pick_up_to(selection: QItemSelectionModel, index: QModelIndex) -> None:
    """Go to a row and pick all from the current one to it, and nothing else."""
    anchor = selection.currentIndex() if selection.currentIndex().isValid() else index
    selection.setCurrentIndex(index, _FLAG.NoUpdate)
    selection.select(QItemSelection(anchor, index), ALONE)

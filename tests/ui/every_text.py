"""Every text that a window holds or paints, with the place where it stands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QAbstractTableModel,
    QBuffer,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtGui import QAction, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from zapdesk.ui.viewers.line_view import LineView

_PROPERTIES = (
    "windowTitle",
    "toolTip",
    "statusTip",
    "whatsThis",
    "accessibleName",
    "accessibleDescription",
    "placeholderText",
    "title",
    "whole_text",
)
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.EditRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.StatusTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
    Qt.ItemDataRole.UserRole,
)
_DEEPEST = 12


def every_text() -> Iterator[tuple[str, bytes]]:
    """The texts of all windows: widgets, actions, models, documents, and what is painted."""
    for window in QApplication.topLevelWidgets():
        for thing in (window, *window.findChildren(QObject)):
            for text in _held(thing):
                yield type(thing).__name__, text.encode("utf-8", "surrogatepass")
            if isinstance(thing, LineView):
                yield "LineView", thing.document
        if window.isVisible():
            yield f"painted: {type(window).__name__}", painted(window)


def painted(window: QWidget) -> bytes:
    """The words of a picture of ``window``."""
    buffer = QBuffer()
    picture = QSvgGenerator()
    picture.setOutputDevice(buffer)
    picture.setSize(window.size())
    picture.setViewBox(QRect(0, 0, window.width(), window.height()))
    painter = QPainter(picture)
    try:
        window.render(painter, QPoint())
    finally:
        painter.end()
    drawn = bytes(buffer.data().data()).decode("utf-8", "replace")
    words = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    return html.unescape("\n".join(words)).encode()


def _held(thing: QObject) -> Iterator[str]:
    for name in _PROPERTIES:
        found = getattr(thing, name, None)
        found = found() if callable(found) else found
        if isinstance(found, str) and found:
            yield found
    if isinstance(thing, QLineEdit):
        yield thing.displayText()
    elif isinstance(thing, QPlainTextEdit):
        yield thing.toPlainText()
    elif isinstance(thing, QComboBox):
        yield from (thing.itemText(row) for row in range(thing.count()))
    elif isinstance(thing, QAction):
        yield thing.text()
    elif isinstance(thing, QAbstractItemModel):
        yield from _in_model(thing, QModelIndex(), 0)
    elif isinstance(text := getattr(thing, "text", None), str):
        yield text
    elif callable(text) and not isinstance(thing, QAbstractItemModel):
        try:
            found = text()
        except TypeError:  # it asks for a place
            return
        if isinstance(found, str):
            yield found


def _in_model(model: QAbstractItemModel, parent: QModelIndex, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    while model.canFetchMore(parent):
        before = model.rowCount(parent)
        model.fetchMore(parent)
        if model.rowCount(parent) == before:
            break
    # A list has one column, and will not be asked for it.
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
    for row in range(model.rowCount(parent)):
        for column in range(columns):
            index = model.index(row, column, parent)
            for role in _ROLES:
                value = model.data(index, role)
                if value is not None:
                    yield str(value)
        if not isinstance(model, QAbstractTableModel | QAbstractListModel):
            yield from _in_model(model, model.index(row, 0, parent), depth + 1)

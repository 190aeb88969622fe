"""The form that one writes in an afternoon: every editor of Qt's own, all made at once."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)


def plain_form(count: int) -> tuple[QScrollArea, QLineEdit]:
    """``count`` mixed editors in a QFormLayout that scrolls, and the first of them."""
    page = QWidget()
    layout = QFormLayout(page)
    first = QLineEdit()
    for number in range(count):
        editor: QWidget = first if number == 0 else _editor(number)
        editor.setAccessibleName(f"Field {number}")
        layout.addRow(f"Field {number}", editor)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(page)
    return area, first


def _editor(number: int) -> QWidget:
    match number % 10:
        case 1 | 9:
            return QPlainTextEdit()
        case 2:
            return QDoubleSpinBox()
        case 3:
            return QCheckBox()
        case 4 | 8:
            box = QComboBox()
            box.addItems(["Red", "Green", "Blue"])
            return box
        case _:
            return QLineEdit()

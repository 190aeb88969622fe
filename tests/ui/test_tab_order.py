"""Where the Tab key stops in a row of a form."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from zapdesk.ui.form.tab_order import put_after, tab_stops


def test_a_list_that_a_row_has_open_is_no_stop_of_the_row(qtbot: QtBot) -> None:
    form = QWidget()
    qtbot.addWidget(form)
    column = QVBoxLayout(form)
    before, row = QPushButton("Before"), QWidget()
    column.addWidget(before)
    column.addWidget(row)
    line = QLineEdit(row)
    popup = QFrame(row, Qt.WindowType.Popup)
    search = QLineEdit(popup)
    assert search.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert tab_stops(row) == [line]
    put_after(before, tab_stops(row))  # of which Qt does not complain

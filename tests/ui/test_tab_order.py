"""Where the Tab key stops in a row of a form, and how it goes over the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from tests.ui.form_session import LocalForm, context_of
from zapdesk.domain.fields import InputField, ValueType
from zapdesk.ui.form.editors.boolean import BooleanEditor
from zapdesk.ui.form.tab_order import put_after, tab_stops
from zapdesk.ui.keys import next_in_focus_chain
from zapdesk.ui.shell.ground import Ground

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


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


def test_what_the_tab_key_passed_outlives_its_neighbour(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    before, line, after = QPushButton(window), QLineEdit(window), QPushButton(window)
    action = line.addAction(QIcon(), QLineEdit.ActionPosition.TrailingPosition)
    assert next_in_focus_chain(before) is line
    assert next_in_focus_chain(after, is_forward=False) is line
    assert next_in_focus_chain(before, is_forward=False) is window
    for neighbour in (before, after):
        delete(neighbour)
    assert isValid(action)
    assert line.parentWidget() is window
    assert window.parent() is None


def test_tab_goes_round_the_areas_however_late_their_parts_were_made(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    areas = [QWidget() for _ in range(3)]
    for area in areas:
        QVBoxLayout(area)
    ground = Ground(window, areas, areas)
    QVBoxLayout(window).addWidget(ground)

    def put(name: str, area: int) -> QPushButton:
        button = QPushButton(name)
        layout = areas[area].layout()
        assert layout is not None
        layout.addWidget(button)
        return button

    first = put("browser", 0)
    put("history", 2)
    put("form", 1)
    put("run", 1)
    areas[1].setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # it stands for another, as Qt lets it
    areas[1].setFocusProxy(put("result", 1))
    put("hidden", 1).hide()
    window.show()
    window.activateWindow()
    first.setFocus()
    seen = []
    for key in (*[Qt.Key.Key_Tab] * 5, *[Qt.Key.Key_Backtab] * 2):
        focused = window.focusWidget()
        assert isinstance(focused, QPushButton)
        seen.append(focused.text())
        QTest.keyClick(focused, key)
    assert seen == ["browser", "form", "run", "result", "history", "browser", "history"]


@pytest.mark.usefixtures("theme")
def test_another_truth_value_takes_over_the_place_in_the_order_of_tab(qtbot: QtBot) -> None:
    form, field = QWidget(), InputField("f", value_type=ValueType.BOOLEAN)
    qtbot.addWidget(form)
    column = QVBoxLayout(form)
    before, after = QPushButton("Before"), QPushButton("After")
    editor = BooleanEditor(field, context_of(LocalForm((field,)), lambda _: None))
    for widget in (after, editor, before):  # rows are made in another order than they are seen
        column.addWidget(widget)
    editor.show_value("false")
    put_after(before, [*tab_stops(editor), after])
    editor.show_value("true")
    (stop,) = tab_stops(editor)
    following = stop.nextInFocusChain()
    while following is not None and following not in (before, after):
        following = following.nextInFocusChain()
    assert following is after

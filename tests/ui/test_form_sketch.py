"""Rows are drawn before they are made: in their places, as high, and no less to be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from tests.form_tour_samples import FIELDS, FILLED, NODES
from tests.ui.form_session import LocalForm, Stage, context_of, focused
from zapdesk.domain.fields import FormNode, InputField
from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.editors.row import FieldRow

pytestmark = pytest.mark.qt_log_ignore("does not support")

LONG: tuple[FormNode, ...] = (
    InputField("long", "A title that goes on and on " * 6, "Help. " * 80, is_required=True),
    InputField("link", "Linked", "See [the help](https://help.example.com).", is_required=True),
    *(replace(field, is_required=True) for field in FIELDS),
)


@pytest.fixture
def form(stage: Stage) -> Iterator[ActionForm]:
    form = ActionForm()
    before, after = QPushButton("before"), QPushButton("after")
    stage.show(before, form, after)
    form.setGeometry(0, 0, 600, 600)
    QWidget.setTabOrder(before, form)
    QWidget.setTabOrder(form, after)
    yield form
    form.set_context(None)


def show(form: ActionForm, nodes: tuple[FormNode, ...], values: dict[str, Any]) -> None:
    session = LocalForm(nodes)
    for name, value in values.items():
        if name in session.state.fields:
            session.state.set(name, value)
    form.set_context(context_of(session))


def many(count: int) -> tuple[FormNode, ...]:
    return tuple(InputField(f"f{n}", f"Field {n}", is_required=True) for n in range(count))


def field_in_focus() -> str:
    widget: QWidget | None = focused()
    while widget is not None and not isinstance(widget, FieldRow):
        widget = widget.parentWidget()
    return widget.field.id if widget is not None else ""


@pytest.mark.parametrize("width", [380, 600])
@pytest.mark.parametrize("values", [{}, FILLED], ids=["empty", "filled"])
@pytest.mark.parametrize("nodes", [NODES, LONG], ids=["optional", "required"])
def test_what_is_drawn_is_as_high_as_what_is_made(
    form: ActionForm, nodes: tuple[FormNode, ...], values: dict[str, Any], width: int
) -> None:
    form.setGeometry(0, 0, width, 4_000)
    show(form, nodes, values)
    drawn = {slot.key: slot.guess for slot in form._slots if slot.guessed_for > 0}
    assert drawn
    for key in drawn:
        form.ensure(key)
    QTest.qWait(20)
    made = {key: slot.height for key in drawn if (slot := form.slot(key)) is not None}
    assert {key: (drawn[key], made[key]) for key in made if abs(drawn[key] - made[key]) > 2} == {}


def test_what_is_in_sight_is_drawn_before_anything_is_made(form: ActionForm) -> None:
    show(form, many(60), {"f0": "Ada"})
    picture = form.grab().toImage()
    assert form.findChildren(FieldRow) == []
    assert _ink(picture) > 1_000
    while not form.is_complete:
        QTest.qWait(5)
    made = form.grab().toImage()
    assert abs(_ink(picture) - _ink(made)) < 0.1 * _ink(made)


def test_a_press_on_what_is_only_drawn_is_for_the_editor_that_will_be_there(
    form: ActionForm,
) -> None:
    show(form, many(60), {})
    slot = form.slot(("field", "f2"))
    assert slot is not None
    QTest.mouseClick(form._paper, Qt.MouseButton.LeftButton, pos=QPoint(60, slot.top + 38))
    assert field_in_focus() == "f2"


def test_tab_comes_to_the_first_and_leaves_from_the_last_field_although_none_is_made(
    form: ActionForm,
) -> None:
    before, after = form.window().findChildren(QPushButton, options=_DIRECT)
    show(form, many(60), {})
    before.setFocus()
    QTest.keyClick(before, Qt.Key.Key_Tab)
    assert field_in_focus() == "f0"
    QTest.keyClick(focused(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert focused() is before
    after.setFocus()
    QTest.keyClick(after, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert field_in_focus() == "f59"
    QTest.keyClick(focused(), Qt.Key.Key_Tab)
    assert focused() is after


def test_tab_makes_the_rows_it_comes_to(form: ActionForm) -> None:
    show(form, many(60), {})
    form.go_to("f0")
    visited = ["f0"]
    while len(visited) < 60:
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        visited.append(field_in_focus())
    assert visited == [f"f{n}" for n in range(60)]


def test_a_value_that_changes_before_its_row_is_made_is_drawn_anew(form: ActionForm) -> None:
    session = LocalForm(many(3))
    form.set_context(context_of(session))
    empty = _ink(form.grab().toImage())
    session.edit("f0", "A rather long value that takes a good deal of ink to write")
    assert form.findChildren(FieldRow) == []
    assert _ink(form.grab().toImage()) > empty


_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


def _ink(picture: QImage) -> int:
    """How many pixels are not the ground."""
    grey = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    ground = grey.pixel(2, 2) & 0xFF
    whole = grey.constBits()
    return sum(abs(pixel - ground) > 24 for pixel in bytes(whole))

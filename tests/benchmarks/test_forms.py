"""Long forms until they are to be seen, and editing in them, against Qt's own way of doing it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from tests.benchmarks.measuring import report_turns, take_turns
from tests.conftest import ReportFigure
from zapdesk.domain.fields import Choice, FieldFormat, FormNode, InputField, ValueType

pytestmark = [pytest.mark.qt, pytest.mark.qt_log_ignore("does not support")]

CHOICES = 10_000
_KINDS: list[dict[str, Any]] = [
    {},
    {"format": FieldFormat.MULTILINE},
    {"value_type": ValueType.NUMBER},
    {"value_type": ValueType.BOOLEAN},
    {"format": FieldFormat.SELECT},
    {"value_type": ValueType.ARRAY},
    {"value_type": ValueType.OBJECT},
    {"format": FieldFormat.DATETIME},
    {"value_type": ValueType.ARRAY, "format": FieldFormat.SELECT},
    {"format": FieldFormat.CODE},
]


def fields(count: int) -> list[FormNode]:
    """Mixed required fields, as many of each kind."""
    return [
        InputField(
            f"f{n}", f"Field {n}", "Help. " * (n % 30), is_required=True, **_KINDS[n % len(_KINDS)]
        )
        for n in range(count)
    ]


@pytest.fixture
def stage(qapp: Any) -> Iterator[Any]:
    """A window of its own to show things in."""
    from tests.ui.form_session import Stage
    from zapdesk.ui.look.theme import Theme

    if qapp.findChild(Theme) is None:
        Theme(qapp, "light")
    stage = Stage()
    stage.window.show()
    yield stage
    stage.close()
    gc.collect()


def _seen(qapp: Any, stage: Any) -> None:
    """Lay out and paint what the window shows now."""
    qapp.sendPostedEvents()
    stage.window.repaint()


def _ours(
    qapp: Any, stage: Any, count: int, made_s: list[float] | None = None
) -> Callable[[], float]:
    # What is in sight is drawn first; ``made_s`` is when all its editors were there.
    from tests.ui.form_session import LocalForm, context_of
    from zapdesk.ui.form.action_form import ActionForm

    nodes = fields(count)

    def show() -> float:
        form = ActionForm()
        stage.show(form)
        form.setGeometry(0, 0, 600, 600)
        session = LocalForm(nodes)
        begin = perf_counter()
        form.set_context(context_of(session))
        _seen(qapp, stage)
        took = perf_counter() - begin
        if made_s is not None:
            while not all(slot.widget for slot in form._slots if form.is_in_sight(slot)):
                qapp.processEvents()
            made_s.append(perf_counter() - begin)
        assert form.row("f0") is not None
        _remove(qapp, form)
        return took

    return show


def _plain(qapp: Any, stage: Any, count: int) -> Callable[[], float]:
    from tests.benchmarks.plain_form import plain_form

    def show() -> float:
        look = qapp.styleSheet()
        qapp.setStyleSheet("")  # plain Qt has no look of ours to apply
        begin = perf_counter()
        area, _ = plain_form(count)
        area.setParent(stage.window)
        area.setGeometry(0, 0, 600, 600)
        area.show()
        _seen(qapp, stage)
        took = perf_counter() - begin
        _remove(qapp, area)
        qapp.setStyleSheet(look)
        return took

    return show


def _remove(qapp: Any, widget: Any) -> None:
    from PySide6.QtCore import QEvent

    if hasattr(widget, "set_context"):
        widget.set_context(None)
    widget.setParent(None)
    widget.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize(("count", "far_off"), [(250, 0.8), (500, 0.4)])
def test_the_visible_part_of_a_long_form_is_painted_before_all_editors_could_be_made(
    qapp: Any, stage: Any, report_figure: ReportFigure, count: int, far_off: float
) -> None:
    made_s: list[float] = []
    turns = take_turns(_ours(qapp, stage, count, made_s), _plain(qapp, stage, count), rounds=9)
    ratio = report_turns(report_figure, f"form of {count} fields to first paint", turns, 0.2)
    report_figure("    zapdesk, every editor in sight", median(made_s[1:]) * 1_000, "ms")
    assert ratio < far_off


def test_a_refetched_form_is_painted_sooner_than_one_is_built(
    qapp: Any, stage: Any, report_figure: ReportFigure
) -> None:
    from tests.ui.form_session import LocalForm, context_of
    from zapdesk.ui.form.action_form import ActionForm

    form = ActionForm()
    stage.show(form)
    form.setGeometry(0, 0, 600, 600)
    session = LocalForm(fields(250))
    form.set_context(context_of(session))
    while not form.is_complete:
        qapp.processEvents()
    added: list[FormNode] = [InputField(f"new{n}", f"New {n}", is_required=True) for n in range(10)]
    turn = iter(range(1_000))

    def refetch() -> float:
        nodes = fields(250)
        if next(turn) % 2 == 0:
            nodes[5:5] = added
        begin = perf_counter()
        session.replace(nodes)
        _seen(qapp, stage)
        return perf_counter() - begin

    turns = take_turns(refetch, _plain(qapp, stage, 250), rounds=9)
    ratio = report_turns(report_figure, "form of 250 fields after a refetch", turns, 1.0)
    form.set_context(None)
    assert ratio < 2.5


def test_a_letter_typed_into_a_long_form_is_painted_at_once(
    qapp: Any, stage: Any, report_figure: ReportFigure
) -> None:
    from PySide6.QtTest import QTest

    from tests.benchmarks.plain_form import plain_form
    from tests.ui.form_session import LocalForm, context_of
    from zapdesk.ui.form.action_form import ActionForm
    from zapdesk.ui.form.editors.exact_text import ExactText

    form = ActionForm()
    stage.show(form)
    form.setGeometry(0, 0, 300, 600)
    form.set_context(context_of(LocalForm(fields(500))))
    while not form.is_complete:
        qapp.processEvents()
    row = form.row("f0")
    assert row is not None
    text = row.findChild(ExactText)
    area, line = plain_form(500)
    area.setParent(stage.window)
    area.setGeometry(300, 0, 300, 600)
    area.show()
    _seen(qapp, stage)

    def typed(widget: Any) -> Callable[[], float]:
        def type_one() -> float:
            widget.setFocus()
            _seen(qapp, stage)
            begin = perf_counter()
            QTest.keyClicks(widget, "x")
            _seen(qapp, stage)
            return perf_counter() - begin

        return type_one

    turns = take_turns(typed(text), typed(line), rounds=41)
    ratio = report_turns(report_figure, "a letter in a form of 500 fields, vs QLineEdit", turns, 5)
    form.set_context(None)
    assert ratio < 20


def test_ten_thousand_choices_are_open_and_filtered_before_a_combo_box_is_open(
    qapp: Any, stage: Any, report_figure: ReportFigure
) -> None:
    from PySide6.QtWidgets import QComboBox, QPushButton

    from zapdesk.services.choices import ChoiceList
    from zapdesk.ui.form.choice_popup import ChoicePopup

    choices = tuple(Choice(f"id-{n:05}", f"Choice number {n}") for n in range(CHOICES))
    anchor, box = QPushButton("Choose"), QComboBox()
    stage.show(anchor, box)
    box.setStyleSheet("QComboBox { combobox-popup: 1; }")  # as Qt opens one by itself
    wanted = f"number {CHOICES - 7}"
    for choice in choices:
        box.addItem(choice.text, choice.id)

    def ours() -> float:
        begin = perf_counter()
        popup = ChoicePopup(anchor, "Choice")
        popup.show_list(ChoiceList(choices), is_loading=False)
        popup.open_with(wanted)
        qapp.sendPostedEvents()
        popup.repaint()
        took = perf_counter() - begin
        assert popup.model.words(popup.list.currentIndex().row())[0] == f"Choice {wanted}"
        popup.close()
        popup.deleteLater()
        return took

    def combo_box() -> float:
        begin = perf_counter()
        box.showPopup()
        qapp.sendPostedEvents()
        box.view().window().repaint()
        took = perf_counter() - begin
        box.hidePopup()
        return took

    turns = take_turns(ours, combo_box, rounds=9)
    name = "10,000 choices filled in, opened, filtered"
    ratio = report_turns(report_figure, f"{name}, vs QComboBox opened", turns, 1 / 8)
    assert ratio < 1

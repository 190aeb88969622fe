"""The form by keyboard alone, for a screen reader, and found again with the filter."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.ui.form_session import LocalForm, Stage, context_of, focused
from zapdesk.domain.fields import FieldFormat, Fieldset, FormNode, InputField, ValueType
from zapdesk.domain.values import UNSET
from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.editors import CodeEditor, problem_line
from zapdesk.ui.form.editors.items_row import LineItemsRow
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.form.page import FormPage
from zapdesk.ui.parts import DisclosureButton

pytestmark = pytest.mark.qt_log_ignore("does not support")

V, F = ValueType, FieldFormat


def field(id: str, **changes: Any) -> InputField:
    return InputField(id, id.capitalize(), f"Help for {id}.", **{"is_required": True} | changes)


EVERY: tuple[FormNode, ...] = (
    field("line"),
    field("lines", format=F.MULTILINE),
    field("number", value_type=V.NUMBER),
    field("truth", value_type=V.BOOLEAN),
    field("choice", format=F.SELECT),
    field("choices", value_type=V.ARRAY, format=F.SELECT),
    field("list", value_type=V.ARRAY),
    field("map", value_type=V.OBJECT),
    field("rows", value_type=V.ARRAY, items=V.OBJECT),
    Fieldset("items", "Items", (field("sku", value_type=V.ARRAY), field("n", value_type=V.ARRAY))),
    field("secret", format=F.PASSWORD),
    field("file", format=F.FILE),
    field("date", format=F.DATETIME),
    field("code", format=F.CODE),
    Fieldset("group", "Group", (field("inside"), field("spare", is_required=False))),
    field("optional", is_required=False),
    field("last", is_required=False),
)
FILLED: dict[str, Any] = {
    "choices": ["a", "b"],
    "list": ["x", "y"],
    "map": {"k": "v"},
    "rows": [{"k": "v"}],
    "sku": ["1"],
    "n": ["2"],
    "optional": "filled",
}


@pytest.fixture
def form(stage: Stage) -> Iterator[ActionForm]:
    form = ActionForm()
    page = FormPage(form)
    stage.show(page)
    page.setGeometry(0, 0, 600, 600)
    yield form
    form.set_context(None)


def shown(form: ActionForm, nodes: tuple[FormNode, ...] = EVERY, **values: Any) -> LocalForm:
    session = LocalForm(nodes)
    for name, value in values.items():
        session.state.set(name, value)
    form.set_context(context_of(session))
    make_all(form)
    return session


def make_all(form: ActionForm) -> None:
    QTest.qWait(30)
    for field_id in form.field_ids:
        form.row(field_id)
    QTest.qWait(30)


def page_of(form: ActionForm) -> FormPage:
    page = form.parentWidget()
    assert isinstance(page, FormPage)
    return page


def walk(form: ActionForm) -> list[QWidget]:
    """Every stop of the Tab key in the form, from its first field on."""
    first = form.row(form.field_ids[0])
    assert first is not None
    first.focus_editor()
    stops: list[QWidget] = []
    while form.isAncestorOf(focused()) and focused() not in stops:
        stops.append(focused())
        if isinstance(focused().parentWidget(), CodeEditor):
            QTest.keyClick(focused(), Qt.Key.Key_Escape)
        else:
            QTest.keyClick(focused(), Qt.Key.Key_Tab)
    return stops


def visited(form: ActionForm, stops: list[QWidget]) -> list[str]:
    """The fields the stops are in, in the order in which they are come to."""
    found = []
    for stop in stops:
        for field_id in form.field_ids:
            row = form.row(field_id)
            if row is not None and row.isAncestorOf(stop):
                found.append(field_id)
                break
    return list(dict.fromkeys(found))


def test_tab_visits_every_field_in_the_order_in_which_they_are_seen(form: ActionForm) -> None:
    shown(form, **FILLED)
    stops = walk(form)
    expected = [i for i in form.field_ids if i not in {"n", "spare", "last"}]
    assert visited(form, stops) == expected  # "n" stands in the table of "sku"
    paper = form.widget()
    assert paper is not None
    rows = [form.row(i) for i in expected]
    places = [row.mapTo(paper, QPoint(0, 0)).y() for row in rows if row is not None]
    assert places == sorted(places)


def test_after_a_refetch_that_puts_fields_between_others_the_order_is_still_right(
    form: ActionForm,
) -> None:
    session = shown(form, tuple(field(i) for i in ("a", "d", "f")))
    session.replace(tuple(field(i) for i in ("a", "b", "c", "d", "e", "f")))
    make_all(form)
    assert visited(form, walk(form)) == ["a", "b", "c", "d", "e", "f"]
    session.replace(tuple(field(i) for i in ("f", "b", "d")))
    make_all(form)
    assert visited(form, walk(form)) == ["f", "b", "d"]


def test_a_field_whose_kind_changes_keeps_its_place_in_the_order(form: ActionForm) -> None:
    session = shown(form, tuple(field(i) for i in ("a", "b", "c")))
    session.replace((field("a"), field("b", value_type=V.BOOLEAN), field("c")))
    make_all(form)
    assert visited(form, walk(form)) == ["a", "b", "c"]


def test_going_back_with_shift_and_tab_visits_the_same_stops(form: ActionForm) -> None:
    shown(form, (field("a"), field("b", format=F.CODE), field("c", format=F.SELECT)))
    stops = walk(form)
    stops[-1].setFocus()
    back = [focused()]
    while len(back) < len(stops):
        QTest.keyClick(focused(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        back.append(focused())
    assert back == stops[::-1]


# For a screen reader


def spoken(row: FieldRow | LineItemsRow, words: str) -> str:
    """What a screen reader says of the row's first input, at the latest once it has ``words``:
    editors are made, and problems shown, in the moments after."""

    said = row.editor.inputs()[0].accessibleDescription
    for _ in range(100):
        if words in said():
            break
        QTest.qWait(20)
    return said()


def test_every_stop_has_a_name_and_a_role(form: ActionForm) -> None:
    shown(form, **FILLED)
    for stop in walk(form):
        face = QAccessible.queryAccessibleInterface(stop)
        assert face is not None
        assert face.role() not in {QAccessible.Role.NoRole, QAccessible.Role.Client}, stop
        assert face.text(QAccessible.Text.Name), stop


def test_every_editor_says_its_help_its_state_and_its_problem(form: ActionForm) -> None:
    shown(form)
    form.judge()
    for field_id in form.field_ids:
        row = form.row(field_id)
        if not isinstance(row, FieldRow) or not row.field.is_required:
            continue
        said = spoken(row, "is required")
        assert "required" in said
        assert "not sent" in said
        assert "is required" in said
        assert f"Help for {field_id}" in said


def test_the_state_that_is_spoken_follows_the_value(form: ActionForm) -> None:
    session = shown(form, (field("a"),))
    row = form.row("a")
    assert isinstance(row, FieldRow)
    for value, word in ((None, "null"), ("", "empty"), (UNSET, "not sent")):
        session.edit("a", value)
        assert word in row.editor.inputs()[0].accessibleDescription()
    session.edit("a", "x")
    assert "not sent" not in row.editor.inputs()[0].accessibleDescription()


def test_line_items_say_what_is_wrong_with_them(form: ActionForm) -> None:
    shown(form, (EVERY[9],))
    form.judge()
    row = form.row("sku")
    assert isinstance(row, LineItemsRow)
    assert spoken(row, "Sku is required.").startswith("Sku is required.")


# Folding and the filter


def many(count: int) -> tuple[FormNode, ...]:
    return (field("must"), *(field(f"f{n}", is_required=False) for n in range(count)))


def visible(form: ActionForm) -> list[str]:
    found = []
    for field_id in form.field_ids:
        row = form.row(field_id)
        if row is not None and row.isVisible():
            found.append(field_id)
    return found


def test_a_field_with_a_value_is_never_folded_away_and_the_fold_counts_it(
    form: ActionForm,
) -> None:
    session = shown(form, many(4), f2="x")
    assert visible(form) == ["must", "f2"]
    session.edit("f3", None)
    QTest.qWait(20)
    assert visible(form) == ["must", "f2", "f3"]
    buttons = form.findChildren(DisclosureButton)
    assert [button.text() for button in buttons] == ["4 optional fields, 2 filled"]
    buttons[0].setFocus()
    QTest.keyClick(buttons[0], Qt.Key.Key_Space)
    QTest.keyClick(buttons[0], Qt.Key.Key_Space)
    assert visible(form) == ["must", "f2", "f3"]


def test_a_short_form_has_no_filter_and_a_long_one_has(form: ActionForm) -> None:
    shown(form, many(14))
    assert not page_of(form).find_field()
    session = shown(form, many(15))
    row = form.row("must")
    assert row is not None
    row.focus_editor()
    QTest.keyClick(focused(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert focused() is page_of(form).search
    session.replace(many(3))
    assert not page_of(form).search.isVisible()


def test_the_filter_leaves_what_matches_title_or_id_and_what_is_wrong(form: ActionForm) -> None:
    nodes = (*many(20), InputField("cf_77", "Favourite Colour"))
    shown(form, nodes, f3="kept")
    page = page_of(form)
    assert page.find_field()
    QTest.keyClicks(page.search, "colour fav")
    assert visible(form) == ["cf_77"]
    page.search.selectAll()
    QTest.keyClicks(page.search, "CF_")
    assert visible(form) == ["cf_77"]
    row = form.row("must")
    assert row is not None
    row.finished.emit("must")  # it was left empty: its problem is told now
    QTest.qWait(20)
    assert visible(form) == ["must", "cf_77"]
    page.search.selectAll()
    QTest.keyClicks(page.search, "nothing like it")
    assert visible(form) == ["must"]
    assert page._count.text() == "No field matches"


def test_escape_empties_the_filter_and_then_goes_back_to_the_form(form: ActionForm) -> None:
    shown(form, many(20), f3="kept")
    page = page_of(form)
    page.find_field()
    QTest.keyClicks(page.search, "f1")
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    row = form.row("f1")
    assert row is not None
    assert row.isAncestorOf(focused())
    assert page.search.text() == "f1"
    assert visible(form)[0] == "f1"
    page.find_field()
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    assert page.search.text() == ""
    assert visible(form) == ["must", "f1", "f3"]  # someone was just busy in f1
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    assert form.isAncestorOf(focused())


def test_run_ends_the_filter_where_it_hides_the_first_problem(form: ActionForm) -> None:
    shown(form, many(20))
    page = page_of(form)
    page.find_field()
    QTest.keyClicks(page.search, "f1")
    assert "must" not in visible(form)
    form.go_to("f7")
    assert page.search.text() == ""
    QTest.keyClicks(page.search, "f1")
    assert not form.judge()
    row = form.row("must")
    assert row is not None
    assert row.isAncestorOf(focused())
    assert "f7" not in visible(form)  # its problem was told: the filter goes on


def test_a_problem_is_announced_when_it_appears_and_not_again(
    form: ActionForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    listening = SimpleNamespace(
        isActive=lambda: True, updateAccessibility=lambda event: said.append(event.message())
    )
    monkeypatch.setattr(problem_line, "QAccessible", listening)
    session = shown(form, (field("a"), field("n", value_type=V.NUMBER)), n="twelve")
    form.judge()
    form.judge()
    session.edit("a", "x")
    assert said == ["A: A is required.", "N: 'twelve' is not a number. Write it like 1234.5."]

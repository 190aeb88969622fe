"""What a form must stand: hostile text, real definitions, hundreds of fields."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolTip, QWidget

from tests.conftest import ReportFigure
from tests.spec import real_field_files
from tests.ui.form_session import LocalForm, context_of
from tests.ui.whole_form import finish, required, row, show, shown_text, titles
from zapdesk.api.wire.forms import form as read_form
from zapdesk.domain.fields import FieldFormat, Fieldset, FormNode, InfoField, InputField, ValueType
from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.plan import plan

pytestmark = [pytest.mark.qt_log_ignore("does not support"), pytest.mark.usefixtures("theme")]

V, F = ValueType, FieldFormat
FILES = real_field_files()


def test_text_of_a_definition_is_never_taken_for_markup(form: ActionForm) -> None:
    evil = "<b>x</b> <img src=file:///etc/passwd> <a href='javascript:x'>y</a> &amp; \u202e&&"
    nodes: list[FormNode] = [
        InfoField("i", evil),
        InputField(evil, evil, evil, evil, is_required=True),
        Fieldset(evil, evil, (InputField("s", evil, evil, format=F.SELECT, is_required=True),)),
        InputField("m", evil, value_type=V.OBJECT, is_required=True),
        InputField("r", evil, evil, format=F.READONLY),
    ]
    session = show(form, nodes)
    session.edit("s", evil)
    form.show_ids(True)
    finish(form)
    for label in form.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
    for widget in form.findChildren(QWidget):
        assert "<b>x" not in widget.toolTip()
        assert "\u202e" not in widget.toolTip()
    assert "<b>x</b>" in shown_text(form)
    QToolTip.hideText()


def test_every_editor_has_a_name_and_a_description(form: ActionForm) -> None:
    kinds: list[dict[str, Any]] = [{"format": kind} for kind in F if kind is not F.READONLY]
    kinds += [{"value_type": kind} for kind in V]
    kinds += [
        {"value_type": V.ARRAY, "items": V.OBJECT},
        {"value_type": V.ARRAY, "format": F.SELECT},
    ]
    nodes = [required(f"f{n}", description="Some help.", **kind) for n, kind in enumerate(kinds)]
    show(form, list(nodes))
    for node in nodes:
        for widget in row(form, node.id).editor.inputs():
            assert node.name in widget.accessibleName()
            assert "required. not sent. Some help" in widget.accessibleDescription()
    for button in (w for w in form.findChildren(QPushButton) if w.isVisibleTo(form)):
        assert button.accessibleName() or button.text()


@pytest.mark.skipif(not FILES, reason="the collected definitions are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_forms_of_real_integrations_are_built(form: ActionForm, path: Path) -> None:
    for action in json.loads(path.read_text("utf-8"))["actions"]:
        variants = [action.get("fields", []), *(v["fields"] for v in action.get("variants", ()))]
        session = show(form, [])
        for definition in variants:
            nodes = read_form(json.dumps({"data": definition}).encode())
            session.replace(nodes)
            finish(form)
            planned = {i for part in plan(nodes) for i in part.field_ids}
            assert planned == {f.id for f in session.state.fields.values() if f.takes_input}
            assert len(form.problems()) == len(session.state.problems())


# Size


def many(count: int) -> list[FormNode]:
    kinds: list[dict[str, Any]] = [
        {},
        {"format": F.MULTILINE},
        {"value_type": V.NUMBER},
        {"value_type": V.BOOLEAN},
        {"format": F.SELECT},
        {"value_type": V.ARRAY},
        {"value_type": V.OBJECT},
        {"format": F.DATETIME},
        {"value_type": V.ARRAY, "format": F.SELECT},
        {"format": F.CODE},
    ]
    return [
        required(f"f{n}", description="Help. " * (n % 30), **kinds[n % 10]) for n in range(count)
    ]


@pytest.mark.alone
@pytest.mark.parametrize("count", [250, 500])
def test_a_long_form_never_holds_the_window_up(
    form: ActionForm, report_figure: ReportFigure, count: int
) -> None:
    session = LocalForm(many(count))
    steps: dict[str, float] = {}

    def timed(name: str, step: Any) -> None:
        begin = process_time()
        step()
        steps[name] = process_time() - begin

    timed("shown", lambda: form.set_context(context_of(session)))
    timed("painted", form.repaint)
    assert titles(form) == []  # what is seen was drawn
    steps["rest, longest step"] = finish(form)
    assert titles(form)[:3] == ["f0", "f1", "f2"]
    timed("edit", lambda: session.edit("f0", "x"))
    timed("refetch", lambda: session.replace([*many(count)[:5], required("new"), *many(count)[5:]]))
    timed("judge", form.judge)
    steps["problems, longest step"] = finish(form)
    timed("closed", lambda: form.set_context(None))
    for name, seconds in steps.items():
        report_figure(f"form of {count} fields: {name}", seconds * 1_000, "ms")
    assert max(steps.values()) < (0.1 if count == 250 else 0.3)


def test_a_group_whose_fields_all_stood_above_leaves_no_empty_heading() -> None:
    fields = (InputField("value"), InputField("type"))
    nodes = (Fieldset("mail", "Mail", fields), Fieldset("urls", "Urls", fields))
    assert [part.id for part in plan(nodes)] == ["mail", "value", "type"]

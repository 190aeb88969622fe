"""A tour of the form for people to look at: `python tests/form_tour.py FOLDER [STOP …]`.

Every editor in every state, the panes and drawers around them and what pops up over them, in the
light and the dark theme, 560 and 900 pixels wide. Stops choose among the pictures by their name.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.form_desk import GOOD, Desk
from tests.ui.form_session import ACTION, APP, LocalForm, context_of
from zapdesk.domain.definitions import FieldDifference
from zapdesk.domain.fields import (
    Choice,
    FieldFormat,
    Fieldset,
    FormNode,
    InfoField,
    InputField,
    ValueType,
)
from zapdesk.domain.filling import Filling
from zapdesk.errors import Unreachable
from zapdesk.services.catalog import Connections
from zapdesk.services.choices import ChoiceList
from zapdesk.storage.definition_history import Sighting
from zapdesk.ui.action_form import ActionForm
from zapdesk.ui.action_panel import ActionPanel
from zapdesk.ui.choice_popup import ChoicePopup
from zapdesk.ui.definition_sheet import definition_sheet
from zapdesk.ui.field_editors.date_popup import DatePopup
from zapdesk.ui.field_editors.items_row import LineItemsRow
from zapdesk.ui.field_editors.row import FieldRow
from zapdesk.ui.theme import Theme

WIDTHS = (560, 900)
THEMES = ("light", "dark")
ZONE = ZoneInfo("Europe/Berlin")
HELP = "What the app says about it, as it is shown under the field."


def _field(id: str, title: str, **rest: Any) -> InputField:
    return InputField(id, title, rest.pop("description", HELP), **rest)


TEXT, ARRAY = ValueType.STRING, ValueType.ARRAY
FIELDS: tuple[InputField, ...] = (
    _field("line", "Line of text", placeholder="Ada Lovelace"),
    _field("lines", "Several lines", format=FieldFormat.MULTILINE),
    _field("number", "Number", value_type=ValueType.NUMBER, placeholder="12.50"),
    _field("integer", "Whole number", value_type=ValueType.INTEGER),
    _field("truth", "True or false", value_type=ValueType.BOOLEAN),
    _field("choice", "One choice", format=FieldFormat.SELECT),
    _field("choices", "Several choices", value_type=ARRAY, format=FieldFormat.SELECT),
    _field("list", "List of values", value_type=ARRAY),
    _field("map", "Names with values", value_type=ValueType.OBJECT),
    _field("rows", "Rows", value_type=ARRAY, items=ValueType.OBJECT),
    _field("secret", "Password", format=FieldFormat.PASSWORD),
    _field("file", "File", format=FieldFormat.FILE),
    _field("date", "Date and time", format=FieldFormat.DATETIME),
    _field("code", "Code", format=FieldFormat.CODE),
)
ITEMS = Fieldset(
    "items",
    "Line items",
    (
        _field("sku", "Article", value_type=ARRAY),
        _field("count", "Quantity", value_type=ARRAY, items=ValueType.INTEGER),
    ),
)
NOTES: tuple[FormNode, ...] = (
    InfoField("note", "A note of the app with a [link](https://help.example.com/tables) in it."),
    _field(
        "fixed", "For reading only", format=FieldFormat.READONLY, default_value="created by you"
    ),
)
NODES: tuple[FormNode, ...] = (*FIELDS, ITEMS, *NOTES)

CODE = (
    "# totals\nasync def main(rows):\n    total = 0  # in cents\n    return {'sum': total + 12.5}"
)
FILLED: dict[str, Any] = {
    "line": "Ada Lovelace",
    "lines": "First line\nSecond line\nThird line",
    "number": "0.10",
    "integer": "9223372036854775808",
    "truth": "true",
    "choice": "id-1",
    "choices": ["id-1", "id-2", "typed by hand"],
    "list": ["red", "green"],
    "map": {"colour": "red", "size": "XL"},
    "rows": [{"name": "Ada", "age": "36"}, {"name": "Alan", "age": "41"}],
    "secret": "hunter2",
    "file": "https://example.com/report.pdf",
    "date": "2026-11-24T09:00:00+01:00",
    "code": CODE,
    "sku": ["A-1", "B-2"],
    "count": ["1", "20"],
}
WRONG: dict[str, Any] = {
    "number": "twelve",
    "integer": "1.5",
    "truth": "perhaps",
    "file": "/home/ada/report.pdf",
    "list": [["deeper"]],
    "map": {"colour": ["red"]},
    "count": ["many"],
}
SOME = ChoiceList(tuple(Choice(f"id-{n}", f"Choice {n}") for n in range(25)), has_more=True)


def _form(values: dict[str, Any], nodes: tuple[FormNode, ...] = NODES) -> LocalForm:
    form = LocalForm(nodes, {"choice": SOME, "choices": SOME})
    for name, value in values.items():
        form.state.set(name, value)
    return form


def _whole(form: LocalForm, width: int) -> ActionForm:
    """The form as high as it is, every row made and every group open."""
    widget = ActionForm()
    widget.set_context(context_of(form, asyncio.ensure_future))
    widget.resize(width, 400)
    for part in widget._parts:
        if part.kind == "fold":
            widget._toggle_fold(part.id, True)
    widget.show()
    for field_id in widget.field_ids:
        widget.row(field_id)
    for name in ("choice", "choices"):
        form.know_choices(name)
    return widget


def _grown(widget: ActionForm) -> ActionForm:
    widget.relayout()
    widget.resize(widget.width(), widget.widget().height())
    return widget


class Tour:
    """Makes pictures into a folder, one theme and width at a time."""

    def __init__(self, folder: Path, theme: Theme, scheme: str, width: int) -> None:
        self._folder, self._theme = folder, theme
        self._name = f"{width}-{scheme}"
        self.width = width

    async def save(self, stop: str, widget: QWidget | QPixmap) -> None:
        """Save one picture, once everything that was begun is painted."""
        await asyncio.sleep(0.25)
        file = self._folder / f"{stop}-{self._name}.png"
        picture = widget if isinstance(widget, QPixmap) else widget.grab()
        if not picture.save(str(file)):
            raise OSError(f"{file} could not be written")
        print(file, flush=True)

    # Editors

    async def _editors(
        self, stop: str, form: LocalForm, change: Callable[[ActionForm], None]
    ) -> None:
        widget = _whole(form, self.width)
        await asyncio.sleep(0.2)
        change(widget)
        await asyncio.sleep(0.2)
        await self.save(stop, _grown(widget))
        _close(widget)

    async def empty(self) -> None:
        await self._editors("empty", _form({}), lambda _: None)

    async def filled(self) -> None:
        await self._editors("filled", _form(FILLED), lambda form: form.show_ids(True))

    async def disabled(self) -> None:
        def disable(form: ActionForm) -> None:
            for field_id in form.field_ids:
                row = form.row(field_id)
                if isinstance(row, (FieldRow, LineItemsRow)):
                    row.editor.setEnabled(False)

        await self._editors("disabled", _form(FILLED), disable)

    async def problem(self) -> None:
        needed: tuple[FormNode, ...] = tuple(
            InputField(**{name: getattr(f, name) for name in f.__slots__} | {"is_required": True})
            for f in FIELDS
        )
        await self._editors("problem", _form(WRONG, (*needed, ITEMS)), lambda form: form.judge())

    async def focused(self) -> None:
        """Each editor with the focus, one under the other."""
        form = _form({name: FILLED[name] for name in ("line", "choices", "list", "map", "rows")})
        widget = _grown(_whole(form, self.width))
        widget.activateWindow()
        await asyncio.sleep(0.3)
        strips = []
        for field_id in dict.fromkeys(widget.field_ids):
            row = widget.row(field_id)
            if row is None:
                continue
            row.focus_editor()
            await asyncio.sleep(0.05)
            strips.append(row.grab())
        await self.save("focused", _stacked(strips))
        _close(widget)

    # The panel around them

    async def _panel(
        self,
        stop: str,
        desk: Desk,
        work: Callable[[ActionPanel], Awaitable[QWidget | None]],
        filling: Filling | None = None,
    ) -> None:
        panel = ActionPanel(self._theme)
        panel.resize(self.width, 860)
        panel.show()
        panel.activateWindow()
        panel.set_session(desk)  # type: ignore[arg-type]  # the parts of a session that are used
        panel.open_action(APP, ACTION, filling)
        await asyncio.sleep(0.3)
        other = await work(panel)
        await self.save(stop, panel if other is None else other)
        await panel.close_tasks()
        if other is not None:
            other.close()
        _close(panel)

    def _desk(self, *nodes: FormNode, count: int = 0) -> Desk:
        desk = Desk(Connections((GOOD,), True), ())
        many = tuple(_field(f"f{n}", f"Field number {n}") for n in range(count))
        desk.form = LocalForm((*nodes, *many), {"choice": SOME})
        return desk

    async def drawers(self) -> None:
        async def work(panel: ActionPanel) -> None:
            panel.form_session.edit_payload({"line": "Ada", "colour": "red", "count": 3})  # type: ignore[union-attr]  # one is open
            panel.form.verticalScrollBar().setValue(10_000)

        gone = {"old_name": "Ada", "token": {"$hidden": "password"}, "tags": ["a", "b"]}
        desk = self._desk(FIELDS[0], FIELDS[10])
        await self._panel(
            "drawers",
            desk,
            work,
            Filling({"line": "Ada", **gone, "secret": {"$hidden": "password"}}),
        )

    async def body(self) -> None:
        async def work(panel: ActionPanel) -> None:
            assert panel.form_session is not None
            for name in ("line", "number", "list", "secret"):
                panel.form_session.edit(name, FILLED[name])
            panel.bar.body_button.click()

        named = _field("named", "With a default", default_value="standard")
        await self._panel("body", self._desk(named, *FIELDS), work)

    async def body_edited(self) -> None:
        async def work(panel: ActionPanel) -> None:
            assert panel.form_session is not None
            panel.form_session.edit("line", "Ada")
            panel.bar.body_button.click()
            panel.bar.body.edit_button.click()
            panel.bar.body.text.selectAll()
            panel.bar.body.text.insertPlainText('{\n  "line": "Ada",\n  "colour": "red"\n}')
            await asyncio.sleep(0.5)

        await self._panel("body-edited", self._desk(*FIELDS), work)

    async def body_wrong(self) -> None:
        async def work(panel: ActionPanel) -> None:
            panel.bar.body_button.click()
            panel.bar.body.edit_button.click()
            panel.bar.body.text.selectAll()
            panel.bar.body.text.insertPlainText('{\n  "line": "Ada"\n  "number": 1\n}')
            await asyncio.sleep(0.5)

        await self._panel("body-wrong", self._desk(*FIELDS), work)

    async def filter(self) -> None:
        async def work(panel: ActionPanel) -> None:
            panel.find()
            panel.form_page.search.setText("number 1")
            await asyncio.sleep(0.2)

        await self._panel("filter", self._desk(count=40), work)

    async def groups(self) -> None:
        inner = (*FIELDS[:2], _field("must", "Must be filled", is_required=True))
        nodes = (_field("top", "First field", is_required=True), Fieldset("g", "A group", inner))

        async def work(panel: ActionPanel) -> None:
            assert panel.form_session is not None
            panel.form_session.edit("line", "Ada")

        await self._panel("groups", self._desk(*nodes, *FIELDS[3:6], ITEMS, *NOTES), work)

    async def definition(self) -> None:
        async def work(panel: ActionPanel) -> None:
            return None

        desk = self._desk(*FIELDS)
        desk.form.definition_change = (Sighting("[]", 0, 1_763_900_000_000), CHANGES)
        await self._panel("definition", desk, work)

    async def definition_sheet(self) -> None:
        async def work(panel: ActionPanel) -> QWidget:
            sheet = definition_sheet(panel, panel.title, 1_763_900_000_000, ZONE, CHANGES)
            sheet.open()
            return sheet

        await self._panel("definition-sheet", self._desk(*FIELDS), work)

    # What pops up

    async def _popup(
        self, stop: str, known: ChoiceList | None, *, loads: bool, typed: str = ""
    ) -> None:
        ground = QWidget()
        ground.resize(self.width - 32, 400)
        ground.show()
        popup = ChoicePopup(ground, "One choice")
        popup.set_chosen(["id-3"])
        popup.show_list(known, is_loading=loads)
        popup.open_with(typed)
        await self.save(f"choices-{stop}", popup)
        popup.close()
        _close(ground)

    async def choices(self) -> None:
        ten_thousand = tuple(Choice(f"id-{n}", f"Choice {n:,}") for n in range(10_000))
        trouble = Unreachable("There is no network.")
        for stop, known, loads, typed in (
            ("some", SOME, False, ""),
            ("loading", None, True, ""),
            ("loading-all", SOME, True, ""),
            ("empty", ChoiceList(note="Nothing here: the app offers nothing to choose."), False, ""),
            ("dependency", ChoiceList(note="Nothing here: needs Table first."), False, ""),
            (
                "failed",
                ChoiceList((), True, f"Nothing here: failed: {trouble}", trouble),
                False,
                "",
            ),
            (
                "failed-later",
                ChoiceList(SOME.choices, True, f"25 loaded, then it stopped: {trouble}", trouble),
                False,
                "",
            ),
            ("10000", ChoiceList(ten_thousand), False, "99"),
            ("typed", SOME, False, "something of my own"),
        ):
            await self._popup(stop, known, loads=loads, typed=typed)

    async def calendar(self) -> None:
        ground = QWidget()
        ground.show()
        popup = DatePopup(ground, datetime(2026, 11, 24, 9, tzinfo=ZONE), ZONE)
        popup.open_at(ground.mapToGlobal(ground.rect().topRight()))
        await self.save("calendar", popup)
        popup.close()
        _close(ground)


CHANGES = [
    FieldDifference("email", "E-mail", "added", (("is_required", "false", "true"),)),
    FieldDifference("phone", "Telephone", "added"),
    FieldDifference(
        "name",
        "Name",
        "changed",
        (
            ("is_required", "false", "true"),
            ("default_value", "", "nobody"),
            ("title", "Who", "Name"),
        ),
    ),
    FieldDifference("fax", "Fax number", "removed"),
]
STOPS = tuple(
    name
    for name, value in vars(Tour).items()
    if not name.startswith("_") and name != "save" and callable(value)
)


def _stacked(strips: list[QPixmap]) -> QPixmap:
    sheet = QPixmap(max(s.width() for s in strips) + 32, sum(s.height() for s in strips) + 32)
    sheet.fill(QApplication.palette().base().color())
    painter = QPainter(sheet)
    top = 16
    for strip in strips:
        painter.drawPixmap(16, top, strip)
        top += strip.height()
    painter.end()
    return sheet


def _close(widget: QWidget) -> None:
    widget.close()
    widget.deleteLater()


async def take(folder: Path, theme: Theme, stops: tuple[str, ...]) -> None:
    """Save the pictures of ``stops`` in every theme and width."""
    for scheme in THEMES:
        theme.choose(scheme)
        for width in WIDTHS:
            tour = Tour(folder, theme, scheme, width)
            for stop in stops:
                await getattr(tour, stop)()


def main(arguments: list[str]) -> int:
    """Make the tour; 2 where it was asked for wrongly."""
    from qasync import QEventLoop

    stops = tuple(arguments[1:]) or STOPS
    if not arguments or not set(stops) <= set(STOPS):
        print(f"form_tour.py FOLDER [{' | '.join(STOPS)}]", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    screen = Path(__file__).resolve().parents[1] / "packaging" / "offscreen-screen.json"
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
    application = QApplication([])
    theme = Theme(application, "light")
    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        runner.run(take(folder, theme, stops))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

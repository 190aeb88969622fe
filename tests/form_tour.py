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

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from tests.form_tour_samples import (
    CHANGES,
    FIELDS,
    FILLED,
    ITEMS,
    LISTS,
    NODES,
    NOTES,
    SOME,
    WRONG,
    field,
)
from tests.ui.form_desk import GOOD, Desk
from tests.ui.form_session import ACTION, APP, LocalForm, context_of
from zapdesk.domain.definitions import Sighting
from zapdesk.domain.fields import (
    Fieldset,
    FormNode,
    InputField,
)
from zapdesk.domain.filling import Filling
from zapdesk.services.catalog import Connections
from zapdesk.services.choices import ChoiceList
from zapdesk.services.form_changes import FormChange
from zapdesk.ui.form.action_form import ActionForm
from zapdesk.ui.form.action_panel import ActionPanel
from zapdesk.ui.form.choice_popup import ChoicePopup
from zapdesk.ui.form.definition_sheet import definition_sheet
from zapdesk.ui.form.editors.date_popup import DatePopup
from zapdesk.ui.form.editors.items_row import LineItemsRow
from zapdesk.ui.form.editors.row import FieldRow
from zapdesk.ui.look.theme import Theme

WIDTHS = (560, 900)
THEMES = ("light", "dark")
ZONE = ZoneInfo("Europe/Berlin")


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
    paper = widget.widget()
    assert paper is not None  # a canvas has one from the start
    widget.resize(widget.width(), paper.height())
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
        self, stop: str, form: LocalForm, change: Callable[[ActionForm], object]
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
        for row in dict.fromkeys(widget.row(field_id) for field_id in widget.field_ids):
            if row is not None:
                row.focus_editor()
                await asyncio.sleep(0.05)
                _grown(widget)  # a first row may have been added to an empty table
                strips.append(widget.grab(QRect(row.mapTo(widget, QPoint()), row.size())))
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
        many = tuple(field(f"f{n}", f"Field number {n}") for n in range(count))
        desk.form = LocalForm((*nodes, *many), {"choice": SOME})
        return desk

    async def loading(self) -> None:
        """Before the form has come: its place is held."""

        async def work(panel: ActionPanel) -> None:
            return None

        desk = self._desk()
        desk.form.is_loaded, desk.form.is_loading = False, True
        await self._panel("loading", desk, work)

    async def refreshing(self) -> None:
        """The form stays while it is fetched again."""

        async def work(panel: ActionPanel) -> None:
            assert panel.form_session is not None
            panel.form_session.is_loading = True
            panel.form_session.changed.announce(FormChange("loading"))

        await self._panel("refreshing", self._desk(*FIELDS[:5]), work)

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

        named = field("named", "With a default", default_value="standard")
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
            panel.find_field()
            panel.form_page.search.setText("number 1")
            await asyncio.sleep(0.2)

        await self._panel("filter", self._desk(count=40), work)

    async def groups(self) -> None:
        inner = (*FIELDS[:2], field("must", "Must be filled", is_required=True))
        nodes = (field("top", "First field", is_required=True), Fieldset("g", "A group", inner))

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
        for stop, (known, loads, typed) in LISTS.items():
            await self._popup(stop, known, loads=loads, typed=typed)

    async def calendar(self) -> None:
        ground = QWidget()
        ground.show()
        popup = DatePopup(ground, datetime(2026, 11, 24, 9, tzinfo=ZONE), ZONE)
        popup.open_at(ground.mapToGlobal(ground.rect().topRight()))
        await self.save("calendar", popup)
        popup.close()
        _close(ground)


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
